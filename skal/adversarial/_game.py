"""Adversarial training as skorch verbs: one net, two players, two optimizers.

First the game: every step the autoencoder takes one step on its bound, its target learner (SRAAL) and on looking
labelled to the discriminator, and the discriminator one step on telling the states apart. Then the judgement: the
encoder rests, and a fresh discriminator is trained on what it makes of the rows. A player of the game runs behind a
moving encoder, so that its scores are as much the history of the chase as the state of the rows; the judge's are
``u p_U / (p_L + p_U)`` on the latents that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from skorch import NeuralNet
from torch import Tensor, nn
from torch.utils.data import Dataset

from skal.adversarial._losses import (
    Likelihood,
    bound_terms,
    detached,
    discriminator_loss,
    generator_loss,
    states_told_apart,
)
from skal.training import Rows, StepVerbs, Stream

# A calibrated bound grows with the inputs and the game does not: an adversarial weight of 1 is meant for this many.
_INPUTS = 64

GameBatch = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class Weights:
    """What the autoencoder's losses count, and how inputs are compared with reconstructions.

    Attributes
    ----------
    n_warmup : int
        Steps until the adversarial loss has its full weight. A latent that says nothing yet costs nothing to make
        alike: from the first step on, the game can win before the autoencoder has begun.
    """

    reconstruction: float = 1.0
    kl: float = 1.0
    adversarial: float = 1.0
    target: float = 1.0
    likelihood: Likelihood = "calibrated"
    n_warmup: int = 0

    def adversarial_at(self, step: int, n_inputs: int) -> float:
        """Weight of looking labelled at a step of the game, for rows of so many numbers."""
        grown = min(1.0, step / self.n_warmup) if self.n_warmup else 1.0
        return self.adversarial * grown * (n_inputs / _INPUTS if self.likelihood == "calibrated" else 1.0)


class GameData(Dataset[Tensor]):
    """Labelled and unlabelled rows, each with what is known of them.

    Parameters
    ----------
    labeled, unlabeled : Rows
        At least one row each.
    targets : Tensor of int64 of shape (n_labeled,)
        Classes of the labelled rows, for a target learner.
    states : Tensor of float32 of shape (n_unlabeled,)
        States of the unlabelled rows.
    """

    def __init__(self, labeled: Rows, targets: Tensor, unlabeled: Rows, states: Tensor) -> None:
        self.labeled = labeled
        self.unlabeled = unlabeled
        self.targets = targets.to(labeled.device)
        self.states = states.to(unlabeled.device)

    def __len__(self) -> int:
        return len(self.unlabeled)


class GameBatches:
    """So many steps an epoch, each a batch of labelled and one of unlabelled rows.

    Both come from endless streams of their own that go on over epochs, so every row is seen and few labelled rows
    are no obstacle.
    """

    def __init__(self, data: GameData, batch_size: int, n_steps: int, generator: torch.Generator) -> None:
        self.data = data
        self.n_steps = n_steps
        self.labeled = Stream(len(data.labeled), batch_size, generator)
        self.unlabeled = Stream(len(data.unlabeled), batch_size, generator)

    def __len__(self) -> int:
        return self.n_steps

    def __iter__(self) -> Iterator[GameBatch]:
        data = self.data
        for _ in range(self.n_steps):
            labeled, unlabeled = next(self.labeled), next(self.unlabeled)
            yield (
                data.labeled.batch(labeled),
                data.targets[labeled.to(data.targets.device)],
                data.unlabeled.batch(unlabeled),
                data.states[unlabeled.to(data.states.device)],
            )


class GameNet(StepVerbs, NeuralNet):
    """A skorch net whose training step is one of the game, or one of the judge alone.

    Parameters
    ----------
    module : Module
        Autoencoder with ``encode`` and ``decode``, and ``classify`` where there is a target learner.
    make_discriminator : callable
        Without arguments; makes a Module from latents (n, d) to logits (n,) of the state. Called for the game and
        again for the judgement.
    weights : Weights
        Of the losses.
    target_learner : bool, default=False
        Whether ``classify`` is trained on the labelled rows.
    n_steps : int, default=100
        Steps an epoch.
    discriminator_lr : float, default=5e-4
        Learning rate of the second optimizer, which is of the same class as the first.
    **kwargs
        Of skorch's NeuralNet.
    """

    def __init__(
        self,
        module: nn.Module,
        make_discriminator: Callable[[], nn.Module],
        *,
        weights: Weights,
        target_learner: bool = False,
        n_steps: int = 100,
        discriminator_lr: float = 5e-4,
        **kwargs: Any,
    ) -> None:
        super().__init__(module, criterion=nn.Identity, train_split=None, **kwargs)
        self.make_discriminator = make_discriminator
        self.weights = weights
        self.target_learner = target_learner
        self.n_steps = n_steps
        self.discriminator_lr = discriminator_lr
        self.judging = False
        self.n_played = 0

    def initialize_module(self) -> GameNet:
        super().initialize_module()
        with self.seeded():
            self.discriminator_ = self.make_discriminator()
        return self

    def initialize_optimizer(self, *args: Any, **kwargs: Any) -> GameNet:
        _, options = self.get_params_for_optimizer("optimizer", self.module_.named_parameters())
        self.optimizer_ = self.optimizer(self.module_.parameters(), **options)
        self.discriminator_optimizer_ = self._optimizer_of(self.discriminator_)
        return self

    def judge(self, data: GameData, n_epochs: int, n_steps: int) -> None:
        """Let the autoencoder rest, and train a fresh discriminator for some epochs of so many steps."""
        self.judging = True
        self.n_steps = n_steps
        with self._current_init_context("module"), self.seeded():
            self.discriminator_ = self.make_discriminator().to(self.device)
        with self._current_init_context("optimizer"):
            self.discriminator_optimizer_ = self._optimizer_of(self.discriminator_)
        # A training of its own: early stopping must not compare this loss with that of the game.
        self.notify("on_train_begin", X=data, y=None)
        self.fit_loop(data, None, epochs=n_epochs)
        self.notify("on_train_end", X=data, y=None)

    def get_iterator(self, dataset: Any, training: bool = False) -> Any:
        if self.draws is None:
            raise RuntimeError("a game is trained within the fit of its estimator.")
        return GameBatches(dataset, self.batch_size, self.n_steps, self.draws.generator("cpu"))

    def train_step(self, batch: GameBatch, **fit_params: Any) -> dict[str, Tensor]:
        """Take one step of each player, or of the judge."""
        labeled, targets, unlabeled, states = batch
        n = len(labeled)
        # One batch: batch norm cannot tell the pools apart. Each by itself becomes floats: one may be of bytes.
        x = torch.cat([self.prepared(labeled), self.prepared(unlabeled)])
        if self.judging:
            losses = self._tell_apart(self._draw(x), n, states)
            return {"loss": losses["discriminator"], **losses}
        losses, mu = self._play(x, n, targets)
        return {**losses, **self._tell_apart(mu.detach(), n, states)}

    def _play(self, x: Tensor, n: int, targets: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Step of the autoencoder; returns its losses and the means of the latents."""
        weights = self.weights
        self.discriminator_.requires_grad_(False)  # its own step comes after
        with self.seeded(), self.autocast():
            mu, logvar = self.module_.encode(x)
            z = self.module_.reparameterize(mu, logvar)
            reconstruction, kl = bound_terms(x, self.module_.decode(z), mu, logvar, weights.likelihood)
            losses = {"reconstruction": reconstruction, "kl": kl}
            total = weights.reconstruction * reconstruction + weights.kl * kl
            if self.target_learner:
                losses["target"] = F.cross_entropy(self.module_.classify(z[:n]).float(), targets)
                total = total + weights.target * losses["target"]
            adversarial_weight = weights.adversarial_at(self.n_played, x[0].numel())
            if adversarial_weight:
                logits = self.discriminator_(mu)
                losses["adversarial"] = generator_loss(logits[:n], logits[n:])
                total = total + adversarial_weight * losses["adversarial"]
        self.discriminator_.requires_grad_(True)
        self.optimizer_.zero_grad()
        total.backward()
        self.optimizer_.step()
        self.n_played += 1
        return {"loss": total.detach(), **detached(losses)}, mu

    def _draw(self, x: Tensor) -> Tensor:
        """Latents from the encoder at rest: draws, which no discriminator can learn by heart."""
        self.module_.eval()
        with torch.no_grad(), self.seeded(), self.autocast():
            z: Tensor = self.module_.reparameterize(*self.module_.encode(x))
        return z

    def _tell_apart(self, z: Tensor, n: int, states: Tensor) -> dict[str, Tensor]:
        """Step of the discriminator."""
        with self.seeded(), self.autocast():
            logits = self.discriminator_(z)
            loss = discriminator_loss(logits[:n], logits[n:], states)
        self.discriminator_optimizer_.zero_grad()
        loss.backward()
        self.discriminator_optimizer_.step()
        return detached({"discriminator": loss, "accuracy": states_told_apart(logits[:n], logits[n:])})

    def run_single_epoch(self, iterator: Any, training: bool, prefix: str, step_fn: Any, **fit_params: Any) -> None:
        """Run the steps of an epoch, and note which phase they are of."""
        if iterator is not None:
            self.history.record("phase", "judgement" if self.judging else "game")
        super().run_single_epoch(iterator, training, prefix, step_fn, **fit_params)

    def _optimizer_of(self, discriminator: nn.Module) -> Any:
        _, options = self.get_params_for_optimizer("optimizer", discriminator.named_parameters())
        return self.optimizer(discriminator.parameters(), **{**options, "lr": self.discriminator_lr})
