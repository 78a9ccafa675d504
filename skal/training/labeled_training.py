"""How every estimator around a net is trained on the labelled rows, goes on, is saved and is loaded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skal.augment import make_augmentation
from skal.data import RowView, n_rows
from skal.training.batches import Labeled
from skal.training.contract import check_module_output
from skal.training.estimator import MAX_SEED, NeuralEstimator, epochs_of
from skal.training.files import all_or_nothing, load_weights, save_weights
from skal.training.inputs import Inputs, Rows
from skal.training.labels import label_facts, loaded_labels
from skal.training.module import module_of
from skal.training.net import seeded_split
from skal.training.seeded_draws import SeededDraws
from skal.warning import warn


class LabeledTraining(NeuralEstimator, ABC):
    """Base of estimators that learn from rows of which some are labelled; what a label is, is the subclass's.

    A subclass says what the labels are (`_labeled_targets`), how rows and labels become batches (`_dataset`), which
    module is made and which net trains it. Its base of predictions comes before this class.
    """

    open_parts: ClassVar[tuple[str, ...]] = ("module", "optimizer")
    _what_changed: ClassVar[str] = "classes or columns have changed"
    _to_go_on: ClassVar[str] = " Name all labels by classes= to keep the weights when a new one appears."
    classes_: NDArray[Any]
    # Which parameters a subclass has; a steps-counting one keeps the first two as attributes of the class.
    max_epochs: Any
    train_split: Any
    module: Any
    classes: Any
    class_weight: Any
    augment: Any
    warm_start: bool

    def save(self, path: Any) -> None:
        """Write weights, labels and column scales into one safetensors file.

        Parameters
        ----------
        path : str or Path
            Written anew.
        """
        check_is_fitted(self)
        save_weights(path, type(self).__name__, self.net_.module_, self.inputs_, self._facts())

    def load(self, path: Any) -> Any:
        """Become the estimator that was saved: the parameters are those of this one, the weights those of the file.

        Parameters
        ----------
        path : str or Path
            Written by `save` of an estimator of this class with the same ``module`` and options. Nothing in it can
            run code.

        Returns
        -------
        estimator
            Itself, fitted.

        Raises
        ------
        ValueError
            If the file is no such file or damaged, or its weights do not fit the module. The estimator is then as it
            was before.
        """
        device = self._device()
        inputs, facts, weights = load_weights(path, type(self).__name__)
        with all_or_nothing(self, path):
            self._use_facts(facts)
            inputs = self._loaded_inputs(inputs)
            net = self._make_net(inputs, len(facts["classes"]), device, SeededDraws(0))
            net.initialize()
            weights.into(net.module_)
            self.net_, self.inputs_ = net, inputs
            for name in ("history_", "n_iter_", "n_labeled_"):  # of a training that is not this one's
                self.__dict__.pop(name, None)
        return self

    @abstractmethod
    def _labeled_targets(self, X: Any, y: Any, classes: Any = None) -> tuple[NDArray[np.intp], Any, NDArray[Any]]:
        """Return the labelled rows, what they are labelled with, and the sorted classes."""

    def _loaded_inputs(self, inputs: Inputs) -> Inputs:
        """Return what a file says of the inputs as what the estimator uses."""
        return inputs

    @abstractmethod
    def _dataset(self, rows: Rows, targets: Any) -> Labeled:
        """Return the labelled rows and their targets, to be read in batches."""

    @abstractmethod
    def _default_module(self, inputs: Inputs) -> Any:
        """Return the class that makes a net where `module` is None."""

    @abstractmethod
    def _net_class(self) -> Any:
        """Return the skorch net that trains the module."""

    def _fit(self, X: Any, y: Any, X_unlabeled: Any = None, sample_weight: Any = None) -> Any:
        """Train on labelled rows, and on what a subclass makes of all others: those of `X`, or `X_unlabeled`.

        A fit that fails leaves the estimator as it was, the net that it would have trained on too.
        """
        with all_or_nothing(self, net=self.__dict__.get("net_") if self.warm_start else None):
            return self._trained(X, y, X_unlabeled, sample_weight)

    def _trained(self, X: Any, y: Any, X_unlabeled: Any, sample_weight: Any) -> Any:
        self._check_parameters()
        self._check_callbacks()
        device = self._device()
        X = self._rows(X, reset=True)
        others = () if X_unlabeled is None else (self._rows(X_unlabeled, reset=False),)
        rows, targets, classes = self._labeled_targets(X, y)
        weights = self._loss_weights(sample_weight, n_rows(X), rows, targets, classes)
        seed = self._seed()
        inputs, draws = self._inputs(X, *others), SeededDraws(seed)
        self._see_rows(X, seed)
        goes_on = self._goes_on(inputs, classes)
        net = self.net_ if goes_on else self._make_net(inputs, len(classes), device, draws)
        inputs = inputs.for_module(net.module, X, type(self).__name__)
        net.draws, net.augment = draws, self._augmentation(inputs)
        labeled = X if len(rows) == n_rows(X) else RowView(X, rows)
        data = self._dataset(Rows(labeled, inputs, device), targets)
        data.loss_weights = weights
        self._check_module(net, data, len(classes), goes_on)
        self._train(net, self._with_unlabeled(data, X, rows, *others), targets, goes_on)
        self.net_, self.inputs_ = net, inputs
        self._keep_labels(classes)
        self.n_labeled_, self.history_, self.n_iter_ = len(rows), epochs_of(net.history), len(net.history)
        return self

    def _check_module(self, net: Any, data: Labeled, n_classes: int, goes_on: bool) -> None:
        """Look once at what the module makes of a few rows."""
        if not goes_on:
            net.module.to(net.device)
        check_module_output(net, net.module_ if goes_on else net.module, data, n_classes, type(self).__name__)

    def _pass(self, X: Any, y: Any, classes: Any, sample_weight: Any) -> Any:
        """Train for one pass over labelled rows: from the weights that are there, or from a net made now.

        A pass that fails leaves the estimator as it was.
        """
        with all_or_nothing(self, net=self.__dict__.get("net_")):
            return self._trained_for_a_pass(X, y, classes, sample_weight)

    def _trained_for_a_pass(self, X: Any, y: Any, classes: Any, sample_weight: Any) -> Any:
        goes_on = hasattr(self, "net_")
        who = type(self).__name__
        self._check_parameters()
        self._check_callbacks()
        if isinstance(self.class_weight, str):
            raise ValueError(
                f"{who}.partial_fit: class_weight={self.class_weight!r} counts all rows, and here come some of them. "
                "Give a dict of weights, or sample_weight."
            )
        classes = self._classes_of_passes(classes)
        device = self._device()
        X = self._rows(X, reset=not goes_on)
        rows, targets, classes = self._labeled_targets(X, y, classes)
        weights = self._loss_weights(sample_weight, n_rows(X), rows, targets, classes)
        seed = self._seed()
        if goes_on:
            # One seed and the number of passes so far: each pass draws anew, and the same after a pickle.
            seed = int(np.random.RandomState([seed, len(self.net_.history)]).randint(MAX_SEED))
        draws = SeededDraws(seed)
        inputs = self.inputs_ if goes_on else self._inputs(X)
        if not goes_on:
            self._see_rows(X, seed)
        net = self.net_ if goes_on else self._make_net(inputs, len(classes), device, draws)
        inputs = inputs.for_module(net.module, X, who)
        net.draws, net.augment = draws, self._augmentation(inputs)
        data = self._dataset(Rows(X if len(rows) == n_rows(X) else RowView(X, rows), inputs, device), targets)
        data.loss_weights = weights
        if not goes_on:
            self._check_module(net, data, len(classes), goes_on)
        self._one_pass(net, data, targets, goes_on)
        self.net_, self.inputs_, self.classes_ = net, inputs, classes
        self.n_labeled_ = len(rows) + (getattr(self, "n_labeled_", 0) if goes_on else 0)
        self.history_, self.n_iter_ = epochs_of(net.history), len(net.history)
        return self

    def _classes_of_passes(self, classes: Any) -> Any:
        """All labels there are, of this call, the first one or the parameter."""
        who = type(self).__name__
        if hasattr(self, "net_"):
            if classes is not None and not np.array_equal(np.unique(np.asarray(classes)), self.classes_):
                raise ValueError(
                    f"{who}.partial_fit: classes={np.asarray(classes).tolist()} is not the same as on the first "
                    f"call, {self.classes_.tolist()}. Leave it out, or fit anew."
                )
            return self.classes_
        if classes is None and self.classes is None:
            raise ValueError(
                f"{who}.partial_fit: classes must be passed on the first call to partial_fit, all there are."
            )
        return self.classes if classes is None else classes

    def _one_pass(self, net: Any, data: Any, targets: Any, goes_on: bool) -> None:
        net.set_params(max_epochs=1, lr=self.lr)
        if goes_on:
            net.partial_fit(data, targets)
        else:
            net.fit(data, targets)
        net.draws = None
        net.module_.eval()

    def _loss_weights(
        self, sample_weight: Any, n: int, rows: NDArray[np.intp], targets: Any, classes: NDArray[Any]
    ) -> torch.Tensor | None:
        """Hook: what each labelled row counts in the loss; None: all the same."""
        return None

    def _check_parameters(self) -> None:
        self._check_options()
        self._check_epochs()
        self._check_numbers(whole=("batch_size",), positive=("lr",))

    def _check_callbacks(self) -> None:
        """Refuse callbacks that watch a loss of held-out rows where none are held out."""
        if self.train_split is not None or not isinstance(self.callbacks, (list, tuple)):
            return
        for entry in self.callbacks:
            callback = entry[-1] if isinstance(entry, tuple) else entry
            monitor = getattr(callback, "monitor", None)
            if isinstance(monitor, str) and monitor.startswith("valid_"):
                held_out = (
                    "pass train_split=skorch.dataset.ValidSplit(5), which holds out a fifth, or "
                    if "train_split" in self._get_param_names()
                    else ""
                )
                raise ValueError(
                    f"{type(self).__name__}: {type(callback).__name__} watches {monitor!r}, which is of rows that "
                    f"are held out, and none are: {held_out}watch the training, by monitor='train_loss'."
                )

    def _see_rows(self, X: Any, seed: int) -> None:
        """Hook: all rows, before the net is made."""

    def _facts(self) -> dict[str, Any]:
        """What a file of weights says besides them."""
        return {**label_facts(self.classes_), **self._column_facts()}

    def _use_facts(self, facts: dict[str, Any]) -> None:
        self.classes_ = loaded_labels(facts)
        self._use_column_facts(facts)

    def _augmentation(self, inputs: Inputs) -> Any:
        return make_augmentation(self.augment, inputs.shape)

    def _with_unlabeled(self, data: Labeled, X: Any, rows: NDArray[np.intp], *others: Any) -> Any:
        """Hook: join the rows without a label to what is trained on."""
        return data

    def _make_module(self, inputs: Inputs, n_classes: int) -> torch.nn.Module:
        return module_of(
            self.module,
            type(self).__name__,
            inputs.shape,
            self._default_module(inputs),
            self._options_of("module"),
            n_outputs=max(n_classes, 2),  # cross-entropy needs two
        )

    def _make_net(self, inputs: Inputs, n_classes: int, device: torch.device, draws: SeededDraws) -> Any:
        with draws:
            module = self._make_module(inputs, n_classes)
        return self._skorch_net(
            self._net_class(), module, device, train_split=seeded_split(self.train_split, draws.seed)
        )

    @abstractmethod
    def _n_epochs(self, dataset: Any) -> int:
        """Return the passes over what `_train` is given."""

    def _train(self, net: Any, dataset: Any, targets: Any, goes_on: bool) -> None:
        net.set_params(max_epochs=self._n_epochs(dataset))
        if goes_on:
            net.set_params(lr=self.lr)
            net.partial_fit(dataset, targets)
        else:
            net.fit(dataset, targets)
        net.draws = None
        net.module_.eval()

    def _goes_on(self, inputs: Inputs, classes: NDArray[Any]) -> bool:
        if not (self.warm_start and hasattr(self, "net_")):
            return False
        if self._same_labels(classes) and inputs.same_net(self.inputs_):
            return True
        warn(
            f"{type(self).__name__}: warm_start has nothing to go on from, since {self._what_changed}, and starts "
            f"anew.{self._to_go_on}"
        )
        return False

    def _keep_labels(self, classes: NDArray[Any]) -> None:
        """Remember what `_labeled_targets` found out about the labels."""
        self.classes_ = classes

    def _same_labels(self, classes: NDArray[Any]) -> bool:
        """Tell whether the weights that are there can go on with such labels."""
        return np.array_equal(classes, self.classes_)
