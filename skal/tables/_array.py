"""Arrays of NumPy in ``.npy`` files."""

from __future__ import annotations

from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARRAYS = (".npy",)


def read_array(path: str | Path) -> NDArray[Any]:
    """Open an ``.npy`` file as a memory map.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    ndarray
        Read-only; rows are read from the disk when they are used.

    Raises
    ------
    ValueError
        If the file is damaged, or holds Python objects, which are never read since they could run code.
    FileNotFoundError
        If there is no such file.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except (ValueError, EOFError, OSError, SyntaxError, TypeError, OverflowError, TokenError) as error:
        if isinstance(error, PermissionError):
            raise
        raise ValueError(
            f"{path.name} is damaged, or is not an .npy file of plain values: {str(error).rstrip('.')}."
        ) from error
