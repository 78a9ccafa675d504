"""One page a project: a lock that the operating system takes back when its server ends, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from skal.labeling import ProjectError
from skal.whole_file import write_whole

LOCK = "page.lock"
ADDRESS = "page.address"


@contextmanager
def only_page(folder: Path) -> Iterator[None]:
    """Hold a project for one page, or raise and say where the other is.

    Two pages would hand out the same rows, since each knows only whom it has asked itself. Sheets go on beside it.

    Parameters
    ----------
    folder : Path
        Of the project. It exists.

    Raises
    ------
    ProjectError
        If another page holds it, or it cannot be written to.
    """
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ProjectError(_held(folder)) from None
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written to: {error.strerror}.") from error
    address = folder / ADDRESS
    try:
        address.unlink(missing_ok=True)  # that of a server which was killed
        yield
    finally:
        address.unlink(missing_ok=True)
        lock.release()


def tell_address(folder: Path, address: str) -> None:
    """Write down where the page is, for whoever would open another."""
    write_whole(folder / ADDRESS, address)


def _held(folder: Path) -> str:
    try:
        address = (folder / ADDRESS).read_text(encoding="utf-8").strip()
    except OSError:  # it starts or ends just now
        return f"{folder} is open on another page already. Use that page, or end it (Ctrl-C)."
    return f"{folder} is open on the page {address} already. Use that page, or end it (Ctrl-C)."
