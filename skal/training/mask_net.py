"""Cross-entropy of pixels inside skorch's loop: images and masks are changed alike, void pixels are left out."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from skal.augment import ResizedCrop
from skal.training.contract import check_pixel_logits
from skal.training.masked_images import VOID
from skal.training.net import ClassifierNet
from skal.training.schedule import Schedule

__all__ = ["MaskVerbs", "SegmenterNet", "pixel_loss", "pixel_losses"]


def pixel_loss(logits: Tensor, masks: Tensor, weight: Tensor | None = None) -> Tensor:
    """Mean cross-entropy of the pixels that are not void, weighted by their classes; 0 where all are void.

    Parameters
    ----------
    logits : Tensor of shape (b, C, H, W)
        Of pixels.
    masks : Tensor of int of shape (b, H, W)
        Codes, `VOID` among them.
    weight : Tensor of shape (C,) or None, default=None
        Of the classes, positive; None: 1.
    """
    codes, seen = masks.long(), masks != VOID
    if weight is None:
        total = F.cross_entropy(logits.float(), codes, ignore_index=VOID, reduction="sum")
        return total / seen.sum().clamp(min=1)
    weight = F.pad(weight, (0, logits.shape[1] - len(weight)), value=1.0)  # a single class has two logits
    total = F.cross_entropy(logits.float(), codes, weight, ignore_index=VOID, reduction="sum")
    return total / (weight[codes.clamp(min=0)] * seen).sum().clamp(min=torch.finfo(torch.float32).tiny)


def pixel_losses(logits: Tensor, masks: Tensor) -> Tensor:
    """Mean cross-entropy of each image's pixels that are not void, (b,)."""
    losses = F.cross_entropy(logits.float(), masks.long(), ignore_index=VOID, reduction="none")  # (b, H, W)
    return losses.flatten(1).sum(dim=1) / (masks != VOID).flatten(1).sum(dim=1).clamp(min=1)


class MaskVerbs:
    """Verbs of a net that learns masks; before `ClassifierNet` in the bases.

    Attributes
    ----------
    crop : ResizedCrop or None
        Cuts images and masks to one size.
    class_weight : Tensor of shape (C,) or None
        Of the classes in the loss.
    """

    crop: ResizedCrop | None = None
    class_weight: Tensor | None = None

    def changed(self, x: Any, masks: Any) -> tuple[Tensor, Tensor]:
        """Return images and masks as a training step sees them: cut, and augmented alike."""
        net: Any = self
        with net.seeded():
            if isinstance(x, list):
                cut = [
                    net.crop.with_masks(net.prepared(one), mask, void=VOID)
                    for one, mask in zip(x, masks, strict=True)
                ]
                x, masks = torch.cat([one for one, _ in cut]), torch.cat([mask for _, mask in cut])
            else:
                x = net.prepared(x)
                if net.crop is not None:
                    x, masks = net.crop.with_masks(x, masks, void=VOID)
            if net.augment is not None:
                x, masks = net.augment.with_masks(x, masks, void=VOID)
        return x, masks

    def changed_images(self, x: Any) -> Tensor:
        """Return images without masks as a training step sees them."""
        net: Any = self
        with net.seeded():
            if isinstance(x, list):
                x = torch.cat([net.crop(net.prepared(one)) for one in x])
            else:
                x = net.prepared(x) if net.crop is None else net.crop(net.prepared(x))
            changed: Tensor = x if net.augment is None else net.augment(x)
        return changed

    def seen_now(self, x: Tensor) -> Tensor:
        """Batch as the module sees it; it was changed before, together with its masks."""
        rows: Tensor = self.prepared(x)  # type: ignore[attr-defined]
        return rows

    def check_logits(self, logits: Tensor, x: Tensor, n_outputs: int, who: str) -> None:
        """Refuse what is no logit for each class of each pixel."""
        check_pixel_logits(logits, x, n_outputs, who)

    def task_loss(self, logits: Any, targets: Tensor, weights: Tensor | None = None) -> Tensor:
        """Mean loss of the pixels of a batch."""
        return pixel_loss(logits, targets, self.class_weight)

    def row_losses(self, logits: Any, targets: Tensor) -> Tensor:
        """Mean loss of each image, (b,)."""
        return pixel_losses(logits, targets)


class SegmenterNet(MaskVerbs, ClassifierNet):
    """A skorch net with cross-entropy over the pixels that are not void.

    Attributes
    ----------
    schedule : Schedule or None
        How the learning rate falls.
    """

    schedule: Schedule | None = None

    def run_single_epoch(self, iterator: Any, training: bool, prefix: str, step_fn: Any, **fit_params: Any) -> None:
        """Run an epoch; the first says how many steps the schedule has."""
        if training and self.schedule is not None and not self.schedule.n_steps:
            # Known here alone: a split leaves fewer images, and a last batch of one joins the one before it.
            self.schedule.n_steps = self.max_epochs * len(iterator)
        super().run_single_epoch(iterator, training, prefix, step_fn, **fit_params)

    def train_step_single(self, batch: Any, **fit_params: Any) -> Any:
        """Take a step at the rate of the schedule."""
        if self.schedule is not None:
            self.schedule.step(self.optimizer_)
        return super().train_step_single(self.changed(*batch), **fit_params)
