"""BAIT: rows that bring the most Fisher information about the last layer, where the pool needs it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import helmert

from skal.selection._common import (
    _BLOCK_ELEMENTS,
    Floats,
    Indices,
    RandomState,
    checked_matrix,
    checked_n,
    generator,
    tie_ranks,
)

_MEMORY = 2 * 2**30  # bytes of the matrices that are held for each row
_DIGITS = 10  # of gains, as a share of the largest: equal rows have equal gains


def bait(
    P: ArrayLike,
    Z: ArrayLike,
    n: int,
    P_labeled: ArrayLike | None = None,
    Z_labeled: ArrayLike | None = None,
    random_state: RandomState = None,
    *,
    ridge: float = 1.0,
    max_dim: int = 1024,
    random_tie_break: bool = True,
) -> tuple[Indices, Floats]:
    """Select n rows whose Fisher information, with that of the labelled rows, serves the pool best.

    With ``I(x)`` the Fisher information of the last layer's weights at a row, minimises the trace of ``M^-1 F``: F
    the mean of ``I`` over the pool, ``M = ridge * identity + sum of I over labelled and selected rows``. Up to 2n
    rows are taken greedily, then the least useful of them are given back one by one.

    Parameters
    ----------
    P : array-like of shape (n_pool, C)
        Class probabilities.
    Z : array-like of shape (n_pool, d)
        What the last layer is given.
    n : int
        In [1, n_pool].
    P_labeled, Z_labeled : array-like of shape (m, C) and (m, d), default=None
        Of labelled rows.
    random_state : int, RandomState or None, default=None
        Draws the order of ties and the projection; None: NumPy's global generator.
    ridge : float, default=1.0
        Weight of the identity, positive.
    max_dim : int, default=1024
        Where (C - 1) * d is more, `Z` is projected at random to as many columns as fit, at least one, which keeps its
        inner products on average.
    random_tie_break : bool, default=True
        False: rows of equal gain are taken in row order.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, the one that would be missed most first.
    scores : ndarray of shape (n,)
        By how much the trace would rise without the row. Falling.

    Raises
    ------
    ValueError
        If shapes do not fit, or the matrices of all rows would take more than 2 GiB (many classes).

    Notes
    -----
    ``I(x) = (diag(p) - p p^T) kron (z z^T)`` has rank C - 1 and nothing along equal weights for all classes, so all
    is computed in the C - 1 directions across; the trace is the same. Inverses follow by Woodbury's identity, in
    float64, and so do the two small matrices of each row that a gain is made of: with D = (C - 1) d, a pick
    takes time O(n_pool (D C + C^3)) instead of the O(n_pool D^2) of the authors' code; memory O(n_pool (C^2 + d) +
    D^2).

    Labelled and selected rows count alike. In the authors' code the labelled ones are a mean, and both are scaled by
    shares of the batch, by which a selected row weighs as much as n labelled ones.

    References
    ----------
    .. [1] Ash et al., "Gone fishing: neural active learning with Fisher embeddings", NeurIPS 2021, algorithm 1.

    Examples
    --------
    >>> bait([[0.5, 0.5], [0.99, 0.01], [0.5, 0.5]], [[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]], 2, random_state=0)[0]
    array([2, 0])
    """
    probabilities, points = _checked(P, Z)
    n = checked_n(n, len(points), "bait")
    if not 0 < ridge < np.inf:
        raise ValueError(f"bait: ridge must be positive and finite, got {ridge!r}.")
    if not max_dim >= 1:
        raise ValueError(f"bait: max_dim must be at least 1, got {max_dim!r}.")
    rng = generator(random_state)
    ranks = tie_ranks(len(points), rng, random_tie_break)
    directions = max(1, probabilities.shape[1] - 1)
    _check_memory(len(points), directions)
    projection = _projection(points.shape[1], max(1, int(max_dim) // directions), rng)
    rows = _Fisher.of(probabilities, points, projection)
    information = ridge * np.eye(rows.dim)
    if P_labeled is not None and Z_labeled is not None and len(np.asarray(P_labeled)):
        known = _checked(P_labeled, Z_labeled, probabilities.shape[1], points.shape[1])
        information += _Fisher.of(*known, projection).total()
    state = _State.of(rows, information, rows.total() / len(points))

    taken: list[int] = []
    free = np.ones(len(points), dtype=bool)
    for _ in range(min(2 * n, len(points))):
        row = _best(np.where(free, state.change(+1.0), -np.inf), ranks)
        state.update(row, +1.0)
        taken.append(row)
        free[row] = False
    left = np.array(taken)
    state = state.only(left)
    while len(left) > n:
        least = _best(-state.change(-1.0), ranks[left])
        state.update(least, -1.0)
        keep = np.delete(np.arange(len(left)), least)
        state, left = state.only(keep), left[keep]
    missed = _rounded(state.change(-1.0))
    order = np.lexsort((ranks[left], -missed))
    return left[order], missed[order]


class _Fisher:
    """Fisher information of rows in factors: ``S kron z z^T``, S = A^T A of the class directions."""

    def __init__(self, S: Floats, Z: Floats) -> None:
        self.S = S  # (n, r, r)
        self.Z = Z  # (n, d)
        self.dim = S.shape[1] * Z.shape[1]

    @classmethod
    def of(cls, P: Floats, Z: Floats, projection: Floats | None) -> _Fisher:
        n_classes = P.shape[1]
        # Orthonormal directions across the classes; a single class has no information, in a single direction.
        across = helmert(n_classes).T if n_classes > 1 else np.zeros((1, 1))  # (C, r)
        mean = P @ across
        S = np.einsum("nc,ca,cb->nab", P, across, across, optimize=True) - mean[:, :, None] * mean[:, None, :]
        return cls(S, Z if projection is None else Z @ projection)

    def total(self) -> Floats:
        """Sum over the rows, of shape (r d, r d); coordinates are ordered (direction, column)."""
        r, d = self.S.shape[1], self.Z.shape[1]
        total = np.empty((r, d, r, d))
        for a in range(r):
            for b in range(a, r):
                total[a, :, b, :] = self.Z.T @ (self.S[:, a, b, None] * self.Z)
                total[b, :, a, :] = total[a, :, b, :]  # symmetric in z z^T
        return total.reshape(self.dim, self.dim)

    def squeezed(self, matrix: Floats) -> Floats:
        """``(I kron z)^T matrix (I kron z)`` of each row, of shape (n, r, r)."""
        r, d = self.S.shape[1], self.Z.shape[1]
        blocks = matrix.reshape(r, d, r, d)
        out = np.empty_like(self.S)
        step = max(1, _BLOCK_ELEMENTS // max(1, r * d))
        for start in range(0, len(self.Z), step):
            z = self.Z[start : start + step]
            for a in range(r):
                half = (z @ blocks[a].reshape(d, r * d)).reshape(len(z), r, d)
                out[start : start + step, a] = np.einsum("nbd,nd->nb", half, z)
        return out

    def applied(self, matrix: Floats) -> Floats:
        """``(I kron z)^T matrix`` of each row for a matrix of shape (r d, k): (n, r, k)."""
        r, d, k = self.S.shape[1], self.Z.shape[1], matrix.shape[1]
        flat = self.Z @ matrix.reshape(r, d, k).transpose(1, 0, 2).reshape(d, r * k)
        return np.asarray(flat.reshape(len(self.Z), r, k))


class _State:
    """The inverse information, and of each row what a change of it would do.

    With E = I kron z: ``T = E^T M^-1 E`` and ``R = E^T M^-1 F M^-1 E``, kept up to date by Woodbury's identity.
    """

    def __init__(self, rows: _Fisher, inverse: Floats, within: Floats, T: Floats, R: Floats) -> None:
        self.rows = rows
        self.inverse = inverse  # M^-1
        self.within = within  # M^-1 F M^-1
        self.T = T
        self.R = R

    @classmethod
    def of(cls, rows: _Fisher, information: Floats, target: Floats) -> _State:
        inverse = np.linalg.inv(information)
        within = inverse @ target @ inverse
        return cls(rows, inverse, within, rows.squeezed(inverse), rows.squeezed(within))

    def only(self, keep: Indices) -> _State:
        rows = _Fisher(self.rows.S[keep], self.rows.Z[keep])
        return _State(rows, self.inverse, self.within, self.T[keep], self.R[keep])

    def change(self, sign: float) -> Floats:
        """Size of the change of the trace when the row's information is added (+1) or taken away (-1)."""
        # tr(R S (I + sign T S)^-1), which is tr(V M^-1 F M^-1 V^T (I + sign V M^-1 V^T)^-1) for I(x) = V^T V
        S = self.rows.S
        solved = np.linalg.solve(np.eye(S.shape[1]) + sign * (S @ self.T), S @ self.R)
        return np.asarray(np.einsum("naa->n", solved))

    def update(self, row: int, sign: float) -> None:
        """Add the information of a row to M, or take it away."""
        S, z = self.rows.S[row], self.rows.Z[row]
        r, d = len(S), len(z)
        W = self.inverse.reshape(r * d, r, d) @ z  # M^-1 E, (D, r)
        Y = self.within.reshape(r * d, r, d) @ z  # M^-1 F M^-1 E
        # (M + sign E S E^T)^-1 = M^-1 - W K W^T
        K = sign * np.linalg.solve(np.eye(r) + sign * S @ self.T[row], S)
        K = 0.5 * (K + K.T)
        Y_K = Y @ K
        N = K @ self.R[row] @ K
        G, H = self.rows.applied(W), self.rows.applied(Y_K)
        self.T -= G @ K @ G.transpose(0, 2, 1)
        cross = H @ G.transpose(0, 2, 1)
        self.R += G @ N @ G.transpose(0, 2, 1) - cross - cross.transpose(0, 2, 1)
        self.inverse = self.inverse - W @ K @ W.T
        across = Y_K @ W.T
        self.within = self.within + W @ N @ W.T - across - across.T


def _best(values: Floats, ranks: Indices) -> int:
    present = _rounded(values)
    ties = np.flatnonzero(present == present.max())
    return int(ties[np.argmin(ranks[ties])])


def _rounded(values: Floats) -> Floats:
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return np.asarray(np.round(values / largest, _DIGITS) * largest) if largest > 0 else values


def _projection(d: int, width: int, rng: np.random.RandomState) -> Floats | None:
    return None if d <= width else rng.normal(size=(d, width)) / np.sqrt(width)


def _checked(P: ArrayLike, Z: ArrayLike, n_classes: int | None = None, d: int | None = None) -> tuple[Floats, Floats]:
    probabilities = checked_matrix(P, "P", "bait", n_classes).astype(np.float64)
    points = checked_matrix(Z, "Z", "bait", d).astype(np.float64)
    if len(probabilities) != len(points):
        raise ValueError(f"bait: P and Z must have as many rows, got {len(probabilities)} and {len(points)}.")
    return probabilities, points


def _check_memory(n_pool: int, directions: int) -> None:
    needed = 8 * 6 * n_pool * directions**2  # S, T, R and what an update makes of them
    if needed > _MEMORY:
        raise ValueError(
            f"bait: {n_pool} rows of {directions + 1} classes need {needed / 2**30:.1f} GiB, more than "
            f"{_MEMORY / 2**30:.0f} GiB. Give it a random part of the pool."
        )
