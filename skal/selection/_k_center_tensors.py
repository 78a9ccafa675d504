"""The verbs of distances on torch tensors, on whatever device; what they promise stands in `_k_center_arithmetic`.

Only numbers a row or a pair go to the host. Every tensor made here names its type and its device, so torch's defaults
do not matter; the settings of the process, which all threads share, are read and never changed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skal.selection._common import Floats, Indices

Tensor = torch.Tensor

_TYPES = {np.float32: torch.float32, np.float64: torch.float64}
_SAME_IN_NUMPY = tuple(np.dtype(name) for name in ("f2", "f4", "f8", "u1", "i8"))
# What a number loses, at most, that is cut to 10 or 7 bits after the point; and one that is lost.
_TF32, _BFLOAT16, _LOST = 2.0**-10, 2.0**-7, 1.0
_CUTS = {"highest": 0.0, "ieee": 0.0, "none": 0.0, "high": _TF32, "tf32": _TF32}  # all others: bfloat16
_PROBE = 256


def table(Z: Tensor, name: str, who: str) -> Tensor:
    Z = Z.detach()
    if Z.layout != torch.strided or Z.is_complex() or Z.is_quantized:
        raise TypeError(
            f"{who}: {name} must be a dense tensor of real numbers, got {Z.dtype} of layout {Z.layout}: "
            f"{name}.to_dense() is dense, {name}.real is real."
        )
    if Z.device.type in ("meta", "mps"):  # the one has no numbers, the other no float64
        raise ValueError(
            f"{who}: {name} must be on a device that computes in float64, as CPU and CUDA do, got {Z.device}: "
            f"{name}.cpu() is."
        )
    return Z


def near(Z: Any, table: Tensor) -> Tensor:
    if isinstance(Z, Tensor):
        return Z.detach().to(table.device)
    array = np.asarray(Z)
    array = np.array(array, dtype=array.dtype if array.dtype in _SAME_IN_NUMPY else np.float64, order="C")
    return torch.from_numpy(array).to(table.device)


def host(values: Tensor) -> NDArray[Any]:
    values = values.detach().cpu()
    return np.asarray((values.float() if values.dtype == torch.bfloat16 else values).numpy())


def read(table: Tensor, which: Indices | slice) -> Tensor:
    if isinstance(which, slice):
        return table[which].to(torch.float64, copy=True)
    return take(table, which).to(torch.float64)


def take(table: Tensor, which: Indices) -> Tensor:
    return table.index_select(0, _upload(which, table))


def cast(values: Tensor, dtype: type[np.float32] | type[np.float64]) -> Tensor:
    return values.to(_TYPES[dtype])


def extremes(block: Tensor) -> tuple[float, float]:
    if block.numel() == 0:
        return 0.0, 0.0
    numbers = block if block.dtype.is_floating_point else block.to(torch.float64)
    least, most = (float(end) for end in host(torch.stack([numbers.min(), numbers.max()])))
    return (min(0.0, least), max(0.0, most)) if least == least else (least, most)  # both are NaN where there is one


def not_finite(block: Tensor) -> Indices:
    if not block.dtype.is_floating_point or np.isfinite(extremes(block)).all():
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(~host(block.isfinite().all(dim=1)))


def equal(table: Tensor, some: Indices, others: Indices) -> NDArray[np.bool_]:
    return host((take(table, some) == take(table, others)).all(dim=1))


def places(block: Tensor, direction: Floats) -> Floats:
    return host(dots(block.to(torch.float64), _upload(direction, block)[None, :]))


def dots(a: Tensor, b: Tensor) -> Tensor:
    # Folded in halves: steps that depend neither on the size of the block nor on threads or the device. Those of
    # torch's own sums may, and then equal rows would not be at equal distances.
    terms = a * b
    while terms.shape[1] > 1:
        half = (terms.shape[1] + 1) // 2
        terms[:, : terms.shape[1] - half] += terms[:, half:]
        terms = terms[:, :half]
    return terms.sum(dim=1)


def sqrt(values: Tensor) -> Tensor:
    # By the host: torch's own on a CPU is off by a bit for one number in seventy, and tells nothing of other devices.
    return _upload(np.sqrt(host(values)), values)


def largest(rows: Tensor) -> Tensor:
    if rows.shape[1] == 0:
        return torch.zeros((len(rows), 1), dtype=rows.dtype, device=rows.device)
    return rows.abs().amax(dim=1, keepdim=True)


def append(rows: Tensor, column: Tensor) -> Tensor:
    return torch.cat([rows, column.to(rows.dtype)], dim=1)


def subtract_at_largest(rows: Tensor) -> None:
    at = rows.argmax(dim=1, keepdim=True)
    rows.scatter_(1, at, rows.gather(1, at) - 1.0)


def product(a: Tensor, b: Tensor) -> Tensor:
    # With `out` it is no operation of autocast, which would read float32 in half precision.
    return torch.mm(a, b.T, out=torch.empty((len(a), len(b)), dtype=a.dtype, device=a.device))


def add(matrix: Tensor, to_rows: Tensor, to_columns: Tensor) -> None:
    matrix += to_rows.to(matrix.dtype)[:, None]
    matrix += to_columns.to(matrix.dtype)


def coarseness(table: Tensor) -> float:
    """Share by which a product in float32 may be off where its factors are read in fewer bits, as TF32 or bfloat16.

    Twice the cut for two factors; and four units in the last place a term for sums, which tensor cores do not round
    to nearest [1]_. Asked are torch's settings, which allow a coarse product without promising it, and a product
    itself, which shows what an environment variable has done.

    References
    ----------
    .. [1] Fasi, Higham, Mikaitis & Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ Computer Science
       7:e330, 2021.
    """
    cut = max(_allowed_cut(table.device), _seen_cut(table))
    return 0.0 if cut == 0.0 else 2.0 * cut + cut * cut + 8.0 * table.shape[1] * 2.0**-24


def lowest(matrix: Tensor) -> tuple[Indices, Floats]:
    values, columns = matrix.min(dim=1)
    return host(columns).astype(np.intp, copy=False), host(values)


def below(matrix: Tensor, left_out: Indices, limits: Floats, most: int) -> tuple[Indices, Indices] | None:
    matrix.scatter_(1, _upload(left_out, matrix)[:, None], np.inf)
    possible = matrix < _upload(limits, matrix)[:, None]
    if int(possible.count_nonzero()) > most:
        return None
    pairs = host(possible.nonzero()).astype(np.intp, copy=False)
    return pairs[:, 0], pairs[:, 1]


def _upload(values: NDArray[Any], like: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).to(like.device)


def _allowed_cut(device: torch.device) -> float:
    """What torch's settings allow a product in float32 to take from its factors."""
    backends: Any = torch.backends
    try:
        # Whichever way they were set, these say what holds; torch refuses to read the older setting after these.
        of_cuda, of_others = backends.cuda.matmul.fp32_precision, backends.mkldnn.matmul.fp32_precision
        allowed = {"cpu": {of_others}, "cuda": {of_cuda}}.get(device.type, {of_cuda, of_others})
    except AttributeError:  # an older torch
        allowed = {torch.get_float32_matmul_precision()}
    return max(_CUTS.get(name, _BFLOAT16) for name in allowed)


def _seen_cut(table: Tensor) -> float:
    """What a product on the device of a table takes from its factors: those with one number a row show it."""
    numbers = 1.0 + (torch.arange(_PROBE, dtype=torch.float64, device=table.device) * 0.6180339887498949) % 1.0
    factor = torch.diag(numbers.to(torch.float32))
    exact = torch.diag(factor).to(torch.float64)
    error = float(((torch.diag(product(factor, factor)) / (exact * exact)) - 1.0).abs().max())
    return next((cut for cut in (0.0, _TF32, _BFLOAT16) if error <= 2.0 * cut + 2.0**-22), _LOST)
