"""Scores of rows with several labels that look at more than the row itself: known label sets, and the whole pool."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from skal.scores._common import Floats, checked_table

__all__ = [
    "cardinality_inconsistency",
    "loss_reduction",
    "margin_ranking",
    "separation_margin",
    "set_inconsistency",
]


def cardinality_inconsistency(P: ArrayLike, cardinality: float) -> Floats:
    """Score by how far the number of predicted labels is from the usual one.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label; one is predicted where it exceeds one half.
    cardinality : float
        Mean number of labels of a labelled row.

    Returns
    -------
    ndarray of shape (n,)
        Absolute differences, in labels.

    References
    ----------
    .. [1] Li & Guo, "Active learning with multi-label SVM classification", IJCAI 2013, section 3.2.

    Examples
    --------
    >>> cardinality_inconsistency([[0.9, 0.8, 0.1], [0.2, 0.3, 0.1]], cardinality=1.5).tolist()
    [0.5, 1.5]
    """
    predicted = checked_table(P, "cardinality_inconsistency") > 0.5
    return np.asarray(np.abs(predicted.sum(axis=1) - float(cardinality)))


def separation_margin(P: ArrayLike) -> Floats:
    """Score by how little the predicted labels stand out from the others.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.

    Returns
    -------
    ndarray of shape (n,)
        In [-2, 0]: minus the separation margin, the smallest ``f = 2 p - 1`` of the predicted labels less the largest
        of the others. Where all labels are predicted, or none, 0 stands for the side that is empty.

    Notes
    -----
    The paper takes decision values of SVMs for f, and one over the margin for a score, which is the same order. It
    does not say what the margin is where one side is empty; libact takes it to be infinite, so that rows with no
    predicted label, the first ones of many models, are never asked for. Here the threshold, the virtual label of the
    paper's training, stands in.

    References
    ----------
    .. [1] Li & Guo, "Active learning with multi-label SVM classification", IJCAI 2013, section 3.1.

    Examples
    --------
    >>> separation_margin([[1.0, 0.75, 0.25], [0.25, 0.25, 0.0]]).tolist()
    [-1.0, -0.5]
    """
    f = 2.0 * checked_table(P, "separation_margin") - 1.0
    lowest = np.where(f > 0, f, np.inf).min(axis=1)
    highest = np.where(f > 0, -np.inf, f).max(axis=1)
    return np.asarray(np.where(np.isfinite(highest), highest, 0.0) - np.where(np.isfinite(lowest), lowest, 0.0))


def loss_reduction(P: ArrayLike, n_labels: ArrayLike) -> Floats:
    """Score by the loss that the labels of a row are expected to take away, if it has so many of them.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.
    n_labels : array-like of int of shape (n,)
        How many labels each row is thought to have: the most probable ones.

    Returns
    -------
    ndarray of shape (n,)
        In [0, L]: the sum over labels of ``(1 - y f) / 2`` with ``f = 2 p - 1`` and y of +1 for the labels that the
        row is thought to have, -1 for the others.

    Raises
    ------
    ValueError
        If there is not one number from 0 to L for each row.

    References
    ----------
    .. [1] Yang et al., "Effective multi-label active learning for text classification", KDD 2009, equation 10.

    Examples
    --------
    >>> loss_reduction([[1.0, 0.5, 0.25]], [2]).tolist()
    [0.75]
    """
    P = checked_table(P, "loss_reduction")
    counts = np.asarray(n_labels)
    if counts.shape != (len(P),) or not np.isin(counts, np.arange(P.shape[1] + 1)).all():
        raise ValueError(
            f"loss_reduction: n_labels must hold a number from 0 to {P.shape[1]} for each of {len(P)} rows, got "
            f"shape {counts.shape}{f' and {counts.min()} to {counts.max()}' if counts.size else ''}."
        )
    falling = -np.sort(-P, axis=1)
    is_thought = np.arange(P.shape[1]) < counts[:, None]
    return np.asarray(np.where(is_thought, 1.0 - falling, falling).sum(axis=1))


def margin_ranking(P: ArrayLike) -> Floats:
    """Score by the places of a row in the rankings of all rows by each label's margin (Borda's count).

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1]; 1 where a row has the smallest margin ``|2 p - 1|`` of each label. Equal margins share their mean
        place. A row that is alone gets 1.

    References
    ----------
    .. [1] Reyes, Morell & Ventura, "Effective active learning strategy for multi-label learning", Neurocomputing
       2018, section 3.

    Examples
    --------
    >>> margin_ranking([[0.5, 0.25], [0.75, 0.5], [1.0, 1.0]]).tolist()
    [0.75, 0.75, 0.0]
    """
    margins = np.abs(2.0 * checked_table(P, "margin_ranking") - 1.0)
    n = len(margins)
    if n < 2:
        return np.ones(n)
    places = rankdata(margins, axis=0)
    return np.asarray((n - places).mean(axis=1) / (n - 1))


def set_inconsistency(P: ArrayLike, Y: ArrayLike) -> Floats:
    """Score by how unlike the known label sets the predicted one is.

    Parameters
    ----------
    P : array-like of shape (n, L)
        Probability of each label; one is predicted where it exceeds one half.
    Y : array-like of shape (m, L)
        Label sets that are known, 0 and 1.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1]: the mean over known sets of the normalised entropy distance ``(2 H(u, v) - H(u) - H(v)) / H(u, v)``
        of two sets, read as two binary variables that are seen L times; of sets that differ in all labels 1, which
        the distance alone would call alike.

    Raises
    ------
    ValueError
        If there is no known set, or it has another width than `P`.

    Notes
    -----
    Equal sets are compared once: time O(u v) and memory O(u v) for u different predicted and v different known sets.

    References
    ----------
    .. [1] Reyes, Morell & Ventura, "Effective active learning strategy for multi-label learning", Neurocomputing
       2018, section 3.

    Examples
    --------
    The first is the known set, the second has nothing in common with it, and the third is as good as independent:

    >>> set_inconsistency([[0.9, 0.9, 0.1, 0.1], [0.1, 0.1, 0.9, 0.9], [0.9, 0.1, 0.9, 0.1]], [[1, 1, 0, 0]]).tolist()
    [0.0, 1.0, 1.0]
    """
    predicted = checked_table(P, "set_inconsistency") > 0.5
    known = np.asarray(Y)
    if known.ndim != 2 or known.shape[1] != predicted.shape[1] or len(known) == 0:
        raise ValueError(
            f"set_inconsistency: Y must hold known label sets of shape (m, {predicted.shape[1]}), got {known.shape}."
        )
    sets, which = np.unique(predicted, axis=0, return_inverse=True)
    others, counts = np.unique(known.astype(bool), axis=0, return_counts=True)
    distances = _set_distances(sets.astype(np.float64), others.astype(np.float64))
    return np.asarray((distances @ counts / counts.sum())[which.ravel()])


def _set_distances(U: Floats, V: Floats) -> Floats:
    """Entropy distances (u, v) of sets, 1 where they differ in everything."""
    L = U.shape[1]
    both = U @ V.T
    ones, others = U.sum(axis=1)[:, None], V.sum(axis=1)[None]
    cells = np.stack([both, ones - both, others - both, L - ones - others + both]) / L  # each of the four ways
    joint = _bits(cells).sum(axis=0)
    apart = 2.0 * joint - _bits(ones / L) - _bits(1.0 - ones / L) - _bits(others / L) - _bits(1.0 - others / L)
    distances = np.divide(apart, joint, out=np.zeros_like(joint), where=joint > 0)
    distances[cells[1] + cells[2] == 1.0] = 1.0
    return np.asarray(distances.clip(0.0, 1.0))


def _bits(share: Floats) -> Floats:
    """``- p log2 p``, 0 where p is 0."""
    return np.asarray(-share * np.log2(share, out=np.zeros_like(share), where=share > 0))
