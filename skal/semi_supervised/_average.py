"""Moving averages of weights: the average of a training's late nets predicts better than the last of them."""

from __future__ import annotations

import copy

import torch
from torch import nn


class WeightAverage:
    """Exponential moving average of a module's weights.

    Parameters
    ----------
    module : Module
        Copied.
    decay : float
        In [0, 1). In a step the average keeps this share of itself; early on ``(1 + step) / (10 + step)`` if that is
        less, so that the first weights, which know nothing, are forgotten soon.

    Notes
    -----
    Buffers, such as the running means of batch normalisation, are averages already and are copied.

    References
    ----------
    .. [1] Tarvainen & Valpola, "Mean teachers are better role models", NeurIPS 2017.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.module = copy.deepcopy(module).requires_grad_(False)
        self.n_steps = 0

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Take in the weights after a step."""
        decay = min(self.decay, (1 + self.n_steps) / (10 + self.n_steps))
        for mine, theirs in zip(self.module.parameters(), module.parameters(), strict=True):
            mine.lerp_(theirs, 1.0 - decay)
        for kept, current in zip(self.module.buffers(), module.buffers(), strict=True):
            kept.copy_(current)
        self.n_steps += 1

    @torch.no_grad()
    def into(self, module: nn.Module) -> None:
        """Write the average into a module of the same kind."""
        for mine, theirs in zip(self.module.parameters(), module.parameters(), strict=True):
            theirs.copy_(mine)
