"""The n highest scores."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.selection._common import (
    Floats,
    Indices,
    RandomState,
    check_finite_rows,
    checked_n,
    generator,
)

if TYPE_CHECKING:
    import torch

    Scores = ArrayLike | torch.Tensor


def top_k(
    scores: Scores, n: int, random_state: RandomState = None, *, random_tie_break: bool = True
) -> tuple[Indices, Floats]:
    """Select the n rows of the highest score, highest first.

    Parameters
    ----------
    scores : array-like or torch.Tensor of shape (n_pool,)
        Finite scores, higher = ask first. Those of a tensor are ranked on its device, half precision as float32.
    n : int
        In [1, n_pool].
    random_state : int, RandomState or None, default=None
        Orders equal scores at random, by one number drawn from it; None: NumPy's global generator.
    random_tie_break : bool, default=True
        False: equal scores are taken in row order, and nothing is drawn.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, best first.
    scores : ndarray of shape (n,)
        Their scores, falling.

    Raises
    ------
    ValueError
        If a score is NaN or infinite, or n is out of range.

    Notes
    -----
    Time O(n_pool + n log n), memory O(n_pool): one partition. One number is drawn, whatever the size of the pool and
    the scores, and a row's rank among equals is a hash of that number and of the row: a permutation of a million
    rows takes many times as long as finding the thousand that are picked, and only equals have to be ordered.

    Only the rows at or above the n-th score leave the device of a tensor, and the picks are those of the same
    numbers in NumPy.

    References
    ----------
    .. [1] Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: the hash, SplitMix64.

    Examples
    --------
    >>> top_k([0.1, 0.9, 0.5], 2, random_state=0)
    (array([1, 2]), array([0.9, 0.5]))
    """
    torch = sys.modules.get("torch")
    find = _candidates_of_tensor if torch is not None and isinstance(scores, torch.Tensor) else _candidates
    candidates, values = find(scores, n)
    rng = generator(random_state)
    ranks = _hashes(candidates, rng) if random_tie_break else candidates
    last = np.flatnonzero(values == values.min())  # only some of these, as a rule
    surplus = len(candidates) - n
    if surplus:
        keep = np.ones(len(candidates), dtype=bool)
        keep[last[np.argpartition(ranks[last], len(last) - surplus)[len(last) - surplus :]]] = False
        candidates, values, ranks = candidates[keep], values[keep], ranks[keep]
    order = np.lexsort((ranks, -values))
    return candidates[order], values[order]


def _hashes(rows: Indices, rng: np.random.RandomState) -> NDArray[np.uint64]:
    """Distinct numbers in random order, one a row: SplitMix64 of the row's number, from a point that is drawn."""
    z = rows.astype(np.uint64) + rng.randint(0, 2**64, dtype=np.uint64)
    z *= np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _candidates(scores: ArrayLike, n: int) -> tuple[Indices, Floats]:
    """Rows at or above the n-th score, and their scores."""
    values: Floats = np.asarray(scores)
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    n = _checked(values, n)
    check_finite_rows(values, "scores", "top_k")
    threshold = np.partition(values, len(values) - n)[len(values) - n]
    candidates = np.flatnonzero(values >= threshold)
    return candidates, values[candidates]


def _candidates_of_tensor(scores: Any, n: int) -> tuple[Indices, Floats]:
    """As `_candidates`, on the device of a tensor."""
    values = scores.detach()
    if not values.is_floating_point():
        values = values.double()
    elif values.element_size() < 4:
        values = values.float()
    n = _checked(values, n)
    finite = values.isfinite()
    if not finite.all():
        check_finite_rows(np.where(finite.cpu().numpy(), 0.0, np.nan), "scores", "top_k")
    candidates = (values >= values.topk(n, sorted=False).values.min()).nonzero()[:, 0]
    return candidates.cpu().numpy().astype(np.intp), values[candidates].cpu().numpy()


def _checked(values: Any, n: int) -> int:
    if values.ndim != 1:
        raise ValueError(f"top_k: scores must have shape (n_pool,), got {tuple(values.shape)}.")
    return checked_n(n, len(values), "top_k")
