"""Loss prediction from the feature maps of a task net.

Yoo & Kweon, "Learning loss for active learning", CVPR 2019, section 3.2 and figure 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from skal.nets._checks import checked_int, checked_shape, checked_sizes

__all__ = ["LossPrediction", "stage_channels"]


class LossPrediction(nn.Module):
    """Global average, linear layer and ReLU for each stage; all of them together to one number a row.

    Parameters
    ----------
    stage_channels : sequence of int
        Channels of each stage, or sizes of the hidden layers; see the function `stage_channels`.
    n_extra : int, default=0
        Numbers a row that join the stages, such as the means of a variational autoencoder [2]_.
    hidden : int, default=128
        Size each stage is mapped to.

    Notes
    -----
    The average is over whatever pixels a stage has, so that images of any size will do.

    References
    ----------
    .. [1] Yoo & Kweon, "Learning loss for active learning", CVPR 2019, section 3.2 and figure 2.
    .. [2] Godwin et al., "Incorporating task-agnostic information in task-based active learning using a variational
       autoencoder", SciPy 2022.

    Examples
    --------
    >>> import torch
    >>> stages = [torch.zeros(5, 4, 8, 8), torch.zeros(5, 16)]
    >>> tuple(LossPrediction([4, 16])(stages).shape)
    (5,)
    """

    def __init__(self, stage_channels: Sequence[int], n_extra: int = 0, hidden: int = 128) -> None:
        super().__init__()
        sizes = checked_sizes(stage_channels, "stage_channels", "LossPrediction")
        self.n_extra = checked_int(n_extra, "n_extra", "LossPrediction", at_least=0)
        hidden = checked_int(hidden, "hidden", "LossPrediction")
        self.layers = nn.ModuleList(nn.Sequential(nn.Linear(size, hidden), nn.ReLU()) for size in sizes)
        self.head = nn.Linear(len(sizes) * hidden + self.n_extra, 1)

    def forward(self, stages: Sequence[Tensor], extra: Tensor | None = None) -> Tensor:
        """Return the predicted losses (n,) from maps (n, c, ...), one a stage, and extra numbers (n, n_extra)."""
        if len(stages) != len(self.layers):
            raise ValueError(f"LossPrediction: stages must be {len(self.layers)} tensors, got {len(stages)}.")
        if self.n_extra and extra is None:
            raise ValueError(f"LossPrediction: extra must have shape (n, {self.n_extra}), got None.")
        parts = [
            layer(stage.flatten(2).mean(2) if stage.ndim > 2 else stage)  # (n, c) -> (n, hidden)
            for layer, stage in zip(self.layers, stages, strict=True)
        ]
        if self.n_extra and extra is not None:
            parts.append(extra)  # (n, n_extra)
        losses: Tensor = self.head(torch.cat(parts, dim=1))  # (n, 1)
        return losses.squeeze(1)


def stage_channels(net: nn.Module, input_shape: Sequence[int]) -> tuple[int, ...]:
    """Find how many channels each stage of a task net has, by one row of zeros.

    Parameters
    ----------
    net : torch.nn.Module
        Has `forward_stages(x)`, which returns ``(logits, stages)``. Its training mode, batch norm statistics and
        gradients are left as they are.
    input_shape : sequence of int
        Shape of one row, without the batch axis.

    Returns
    -------
    tuple of int
        One number a stage, shallow to deep.

    Raises
    ------
    TypeError
        If the net has no `forward_stages`.

    Examples
    --------
    >>> from skal.nets import MLP
    >>> stage_channels(MLP((30,), 2, hidden=(64, 16)), (30,))
    (64, 16)
    """
    shape = checked_shape(input_shape, "stage_channels")
    forward_stages = getattr(net, "forward_stages", None)
    if forward_stages is None:
        raise TypeError(
            f"stage_channels: the net must have forward_stages(x) -> (logits, stages), {type(net).__name__} has not. "
            "Add the method, or use a net of skal.nets such as MLP, SmallCNN or resnet18_cifar."
        )
    like = next(net.parameters())
    training = {module: module.training for module in net.modules()}
    net.eval()
    try:
        with torch.no_grad():
            _, stages = forward_stages(torch.zeros(1, *shape, dtype=like.dtype, device=like.device))
    finally:
        for module, mode in training.items():
            module.training = mode
    return tuple(stage.shape[1] for stage in stages)
