"""State-relabeling adversarial active learning.

Zhang et al., "State-relabeling adversarial active learning", CVPR 2020.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin
from sklearn.exceptions import NotFittedError
from torch import nn

from skal import nets, scores
from skal.adversarial._docs import documented
from skal.adversarial._estimator import AdversarialEstimator
from skal.adversarial._game import Weights
from skal.adversarial._losses import Likelihood
from skal.around import RoutesFit, of_rows, refuse_class, weights_if_taken
from skal.cloning import fresh
from skal.data import RowView, n_rows, take, to_numpy
from skal.labels import ScoresLabeledRows, unlabeled_mask
from skal.neural.classifier import NeuralClassifier
from skal.neural.segmenter import NeuralSegmenter
from skal.outputs import is_fitted, proba
from skal.targets import kind_of
from skal.training import Inputs, Standardize, label_facts, labeled_targets, loaded_labels, unchanged_if_it_fails

Indicator = Literal["oui", "entropy", "std"]
INDICATORS: dict[str | None, Any] = {
    "oui": scores.oui,
    "entropy": partial(scores.entropy, normalized=True),
    "std": scores.std,
    None: None,
}


@documented
class SRAAL(RoutesFit, ScoresLabeledRows, ClassifierMixin, AdversarialEstimator):
    """Finds rows that are unlike the labelled ones and of which the task model is uncertain.

    As in `VAAL` an autoencoder and a discriminator play for the state of latents. Here an unlabelled row's state is
    not 1 but how uncertain a task model is of it, and a part of the latent is trained to predict the labels.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        Autoencoder with ``encode``, ``decode``, ``reparameterize``, and ``classify`` where there is a target learner.
        None: `skal.nets.TwoHeadedVAE`, at an eighth of its published width for images.
    {discriminator}
    estimator : classifier or None, default=None
        Task model whose probabilities the indicator reads. A fitted one is read as it is (keep it so in a
        ``FrozenEstimator`` where scikit-learn clones); another is cloned, seeded, and fitted to the labelled rows.
        None: a `skal.neural.NeuralClassifier`.
    indicator : {{"oui", "entropy", "std", None}}, default="oui"
        Uncertainty of an unlabelled row: the paper's (see `skal.scores.oui`), entropy divided by log C, or
        ``1 - std / std_max``. None: every unlabelled row's state is 1.
    per_pixel : bool, default=False
        Of a task model that gives a distribution a pixel, whether the indicator is taken of every pixel and averaged.
        As in the paper it is taken of the mean distribution of an image's pixels, which has an image of two certain
        halves for uncertain.
    target_learner : bool, default=True
        Whether half of the latent is trained to predict the labels. Without it, and with ``indicator=None``, this is
        `VAAL`. Where the labels are masks there is none: it predicts one label a row.
    latent_dim : int or None, default=None
        Of the whole latent. None: 32 for tables, 64 for images.
    {weights}
    target_weight : float, default=5.0
        Weight of the target learner's cross-entropy, as in the authors' code: at 1 it hardly learns, since labels say
        less than the divergence costs.
    {steps}
    classes : array-like or None, default=None
        All labels there are, where some may be missing at first; None: those in `y`.
    {training}

    Attributes
    ----------
    estimator_ : classifier
        The task model: ``predict`` and ``predict_proba`` are its.
    classes_ : ndarray of shape (C,)
        Labels, sorted.
    states_ : ndarray of shape (n_unlabeled,)
        The states that the unlabelled rows were given.
    {attributes}

    Notes
    -----
    {notes}

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, equations 1 to 7. Equation 5 is
       read as soft cross-entropy with state 0 of labelled rows and u of unlabelled ones, and the generator's target
       is the labelled state for both, as the text has it and the authors' code has not.
    {references}

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> y = np.where(np.arange(len(y)) < 100, y, -1)
    >>> task = RandomForestClassifier(random_state=0)
    >>> model = SRAAL(estimator=task, missing_label=-1, max_steps=100, random_state=0).fit(X, y)
    >>> model.query(X[100:], n_instances=20).shape
    (20,)
    """

    def __init__(
        self,
        module: Any = None,
        *,
        discriminator: Any = None,
        estimator: Any = None,
        indicator: Indicator | None = "oui",
        per_pixel: bool = False,
        target_learner: bool = True,
        latent_dim: int | None = None,
        likelihood: Likelihood = "calibrated",
        reconstruction_weight: float = 1.0,
        kl_weight: float = 1.0,
        adversarial_weight: float = 1.0,
        warmup: float = 0.5,
        target_weight: float = 5.0,
        max_steps: int = 500,
        max_epochs: int | None = None,
        judge_steps: int = 300,
        classes: Any = None,
        batch_size: int = 32,
        lr: float = 1e-3,
        optimizer: Any = torch.optim.Adam,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        missing_label: Any = "auto",
        standardize: Standardize = "auto",
        keep_on_device: Standardize = "auto",
        callbacks: Any = None,
        channels_last: bool = True,
        bf16: bool = False,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        self.module = module
        self.discriminator = discriminator
        self.estimator = estimator
        self.indicator = indicator
        self.per_pixel = per_pixel
        self.target_learner = target_learner
        self.latent_dim = latent_dim
        self.likelihood = likelihood
        self.reconstruction_weight = reconstruction_weight
        self.kl_weight = kl_weight
        self.adversarial_weight = adversarial_weight
        self.warmup = warmup
        self.target_weight = target_weight
        self.max_steps = max_steps
        self.max_epochs = max_epochs
        self.judge_steps = judge_steps
        self.classes = classes
        self.batch_size = batch_size
        self.lr = lr
        self.optimizer = optimizer
        self.device = device
        self.random_state = random_state
        self.missing_label = missing_label
        self.standardize = standardize
        self.keep_on_device = keep_on_device
        self.callbacks = callbacks
        self.channels_last = channels_last
        self.bf16 = bf16
        self.verbose = verbose
        self._keep_options(options)

    @classmethod
    def published(cls, **changes: Any) -> SRAAL:
        """Make a SRAAL with the settings of the authors' code, since the paper gives none.

        Parameters
        ----------
        **changes
            Parameters that differ.

        Returns
        -------
        SRAAL
            Mean squared error times 5, divergence, adversarial loss, cross-entropy times 5, latents of 200, five
            linear layers of 512 in the discriminator, Adam at 5e-4, batches of 250, 20 000 steps, the full width; the
            discriminator of the game scores. The rate's decay and the second step of the autoencoder are left out.
        """
        settings = {
            "likelihood": "mean",
            "warmup": 0.0,
            "reconstruction_weight": 5.0,
            "target_weight": 5.0,
            "latent_dim": 200,
            "lr": 5e-4,
            "batch_size": 250,
            "max_steps": 20_000,
            "judge_steps": 0,
            "module__width": 1.0,
            "discriminator__n_layers": 5,
            "discriminator__hidden": 512,
        }
        return cls(**{**settings, **changes})

    @weights_if_taken
    @unchanged_if_it_fails
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, X_unlabeled: Any = None, **fit_params: Any) -> SRAAL:
        """Learn to tell labelled rows from unlabelled and uncertain ones.

        Parameters
        ----------
        X : container of n rows
            A table (n, d), images (n, C, H, W) of bytes or floats, or a torch Dataset of images.
        y : array-like of shape (n,), or masks of n images
            Labels of any type, some of them missing.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows for the task model, which is fitted to the labelled ones. The game has no weights.
        X_unlabeled : container, default=None
            The unlabelled rows, where `X` and `y` are the labelled ones alone.
        **fit_params
            More for the task model's ``fit``; what has an entry for each row is cut to the labelled rows. Where
            scikit-learn routes metadata, the task model gets what it requests.

        Returns
        -------
        SRAAL
            Itself.

        Raises
        ------
        ValueError
            If nothing is labelled, training diverges, or there are weights for a task model that is fitted already.

        Warns
        -----
        ConvergenceWarning
            If the scores are noise.
        """
        self._check_parameters()
        given, given_unlabeled = X, X_unlabeled
        X_labeled, y, X_unlabeled = self._pools(X, y, X_unlabeled)
        missing = unlabeled_mask(y, self.missing_label)
        labeled = np.flatnonzero(~missing)
        metadata = of_rows(self._fit_metadata(n_rows(y), sample_weight, fit_params), labeled, n_rows(y))
        # The nets need numbers; the task model gets frames as they came, with their names and types.
        task_rows = take(given, labeled) if _is_frame(given) or issparse(given) else to_numpy(X_labeled)
        targets: NDArray[np.int64] | None = None
        if (kind := kind_of(y)).reading == "pixels":
            labels = kind.labeled(y)[1]
            self.estimator_ = self._task_model(task_rows, labels, NeuralSegmenter, metadata)
            self.classes_ = np.asarray(self.estimator_.classes_)
        else:
            _, targets, self.classes_ = labeled_targets(y, y, self.missing_label, self.classes, "SRAAL")
            labels = self.classes_[targets]
            self.estimator_ = self._task_model(task_rows, labels, NeuralClassifier, metadata)
        if INDICATORS[self.indicator] is None:
            self.states_ = np.ones(n_rows(X_unlabeled))
        else:
            asked = X_unlabeled
            if given_unlabeled is not None:
                asked = given_unlabeled if _is_frame(given_unlabeled) else X_unlabeled
            elif _is_frame(given):
                asked = RowView(given, np.flatnonzero(missing)) if missing.any() else given
            self.states_ = proba(self.estimator_, asked, self._uncertainty)
        self._train(
            X_labeled,
            X_unlabeled,
            n_outputs=max(len(self.classes_), 2),
            targets=targets if self.target_learner else None,
            states=self.states_.clip(0, 1),
        )
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each row by the task model.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            Labels.
        """
        return np.asarray(self._task_model_for(X).predict(X))

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Class probabilities by the task model.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, C)
            In the order of the task model's ``classes_``.
        """
        return np.asarray(self._task_model_for(X).predict_proba(X))

    def _task_model_for(self, X: Any) -> Any:
        self._read_rows(X)
        if not hasattr(self, "estimator_"):
            raise NotFittedError(
                "SRAAL: a file of weights holds no task model. Give a fitted one as estimator before load."
            )
        return self.estimator_

    def _check_parameters(self) -> None:
        super()._check_parameters()
        refuse_class(self.estimator, "estimator", "SRAAL")
        if self.indicator not in INDICATORS:
            raise ValueError(f"SRAAL: indicator must be one of {tuple(INDICATORS)}, got {self.indicator!r}.")

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), **label_facts(self.classes_)}

    def _use_facts(self, facts: dict[str, Any]) -> None:
        super()._use_facts(facts)
        self.classes_ = loaded_labels(facts)
        if self.estimator is not None and is_fitted(self.estimator):
            self.estimator_ = self.estimator

    def _model(self) -> Any:
        return NeuralClassifier(device=self.device) if self.estimator is None else self.estimator

    def _task_model(self, rows: Any, labels: Any, default: Any, metadata: dict[str, Any]) -> Any:
        if self.estimator is not None and is_fitted(self.estimator):
            if metadata:
                raise ValueError(
                    f"SRAAL: {', '.join(metadata)} can reach no fit, since the task model is fitted already. Fit it "
                    "with them beforehand, or give an unfitted one as estimator."
                )
            return self.estimator
        model = default(device=self.device) if self.estimator is None else self.estimator
        return fresh(model, self._seed()).fit(rows, labels, **metadata)

    def _uncertainty(self, P: NDArray[Any]) -> NDArray[Any]:
        """State of each row, of probabilities (n, C), or (n, C, ...) of pixels."""
        if P.ndim > 2 and not self.per_pixel:
            P = P.reshape(*P.shape[:2], -1).mean(axis=2)
        states: NDArray[Any] = INDICATORS[self.indicator](P)
        return states

    def _make_module(self, inputs: Inputs, n_outputs: int) -> nn.Module:
        is_table = len(inputs.shape) == 1
        latent_dim = (32 if is_table else 64) if self.latent_dim is None else self.latent_dim
        return self._module_of(inputs, nets.TwoHeadedVAE, latent_dim=latent_dim, n_outputs=n_outputs)

    def _weights(self) -> Weights:
        return Weights(
            reconstruction=self.reconstruction_weight,
            kl=self.kl_weight,
            adversarial=self.adversarial_weight,
            target=self.target_weight,
            likelihood=self.likelihood,
        )


def _is_frame(X: Any) -> bool:
    return hasattr(X.X if isinstance(X, RowView) else X, "columns")
