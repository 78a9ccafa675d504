"""A net as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.metaestimators import available_if

from skal import nets
from skal.neural._label_sets import LabelSetsNet, labeled_sets
from skal.neural._predictions import ClassifierPredictions
from skal.targets import kind_of
from skal.training import (
    ClassifierNet,
    Inputs,
    Labeled,
    LabeledTraining,
    Rows,
    Standardize,
    epochs_for,
    labeled_targets,
    row_weights,
)

_STEPS, _LEAST_EPOCHS, _MOST_EPOCHS = 500, 20, 200  # max_epochs="auto"


def _takes_passes(estimator: Any) -> bool:
    """Whether a few labelled rows are something to train on: not where unlabelled rows teach."""
    return not getattr(estimator, "learns_from_unlabeled", False)


class NeuralClassifier(ClassifierPredictions, LabeledTraining):
    """A torch module, trained by skorch on the labelled rows, as a scikit-learn classifier.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        Gives logits of shape (b, C). A class or function is called in ``fit`` with the ``module__*`` options and
        with ``input_shape`` and ``n_outputs`` where its signature names them; a str is a name in `skal.nets`; an
        instance is copied, with its weights, each time. None: `skal.nets.MLP` for tables, `skal.nets.SmallCNN`
        for images.
    max_epochs : int or "auto", default="auto"
        Passes over the labelled rows. "auto": as many as make 500 steps, at least 20 and at most 200, since few
        labels are few steps.
    batch_size : int, default=32
        Rows a training step.
    lr : float, default=1e-3
        Learning rate.
    optimizer : class, default=torch.optim.Adam
        With ``optimizer__*`` options.
    device : str, default="auto"
        "auto": CUDA, else MPS, else the CPU.
    random_state : int, RandomState or None, default=None
        Seeds weights, shuffling and dropout; no global generator of torch is touched.
    missing_label : scalar, default="auto"
        Marks rows of `y` without a label; see `skal.labels.unlabeled_mask`. They are not trained on.
    classes : array-like or None, default=None
        All labels there are, where some may be missing at first; None: those in `y`.
    class_weight : dict, "balanced" or None, default=None
        What the rows of each class count in the loss, as of scikit-learn's classifiers: a dict of labels, those not
        named 1; "balanced": in inverse proportion to the labelled rows of the class.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the weights of the last one. Where the classes have changed it starts anew, with
        a warning.
    standardize : bool or "auto", default="auto"
        Whether columns of a table are standardised by their mean and deviation over all rows given to ``fit``.
        Images of bytes are divided by 255, floats are taken as they are.
    augment : str, callable or None, default=None
        What is done to the rows of a training step, anew each time: "weak" or "strong", or an augmentation of
        `skal.augment`. Images of "weak" are flipped, which is wrong for digits. Scores are of the rows as they are.
    embedding_layer : str or None, default=None
        Layer whose input ``transform`` gives, as ``named_modules()`` of the module calls it. None: the linear layer
        whose output the module returns; if that cannot be told, the one that runs last, with a warning.
    train_split : None or callable, default=None
        Of skorch, such as ``ValidSplit(0.2, stratified=True)``, for callbacks that watch ``valid_loss``. None: all
        labelled rows are trained on.
    callbacks : list of skorch callbacks or None, default=None
        Early stopping, learning rate schedules, progress.
    channels_last, bf16 : bool, default=False
        Memory format of images, and forward passes in bfloat16: for GPUs.
    verbose : int, default=0
        1 prints a line an epoch.
    **options
        ``module__*`` and ``optimizer__*``.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
        Labels, sorted; of several labels a row the numbers of the columns of `y`, 0 to L - 1.
    net_ : skorch net
        With ``net_.module_`` the trained module.
    history_ : list of dict
        One an epoch: ``train_loss``, ``valid_loss`` where there is a split, ``dur`` in seconds.
    n_labeled_ : int
        Rows trained on.
    n_iter_ : int
        Epochs trained.
    n_features_in_ : int
        Columns of a table, channels of images.

    Notes
    -----
    Rows are tables (n, d) or images (n, C, H, W), bytes or floats. Scores are read in batches of one fixed size, so
    that a row's probabilities do not depend on what else is asked, but for the last digits of float32, which some
    processors round by the place in a batch. Memory of a fit: a standardised float32 copy of the labelled rows of a
    table, one batch of images.

    Where `y` has two columns or more of 0 and 1, several labels may apply to a row. The loss of a row is then the
    mean over its labels of the binary cross-entropy, ``predict_proba`` gives (n, L) and ``predict`` the labels of
    more than one half. What learns losses, or from unlabelled rows, takes one class a row.

    The loss of a step is the mean of ``w_i l_i`` over its rows, with weights that are 1 on average over all labelled
    rows. In one batch of all rows this is what repeating them gives; in several, a row of weight 2 takes one larger
    step where a repeated one takes two.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> partly = [label if i % 5 == 0 else None for i, label in enumerate(y)]
    >>> model = NeuralClassifier(max_epochs=60, lr=1e-2, random_state=0).fit(X, partly)
    >>> model.n_labeled_, bool(model.score(X, y) > 0.9)
    (30, True)

    Several labels may apply to a row:

    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(100, n_features=8, n_classes=4, random_state=0)
    >>> model = NeuralClassifier(max_epochs=60, lr=1e-2, random_state=0).fit(X, Y)
    >>> model.predict(X).shape, model.predict_proba(X).shape, bool((model.predict(X) == Y).mean() > 0.9)
    ((100, 4), (100, 4), True)
    """

    _takes_label_sets: ClassVar[bool] = True
    _of_sets = False

    def __init__(
        self,
        module: Any = None,
        *,
        max_epochs: int | str = "auto",
        batch_size: int = 32,
        lr: float = 1e-3,
        optimizer: Any = torch.optim.Adam,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        missing_label: Any = "auto",
        classes: Any = None,
        class_weight: Any = None,
        warm_start: bool = False,
        standardize: Standardize = "auto",
        augment: Any = None,
        embedding_layer: str | None = None,
        train_split: Any = None,
        callbacks: Any = None,
        channels_last: bool = False,
        bf16: bool = False,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        self._keep_parameters(locals())

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NeuralClassifier:
        """Train on the labelled rows.

        Parameters
        ----------
        X : container of n rows
            A table (n, d) or images (n, C, H, W).
        y : array-like of shape (n,), or (n, L) of 0 and 1
            Labels of any type, or several of each row; some rows may have none.
        sample_weight : array-like of shape (n,), default=None
            What the loss of each row counts, relative to the mean over the labelled rows; multiplied with
            `class_weight`. Weights of unlabelled rows are not looked at. A row of weight 0 takes part in steps and
            epochs, and in the scales of columns, and teaches nothing.

        Returns
        -------
        NeuralClassifier
            Itself.

        Raises
        ------
        ValueError
            If rows, labels or weights cannot be trained on, or if training diverges.
        """
        return self._fit(X, y, sample_weight=sample_weight)

    @available_if(_takes_passes)
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> NeuralClassifier:
        """Train for one pass over some labelled rows, going on from the weights that are there.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        y : array-like of shape (n,)
            Labels; rows without one are left out.
        classes : array-like, default=None
            All labels there are; needed on the first call, where the parameter `classes` does not name them.
        sample_weight : array-like of shape (n,), default=None
            As in `fit`, relative to the mean over the labelled rows of this call.

        Returns
        -------
        NeuralClassifier
            Itself.

        Raises
        ------
        ValueError
            If rows, labels or weights cannot be trained on, if `classes` are missing or others than before, or if
            training diverges.

        Notes
        -----
        The first call makes the net, and its rows give the scales of columns, which stay; after `fit` or `load` a
        call goes on from there, and so does the optimizer, except after `load`. With an int as `random_state` a call
        draws from it and from the number of epochs so far, so that the same calls give the same net.
        """
        if hasattr(self, "net_") and (kind_of(y).reading == "multilabel") != isinstance(self.net_, LabelSetsNet):
            words = ("one class", "several labels")
            before, now = words[::-1] if isinstance(self.net_, LabelSetsNet) else words
            raise ValueError(
                f"{type(self).__name__}.partial_fit: y holds {now} a row, and before it was {before} a row. Fit anew."
            )
        return self._pass(X, y, classes, sample_weight)

    def _labeled_targets(
        self, X: Any, y: Any, classes: Any = None
    ) -> tuple[NDArray[np.intp], NDArray[Any], NDArray[Any]]:
        known = self.classes if classes is None else classes
        who = type(self).__name__
        self._of_sets = self._takes_label_sets and kind_of(y).reading == "multilabel"
        if not self._of_sets:
            return labeled_targets(X, y, self.missing_label, known, who)
        if self.class_weight is not None:
            raise ValueError(
                f"{who}: class_weight is of one class a row, and y holds several labels. Pass sample_weight, or None."
            )
        return labeled_sets(X, y, self.missing_label, known, who)

    def _loss_weights(
        self, sample_weight: Any, n: int, rows: NDArray[np.intp], targets: Any, classes: NDArray[Any]
    ) -> torch.Tensor | None:
        labels = targets if self._of_sets else classes[targets]
        return row_weights(sample_weight, self.class_weight, n, rows, labels, type(self).__name__)

    def _same_labels(self, classes: NDArray[Any]) -> bool:
        return super()._same_labels(classes) and self._of_sets == isinstance(self.net_, LabelSetsNet)

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), **({"several_labels": True} if isinstance(self.net_, LabelSetsNet) else {})}

    def _use_facts(self, facts: dict[str, Any]) -> None:
        super()._use_facts(facts)
        self._of_sets = bool(facts.get("several_labels", False))

    def _dataset(self, rows: Rows, targets: NDArray[Any]) -> Labeled:
        return Labeled(rows, torch.from_numpy(targets))

    def _default_module(self, inputs: Inputs) -> Any:
        return nets.MLP if len(inputs.shape) == 1 else nets.SmallCNN

    def _net_class(self) -> type[ClassifierNet]:
        return LabelSetsNet if self._of_sets else ClassifierNet

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = self._takes_label_sets
        return tags

    def _n_epochs(self, dataset: Any) -> int:
        return epochs_for(self.max_epochs, dataset.rows_a_pass, self.batch_size, _STEPS, _LEAST_EPOCHS, _MOST_EPOCHS)
