"""Loaders of data sets: nothing but `X`, `y` and a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn import datasets

__all__ = ["DATASETS", "Dataset", "load_dataset"]


@dataclass(frozen=True)
class Dataset:
    """A labelled data set.

    Attributes
    ----------
    name : str
        As asked for.
    X : ndarray of shape (n, ...)
        Rows.
    y : ndarray of shape (n,)
        Their labels.
    """

    name: str
    X: Any
    y: Any


# Real data that come with scikit-learn, so that they are there without a network.
DATASETS: dict[str, Callable[..., Any]] = {
    "breast_cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
}


def load_dataset(name: str) -> Dataset:
    """Load a data set by name.

    Parameters
    ----------
    name : str
        One of `DATASETS`.

    Returns
    -------
    Dataset
        Rows as a table.

    Raises
    ------
    ValueError
        If there is no such data set.
    """
    if name not in DATASETS:
        raise ValueError(f"There is no data set {name!r}; there are {', '.join(sorted(DATASETS))}.")
    X, y = DATASETS[name](return_X_y=True)
    return Dataset(name, X, y)
