"""What a criterion reads of a round, and what it says."""

from __future__ import annotations

import itertools
import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Observation", "Verdict", "checked_history"]


@dataclass(frozen=True)
class Observation:
    """One round as a criterion sees it: what is known without labels that nobody paid for.

    Attributes
    ----------
    n_labels : int
        Rows that have a label.
    labels_now : int or None, default=None
        Rows that have a label by now, where more have come since the round's model; None: `n_labels`.
    cost : float or None, default=None
        What all labels have cost so far; None: one each.
    n_left : int or None, default=None
        Rows that may still be asked for.
    predicted : ndarray of shape (m,) or None, default=None
        Predictions of the round's model for the stop set, the same m rows in every round: classes or numbers.
    confidence : ndarray of shape (m,) or None, default=None
        The largest class probability of each of these rows.
    entropy : ndarray of shape (m,) or None, default=None
        Their entropy, divided by that of a guess among all classes that the model knows: 0 to 1.
    unlabeled : ndarray of bool of shape (m,) or None, default=None
        Which of these rows have no label yet; None: all.
    numeric : bool, default=False
        Whether predictions are numbers of a regressor, not classes.
    asked_right : float or None, default=None
        Share of the rows asked for in this round that the model of the round before had predicted right; None in the
        first round.
    score : float or None, default=None
        How good the model is by rows that it did not learn from, such as audit rows; higher is better.
    low, high : float or None, default=None
        Interval of the score. `TargetReached` is as right as this interval is: one that holds whenever one looks.
    recall_low : float or None, default=None
        Of a search for the rows of some classes: lower end of the interval of the share that is found.
    n_audit : int or None, default=None
        Rows that the score rests on.
    audit_right : ndarray of bool of shape (n_audit,) or None, default=None
        Which audit rows the model predicts right, where these are the same rows in every round: a learning curve then
        knows that they are a sample.
    unit : str, default="accuracy"
        What the score is called in sentences. Of "accuracy" gains are told in points, hundredths.
    """

    n_labels: int
    labels_now: int | None = field(default=None, kw_only=True)
    cost: float | None = None
    n_left: int | None = None
    predicted: NDArray[Any] | None = field(default=None, repr=False)
    confidence: NDArray[Any] | None = field(default=None, repr=False)
    entropy: NDArray[Any] | None = field(default=None, repr=False)
    unlabeled: NDArray[np.bool_] | None = field(default=None, repr=False)
    numeric: bool = False
    asked_right: float | None = None
    score: float | None = None
    low: float | None = None
    high: float | None = None
    recall_low: float | None = None
    n_audit: int | None = None
    audit_right: NDArray[np.bool_] | None = field(default=None, repr=False)
    unit: str = "accuracy"

    @property
    def paid(self) -> float:
        """What all labels have cost: `cost`, or one each."""
        return float(self.n_labels) if self.cost is None else float(self.cost)

    def open_rows(self) -> NDArray[np.bool_]:
        """Rows of the stop set without a label; all of them if every one has got one."""
        m = max(len(x) for x in (self.predicted, self.confidence, self.entropy) if x is not None)
        if self.unlabeled is None or not np.any(self.unlabeled):
            return np.ones(m, dtype=bool)
        return np.asarray(self.unlabeled, dtype=bool)


@dataclass(frozen=True)
class Verdict:
    """What a criterion says after a round.

    Attributes
    ----------
    stop : bool
        Whether it would stop here; the truth value of the verdict.
    reason : str
        Why, as a sentence.
    value : float, default=nan
        The number that was compared, where there is one.

    Examples
    --------
    >>> print(Verdict(False, "120 of 300 labels are there."))
    go on: 120 of 300 labels are there.
    """

    stop: bool
    reason: str
    value: float = math.nan

    def __bool__(self) -> bool:
        return self.stop

    def __str__(self) -> str:
        return f"{'stop' if self.stop else 'go on'}: {self.reason}"


def checked_history(history: Sequence[Observation], who: str) -> list[Observation]:
    """Return the rounds as a list; raise if they are none, or not in the order in which they came."""
    rounds = list(history)
    if not rounds:
        raise ValueError(f"{who}: the history has no round. Ask after the first fit.")
    wrong = [type(one).__name__ for one in rounds if not isinstance(one, Observation)]
    if wrong:
        raise TypeError(f"{who}: a history is a sequence of skal.stopping.Observation, got {wrong[0]}.")
    for before, after in itertools.pairwise(rounds):
        if after.n_labels < before.n_labels:
            raise ValueError(
                f"{who}: label counts must not fall from round to round, got {before.n_labels} and then "
                f"{after.n_labels}. Give the rounds in the order in which they came."
            )
        a, b = before.predicted, after.predicted
        if a is not None and b is not None and len(a) != len(b):
            raise ValueError(
                f"{who}: all rounds must predict the same rows, got {len(a)} and then {len(b)} of them. Keep one "
                "stop set for the whole history."
            )
    last = rounds[-1]
    for name in ("score", "low", "high", "asked_right"):
        value = getattr(last, name)
        if value is not None and not (isinstance(value, numbers.Real) and math.isfinite(value)):
            raise ValueError(f"{who}: {name} of a round must be a finite number or None, got {value!r}.")
    return rounds
