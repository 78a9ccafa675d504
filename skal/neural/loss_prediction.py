"""A net that predicts its own losses, as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch

from skal.neural._loss_predicting import LossPredicting, LossVerbs
from skal.neural.classifier import NeuralClassifier
from skal.training import ClassifierNet, Standardize


class LossPredictionNet(LossVerbs, ClassifierNet):
    """A classifier's net that predicts its losses."""


class LossPredictionClassifier(LossPredicting, NeuralClassifier):
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
    max_epochs, batch_size, lr, optimizer, device, random_state, missing_label, classes, class_weight, warm_start, \
standardize, augment, embedding_layer, train_split, callbacks, channels_last, bf16, verbose
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

    Notes
    -----
    Weights of rows and classes count in both losses: a row's cross-entropy times its weight, and a pair the product
    of its two. What is predicted is the loss of a row without its weight. In
    ``partial_fit`` the pair loss trains the net itself throughout, unless `stop_gradient_after` is 0.

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

    _takes_label_sets: ClassVar[bool] = False

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

    def _net_class(self) -> type[ClassifierNet]:
        return LossPredictionNet
