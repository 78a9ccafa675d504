"""Contextual diversity: the farthest rows by what the model confuses them with."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import (
    _BLOCK_ELEMENTS,
    Floats,
    Indices,
    RandomState,
    check_finite_rows,
    checked_n,
    generator,
    greedy,
    tie_ranks,
)


def contextual_k_center(
    P: ArrayLike,
    n: int,
    centers: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    smoothing: float = 1e-6,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Select n rows, each the farthest from all centres so far by the divergence of its class probabilities.

    Parameters
    ----------
    P : array-like of shape (n_pool, C) or (n_pool, K, C)
        Class probabilities; or, of images, a matrix with the mean probabilities of the pixels that are predicted as
        each of K classes, rows of zeros for classes that an image does not have.
    n : int
        In [1, n_pool].
    centers : array-like of shape (m, C) or (m, K, C), default=None
        The same of rows already chosen. None or no rows: the first row is drawn at random.
    random_state : int, RandomState or None, default=None
        Draws the order of ties and a first row; None: NumPy's global generator.
    smoothing : float, default=1e-6
        Added to every probability, positive: the divergence from a probability of 0 is finite.
    random_tie_break : bool, default=True
        False: rows at equal distance are taken in row order.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        Divergence from the nearest centre when picked, never rising.

    Notes
    -----
    The distance is ``sum over c of (KL(P_c || Q_c) + KL(Q_c || P_c)) / 2`` over the classes c that both rows have: no
    metric, so nothing is promised of the radius. Classes without a common pixel add nothing. The authors' code
    leaves out classes with a probability of 0 instead of smoothing it. Time O(n_pool (m + n) K C); memory O(n_pool K
    C).

    References
    ----------
    .. [1] Agarwal et al., "Contextual diversity for active learning", ECCV 2020, pairwise contextual
       diversity and CDAL-CS.

    Examples
    --------
    >>> contextual_k_center([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]], 2, centers=[[0.9, 0.1]], random_state=0)[0]
    array([2, 1])
    """
    rows = _Mixtures(_checked(P, "P", None), smoothing)
    n = checked_n(n, len(rows.P), "contextual_k_center")
    rng = generator(random_state)
    ranks = tie_ranks(len(rows.P), rng, random_tie_break)
    nearest = np.full(len(rows.P), np.inf)
    chosen = None if centers is None or len(np.asarray(centers)) == 0 else centers
    first = int(rng.randint(len(nearest))) if chosen is None else None
    if chosen is not None:
        known = _Mixtures(_checked(chosen, "centers", rows.P.shape[1:]), smoothing)
        for center in range(len(known.P)):
            np.minimum(nearest, rows.divergences(known, center), out=nearest)

    def update(row: int) -> None:
        np.minimum(nearest, rows.divergences(rows, row), out=nearest)

    return greedy(n, lambda: nearest, update, ranks, first)


def class_mixtures(P: ArrayLike) -> Floats:
    """Average the class probabilities of the pixels of each image by the class that they are predicted as.

    Parameters
    ----------
    P : array-like of shape (n, C, ...)
        Class probabilities of pixels.

    Returns
    -------
    ndarray of shape (n, C, C)
        Row c of an image: the mean probabilities of its pixels whose most likely class is c (the first of equals), or
        zeros where there are none.

    Notes
    -----
    Time O(n C^2) a pixel, in matrix products; memory of one image besides the result.

    References
    ----------
    .. [1] Agarwal et al., "Contextual diversity for active learning", ECCV 2020.

    Examples
    --------
    >>> class_mixtures([[[0.9, 0.7, 0.2], [0.1, 0.3, 0.8]]]).round(2).tolist()  # one image of three pixels
    [[[0.8, 0.2], [0.2, 0.8]]]
    """
    images: Floats = np.asarray(P)
    if images.ndim < 3:
        raise ValueError(f"class_mixtures: P must have shape (n, C, ...) with pixels, got {images.shape}.")
    n, C = images.shape[:2]
    mixtures = np.zeros((n, C, C))
    for row, image in enumerate(images.reshape(n, C, -1)):
        pixels = image.astype(np.float64)
        predicted = pixels.argmax(axis=0) == np.arange(C)[:, None]  # (C, n_pixels)
        count = predicted.sum(axis=1, keepdims=True)
        mixtures[row] = predicted.astype(np.float64) @ pixels.T / np.maximum(count, 1)
    return mixtures


class _Mixtures:
    """Class mixtures (n, K, C), smoothed, their logarithms, and which classes a row has."""

    def __init__(self, P: Floats, smoothing: float) -> None:
        if not 0 < smoothing < np.inf:
            raise ValueError(f"contextual_k_center: smoothing must be positive, got {smoothing!r}.")
        self.present = P.sum(axis=2) > 0  # (n, K)
        smooth = P + smoothing
        self.P = smooth / smooth.sum(axis=2, keepdims=True)
        self.log_P = np.log(self.P)

    def divergences(self, others: _Mixtures, row: int) -> Floats:
        """Divergence of each row from one of the others; equal rows are at exactly 0."""
        out = np.empty(len(self.P))
        step = max(1, _BLOCK_ELEMENTS // max(1, self.P[0].size))
        common = self.present & others.present[row]
        for start in range(0, len(out), step):
            block = slice(start, start + step)
            difference = self.P[block] - others.P[row]
            logs = self.log_P[block] - others.log_P[row]
            per_class = np.einsum("nkc,nkc->nk", difference, logs)
            out[block] = 0.5 * np.einsum("nk,nk->n", per_class, common[block])
        return out


def _checked(P: ArrayLike, name: str, wanted: tuple[int, ...] | None) -> Floats:
    """Return P as float64 of shape (n, K, C), or raise; wanted: (K, C)."""
    array: Floats = np.asarray(P, dtype=np.float64)
    mixtures = array[:, None, :] if array.ndim == 2 else array
    if mixtures.ndim != 3 or mixtures.shape[2] == 0 or (wanted is not None and mixtures.shape[1:] != wanted):
        shape = "(n, C) or (n, K, C)" if wanted is None else f"(n, {wanted[1]}) or (n, {wanted[0]}, {wanted[1]})"
        raise ValueError(f"contextual_k_center: {name} must have shape {shape}, got {array.shape}.")
    check_finite_rows(array, name, "contextual_k_center")
    if array.size and array.min() < -1e-6:
        raise ValueError(f"contextual_k_center: {name} must be at least 0, got {array.min()}.")
    return np.maximum(mixtures, 0.0)
