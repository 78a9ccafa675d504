"""The store of a comparison: one SQLite file, one row a round, nothing lost by a kill.

A round is there once its transaction is committed (write-ahead log, synchronous FULL); until then it is as
if it had not been run. The process that runs a study holds a lock on its folder, which the operating
system takes back when the process ends, however it ends.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from skal.study.protocol import Protocol

FILE = "study.sqlite"
INDEX = "recipes.json"  # of a folder that holds one study a training recipe
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rounds (
    strategy TEXT NOT NULL, trial INTEGER NOT NULL, round INTEGER NOT NULL,
    n_labels INTEGER NOT NULL, cost REAL NOT NULL, metrics TEXT NOT NULL,
    fit_seconds REAL NOT NULL, query_seconds REAL NOT NULL,
    picked TEXT NOT NULL, picked_classes TEXT NOT NULL, versions TEXT NOT NULL,
    PRIMARY KEY (strategy, trial, round)
);
CREATE TABLE IF NOT EXISTS pictures (
    strategy TEXT NOT NULL, trial INTEGER NOT NULL, round INTEGER NOT NULL, png BLOB NOT NULL,
    PRIMARY KEY (strategy, trial, round)
);
"""
_JSON = ("metrics", "picked", "picked_classes", "versions")


class StudyError(RuntimeError):
    """A study cannot go on; the rows written so far are intact."""


@dataclass(frozen=True)
class Row:
    """One round of one strategy in one trial.

    Attributes
    ----------
    strategy, trial, round : str, int, int
        Which.
    n_labels : int
        Labels so far.
    cost : float
        What they have cost so far; one a label where nothing else is said.
    metrics : dict of str to float
        Test values.
    fit_seconds, query_seconds : float
        Wall times.
    picked : list of int
        Dataset indices labelled in this round.
    picked_classes : list of int
        How many of them of each class; of masks, how many of their pixels.
    versions : dict of str to str
        Packages that made this row.
    picture : bytes or None, default=None
        A PNG of the round, where there is something to see; it is read by `Store.pictures` alone.
    """

    strategy: str
    trial: int
    round: int
    n_labels: int
    cost: float
    metrics: dict[str, float]
    fit_seconds: float
    query_seconds: float
    picked: list[int]
    picked_classes: list[int]
    versions: dict[str, str]
    picture: bytes | None = field(default=None, repr=False)


class Store:
    """Rows of a study, in a folder or, without one, in memory.

    Parameters
    ----------
    folder : str, Path or None
        Where ``study.sqlite`` lives; None: memory.
    """

    def __init__(self, folder: str | Path | None) -> None:
        self.folder = None if folder is None else Path(folder)
        self.path = None if self.folder is None else self.folder / FILE
        if self.path is not None and not self.path.exists():
            raise StudyError(f"There is no study in {self.folder}: {FILE} is missing.")
        self._connection = _connect(self.path)

    @classmethod
    @contextmanager
    def held(
        cls, folder: str | Path | None, protocol: Protocol, classes: list[str], pool_classes: list[list[int]]
    ) -> Iterator[Store]:
        """Open a folder for a study, hold it, and let it go at the end.

        Parameters
        ----------
        folder : str, Path or None
            Made if need be; None: memory.
        protocol : Protocol
            Of the study. A folder that holds another one is refused.
        classes : list of str
            Names of the classes.
        pool_classes : list of list of int
            Rows of each class in the pool of each trial. It is for the report: strategies are not handed a store.

        Yields
        ------
        Store
            With the rows that are there already.

        Raises
        ------
        StudyError
            If another process holds the folder, or it holds another study; the message says which, or what
            differs.
        """
        if folder is None:
            store = cls.__new__(cls)
            store.folder = store.path = None
            store._connection = _connect(None)
            store._begin(protocol, classes, pool_classes)
            yield store
            return
        folder = Path(folder)
        if (folder / INDEX).exists():
            raise StudyError(
                f"{folder} holds a comparison of training recipes, which is left alone. Name the recipes again, or "
                "take another folder."
            )
        with _said_plainly(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with _lock(folder):
            with _said_plainly(folder):
                _connect(folder / FILE).close()
            store = cls(folder)
            try:
                store._begin(protocol, classes, pool_classes)
                yield store
            finally:
                store.close()

    @property
    def id(self) -> str:
        """What tells this study from any other."""
        return str(self.meta("id"))

    def meta(self, name: str) -> Any:
        """Return an entry of the study: "id", "protocol" or "classes"."""
        found = self._entry(name)
        if found is None:
            raise StudyError(f"{self.path} holds no study: the entry {name!r} is missing.")
        return found

    @property
    def pool_classes(self) -> list[list[int]] | None:
        """Rows of each class in the pool of each trial; None if the study was written before they were."""
        found: list[list[int]] | None = self._entry("pool_classes")
        return found

    def rows(self) -> list[Row]:
        """Return all rows, in the order of strategy, trial and round."""
        with _said_plainly(self.folder):
            cursor = self._connection.execute("SELECT * FROM rounds ORDER BY strategy, trial, round")
            names = [column[0] for column in cursor.description]
            found = [dict(zip(names, values, strict=True)) for values in cursor]
        return [Row(**{key: json.loads(v) if key in _JSON else v for key, v in row.items()}) for row in found]

    def write(self, row: Row) -> None:
        """Commit a row; one that is there already stays as it is."""
        entries = asdict(row)
        picture = entries.pop("picture")
        values = {key: json.dumps(value) if key in _JSON else value for key, value in entries.items()}
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        with _said_plainly(self.folder), self._connection:
            self._connection.execute(f"INSERT OR IGNORE INTO rounds ({names}) VALUES ({places})", values)
            if picture is not None:
                self._connection.execute(
                    "INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?)",
                    (row.strategy, row.trial, row.round, picture),
                )

    def pictures(self, trial: int) -> dict[str, dict[int, bytes]]:
        """Return the pictures of a trial as PNG, by strategy and round."""
        with _said_plainly(self.folder):
            cursor = self._connection.execute(
                "SELECT strategy, round, png FROM pictures WHERE trial = ? ORDER BY strategy, round", (trial,)
            )
            found: dict[str, dict[int, bytes]] = {}
            for strategy, number, png in cursor:
                found.setdefault(strategy, {})[number] = png
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _entry(self, name: str) -> Any:
        with _said_plainly(self.folder):
            found = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if found is None else json.loads(found[0])

    def _begin(self, protocol: Protocol, classes: list[str], pool_classes: list[list[int]]) -> None:
        with _said_plainly(self.folder):
            found = dict(self._connection.execute("SELECT name, value FROM meta"))
        if "protocol" in found:
            differences = protocol.differences(json.loads(found["protocol"]))
            if differences:
                raise StudyError(
                    f"{self.folder} holds another study, which is left alone. It differs in "
                    f"{'; '.join(differences)}. Take the same settings and data, or another folder."
                )
        entries = {
            "id": uuid.uuid4().hex,
            "protocol": protocol.to_dict(),
            "classes": classes,
            "pool_classes": pool_classes,  # an older store gets it now: same data, same seed, same pools
        }
        with _said_plainly(self.folder), self._connection:
            self._connection.executemany(
                "INSERT OR IGNORE INTO meta VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in entries.items()],
            )


def write_from_worker(path: Path, study_id: str, row: Row) -> None:
    """Commit a row from a worker process that can see the file of this very study; elsewhere do nothing."""
    if not path.exists():
        return
    store = Store(path.parent)
    try:
        if store.id == study_id:
            store.write(row)
    finally:
        store.close()


def _connect(path: Path | None) -> sqlite3.Connection:
    with _said_plainly(None if path is None else path.parent):
        connection = sqlite3.connect(":memory:" if path is None else path, timeout=30.0)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
        return connection


@contextmanager
def _said_plainly(folder: Path | None) -> Iterator[None]:
    """Turn what SQLite and the file system say into what it means for the study."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StudyError(
            f"The store in {folder} cannot be read or written: {error}. Rows committed before are intact. Mend it "
            "(free space, permissions, another folder) and start again: the study goes on where it was."
        ) from error
    except OSError as error:
        raise StudyError(f"{folder} cannot be used: {error}.") from error


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
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
