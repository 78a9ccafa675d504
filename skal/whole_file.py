"""Files that are replaced at once: a reader never sees half of one, and a write that fails leaves the one before."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file of text in UTF-8, all of it or nothing.

    Parameters
    ----------
    path : Path
        Of the file; its folder must be there. While it is written the text stands in another file beside it, which
        is gone afterwards, whether the write succeeds or raises. What a loss of power leaves is the file system's
        to say: the text is not flushed to the disk before it takes its place.
    text : str
        All of it.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to be told
            unfinished.unlink(missing_ok=True)
        raise
