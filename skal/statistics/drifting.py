"""The mean of differences whose expectation drifts, with an interval that holds whenever one looks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._common import Floats, checked_level, finite

_STAKES = np.arange(0.05, 1.0, 0.1)  # shares of the wealth that are bet, each by a tenth of the money
_POINTS, _GRIDS = 65, 5  # of a grid, each of which is laid into a cell of the one before


@dataclass(frozen=True)
class AnytimeDifference:
    """A mean difference, its interval and the evidence for its sign, valid at any number of differences.

    Attributes
    ----------
    estimate : float
        The mean of the differences so far; NaN where there are none.
    low, high : float
        The interval, within [-1, 1], for the mean of what each difference was expected to be.
    evidence_above, evidence_below : float
        E-values against a mean of at most 0, and of at least 0; 1 says nothing. The interval lies above 0 where the
        first reaches ``2 / (1 - level)``, below 0 where the second does.
    n : int
        Differences.
    level : float
        Coverage.
    """

    estimate: float
    low: float
    high: float
    evidence_above: float
    evidence_below: float
    n: int
    level: float


def anytime_difference(differences: ArrayLike, *, level: float = 0.95) -> AnytimeDifference:
    """Interval, valid at any number of differences, for the mean of what each was expected to be.

    The differences need not have one expectation: two models that are compared on one new row after another may be
    trained anew between them, and the rows that are left may change. Look after each, and stop when you like: the
    intervals of all looks hold together with the probability `level`.

    Parameters
    ----------
    differences : array-like of shape (n,)
        In [-1, 1], such as 1 where the first model alone is right, -1 where the second alone is, else 0. What a
        difference is expected to be may depend on all before it.
    level : float, default=0.95
        Coverage.

    Returns
    -------
    AnytimeDifference
        Interval, and the evidence for either sign.

    Raises
    ------
    ValueError
        If a difference is outside of [-1, 1] or not finite.

    Notes
    -----
    For a stake s in (0, 1) the wealth ``prod(1 + s d_i)`` is at most ``exp(s (m_1 + ... + m_n))`` times a martingale
    that starts at 1, if m_i is the expectation of d_i given those before, since ``1 + s m <= exp(s m)``. The stake is
    the same for all differences, and the mean over ten stakes, 0.05 to 0.95, is fair as well. So means m are rejected
    against which ``exp(-s n m) prod(1 + s d_i)``, on the mean over stakes, reaches ``2 / (1 - level)``. The order of
    the differences changes nothing. A millisecond for a thousand differences.

    References
    ----------
    .. [1] Choe and Ramdas, "Comparing sequential forecasters", Operations Research 72, 2024: section 4, intervals
       and e-values for the mean of expected score differences that change with time.
    .. [2] Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024: the
       wealth of a bet.

    Examples
    --------
    Of 100 rows the first model alone was right on 22, the second alone on 5:

    >>> from skal.statistics import anytime_difference
    >>> found = anytime_difference([1] * 22 + [-1] * 5 + [0] * 73)
    >>> print(f"{found.estimate:.2f} [{found.low:.2f}, {found.high:.2f}], evidence {found.evidence_above:.0f}")
    0.17 [0.02, 0.36], evidence 119
    """
    who = "anytime_difference"
    limit = 2 / (1 - checked_level(level, who))
    d = finite(differences, "differences", who)
    if d.ndim != 1:
        raise ValueError(f"{who}: differences must have shape (n,), got {d.shape}.")
    if len(bad := d[np.abs(d) > 1]):
        raise ValueError(
            f"{who}: differences must be in [-1, 1], got {bad[0]:g}. Divide by the largest possible one, and "
            "multiply the interval by it."
        )
    if not len(d):
        return AnytimeDifference(math.nan, -1.0, 1.0, 1.0, 1.0, 0, level)
    up, down = _log_wealth(d), _log_wealth(-d)
    low, high = _least(up, len(d), limit), -_least(down, len(d), limit)
    above, below = (float(np.exp(np.minimum(logs, 700.0)).mean()) for logs in (up, down))
    return AnytimeDifference(float(d.mean()), low, high, above, below, len(d), level)


def _log_wealth(d: Floats) -> Floats:
    """Logarithm of the wealth of each stake."""
    return np.asarray(np.log1p(_STAKES[:, None] * d).sum(axis=1))


def _least(logs: Floats, n: int, limit: float) -> float:
    """The least mean that is not rejected, rounded down."""
    low, high = -1.0, 1.0
    for _ in range(_GRIDS):
        means = np.linspace(low, high, _POINTS)
        rejected = np.exp(np.minimum(logs - n * means[:, None] * _STAKES, 700.0)).mean(axis=1) >= limit
        if not rejected[0]:
            break
        first = (
            int(np.argmin(rejected)) or _POINTS - 1
        )  # all are rejected: of an interval that is narrower than a cell
        low, high = float(means[first - 1]), float(means[first])
    return low
