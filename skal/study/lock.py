"""The lock on the folder of a study, which the operating system takes back when its process ends, however it ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from skal.study.rows import StudyError

__all__ = ["hold"]


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold a folder, or raise and say who does.

    Parameters
    ----------
    folder : Path
        It exists.

    Raises
    ------
    StudyError
        If another process holds it, or it cannot be written to.
    """
    holder = folder / "study.holder"
    lock = FileLock(folder / "study.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        who = holder.read_text() if holder.exists() else "another process"
        raise StudyError(f"{folder} is held by {who}, which runs this study now. Wait for it, or stop it.") from None
    except OSError as error:
        raise StudyError(f"{folder} cannot be used: {error}.") from error
    try:
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
