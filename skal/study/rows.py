"""One round of an arm, as it is stored: its content, and a digest that tells whether it is intact."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from typing import Any

from skal.recipes import SUPERVISED

__all__ = [
    "CONSTANT_MODEL",
    "EQUAL_ROWS",
    "ROUNDED",
    "ArmKey",
    "Row",
    "StudyError",
    "content_digest",
    "rounds_in_words",
]

ArmKey = tuple[str, str, int]  # recipe, strategy, trial
CONSTANT_MODEL = "constant model"  # it says the same of all test rows
EQUAL_ROWS = "equal rows"  # a query read one answer for all rows of the pool, and warned with this note

ROUNDED = "rounded: "  # before the name of a metric that was measured on stored predictions
_TOLERANCE, _OF_ROUNDED = 1e-6, 1e-2  # other machines add in another order; probabilities are kept rounded

# What a second run of the same round gives again; wall times and versions are those of the one that was stored.
_CONTENT = ("recipe", "strategy", "trial", "round", "n_labels", "cost", "metrics", "picked", "picked_classes")


class StudyError(RuntimeError):
    """A study cannot go on; its message says what is there, and what to do."""


@dataclass(frozen=True)
class Row:
    """One round of one strategy in one trial under one training recipe.

    Attributes
    ----------
    strategy, trial, round : str, int, int
        Which; trials and rounds are counted from 0.
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
    recipe : str, default="supervised"
        How the task model was trained.
    notes : list of str, default=[]
        What should be looked at, such as `CONSTANT_MODEL`, `EQUAL_ROWS`.
    predictions : bytes or None, default=None
        Of the test rows, compressed (`skal.study.predictions`); read by `Store.predictions` alone.
    picture : bytes or None, default=None
        A PNG of the round, where there is something to see; read by `Store.pictures` alone.
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
    recipe: str = SUPERVISED
    notes: list[str] = field(default_factory=list)
    predictions: bytes | None = field(default=None, repr=False)
    picture: bytes | None = field(default=None, repr=False)

    def agrees(self, name: str, value: float, other: Row | None = None) -> bool:
        """Whether a metric has this value, as far as it is kept; of another row, where that is given.

        Parameters
        ----------
        name : str
            Metric that this row has.
        value : float
            What it should be.
        other : Row, default=None
            Where the value comes from.
        """
        rounded = any(f"{ROUNDED}{name}" in row.notes for row in (self, other) if row is not None)
        tolerance = _OF_ROUNDED if rounded else _TOLERANCE
        return math.isclose(self.metrics[name], value, rel_tol=tolerance, abs_tol=tolerance)

    @property
    def key(self) -> ArmKey:
        """The arm: recipe, strategy and trial."""
        return self.recipe, self.strategy, self.trial

    def content(self) -> dict[str, Any]:
        """Return what a second run of this round gives again."""
        return {name: getattr(self, name) for name in _CONTENT}

    def shown(self) -> str:
        """Name the round for a message; trials are counted from 1 there, as on the command line."""
        under = "" if self.recipe == SUPERVISED else f" under {self.recipe}"
        return f"{self.strategy}{under}, trial {self.trial + 1}, round {self.round}"


def rounds_in_words(n: int) -> str:
    """Write "1 round", "2 rounds"."""
    return f"{n} round" if n == 1 else f"{n} rounds"


def content_digest(row: Row) -> str:
    """Return a digest of all that is stored of a row, to tell damage.

    Parameters
    ----------
    row : Row
        Its predictions and picture are not looked at: they can be made again.

    Returns
    -------
    str
        First 16 hexadecimal digits of a SHA-256.
    """
    values = {**row.content(), "fit_seconds": row.fit_seconds, "query_seconds": row.query_seconds}
    values |= {"versions": row.versions, "notes": row.notes}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
