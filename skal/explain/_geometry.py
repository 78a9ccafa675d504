"""Neighbours in an embedding: plain mathematics."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_argmin


def represented(Z: NDArray[Any], picked: NDArray[np.intp]) -> NDArray[np.intp]:
    """Count the rows of which each pick is the nearest one; of equally near picks the first.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        The pool.
    picked : ndarray of intp of shape (k,)
        Rows of it; each represents itself, also where rows repeat.

    Returns
    -------
    ndarray of intp of shape (k,)
        They add up to n.
    """
    owner = pairwise_distances_argmin(Z, Z[picked])
    owner[picked] = np.arange(len(picked))
    return np.bincount(owner, minlength=len(picked)).astype(np.intp)


def nearest(Z: NDArray[Any], known: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return the nearest known row of each row, and how far it is.

    Parameters
    ----------
    Z : ndarray of shape (k, d)
        Rows.
    known : ndarray of shape (m, d)
        At least one.

    Returns
    -------
    rows : ndarray of intp of shape (k,)
        Of `known`.
    distances : ndarray of shape (k,)
        Euclidean; equal rows are at exactly 0.
    """
    rows = np.asarray(pairwise_distances_argmin(Z, known), dtype=np.intp)
    return rows, np.linalg.norm(Z.astype(np.float64) - known[rows].astype(np.float64), axis=1)
