"""What the picks are worth in labels: how many a target needs, and how many are saved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._common import Floats, checked_level, finite, rising
from skal.statistics.curves import mean_interval


@dataclass(frozen=True)
class LabelsSaved:
    """Labels saved against the baseline, paired by trial.

    Attributes
    ----------
    target : float
        Score to be reached, in the units of the metric.
    mean : float
        Labels saved: what the baseline needs less what the strategy needs, mean over trials. Negative: the
        strategy needs more. NaN if no curve of either ever reaches the target.
    low, high : float
        Ends of the t interval of that mean; NaN with fewer than two trials.
    needed, baseline_needed : float
        Mean label counts at the target; a curve that never reaches it counts with its last label count.
    n_trials : int
        Trials counted: all of them.
    n_reached, n_baseline_reached, n_both_reached : int
        Trials whose curve reaches the target: of the strategy, of the baseline, of both.
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
    """Labels saved against a baseline at a target score, trial by trial.

    Parameters
    ----------
    n_labels : array-like of shape (rounds,)
        Label counts, rising.
    values, baseline : array-like of shape (trials, rounds)
        Curves of the strategy and of the baseline, of the same trials.
    target : float, default=None
        Score to be reached. None: the mean last score of the baseline.
    level : float, default=0.95
        Coverage of the t interval.

    Returns
    -------
    LabelsSaved
        The number, its interval, and how many curves reached the target.

    Notes
    -----
    No trial is left out: a curve that never reaches the target counts as if it did at its last label count. In
    each such trial that pulls the difference towards zero, whichever side wins, and exchanging the two sides
    only changes the sign; leaving such trials out would favour the side that fails in them. Where `n_reached`
    and `n_baseline_reached` are far apart, the side that gets there less often is worse than the mean says.
    At the default target about half of the baseline's curves stay below it; a lower target counts more real
    crossings. Noisy curves cross early, on both sides alike.

    Examples
    --------
    >>> found = labels_saved([10, 20, 30], [[0.5, 0.7, 0.8], [0.5, 0.8, 0.9]], [[0.5, 0.6, 0.7], [0.5, 0.6, 0.7]])
    >>> round(found.target, 2), round(found.mean, 2), found.n_both_reached
    (0.7, 11.67, 2)
    """
    who = "labels_saved"
    first, second = finite(values, "values", who), finite(baseline, "baseline", who)
    if first.ndim != 2 or first.shape != second.shape or len(first) == 0:
        raise ValueError(f"{who}: two arrays (trials, rounds) are needed, got {first.shape} and {second.shape}.")
    counts = rising(n_labels, first, who)
    level = checked_level(level, who)
    goal = float(second[:, -1].mean()) if target is None else float(target)
    needs = [labels_to_reach(counts, curves, goal) for curves in (first, second)]
    reached, baseline_reached = (~np.isnan(need) for need in needs)
    needed, baseline_needed = (np.where(np.isnan(need), counts[-1], need) for need in needs)
    saved = mean_interval(baseline_needed - needed, level)
    any_reached = bool((reached | baseline_reached).any())
    mean, low, high = (float(number) if any_reached else float("nan") for number in saved)
    return LabelsSaved(
        target=goal,
        mean=mean,
        low=low,
        high=high,
        needed=float(needed.mean()),
        baseline_needed=float(baseline_needed.mean()),
        n_trials=len(first),
        n_reached=int(reached.sum()),
        n_baseline_reached=int(baseline_reached.sum()),
        n_both_reached=int((reached & baseline_reached).sum()),
    )
