"""A net as a scikit-learn regressor."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_consistent_length

from skal import nets
from skal.labels import labeled_numbers
from skal.neural._number_net import NumberPredictions, RegressorNet
from skal.training import Inputs, Labeled, LabeledTraining, Rows, Standardize, epochs_for, module_of, row_weights

_STEPS, _LEAST_EPOCHS, _MOST_EPOCHS = 1000, 20, 400  # max_epochs="auto"


class NeuralRegressor(NumberPredictions, LabeledTraining):
    """A torch module, trained by skorch on the labelled rows, as a scikit-learn regressor.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        Gives one number a row, (b,) or (b, 1). A class or function is called in ``fit`` with the ``module__*``
        options and with ``input_shape`` and ``n_outputs``, which is 1, where its signature names them; a str is a
        name in `skal.nets`; an instance is copied, with its weights, each time. None: `skal.nets.MLP` for tables,
        `skal.nets.SmallCNN` for images.
    max_epochs : int or "auto", default="auto"
        Passes over the labelled rows. "auto": as many as make 1000 steps, at least 20 and at most 400.
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
        Marks rows of `y` without a label, beside NaN and None; see `skal.labels.unlabeled_mask`. They are not trained
        on.
    n_samples : int, default=20
        Passes with dropout of ``predict(X, return_std=True)``.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the weights of the last one, and from its scale of the target. Where the columns
        have changed it starts anew, with a warning.
    standardize : bool or "auto", default="auto"
        Whether columns of a table are standardised by their mean and deviation over all rows given to ``fit``.
        Images of bytes are divided by 255, floats are taken as they are.
    augment : str, callable or None, default=None
        What is done to the rows of a training step, anew each time, as of `NeuralClassifier`.
    embedding_layer : str or None, default=None
        Layer whose input ``transform`` gives, as ``named_modules()`` of the module calls it. None: the linear layer
        whose output the module returns; if that cannot be told, the one that runs last, with a warning.
    train_split : None or callable, default=None
        Of skorch, such as ``ValidSplit(0.2)``, for callbacks that watch ``valid_loss``. None: all labelled rows are
        trained on.
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
    center_, scale_ : float
        Mean and deviation of the labels: the net learns them standardised.
    net_ : skorch net
        With ``net_.module_`` the trained module.
    history_ : list of dict
        One an epoch: ``train_loss``, of standardised labels, ``valid_loss`` where there is a split, ``dur`` in
        seconds.
    n_labeled_ : int
        Rows trained on.
    n_iter_ : int
        Epochs trained.
    n_features_in_ : int
        Columns of a table, channels of images.

    Notes
    -----
    The loss is the squared error, weighed as of `NeuralClassifier`. How sure the net is, ``return_std``, is read by
    `skal.query.max_std_sampling`; ``transform`` gives what goes into the last layer, whose kernel `skal.query.bmdal`
    reads: that of the last layer's gradients.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 2))
    >>> y = 3.0 * X[:, 0] + 100.0
    >>> model = NeuralRegressor(max_epochs=60, lr=1e-2, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    """

    _what_changed: ClassVar[str] = "columns have changed"
    _to_go_on: ClassVar[str] = ""

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
        n_samples: int = 20,
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NeuralRegressor:
        """Train on the labelled rows.

        Parameters
        ----------
        X : container of n rows
            A table (n, d) or images (n, C, H, W).
        y : array-like of shape (n,)
            Numbers, some of them missing.
        sample_weight : array-like of shape (n,), default=None
            What the loss of each row counts, relative to the mean over the labelled rows.

        Returns
        -------
        NeuralRegressor
            Itself.

        Raises
        ------
        ValueError
            If rows, labels or weights cannot be trained on, or if training diverges.
        """
        return self._fit(X, y, sample_weight=sample_weight)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._check_numbers(whole=("n_samples",))

    def _labeled_targets(
        self, X: Any, y: Any, classes: Any = None
    ) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[Any]]:
        who = type(self).__name__
        if y is None:
            raise ValueError(f"This {who} estimator requires y to be passed, but the target y is None.")
        check_consistent_length(X, y)
        rows, numbers = labeled_numbers(y, self.missing_label, who, "NeuralClassifier", "Take a net for each column.")
        center, scale = float(numbers.mean()), float(numbers.std()) or 1.0
        if self.warm_start and hasattr(self, "net_"):
            center, scale = self.center_, self.scale_
        return rows, ((numbers - center) / scale).astype(np.float32), np.array([center, scale])

    def _loss_weights(
        self, sample_weight: Any, n: int, rows: NDArray[np.intp], targets: Any, classes: NDArray[Any]
    ) -> torch.Tensor | None:
        return row_weights(sample_weight, None, n, rows, targets, type(self).__name__)

    def _keep_labels(self, classes: NDArray[Any]) -> None:
        self.center_, self.scale_ = map(float, classes)

    def _same_labels(self, classes: NDArray[Any]) -> bool:
        return True

    def _facts(self) -> dict[str, Any]:
        return {"classes": [self.center_, self.scale_], **self._column_facts()}

    def _use_facts(self, facts: dict[str, Any]) -> None:
        self._keep_labels(facts["classes"])
        self._use_column_facts(facts)

    def _dataset(self, rows: Rows, targets: NDArray[np.float32]) -> Labeled:
        return Labeled(rows, torch.from_numpy(targets))

    def _default_module(self, inputs: Inputs) -> Any:
        return nets.MLP if len(inputs.shape) == 1 else nets.SmallCNN

    def _make_module(self, inputs: Inputs, n_classes: int) -> torch.nn.Module:
        options = self._options_of("module")
        return module_of(
            self.module, type(self).__name__, inputs.shape, self._default_module(inputs), options, n_outputs=1
        )

    def _net_class(self) -> type[RegressorNet]:
        return RegressorNet

    def _n_epochs(self, dataset: Any) -> int:
        return epochs_for(self.max_epochs, dataset.rows_a_pass, self.batch_size, _STEPS, _LEAST_EPOCHS, _MOST_EPOCHS)
