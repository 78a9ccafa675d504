"""The journal of a project: events are appended to one SQLite file, and never changed.

An event is there once its transaction is committed (write-ahead log, synchronous FULL). Several processes may append
at once; SQLite puts one after the other.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from skal.labeling._errors import ProjectError
from skal.labeling._events import Event

FILE = "journal.sqlite"
_VERSION = 2
_FIRST = 1  # a journal of this version gets what it lacks when it is first written
_INTACT = "Answers acknowledged before are intact."
_GAP = 2000  # numbers without an event in a row that end a salvage
PATIENCE = 30.0  # seconds to wait for another process's transaction
_SINCE_2 = (  # what a journal of the first version lacks
    "CREATE TABLE IF NOT EXISTS requests (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS events_of_row ON events (row)",
)
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS events (
    kind TEXT NOT NULL, row TEXT, annotator TEXT NOT NULL, label TEXT, batch INTEGER, round INTEGER, why TEXT,
    seconds REAL, note TEXT, digest TEXT, undoes INTEGER, time TEXT NOT NULL,
    seq INTEGER PRIMARY KEY AUTOINCREMENT
);
CREATE TABLE IF NOT EXISTS snapshots (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, stamp TEXT NOT NULL, ids BLOB NOT NULL,
    digests BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
{"; ".join(_SINCE_2)};
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER IF NOT EXISTS events_are_kept BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
PRAGMA user_version = {_VERSION};
"""
_COLUMNS = [field.name for field in fields(Event)]
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM events"


class Snapshot(NamedTuple):
    """What the data were when they were last read.

    Attributes
    ----------
    stamp : str
        Sizes and times of the files; data with the same stamp are not read again for their ids.
    ids, digests : list of str
        Of the rows, in their order.
    """

    stamp: str
    ids: list[str]
    digests: list[str]


class Journal:
    """Events and snapshots of a project.

    Parameters
    ----------
    folder : Path
        Of the project.
    create : bool, default=False
        Make the file if it is not there.
    patience : float, default=30
        Seconds to wait for another process's transaction.
    """

    def __init__(self, folder: Path, create: bool = False, patience: float = PATIENCE) -> None:
        self._patience = patience
        self.path = folder / FILE
        self._create = create
        if not create and not self.path.exists():
            raise ProjectError(f"{folder} is no labelling project: {FILE} is missing.")
        self._connection = self._connect()

    def append(
        self,
        events: Sequence[Event],
        *,
        unless_after: int | None = None,
        request: str | None = None,
        durable: bool = True,
    ) -> list[Event]:
        """Commit events together.

        Parameters
        ----------
        events : sequence of Event
            New ones.
        unless_after : int, default=None
            Commit nothing if the journal holds an event of a higher ``seq``.
        request : str, default=None
            Name of the request that the events are for, committed with them. Commit nothing if it is known already.
        durable : bool, default=True
            False: a crash of the machine, though not of the process, may lose the events until others are committed;
            nobody waits for the disk.

        Returns
        -------
        list of Event
            As they were written, with ``seq`` and ``time``; empty if `unless_after` or `request` stopped them.

        Raises
        ------
        ProjectError
            If they cannot be written. None of them is there then.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        written = []
        with self._said_plainly(), self._transaction(durable):
            if unless_after is not None and self._last() > unless_after:
                return []
            self._bring_up_to_date()
            if request is not None and self._seq_of(request) is not None:
                return []
            for event in events:
                values = [*astuple(replace(event, time=event.time or now))[:-1], None]
                values[_COLUMNS.index("why")] = None if event.why is None else json.dumps(event.why)
                places = ", ".join("?" * len(values))
                cursor = self._connection.execute(
                    f"INSERT INTO events ({', '.join(_COLUMNS)}) VALUES ({places})", values
                )
                written.append(replace(event, time=event.time or now, seq=int(cursor.lastrowid or 0)))
            if request is not None:
                last = written[-1].seq if written else 0
                self._connection.execute("INSERT INTO requests VALUES (?, ?)", (request, last))
        return written

    def done(self, request: str) -> int | None:
        """Return the ``seq`` of the last event of a request, 0 if it changed nothing; None if it is not known."""
        with self._said_plainly():
            return self._seq_of(request)

    def events_of(self, row: str) -> list[Event]:
        """Return all events of a row, in their order."""
        with self._said_plainly():
            found = self._connection.execute(f"{_SELECT} WHERE row = ? ORDER BY seq", (row,))
            return [_event(values) for values in found]

    def event(self, seq: int) -> Event | None:
        """Return one event."""
        with self._said_plainly():
            values = self._connection.execute(f"{_SELECT} WHERE seq = ?", (seq,)).fetchone()
        return None if values is None else _event(values)

    def events(self, after: int = 0) -> list[Event]:
        """Return all events with a ``seq`` above `after`, in their order."""
        with self._said_plainly():
            return [
                _event(values)
                for values in self._connection.execute(f"{_SELECT} WHERE seq > ? ORDER BY seq", (after,))
            ]

    def snapshot(self) -> Snapshot | None:
        """Return what the data were when they were last read."""
        with self._said_plainly():
            found = self._connection.execute(
                "SELECT stamp, ids, digests FROM snapshots ORDER BY number DESC LIMIT 1"
            ).fetchone()
        return None if found is None else Snapshot(found[0], _unpacked(found[1]), _unpacked(found[2]))

    def stamp(self) -> str | None:
        """Return the stamp of the data when they were last read."""
        with self._said_plainly():
            found = self._connection.execute("SELECT stamp FROM snapshots ORDER BY number DESC LIMIT 1").fetchone()
        return None if found is None else str(found[0])

    def write_snapshot(self, snapshot: Snapshot) -> None:
        """Remember what the data are now; what they were before is forgotten."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        values = (now, snapshot.stamp, _packed(snapshot.ids), _packed(snapshot.digests))
        with self._said_plainly(), self._transaction():
            self._connection.execute("DELETE FROM snapshots")
            self._connection.execute("INSERT INTO snapshots (time, stamp, ids, digests) VALUES (?, ?, ?, ?)", values)

    def facts(self) -> dict[str, Any]:
        """Return what was settled when the project was made."""
        with self._said_plainly():
            return {name: json.loads(value) for name, value in self._connection.execute("SELECT * FROM facts")}

    def write_facts(self, facts: dict[str, Any]) -> None:
        """Settle what may not change; what is there stays."""
        values = [(name, json.dumps(value)) for name, value in facts.items()]
        with self._said_plainly(), self._transaction():
            self._connection.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", values)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _seq_of(self, request: str) -> int | None:
        if self._version() < _VERSION:
            return None
        found = self._connection.execute("SELECT seq FROM requests WHERE id = ?", (request,)).fetchone()
        return None if found is None else int(found[0])

    def _bring_up_to_date(self) -> None:
        """Add what a journal of an older skal lacks; within a transaction, which takes both back if it fails."""
        if self._version() < _VERSION:
            for statement in _SINCE_2:
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _last(self) -> int:
        return int(self._connection.execute("SELECT COALESCE(MAX(seq), 0) FROM events").fetchone()[0])

    def _connect(self) -> sqlite3.Connection:
        with self._said_plainly():
            try:
                connection = sqlite3.connect(self.path, timeout=self._patience, isolation_level=None)
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version > _VERSION:
                    raise ProjectError(
                        f"{self.path} was written by a newer version of skal (format {version}, here {_VERSION}). "
                        "Update skal."
                    )
                if version < _FIRST and not self._create:
                    raise ProjectError(
                        f"{self.path} is empty, so the journal is damaged. Put back a copy of the folder."
                    )
                if version < _FIRST:
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.executescript(_SCHEMA)
                connection.execute("PRAGMA synchronous = FULL")
                return connection
            except sqlite3.OperationalError:
                # A folder that cannot be written to: without a log beside it, the file is all there is.
                log = self.path.with_name(f"{FILE}-wal")
                if not self.path.exists() or (log.exists() and log.stat().st_size):
                    raise
                connection = sqlite3.connect(f"file:{self.path.resolve()}?immutable=1", uri=True)
                connection.execute("SELECT COUNT(*) FROM events").fetchone()
                return connection

    @contextmanager
    def _transaction(self, durable: bool = True) -> Iterator[None]:
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")  # a full disk may be noticed here: then nothing of it stays open
        except BaseException:
            self._connection.rollback()
            raise

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        """Turn what SQLite says into what it means for the project."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise ProjectError(f"{self.path}: {_meaning(str(error))}") from error


def readable_events(folder: Path) -> tuple[list[Event], int]:
    """Return the events that can be read from a damaged journal, and at least how many cannot.

    Raises
    ------
    ProjectError
        If nothing of the file can be read.
    """
    path = folder / FILE
    found: list[Event] = []
    lost, misses, seq = 0, 0, 0
    connection = sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)
    try:
        connection.execute("SELECT name FROM sqlite_master").fetchall()
        while misses < _GAP:  # beyond the last event nothing is found
            seq += 1
            try:
                values = connection.execute(f"{_SELECT} WHERE seq = ?", (seq,)).fetchone()
            except sqlite3.DatabaseError:
                lost, misses = lost + 1, misses + 1
                continue
            misses = misses + 1 if values is None else 0
            if values is not None:
                found.append(_event(values))
    except sqlite3.DatabaseError as error:
        raise ProjectError(f"{path}: {_meaning(str(error))}") from error
    finally:
        connection.close()
    return found, lost


def _meaning(said: str) -> str:
    if "full" in said:
        return f"the disk is full ({said}). Free some space, then try again. {_INTACT}"
    if "locked" in said:
        return f"another process holds the journal ({said}). Wait for it, then try again. {_INTACT}"
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return f"the folder cannot be written to ({said}). Check its permissions, then try again. {_INTACT}"
    if "malformed" in said or "not a database" in said:
        return (
            f"the journal is damaged ({said}). `skal export` writes what is readable; for the rest, put back a copy "
            "of the folder, or take the sheets again."
        )
    return f"the journal cannot be used: {said}. {_INTACT}"


def _event(values: tuple[object, ...]) -> Event:
    entries = dict(zip(_COLUMNS, values, strict=True))
    why = entries["why"]
    entries["why"] = None if why is None else json.loads(str(why))
    return Event(**entries)  # type: ignore[arg-type]


def _packed(texts: list[str]) -> bytes:
    return zlib.compress(json.dumps(texts).encode(), 1)


def _unpacked(blob: bytes) -> list[str]:
    found: list[str] = json.loads(zlib.decompress(blob))
    return found
