"""How plausible both classes are at a row, among all logistic regressions that explain the labels well."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit

from skal.scores._common import Floats, checked_table

__all__ = ["epistemic_of_logistic"]

Array = NDArray[np.float64]

_ELEMENTS = 2**22  # numbers of a block of rows at work
_STEPS = 60  # of either search: both halve an interval where Newton's step leaves it
_CLOSE = 1e-10


def epistemic_of_logistic(Z: ArrayLike, Z_labeled: ArrayLike, of_class: ArrayLike, *, C: float = 1.0) -> Floats:
    """Score by how plausible it is, for either class, that a logistic regression that fits the labels says so.

    Parameters
    ----------
    Z : array-like of shape (n, d)
        Rows to score.
    Z_labeled : array-like of shape (m, d)
        Labelled rows.
    of_class : array-like of bool of shape (m,)
        Which of them are of the class.
    C : float, default=1.0
        Inverse strength of the penalty, positive, as in `sklearn.linear_model.LogisticRegression`; here the intercept
        is penalised as the other coefficients are, as in the papers.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1]: 1 where both answers fit the labels as well as the best model does.

    Notes
    -----
    The likelihood of a model is taken relative to the best one, penalty included. A class is as plausible as the
    largest, over all models, of the smaller of that likelihood and of how far the model's probability p of the class
    is above one half, ``2 p - 1``; the score is the smaller of the two plausibilities. For each row and class one
    number is searched, the model's linear value at the row, and for each value tried the best model that has it, by
    Newton's method in the space that labelled rows span, of k = min(m, d + 1) dimensions. Time O(n k^2 (m + k)) a
    step, about ten to thirty steps a class; memory O(n d), and 32 MB for what is at work.

    References
    ----------
    .. [1] Nguyen, Destercke & Hüllermeier, "Epistemic uncertainty sampling", DS 2019, equations 5 to 8 and 13.
    .. [2] Nguyen, Shaker & Hüllermeier, "How to measure uncertainty in uncertainty sampling for active learning",
       Machine Learning 111, 2022, section 3.

    Examples
    --------
    >>> epistemic_of_logistic([[0.0], [4.0]], [[-1.0], [1.0]], [False, True]).round(3).tolist()
    [0.472, 0.523]
    """
    rows, known = checked_table(Z, "epistemic_of_logistic"), checked_table(Z_labeled, "epistemic_of_logistic")
    sign = np.where(np.asarray(of_class, dtype=bool), 1.0, -1.0)
    if known.shape[1] != rows.shape[1] or sign.shape != (len(known),):
        raise ValueError(
            "epistemic_of_logistic: Z_labeled needs the columns of Z, and of_class an entry for each of its rows; "
            f"got {known.shape} beside {rows.shape}, and {sign.shape}."
        )
    if not (math.isfinite(C) and C > 0):
        raise ValueError(f"epistemic_of_logistic: C must be a finite number above 0, got {C!r}.")
    problem = _Problem(_with_one(known), sign, 1.0 / C)
    step = max(1, _ELEMENTS // max(problem.k * (len(known) + problem.k), 1))
    parts = [problem.scores(_with_one(rows[at : at + step])) for at in range(0, max(len(rows), 1), step)]
    return np.concatenate(parts)


def _with_one(Z: Floats) -> Array:
    return np.hstack([Z.astype(np.float64), np.ones((len(Z), 1))])


class _Problem:
    """The labels, in coordinates of the space that their rows span; what lies beside it is one more coordinate."""

    def __init__(self, known: Array, sign: Array, penalty: float) -> None:
        self.basis = np.linalg.qr(known.T)[0]  # (d + 1, k)
        self.signed = (known @ self.basis) * sign[:, None]  # (m, k)
        self.penalty = penalty
        self.k = self.basis.shape[1]
        found = minimize(
            self._loss, np.zeros(self.k), jac=self._slope, hess=self._curvature, method="trust-exact",
            options={"gtol": 1e-9},
        )  # fmt: skip
        self.best, self.least = found.x, float(found.fun)

    def _loss(self, w: Array) -> float:
        return float(np.logaddexp(0.0, -self.signed @ w).sum() + self.penalty / 2 * w @ w)

    def _slope(self, w: Array) -> Array:
        return np.asarray(self.penalty * w - self.signed.T @ expit(-self.signed @ w))

    def _curvature(self, w: Array) -> Array:
        p = expit(-self.signed @ w)
        return np.asarray((self.signed.T * (p * (1.0 - p))) @ self.signed + self.penalty * np.eye(self.k))

    def scores(self, rows: Array) -> Array:
        inside = rows @ self.basis
        beside = np.sqrt(np.maximum((rows**2).sum(axis=1) - (inside**2).sum(axis=1), 0.0))
        return np.minimum(*(self._plausibility(_Rows(self, sign * inside, beside)) for sign in (1.0, -1.0)))

    def _plausibility(self, rows: _Rows) -> Array:
        """Where the likelihood of the best model of linear value v, falling in v, meets 2 p - 1 = tanh(v / 2)."""
        with np.errstate(all="ignore"):
            value, closed = rows.by_newton()
        if not closed.all():
            value[~closed] = rows.some(~closed).by_halves()
        return np.asarray(np.tanh(value / 2))


class _Rows:
    """Rows of which the best models of a linear value are searched, by the multiplier of that constraint.

    The best model of a value lies in the span of labels and row: `w` in the span of labels, `c` beside it, where it
    meets no label. Of the multiplier t it is the least of ``loss(w) + penalty c^2 / 2 - t v``.
    """

    def __init__(self, problem: _Problem, inside: Array, beside: Array) -> None:
        self.of, self.inside, self.beside = problem, inside, beside

    def some(self, which: NDArray[np.bool_]) -> _Rows:
        return _Rows(self.of, self.inside[which], self.beside[which])

    def by_newton(self) -> tuple[Array, NDArray[np.bool_]]:
        """Values where the curves meet, by Newton's method on model and multiplier at once; and whether it got there.

        It starts where the curves would meet if the loss were its quadratic approximation at the best model.
        """
        w, c, t = self._start()
        closed = np.zeros(len(w), dtype=bool)
        for _ in range(_STEPS):
            value = self._values(w, c)
            slope, ahead, left = self._directions(w, c, t)
            gap = self._losses(w, c) - self.of.least + _log_tanh(value)
            cross = 1.0 / np.sinh(np.minimum(value, 300.0))
            # The linear model of the gap along left + change * ahead is 0.
            per_row = slope[0] + cross[:, None] * self.inside, slope[1] + cross * self.beside
            change = -(gap + _dot(per_row, left)) / _dot(per_row, ahead)
            step_w, step_c = left[0] + change[:, None] * ahead[0], left[1] + change * ahead[1]
            moved = self._values(step_w, step_c)
            size = np.where(moved < -0.9 * value, -0.9 * value / np.where(moved < 0, moved, 1.0), 1.0)  # v stays > 0
            lost = ~np.isfinite(size * change + moved)  # a row that went astray stays where it is, and is not closed
            w = np.where(lost[:, None], w, w + size[:, None] * step_w)
            c, t = np.where(lost, c, c + size * step_c), np.where(lost, t, t + size * change)
            closed = ~lost & (np.abs(moved) <= _CLOSE * (1.0 + value)) & (np.abs(gap) <= 1e-7) & (t >= 0)
            if (closed | lost).all():
                break
        return self._values(w, c), closed

    def by_halves(self) -> Array:
        """The same by halving an interval of multipliers: slow, and sure."""
        low, high = np.zeros(len(self.inside)), np.ones(len(self.inside))
        for _ in range(_STEPS):
            short = self._gap_at(high)[0] < 0
            if not short.any():
                break
            low, high = np.where(short, high, low), np.where(short, 2.0 * high, high)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            below = self._gap_at(middle)[0] < 0
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return self._gap_at(high)[1]

    def _start(self) -> tuple[Array, Array, Array]:
        best, ridge = self.of.best, self.of.penalty
        towards = np.linalg.solve(self.of._curvature(best), self.inside.T).T
        curve = (self.inside * towards).sum(axis=1) + self.beside**2 / ridge
        at_best = self.inside @ best
        low = np.maximum(at_best, 0.0)
        high = low + 1.0 + 10.0 * np.sqrt(curve)
        for _ in range(30):
            middle = (low + high) / 2
            below = (middle - at_best) ** 2 / (2.0 * curve) + _log_tanh(middle) < 0
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        t = (high - at_best) / curve
        return best + t[:, None] * towards, t * self.beside / ridge, t

    def _gap_at(self, t: Array) -> tuple[Array, Array]:
        """How far the loss is above the log likelihood's meeting point, and the value, of the best model at t."""
        w, c = np.repeat(self.of.best[None], len(t), axis=0), t * self.beside / self.of.penalty
        for _ in range(_STEPS):
            here = self._losses(w, c) - t * self._values(w, c)
            _, _, (step_w, _) = self._directions(w, c, t)
            size, worse = np.ones(len(t)), np.ones(len(t), dtype=bool)
            for _ in range(_STEPS):
                after = self._losses(w + size[:, None] * step_w, c)
                after -= t * self._values(w + size[:, None] * step_w, c)
                worse = after > here
                if not worse.any():
                    break
                size = np.where(worse, size / 2, size)
            w = np.where(worse[:, None], w, w + size[:, None] * step_w)
            if (np.abs(here - after) <= 1e-13 * (1.0 + np.abs(here))).all():
                break
        value = self._values(w, c)
        return self._losses(w, c) - self.of.least + _log_tanh(value), value

    def _directions(self, w: Array, c: Array, t: Array) -> tuple[Any, Any, Any]:
        """The loss's slope, where a larger multiplier leads, and the Newton step at this multiplier; each (w, c)."""
        signed, ridge = self.of.signed, self.of.penalty
        p = expit(-(w @ signed.T))  # (b, m)
        slope = ridge * w - p @ signed
        H = np.matmul(signed.T[None] * (p * (1.0 - p))[:, None, :], signed) + ridge * np.eye(self.of.k)
        solved = np.linalg.solve(H, np.stack([self.inside, t[:, None] * self.inside - slope], axis=2))
        ahead = solved[..., 0], self.beside / ridge
        left = solved[..., 1], t * self.beside / ridge - c
        return (slope, ridge * c), ahead, left

    def _values(self, w: Array, c: Array) -> Array:
        return np.asarray((w * self.inside).sum(axis=1) + c * self.beside)

    def _losses(self, w: Array, c: Array) -> Array:
        of_labels = np.logaddexp(0.0, -(w @ self.of.signed.T)).sum(axis=1)
        return np.asarray(of_labels + self.of.penalty / 2 * ((w**2).sum(axis=1) + c**2))


def _dot(one: tuple[Array, Array], other: tuple[Array, Array]) -> Array:
    return np.asarray((one[0] * other[0]).sum(axis=1) + one[1] * other[1])


def _log_tanh(value: Array) -> Array:
    """Logarithm of 2 p - 1 at a linear value; -inf where the class is the less likely one."""
    with np.errstate(divide="ignore"):
        return np.log(np.tanh(np.maximum(value, 0.0) / 2))
