"""Several labels a row: their targets, and the net that is trained on them by binary cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_consistent_length

from skal.labels import labeled_part
from skal.training import ClassifierNet, logits_of

__all__ = ["LabelSetsNet", "labeled_sets"]


class LabelSetsNet(ClassifierNet):
    """A net with binary cross-entropy, of each label by itself; the loss of a row is the mean over its labels.

    Parameters
    ----------
    module : Module
        Gives a logit for each label. It is trained itself, not a copy.
    **kwargs
        Of skorch's NeuralNetClassifier.
    """

    def __init__(self, module: Any, **kwargs: Any) -> None:
        super().__init__(module, predict_nonlinearity=label_sigmoid, **kwargs)

    def output(self, x: torch.Tensor, **fit_params: Any) -> torch.Tensor:
        """Return a logit for each label of a prepared batch."""
        return logits_of(self.module_(x, **fit_params))

    def check_logits(self, logits: torch.Tensor, x: torch.Tensor, n_outputs: int, who: str) -> None:
        """Refuse what is no logit for each label."""
        if tuple(logits.shape) != (len(x), n_outputs):
            raise ValueError(
                f"{who} must give a logit for each label of each row, ({len(x)}, {n_outputs}), got "
                f"{tuple(logits.shape)}. A parameter n_outputs of the class or function is set to the number of "
                "labels."
            )

    def row_losses(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Loss of each row, (b,)."""
        losses = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), targets, reduction="none")
        return losses.mean(dim=1)

    def task_loss(
        self, logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Mean loss of a batch, of each row times its weight."""
        losses = self.row_losses(logits, targets)
        return losses.mean() if weights is None else (weights * losses).mean()

    def probabilities(self, logits: torch.Tensor, n_classes: int) -> torch.Tensor:
        """Probability that each label applies, (b, L)."""
        return label_sigmoid(logits)

    def predicted(self, P: NDArray[Any], classes: NDArray[Any]) -> NDArray[Any]:
        """Sets of the labels whose probability exceeds one half."""
        return (P > 0.5).astype(np.int64)


def label_sigmoid(logits: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(logits.double())


def labeled_sets(
    X: Any, y: Any, missing_label: Any, classes: Any, who: str
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[Any]]:
    """Find the labelled rows and their label sets.

    Parameters
    ----------
    X : container of n rows
        Only counted.
    y : array-like of shape (n, L)
        0 and 1, or a row of missing values.
    missing_label : scalar
        As in `skal.labels.unlabeled_mask`.
    classes : array-like or None
        The numbers of the labels, 0 to L - 1; None: the same.
    who : str
        For messages.

    Returns
    -------
    rows : ndarray of intp of shape (m,)
        Labelled rows, rising.
    targets : ndarray of float32 of shape (m, L)
        0 and 1.
    classes : ndarray of shape (L,)
        The numbers of the labels, as scikit-learn's MLPClassifier has them.
    """
    check_consistent_length(X, y)
    rows, sets = labeled_part(y, missing_label)
    numbers = np.arange(sets.shape[1])
    if classes is not None and not np.array_equal(np.asarray(classes), numbers):
        raise ValueError(
            f"{who}: of several labels a row classes must be the numbers of the columns of y, 0 to "
            f"{len(numbers) - 1}, got {np.asarray(classes).tolist()}. Leave it out, or pass "
            f"numpy.arange({len(numbers)})."
        )
    return rows, sets.astype(np.float32), numbers
