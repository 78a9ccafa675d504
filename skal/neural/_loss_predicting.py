"""A net trained together with a small one that predicts its losses: what is the same for rows and for images."""

from __future__ import annotations

import numbers
import sys
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skorch.callbacks import Callback, PassthroughScoring
from torch import Tensor, nn

from skal.cloning import fresh
from skal.data import take, to_numpy
from skal.nets import LossPrediction, stage_channels
from skal.neural._head_features import HeadFeatures
from skal.neural._pair_loss import pair_loss
from skal.outputs import is_fitted
from skal.training import Inputs, Labeled, Rows, SeededDraws, logits_of, read, unweighted


class LossPredicting(HeadFeatures):
    """Base of estimators that predict their losses; before the estimator that they extend in the bases."""

    margin: float
    weight: float
    stop_gradient_after: float
    features: Any
    batch_size: int

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
            with self._same_draws(), net.autocast():
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

    def _task_net(self, module: nn.Module) -> nn.Module:
        backbone: nn.Module = module.backbone  # type: ignore[assignment]
        return backbone

    def _make_net(self, inputs: Inputs, n_classes: int, device: torch.device, draws: SeededDraws) -> Any:
        net = super()._make_net(inputs, n_classes, device, draws)
        net.margin, net.weight = self.margin, self.weight
        return net

    def _dataset(self, rows: Rows, targets: Any) -> Labeled:
        data: Labeled = super()._dataset(rows, targets)  # type: ignore[safe-super]  # of the estimator beside it
        extra = self._extra(rows.X)
        return data if extra is None else LabeledWithFeatures(data, torch.from_numpy(extra))

    def _one_pass(self, net: Any, data: Any, targets: Any, goes_on: bool) -> None:
        # Nobody knows how many passes there will be, so the share after which the gradient stops is never reached.
        net.stop_after = 0 if self.stop_gradient_after == 0 else sys.maxsize
        super()._one_pass(net, data, targets, goes_on)

    def _train(self, net: Any, dataset: Any, targets: Any, goes_on: bool) -> None:
        before = len(net.history) if goes_on else 0
        net.stop_after = before + round(self.stop_gradient_after * self._n_epochs(dataset))
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
        return logits_of(self.backbone(x))

    def with_losses(self, x: Tensor, extra: Tensor | None = None, stop: bool = False) -> tuple[Tensor, Tensor]:
        """Return logits (n, C) and predicted losses (n,); with `stop` no gradient of the latter reaches the net."""
        forward_stages: Any = self.backbone.forward_stages
        logits, stages = forward_stages(x)
        if stop:
            stages = [stage.detach() for stage in stages]
        return logits, self.loss_prediction(stages, extra)


class LossVerbs:
    """Verbs of a net trained on its own loss and the pair loss together; before the net's in the bases.

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
        x, _ = unweighted(x)
        x, extra = x if isinstance(x, (tuple, list)) else (x, None)
        net: Any = self
        stop = len(net.history) > self.stop_after  # the running epoch counts already
        with net.seeded(), net.autocast():
            logits, losses = net.module_.with_losses(net.seen_now(x), extra, stop)
        return logits, losses

    def get_loss(self, y_pred: Any, y_true: Any, X: Any = None, training: bool = False) -> Tensor:
        """Return the joint loss of a batch."""
        net: Any = self
        logits, predicted = y_pred
        weights = unweighted(X)[1]
        pairs = pair_loss(predicted.float(), net.row_losses(logits, y_true), self.margin, weights)
        if training:
            net.history.record_batch("pair_loss", pairs.item())
        loss: Tensor = net.task_loss(logits, y_true, weights)
        return loss + self.weight * pairs

    @property
    def _default_callbacks(self) -> list[tuple[str, Callback]]:
        timer, *others = super()._default_callbacks  # type: ignore[misc]
        return [timer, ("pair_loss", PassthroughScoring(name="pair_loss", on_train=True)), *others]


class LabeledWithFeatures(Labeled):
    """Labelled rows beside their features.

    Parameters
    ----------
    data : Labeled
        Of n rows.
    features : Tensor of shape (n, e)
        Their features.
    """

    def __init__(self, data: Labeled, features: Tensor) -> None:
        super().__init__(data.rows, data.targets)
        self.features = features.to(data.rows.device)

    def __getitem__(self, row: int) -> Any:
        x, features = self.inputs_at(torch.tensor([row]))
        return (x[0], features[0]), self.targets[row]

    def inputs_at(self, rows: Tensor) -> Any:
        """Rows and features at positions (int64, on the host)."""
        return self.rows.batch(rows), self.features[rows.to(self.features.device)]
