"""Labels around a row, weighed by a Gaussian kernel: what a Parzen window classifier counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Array = NDArray[np.float64]

_ELEMENTS = 2**22  # kernel values at a time
_DELTA = math.sqrt(2.0) * 1e-6

__all__ = ["kernel_blocks", "label_counts", "mean_criterion"]


def mean_criterion(Z: Array) -> float:
    """Width of a Gaussian kernel by the spread of the rows alone: gamma of ``exp(-gamma |z - z'|^2)``.

    The width s at which a row that lies as far from the others as rows do on the average has a kernel value of about
    delta^2 over their number: ``s^2 = 2 n v / ((n - 1) log((n - 1) / delta^2))``, v the sum of the columns'
    variances.

    References
    ----------
    .. [1] Chaudhuri et al., "The mean and median criteria for kernel bandwidth selection for support vector data
       description", ICDM workshops 2017, equation 13.
    """
    n, spread = len(Z), float(Z.var(axis=0).sum())
    if n < 2 or spread == 0:
        return 1.0  # all rows are one point
    return (n - 1) * math.log((n - 1) / _DELTA**2) / (4.0 * n * spread)


def kernel_blocks(Z: Array, centers: Array, gamma: float) -> Any:
    """Yield kernel values of some rows at a time to all centres; equal rows have equal values."""
    step = max(1, _ELEMENTS // max(len(centers), 1))
    for start in range(0, len(Z), step):
        yield np.exp(-gamma * cdist(Z[start : start + step], centers, "sqeuclidean"))


def label_counts(Z: Array, Z_labeled: Array, columns: NDArray[np.intp], n_classes: int, gamma: float) -> Array:
    """Return the labels of each class around each row, (n, C), a label counting for its kernel value."""
    counts = np.zeros((len(Z), n_classes))
    start = 0
    for K in kernel_blocks(Z, Z_labeled, gamma):
        for c in range(n_classes):
            counts[start : start + len(K), c] = K[:, columns == c].sum(axis=1)
        start += len(K)
    return counts
