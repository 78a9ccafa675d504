"""How many sought rows a pool holds, from the random rows of a search that also goes after them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.statistics._common import Floats, checked_level

_POINTS = 400  # totals that the prior is laid on


@dataclass(frozen=True)
class SoughtTotal:
    """An interval for the number of sought rows in a pool, and for the share of them that is found.

    Attributes
    ----------
    n_found : int
        Sought rows that are known.
    low, high : int
        The interval of the total, those that are known counted.
    n_draws : int
        Random rows that it rests on.
    level : float
        Coverage.
    """

    n_found: int
    low: int
    high: int
    n_draws: int
    level: float

    @property
    def recall(self) -> tuple[float, float]:
        """Interval of the share of the sought rows that is found; (0, 1) while none is found and some may be left."""
        if self.n_found == 0:
            return (1.0, 1.0) if self.high == 0 else (0.0, 1.0)
        return self.n_found / self.high, self.n_found / self.low


def anytime_total(
    hits: ArrayLike,
    n_left: ArrayLike,
    n_known: ArrayLike,
    population: int,
    *,
    n_found: int,
    n_unseen: int,
    level: float = 0.95,
) -> SoughtTotal:
    """Interval for the number of sought rows in a pool, while a search labels some rows by choice and some at random.

    Each random row is drawn uniformly from the rows that are left when it is drawn. What is chosen in between, and
    what is learned from the random rows, may be anything: the rows that were chosen are known, so a total says how
    many sought rows are among those that are left, and hence how likely the next random row is one.

    Parameters
    ----------
    hits : array-like of shape (n,)
        Whether each random row is sought (1) or not (0), in the order of drawing.
    n_left : array-like of shape (n,)
        Rows from which each was drawn, itself counted.
    n_known : array-like of shape (n,)
        Sought rows outside of these: among the rows that were chosen or drawn before.
    population : int
        Rows of the pool.
    n_found : int
        Sought rows that are known now.
    n_unseen : int
        Rows whose label is not known now.
    level : float, default=0.95
        Coverage of all looks together: look after each row, and stop when you like what you see.

    Returns
    -------
    SoughtTotal
        Totals from `n_found` to ``n_found + n_unseen`` that are not rejected.

    Raises
    ------
    ValueError
        If numbers do not fit each other.

    Notes
    -----
    With total T the probability of a hit at draw t is ``(T - n_known[t]) / n_left[t]``. The likelihood of another
    total over that of the true one is a martingale that begins at 1, and so is a mean of such ratios with weights
    that were fixed beforehand; by Ville's inequality it ever reaches 1 / (1 - level) with a probability of at most
    1 - level. Weights are proportional to 1 / (T + 1), which serves rare rows. It is exact at any size. Time
    O(n log N), and 400 likelihoods for the mean.

    References
    ----------
    .. [1] Waudby-Smith and Ramdas, "Confidence sequences for sampling without replacement", NeurIPS 2020, section 2:
       the ratio of prior and posterior; here with rows that leave the pool by choice.

    Examples
    --------
    >>> found = anytime_total([0] * 200, range(1000, 800, -1), [0] * 200, 1000, n_found=0, n_unseen=800)
    >>> found.high
    19
    """
    who = "anytime_total"
    y, left, known = _draws(hits, n_left, n_known, who)
    checked_level(level, who)
    for name, value in (("population", population), ("n_found", n_found), ("n_unseen", n_unseen)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise ValueError(f"{who}: {name} must be a whole number >= 0, got {value!r}.")
    if n_found + n_unseen > population:
        raise ValueError(
            f"{who}: n_found and n_unseen are rows of the pool, at most {population} (population) together, got "
            f"{n_found} and {n_unseen}."
        )
    if len(y) and int((known + y).max()) > n_found:
        raise ValueError(
            f"{who}: n_found counts all sought rows, at least {int((known + y).max())} by n_known and hits, got "
            f"{n_found}."
        )
    low, high = int(n_found), int(n_found + n_unseen)
    if not len(y):
        return SoughtTotal(low, low, high, 0, level)
    least = _mean_likelihood(y, left, known, int(population)) + math.log(1 - level)
    best = _peak(y, left, known, low, high)

    def holds(total: int) -> bool:
        return bool(_log_likelihood(np.array([total]), y, left, known)[0] >= least)

    if not holds(best):  # only where labels contradict each other, or in the share of runs that an interval may miss
        return SoughtTotal(low, best, best, len(y), level)
    return SoughtTotal(low, _furthest(holds, best, low), _furthest(holds, best, high), len(y), level)


def draws_needed(n_left: int, n_missed: int, *, level: float = 0.95) -> int:
    """Random rows without a hit after which more than `n_missed` sought rows among those left are ruled out.

    Parameters
    ----------
    n_left : int
        Rows that are left.
    n_missed : int
        Sought rows that may remain among them.
    level : float, default=0.95
        Of a single look, with the number of rows fixed beforehand.

    Returns
    -------
    int
        At most ``n_left - n_missed``, after which no more than these can be left.

    Notes
    -----
    The smallest n at which a sample without replacement misses all of ``n_missed + 1`` rows with a probability of
    ``1 - level`` at most, as in the test of Callaghan and Müller-Hansen on a random final sample.

    References
    ----------
    .. [1] Callaghan and Müller-Hansen, "Statistical stopping criteria for automated screening in systematic reviews",
       Systematic Reviews 9, 2020: the hypergeometric test.

    Examples
    --------
    >>> draws_needed(1000, 9)
    258
    >>> draws_needed(1000, 0)
    950
    """
    from scipy.stats import hypergeom

    tail = 1 - checked_level(level, "draws_needed")
    for name, value in (("n_left", n_left), ("n_missed", n_missed)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise ValueError(f"draws_needed: {name} must be a whole number >= 0, got {value!r}.")
    if n_missed >= n_left:
        return 0
    low, high = 0, int(n_left - n_missed)
    while low < high:
        middle = (low + high) // 2
        if hypergeom.pmf(0, n_left, n_missed + 1, middle) <= tail * (1 + 1e-9):
            high = middle
        else:
            low = middle + 1
    return low


def _draws(hits: ArrayLike, n_left: ArrayLike, n_known: ArrayLike, who: str) -> tuple[Floats, Floats, Floats]:
    y, left, known = (np.asarray(one, dtype=np.float64) for one in (hits, n_left, n_known))
    if not y.ndim == left.ndim == known.ndim == 1 or not len(y) == len(left) == len(known):
        raise ValueError(
            f"{who}: hits, n_left and n_known must have one number a draw, got shapes {y.shape}, {left.shape} and "
            f"{known.shape}."
        )
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError(f"{who}: hits must be 0 or 1, got {y[~np.isin(y, (0.0, 1.0))][0]:g}.")
    if (left < 1).any() or (known < 0).any() or (left != np.floor(left)).any() or (known != np.floor(known)).any():
        raise ValueError(f"{who}: n_left must be whole numbers >= 1, and n_known >= 0.")
    return y, left, known


def _log_likelihood(totals: NDArray[np.intp], y: Floats, left: Floats, known: Floats) -> Floats:
    """Of each total; -inf where a draw contradicts it."""
    share = np.clip((totals[:, None] - known) / left, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.where(y == 1, share, 1 - share)).sum(axis=1))


def _mean_likelihood(y: Floats, left: Floats, known: Floats, population: int) -> float:
    """Logarithm of the mean over totals with weights about 1 / (T + 1), whatever was seen."""
    edges = np.unique(np.round(np.geomspace(1, population + 2, _POINTS)).astype(np.intp))
    weights = np.diff(np.log(edges))
    values = _log_likelihood(edges[:-1] - 1, y, left, known)
    return float(np.logaddexp.reduce(values + np.log(weights / weights.sum())))


def _peak(y: Floats, left: Floats, known: Floats, low: int, high: int) -> int:
    """The likeliest total; the logarithm is concave where it is finite."""
    while low < high:
        middle = (low + high) // 2
        here, above = _log_likelihood(np.array([middle, middle + 1]), y, left, known)
        if here > above or (here == above and here > -math.inf):
            high = middle
        elif above > here or (above == -math.inf and bool(((middle < known + 1) & (y == 1)).any())):
            low = middle + 1  # likelier, or fewer than were drawn
        else:
            high = middle
    return low


def _furthest(holds: Callable[[int], bool], inside: int, end: int) -> int:
    """The last total from `inside`, where something holds, towards an end, beyond which it holds no more."""
    if holds(end):
        return end
    outside = end
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        if holds(middle):
            inside = middle
        else:
            outside = middle
    return inside
