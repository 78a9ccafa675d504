"""Multilayer perceptron with dropout after every hidden layer.

Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014; kept on while
predicting, the masks are draws from an approximate posterior (Gal & Ghahramani, "Dropout as a Bayesian
approximation", ICML 2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch import Tensor, nn

from skal.nets._checks import checked_dropout, checked_int, checked_shape, checked_sizes

__all__ = ["MLP"]


class MLP(nn.Module):
    """Linear layers with ReLU and dropout, then a linear head.

    Parameters
    ----------
    input_shape : sequence of int
        Shape of one row: (d,), or any other, which is flattened.
    n_outputs : int
        Logits a row, one a class.
    hidden : sequence of int, default=(128, 128)
        Sizes of the hidden layers.
    dropout : float, default=0.25
        Probability of dropping a hidden unit.

    References
    ----------
    .. [1] Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.

    Examples
    --------
    >>> import torch
    >>> tuple(MLP((30,), 3)(torch.zeros(5, 30)).shape)
    (5, 3)
    """

    def __init__(
        self, input_shape: Sequence[int], n_outputs: int, hidden: Sequence[int] = (128, 128), dropout: float = 0.25
    ) -> None:
        super().__init__()
        n_in = prod(checked_shape(input_shape, "MLP"))
        n_outputs = checked_int(n_outputs, "n_outputs", "MLP")
        hidden = checked_sizes(hidden, "hidden", "MLP")
        dropout = checked_dropout(dropout, "MLP")
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(size_in, size_out), nn.ReLU())
            for size_in, size_out in zip((n_in, *hidden), hidden, strict=False)
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden[-1], n_outputs)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits (n, n_outputs) and each hidden layer's activations (n, size), before their dropout."""
        stages = []
        h = x.flatten(1)  # (n, d)
        for layer in self.layers:
            stages.append(layer(h))  # (n, size)
            h = self.dropout(stages[-1])
        return self.head(h), stages

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, n_outputs) of rows x."""
        return self.forward_stages(x)[0]
