"""The store of a study: one SQLite file, one row a round, nothing lost by a kill.

A round is there once its transaction is committed (write-ahead log, synchronous FULL); until then it is as if it had
not been run. The process that runs a study holds a lock on its folder, which the operating system takes back when the
process ends, however it ends.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from skal.recipes import SUPERVISED
from skal.study.lock import hold
from skal.study.rows import Row, StudyError, content_digest

FILE = "study.sqlite"
FORMAT = 2  # 1 had no recipes and no digests
OLD_INDEX = "recipes.json"  # of a folder with one study a recipe, as they were written in format 1
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pools (trial INTEGER PRIMARY KEY, classes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rounds (
    recipe TEXT NOT NULL, strategy TEXT NOT NULL, trial INTEGER NOT NULL, round INTEGER NOT NULL,
    n_labels INTEGER NOT NULL, cost REAL NOT NULL, metrics TEXT NOT NULL,
    fit_seconds REAL NOT NULL, query_seconds REAL NOT NULL,
    picked TEXT NOT NULL, picked_classes TEXT NOT NULL, versions TEXT NOT NULL, notes TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (recipe, strategy, trial, round)
);
CREATE TABLE IF NOT EXISTS predictions (
    recipe TEXT NOT NULL, strategy TEXT NOT NULL, trial INTEGER NOT NULL, round INTEGER NOT NULL,
    content BLOB NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (recipe, strategy, trial, round)
);
CREATE TABLE IF NOT EXISTS pictures (
    recipe TEXT NOT NULL, strategy TEXT NOT NULL, trial INTEGER NOT NULL, round INTEGER NOT NULL, png BLOB NOT NULL,
    PRIMARY KEY (recipe, strategy, trial, round)
);
PRAGMA user_version = {FORMAT};
"""
_MOST_ROWS = 100_000  # that are looked for where a damaged file does not say how many there are
_JSON = ("metrics", "picked", "picked_classes", "versions", "notes")
_BLOBS = ("predictions", "picture")
_KEY = "recipe = :recipe AND strategy = :strategy AND trial = :trial AND round = :round"


class Store:
    """Rows of a study, in a folder or, without one, in memory.

    Parameters
    ----------
    folder : str, Path or None
        Where ``study.sqlite`` lives; None: memory.

    Raises
    ------
    StudyError
        If there is no study in the folder, or it cannot be read.
    """

    def __init__(self, folder: str | Path | None) -> None:
        self.folder = None if folder is None else Path(folder)
        self.path = None if self.folder is None else self.folder / FILE
        if self.path is not None and not self.path.exists():
            raise StudyError(f"There is no study in {self.folder}: {FILE} is missing.")
        self._connection, self.format = _connect(self.path)

    @classmethod
    @contextmanager
    def held(cls, folder: str | Path | None) -> Iterator[Store]:
        """Open a folder for writing, hold it, and let it go at the end.

        Parameters
        ----------
        folder : str, Path or None
            Made if need be; None: memory.

        Yields
        ------
        Store
            With what is there already.

        Raises
        ------
        StudyError
            If another process holds the folder, or the study in it was written by an earlier version.
        """
        if folder is None:
            yield cls(None)
            return
        folder = Path(folder)
        with _said_plainly(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with hold(folder):
            if not (folder / FILE).exists():
                _refuse_old(folder, (folder / OLD_INDEX).exists())
                _connect(folder / FILE, make=True)[0].close()
            store = cls(folder)
            try:
                _refuse_old(folder, store.format < FORMAT)
                yield store
            finally:
                store.close()

    @property
    def id(self) -> str:
        """What tells this study from any other."""
        return str(self.meta("id"))

    def meta(self, name: str, default: Any = ...) -> Any:
        """Return an entry of the study: "id", "protocol", "code", "classes", "kept".

        Parameters
        ----------
        name : str
            Of the entry.
        default : object, default=...
            What is returned where there is none; left out: an error.
        """
        with _said_plainly(self.folder):
            found = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if found is not None:
            try:
                return json.loads(found[0])
            except ValueError as error:
                raise StudyError(
                    f"The store in {self.folder} is damaged: its entry {name!r} cannot be read ({error}). The rounds "
                    "are left as they are; take another folder."
                ) from error
        if default is ...:
            raise StudyError(f"{self.path} holds no study: the entry {name!r} is missing.")
        return default

    def enter(self, entries: Mapping[str, Any], pools: Mapping[int, list[int]]) -> None:
        """Write entries of the study, all at once, and the classes of the pools of its trials.

        Parameters
        ----------
        entries : dict
            By name, as JSON has them; they take the place of those that are there.
        pools : dict of int to list of int
            Rows of each class in the pool, by trial. They are for the report: strategies are not handed a store.
        """
        entries = {"id": self.meta("id", None) or uuid.uuid4().hex, **entries}
        with _said_plainly(self.folder), self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in entries.items()],
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO pools VALUES (?, ?)",
                [(trial, json.dumps(classes)) for trial, classes in pools.items()],
            )

    @property
    def protocol(self) -> dict[str, Any]:
        """Everything that was chosen, with all strategies and recipes, the most rounds and the most trials."""
        found: dict[str, Any] = self.meta("protocol")
        return found if self.format == FORMAT else _since_recipes(found)

    @property
    def pool_classes(self) -> dict[int, list[int]]:
        """Rows of each class in the pool of each trial; empty if the study was written before they were kept."""
        if self.format < FORMAT:
            return dict(enumerate(self.meta("pool_classes", [])))
        with _said_plainly(self.folder):
            found = self._connection.execute("SELECT trial, classes FROM pools ORDER BY trial")
            return {trial: json.loads(classes) for trial, classes in found}

    def rows(self) -> list[Row]:
        """Return all intact rows, in the order of recipe, strategy, trial and round."""
        return self.read()[0]

    def read(self, salvage: bool = False) -> tuple[list[Row], list[Row]]:
        """Return all rows: those that are intact, and those that are not what was written.

        Parameters
        ----------
        salvage : bool, default=False
            Read row by row, and leave out what a damaged file does not give back.

        Returns
        -------
        intact, damaged : list of Row
            In the order of recipe, strategy, trial and round. A row is damaged if its digest is another one, or its
            content cannot be read.
        """
        intact: list[Row] = []
        damaged: list[Row] = []
        with _said_plainly(self.folder, self._readable):
            found = self._one_by_one() if salvage else self._named("SELECT * FROM rounds")
            for values in found:
                written = values.pop("digest", None)
                row = self._row(values)
                sound = row is not None and (written is None or written == content_digest(row))
                (intact if sound else damaged).append(row or _nothing(values))
        return _in_order(intact), _in_order(damaged)

    def write(self, row: Row) -> None:
        """Commit a row; one that is there already stays as it is."""
        values = {f.name: getattr(row, f.name) for f in fields(Row) if f.name not in _BLOBS}
        values = {key: json.dumps(value) if key in _JSON else value for key, value in values.items()}
        values["digest"] = content_digest(row)
        with _said_plainly(self.folder), self._connection:
            self._insert("rounds", values)
            key = {name: values[name] for name in ("recipe", "strategy", "trial", "round")}
            if row.predictions is not None:
                digest = _of_predictions(row, row.predictions)
                self._insert("predictions", {**key, "content": row.predictions, "digest": digest})
            if row.picture is not None:
                self._insert("pictures", {**key, "png": row.picture})

    def measured(self, row: Row, values: Mapping[str, float]) -> None:
        """Commit further test values of a row that is there, with its notes as they are now."""
        row = replace(row, metrics={**row.metrics, **values})
        changed = {"metrics": json.dumps(row.metrics), "notes": json.dumps(row.notes), "digest": content_digest(row)}
        query = f"UPDATE rounds SET metrics = :metrics, notes = :notes, digest = :digest WHERE {_KEY}"
        with _said_plainly(self.folder), self._connection:
            self._connection.execute(query, {**changed, **_key_of(row)})

    def forget(self, row: Row) -> None:
        """Remove a damaged row, so that it is run again."""
        with _said_plainly(self.folder), self._connection:
            for table in ("rounds", "predictions", "pictures"):
                self._connection.execute(f"DELETE FROM {table} WHERE {_KEY}", _key_of(row))

    def predictions(self, row: Row) -> bytes | None:
        """Return the test predictions of a row, compressed; None where they were not kept, or are not what was."""
        if self.format < FORMAT:
            return None
        with _said_plainly(self.folder):
            query = f"SELECT content, digest FROM predictions WHERE {_KEY}"
            found = self._connection.execute(query, _key_of(row)).fetchone()
        return bytes(found[0]) if found is not None and found[1] == _of_predictions(row, found[0]) else None

    def picture(self, row: Row) -> bytes | None:
        """Return the picture of a row, as PNG; None where there is none."""
        return self.pictures(row.trial, row.recipe).get(row.strategy, {}).get(row.round)

    @property
    def n_rows(self) -> int:
        """How many rounds are stored."""
        with _said_plainly(self.folder):
            return int(self._connection.execute("SELECT count(*) FROM rounds").fetchone()[0])

    def bytes_of_predictions(self) -> int:
        """Return how large all test predictions are."""
        with _said_plainly(self.folder):
            found = self._connection.execute("SELECT coalesce(sum(length(content)), 0) FROM predictions").fetchone()
        return int(found[0])

    def pictures(self, trial: int, recipe: str) -> dict[str, dict[int, bytes]]:
        """Return the pictures of a trial under a recipe as PNG, by strategy and round."""
        found: dict[str, dict[int, bytes]] = {}
        with _said_plainly(self.folder):
            query = "SELECT * FROM pictures WHERE trial = ? ORDER BY strategy, round"
            for values in self._named(query, (trial,)):
                if values.get("recipe", recipe) == recipe:
                    found.setdefault(values["strategy"], {})[values["round"]] = values["png"]
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _insert(self, table: str, values: Mapping[str, Any]) -> None:
        names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        self._connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", values)

    def _named(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[dict[str, Any]]:
        cursor = self._connection.execute(query, values)
        names = [column[0] for column in cursor.description]
        for found in cursor:
            yield dict(zip(names, found, strict=True))

    def _row(self, values: Mapping[str, Any]) -> Row | None:
        try:
            read = {key: json.loads(value) if key in _JSON else value for key, value in values.items()}
            return Row(**{"recipe": self._only_recipe, **read} if "recipe" not in read else read)
        except (ValueError, TypeError):
            return None

    @property
    def _only_recipe(self) -> str:
        return next(iter(self.protocol["recipes"]))

    def _one_by_one(self) -> Iterator[dict[str, Any]]:
        """Yield the rows that can be read at all, of a file that is damaged somewhere."""
        try:
            last = self._connection.execute("SELECT max(rowid) FROM rounds").fetchone()[0] or 0
        except sqlite3.DatabaseError:
            last = _MOST_ROWS
        for number in range(1, last + 1):
            try:
                yield from list(self._named("SELECT * FROM rounds WHERE rowid = ?", (number,)))
            except sqlite3.DatabaseError:
                continue

    def _readable(self) -> str:
        """Say how many rows can still be read."""
        n = len(self.read(salvage=True)[0])
        return f"{n} of its rounds can be read: skal merge {self.folder} --out NEW_FOLDER saves them." if n else ""


def _refuse_old(folder: Path, old: bool) -> None:
    if old:
        raise StudyError(
            f"{folder} was written by an earlier version of skal: it is read, by skal report too, and left as it is. "
            f"To go on, copy it: skal merge {folder} --out NEW_FOLDER, and run NEW_FOLDER."
        )


def _key_of(row: Row) -> dict[str, Any]:
    return {"recipe": row.recipe, "strategy": row.strategy, "trial": row.trial, "round": row.round}


def _of_predictions(row: Row, content: bytes) -> str:
    """Digest of predictions and of the round that they belong to."""
    place = json.dumps([*row.key, row.round, row.picked]).encode()
    return hashlib.sha256(place + bytes(content)).hexdigest()[:16]


def _in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.recipe != SUPERVISED, row.recipe, row.strategy, row.trial, row.round))


def _nothing(values: Mapping[str, Any]) -> Row:
    """A row of which only the place is known."""
    place = {name: values[name] for name in ("strategy", "trial", "round")}
    return Row(
        **place, n_labels=0, cost=0.0, metrics={}, fit_seconds=0.0, query_seconds=0.0, picked=[], picked_classes=[],
        versions={}, recipe=values.get("recipe", SUPERVISED),
    )  # fmt: skip


def _since_recipes(protocol: dict[str, Any]) -> dict[str, Any]:
    """The protocol of a study of format 1, which had one recipe, as one of today."""
    protocol = dict(protocol)
    recipe = protocol.pop("recipe", None)
    return {**protocol, "recipes": {SUPERVISED if recipe is None else str(recipe.get("recipe")): recipe}}


def _connect(path: Path | None, make: bool = False) -> tuple[sqlite3.Connection, int]:
    with _said_plainly(None if path is None else path.parent):
        connection = sqlite3.connect(":memory:" if path is None else path, timeout=30.0)
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")  # damage shows in the digests
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if path is None or make or not _tables(connection):
            connection.executescript(_SCHEMA)
        return connection, connection.execute("PRAGMA user_version").fetchone()[0] or 1


def _tables(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0])


@contextmanager
def _said_plainly(folder: Path | None, left: Any = None) -> Iterator[None]:
    """Turn what SQLite and the file system say into what it means for the study."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StudyError(
            f"The store in {folder} cannot be read or written: {error}. Rows committed before are intact. Mend it "
            "(free space, permissions, another folder) and start again: the study goes on where it was."
        ) from error
    except sqlite3.DatabaseError as error:
        said = left() if left is not None else f"skal merge {folder} --out NEW_FOLDER saves what can be read of it."
        raise StudyError(
            f"The store in {folder} cannot be read or written: {error}. The file is damaged, or no study. {said}"
        ) from error
    except OSError as error:
        raise StudyError(f"{folder} cannot be used: {error}.") from error
