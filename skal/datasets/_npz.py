"""An open ``.npz`` archive, and all that can be wrong with its bytes."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What NumPy and zipfile raise on damaged bytes: flipped flags ask for passwords and unknown compressions, flipped
# shapes for more memory than there is.
_DAMAGE = (
    *(ValueError, EOFError, OSError, SyntaxError, TypeError, LookupError, OverflowError, MemoryError),
    *(
        RuntimeError,
        NotImplementedError,
        AttributeError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
    ),
)


def _reason(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


class Archive:
    """An open archive, whose keys are read once each and whose errors name the file and the key."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        if not path.exists():
            raise FileNotFoundError(f"There is no file {str(path)!r}.")
        try:
            self._file = np.load(path, allow_pickle=False)
        except _DAMAGE as error:
            raise ValueError(f"{path.name} is no .npz archive, or is damaged: {_reason(error)}.") from error
        if not hasattr(self._file, "files"):
            raise ValueError(f"{path.name} holds one array, not an archive with the keys X_train, y_train, classes.")
        self.keys = set(self._file.files)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def read(self, key: str, or_else: str = "") -> NDArray[Any]:
        if key not in self.keys:
            wanted = f"{key!r} or {or_else!r}" if or_else else repr(key)
            raise ValueError(f"{self.name} has no key {wanted}; it has {', '.join(sorted(self.keys))}.")
        try:
            array: NDArray[Any] = self._file[key]
        except _DAMAGE as error:
            raise ValueError(
                f"{self.name}: {key!r} cannot be read: {_reason(error)}. The file is damaged, or it holds pickled "
                "objects; no pickled objects are read."
            ) from error
        return array

    def vector(self, key: str) -> NDArray[Any]:
        array = self.read(key)
        if array.ndim != 1:
            raise ValueError(f"{self.name}: {key!r} must have shape (n,), got {array.shape}.")
        return array

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(map(str, self.vector(key)))
