"""What a trained classifier tells of rows: labels, probabilities, features, and how far a decision is."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from skal.data import n_rows
from skal.labels import ScoresLabeledRows
from skal.neural._deepfool import deepfool_distances
from skal.neural._head_features import HeadFeatures
from skal.neural._label_sets import LabelSetsNet
from skal.training import read

__all__ = ["ClassifierPredictions"]


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
