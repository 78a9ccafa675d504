"""Gradients of the last layer as two factors a row, never multiplied out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from skal.selection._common import Floats
from skal.selection._k_center_arithmetic import Which, WorkType, arithmetic, beside, is_tensor
from skal.selection._k_center_rows import Exact, InBlocks, Work, blocks, checked_table, margin

if TYPE_CHECKING:
    import torch

_ROUNDING = 1e-3  # of probabilities, half precision included


class GradientEmbedding:
    """Rows ``(p - onehot(argmax p)) outer z``, held as probabilities and features.

    That is the gradient of the cross entropy by the weights of a last linear layer, for the label that the model
    itself predicts: long where the model is uncertain, and pointing to the class and the feature that would change.

    Parameters
    ----------
    P : array-like or torch.Tensor of shape (n, C)
        Class probabilities.
    Z : array-like or torch.Tensor of shape (n, d)
        Input of the last layer. If one of the two is a tensor both are, on the same device.
    several_labels : bool, default=False
        Whether each column of `P` is the probability that a label of its own applies. Then the loss is the binary
        cross-entropy, and of every column 1 is taken away where it exceeds one half.

    Raises
    ------
    TypeError
        If one of `P` and `Z` is a tensor and the other is not.
    ValueError
        If a shape is wrong, a value is not finite, `P` is not in [0, 1], or two tensors are on two devices.

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

    def __init__(
        self, P: ArrayLike | torch.Tensor, Z: ArrayLike | torch.Tensor, several_labels: bool = False
    ) -> None:
        _check_one_place(P, Z)
        self.several_labels = several_labels
        self.P: Any = checked_table(P, "P", "GradientEmbedding")
        self.Z: Any = checked_table(Z, "Z", "GradientEmbedding")
        if len(self.P) != len(self.Z):
            raise ValueError(
                f"GradientEmbedding: P and Z must have the same rows, got {len(self.P)} and {len(self.Z)}."
            )
        if self.P.shape[1] == 0:
            raise ValueError(f"GradientEmbedding: P must have a column a class, got shape {tuple(self.P.shape)}.")
        ends = [arithmetic(self.P).extremes(self.P[part]) for part in blocks(*self.P.shape)]
        low, high = min((least for least, _ in ends), default=0.0), max((most for _, most in ends), default=0.0)
        if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):
            raise ValueError(f"GradientEmbedding: P must be probabilities in [0, 1], got {low:.4g}..{high:.4g}.")

    def __len__(self) -> int:
        return len(self.Z)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and the numbers that each of them stands for."""
        return len(self), self.P.shape[1] * self.Z.shape[1]

    def beside(self, other: GradientEmbedding) -> GradientEmbedding:
        """Return these rows where others lie: on their device, or as arrays."""
        return GradientEmbedding(beside(self.P, other.P), beside(self.Z, other.Z), self.several_labels)


class Gradients(InBlocks):
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
        self.several_labels = embedding.several_labels
        self.scale = scale
        self.on = arithmetic(self.Z)

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
            out[part] = self.on.host(self.work(part, np.float64).norms)
        return out

    def margin(self, dtype: WorkType) -> float:
        """Error of bounds by matrix products, as a share of the squared norms."""
        coarseness = sum(self.on.coarseness(table) for table in (self.P, self.Z)) if dtype is np.float32 else 0.0
        return margin(self.width, dtype, coarseness * (1.0 + coarseness))

    def work(self, which: Which, dtype: WorkType) -> Work:
        """Bring rows into the form for matrix products."""
        a, z = self._factors(which)
        norms = self.on.dots(a, a) * self.on.dots(z, z)
        return Work((self.on.cast(a, dtype), self.on.cast(z, dtype)), norms, self.on)

    def exact(self, which: Which) -> Exact:
        """Lengths of rows, and the directions of both factors."""
        a, z = self._factors(which)
        lengths = [self.on.sqrt(self.on.dots(factor, factor)) for factor in (a, z)]
        for factor, length in zip((a, z), lengths, strict=True):
            factor /= (length + (length == 0))[:, None]  # rows of zeros stay
        return lengths[0] * lengths[1], a, z

    def between(self, a: Exact, b: Exact) -> Floats:
        """Squared distances: of rows of equal factors exactly 0.

        Of lengths r, s and directions ``u outer v``, ``w outer x`` it is ``(r - s)^2 + 2 r s (p + q - p q)`` with
        ``p = 1 - u . w`` and ``q = 1 - v . x``, which are halves of squared differences: nothing cancels.
        """
        (r, u, v), (s, w, x) = a, b
        p, q = (self.on.dots(off, off) / 2 for off in (u - w, v - x))
        return np.asarray(self.on.host((r - s) ** 2 + 2.0 * r * s * (p + q - p * q).clip(min=0.0)))

    def _factors(self, which: Which) -> tuple[Any, Any]:
        a, z = self.on.read(self.P, which), self.on.read(self.Z, which)
        if self.several_labels:
            a -= a > 0.5
        else:
            self.on.subtract_at_largest(a)
        if self.scale != 1.0:
            z *= self.scale
        return a, z


def _check_one_place(P: Any, Z: Any) -> None:
    if is_tensor(P) != is_tensor(Z):
        raise TypeError(
            "GradientEmbedding: P and Z must both be tensors or both be arrays, got "
            f"{type(P).__name__} and {type(Z).__name__}."
        )
    if is_tensor(P) and P.device != Z.device:
        raise ValueError(
            f"GradientEmbedding: P and Z must be on one device, got {P.device} and {Z.device}: P.to(Z.device) is."
        )
