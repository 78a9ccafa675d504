"""Labelled rows with what belongs to them: labels, and metadata of a row such as weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.data import n_rows, take
from skal.labels.missing import labeled_part, unlabeled_mask


def labeled_rows(
    X: Any, y: Any, missing_label: Any = "auto", metadata: dict[str, Any] | None = None
) -> tuple[Any, Any, dict[str, Any]]:
    """Return the labelled rows, their labels, and what of the metadata is theirs.

    Parameters
    ----------
    X : container of n rows
        Any container; as it came where every row has a label.
    y : array-like of shape (n,)
        Labels, some of them missing.
    missing_label : scalar, default="auto"
        As in `unlabeled_mask`.
    metadata : dict or None, default=None
        By name. A sequence of n entries has one for each row, as scikit-learn reads metadata; anything else, None
        too, stays as it is.

    Returns
    -------
    X : container of m rows
        The labelled ones.
    labels : array-like of shape (m,)
        As of `labeled_part`.
    metadata : dict
        With the entries of the labelled rows.

    Raises
    ------
    ValueError
        As of `labeled_part`.

    Examples
    --------
    >>> X, labels, metadata = labeled_rows([[1], [2], [3]], [0, None, 1], metadata={"sample_weight": [5, 6, 7]})
    >>> X, labels.tolist(), metadata["sample_weight"].tolist()
    ([[1], [3]], [0, 1], [5, 7])
    """
    given = dict(metadata or {})
    rows, labels = labeled_part(y, missing_label)
    n = n_rows(y)
    if len(rows) == n:
        return X, labels, given
    return take(X, rows), labels, {name: _of_rows(value, rows, n) for name, value in given.items()}


def _of_rows(value: Any, rows: Any, n: int) -> Any:
    """Entries of the rows, of what has an entry for each row."""
    if isinstance(value, (str, bytes, dict)) or not (hasattr(value, "__len__") or hasattr(value, "shape")):
        return value
    if getattr(value, "shape", None) == () or n_rows(value) != n:
        return value
    return take(np.asarray(value) if isinstance(value, (list, tuple)) else value, rows)


class ScoresLabeledRows:
    """An estimator whose ``score`` leaves out rows without a label; before scikit-learn's mixin of its type.

    What marks a missing label is its parameter ``missing_label``.
    """

    missing_label: Any

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the score on the labelled rows: accuracy of a classifier, R2 of a regressor.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        y : array-like of shape (n,)
            Labels; rows without one, as `fit` knows them, are left out.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows.

        Returns
        -------
        float
            At most 1.

        Raises
        ------
        ValueError
            If no row has a label.
        """
        if unlabeled_mask(y, self.missing_label).any():
            X, y, weights = labeled_rows(X, y, self.missing_label, {"sample_weight": sample_weight})
            sample_weight = weights["sample_weight"]
        return float(super().score(X, y, sample_weight))  # type: ignore[misc]
