"""One number a row: regression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from skal.targets.classes import is_of_type
from skal.targets.kind import FEATURES, PREDICTIONS, Metric, Reading, TargetKind
from skal.targets.values import first_present, label_values, missing_entries, natural_type

__all__ = ["ERRORS", "Numbers", "finite_numbers"]

_N_RANGES = 4
_WORST = 0.9


class Numbers(TargetKind):
    """A number a row, which a regressor predicts.

    Numbers that are not whole are recognised; whole ones are classes, unless the model is a regressor. A study of
    numbers splits at random, counts rows in the four quarters of the values, and begins with any rows.
    """

    name: ClassVar[str] = "numbers"
    holds: ClassVar[str] = "numbers"
    reading: ClassVar[Reading] = "predict"
    reads: ClassVar[frozenset[str]] = FEATURES | PREDICTIONS
    default_metrics: ClassVar[tuple[str, ...]] = ("r2", "rmse", "mae", "worst_decile")
    default_estimator: ClassVar[str | None] = "forest_regressor"
    part: ClassVar[str] = "range"
    refused: ClassVar[Mapping[str, str]] = {
        "initial_left_out": "initial_left_out is for classes, and y holds numbers",
        "stratified": "initial={way!r} is for classes, and y holds numbers. Take 'random', or 'k_center'",
        "class_balanced": "initial={way!r} is for classes, and y holds numbers. Take 'random', or 'k_center'",
        "wrong_labels": "wrong labels are drawn among classes, and y holds numbers: pass oracle=None, or a function "
        "that makes an annotator of your own",
        "regions": "asks for regions of images, and y holds no masks",
    }

    def recognises(self, y: Any) -> bool:
        """Tell whether these are numbers, one a row, some of them not whole."""
        values = _numbers(y)
        return values is not None and bool((values != np.floor(values)).any())

    def fits(self, y: Any) -> bool:
        """Tell whether these can be numbers to predict, whole or not, if a model is there to predict numbers."""
        return _numbers(y) is not None

    def labeled(self, y: Any, missing_label: Any = "auto") -> tuple[NDArray[np.intp], NDArray[Any]]:
        """Return the rows that have a number, and the numbers."""
        rows, numbers = super().labeled(y, missing_label)
        return rows, numbers.astype(np.float64)

    def as_array(self, y: Any) -> NDArray[Any]:
        """Return the numbers as floats."""
        return np.asarray(y, dtype=np.float64)

    def check_batch(self, X: Any, y: Any, y_known: Any, classes: Any, ignore_label: int, who: str) -> None:
        """Refuse infinity, and another width than is known."""
        super().check_batch(X, y, y_known, classes, ignore_label, who)
        finite_numbers(label_values(y), who, "a classifier")

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether there is a number."""
        return len(y) > 0

    def groups(self, y: Any) -> NDArray[Any]:
        """Return the upper ends of the four quarters of the finite values; fewer where many values are equal."""
        values = np.asarray(y, dtype=np.float64)
        values = values[np.isfinite(values)]  # a study of infinity is refused later, by `check_rehearsal`
        return np.unique(np.quantile(values, np.arange(1, _N_RANGES + 1) / _N_RANGES)) if len(values) else values

    def group_names(self, groups: NDArray[Any]) -> list[str]:
        """Return the ranges in words."""
        ends = [self.shown(end) for end in groups]
        if len(ends) < 2:
            return ["all"] * len(ends)
        return [f"up to {ends[0]}", *(f"{a} to {b}" for a, b in pairwise(ends[:-1])), f"above {ends[-2]}"]

    def counts(self, labels: Any, groups: NDArray[Any]) -> list[int]:
        """Return how many rows are in each range; its upper end belongs to it."""
        places = np.searchsorted(groups, np.asarray(labels, dtype=np.float64)).clip(0, len(groups) - 1)
        return np.bincount(places, minlength=len(groups)).tolist()

    def shown(self, label: Any) -> str:
        """Return a number with four digits."""
        return f"{float(label):.4g}"

    def metrics(self, classes: NDArray[Any], names: Sequence[str]) -> dict[str, Metric]:
        """Return errors in the units of the numbers, lower = better: root mean square, mean, and of the worst tenth.

        Parameters
        ----------
        classes, names : ndarray, sequence of str
            Not read.

        Returns
        -------
        dict of str to callable
            "rmse", "mae", and "worst_decile": the absolute error that one row of ten exceeds. Beside them there are
            scikit-learn's scorers, higher = better: "r2", "neg_root_mean_squared_error", ...
        """
        return dict(ERRORS)

    def check_rehearsal(self, y: Any, splits: bool, who: str) -> None:
        """Refuse columns, and infinity."""
        if np.ndim(y) != 1:
            remedy = "Pass y.ravel()." if np.size(y) == len(y) else "Compare the columns one by one."
            raise ValueError(f"{who}: y must hold one number a row, (n,), got shape {np.shape(y)}. {remedy}")
        if not np.isfinite(np.asarray(y, dtype=np.float64)).all():
            row = int(np.flatnonzero(~np.isfinite(np.asarray(y, dtype=np.float64)))[0])
            raise ValueError(f"{who}: numbers must be finite, got {y[row]} in row {row}. Leave such rows out.")

    def check_model(self, model: Any, y: Any, who: str) -> None:
        """Refuse a classifier."""
        if is_of_type(is_classifier, model):
            values = np.unique(np.asarray(y))
            raise ValueError(
                f"{who}: y must hold classes, got {len(values)} different numbers such as {values[0]:.4g}, and "
                f"{type(model).__name__} is a classifier. Pass a regressor, or put the numbers into classes, such as "
                "by numpy.digitize."
            )


def finite_numbers(
    labels: Any, who: str, of_classes: str, rows: NDArray[np.intp] | None = None
) -> NDArray[np.float64]:
    """Return numbers to predict as floats.

    Parameters
    ----------
    labels : array-like of shape (m, ...)
        None missing.
    who, of_classes : str
        For the messages: who learns them, and what would learn them if they were classes.
    rows : ndarray of int of shape (m,), default=None
        Where they stand in what the caller was given; None: in this order.

    Returns
    -------
    ndarray of float64
        Finite, or NaN where a number is missing.

    Raises
    ------
    ValueError
        If one is infinite, or no number.
    """
    if np.iscomplexobj(labels):
        raise ValueError(  # scikit-learn's words
            f"{who}: Complex data not supported: numbers to predict must be real, got {np.ravel(labels)[0]}. Take "
            "their real part, or learn the parts one by one."
        )
    try:
        numbers = np.asarray(labels, dtype=np.float64)
    except (TypeError, ValueError):
        first = np.ravel(np.asarray(labels, dtype=object))[0]
        raise ValueError(
            f"{who}: y must hold numbers to predict, got {first!r}. If these are classes, use {of_classes}."
        ) from None
    if np.isinf(numbers).any():
        place = int(np.argwhere(np.isinf(numbers))[0][0])
        row = place if rows is None else int(rows[place])
        raise ValueError(  # scikit-learn's words, and which row
            f"{who}: Input y contains infinity: numbers must be finite, got {np.ravel(numbers[place])[0]} in row "
            f"{row}. Leave such rows out, or mark their numbers as missing, by NaN."
        )
    return numbers


@dataclass(frozen=True)
class ErrorMetric:
    """A number read from the absolute errors (n,) of all test rows, which are predicted once for all such metrics."""

    read: Callable[[NDArray[np.float64]], float]
    evidence: ClassVar[str] = "absolute errors"

    def __call__(self, model: Any, X: Any, y: Any) -> float:
        """Predict, and read the number."""
        return self.read(self.gather(model, X, y))

    def gather(self, model: Any, X: Any, y: Any) -> NDArray[np.float64]:
        """Absolute errors (n,); a model that predicts a column (n, 1) means it so."""
        predicted = np.asarray(model.predict(X), dtype=np.float64).reshape(len(y))
        return np.asarray(np.abs(predicted - np.asarray(y, dtype=np.float64)))


def _root_mean_square(errors: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _mean(errors: NDArray[np.float64]) -> float:
    return float(np.mean(errors))


def _worst_decile(errors: NDArray[np.float64]) -> float:
    """Error at which the worst tenth of the rows begins."""
    return float(np.quantile(errors, _WORST))


ERRORS: dict[str, Metric] = {
    "rmse": ErrorMetric(_root_mean_square),
    "mae": ErrorMetric(_mean),
    "worst_decile": ErrorMetric(_worst_decile),
}


def _numbers(y: Any) -> NDArray[Any] | None:
    """Numbers that are present, if `y` holds one a row and nothing else."""
    if y is None or isinstance(y, (str, bytes, dict)) or len(getattr(y, "shape", ())) > 2:
        return None
    try:
        values = label_values(y)
        if values.ndim != 1 or values.dtype.kind not in "fiuO":
            return None
        if values.dtype.kind == "O" and not isinstance(first_present(values), Real):
            return None
        present = natural_type(values[~missing_entries(values)]) if len(values) else values
    except (TypeError, ValueError):
        return None
    return present if present.size and present.dtype.kind in "fiu" else None
