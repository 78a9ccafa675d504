"""A learning curve through the scores of the rounds: a power law, and how far it may be off."""

from __future__ import annotations

import functools
import numbers
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Gain", "LearningCurve", "fit_learning_curve"]

Floats = NDArray[np.float64]

# Exponents that are tried; the curve of the least squares wins. Below 0.1 a power law is a logarithm without an end.
_EXPONENTS = np.unique(np.concatenate([np.geomspace(0.1, 2.5, 24), [0.5, 1.0]]))
_LEAST_ROUNDS = 5  # three parameters, and something left to see how far the rounds are off


@dataclass(frozen=True)
class Gain:
    """What the next labels are expected to bring.

    Attributes
    ----------
    n_more : int
        How many more labels.
    expected, low, high : float
        Rise of the curve, and its 95 % interval, in the unit of the score.
    """

    n_more: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class LearningCurve:
    """The curve ``asymptote - scale * n ** -exponent`` through the scores of some rounds.

    Attributes
    ----------
    asymptote, scale, exponent : float
        The scale is at least 0: the curve never falls.
    n_labels : int
        Labels of the last round.
    resampled : ndarray of shape (r, 3)
        The same three numbers of the r curves of the bootstrap.
    """

    asymptote: float
    scale: float
    exponent: float
    n_labels: int
    resampled: Floats = field(repr=False)

    def at(self, n: ArrayLike) -> Floats:
        """Return the height of the curve at these label counts."""
        return np.asarray(self.asymptote - self.scale * np.power(np.asarray(n, dtype=np.float64), -self.exponent))

    def gain(self, n_more: int, level: float = 0.95) -> Gain:
        """Return how much higher the curve is after so many labels more.

        Parameters
        ----------
        n_more : int
            Labels beyond those of the last round.
        level : float, default=0.95
            Of the interval: percentiles of the curves of the bootstrap.

        Returns
        -------
        Gain
        """
        now, then = float(self.n_labels), float(self.n_labels + n_more)
        _, scale, exponent = self.resampled.T
        gains = scale * (now**-exponent - then**-exponent)
        low, high = np.quantile(gains, [(1 - level) / 2, (1 + level) / 2])
        expected = self.scale * (now**-self.exponent - then**-self.exponent)
        return Gain(int(n_more), float(expected), float(low), float(high))


def fit_learning_curve(
    n_labels: ArrayLike,
    scores: ArrayLike,
    n_audit: ArrayLike | None = None,
    *,
    audit_right: ArrayLike | None = None,
    ceiling: float | None = 1.0,
    n_resamples: int = 200,
    random_state: int = 0,
) -> LearningCurve:
    """Fit a power law with an asymptote to the scores of the rounds.

    Parameters
    ----------
    n_labels : array-like of shape (rounds,)
        Label counts, above 0; at least five rounds.
    scores : array-like of shape (rounds,)
        Higher is better.
    n_audit : array-like of shape (rounds,), default=None
        Rows that each score rests on; None: equally many.
    audit_right : array-like of bool of shape (rounds, m), default=None
        Which of m audit rows, the same in every round, the round's model predicts right; `scores` are its means. The
        bootstrap then draws audit rows too.
    ceiling : float or None, default=1.0
        No asymptote is above it; None: any.
    n_resamples : int, default=200
        Curves of the bootstrap.
    random_state : int, default=0
        Draws them; the same input gives the same curves.

    Returns
    -------
    LearningCurve

    Raises
    ------
    ValueError
        If there are fewer than five rounds, or numbers are out of their range.

    Notes
    -----
    Least squares in which the j-th of m rounds has the weight ``j / m`` of [1]_, times `n_audit`: late rounds say
    more of what comes. For each of 26 exponents from 0.1 to 2.5 the other two numbers are those of a straight line.

    **What is assumed**: that scores scatter about one power law without a trend, and that labels go on to be chosen
    as they were. A class that is found late, or another strategy, breaks it. The interval is that of a bootstrap of
    the residuals, ``sqrt(m / (m - 3))`` times as large for the three numbers that were fitted. That audit rows are
    easier than others is in no residual, and not in a gain either, which is a difference of two heights. How far a
    difference on the same audit rows may be off because they are a sample is in no residual either: with
    `audit_right` rows are drawn anew in each bootstrap. Residuals of neighbouring rounds that go together still make
    the interval too narrow. A hundredth of a second.

    References
    ----------
    .. [1] Figueroa, Zeng-Treitler, Kandula and Ngo, "Predicting sample size required for classification performance",
       BMC Medical Informatics and Decision Making 12:8, 2012: equation 1 and its weights.
    .. [2] Cortes, Jackel, Solla, Vapnik and Denker, "Learning curves: asymptotic values and rate of convergence",
       NIPS 1993.
    .. [3] Viering and Loog, "The shape of learning curves: a review", IEEE TPAMI 2023: when power laws do not hold.

    Examples
    --------
    >>> n = [20, 40, 60, 80, 100, 120]
    >>> curve = fit_learning_curve(n, [0.9 - 2 / k for k in n])
    >>> round(float(curve.at(200)), 2), round(curve.gain(120).expected, 3)
    (0.89, 0.008)
    """
    counts, heights, rows = _checked(n_labels, scores, n_audit)
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, numbers.Integral) or n_resamples < 1:
        raise ValueError(f"fit_learning_curve: n_resamples must be a whole number >= 1, got {n_resamples!r}.")
    right = b"" if audit_right is None else _checked_right(audit_right, heights).tobytes()
    return _fitted(tuple(counts), tuple(heights), tuple(rows), right, ceiling, int(n_resamples), random_state)


def _checked_right(audit_right: ArrayLike, scores: Floats) -> NDArray[np.bool_]:
    right = np.asarray(audit_right, dtype=bool)
    if right.ndim != 2 or len(right) != len(scores) or not np.allclose(right.mean(axis=1), scores):
        raise ValueError(
            "fit_learning_curve: audit_right must have a row for each round, whose means are the scores, got shape "
            f"{right.shape} for {len(scores)} rounds."
        )
    return right


@functools.lru_cache(maxsize=64)  # criteria beside each other, and a sentence about them, read one curve
def _fitted(
    n_labels: tuple[float, ...],
    scores: tuple[float, ...],
    n_audit: tuple[float, ...],
    audit_right: bytes,
    ceiling: float | None,
    n_resamples: int,
    random_state: int,
) -> LearningCurve:
    counts, heights, rows = (np.array(one) for one in (n_labels, scores, n_audit))
    m = len(counts)
    weights = np.arange(1, m + 1) / m * rows
    asymptote, scale, exponent = (float(x[0]) for x in _best(counts, heights[None], weights, ceiling))
    fitted = asymptote - scale * counts**-exponent
    residuals = (heights - fitted) * np.sqrt(rows * m / (m - 3))
    rng = np.random.default_rng(random_state)
    draws = rng.integers(m, size=(n_resamples, m))
    again = fitted + residuals[draws] / np.sqrt(rows)
    if audit_right:
        right = np.frombuffer(audit_right, dtype=bool).reshape(m, -1).astype(np.float64)
        n = right.shape[1]
        again += rng.multinomial(n, np.full(n, 1 / n), size=n_resamples) @ right.T / n - heights
    resampled = np.column_stack(_best(counts, again, weights, ceiling))
    return LearningCurve(asymptote, scale, exponent, int(counts[-1]), resampled)


def _checked(n_labels: ArrayLike, scores: ArrayLike, n_audit: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    counts, heights = np.asarray(n_labels, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    rows = np.ones_like(counts) if n_audit is None else np.asarray(n_audit, dtype=np.float64)
    if counts.ndim != 1 or counts.shape != heights.shape or counts.shape != rows.shape:
        raise ValueError(
            f"fit_learning_curve: n_labels, scores and n_audit must be of one length, got shapes {counts.shape}, "
            f"{heights.shape} and {rows.shape}."
        )
    if len(counts) < _LEAST_ROUNDS:
        raise ValueError(f"fit_learning_curve: at least {_LEAST_ROUNDS} rounds are needed, got {len(counts)}.")
    if not (np.isfinite(counts).all() and np.isfinite(heights).all() and np.isfinite(rows).all()):
        raise ValueError("fit_learning_curve: n_labels, scores and n_audit must be finite.")
    if (counts <= 0).any() or (rows <= 0).any() or (np.diff(counts) < 0).any():
        raise ValueError("fit_learning_curve: n_labels must be above 0 and not fall, and n_audit above 0.")
    return counts, heights, rows


def _best(counts: Floats, heights: Floats, weights: Floats, ceiling: float | None) -> tuple[Floats, Floats, Floats]:
    """Least squares of several rows of heights at once, (r, m); the same as many asymptotes, scales, exponents."""
    x = counts[None, :] ** -_EXPONENTS[:, None]  # (g, m)
    w = weights / weights.sum()
    x_mean, y_mean = x @ w, heights @ w  # (g,), (r,)
    x_var = (x**2) @ w - x_mean**2
    xy = (heights * w) @ x.T - y_mean[:, None] * x_mean  # (r, g)
    scale = np.maximum(np.divide(-xy, x_var, out=np.zeros_like(xy), where=x_var > 1e-18), 0.0)
    asymptote = y_mean[:, None] + scale * x_mean
    if ceiling is not None:
        over = asymptote > ceiling
        below = ceiling - heights  # (r, m)
        held = np.maximum((below * w) @ x.T / ((x**2) @ w), 0.0)
        scale, asymptote = np.where(over, held, scale), np.where(over, ceiling, asymptote)
    # mean of w * (y - a + b x)^2, from moments
    y_square = (heights**2) @ w
    x_square, xy_raw = (x**2) @ w, (heights * w) @ x.T
    error = (
        y_square[:, None]
        + asymptote**2
        + scale**2 * x_square
        - 2 * asymptote * y_mean[:, None]
        + 2 * scale * xy_raw
        - 2 * asymptote * scale * x_mean
    )
    chosen = np.argmin(error, axis=1)
    pick = (np.arange(len(heights)), chosen)
    return asymptote[pick], scale[pick], _EXPONENTS[chosen]
