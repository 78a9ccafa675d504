"""s4GAN as skorch verbs: a segmentation net, a discriminator of its maps, two optimizers, three streams of images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from skal.semi_supervised._data import PartlyLabeled
from skal.semi_supervised._s4gan_losses import discriminator_loss, drawn_maps, feature_matching, self_training, shown
from skal.training import VOID, ClassifierNet, MaskVerbs, Schedule, StepVerbs, Stream, image_batch, logits_of

_BETAS = (0.9, 0.99)  # of the discriminator's Adam, as in the public code


class S4GANModule(nn.Module):
    """A segmentation net and the discriminator of its maps.

    Parameters
    ----------
    segmenter : Module
        Images to logits (b, C, H, W).
    discriminator : Module
        Maps beside images to logits (b,) and features (b, d).
    """

    def __init__(self, segmenter: nn.Module, discriminator: nn.Module) -> None:
        super().__init__()
        self.segmenter = segmenter
        self.discriminator = discriminator

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of pixels (b, C, H, W)."""
        return logits_of(self.segmenter(x))


class S4GANBatch(NamedTuple):
    """One step's images.

    Attributes
    ----------
    labeled, masks : Tensor
        Images with a mask, and the codes of these.
    unlabeled : Tensor or None
        Images without; None: there are none.
    drawn, drawn_masks : Tensor or None
        Images with a mask again, in another order, that the discriminator is shown.
    """

    labeled: Any
    masks: Any
    unlabeled: Any
    drawn: Any
    drawn_masks: Any


class S4GANBatches:
    """So many steps an epoch; all three streams go on over epochs.

    Parameters
    ----------
    data : PartlyLabeled
        What is read.
    batch_size : int
        Images a step of each kind; where there are fewer, some stand in a batch twice.
    n_steps : int
        Steps an epoch.
    generator : torch.Generator
        Shuffles.
    """

    def __init__(self, data: PartlyLabeled, batch_size: int, n_steps: int, generator: torch.Generator) -> None:
        self.data = data
        self.n_steps = n_steps
        n, weights = len(data.labeled), data.labeled.weights
        self._labeled = Stream(n, batch_size, generator, weights)
        self._drawn = Stream(n, batch_size, generator, weights)
        self._unlabeled = None
        if data.unlabeled is not None:
            self._unlabeled = Stream(len(data.unlabeled), batch_size, generator)

    def __len__(self) -> int:
        return self.n_steps

    def __iter__(self) -> Iterator[S4GANBatch]:
        labeled, unlabeled = self.data.labeled, self.data.unlabeled
        for _ in range(self.n_steps):
            images, masks = labeled.batch(next(self._labeled))
            if unlabeled is None or self._unlabeled is None:
                yield S4GANBatch(images, masks, None, None, None)
            else:
                more = image_batch(unlabeled, next(self._unlabeled))
                yield S4GANBatch(images, masks, more, *labeled.batch(next(self._drawn)))


class S4GANNet(StepVerbs, MaskVerbs, ClassifierNet):
    """A skorch net whose training step is one of s4GAN.

    Parameters
    ----------
    module : S4GANModule
        Both nets.
    n_classes : int
        Logits a pixel.
    n_steps : int
        Steps an epoch.
    feature_matching_weight, self_training_weight : float
        Of the two losses on unlabelled images.
    threshold : float
        Probability above which a predicted map is trusted.
    discriminator_lr : float
        Learning rate of the discriminator.
    **kwargs
        Of skorch's net.
    """

    schedule: Schedule | None = None

    def __init__(
        self,
        module: Any,
        *,
        n_classes: int,
        n_steps: int,
        feature_matching_weight: float,
        self_training_weight: float,
        threshold: float,
        discriminator_lr: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(module, **kwargs)
        self.n_classes = n_classes
        self.n_steps = n_steps
        self.feature_matching_weight = feature_matching_weight
        self.self_training_weight = self_training_weight
        self.threshold = threshold
        self.discriminator_lr = discriminator_lr

    def initialize_optimizer(self, *args: Any, **kwargs: Any) -> Any:
        named = self.module_.segmenter.named_parameters()
        groups, options = self.get_params_for_optimizer("optimizer", named)
        self.optimizer_ = self.optimizer(*groups, **options)
        with self._current_init_context("optimizer"):
            self.discriminator_optimizer_ = torch.optim.Adam(
                self.module_.discriminator.parameters(), lr=self.discriminator_lr, betas=_BETAS
            )
        return self

    def begin(self, data: PartlyLabeled) -> None:
        """Set up a training: streams of images, and the count of steps."""
        if self.draws is None:
            raise RuntimeError("a net is trained within the fit of its estimator.")
        self.n_done = 0
        self.batches_ = S4GANBatches(data, self.batch_size, self.n_steps, self.draws.generator("cpu"))

    def end(self) -> None:
        """Drop what only a training needs."""
        if self.schedule is not None:
            self.schedule.end(self.optimizer_, self.discriminator_optimizer_)
        self.__dict__.pop("batches_", None)

    def get_iterator(self, dataset: Any, training: bool = False) -> Any:
        return self.batches_ if isinstance(dataset, PartlyLabeled) else super().get_iterator(dataset, training)

    def train_step(self, batch: S4GANBatch, **fit_params: Any) -> dict[str, Tensor]:
        """Take one step of both nets."""
        if self.schedule is not None:
            self.schedule.step(self.optimizer_, self.discriminator_optimizer_)
        module = self.module_
        images, masks = self.changed(batch.labeled, batch.masks)
        if batch.unlabeled is None:
            with self.seeded(), self.autocast():
                loss = self.task_loss(self.output(images), masks)
            self._step(self.optimizer_, loss)
            return {"loss": loss.detach(), "labeled_loss": loss.detach()}
        unlabeled = self.changed_images(batch.unlabeled)
        drawn_images, drawn_masks = self.changed(batch.drawn, batch.drawn_masks)
        seen = drawn_masks != VOID
        drawn = shown(drawn_maps(drawn_masks, self.n_classes), drawn_images, seen)
        module.discriminator.requires_grad_(False)
        with self.seeded(), self.autocast():
            loss = self.task_loss(self.output(images), masks)
            logits = self.output(unlabeled)
            maps = torch.softmax(logits.float(), dim=1)
            trusted = self.predicted_scores(maps.detach(), unlabeled) > self.threshold
            predicted = shown(maps, unlabeled, seen)
            matching = feature_matching(
                module.discriminator(drawn)[1].float(), module.discriminator(predicted)[1].float()
            )
        # The discriminator knows nothing before its first step.
        trusted = trusted & (self.n_done > 0)
        training = self_training(logits, trusted)
        total = loss + self.feature_matching_weight * matching + self.self_training_weight * training
        self._step(self.optimizer_, total)
        module.discriminator.requires_grad_(True)
        with self.seeded(), self.autocast():
            real, fake = module.discriminator(drawn)[0].float(), module.discriminator(predicted.detach())[0].float()
        judged = discriminator_loss(real, fake)
        self._step(self.discriminator_optimizer_, judged)
        self.n_done += 1
        losses = {
            "loss": total,
            "labeled_loss": loss,
            "feature_matching": matching,
            "self_training": training,
            "discriminator_loss": judged,
            "trusted": trusted.float().mean(),
        }
        return {name: value.detach() for name, value in losses.items()}

    def predicted_scores(self, maps: Tensor, images: Tensor) -> Tensor:
        """Probability that maps were drawn by a person, (b,), without dropout, each image by itself.

        Parameters
        ----------
        maps : Tensor of shape (b, C, H, W)
            Probabilities.
        images : Tensor of shape (b, channels, H, W)
            Their images, as the net reads them.
        """
        discriminator = self.module_.discriminator
        was_training = discriminator.training
        discriminator.eval()
        try:
            with torch.no_grad():
                logits: Tensor = discriminator(shown(maps, images))[0]
        finally:
            discriminator.train(was_training)
        return torch.sigmoid(logits.float())

    @staticmethod
    def _step(optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
