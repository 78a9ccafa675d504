"""What the picks are worth in labels: how many a target needs, and how many are saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._common import Floats, checked_level, finite, rising
from skal.statistics._crossings import Crossing, crossing

Bound = Literal["", "at least", "at most"]


@dataclass(frozen=True)
class LabelsSaved:
    """Labels saved against the baseline, by the mean curves of paired trials.

    Attributes
    ----------
    target : float
        Score to be reached, in the units of the metric.
    mean : float
        Labels saved: what the mean curve of the baseline needs for the target less what that of the strategy needs.
        Negative: the strategy needs more. NaN if it cannot be said: neither mean curve reaches the target, or no
        curve rises.
    low, high : float
        Ends of its interval; infinite where the curves set no end to it, NaN with fewer than two trials.
    needed, baseline_needed : float
        Label counts at which the mean curves reach the target; NaN for one that never does.
    n_trials : int
        Trials counted: all of them.
    n_reached, n_baseline_reached, n_both_reached : int
        Trials whose own curve reaches the target: of the strategy, of the baseline, of both.
    bound : {"", "at least", "at most"}, default=""
        What `mean` is where one mean curve never reaches the target: the baseline's ("at least"), or the
        strategy's ("at most"). It then takes that curve to get there at the last label count.
    """

    target: float
    mean: float
    low: float
    high: float
    needed: float
    baseline_needed: float
    n_trials: int
    n_reached: int
    n_baseline_reached: int
    n_both_reached: int
    bound: Bound = ""


def labels_to_reach(n_labels: ArrayLike, values: ArrayLike, target: float) -> Floats:
    """Label count at which a curve first reaches the target.

    Parameters
    ----------
    n_labels : array-like of shape (rounds,)
        Label counts, rising.
    values : array-like of shape (..., rounds)
        Accuracy, or another metric of which more is better, at each count.
    target : float
        In the units of the metric.

    Returns
    -------
    ndarray of shape (...)
        By linear interpolation between two counts; the first count if the curve starts at or above the
        target; NaN if it never gets there.

    Notes
    -----
    A noisy curve crosses early, so the mean of these counts over trials is too low, and trials that never cross
    have none. To compare two strategies use `labels_saved`, which reads mean curves.

    Examples
    --------
    The first crossing counts, even if the curve falls below the target again.

    >>> labels_to_reach([10, 20, 40], [[0.5, 0.7, 0.6], [0.1, 0.2, 0.3]], 0.6)
    array([15., nan])
    """
    heights = finite(values, "values", "labels_to_reach")
    counts = rising(n_labels, heights, "labels_to_reach")
    goal = float(finite(target, "target", "labels_to_reach"))
    reached = heights >= goal  # (..., rounds)
    right = reached.argmax(axis=-1)[..., None]  # (..., 1), the first round at or above the target
    left = np.maximum(right - 1, 0)
    after, before = np.take_along_axis(heights, right, -1), np.take_along_axis(heights, left, -1)
    share = np.divide(goal - before, after - before, out=np.zeros_like(before), where=after > before)
    needed = counts[left] + share * (counts[right] - counts[left])
    return np.asarray(np.where(reached.any(axis=-1), needed[..., 0], np.nan))


def labels_saved(
    n_labels: ArrayLike,
    values: ArrayLike,
    baseline: ArrayLike,
    target: float | None = None,
    level: float = 0.95,
) -> LabelsSaved:
    """Labels saved against a baseline: the distance between two mean learning curves at one height.

    Parameters
    ----------
    n_labels : array-like of shape (rounds,)
        Label counts, rising.
    values, baseline : array-like of shape (trials, rounds)
        Curves of the strategy and of the baseline, of the same trials; more is better.
    target : float, default=None
        Score to be reached. None: the last mean score of the side that ends lower, which both mean curves reach. So
        a strategy that is ahead is asked how many labels it needs for what the baseline ends with; one that is
        behind, how many the baseline needs for what the strategy ends with.
    level : float, default=0.95
        Coverage of the interval.

    Returns
    -------
    LabelsSaved
        The number, its interval, and how many curves reached the target.

    Notes
    -----
    Curves rise but for noise (isotonic regression of the means), and are straight between two counts. Exchanging the
    two sides changes signs only.

    The interval of the default target holds every number of labels d for which a paired t test cannot tell the
    strategy's score at ``last - d`` from the baseline's at ``last`` (for negative d the sides change places), as in
    Fieller's theorem [1]_: no trial needs to reach the target, and a spread that trials share drops out. In 2000
    simulated studies of 5 and of 10 trials, 95 % intervals held the true number in 94 to 97 % of them
    (``benchmarks/interval_coverage.py``). With a given target each mean curve has such an interval; the two are
    joined by the square-and-add rule with the correlation of the two sides [2]_. It covers about as well; an end is
    infinite if a curve may not reach the target at all.

    The counts are about this data set and its splits. The flatter the curves, the wider the interval: where the last
    rounds bring less than the noise of one, ask for a lower target.

    References
    ----------
    .. [1] Fieller, "Some problems in interval estimation", JRSS B 1954.
    .. [2] Zou & Donner, "Construction of confidence limits about effect measures: a general approach", Statistics in
       Medicine 2008, doi:10.1002/sim.3095; for paired sides Zou, Psychological Methods 2007.

    Examples
    --------
    >>> found = labels_saved([10, 20, 30], [[0.5, 0.7, 0.8], [0.5, 0.8, 0.9]], [[0.5, 0.6, 0.7], [0.5, 0.6, 0.7]])
    >>> round(found.target, 2), round(found.mean, 2), round(found.needed, 2), found.baseline_needed
    (0.7, 12.0, 18.0, 30.0)

    A baseline that never gets there needs more than its last label count:

    >>> found = labels_saved([10, 20, 30], [[0.5, 0.7, 0.9]] * 2, [[0.5, 0.6, 0.7]] * 2, target=0.8)
    >>> found.bound, round(found.mean, 2), found.baseline_needed
    ('at least', 5.0, nan)
    """
    who = "labels_saved"
    first, second = finite(values, "values", who), finite(baseline, "baseline", who)
    if first.ndim != 2 or first.shape != second.shape or len(first) == 0:
        raise ValueError(f"{who}: two arrays (trials, rounds) are needed, got {first.shape} and {second.shape}.")
    counts = rising(n_labels, first, who)
    level = checked_level(level, who)
    if target is None:
        goal = float(min(first[:, -1].mean(), second[:, -1].mean()))
        mean, low, high, needed, baseline_needed, bound = _at_the_lower_end(counts, first, second, level)
    else:
        goal = float(finite(target, "target", who))
        mean, low, high, needed, baseline_needed, bound = _at_a_target(counts, first, second, goal, level)
    if len(first) < 2:
        low = high = float("nan")
    reached, baseline_reached = ((curves >= goal).any(axis=1) for curves in (first, second))
    return LabelsSaved(
        target=goal,
        mean=mean,
        low=low,
        high=high,
        needed=needed,
        baseline_needed=baseline_needed,
        n_trials=len(first),
        n_reached=int(reached.sum()),
        n_baseline_reached=int(baseline_reached.sum()),
        n_both_reached=int((reached & baseline_reached).sum()),
        bound=bound,
    )


_Saved = tuple[float, float, float, float, float, Bound]


def _at_the_lower_end(counts: Floats, first: Floats, second: Floats, level: float) -> _Saved:
    """Saved at the height at which the lower mean curve ends: mean, low, high, needed by either, bound."""
    start, last = float(counts[0]), float(counts[-1])
    # By the number of labels saved, from the fewest: the strategy's last score less the baseline's at each count,
    # then the strategy's at each count, from the last down, less the baseline's last score. Both fall.
    saved = np.concatenate([counts - last, (last - counts[::-1])[1:]])
    gaps = np.concatenate([first[:, -1:] - second, first[:, -2::-1] - second[:, -1:]], axis=1)
    found = crossing(saved, gaps, level)
    most = last - start
    if np.isposinf(found.place):  # the strategy begins above what the baseline ends with
        return most, min(found.low, most), found.high, start, np.nan, "at least"
    if np.isneginf(found.place):
        return -most, found.low, max(found.high, -most), np.nan, start, "at most"
    needed, baseline_needed = last - max(found.place, 0.0), last + min(found.place, 0.0)
    return found.place, found.low, found.high, float(needed), float(baseline_needed), ""


def _at_a_target(counts: Floats, first: Floats, second: Floats, goal: float, level: float) -> _Saved:
    """Saved at a given height: mean, low, high, needed by either, bound."""
    start, last = float(counts[0]), float(counts[-1])
    strategy, baseline = (crossing(counts, goal - curves, level) for curves in (first, second))
    needed, baseline_needed = (_needed(found, start) for found in (strategy, baseline))
    # Nobody needs fewer than the first count; what a side needs beyond the last one is not known.
    least, baseline_least = (min(max(found.low, start), last) for found in (strategy, baseline))
    if np.isnan(needed) and np.isnan(baseline_needed):
        return np.nan, -np.inf, np.inf, needed, baseline_needed, ""
    if np.isnan(baseline_needed):
        mean = last - needed
        return mean, min(baseline_least - strategy.high, mean), np.inf, needed, baseline_needed, "at least"
    if np.isnan(needed):
        mean = baseline_needed - last
        return mean, -np.inf, max(baseline.high - least, mean), needed, baseline_needed, "at most"
    mean = baseline_needed - needed
    shared = _correlation(counts, first, second, needed, baseline_needed)
    low = mean - _joined(baseline_needed - baseline_least, strategy.high - needed, shared)
    high = mean + _joined(baseline.high - baseline_needed, needed - least, shared)
    return mean, low, high, needed, baseline_needed, ""


def _needed(found: Crossing, start: float) -> float:
    """Label count from which nothing is missing: the first one if nothing ever was, NaN if something always is."""
    if np.isposinf(found.place):
        return float("nan")
    return start if np.isnan(found.place) else max(found.place, start)


def _joined(one: float, other: float, shared: float) -> float:
    """Half width of a difference of two estimates from their own half widths and their correlation."""
    if np.isinf(one) or np.isinf(other):
        return float("inf")
    return float(np.sqrt(max(one**2 + other**2 - 2 * shared * one * other, 0.0)))


def _correlation(counts: Floats, first: Floats, second: Floats, at: float, baseline_at: float) -> float:
    """Correlation over trials of the two sides' scores where they reach the target; 0 if it cannot be had."""
    one = np.array([np.interp(at, counts, curve) for curve in first])
    other = np.array([np.interp(baseline_at, counts, curve) for curve in second])
    spread = one.std() * other.std()
    if len(one) < 3 or spread <= 1e-15:
        return 0.0
    return float(np.clip(((one - one.mean()) * (other - other.mean())).mean() / spread, -1, 1))
