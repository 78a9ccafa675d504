"""The rows as a person reads them, one at a time, from a file that is mapped and never read as a whole.

A table is text that has to be parsed from its beginning; a million rows take many seconds and gigabytes. So what
people read is written once into an Arrow file of the project's cache folder, and a row is found in it by its place.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

_CHUNK = 4096  # rows of a batch of the file
_FOLDER = "cache"


class ShownRows:
    """Cells as text, by the place of their row.

    Parameters
    ----------
    columns : list of str
        Names.
    n_rows : int
        Number of rows.
    batches : callable
        Returns the batch of a number.
    """

    def __init__(self, columns: list[str], n_rows: int, batches: Any) -> None:
        self.columns = columns
        self.n_rows = n_rows
        self._batches = batches

    def cells(self, place: int) -> dict[str, str | None]:
        """Return the cells of one row; those that are empty are None."""
        if not 0 <= place < self.n_rows:
            raise IndexError(place)
        batch, at = self._batches(place // _CHUNK), place % _CHUNK
        return {name: batch.column(j)[at].as_py() for j, name in enumerate(self.columns)}


def load_reader() -> None:
    """Load what reads the cache, before there is one: who waits for it to be written has the time."""
    import pyarrow  # noqa: F401


def cached_rows(folder: Path, stamp: str) -> ShownRows | None:
    """Return the rows of the cache; None if there are none, or the data have another stamp.

    Parameters
    ----------
    folder : Path
        Of the project.
    stamp : str
        Of the data.
    """
    import pyarrow as pa

    path = _path(folder, stamp)
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        about = json.loads(reader.schema.metadata[b"skal"])
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid):  # not there, or half written: made again
        return None
    return ShownRows(reader.schema.names, about["n_rows"], reader.get_batch) if about["stamp"] == stamp else None


def rows_of(frame: Any, target: str) -> ShownRows:
    """Return the rows of a table that is in memory."""
    table = _table(frame, target)
    return ShownRows(table.column_names, table.num_rows, lambda k: table.slice(k * _CHUNK, _CHUNK).combine_chunks())


def write_rows(folder: Path, stamp: str, frame: Any, target: str) -> bool:
    """Write the cache; what it held of other data is removed. Return whether that was possible.

    Parameters
    ----------
    folder : Path
        Of the project.
    stamp : str
        Of the data.
    frame : DataFrame
        What a person reads.
    target : str
        Column of the labels, which is left out.
    """
    import pyarrow as pa

    table = _table(frame, target)
    about = json.dumps({"stamp": stamp, "n_rows": table.num_rows}).encode()
    table = table.replace_schema_metadata({b"skal": about})
    path = _path(folder, stamp)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        path.parent.mkdir(exist_ok=True)
        with pa.OSFile(str(draft), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks(), max_chunksize=_CHUNK)
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        return False
    for other in path.parent.glob("rows-*.arrow"):
        if other != path:
            with contextlib.suppress(OSError):  # another process may have it open
                other.unlink()
    return True


def _table(frame: Any, target: str) -> Any:
    import pyarrow as pa

    names = [str(name) for name in frame.columns if str(name) != target]
    return pa.table({name: pa.array(frame[name], type=pa.large_string(), from_pandas=True) for name in names})


def _path(folder: Path, stamp: str) -> Path:
    name = hashlib.blake2b(stamp.encode(), digest_size=8).hexdigest()
    return folder / _FOLDER / f"rows-{name}.arrow"
