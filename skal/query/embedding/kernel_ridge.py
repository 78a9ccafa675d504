"""Kernel ridge regression on labelled rows, read block by block: equal rows get equal numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

Array = NDArray[np.float64]

_ELEMENTS = 2**22  # kernel values at a time


def spread_gamma(*tables: Array) -> float:
    """Return one over the sum of the columns' variances, over all rows of the tables: of a Gaussian kernel."""
    spread = float(np.vstack(tables).var(axis=0).sum())
    return 1.0 / spread if spread > 0 else 1.0


class KernelRidge:
    """Functions of least ``sum of squared errors + ridge |f|^2``, one a column of the targets.

    Parameters
    ----------
    known : ndarray of shape (m, d)
        Labelled rows.
    targets : ndarray of shape (m, k)
        What the functions should be there.
    gamma : float or None
        Of the kernel ``exp(-gamma |z - z'|^2)``; None: the product of two vectors.
    ridge : float
        Positive.
    """

    def __init__(self, known: Array, targets: Array, gamma: float | None, ridge: float) -> None:
        self.known, self.gamma, self.ridge = known, gamma, ridge
        factor = cho_factor(self._kernel(known) + ridge * np.eye(len(known)))
        self.weights = cho_solve(factor, targets)
        self._inverse = cho_solve(factor, np.eye(len(known)))

    def predict(self, Z: Array) -> Array:
        """Return the functions (n, k) at rows."""
        return np.concatenate([np.einsum("ij,jc->ic", K, self.weights) for _, K in self._blocks(Z)])

    def variance(self, Z: Array) -> Array:
        """Return the variance of a Gaussian process of this kernel at rows, with noise of variance `ridge`."""
        found = []
        for block, K in self._blocks(Z):
            own = np.ones(len(block)) if self.gamma is not None else (block**2).sum(axis=1)
            explained = (np.einsum("ij,jk->ik", K, self._inverse) * K).sum(axis=1)
            found.append(np.maximum(own + self.ridge - explained, np.finfo(float).eps * self.ridge))
        return np.concatenate(found)

    def _blocks(self, Z: Array) -> Iterator[tuple[Array, Array]]:
        step = max(1, _ELEMENTS // len(self.known))
        for start in range(0, len(Z), step):
            yield Z[start : start + step], self._kernel(Z[start : start + step])

    def _kernel(self, Z: Array) -> Array:
        if self.gamma is None:
            return np.einsum("id,jd->ij", Z, self.known)
        return np.asarray(np.exp(-self.gamma * cdist(Z, self.known, "sqeuclidean")))
