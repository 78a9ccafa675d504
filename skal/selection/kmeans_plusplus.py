"""k-means++ seeding as a selection: far rows are likely, not certain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import Floats, Indices, Progress, RandomState, checked_n, generator, untold
from skal.selection._k_center_arithmetic import arithmetic, beside, n_rows
from skal.selection._k_center_nearest import Nearest, Shortlist
from skal.selection._k_center_rows import Points, Rows, checked_table, distinct, prepare, scale_for
from skal.selection.gradient_embedding import GradientEmbedding, Gradients

if TYPE_CHECKING:
    import torch

_PROPOSALS = 256  # at a time; not by n, so that a shorter selection begins a longer one
_PATIENCE = 0.25  # of the pool: so many proposals in vain are worth a pass over it


def kmeans_plusplus(
    Z: ArrayLike | torch.Tensor | GradientEmbedding,
    n: int,
    centers: ArrayLike | torch.Tensor | GradientEmbedding | None = None,
    random_state: RandomState = None,
    *,
    first: str = "random",
    origin: bool = False,
    progress: Progress | None = None,
) -> tuple[Indices, Floats]:
    """Draw n distinct rows, each with probability proportional to its squared distance to the centres so far.

    Parameters
    ----------
    Z : array-like or torch.Tensor of shape (n_pool, d), or GradientEmbedding
        Points. A memory map is read block by block; gradient embeddings are never multiplied out. Tensors stay on
        their device, and distances are taken there.
    n : int
        In [1, n_pool].
    centers : as `Z`, m rows, default=None
        Points already chosen, on which the draws are conditioned; brought to the device of `Z`.
    random_state : int, RandomState or None, default=None
        Draws the rows; None: NumPy's global generator.
    first : {"random", "largest"}, default="random"
        The first row where there are no centres: drawn uniformly (with `origin`: by the squared length), or the row
        of the largest length, equals drawn.
    origin : bool, default=False
        Count zero as a centre from the start, so that short rows stay unlikely.
    progress : callable, default=None
        ``progress(picked, n)`` after each batch of draws. What it raises ends the selection.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the draws.
    scores : ndarray of shape (n,)
        Squared distance to the nearest centre when drawn; a first row without a centre gets the largest squared
        distance to it. Not sorted: the draws are random.

    Raises
    ------
    TypeError
        If n is no int, centres and points are not of one kind, or a tensor is sparse or complex.
    ValueError
        If n is out of range, a shape is wrong, a value is not finite, there is no such first row, or a tensor is on a
        device without float64.

    Notes
    -----
    The law is exact. Rows are proposed in proportion to a bound above their squared distance, and accepted in the
    proportion of the distance to the bound; only the distances of proposed rows are taken, many in one matrix
    product, and exactly where centres are near (`k_center`). The bounds are renewed when they have become loose.
    Where all rows left coincide with a centre, the draw is uniform among them.

    Time O(n_pool (m + n) d) at most, in matrix products; memory beyond `Z` and `centers` O(n_pool) and a block. Of
    tensors the host sees a few numbers a row and never the rows; bounds and results are NumPy arrays. A seed mostly
    draws the rows that it draws from an array, but need not: the bounds, by which rows are proposed, are rounded
    otherwise. The law is the same.

    References
    ----------
    .. [1] Arthur & Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007, section 2.2.

    Examples
    --------
    >>> indices, scores = kmeans_plusplus([[0.0], [0.0], [9.0]], 2, centers=[[0.0]], random_state=0)
    >>> indices[0], scores.tolist()
    (np.int64(2), [81.0, 0.0])
    """
    if first not in ("random", "largest"):
        raise ValueError(f"kmeans_plusplus: first must be 'random' or 'largest', got {first!r}.")
    pool, given = _rows(Z, centers)
    n = checked_n(n, len(pool), "kmeans_plusplus")
    draws = _Draws(Nearest(pool, given), generator(random_state), progress or untold)
    if len(given) == 0 and first == "largest":
        lengths = pool.squared_norms()
        draws.start(np.flatnonzero(lengths == lengths.max()), n)
    elif len(given) == 0 and not origin:
        draws.start(np.arange(len(pool)), n)
    if origin:
        np.minimum(draws.nearest.squared, pool.squared_norms(), out=draws.nearest.squared)
    if len(given):
        draws.nearest.bound()
    draws.run(n)
    return np.array(draws.picks, dtype=np.intp), np.array(draws.scores) / pool.scale / pool.scale


class _Draws:
    """Rows drawn one after the other, each making the rows near to it unlikely."""

    def __init__(self, nearest: Nearest, rng: np.random.RandomState, told: Progress) -> None:
        self.nearest = nearest
        self.rng = rng
        self.told = told
        self.picks: list[int] = []
        self.scores: list[float] = []

    def start(self, among: Indices, n: int) -> None:
        """Draw a first row uniformly among some, and take the distances of all others to it."""
        row = int(among[self.rng.randint(len(among))])
        self.nearest.add(row)
        self.nearest.update(np.arange(len(self.nearest.squared)))
        self.picks.append(row)
        self.scores.append(float(self.nearest.squared.max()))
        self.told(1, n)

    def run(self, n: int) -> None:
        """Draw until there are n."""
        squared, in_vain = self.nearest.squared, 0
        while len(self.picks) < n:
            if not squared.any():  # nothing tells the rows left apart
                left = np.setdiff1d(np.arange(len(squared)), self.picks)
                rows = self.rng.permutation(left)[: n - len(self.picks)].tolist()
                self.picks += rows
                self.scores += [0.0] * len(rows)
                self.told(n, n)
                return
            before = len(self.picks)
            self._propose(n)
            accepted = len(self.picks) - before
            if accepted:
                self.told(len(self.picks), n)
            in_vain += _PROPOSALS - accepted
            if accepted == 0 or in_vain > _PATIENCE * len(squared):
                self.nearest.update(np.arange(len(squared)))
                in_vain = 0

    def _propose(self, n: int) -> None:
        """Draw rows by the bounds, and accept each in the proportion of its distance to its bound."""
        cumulative = np.cumsum(self.nearest.squared)
        where, chance = self.rng.random_sample((2, _PROPOSALS))
        last = np.flatnonzero(self.nearest.squared)[-1]
        rows = np.minimum(np.searchsorted(cumulative, where * cumulative[-1], side="right"), last)
        rows, positions = np.unique(rows, return_inverse=True)
        bounds = self.nearest.squared[rows]
        self.nearest.update(rows)
        shortlist = Shortlist(self.nearest, rows)
        for position, share in zip(positions.tolist(), chance.tolist(), strict=True):
            squared = float(shortlist.squared[position])
            if share * bounds[position] < squared:
                self.picks.append(int(rows[position]))
                self.scores.append(squared)
                shortlist.pick(position)
                if len(self.picks) == n:
                    break
        shortlist.close()


def _rows(Z: Any, centers: Any) -> tuple[Rows, Rows]:
    """Return points and centres as rows of one kind and scale."""
    none = centers is None or (len(centers) if isinstance(centers, GradientEmbedding) else n_rows(centers)) == 0
    if isinstance(Z, GradientEmbedding):
        given = GradientEmbedding(Z.P[:0], Z.Z[:0], Z.several_labels) if none else centers
        if not isinstance(given, GradientEmbedding):
            raise TypeError(
                "kmeans_plusplus: centers of a GradientEmbedding must be one, too, got "
                f"{type(centers).__name__}: GradientEmbedding(P_labeled, Z_labeled)."
            )
        if given.several_labels != Z.several_labels:
            raise ValueError("kmeans_plusplus: centers and Z must both be of several labels a row, or both not.")
        widths = (Z.P.shape[1], Z.Z.shape[1])
        if (given.P.shape[1], given.Z.shape[1]) != widths:
            raise ValueError(
                f"kmeans_plusplus: centers must have P and Z of {widths[0]} and {widths[1]} columns, got "
                f"{given.P.shape[1]} and {given.Z.shape[1]}."
            )
        given = given.beside(Z)
        scale = scale_for(arithmetic(Z.Z), Z.Z, given.Z)
        return Gradients(Z, scale), Gradients(given, scale)
    if isinstance(centers, GradientEmbedding):
        raise TypeError("kmeans_plusplus: centers must be an array as Z is, got a GradientEmbedding.")
    table = checked_table(Z, "Z", "kmeans_plusplus")
    known = table[:0] if none else checked_table(beside(centers, table), "centers", "kmeans_plusplus", table.shape[1])
    points, others = Points(table), Points(distinct(known))
    if len(points):
        prepare(points, others)
    return points, others
