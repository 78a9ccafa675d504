"""The data of a project: rows with an identity, whatever file or folder they come from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from skal.labeling._cleaning import normal
from skal.labeling._errors import ProjectError


@dataclass(frozen=True, eq=False)
class Rows:
    """The data as they are now.

    Attributes
    ----------
    ids : list of str
        One per row, distinct.
    digests : list of str
        Of the content of each row, its label left out.
    labels : list of str or None
        Labels that the data hold, as written.
    X : container of n rows
        What the estimator reads.
    shown : DataFrame
        What a person reads: all columns as text, or the file names.
    files : list of Path or None
        File of each row, where rows are files.
    notes : list of str
        What was decided while reading.
    """

    ids: list[str]
    digests: list[str]
    labels: list[str | None]
    X: Any
    shown: Any
    files: list[Path] | None = None
    notes: list[str] = field(default_factory=list)

    def without_labels(self) -> Rows:
        """Return the same rows without the labels that the data hold."""
        return replace(self, labels=[None] * len(self.ids))


def distinct_ids(ids: Sequence[Any], source: str, column: str) -> list[str]:
    """Check the ids of a column.

    Raises
    ------
    ProjectError
        If one is missing or occurs twice: a label could end up on another row.
    """
    texts = ["" if value is None or value != value else normal(str(value).strip()) for value in ids]
    if empty := [row for row, text in enumerate(texts) if not text]:
        raise ProjectError(
            f"{source}: the id column {column!r} is empty in data row {empty[0] + 1}{_more(len(empty))}. Fill it. A "
            "new project can name another column with --id, or none: rows are then known by their content."
        )
    twice = [text for text, count in Counter(texts).items() if count > 1]
    if twice:
        rows = [row + 1 for row, text in enumerate(texts) if text == twice[0]]
        raise ProjectError(
            f"{source}: the id column {column!r} holds {twice[0]!r} more than once, in the data rows {_listed(rows)}"
            f"{_more(len(twice), 'ids')}. Give each row an id of its own. A new project can name another column with "
            "--id, or none: rows are then known by their content."
        )
    return texts


def ids_of_content(digests: Sequence[str]) -> list[str]:
    """Return the digests as ids; rows of the same content are numbered, since nothing tells them apart."""
    seen: Counter[str] = Counter()
    ids = []
    for digest in digests:
        seen[digest] += 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids


def digest_of(content: bytes) -> str:
    """Return 16 hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _more(n: int, what: str = "rows") -> str:
    return f" and {n - 1} more {what}" if n > 1 else ""


def _listed(rows: list[int]) -> str:
    return ", ".join(map(str, rows[:5])) + (" ..." if len(rows) > 5 else "")
