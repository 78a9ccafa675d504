"""From the model of a round to what a criterion reads of it; no more is computed than is read."""

from __future__ import annotations

import numbers
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from skal.data import blocks, n_rows, take, to_numpy
from skal.outputs import is_regressor_like, proba
from skal.scores import entropy
from skal.statistics import hypergeometric_interval
from skal.stopping.criterion import Criterion
from skal.stopping.observation import Observation

__all__ = [
    "AuditRows",
    "Observer",
    "audit_interval",
    "draw_stop_set",
    "level_of_look",
    "numbers_interval",
    "right_share",
    "uncertainties",
]

STOP_SET = 2000  # rows, as in Bloodgood and Vijay-Shanker, 2009


def draw_stop_set(candidates: ArrayLike, random_state: int, size: int = STOP_SET) -> NDArray[np.intp]:
    """Draw the rows whose predictions are followed.

    Parameters
    ----------
    candidates : array-like of int
        Rows that may be asked for.
    random_state : int
        Draws them; nothing else of a loop is drawn from the same stream.
    size : int, default=2000
        How many; all candidates if there are fewer.

    Returns
    -------
    ndarray of intp
        Rising.
    """
    rows = np.asarray(candidates, dtype=np.intp)
    if len(rows) <= size:
        return np.sort(rows)
    rng = np.random.default_rng(np.random.SeedSequence(random_state, spawn_key=(0, 2)))
    return np.sort(rng.choice(rows, size, replace=False))


def level_of_look(look: int, level: float = 0.95) -> float:
    """Level of one look, so that the intervals of all looks hold together: ``1 - alpha / (k (k + 1))`` of the k-th.

    Parameters
    ----------
    look : int
        Which look it is, counted from 1.
    level : float, default=0.95
        Probability that all intervals, of the first look and of all that follow, hold.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the look is no whole number from 1 on.

    Notes
    -----
    ``1 / (1 2) + 1 / (2 3) + ... = 1``, so by the union bound none of the intervals fails with probability `level`,
    whatever models the looks are about and however these hang together. It needs no plan of how many looks there will
    be. docs/proof.md has the proof, and what it costs.

    Examples
    --------
    >>> [round(level_of_look(k), 4) for k in (1, 2, 10)]
    [0.975, 0.9917, 0.9995]
    """
    if isinstance(look, bool) or not isinstance(look, numbers.Integral) or look < 1:
        raise ValueError(f"level_of_look: look must be a whole number from 1 on (the first look is 1), got {look!r}.")
    return 1.0 - (1.0 - level) / (int(look) * (int(look) + 1))


def audit_interval(
    n_right: int, n: int, look: int = 1, level: float = 0.95, population: int | None = None
) -> tuple[float, float]:
    """Interval of an accuracy on audit rows that holds for all looks together, whatever model each is about.

    Parameters
    ----------
    n_right, n : int
        Audit rows that the model predicts right, and audit rows.
    look : int, default=1
        Which look it is, counted from 1: a new model is measured on the same rows after every round.
    level : float, default=0.95
        Probability that all intervals, of the first look and of all that follow, hold.
    population : int or None, default=None
        Rows that the accuracy is about, the audit rows among them; None: so many that it does not matter.

    Returns
    -------
    low, high : float

    Notes
    -----
    Audit rows are random and no model learns from them, so the number of right ones of each model is binomial, in a
    finite population hypergeometric, and the interval is exact (Clopper and Pearson's, or
    `skal.statistics.hypergeometric_interval`). The k-th look has the level of `level_of_look`.

    References
    ----------
    .. [1] Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
       Biometrika 1934.

    Examples
    --------
    >>> [round(end, 3) for end in audit_interval(45, 50)]
    [0.764, 0.972]
    >>> [round(end, 3) for end in audit_interval(45, 50, population=200)]
    [0.785, 0.96]
    """
    of_look = level_of_look(look, level)
    if population is not None:
        exact = hypergeometric_interval(n_right, n, population, level=of_look)
        return exact.low, exact.high
    half = (1.0 - of_look) / 2.0
    low = 0.0 if n_right == 0 else float(stats.beta.ppf(half, n_right, n - n_right + 1))
    high = 1.0 if n_right == n else float(stats.beta.ppf(1.0 - half, n_right + 1, n - n_right))
    return low, high


def numbers_interval(errors: ArrayLike, look: int = 1, level: float = 0.95) -> tuple[float, float, float]:
    """Negative root mean squared error on audit rows, with its interval.

    Parameters
    ----------
    errors : array-like of shape (n,)
        Predicted minus true numbers; at least two.
    look, level
        As for `audit_interval`.

    Returns
    -------
    score, low, high : float
        All at most 0; higher is better.

    Notes
    -----
    The mean of the squared errors has Student's interval, which is right for many audit rows and too narrow for few
    of them with a heavy tail.

    Examples
    --------
    >>> [round(x, 2) for x in numbers_interval([1.0, -2.0, 2.0, -1.0])]
    [-1.58, -2.47, 0.0]
    """
    squares = np.asarray(errors, dtype=np.float64) ** 2
    n, mean = len(squares), float(squares.mean())
    share = 1.0 - level_of_look(look, level)
    half = float(stats.t.ppf(1.0 - share / 2.0, n - 1) * squares.std(ddof=1) / np.sqrt(n))
    return -(mean**0.5), -((mean + half) ** 0.5), -(max(mean - half, 0.0) ** 0.5) + 0.0


def uncertainties(P: NDArray[Any]) -> NDArray[np.float64]:
    """Return confidence and normalised entropy of rows of class probabilities, (n, C), as columns, (n, 2)."""
    if P.ndim > 2:
        raise ValueError(
            f"A criterion of uncertainty reads one distribution over classes a row, got shape {P.shape}. Use "
            "LabelBudget, or criteria of a score."
        )
    if P.shape[1] < 2:
        return np.column_stack([np.ones(len(P)), np.zeros(len(P))])
    return np.column_stack([P.max(axis=1), entropy(P, normalized=True)]).astype(np.float64)


@dataclass(frozen=True)
class AuditRows:
    """Rows with labels that no model learns from.

    Attributes
    ----------
    X : container of m rows
        Random rows of the pool.
    y : array-like of shape (m,)
        Their labels.
    """

    X: Any = field(repr=False)
    y: Any = field(repr=False)

    def __post_init__(self) -> None:
        if n_rows(self.X) != n_rows(self.y) or n_rows(self.y) < 2:
            raise ValueError(
                f"audit: as many labels as rows are needed, and at least 2, got {n_rows(self.X)} rows and "
                f"{n_rows(self.y)} labels."
            )


class Observer:
    """Looks at the models of one run, round by round.

    Parameters
    ----------
    needs : Criterion or tuple of str
        What is read; nothing else is computed.
    stop_set : container of m rows
        Whose predictions are followed.
    audit : AuditRows or None, default=None
        On which the models are measured.

    Notes
    -----
    A pass of the model over the stop set a round, two where probabilities are read too, and one over the audit rows.
    """

    def __init__(self, needs: Criterion | tuple[str, ...], stop_set: Any, audit: AuditRows | None = None) -> None:
        self.needs = needs.needs if isinstance(needs, Criterion) else needs
        self.stop_set = stop_set
        self.audit = audit
        self._looks = 0

    def observe(
        self,
        model: Any,
        n_labels: int,
        *,
        cost: float | None = None,
        n_left: int | None = None,
        unlabeled: NDArray[np.bool_] | None = None,
        asked_right: float | None = None,
    ) -> Observation:
        """Look at the model of a round.

        Parameters
        ----------
        model : estimator
            Fitted.
        n_labels, cost, n_left, unlabeled, asked_right
            What the loop knows; see `Observation`.

        Returns
        -------
        Observation
        """
        found: dict[str, Any] = {"numeric": is_regressor_like(model)}
        if "predicted" in self.needs:
            found["predicted"] = predicted_rows(model, self.stop_set)
        if {"confidence", "entropy"} & set(self.needs):
            found["confidence"], found["entropy"] = np.asarray(proba(model, self.stop_set, uncertainties)).T
        if self.audit is not None:
            self._looks += 1
            found |= measured(model, self.audit, self._looks)
        return Observation(n_labels, cost=cost, n_left=n_left, unlabeled=unlabeled, asked_right=asked_right, **found)


def predicted_rows(model: Any, X: Any) -> NDArray[Any]:
    """Predictions of a fitted model, block by block: in memory whatever the container."""
    parts = []
    for block, keep in blocks(X):
        part = to_numpy(model.predict(block))
        parts.append(part if keep is None else part[keep])
    return np.concatenate(parts)


def measured(model: Any, audit: AuditRows, look: int) -> dict[str, Any]:
    """Score, interval and size of the audit of a model."""
    predicted, y = predicted_rows(model, audit.X), np.asarray(audit.y)
    n = len(predicted)
    if is_regressor_like(model):
        score, low, high = numbers_interval(predicted.ravel() - y.ravel().astype(np.float64), look)
        return {"score": score, "low": low, "high": high, "n_audit": n, "unit": "minus the root mean squared error"}
    right = (predicted.reshape(n, -1) == y.reshape(n, -1)).all(axis=1)
    low, high = audit_interval(int(right.sum()), n, look)
    return {"score": float(right.mean()), "low": low, "high": high, "n_audit": n, "audit_right": right}


def right_share(model: Any, X: Any, rows: NDArray[np.intp], y: Any) -> float:
    """Share of some rows whose classes a model predicts right."""
    predicted, truth = predicted_rows(model, take(X, rows)), np.asarray(y)
    return float((predicted.reshape(len(rows), -1) == truth.reshape(len(rows), -1)).all(axis=1).mean())
