"""What UDA and FixMatch share: rows, settings, and what is said when the unlabelled rows taught nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from skal.augment import make_augmentation
from skal.data import RowView, n_rows
from skal.neural import NeuralClassifier
from skal.semi_supervised._data import PartlyLabeled
from skal.semi_supervised._losses import ANNEALINGS
from skal.semi_supervised._net import Consistency, ConsistencyNet
from skal.training import ClassifierNet, Inputs, Labeled, LabeledTraining, Rows, SeededDraws, epochs_of_steps
from skal.warning import warn

PUBLISHED_OPTIMIZER = {
    "optimizer": torch.optim.SGD,
    "optimizer__momentum": 0.9,
    "optimizer__nesterov": True,
    "optimizer__weight_decay": 5e-4,
}


class LearnsFromUnlabeled(LabeledTraining):
    """Base of estimators that learn from unlabelled rows too; before the estimator that they extend in the bases."""

    learns_from_unlabeled: ClassVar[bool] = True
    # Steps are the unit, and a split of the labelled rows would leave even fewer: no parameters of these estimators.
    max_epochs: Any = 1
    train_split: Any = None
    max_steps: int

    def fit(self, X: Any, y: Any, *, X_unlabeled: Any = None) -> Any:
        """Train on labelled and unlabelled rows.

        Parameters
        ----------
        X : container of n rows
            A table (n, d), or images (n, C, H, W).
        y : array-like of shape (n,), or masks of n images
            Labels. Rows whose label is missing are the unlabelled ones.
        X_unlabeled : container of rows, default=None
            The unlabelled rows, where `y` has no missing labels.

        Returns
        -------
        estimator
            Itself.

        Raises
        ------
        ValueError
            If rows or labels cannot be trained on, if unlabelled rows are given in both ways, or training diverges.

        Warns
        -----
        UserWarning
            If there is no unlabelled row, or if no guess was ever trusted: then labels alone have taught the net.
        """
        return self._fit(X, y, X_unlabeled)

    def _check_share(self, name: str) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < 1:
            raise ValueError(f"{type(self).__name__}: {name} must be a number in [0, 1), got {value!r}.")

    def _check_weight(self, name: str) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < float("inf"):
            raise ValueError(f"{type(self).__name__}: {name} must be a number >= 0, got {value!r}.")

    def _with_unlabeled(self, data: Labeled, X: Any, rows: NDArray[np.intp], *others: Any) -> PartlyLabeled:
        who = type(self).__name__
        rest = np.setdiff1d(np.arange(n_rows(X)), rows)
        if others and len(rest):
            raise ValueError(
                f"{who}: with X_unlabeled every label in y is needed, got {len(rest)} missing ones. Give all rows as "
                "X, with missing labels in y, or the labelled ones alone."
            )
        X_unlabeled = others[0] if others else RowView(X, rest)
        if n_rows(X_unlabeled) == 0:
            warn(
                f"{who}: there is no unlabelled row to learn from, so this is supervised training. Give all rows, "
                "with missing labels in y (None or NaN), or X_unlabeled."
            )
            return PartlyLabeled(data, None)
        return PartlyLabeled(data, Rows(X_unlabeled, data.rows.inputs, data.rows.device))

    def _n_epochs(self, dataset: Any) -> int:
        return epochs_of_steps(self.max_steps)[0]


class ConsistencyClassifier(LearnsFromUnlabeled, NeuralClassifier, ABC):
    """Base of the classifiers that learn from unlabelled rows too; not used by itself."""

    _takes_label_sets: ClassVar[bool] = False
    strong: Any
    unlabeled_batch_size: int | None
    unlabeled_weight: float
    threshold: float
    ema_decay: float | None
    schedule: str | None

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, X_unlabeled: Any = None) -> Any:
        """Train on labelled and unlabelled rows.

        Parameters
        ----------
        X : container of n rows
            A table (n, d), or images (n, C, H, W).
        y : array-like of shape (n,)
            Labels. Rows whose label is missing are the unlabelled ones.
        sample_weight : array-like of shape (n,), default=None
            What the loss of each labelled row counts, relative to their mean; those of unlabelled rows are not looked
            at.
        X_unlabeled : container of rows, default=None
            The unlabelled rows, where `y` has no missing labels.

        Returns
        -------
        estimator
            Itself.

        Raises
        ------
        ValueError
            If rows, labels or weights cannot be trained on, if unlabelled rows are given in both ways, or training
            diverges.

        Warns
        -----
        UserWarning
            If there is no unlabelled row, or if no guess was ever trusted: then labels alone have taught the net.
        """
        return self._fit(X, y, X_unlabeled, sample_weight)

    @abstractmethod
    def _consistency(self) -> Consistency:
        """How unlabelled rows are learnt from."""

    def _check_parameters(self) -> None:
        who = type(self).__name__
        self._check_options()
        self._check_numbers(whole=("max_steps", "batch_size"), positive=("lr",))
        if self.unlabeled_batch_size is not None:
            self._check_numbers(whole=("unlabeled_batch_size",))
        self._check_share("threshold")
        if self.ema_decay is not None:
            self._check_share("ema_decay")
        self._check_weight("unlabeled_weight")
        if self.schedule not in (None, "cosine"):
            raise ValueError(f"{who}: schedule must be 'cosine' or None, got {self.schedule!r}.")
        annealing = self._consistency().annealing
        if annealing is not None and annealing not in ANNEALINGS:
            raise ValueError(f"{who}: annealing must be one of {ANNEALINGS} or None, got {annealing!r}.")

    def _make_net(self, inputs: Inputs, n_classes: int, device: torch.device, draws: SeededDraws) -> Any:
        with draws:
            module = self._make_module(inputs, n_classes)
        max_epochs, n_steps = epochs_of_steps(self.max_steps)
        return self._skorch_net(
            ConsistencyNet,
            module,
            device,
            n_classes=max(n_classes, 2),
            consistency=self._consistency(),
            strong=make_augmentation(self.strong, inputs.shape),
            n_steps=n_steps,
            n_steps_in_all=max_epochs * n_steps,
            unlabeled_batch_size=self.unlabeled_batch_size or 4 * self.batch_size,
            ema_decay=self.ema_decay,
            cosine=self.schedule == "cosine",
            max_epochs=max_epochs,
            train_split=None,
        )

    def _train(self, net: ClassifierNet, dataset: Any, targets: NDArray[np.int64], goes_on: bool) -> None:
        net.begin(dataset)
        super()._train(net, dataset, targets, goes_on)
        net.end()
        if dataset.unlabeled is not None and self.unlabeled_weight and not net.history[-1]["trusted"]:
            warn(
                f"{type(self).__name__}: at the end no guess on an unlabelled row was above threshold="
                f"{self.threshold}, so labels alone have taught the net. Lower threshold, or raise max_steps."
            )
