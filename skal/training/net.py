"""skorch's training loop, cut where seeds, devices and precision come in.

What skorch 1.4 does otherwise, and why each verb is replaced:

- ``infer`` draws dropout masks from the global generator: here from the net's own;
- its loader shuffles by the global generator and copies row by row: here whole batches are indexed where the
  rows lie;
- ``predict_nonlinearity="auto"`` takes the softmax over the last axis, for images the width: here the class axis;
- a fifth of the labelled rows is held out unless told otherwise: here none is;
- Ctrl-C ends the training without a word: here it is let through, and only what a callback raises to stop is not.
"""

from __future__ import annotations

import contextlib
import copy
import dis
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skorch import NeuralNet, NeuralNetClassifier
from skorch.callbacks import Callback, EpochTimer, PassthroughScoring, PrintLog
from skorch.dataset import ValidSplit

from skal.training.batches import EpochBatches, Labeled
from skal.training.contract import as_pair, check_class_logits, logits_of, weights_type
from skal.training.inputs import Inputs
from skal.training.row_weights import unweighted
from skal.training.seeded_draws import SeededDraws

Augmentation = Callable[[torch.Tensor], torch.Tensor]


class Diverged(ValueError):
    """The loss of a net is no longer a number."""


class Stop(Exception):
    """A callback, such as early stopping, has asked for the end of the training."""


class StopIfDiverged(Callback):
    """Raise as soon as the training loss of an epoch is NaN or infinite, instead of training on."""

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        loss = net.history[-1].get("train_loss")
        if loss is not None and not torch.isfinite(torch.tensor(float(loss))):
            raise Diverged(
                f"training diverged: the loss is {loss} after epoch {len(net.history)}. Lower lr (now "
                f"{net.lr}), or scale the rows (a StandardScaler in a Pipeline, standardize=True)."
            )


class SeededVerbs:
    """The verbs of a skorch net that every net here shares; before NeuralNet in the bases.

    Attributes
    ----------
    draws : SeededDraws or None
        All randomness of initialisation, shuffling, augmentation and dropout; None after training.
    augment : callable or None
        What is done to the rows of a training step.
    channels_last, bf16 : bool
        Memory format of images, and autocast of forward passes to bfloat16.
    """

    draws: SeededDraws | None = None
    augment: Augmentation | None = None
    channels_last: bool = False
    bf16: bool = False

    @property
    def _default_callbacks(self) -> list[tuple[str, Callback]]:
        callbacks = [
            ("epoch_timer", EpochTimer()),
            ("train_loss", PassthroughScoring(name="train_loss", on_train=True)),
            ("valid_loss", PassthroughScoring(name="valid_loss")),
            ("stop_if_diverged", StopIfDiverged()),
        ]
        return [*callbacks, ("print_log", PrintLog())] if self.verbose else callbacks  # type: ignore[attr-defined]

    def seeded(self) -> Any:
        """Context in which this thread draws from the generator of the net."""
        return contextlib.nullcontext() if self.draws is None else self.draws

    def partial_fit(self, X: Any, y: Any = None, classes: Any = None, **fit_params: Any) -> Any:
        """Train on, from the weights that are there; Ctrl-C is let through."""
        fit_params.pop("_routing_method", None)
        if not self.initialized_:  # type: ignore[attr-defined]
            self.initialize()  # type: ignore[attr-defined]
        self.notify("on_train_begin", X=X, y=y)
        self.fit_loop(X, y, **fit_params)
        self.notify("on_train_end", X=X, y=y)
        return self

    def fit_loop(self, X: Any, y: Any = None, epochs: int | None = None, **fit_params: Any) -> Any:
        """Run the epochs, until a callback stops them."""
        with contextlib.suppress(Stop):
            super().fit_loop(X, y, epochs=epochs, **fit_params)  # type: ignore[misc]
        return self

    def notify(self, method_name: str, **cb_kwargs: Any) -> None:
        """Call the callbacks; an interrupt that one of them raises is its wish to stop, one by a person is not."""
        try:
            super().notify(method_name, **cb_kwargs)  # type: ignore[misc]
        except KeyboardInterrupt as error:
            if _from_the_keyboard(error):
                raise
            raise Stop from error  # skorch's callbacks raise this to stop

    def get_iterator(self, dataset: Any, training: bool = False) -> Any:
        """Return whole batches of `Labeled` rows, shuffled by the net's own generator in training."""
        inner = dataset
        while isinstance(inner, torch.utils.data.Subset):
            inner = inner.dataset
        if not isinstance(inner, Labeled):
            return super().get_iterator(dataset, training)  # type: ignore[misc]
        shuffler = self.draws.generator("cpu") if training and self.draws is not None else None
        return EpochBatches(dataset, self.batch_size, shuffler)  # type: ignore[attr-defined]

    def prepared(self, x: torch.Tensor, module: torch.nn.Module | None = None) -> torch.Tensor:
        """Batch as the module reads it: on its device, of the type of its weights, channels last if wanted."""
        x = Inputs.floats(x.to(self.device, non_blocking=True))  # type: ignore[attr-defined]
        if x.is_floating_point():
            x = x.to(weights_type(self.module_ if module is None else module))  # type: ignore[attr-defined]
        return x.contiguous(memory_format=torch.channels_last) if self.channels_last and x.ndim == 4 else x

    def seen(self, x: torch.Tensor, augment: Augmentation | None) -> torch.Tensor:
        """Batch as the module sees it in training: augmented; prepared before, and in form after."""
        x = self.prepared(x)
        return x if augment is None else self.prepared(augment(x))

    def autocast(self) -> Any:
        """Context of forward passes: bfloat16 where asked for."""
        device = torch.device(self.device).type  # type: ignore[attr-defined]
        return torch.autocast(device, torch.bfloat16, enabled=True) if self.bf16 else contextlib.nullcontext()

    def seen_now(self, x: torch.Tensor) -> torch.Tensor:
        """Batch as the module sees it in the mode it is in: augmented in training."""
        return self.seen(x, self.augment if self.module_.training else None)  # type: ignore[attr-defined]

    def infer(self, x: torch.Tensor, **fit_params: Any) -> Any:
        """Pass a batch through the module, with seeded draws."""
        with self.seeded(), self.autocast():
            return self.output(self.seen_now(unweighted(x)[0]), **fit_params)

    def output(self, x: torch.Tensor, **fit_params: Any) -> Any:
        """Return what is read of the module's output for a prepared batch."""
        return self.module_(x, **fit_params)  # type: ignore[attr-defined]

    def check_logits(self, logits: torch.Tensor, x: torch.Tensor, n_outputs: int, who: str) -> None:
        """Hook: refuse what is no such output of the module."""

    def __getstate__(self) -> Any:
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]
        state.pop("draws", None)
        return state


def _from_the_keyboard(error: KeyboardInterrupt) -> bool:
    """Tell Ctrl-C, which breaks in at any instruction, from a ``raise`` in a callback."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is None or trace.tb_frame.f_code.co_code[trace.tb_lasti] != dis.opmap["RAISE_VARARGS"]


def seeded_split(train_split: Any, seed: int) -> Any:
    """Give a seed to a split that would draw from NumPy's global generator, on a copy."""
    if not isinstance(train_split, ValidSplit) or not isinstance(train_split.cv, float):
        return train_split
    if train_split.random_state is not None:
        return train_split
    split = copy.copy(train_split)
    split.random_state = seed
    return split


def class_softmax(logits: torch.Tensor) -> torch.Tensor:
    """Probabilities over the class axis, the second, also of images."""
    return torch.softmax(logits.double(), dim=1)


class ClassifierNet(SeededVerbs, NeuralNetClassifier):
    """A net with cross-entropy over the class axis.

    Parameters
    ----------
    module : Module
        Made under `draws`; it is trained itself, not a copy.
    **kwargs
        Of skorch's NeuralNetClassifier.
    """

    def __init__(self, module: Any, **kwargs: Any) -> None:
        kwargs.setdefault("predict_nonlinearity", class_softmax)
        super().__init__(module, criterion=torch.nn.CrossEntropyLoss, **kwargs)

    def output(self, x: torch.Tensor, **fit_params: Any) -> torch.Tensor:
        """Return the logits of a prepared batch; one of two classes as two."""
        return as_pair(logits_of(super().output(x, **fit_params)))

    def check_logits(self, logits: torch.Tensor, x: torch.Tensor, n_outputs: int, who: str) -> None:
        """Refuse what is no logit for each class."""
        check_class_logits(logits, x, n_outputs, who)

    def get_loss(self, y_pred: Any, y_true: Any, X: Any = None, training: bool = False) -> Any:
        """Return the loss of a batch, by the weights of its rows where they have some."""
        return self.task_loss(y_pred, y_true, unweighted(X)[1])

    def task_loss(
        self, logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Mean loss of a batch, of each row times its weight."""
        if weights is not None:
            return (weights * self.row_losses(logits, targets)).mean()
        loss: torch.Tensor = self.criterion_(logits.float(), targets)
        return loss

    def row_losses(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Loss of each row, (b,)."""
        return torch.nn.functional.cross_entropy(logits.float(), targets, reduction="none")

    def probabilities(self, logits: torch.Tensor, n_classes: int) -> torch.Tensor:
        """Class probabilities, (b, C); rows add up to one."""
        P = class_softmax(logits)[:, :n_classes]
        return P / P.sum(dim=1, keepdim=True)

    def predicted(self, P: NDArray[Any], classes: NDArray[Any]) -> NDArray[Any]:
        """Most probable class of each row."""
        return np.asarray(classes[P.argmax(axis=1)])


__all__ = ["ClassifierNet", "Diverged", "NeuralNet", "SeededVerbs", "class_softmax", "seeded_split", "unweighted"]
