"""What VAAL and SRAAL share: pools, the two phases of training, scores, the query, and what to make of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted
from torch import nn

from skal import nets
from skal.adversarial._diagnostics import diagnose
from skal.adversarial._game import GameData, GameNet, Weights
from skal.adversarial._losses import LIKELIHOODS
from skal.adversarial._saved import SavedNets
from skal.data import RowView, n_rows
from skal.labels import unlabeled_mask
from skal.selection import top_k
from skal.training import (
    EmbeddingMixin,
    Inputs,
    NeuralEstimator,
    Rows,
    SeededDraws,
    all_or_nothing,
    epochs_of,
    epochs_of_steps,
    load_weights,
    module_of,
    save_weights,
)
from skal.warning import warn

# Columns of a table beyond three deviations would rule a squared error.
_CLIP = 3.0
_DRAWS = 8  # of a row's latent, for its score
_WIDTH, _HIDDEN, _DISCRIMINATOR = 0.125, (128, 128), 256  # of the default nets: seconds on a CPU


# What an estimator knows of its training, and a file of weights does not.
_OF_TRAINING = ("history_", "n_iter_", "diagnostics_", "states_", "estimator_")


class AdversarialEstimator(EmbeddingMixin, NeuralEstimator, ABC):
    """Base of the estimators that learn to tell labelled from unlabelled rows; not used by itself."""

    open_parts: ClassVar[tuple[str, ...]] = ("module", "discriminator", "optimizer")
    labeled_gaussians_: NDArray[Any] | None = None  # of an ablation

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Predicted state of each row: near 0 like labelled rows, near 1 unlike them.

        Parameters
        ----------
        X : container of n rows
            As in `fit`; read in blocks.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1], higher = ask first.
        """
        return self._read(X, self._states)

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Encode rows: the means of their latents.

        Parameters
        ----------
        X : container of n rows
            As in `fit`; read in blocks.

        Returns
        -------
        ndarray of float32 of shape (n, latent_dim)
            One vector a row.
        """
        return self._read(X, self._embed)

    def query(
        self,
        X_pool: Any,
        n_instances: int = 1,
        *,
        random_tie_break: bool = True,
        return_scores: bool = False,
    ) -> Any:
        """Choose the rows that look least like labelled ones.

        Parameters
        ----------
        X_pool : container of n rows
            As in `fit`; read in blocks.
        n_instances : int, default=1
            Rows to choose.
        random_tie_break : bool, default=True
            Break ties by a permutation of the pool drawn from `random_state`; False: by position.
        return_scores : bool, default=False
            Return their scores as well.

        Returns
        -------
        indices : ndarray of intp of shape (n_instances,)
            Distinct positions in `X_pool`, best first.
        scores : ndarray of shape (n_instances,)
            Only if wanted.

        Raises
        ------
        ValueError
            If `n_instances` is not in [1, n].
        """
        n = n_rows(X_pool)
        if (
            isinstance(n_instances, bool)
            or not isinstance(n_instances, (int, np.integer))
            or not 1 <= n_instances <= n
        ):
            raise ValueError(
                f"{type(self).__name__}: n_instances must be an int in [1, {n}] (the pool size), got {n_instances!r}."
            )
        scores = self.score_samples(X_pool)
        picks, chosen = top_k(scores, int(n_instances), self.random_state, random_tie_break=random_tie_break)
        return (picks, chosen) if return_scores else picks

    def save(self, path: Any) -> None:
        """Write the weights of autoencoder and discriminator, and the scales of columns, into one safetensors file.

        Parameters
        ----------
        path : str or Path
            Written anew.
        """
        check_is_fitted(self)
        saved = SavedNets(self.net_.module_, self.net_.discriminator_, self.labeled_gaussians_)
        save_weights(path, type(self).__name__, saved, self.inputs_, self._facts())

    def load(self, path: Any) -> Any:
        """Become the estimator that was saved: the parameters are those of this one, the weights those of the file.

        Parameters
        ----------
        path : str or Path
            Written by `save` of an estimator with the same nets, sizes and options. Nothing in it can run code. What
            tells of the training (``history_``, ``diagnostics_``) is not in it, nor is a task model.

        Returns
        -------
        estimator
            Itself, fitted: rows can be scored and asked for.

        Raises
        ------
        ValueError
            If the file is no such file or damaged, or its weights do not fit the nets. The estimator is then as it
            was before.
        """
        self._check_parameters()
        inputs, facts, weights = load_weights(path, type(self).__name__)
        with all_or_nothing(self, path):
            self._check_facts(facts, path)
            draws = SeededDraws(0)
            net = self._make_net(inputs, max(len(facts.get("classes", ())), 2), self._device(), draws)
            net.draws = draws
            net.initialize()
            net.draws = None
            gaussians = weights.state.get("labeled_gaussians")
            saved = SavedNets(
                net.module_, net.discriminator_, None if gaussians is None else np.zeros(gaussians.shape)
            )
            weights.into(saved)
            net.judging = facts["judged"]
            self._use(net, inputs)
            for name in _OF_TRAINING:
                self.__dict__.pop(name, None)
            self.labeled_gaussians_ = None if gaussians is None else gaussians.numpy()
            self._use_facts(facts)
        return self

    def _pools(self, X: Any, y: Any, X_unlabeled: Any) -> tuple[Any, Any, Any]:
        """Labelled rows, their labels, and unlabelled rows."""
        who = type(self).__name__
        X = self._rows(X, reset=True)
        if y is None:
            raise ValueError(f"This {who} estimator requires y to be passed, but the target y is None.")
        if n_rows(X) != n_rows(y):
            raise ValueError(f"{who}: X and y have inconsistent numbers of samples: {n_rows(X)} and {n_rows(y)}.")
        missing = unlabeled_mask(y, self.missing_label)
        if missing.all():
            raise ValueError(f"{who}: at least one row must be labelled, got {len(missing)} missing labels.")
        labeled, rest = np.flatnonzero(~missing), np.flatnonzero(missing)
        if X_unlabeled is not None:
            X_unlabeled = self._rows(X_unlabeled, reset=False)
            if len(rest):
                raise ValueError(
                    f"{who}: with X_unlabeled every label in y is needed, got {len(rest)} missing ones. Give all "
                    "rows as X, with missing labels in y, or the labelled ones alone."
                )
            return self._named(X), y, self._named(X_unlabeled)
        if len(rest) == 0:
            warn(f"{who}: every row is labelled, so there is no other state to tell apart and scores mean nothing.")
            return self._named(X), y, self._named(X)
        return RowView(X, labeled), y, RowView(X, rest)

    def _named(self, X: Any) -> Any:
        """Rows of a frame, checked and numbers by now: as a view they are not asked for their names again."""
        return RowView(X, np.arange(n_rows(X))) if hasattr(self, "feature_names_in_") else X

    def _train(
        self,
        X_labeled: Any,
        X_unlabeled: Any,
        *,
        n_outputs: int = 0,
        targets: NDArray[np.int64] | None = None,
        states: NDArray[Any] | None = None,
    ) -> None:
        """Play the game, then train the judge.

        Parameters
        ----------
        X_labeled, X_unlabeled : container
            At least one row each.
        n_outputs : int, default=0
            Classes of the target learner.
        targets : ndarray of shape (n_labeled,) or None
            What the target learner is trained on; None: there is none.
        states : ndarray of shape (n_unlabeled,) or None
            Of the unlabelled rows; None: 1.
        """
        device, draws = self._device(), SeededDraws(self._seed())
        inputs = Inputs.of(X_labeled, X_unlabeled, standardize=self.standardize, clip=_CLIP)
        known = torch.zeros(n_rows(X_labeled), dtype=torch.int64) if targets is None else torch.from_numpy(targets)
        data = GameData(
            Rows(X_labeled, inputs, device, self.keep_on_device),
            known,
            Rows(X_unlabeled, inputs, device, self.keep_on_device),
            torch.ones(n_rows(X_unlabeled)) if states is None else torch.from_numpy(states.astype(np.float32)),
        )
        net = self._make_net(inputs, n_outputs, device, draws, self._n_steps(len(data)), targets is not None)
        net.draws = draws
        net.fit(data, None)
        if self.judge_steps:
            net.judge(data, *epochs_of_steps(self.judge_steps))
        net.draws = None
        self._use(net, inputs)
        self.history_, self.n_iter_ = epochs_of(net.history), len(net.history)
        self._after_training(X_labeled)
        self.diagnostics_ = diagnose(self, X_labeled, X_unlabeled, draws.generator())

    def _use(self, net: GameNet, inputs: Inputs) -> None:
        """Score by this net from here on."""
        net.module_.eval()
        net.discriminator_.eval()
        self.net_, self.inputs_ = net, inputs

    def _n_steps(self, n_unlabeled: int) -> int:
        """Steps of the game."""
        if not self._plays():
            return 0
        if self.max_epochs is None:
            return self.max_steps
        return min(self.max_steps, self.max_epochs * -(-n_unlabeled // self.batch_size))

    def _make_net(
        self,
        inputs: Inputs,
        n_outputs: int,
        device: torch.device,
        draws: SeededDraws,
        n_steps: int = 0,
        target_learner: bool = False,
    ) -> GameNet:
        """Net of two players with initial weights, for so many steps of the game."""
        with draws:
            module = self._make_module(inputs, n_outputs)
        max_epochs, steps_an_epoch = epochs_of_steps(n_steps)
        net: GameNet = self._skorch_net(
            GameNet,
            module,
            device,
            make_discriminator=self._discriminator_maker(inputs, module.latent_dim),
            weights=replace(self._weights(), n_warmup=round(self.warmup * n_steps)),
            target_learner=target_learner,
            n_steps=steps_an_epoch,
            discriminator_lr=self.lr,
            max_epochs=max_epochs,
        )
        return net

    def _discriminator_maker(self, inputs: Inputs, latent_dim: Any) -> Callable[[], nn.Module]:
        options = self._options_of("discriminator")
        if self.discriminator is None:
            options = {"hidden": _DISCRIMINATOR, **options}
        who = type(self).__name__
        return partial(
            module_of, self.discriminator, who, inputs.shape, nets.discriminator, options, latent_dim=latent_dim
        )

    def _module_of(self, inputs: Inputs, default: Any, **sizes: Any) -> nn.Module:
        """Autoencoder from the parameters, or the default one; images at an eighth of the published width."""
        options = self._options_of("module")
        if self.module is None and len(inputs.shape) > 1:
            options = {"width": _WIDTH, **options}
        elif self.module is None:
            options = {"hidden": _HIDDEN, **options}
        return module_of(self.module, type(self).__name__, inputs.shape, default, options, **sizes)

    def _check_parameters(self) -> None:
        self._check_options()
        self._check_numbers(whole=("max_steps", "batch_size"), positive=("lr",))
        who = type(self).__name__
        if isinstance(self.judge_steps, bool) or not isinstance(self.judge_steps, Integral) or self.judge_steps < 0:
            raise ValueError(f"{who}: judge_steps must be an int >= 0, got {self.judge_steps!r}.")
        if self.max_epochs is not None:
            self._check_numbers(whole=("max_epochs",))
        if self.latent_dim is not None:
            self._check_numbers(whole=("latent_dim",))
        if self.likelihood not in LIKELIHOODS:
            raise ValueError(f"{who}: likelihood must be one of {LIKELIHOODS}, got {self.likelihood!r}.")
        if not isinstance(self.warmup, (int, float)) or not 0 <= self.warmup <= 1:
            raise ValueError(f"{who}: warmup must be in [0, 1], got {self.warmup!r}.")
        for name in [name for name in self._get_param_names() if name.endswith("_weight")]:
            value = getattr(self, name)
            if not isinstance(value, (int, float, np.number)) or not 0 <= value < float("inf"):
                raise ValueError(f"{who}: {name} must be a number >= 0, got {value!r}.")

    def _after_training(self, X_labeled: Any) -> None:
        """Hook: keep something of the labelled rows for scoring."""

    def _facts(self) -> dict[str, Any]:
        """What a file of weights says besides them."""
        return {**self._column_facts(), "judged": self.net_.judging}

    def _check_facts(self, facts: dict[str, Any], path: Any) -> None:
        """Hook: raise where a file of weights is for other parameters."""

    def _use_facts(self, facts: dict[str, Any]) -> None:
        self._use_column_facts(facts)

    @abstractmethod
    def _make_module(self, inputs: Inputs, n_outputs: int) -> nn.Module:
        """Autoencoder for such rows."""

    @abstractmethod
    def _weights(self) -> Weights:
        """Weights of the losses."""

    def _plays(self) -> bool:
        """Whether there is a game before the judgement."""
        return True

    def _states(self, x: torch.Tensor) -> torch.Tensor:
        """State of each row as the discriminator expects it, on latents such as it was trained on."""
        discriminator = self.net_.discriminator_
        mu, logvar = self._encode(x)
        if not self.net_.judging:  # the player of the game saw means
            return torch.sigmoid(discriminator(mu).double())
        deviation = torch.exp(0.5 * logvar)
        states = [torch.sigmoid(discriminator(mu + deviation * draw).double()) for draw in _shared_draws(mu)]
        return torch.stack(states).mean(dim=0)

    def _embed(self, x: torch.Tensor) -> torch.Tensor:
        return self._encode(x)[0].float()

    def _encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mu, logvar = self.net_.module_.encode(self.net_.prepared(x))
        return mu, logvar


def _shared_draws(like: torch.Tensor) -> torch.Tensor:
    """Noise (draws, d) that is the same for all rows and calls, each draw with its mirror image."""
    noise = torch.randn((_DRAWS // 2, like.shape[1]), generator=torch.Generator().manual_seed(0)).to(like)
    return torch.cat([noise, -noise])
