"""One augmentation after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from skal.augment._base import Augmentation

__all__ = ["Chain"]


class Chain(Augmentation):
    """Apply augmentations one after the other.

    Parameters
    ----------
    steps : sequence of callables
        Augmentations, or functions of a batch that return one of the same shape and dtype. A function gets the batch
        alone: it draws with torch's operations on the batch's device, so that inside an estimator it is seeded.

    Examples
    --------
    >>> import torch
    >>> from skal.augment import Crop, Flip
    >>> augment = Chain((Flip(), Crop(), lambda x: 1 - x))
    >>> tuple(augment(torch.rand(5, 3, 32, 32)).shape)
    (5, 3, 32, 32)
    """

    def __init__(self, steps: Sequence[Callable[..., Tensor]]) -> None:
        self.steps = steps

    @property
    def kinds(self) -> frozenset[str]:  # type: ignore[override]
        """What all steps take; functions are taken to take both."""
        kinds = Augmentation.kinds
        for step in self.steps:
            kinds = kinds & step.kinds if isinstance(step, Augmentation) else kinds
        return kinds

    def _check_parameters(self) -> None:
        if callable(self.steps) or not isinstance(self.steps, Sequence):
            raise TypeError(f"Chain: steps must be a sequence of augmentations, got {self.steps!r}.")
        for step in self.steps:
            if not callable(step) or isinstance(step, type):
                remedy = f" Pass {step.__name__}()." if isinstance(step, type) else ""
                raise TypeError(f"Chain: every step must be an augmentation or a function, got {step!r}.{remedy}")
            if isinstance(step, Augmentation):
                step._check_parameters()

    def with_masks(
        self, x: Tensor, masks: Tensor, generator: torch.Generator | None = None, void: int = 255
    ) -> tuple[Tensor, Tensor]:
        """Apply each step to images and masks; a function gets the images alone, so it may change colours only."""
        self._check_parameters()
        for step in self.steps:
            if isinstance(step, Augmentation):
                x, masks = step.with_masks(x, masks, generator, void)
            else:
                x = self._changed(step, x, generator)
        return x, masks

    def _augment(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        for step in self.steps:
            x = self._changed(step, x, generator)
        return x

    @staticmethod
    def _changed(step: Callable[..., Tensor], x: Tensor, generator: torch.Generator | None) -> Tensor:
        after = step(x, generator) if isinstance(step, Augmentation) else step(x)
        if not isinstance(after, Tensor) or (after.shape, after.dtype) != (x.shape, x.dtype):
            got = f"{tuple(after.shape)} of {after.dtype}" if isinstance(after, Tensor) else type(after).__name__
            raise ValueError(f"Chain: {step!r} must return {tuple(x.shape)} of {x.dtype}, got {got}.")
        return after
