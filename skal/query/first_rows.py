"""The first rows to label, before there is any model to ask."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skal.data import n_rows
from skal.outputs import embedding as read_embedding
from skal.outputs import model_input
from skal.query.embedding.vae_means import fitted_vae
from skal.selection import k_center


def k_center_initialization(
    X: Any,
    n_instances: int,
    *,
    embedding: Any = None,
    n_seeds: int = 1,
    random_state: int | np.random.RandomState | None = None,
) -> NDArray[np.intp]:
    """Choose the rows that are labelled first: a few at random, then each the farthest from all chosen before.

    Parameters
    ----------
    X : container of n rows
        All rows.
    n_instances : int
        Rows to choose, in [1, n].
    embedding : callable or fitted transformer, default=None
        Gives the vectors in which distances are taken, for the paper a VAE's means. None: a
        `skal.neural.VariationalAutoencoder` is fitted to `X`.
    n_seeds : int, default=1
        Rows drawn at random to begin with, in [1, n_instances]. The paper calls for few and names no number.
    random_state : int, RandomState or None, default=None
        Draws the seeds and the order of ties, and seeds the VAE; None: NumPy's global generator.

    Returns
    -------
    ndarray of intp of shape (n_instances,)
        Distinct rows of `X`, in the order of the choice.

    Raises
    ------
    TypeError
        If a number is no int, or rows are no numbers and no embedding is given.
    ValueError
        If `n_instances` or `n_seeds` is out of range, or a row is not finite.

    Notes
    -----
    Time O(n n_instances d) and, without `embedding`, one training; memory O(n d).

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, algorithm 1.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [5.0], [9.0]])
    >>> k_center_initialization(line, 2, embedding=lambda rows: rows, random_state=3).tolist()
    [3, 0]
    """
    n = n_rows(X)
    n_instances = _checked("n_instances", n_instances, n, "the number of rows")
    n_seeds = _checked("n_seeds", n_seeds, n_instances, "n_instances")
    rng = check_random_state(random_state)
    seeds = rng.permutation(n)[:n_seeds]
    if n_seeds == n_instances:
        return np.asarray(seeds, dtype=np.intp)
    if embedding is None:
        X, _ = model_input(None, X)
        embedding = fitted_vae(X, rng)
    Z = read_embedding(None, X, embedding)
    others = np.setdiff1d(np.arange(n), seeds)
    picks, _ = k_center(Z[others], n_instances - n_seeds, Z[seeds], rng)
    return np.concatenate([seeds, others[picks]]).astype(np.intp)


def _checked(name: str, value: Any, most: int, what: str) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"k_center_initialization: {name} must be an int, got {value!r}.")
    number = int(value)
    if not 1 <= number <= most:
        raise ValueError(f"k_center_initialization: {name} must be in [1, {most}] ({what}), got {number}.")
    return number
