"""Calibration: how well a model knows how often it is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._common import finite


def expected_calibration_error(P: ArrayLike, y: ArrayLike, bins: int = 15) -> float:
    """Expected calibration error (ECE) of the most probable class.

    Rows are binned by their highest probability; within a bin the share that is right is compared with the
    mean of that probability.

    Parameters
    ----------
    P : array-like of shape (n, C)
        Probabilities.
    y : array-like of int of shape (n,)
        True classes as columns of `P`: positions, not labels. -1: a class that has no column, always missed.
    bins : int, default=15
        Bins of equal width over (0, 1], each open on the left and closed on the right.

    Returns
    -------
    float
        In [0, 1], less is better: mean over rows of their bin's gap. Of equal probabilities the first is
        taken.

    Notes
    -----
    The value depends on `bins`, and is above 0 by chance even for a calibrated model; compare it only
    between models tested on as many rows.

    References
    ----------
    .. [1] Guo et al., "On calibration of modern neural networks", ICML 2017, equation 3.

    Examples
    --------
    Sure of 0.9 and right once in two: a gap of 0.4.

    >>> round(expected_calibration_error([[0.9, 0.1], [0.9, 0.1]], [0, 1]), 4)
    0.4
    """
    who = "expected_calibration_error"
    probabilities = finite(P, "P", who)
    if probabilities.ndim != 2 or 0 in probabilities.shape:
        raise ValueError(f"{who}: P must have shape (n, C), at least one of each, got {probabilities.shape}.")
    n, n_classes = probabilities.shape
    totals = probabilities.sum(axis=1)
    if probabilities.min() < 0 or np.abs(totals - 1).max() > 1e-3:
        worst = float(totals[np.abs(totals - 1).argmax()])
        low = float(probabilities.min())
        raise ValueError(f"{who}: rows of P must be probabilities, got a sum of {worst:g} and a minimum of {low:g}.")
    positions = np.asarray(y)
    if positions.shape != (n,) or positions.dtype.kind not in "iu":
        got = f"{positions.shape} of {positions.dtype}"
        raise ValueError(f"{who}: y must be {n} positions of classes (integers), got {got}.")
    if positions.min() < -1 or positions.max() >= n_classes:
        got = f"{positions.min()} to {positions.max()}"
        raise ValueError(f"{who}: y must be in [0, {n_classes - 1}], or -1 for a class without a column, got {got}.")
    if bins < 1:
        raise ValueError(f"{who}: bins must be at least 1, got {bins}.")
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == positions
    inner_edges = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    bin_of_row = np.digitize(confidence, inner_edges, right=True)
    # share of rows * |accuracy - confidence| = |sum of (right - confidence)| / n
    gaps = np.bincount(bin_of_row, weights=right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / n)
