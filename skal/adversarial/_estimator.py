"""What VAAL and SRAAL share: pools, the two phases of training, scores, the query, and what to make of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from skal import nets
from skal.adversarial._diagnostics import diagnose
from skal.adversarial._game import GameData, GameNet, Weights
from skal.adversarial._losses import LIKELIHOODS
from skal.data import RowView, n_rows
from skal.labels import unlabeled_mask
from skal.neural._estimator import EmbeddingMixin, NeuralEstimator, epochs_of
from skal.neural._inputs import Inputs, Rows
from skal.neural._module import module_of
from skal.neural._random import SeededDraws
from skal.selection import top_k
from skal.warning import warn

# Columns of a table beyond three deviations would rule a squared error.
_CLIP = 3.0
_STEPS_AN_EPOCH = 50  # of the history, where a pass over the pool is not what counts
_WIDTH, _HIDDEN, _DISCRIMINATOR = 0.125, (128, 128), 256  # of the default nets: seconds on a CPU


class AdversarialEstimator(EmbeddingMixin, NeuralEstimator):
    """Base of the estimators that learn to tell labelled from unlabelled rows; not used by itself."""

    open_parts: ClassVar[tuple[str, ...]] = ("module", "discriminator", "optimizer")

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
        return self._read(X, lambda x: torch.sigmoid(self._net_discriminator()(self._means(x)).double()))

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Means of the latents.

        Parameters
        ----------
        X : container of n rows
            As in `fit`; read in blocks.

        Returns
        -------
        ndarray of float32 of shape (n, latent_dim)
            One vector a row.
        """
        return self._read(X, lambda x: self._means(x).float())

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
            return X, y, X_unlabeled
        if len(rest) == 0:
            warn(f"{who}: every row is labelled, so there is no other state to tell apart and scores mean nothing.")
            return X, y, X
        return RowView(X, labeled), y, RowView(X, rest)

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
        self.inputs_ = Inputs.of(X_labeled, X_unlabeled, standardize=self.standardize, clip=_CLIP)
        known = torch.zeros(n_rows(X_labeled), dtype=torch.int64) if targets is None else torch.from_numpy(targets)
        data = GameData(
            Rows(X_labeled, self.inputs_, device, self.keep_on_device),
            known,
            Rows(X_unlabeled, self.inputs_, device, self.keep_on_device),
            torch.ones(n_rows(X_unlabeled)) if states is None else torch.from_numpy(states.astype(np.float32)),
        )
        with draws:
            module = self._make_module(n_outputs)
        net = self._play(data, module, targets is not None, device, draws)
        n_epochs, n_steps = _epochs_of(self.judge_steps)
        net.begin_judgement(n_steps)
        net.fit_loop(data, None, epochs=n_epochs)
        net.module_.eval()
        net.discriminator_.eval()
        self.net_, self.n_iter_ = net, len(net.history)
        self.history_ = epochs_of(net.history)
        self._after_training(X_labeled)
        self.diagnostics_ = diagnose(self, X_labeled, X_unlabeled, draws.generator())
        net.draws = None

    def _play(
        self, data: GameData, module: nn.Module, target_learner: bool, device: torch.device, draws: SeededDraws
    ) -> GameNet:
        """Net after the game."""
        total = self.max_steps
        if self.max_epochs is not None:
            total = min(total, self.max_epochs * -(-len(data) // self.batch_size))
        n_epochs, n_steps = _epochs_of(total)
        net = self._skorch_net(
            GameNet,
            module,
            device,
            make_discriminator=self._discriminator_maker(module.latent_dim),
            weights=replace(self._weights(), n_warmup=round(self.warmup * total)),
            target_learner=target_learner,
            n_steps=n_steps,
            discriminator_lr=self.lr,
            max_epochs=n_epochs if self._plays() else 0,
        )
        net.draws = draws
        net.fit(data, None)
        return net

    def _discriminator_maker(self, latent_dim: Any) -> Callable[[], nn.Module]:
        options = self._options_of("discriminator")
        if self.discriminator is None:
            options = {"hidden": _DISCRIMINATOR, **options}
        who, shape = type(self).__name__, self.inputs_.shape
        return partial(module_of, self.discriminator, who, shape, nets.discriminator, options, latent_dim=latent_dim)

    def _module_of(self, default: Any, **sizes: Any) -> nn.Module:
        """Autoencoder from the parameters, or the default one; images at an eighth of the published width."""
        options = self._options_of("module")
        if self.module is None and len(self.inputs_.shape) > 1:
            options = {"width": _WIDTH, **options}
        elif self.module is None:
            options = {"hidden": _HIDDEN, **options}
        return module_of(self.module, type(self).__name__, self.inputs_.shape, default, options, **sizes)

    def _check_parameters(self) -> None:
        self._check_options()
        self._check_numbers(whole=("max_steps", "judge_steps", "batch_size"), positive=("lr",))
        who = type(self).__name__
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
        """What is kept of the labelled rows for scoring: nothing."""

    def _make_module(self, n_outputs: int) -> nn.Module:
        """Autoencoder for rows of ``inputs_.shape``."""
        raise NotImplementedError

    def _weights(self) -> Weights:
        """Weights of the losses."""
        raise NotImplementedError

    def _plays(self) -> bool:
        """Whether there is a game before the judgement."""
        return True

    def _net_discriminator(self) -> nn.Module:
        return self.net_.discriminator_

    def _means(self, x: torch.Tensor) -> torch.Tensor:
        mu: torch.Tensor = self.net_.module_.encode(self.net_.prepared(x))[0]
        return mu


def _epochs_of(n_steps: int) -> tuple[int, int]:
    """Epochs of the history, and steps in each, for so many steps in all."""
    n_epochs = -(-n_steps // _STEPS_AN_EPOCH)
    return n_epochs, -(-n_steps // n_epochs)
