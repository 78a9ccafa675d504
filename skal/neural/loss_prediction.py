"""A net that predicts its own losses, as a scikit-learn classifier."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from skorch.callbacks import Callback, PassthroughScoring
from torch import Tensor, nn

from skal.cloning import fresh
from skal.data import take, to_numpy
from skal.nets import LossPrediction, stage_channels
from skal.neural._batches import Labeled
from skal.neural._inputs import Inputs, Rows, Standardize
from skal.neural._net import ClassifierNet
from skal.neural._pair_loss import pair_loss
from skal.neural._random import SeededDraws
from skal.neural._reading import read
from skal.neural.classifier import NeuralClassifier
from skal.outputs import is_fitted


class LossPredictionClassifier(NeuralClassifier):
    """A net trained together with a small one that learns which rows have the larger loss.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        As of `NeuralClassifier`, with ``forward_stages(x) -> (logits, stages)``, as all task nets of `skal.nets`.
    margin : float, default=1.0
        How far the predicted losses of a pair must lie apart.
    weight : float, default=1.0
        Weight of the pair loss beside the cross-entropy.
    stop_gradient_after : float, default=0.6
        Share of the epochs after which the pair loss no longer trains the net itself, only the loss prediction:
        120 of 200 in the paper.
    features : transformer or None, default=None
        Its features of a row join the stages [2]_; a `VariationalAutoencoder` as a rule. Used as it is where it is
        fitted; else a clone is fitted to all rows given to ``fit``, unlabelled ones too. ``clone``, model selection
        and learners that train fresh copies empty a fitted one: wrap it in ``sklearn.frozen.FrozenEstimator`` to keep
        it.
    max_epochs, batch_size, lr, optimizer, device, random_state, missing_label, classes, warm_start, standardize, \
augment, train_split, callbacks, channels_last, bf16, verbose
        As of `NeuralClassifier`. Rows are paired within a batch, so a batch has two at least.
    **options
        ``module__*`` and ``optimizer__*``.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
        Labels, sorted.
    net_ : skorch net
        With ``net_.module_.backbone`` the net and ``net_.module_.loss_prediction`` the small one.
    features_ : transformer or None
        That which is used.
    history_ : list of dict
        As of `NeuralClassifier`, with ``pair_loss``; ``train_loss`` is the sum.

    References
    ----------
    .. [1] Yoo & Kweon, "Learning loss for active learning", CVPR 2019, equations 2 and 3; section 4.1 for the stop.
    .. [2] Godwin et al., "Incorporating task-agnostic information in task-based active learning using a variational
       autoencoder", SciPy 2022.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LossPredictionClassifier(max_epochs=20, random_state=0).fit(X[::3], y[::3])
    >>> model.predict_loss(X).shape
    (150,)
    """

    def __init__(
        self,
        module: Any = None,
        *,
        margin: float = 1.0,
        weight: float = 1.0,
        stop_gradient_after: float = 0.6,
        features: Any = None,
        max_epochs: int | str = "auto",
        batch_size: int = 32,
        lr: float = 1e-3,
        optimizer: Any = torch.optim.Adam,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        missing_label: Any = "auto",
        classes: Any = None,
        warm_start: bool = False,
        standardize: Standardize = "auto",
        augment: Any = None,
        train_split: Any = None,
        callbacks: Any = None,
        channels_last: bool = False,
        bf16: bool = False,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(
            module,
            max_epochs=max_epochs,
            batch_size=batch_size,
            lr=lr,
            optimizer=optimizer,
            device=device,
            random_state=random_state,
            missing_label=missing_label,
            classes=classes,
            warm_start=warm_start,
            standardize=standardize,
            augment=augment,
            train_split=train_split,
            callbacks=callbacks,
            channels_last=channels_last,
            bf16=bf16,
            verbose=verbose,
        )
        self.margin = margin
        self.weight = weight
        self.stop_gradient_after = stop_gradient_after
        self.features = features
        self._keep_options(options)

    def predict_loss(self, X: Any) -> NDArray[np.float64]:
        """Predict the loss of each row.

        Parameters
        ----------
        X : container of n rows
            As in `fit`; read in blocks.

        Returns
        -------
        ndarray of shape (n,)
            On no scale of its own, since only orders of pairs were learnt; higher = larger loss = ask first.
        """
        X = self._read_rows(X)

        def predicted(x: Tensor, extra: Tensor | None = None) -> Tensor:
            net = self.net_
            with net.autocast():
                losses: Tensor = net.module_.with_losses(net.prepared(x), extra)[1]
            return losses.double()

        return read(X, self.inputs_, self._module_device(), predicted, beside=self._extra(X))

    def _check_parameters(self) -> None:
        super()._check_parameters()
        who = type(self).__name__
        self._check_numbers(positive=("margin",))
        if self.batch_size < 2:
            raise ValueError(f"{who}: batch_size must be at least 2, since losses are compared in pairs, got 1.")
        for name, most in (("weight", float("inf")), ("stop_gradient_after", 1.0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= float(value) <= most:
                raise ValueError(f"{who}: {name} must be a number in [0, {most:g}], got {value!r}.")

    def _see_rows(self, X: Any, seed: int) -> None:
        if not (self.warm_start and hasattr(self, "net_")):
            self.features_ = self.features
            if self.features is not None and not is_fitted(self.features):
                self.features_ = fresh(self.features, np.random.RandomState(seed)).fit(X)
            self.n_extra_ = 0 if self.features is None else len(self._extra(take(X, slice(0, 1)))[0])

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), "n_extra": self.n_extra_}

    def _use_facts(self, facts: dict[str, Any]) -> None:
        super()._use_facts(facts)
        self.n_extra_, self.features_ = facts.get("n_extra", 0), self.features
        if self.n_extra_ and (self.features is None or not is_fitted(self.features)):
            raise ValueError(
                f"{type(self).__name__}.load: the file was saved with features of {self.n_extra_} numbers a row. Set "
                f"features= to the same fitted transformer, got {self.features!r}."
            )

    def _extra(self, X: Any) -> Any:
        """Features that join the stages, or None."""
        if self.features_ is None:
            return None
        return to_numpy(self.features_.transform(X)).astype(np.float32)

    def _make_module(self, inputs: Inputs, n_classes: int) -> nn.Module:
        backbone = super()._make_module(inputs, n_classes)
        loss_prediction = LossPrediction(stage_channels(backbone, inputs.shape), n_extra=self.n_extra_)
        return WithLossPrediction(backbone, loss_prediction)

    def _make_net(self, inputs: Inputs, n_classes: int, device: torch.device, draws: SeededDraws) -> ClassifierNet:
        net = super()._make_net(inputs, n_classes, device, draws)
        net.margin, net.weight = self.margin, self.weight
        return net

    def _net_class(self) -> type[ClassifierNet]:
        return LossPredictionNet

    def _dataset(self, rows: Rows, targets: Tensor) -> Labeled:
        extra = self._extra(rows.X)
        return (
            Labeled(rows, targets) if extra is None else LabeledWithFeatures(rows, targets, torch.from_numpy(extra))
        )

    def _train(self, net: ClassifierNet, dataset: Labeled, targets: NDArray[np.int64], goes_on: bool) -> None:
        before = len(net.history) if goes_on else 0
        net.stop_after = before + round(self.stop_gradient_after * self._n_epochs(len(dataset)))
        super()._train(net, dataset, targets, goes_on)


class WithLossPrediction(nn.Module):
    """A task net and the small net that reads its stages.

    Parameters
    ----------
    backbone : Module
        With ``forward_stages``.
    loss_prediction : Module
        Stages, and features or None, to predicted losses (n,).
    """

    def __init__(self, backbone: nn.Module, loss_prediction: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.loss_prediction = loss_prediction

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, C)."""
        logits: Tensor = self.backbone(x)
        return logits

    def with_losses(self, x: Tensor, extra: Tensor | None = None, stop: bool = False) -> tuple[Tensor, Tensor]:
        """Return logits (n, C) and predicted losses (n,); with `stop` no gradient of the latter reaches the net."""
        forward_stages: Any = self.backbone.forward_stages
        logits, stages = forward_stages(x)
        if stop:
            stages = [stage.detach() for stage in stages]
        return logits, self.loss_prediction(stages, extra)


class LossPredictionNet(ClassifierNet):
    """A net trained on cross-entropy and pair loss together.

    Attributes
    ----------
    margin, weight : float
        Of the pair loss.
    stop_after : int
        Epochs after which its gradient stops at the stages.
    """

    margin: float = 1.0
    weight: float = 1.0
    stop_after: int = 0

    def infer(self, x: Any, **fit_params: Any) -> tuple[Tensor, Tensor]:
        """Return logits and predicted losses of a batch, rows alone or beside their features."""
        x, extra = x if isinstance(x, (tuple, list)) else (x, None)
        stop = len(self.history) > self.stop_after  # the running epoch counts already
        with self.seeded(), self.autocast():
            rows = self.seen(x, self.augment if self.module_.training else None)
            logits, losses = self.module_.with_losses(rows, extra, stop)
        return logits, losses

    def get_loss(self, y_pred: Any, y_true: Any, X: Any = None, training: bool = False) -> Tensor:
        """Return the joint loss of a batch."""
        logits, predicted = y_pred
        losses = F.cross_entropy(logits.float(), y_true, reduction="none")  # (n,)
        pairs = pair_loss(predicted.float(), losses, self.margin)
        if training:
            self.history.record_batch("pair_loss", pairs.item())
        return losses.mean() + self.weight * pairs

    @property
    def _default_callbacks(self) -> list[tuple[str, Callback]]:
        timer, *others = super()._default_callbacks
        return [timer, ("pair_loss", PassthroughScoring(name="pair_loss", on_train=True)), *others]


class LabeledWithFeatures(Labeled):
    """Labelled rows beside their features.

    Parameters
    ----------
    rows : Rows
        Of n rows.
    targets : Tensor of shape (n, ...)
        Their targets.
    features : Tensor of shape (n, e)
        Their features.
    """

    def __init__(self, rows: Rows, targets: Tensor, features: Tensor) -> None:
        super().__init__(rows, targets)
        self.features = features.to(rows.device)

    def __getitem__(self, row: int) -> Any:
        (x, features), y = self.batch(torch.tensor([row]))
        return (x[0], features[0]), y[0]

    def batch(self, rows: Tensor) -> Any:
        """Rows and features, and targets, at positions (int64, on the host)."""
        x, y = super().batch(rows)
        return (x, self.features[rows.to(self.features.device)]), y
