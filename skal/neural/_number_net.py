"""A net that predicts a number a row: its loss, and what is read from it once it is trained."""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from skal.labels import ScoresLabeledRows
from skal.neural._head_features import HeadFeatures
from skal.training import NeuralNet, SeededVerbs, logits_of, unweighted

__all__ = ["NumberPredictions", "RegressorNet"]


class RegressorNet(SeededVerbs, NeuralNet):
    """A net with the squared error of one number a row.

    Parameters
    ----------
    module : Module
        Made under `draws`; it is trained itself, not a copy.
    **kwargs
        Of skorch's NeuralNet.
    """

    def __init__(self, module: Any, **kwargs: Any) -> None:
        super().__init__(module, criterion=torch.nn.MSELoss, **kwargs)

    def output(self, x: torch.Tensor, **fit_params: Any) -> torch.Tensor:
        """Return the numbers of a prepared batch, (b,) or (b, 1)."""
        return logits_of(super().output(x, **fit_params))

    def check_logits(self, logits: torch.Tensor, x: torch.Tensor, n_outputs: int, who: str) -> None:
        """Refuse what is no number a row."""
        one_column(logits, who)

    def get_loss(self, y_pred: Any, y_true: Any, X: Any = None, training: bool = False) -> Any:
        """Mean over the batch of the squared error times the weight of a row."""
        errors = (one_column(y_pred).float() - y_true) ** 2
        weights = unweighted(X)[1]
        return errors.mean() if weights is None else (weights * errors).mean()


def one_column(out: torch.Tensor, who: str = "NeuralRegressor: the module") -> torch.Tensor:
    """What a module gave, (b,) or (b, 1), as (b,); anything else is no number a row."""
    if out.ndim == 1 or out.shape[1:] == (1,):
        return out.flatten()
    raise ValueError(
        f"{who} must give one number a row, (b,) or (b, 1), got {tuple(out.shape)}. Make it with n_outputs=1."
    )


class NumberPredictions(ScoresLabeledRows, RegressorMixin, HeadFeatures, ABC):
    """Base of a regressor around a net: all that is read once it is trained; training is the subclass's."""

    center_: float
    scale_: float
    n_samples: int
    _instead_of_dropout: ClassVar[str] = "BaggingRegressor"

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict a number for each row.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        return_std : bool, default=False
            Whether to tell how sure the net is, too: the standard deviation over `n_samples` passes with dropout.

        Returns
        -------
        mean : ndarray of shape (n,)
            Float64, without dropout.
        std : ndarray of shape (n,)
            With `return_std` alone.

        Raises
        ------
        TypeError
            If `return_std` is asked of a net without dropout.
        """
        mean = self._read(X, lambda x: self._proba(self._logits(x)))
        return (mean, self.sampled_predict(X, self.n_samples).std(axis=0)) if return_std else mean

    def sampled_predict(
        self, X: Any, n_samples: int = 10, random_state: int | np.random.RandomState | None = None
    ) -> NDArray[np.float64]:
        """Numbers under sampled dropout masks (MC dropout).

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        n_samples : int, default=10
            Masks. Each is shared by all rows.
        random_state : int, RandomState or None, default=None
            Seeds the masks; None: as in `fit`, where that has a seed.

        Returns
        -------
        ndarray of shape (n_samples, n)
            Dropout is on, batch normalisation is not; rows in order.

        Raises
        ------
        TypeError
            If the net has no dropout: all samples would be equal.

        References
        ----------
        .. [1] Gal & Ghahramani, "Dropout as a Bayesian approximation", ICML 2016, equation 6.
        """
        return self._sampled(X, n_samples, random_state, "sampled_predict")

    def _proba(self, logits: torch.Tensor) -> torch.Tensor:
        """What the module gives in the units of the target."""
        return one_column(logits).double() * self.scale_ + self.center_
