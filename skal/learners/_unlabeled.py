"""Rows without a label in what is taught: for models that learn from them, and left out for others."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from skal.data import concatenate, n_rows, row_keys, take
from skal.labels import labeled_part, unlabeled_mask
from skal.learners._weights import is_weights
from skal.targets import kind_of


class Batch(NamedTuple):
    """What came in one call: labelled rows, those without a label (None: there are none), arguments of ``fit``."""

    X: Any
    y: Any
    unlabeled: Any
    arguments: dict[str, Any]


def split_batch(X: Any, y: Any, missing_label: Any, arguments: dict[str, Any], n_known: int, who: str) -> Batch:
    """Take rows without a label out of a batch, and their weights.

    Parameters
    ----------
    X, y : container
        As they were given; what cannot be split comes back as it is, for the checks that follow.
    missing_label : scalar
        As in `skal.labels.unlabeled_mask`. Under "auto" -1 is a class.
    arguments : dict
        Of ``fit``; weights of the batch, or of `n_known` rows and the batch.
    n_known : int
        Rows taught before.
    who : str
        For the message.

    Returns
    -------
    Batch

    Raises
    ------
    ValueError
        If no row has a label.
    """
    if X is None or y is None or np.isscalar(y) or n_rows(X) != n_rows(y) or n_rows(y) == 0:
        return Batch(X, y, None, arguments)
    mark = _mark(missing_label)
    missing = unlabeled_mask(y, mark)
    if not missing.any():
        return Batch(X, y, None, arguments)
    if missing.all():
        raise ValueError(
            f"{who}: at least one row needs a label, got {len(missing)} missing. Leave rows in the pool until "
            "they have one."
        )
    rows, labels = labeled_part(y, mark)
    n, cut = len(missing), dict(arguments)
    for name, value in arguments.items():
        if is_weights(name) and value is not None:
            if n_rows(value) == n:
                cut[name] = take(np.asarray(value), rows)
            elif n_rows(value) == n_known + n:
                cut[name] = take(np.asarray(value), np.concatenate([np.arange(n_known), n_known + rows]))
    return Batch(take(X, rows), labels, take(X, np.flatnonzero(missing)), cut)


def labeled_rows(X: Any, y: Any, missing_label: Any, metadata: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Return the rows that have a label, their labels, and metadata in which weights are theirs; for a score."""
    if y is None or not unlabeled_mask(y, _mark(missing_label)).any():
        return X, y, metadata
    rows, labels = labeled_part(y, _mark(missing_label))
    weights = {name: take(np.asarray(w), rows) for name, w in metadata.items() if is_weights(name) and w is not None}
    return take(X, rows), labels, {**metadata, **weights}


def still_unlabeled(known: Any, new: Any, X_taught: Any) -> Any:
    """Return all rows without a label, those of before that have one now left out; None if there are none."""
    if known is not None:
        taught = set(row_keys(X_taught))
        left = [row for row, key in enumerate(row_keys(known)) if key not in taught]
        known = take(known, np.array(left, dtype=np.intp)) if left else None
    if known is None or new is None:
        return new if known is None else known
    return concatenate(known, new)


def with_unlabeled(X: Any, y: Any, unlabeled: Any, arguments: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Put rows without a label behind labelled ones, with weights of one."""
    n, extra = n_rows(X), n_rows(unlabeled)
    weights = {
        name: np.concatenate([np.asarray(w), np.ones(extra)])
        for name, w in arguments.items()
        if is_weights(name) and w is not None and n_rows(w) == n
    }
    return concatenate(X, unlabeled), kind_of(y).with_missing(y, extra), {**arguments, **weights}


def _mark(missing_label: Any) -> Any:
    return None if isinstance(missing_label, str) and missing_label == "auto" else missing_label
