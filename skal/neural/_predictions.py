"""What a trained classifier tells of rows: labels, probabilities, features, and how far a decision is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skal.data import n_rows
from skal.labels import ScoresLabeledRows
from skal.neural._capture import HeadInput
from skal.neural._deepfool import deepfool_distances
from skal.neural._label_sets import LabelSetsNet
from skal.training import MAX_SEED, EmbeddingMixin, NeuralEstimator, SharedDropout, read

__all__ = ["ClassifierPredictions", "HeadFeatures", "NetPredictions"]


class NetPredictions(EmbeddingMixin, NeuralEstimator, ABC):
    """Base of an estimator around a net: what it tells of rows, or of pixels, whose axes come last."""

    classes_: NDArray[Any]
    _instead_of_dropout: ClassVar[str] = "an EnsembleClassifier"

    def _sampled(
        self, X: Any, n_samples: int, random_state: int | np.random.RandomState | None, who: str = "sampled_proba"
    ) -> NDArray[Any]:
        """What is told (T, n, ...) under masks that all rows of a sample share: probabilities, as a rule."""
        if isinstance(n_samples, bool) or not isinstance(n_samples, (int, np.integer)) or n_samples < 1:
            raise ValueError(f"{who}: n_samples must be an int >= 1, got {n_samples!r}.")
        check_is_fitted(self)
        rng = check_random_state(self.random_state if random_state is None else random_state)
        seeds = rng.randint(MAX_SEED, size=n_samples)

        def sampled(x: torch.Tensor) -> torch.Tensor:
            samples = []
            for seed in seeds.tolist():
                with SharedDropout(seed) as masks:
                    logits = self._logits(x)
                if masks.n_dropouts == 0:
                    raise TypeError(
                        f"{who} needs dropout, and {type(self.net_.module_).__name__} has none. Use a net with "
                        f"dropout (module__dropout=0.25 of those in skal.nets), or {self._instead_of_dropout}."
                    )
                samples.append(self._proba(logits))
            return torch.stack(samples, dim=1)

        return np.moveaxis(self._read_proba(X, sampled), 1, 0)

    def _read_proba(self, X: Any, forward: Callable[[torch.Tensor], torch.Tensor]) -> NDArray[Any]:
        """Read what has one shape for all rows."""
        return self._read(X, forward)

    def _logits(self, x: torch.Tensor) -> torch.Tensor:
        with self.net_.autocast():
            logits: torch.Tensor = self.net_.output(self.net_.prepared(x))
        return logits

    @abstractmethod
    def _proba(self, logits: torch.Tensor) -> torch.Tensor:
        """What is told of what the module gives: of logits probabilities over the class axis, the second."""


class HeadFeatures(NetPredictions, ABC):
    """An estimator around a net whose last layer is linear: ``transform`` gives what goes into that layer."""

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Penultimate features: what goes into the last linear layer.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray of float32 of shape (n, d)
            One vector a row.

        Raises
        ------
        TypeError
            If the net has no linear layer.
        """
        return self._read(X, self._embed)

    def _embed(self, x: torch.Tensor) -> torch.Tensor:
        with HeadInput() as seen:
            self._logits(x)
        if seen.features is None:
            raise TypeError(
                f"{type(self).__name__}: features are what goes into the last linear layer, and "
                f"{type(self.net_.module_).__name__} has none. Pass embedding= to the strategy."
            )
        return seen.features.float().flatten(1)


class ClassifierPredictions(ScoresLabeledRows, ClassifierMixin, HeadFeatures):
    """Base of a classifier around a net: all that is read once it is trained; training is the subclass's."""

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the most probable label of each row; of several a row those of more than one half, (n, L)."""
        P = self.predict_proba(X)
        found: NDArray[Any] = self.net_.predicted(P, self.classes_)
        return found

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Class probabilities, in the order of ``classes_``.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, C)
            Float64; rows add up to one. Of several labels a row (n, L): the probability that each applies.
        """
        return self._read(X, lambda x: self._proba(self._logits(x)))

    def sampled_proba(
        self, X: Any, n_samples: int = 10, random_state: int | np.random.RandomState | None = None
    ) -> NDArray[np.float64]:
        """Class probabilities under sampled dropout masks (MC dropout).

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        n_samples : int, default=10
            Masks. Each is shared by all rows, as joint scores of a batch need it.
        random_state : int, RandomState or None, default=None
            Seeds the masks; None: as in `fit`, where that has a seed.

        Returns
        -------
        ndarray of shape (n_samples, n, C)
            Dropout is on, batch normalisation is not; rows in order.

        Raises
        ------
        TypeError
            If the net has no dropout: all samples would be equal.

        References
        ----------
        .. [1] Gal & Ghahramani, "Dropout as a Bayesian approximation", ICML 2016, equation 6.
        """
        return self._sampled(X, n_samples, random_state)

    def boundary_distance(
        self,
        X: Any,
        max_iter: int = 50,
        overshoot: float = 0.02,
        n_classes: int | None = 10,
        norm: float = 2,
    ) -> NDArray[np.float64]:
        """Size of the smallest found change of a row that changes its prediction (DeepFool).

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        max_iter : int, default=50
            Steps at most.
        overshoot : float, default=0.02
            How far past the boundary, as a share of the way.
        n_classes : int or None, default=10
            Only the most probable classes are tried; None: all.
        norm : float, default=2
            2 or infinity.

        Returns
        -------
        ndarray of shape (n,)
            In units of the net's inputs (standardised columns, pixels in [0, 1]); infinite where the prediction never
            changes.
        """
        X = self._read_rows(X)
        if isinstance(self.net_, LabelSetsNet):
            raise TypeError(
                f"{type(self).__name__}: the way to the boundary is that between classes, and this net was taught "
                f"{len(self.classes_)} labels a row. Take a strategy that reads a probability for each label, such "
                "as max_margin_uncertainty."
            )
        if len(self.classes_) < 2:
            return np.full(n_rows(X), np.inf)

        def distance(x: torch.Tensor) -> torch.Tensor:
            return deepfool_distances(
                self._logits, x, max_iter=max_iter, overshoot=overshoot, n_classes=n_classes, norm=norm
            )

        return read(X, self.inputs_, self._module_device(), distance, grad=True)

    def _proba(self, logits: torch.Tensor) -> torch.Tensor:
        P: torch.Tensor = self.net_.probabilities(logits, len(self.classes_))
        return P
