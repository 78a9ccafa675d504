"""Gradients of the last layer as two factors a row, never multiplied out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.selection._common import Floats, Indices
from skal.selection._k_center_rows import Which, Work, WorkType, blocks, checked_table

_ROUNDING = 1e-3  # of probabilities, half precision included


class GradientEmbedding:
    """Rows ``(p - onehot(argmax p)) outer z``, held as probabilities and features.

    That is the gradient of the cross entropy by the weights of a last linear layer, for the label that the model
    itself predicts: long where the model is uncertain, and pointing to the class and the feature that would change.

    Parameters
    ----------
    P : array-like of shape (n, C)
        Class probabilities.
    Z : array-like of shape (n, d)
        Input of the last layer.

    Raises
    ------
    ValueError
        If a shape is wrong, a value is not finite, or `P` is not in [0, 1].

    Notes
    -----
    Memory O(n (C + d)) where the rows themselves would take n C d. Inner products are
    ``(a_i . a_j) (z_i . z_j)`` with ``a = p - onehot(argmax p)``, so two matrix products stand for one.

    References
    ----------
    .. [1] Ash et al., "Deep batch active learning by diverse, uncertain gradient lower bounds", ICLR 2020,
       equation 1.

    Examples
    --------
    >>> GradientEmbedding([[0.75, 0.25], [0.5, 0.5]], [[2.0, 0.0, 1.0], [1.0, 1.0, 1.0]]).shape
    (2, 6)
    """

    def __init__(self, P: ArrayLike, Z: ArrayLike) -> None:
        self.P: NDArray[Any] = checked_table(P, "P", "GradientEmbedding")
        self.Z: NDArray[Any] = checked_table(Z, "Z", "GradientEmbedding")
        if len(self.P) != len(self.Z):
            raise ValueError(
                f"GradientEmbedding: P and Z must have the same rows, got {len(self.P)} and {len(self.Z)}."
            )
        if self.P.shape[1] == 0:
            raise ValueError(f"GradientEmbedding: P must have a column a class, got shape {self.P.shape}.")
        low, high = self.P.min(initial=0), self.P.max(initial=0)
        if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):
            raise ValueError(f"GradientEmbedding: P must be probabilities in [0, 1], got {low:.4g}..{high:.4g}.")

    def __len__(self) -> int:
        return len(self.Z)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and the numbers that each of them stands for."""
        return len(self), self.P.shape[1] * self.Z.shape[1]


class Gradients:
    """The same rows, as what distances are taken between.

    Parameters
    ----------
    embedding : GradientEmbedding
        Read block by block.
    scale : float, default=1.0
        Of the features, a power of two.
    """

    def __init__(self, embedding: GradientEmbedding, scale: float = 1.0) -> None:
        self.P, self.Z = embedding.P, embedding.Z
        self.scale = scale

    def __len__(self) -> int:
        return len(self.Z)

    @property
    def width(self) -> int:
        """Numbers that are held for a row."""
        return int(self.P.shape[1] + self.Z.shape[1])

    def squared_norms(self) -> Floats:
        """Squared length of each row."""
        out = np.empty(len(self))
        for part in blocks(len(self), self.width):
            out[part] = self.work(part, np.float64).norms
        return out

    def work(self, which: Which, dtype: WorkType) -> Work:
        """Bring rows into the form for matrix products."""
        a, z = self._factors(which)
        return Work((a.astype(dtype, copy=False), z.astype(dtype, copy=False)), _dots(a, a) * _dots(z, z))

    def squared(self, which: Indices, other: Gradients, others: Indices) -> Floats:
        """Squared distances, pair by pair, in float64: of rows of equal factors exactly 0.

        Of lengths r, s and directions ``u outer v``, ``w outer x`` it is ``(r - s)^2 + 2 r s (p + q - p q)`` with
        ``p = 1 - u . w`` and ``q = 1 - v . x``, which are halves of squared differences: nothing cancels.
        """
        out = np.empty(len(which))
        for part in blocks(len(which), self.width):
            (r, u, v), (s, w, x) = self._polar(which[part]), other._polar(others[part])
            u -= w
            v -= x
            p, q = _dots(u, u) / 2, _dots(v, v) / 2
            out[part] = (r - s) ** 2 + 2.0 * r * s * np.maximum(p + q - p * q, 0.0)
        return out

    def _polar(self, which: Which) -> tuple[Floats, Floats, Floats]:
        """Lengths of rows, and the directions of both factors."""
        a, z = self._factors(which)
        lengths = [np.sqrt(_dots(factor, factor)) for factor in (a, z)]
        for factor, length in zip((a, z), lengths, strict=True):
            factor /= np.where(length > 0, length, 1.0)[:, None]
        return lengths[0] * lengths[1], a, z

    def _factors(self, which: Which) -> tuple[Floats, Floats]:
        a = np.array(self.P[which], dtype=np.float64)
        a[np.arange(len(a)), a.argmax(axis=1)] -= 1.0
        z = np.array(self.Z[which], dtype=np.float64)
        if self.scale != 1.0:
            z *= self.scale
        return a, z


def _dots(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("nd,nd->n", a, b))
