"""Where a mean curve falls through zero, and where it may: a t test at every place, turned into an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from skal.statistics._common import Floats

_STEPS = 16  # places between two rounds at which the curve is tested


@dataclass(frozen=True)
class Crossing:
    """The place at which the mean over trials of curves that fall is zero.

    Attributes
    ----------
    place : float
        Minus infinity where the mean is below zero from the first place on, infinity where it never falls to zero;
        NaN where it is zero everywhere.
    low, high : float
        Ends of the interval; infinite where the curves do not tell; NaN with one trial.
    """

    place: float
    low: float
    high: float


def crossing(places: Floats, curves: Floats, level: float) -> Crossing:
    """Find where the mean of curves that fall goes through zero.

    The interval holds every place at which a t test over the trials cannot tell the mean from zero (Fieller's way).
    Both the mean and the limits of the tests are made monotone by isotonic regression, so that noise between rounds
    neither moves the first crossing to the left nor leaves holes in the interval.

    Parameters
    ----------
    places : ndarray of shape (m,)
        Rising.
    curves : ndarray of shape (trials, m)
        Read as straight lines between two places.
    level : float
        Coverage of the interval.

    Returns
    -------
    Crossing
        Place and interval.
    """
    n = len(curves)
    place = _place(places, _falling(curves.mean(axis=0)))
    if n < 2:
        return Crossing(place, np.nan, np.nan)
    # Between two rounds the spread is less than straight lines between the ends of their intervals would have it.
    fine, fine_curves = _between(places, curves)
    mean = fine_curves.mean(axis=0)
    half = stats.t.ppf(0.5 + level / 2, n - 1) * fine_curves.std(axis=0, ddof=1) / np.sqrt(n)
    low, high = (_falling(limit) for limit in (mean - half, mean + half))
    return Crossing(place, _first_not_above(fine, low), -_first_not_above(-fine[::-1], -high[::-1]))


def _between(places: Floats, curves: Floats) -> tuple[Floats, Floats]:
    """Return places and curves with more points between two rounds, by linear interpolation."""
    if len(places) == 1:
        return places, curves
    steps = np.arange((len(places) - 1) * _STEPS + 1)
    left = np.minimum(steps // _STEPS, len(places) - 2)
    share = (steps - left * _STEPS) / _STEPS
    return (
        places[left] * (1 - share) + places[left + 1] * share,
        curves[:, left] * (1 - share) + curves[:, left + 1] * share,
    )


def _falling(values: Floats) -> Floats:
    return np.asarray(optimize.isotonic_regression(values, increasing=False).x)


def _first_not_above(places: Floats, values: Floats) -> float:
    """Return the first place at which falling values are at or below zero: infinite at and beyond the edges."""
    below = values <= 0
    if not below.any():
        return float("inf")
    k = int(below.argmax())
    if k == 0:
        return float("-inf")
    share = values[k - 1] / (values[k - 1] - values[k])
    return float(places[k - 1] + share * (places[k] - places[k - 1]))


def _place(places: Floats, values: Floats) -> float:
    """Return where falling values are zero, the middle where that is a stretch; infinite beyond the edges."""
    first, last = _first_not_above(places, values), -_first_not_above(-places[::-1], -values[::-1])
    if first == -np.inf and last == np.inf:
        return float("nan")
    if np.isinf(first) or np.isinf(last):  # zero from the edge on, or never: the sign of the edge decides
        return first if np.isinf(first) else last
    return (first + last) / 2
