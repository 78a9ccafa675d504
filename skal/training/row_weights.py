"""What each labelled row counts in the loss: weights of rows and of classes, as scikit-learn means them."""

from __future__ import annotations

from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import compute_sample_weight

__all__ = ["WeightedRows", "row_weights", "unweighted"]


class WeightedRows(NamedTuple):
    """Rows of a batch as a net reads them, and what the loss of each counts."""

    rows: Any
    weights: torch.Tensor


def unweighted(x: Any) -> tuple[Any, torch.Tensor | None]:
    """Return the rows of a batch, and their weights or None."""
    return (x.rows, x.weights) if isinstance(x, WeightedRows) else (x, None)


def row_weights(
    sample_weight: Any, class_weight: Any, n: int, rows: NDArray[np.intp], labels: NDArray[Any], who: str
) -> torch.Tensor | None:
    """Return what each labelled row counts, on average 1.

    Parameters
    ----------
    sample_weight : array-like of shape (n,), number or None
        Of all rows; those without a label are not looked at.
    class_weight : dict, "balanced" or None
        As of scikit-learn, multiplied with the former; "balanced" counts labelled rows.
    n : int
        Rows that were given.
    rows : ndarray of shape (m,)
        Labelled ones.
    labels : ndarray of shape (m,)
        Their labels.
    who : str
        For messages.

    Returns
    -------
    Tensor of float32 of shape (m,) or None
        None where all count the same, so that such weights change no digit.

    Notes
    -----
    The loss of a batch is the mean of ``w_i l_i``, not divided by the weights of that batch: then every row has its
    share of the training whatever it comes together with. Divided by ``sum(w)`` of the batch, a light row in a batch
    of light ones would count as much as a heavy one.
    """
    weights = np.ones(len(rows)) if sample_weight is None else _checked(sample_weight, n, rows, who)
    if class_weight is not None:
        if not isinstance(class_weight, dict) and class_weight != "balanced":
            raise ValueError(
                f"{who}: class_weight must be 'balanced', a dict of labels to weights or None, got {class_weight!r}."
            )
        # A dict may name classes that no row has yet.
        known = set(np.unique(labels).tolist())
        if isinstance(class_weight, dict):
            class_weight = {label: weight for label, weight in class_weight.items() if label in known}
        by_class = compute_sample_weight(class_weight or None, labels)
        weights = weights * _not_negative(by_class, "the weights in class_weight", who)
    if (weights == weights[0]).all() and weights[0] > 0:
        return None
    if not weights.sum() > 0:
        raise ValueError(
            f"{who}: the weights of all labelled rows are zero, so nothing is learnt. Give some a positive one."
        )
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))


def _checked(sample_weight: Any, n: int, rows: NDArray[np.intp], who: str) -> NDArray[np.float64]:
    """Weights of the labelled rows, or raise."""
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n, sample_weight)
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{who}: sample_weight must be numbers, one a row. {error}") from error
    if weights.shape != (n,):
        raise ValueError(f"{who}: sample_weight must have shape ({n},), one number a row of X, got {weights.shape}.")
    return _not_negative(weights[rows], "sample_weight of labelled rows", who)


def _not_negative(weights: Any, what: str, who: str) -> NDArray[np.float64]:
    weights = np.asarray(weights, dtype=np.float64)
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        raise ValueError(
            f"{who}: {what} must be finite and not negative, got {weights[bad][0]} ({bad.sum()} such rows). Leave a "
            "row out by weight 0."
        )
    return weights
