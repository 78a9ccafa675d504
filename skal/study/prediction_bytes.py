"""Predictions as compressed bytes: a header in JSON and arrays after it, without pickles."""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"skal predictions"
VERSION = 1

_PLAIN = "biufUS"  # kinds of dtype whose bytes are their content


def storable_labels(labels: NDArray[Any]) -> bool:
    """Whether labels are numbers or texts; those of dtype object one by one."""
    if labels.dtype.kind == "O":
        return all(type(label) in (str, int, float, bool, type(None)) for label in labels.ravel().tolist())
    return labels.dtype.kind in _PLAIN


def write_arrays(
    kind: str,
    estimator_type: str | None,
    predicted: NDArray[Any],
    classes: Any,
    arrays: dict[str, list[NDArray[Any]]],
    listed: bool,
) -> bytes:
    """Return predictions as bytes; `arrays` are "proba" and "decisions"."""
    file = _Writer()
    header: dict[str, Any] = {"kind": kind, "estimator_type": estimator_type, "listed": listed}
    header["classes"] = None if classes is None else [file.labels(part) for part in _listed(classes)]
    header["several"] = isinstance(classes, list)
    header["predicted"] = _written(file, kind, predicted)
    if "proba" in arrays:
        header["proba"] = [_written_proba(file, P) for P in arrays["proba"]]
    if "decisions" in arrays:
        header["decisions"] = file.array(arrays["decisions"][0].astype("<f4"))
    return file.bytes(header)


def read_arrays(data: bytes) -> dict[str, Any]:
    """Return the fields of `Predictions` that `write_arrays` wrote.

    Raises
    ------
    ValueError
        If the bytes are damaged, or were written by a later version.
    """
    if not data.startswith(MAGIC) or len(data) <= len(MAGIC):
        raise ValueError("These bytes are not stored predictions.")
    version = data[len(MAGIC)]
    if version != VERSION:
        raise ValueError(f"Predictions of format {version} were written by a later skal: this one reads {VERSION}.")
    try:
        content = zlib.decompress(data[len(MAGIC) + 1 :])
        length = int.from_bytes(content[:4], "little")
        header = json.loads(content[4 : 4 + length])
        return _fields(_Reader(content, 4 + length), header)
    except (zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"The stored predictions are damaged: {error}.") from error


def _fields(file: _Reader, header: dict[str, Any]) -> dict[str, Any]:
    parts = None if header["classes"] is None else [file.labels(entry) for entry in header["classes"]]
    classes = parts if parts is None or header["several"] else parts[0]
    predicted = _read(file, header["kind"], header["predicted"])
    proba = [_read_proba(file, entry) for entry in header["proba"]] if "proba" in header else None
    decisions = file.array(header["decisions"]) if "decisions" in header else None
    names = ("kind", "estimator_type", "listed")
    return {
        **{name: header[name] for name in names},
        "predicted": predicted,
        "classes": classes,
        "proba": proba,
        "decisions": decisions,
    }


def _written(file: _Writer, kind: str, predicted: NDArray[Any]) -> dict[str, Any]:
    """Write labels as positions among those that occur, numbers as they are, and indicators as bits."""
    if kind == "numbers":
        return {"numbers": file.array(predicted.astype("<f8"))}
    if kind == "label_sets":
        bits = file.array(np.packbits(predicted.astype(bool)))
        return {"bits": bits, "shape": predicted.shape, "dtype": predicted.dtype.str}
    labels, places = _positions(predicted)
    return {"labels": file.labels(labels), "places": file.array(places)}


def _positions(predicted: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the labels that occur, and the positions of the predictions in them."""
    order: dict[Any, int] = {}
    flat = predicted.ravel().tolist()
    for label in flat:
        order.setdefault(label, len(order))
    labels = np.empty(len(order), dtype=predicted.dtype)
    labels[:] = list(order)
    places = np.array([order[label] for label in flat], dtype=np.int64).reshape(predicted.shape)
    return labels, places.astype(np.min_scalar_type(max(len(order) - 1, 0)).newbyteorder("<"))


def _read(file: _Reader, kind: str, entry: dict[str, Any]) -> NDArray[Any]:
    if kind == "numbers":
        return file.array(entry["numbers"])
    if kind == "label_sets":
        shape = tuple(entry["shape"])
        bits = np.unpackbits(file.array(entry["bits"]), count=int(np.prod(shape)))
        return bits.reshape(shape).astype(entry["dtype"])
    labels = file.labels(entry["labels"])
    return labels[file.array(entry["places"])]


def _written_proba(file: _Writer, P: NDArray[Any]) -> dict[str, Any]:
    """Write probabilities exactly if few values occur, as votes of trees, else as float16 of their logarithms.

    Votes are often equal, and rounding would make some of them unequal: rows add up to one again in different ways.
    """
    values, places = np.unique(P, return_inverse=True)
    small = np.min_scalar_type(max(len(values) - 1, 0)).newbyteorder("<")
    if values.nbytes + small.itemsize * P.size <= 2 * P.size:
        dtype = P.dtype.newbyteorder("<")
        return {
            "values": file.array(values.astype(dtype)),
            "places": file.array(places.reshape(P.shape).astype(small)),
        }
    if P.ndim != 2 or not np.isfinite(P).all() or (P < 0).any() or (P > 1 + 1e-6).any():
        return {"raw": file.array(P.astype("<f4"))}
    with np.errstate(divide="ignore"):
        logs = np.log(P.astype(np.float64)).astype("<f2")
    sums_to_one = bool(np.allclose(P.sum(axis=1), 1.0, atol=1e-3))
    return {"logs": file.array(logs), "sums_to_one": sums_to_one}


def _read_proba(file: _Reader, entry: dict[str, Any]) -> NDArray[Any]:
    if "values" in entry:
        values = file.array(entry["values"])
        found: NDArray[Any] = values[file.array(entry["places"])]
        return found
    if "raw" in entry:
        return file.array(entry["raw"]).astype(np.float64)
    P = np.exp(file.array(entry["logs"]).astype(np.float64))
    return P / P.sum(axis=1, keepdims=True) if entry["sums_to_one"] else P


def _listed(classes: Any) -> list[NDArray[Any]]:
    return classes if isinstance(classes, list) else [classes]


class _Writer:
    """Arrays one after the other; what stands in the header says how to read each."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def array(self, array: NDArray[Any]) -> dict[str, Any]:
        """Write an array, the bytes of equal weight together: exponents compress, mantissas do not."""
        planes = np.ascontiguousarray(array).reshape(-1).view(np.uint8).reshape(-1, array.dtype.itemsize or 1)
        self.parts.append(planes.T.tobytes())
        return {"dtype": array.dtype.str, "shape": list(array.shape)}

    def labels(self, labels: NDArray[Any]) -> dict[str, Any]:
        """Write labels into the header: exactly, whatever their type."""
        kind = labels.dtype.kind
        values = labels.tolist()
        if kind == "S":
            values = [value.decode("latin-1") for value in values]
        return {"dtype": labels.dtype.str, "values": values}

    def bytes(self, header: dict[str, Any]) -> bytes:
        """Return header and arrays, compressed."""
        text = json.dumps(header, separators=(",", ":")).encode()
        content = b"".join([len(text).to_bytes(4, "little"), text, *self.parts])
        return MAGIC + bytes([VERSION]) + zlib.compress(content, 6)


class _Reader:
    """The arrays of a `_Writer`, in the same order."""

    def __init__(self, content: bytes, start: int) -> None:
        self.content = content
        self.start = start

    def array(self, entry: dict[str, Any]) -> NDArray[Any]:
        """Read the next array."""
        dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
        if dtype.kind not in "biuf":  # bytes must not become pointers
            raise ValueError(f"an array of {dtype}")
        n = int(np.prod(shape))
        planes = np.frombuffer(self.content, np.uint8, n * dtype.itemsize, self.start)
        self.start += n * dtype.itemsize
        flat = np.ascontiguousarray(planes.reshape(dtype.itemsize, n).T).reshape(-1).view(dtype)
        return flat.reshape(shape)

    def labels(self, entry: dict[str, Any]) -> NDArray[Any]:
        """Read labels from the header."""
        dtype, values = np.dtype(entry["dtype"]), entry["values"]
        if dtype.kind == "S":
            values = [value.encode("latin-1") for value in values]
        labels = np.empty(len(values), dtype=dtype)
        labels[:] = values
        return labels
