"""What the statistics share: types, and the checks at the door."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]


def differences(values: ArrayLike, baseline: ArrayLike, who: str) -> Floats:
    """Return values less baseline of shape (trials, ...), free of rounding, or raise.

    They are rounded to a multiple of 2**-44 of the largest value: what differs by rounding alone is zero,
    equal differences are equal (ties), and their sums over up to 128 trials are exact, whatever the order.
    """
    first, second = finite(values, "values", who), finite(baseline, "baseline", who)
    if first.ndim == 0 or len(first) == 0:
        raise ValueError(f"{who}: values must have at least one trial (axis 0), got shape {first.shape}.")
    if second.ndim and first.shape != second.shape:
        raise ValueError(
            f"{who}: values and baseline must be of the same trials, got {first.shape} and {second.shape}."
        )
    largest = max(np.abs(first).max(initial=0.0), np.abs(second).max(initial=0.0))
    quantum = np.ldexp(1.0, int(np.frexp(largest)[1]) - 44)
    return np.asarray(np.round((first - second) / quantum) * quantum)


def one_a_trial(values: ArrayLike, baseline: ArrayLike, who: str) -> Floats:
    """Return the differences of shape (trials,), or raise."""
    if np.ndim(values) != 1 or np.shape(values) != np.shape(baseline):
        raise ValueError(f"{who}: one number a trial is needed, got {np.shape(values)} and {np.shape(baseline)}.")
    return differences(values, baseline, who)


def finite(values: ArrayLike, name: str, who: str) -> Floats:
    """Return values as floats, or raise if one is NaN or infinite."""
    array: Floats = np.asarray(values, dtype=np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        first = bad[0].tolist()
        raise ValueError(f"{who}: {name} must be finite, got {len(bad)} NaN or infinite, the first at {first}.")
    return array


def checked_level(level: float, who: str) -> float:
    """Return level, or raise: a coverage, not an error rate."""
    if not 0.5 <= level < 1:
        hint = f" Did you mean {1 - level:g}?" if 0 < level < 0.5 else ""
        raise ValueError(f"{who}: level is a coverage in [0.5, 1), such as 0.95, got {level}.{hint}")
    return float(level)


def rising(n_labels: ArrayLike, values: Floats, who: str) -> Floats:
    """Return label counts of shape (rounds,) that rise and fit the curves, or raise."""
    counts = np.asarray(n_labels, dtype=np.float64)
    if counts.ndim != 1 or len(counts) == 0:
        raise ValueError(f"{who}: n_labels must have shape (rounds,) with at least one, got {counts.shape}.")
    if values.ndim == 0 or values.shape[-1] != len(counts):
        got = values.shape[-1] if values.ndim else "a single number"
        raise ValueError(f"{who}: values must have {len(counts)} rounds, got {got}.")
    if not (np.diff(counts) > 0).all():
        raise ValueError(f"{who}: n_labels must rise, got {counts.tolist()}.")
    return counts
