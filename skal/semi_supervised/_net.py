"""Consistency training as skorch verbs: labelled rows are learnt, and unlabelled ones must look the same when bent.

A step guesses the classes of weakly augmented unlabelled rows, without gradient, and trains the same net to give
these on strongly augmented ones, where the guess is confident, beside the cross-entropy of the labelled rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from skal.semi_supervised._average import WeightAverage
from skal.semi_supervised._data import Batch, PartlyLabeled, PartlyLabeledBatches
from skal.semi_supervised._losses import Annealing, annealed_threshold, consistency_loss, guess, labeled_loss
from skal.semi_supervised._thresholds import ClassThresholds, FixedThreshold
from skal.training import Augmentation, ClassifierNet, StepVerbs, unweighted

_COSINE = 7 / 16  # of a period, in which the learning rate falls to a fifth (Sohn et al. 2020, section 2.4)


@dataclass(frozen=True)
class Consistency:
    """How unlabelled rows are learnt from.

    Attributes
    ----------
    weight : float
        Of their loss beside that of the labelled rows.
    threshold : float
        Confidence above which a guess is trusted.
    temperature : float
        Of the guesses; 0 makes them one class.
    per_class : bool
        Lower the threshold of classes that are learnt slowly.
    annealing : {"linear", "exp", "log"} or None
        Schedule by which labelled rows that are known too well are left out.
    """

    weight: float = 1.0
    threshold: float = 0.8
    temperature: float = 0.4
    per_class: bool = False
    annealing: Annealing | None = None


class ConsistencyNet(StepVerbs, ClassifierNet):
    """A skorch net whose training step is one of consistency training.

    Parameters
    ----------
    module : Module
        Rows to logits (b, C).
    n_classes : int
        Logits a row.
    consistency : Consistency
        How unlabelled rows are learnt from.
    strong : callable or None
        Augmentation of the unlabelled rows that must agree; ``augment`` is that of labelled rows and of those that
        are guessed.
    n_steps : int
        Steps an epoch.
    n_steps_in_all : int
        Steps of the training, for its schedules.
    unlabeled_batch_size : int
        Unlabelled rows a step.
    ema_decay : float or None
        Of the average of the weights that is used in the end; None: the last weights are.
    cosine : bool
        Whether the learning rate falls along a cosine.
    **kwargs
        Of skorch's net.
    """

    def __init__(
        self,
        module: nn.Module,
        *,
        n_classes: int,
        consistency: Consistency,
        strong: Augmentation | None,
        n_steps: int,
        n_steps_in_all: int,
        unlabeled_batch_size: int,
        ema_decay: float | None,
        cosine: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(module, **kwargs)
        self.n_classes = n_classes
        self.consistency = consistency
        self.strong = strong
        self.n_steps = n_steps
        self.n_steps_in_all = n_steps_in_all
        self.unlabeled_batch_size = unlabeled_batch_size
        self.ema_decay = ema_decay
        self.cosine = cosine

    def begin(self, data: PartlyLabeled) -> None:
        """Set up a training: streams of rows, thresholds, and the count of steps."""
        if self.draws is None:
            raise RuntimeError("a net is trained within the fit of its estimator.")
        self.n_done = 0
        self.batches_ = PartlyLabeledBatches(
            data, self.batch_size, self.unlabeled_batch_size, self.draws.generator("cpu")
        )
        self.batches_.n_steps = self.n_steps
        n_unlabeled = 0 if data.unlabeled is None else len(data.unlabeled)
        device = torch.device(self.device)
        self.thresholds_: FixedThreshold | ClassThresholds = (
            ClassThresholds(self.consistency.threshold, n_unlabeled, self.n_classes, device)
            if self.consistency.per_class
            else FixedThreshold(self.consistency.threshold)
        )

    def end(self) -> None:
        """Put the average of the weights in place, and drop what only a training needs."""
        average: WeightAverage | None = self.__dict__.pop("average_", None)
        if average is not None:
            average.into(self.module_)
        for name in ("batches_", "thresholds_"):
            self.__dict__.pop(name, None)

    def get_iterator(self, dataset: Any, training: bool = False) -> Any:
        return self.batches_ if isinstance(dataset, PartlyLabeled) else super().get_iterator(dataset, training)

    def train_step(self, batch: Batch, **fit_params: Any) -> dict[str, Tensor]:
        """Take one step."""
        if self.n_done == 0:
            self._rates = [group["lr"] for group in self.optimizer_.param_groups]
            self.average_ = None if self.ema_decay is None else WeightAverage(self.module_, self.ema_decay)
        share = self.n_done / max(self.n_steps_in_all, 1)
        if self.cosine:
            for group, rate in zip(self.optimizer_.param_groups, self._rates, strict=True):
                group["lr"] = rate * math.cos(_COSINE * math.pi * share)
        losses = self._losses(batch, share)
        self.optimizer_.zero_grad()
        losses["loss"].backward()
        self.optimizer_.step()
        if self.average_ is not None:
            self.average_.update(self.module_)
        self.n_done += 1
        return {name: value.detach() for name, value in losses.items()}

    def _losses(self, batch: Batch, share: float) -> dict[str, Tensor]:
        how = self.consistency
        threshold = annealed_threshold(how.annealing, share, self.n_classes)
        with self.seeded(), self.autocast():
            rows, weights = unweighted(batch.labeled)
            x = self.seen(rows, self.augment)
            if batch.unlabeled is None or batch.rows is None:
                loss = labeled_loss(self.output(x), batch.targets, threshold, weights)
                return {"loss": loss, "labeled_loss": loss}
            with torch.no_grad():
                found = guess(self.output(self.seen(batch.unlabeled, self.augment)), how.temperature)
            bent = self.seen(batch.unlabeled, self.strong)
            # One batch: batch norm sees labelled and unlabelled rows together.
            logits = self.output(torch.cat([x, bent]))
        labeled = labeled_loss(logits[: len(x)], batch.targets, threshold, weights)
        trusted = self.thresholds_.trusted(found, batch.rows)
        unlabeled = consistency_loss(logits[len(x) :], found.target, trusted)
        return {
            "loss": labeled + how.weight * unlabeled,
            "labeled_loss": labeled,
            "consistency_loss": unlabeled,
            "trusted": trusted.float().mean(),
        }
