"""One class a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_regressor
from sklearn.utils.multiclass import type_of_target

from skal.data import to_numpy
from skal.targets.kind import FEATURES, PROBABILITIES, Reading, TargetKind, is_auto
from skal.targets.values import is_missing, label_values, missing_entries, natural_type
from skal.warning import warn

__all__ = ["Classes", "is_of_type"]


class Classes(TargetKind):
    """One label a row, of any type: what targets are where no other kind recognises them.

    A study of classes splits by class, counts rows of each class, and begins with labels of two.
    """

    name: ClassVar[str] = "classes"
    holds: ClassVar[str] = "classes"
    reading: ClassVar[Reading] = "proba"
    reads: ClassVar[frozenset[str]] = FEATURES | PROBABILITIES
    default_metrics: ClassVar[tuple[str, ...]] = ("accuracy",)
    default_estimator: ClassVar[str | None] = "logistic"
    needed: ClassVar[str] = "labels of two classes"
    first_rule: ClassVar[str] = (
        "hold a single class; {n} random labels would be needed for a second. Raise n_initial, or use "
        "initial='stratified' (which looks at labels)"
    )
    refused: ClassVar[Mapping[str, str]] = {"regions": "asks for regions of images, and y holds no masks"}

    def missing(self, y: Any, missing_label: Any = "auto") -> NDArray[np.bool_]:
        """Tell which rows have no label, and warn of -1, which is a class unless it is named."""
        missing = super().missing(y, missing_label)
        if is_auto(missing_label):
            _warn_of_minus_one(label_values(y), missing)
        return missing

    def labeled(self, y: Any, missing_label: Any = "auto") -> tuple[NDArray[np.intp], NDArray[Any]]:
        """Return the labelled rows and their labels, or raise if the mark of a missing label was a class."""
        rows, labels = super().labeled(y, missing_label)
        values = label_values(y)
        named = not is_auto(missing_label) and len(rows) < len(values)
        if named and labels.ndim == 1 and len(np.unique(labels)) == 1 and not missing_entries(values).any():
            raise ValueError(
                f"labeled_part: with missing_label={missing_label!r} only the class {labels.tolist()[0]!r} is left. "
                f"If {missing_label!r} is a class, mark missing labels with NaN or None and pass "
                "missing_label='auto'."
            )
        return rows, labels

    def check_batch(self, X: Any, y: Any, y_known: Any, classes: Any, ignore_label: int, who: str) -> None:
        """Refuse classes that were not named, and types that do not go together; warn of new classes."""
        super().check_batch(X, y, y_known, classes, ignore_label, who)
        labels = to_numpy(y)
        if labels.ndim != 1 or type_of_target(labels) not in ("binary", "multiclass"):
            return
        present = set(labels.tolist())
        if classes is not None:
            unknown = sorted(present - set(np.asarray(classes).tolist()), key=str)
            if unknown:
                raise ValueError(f"{who}: labels must be among classes={list(classes)}, got {unknown}.")
        elif y_known is not None:
            known = set(to_numpy(y_known).tolist())
            if {isinstance(label, str) for label in present} != {isinstance(label, str) for label in known}:
                raise ValueError(
                    f"{who}: labels must be of the type of {next(iter(known))!r}, got {next(iter(present))!r}."
                )
            new = sorted(present - known, key=str)
            if new:
                warn(
                    f"{who}: new classes {new}. If these are mistakes, name all labels there are by classes= when "
                    "the learner is made, and the like will be refused.",
                )

    def only_class(self, y: Any) -> tuple[Any] | None:
        """Return the one class that all labels are of, as a tuple; None where there are more."""
        labels = to_numpy(y)
        return (labels.tolist()[0],) if labels.ndim == 1 and len(np.unique(labels.astype(str))) == 1 else None

    def unseen(self, known: Any, y: Any) -> list[Any]:
        """Return classes that a fitted model does not know."""
        if known is None or np.ndim(known) != 1 or (labels := to_numpy(y)).ndim != 1:
            return []
        return sorted(set(labels.tolist()) - set(np.asarray(known).tolist()), key=str)

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether there are two classes."""
        return len(np.unique(np.asarray(y))) > 1

    def classes(self, y: Any) -> NDArray[Any]:
        """Return the different labels, sorted."""
        return np.unique(np.asarray(y))

    def groups(self, y: Any) -> NDArray[Any]:
        """Return the classes."""
        return self.classes(y)

    def counts(self, labels: Any, groups: NDArray[Any]) -> list[int]:
        """Return how many rows are of each class."""
        return [int((np.asarray(labels) == group).sum()) for group in groups]

    def strata(self, y: Any) -> NDArray[Any] | None:
        """Return the labels themselves."""
        return np.asarray(y)

    def completed(self, chosen: NDArray[np.intp], order: NDArray[np.intp], y: Any) -> NDArray[np.intp]:
        """Add rows until there are two classes, as a person would who labels."""
        if self.can_be_learned(y[chosen]):
            return chosen
        others = order[~np.isin(order, chosen)]
        different = np.flatnonzero(y[others] != y[chosen[0]])
        return chosen if len(different) == 0 else np.concatenate([chosen, others[: different[0] + 1]])

    def check_rehearsal(self, y: Any, splits: bool, who: str) -> None:
        """Refuse several columns, a single class, and classes that cannot be on both sides of a split."""
        if np.ndim(y) == 2 and np.shape(y)[1] == 1:
            raise ValueError(f"{who}: y must hold one label a row, (n,), got shape {np.shape(y)}. Pass y.ravel().")
        if np.ndim(y) != 1:
            raise ValueError(
                f"{who}: y must hold one label a row, (n,), a 0 or 1 for each of several labels, (n, L), or masks, "
                f"(n, H, W), got shape {np.shape(y)} with other values. Compare the columns one by one."
            )
        classes = self.classes(y)
        if len(classes) < 2:
            raise ValueError(
                f"{who}: y must hold at least two classes, got {self.shown(classes[0])} in all {len(y)} rows. Look "
                "whether y is the column that is meant, and whether rows of other classes were left out."
            )
        counts = self.counts(y, classes)
        if splits and min(counts) < 2:
            few = [self.shown(label) for label, n in zip(classes, counts, strict=True) if n < 2]
            raise ValueError(
                f"{who}: every class needs at least two rows, one to learn from and one to test on, got one row of "
                f"{', '.join(few[:5])}{' and others' if len(few) > 5 else ''}. Leave such rows out, merge the class "
                f"with another, or pass rows to test on as test=.{_may_be_numbers(y, classes)}"
            )

    def check_classifier(self, y: Any, who: str) -> None:
        """Refuse several columns that are no sets of labels."""
        shape = np.asarray(y).shape
        if len(shape) == 2 and shape[1] > 1:
            refuse_columns(y, who)

    def check_model(self, model: Any, y: Any, who: str) -> None:
        """Refuse a regressor."""
        if is_of_type(is_regressor, model):
            raise ValueError(
                f"{who}: y holds {self.holds} such as {self.shown(np.asarray(y).flat[0])}, and "
                f"{type(model).__name__} is a regressor. Pass a classifier."
            )


def refuse_columns(y: Any, who: str) -> None:
    """Raise because there are several columns, and not 0 and 1 for each of several labels."""
    values = label_values(y)
    other = next(value for value in values.ravel().tolist() if is_missing(value) or value not in (0, 1))
    raise ValueError(
        f"{who}: y must hold one class for each row, shape (n,), or a 0 or 1 for each of several labels, (n, L), got "
        f"shape {values.shape} with {other!r} in it. Run one loop for each column."
    )


def _may_be_numbers(y: Any, classes: NDArray[Any]) -> str:
    """What helps where classes are many different whole numbers."""
    if np.asarray(y).dtype.kind not in "fiu" or len(classes) <= 20:
        return ""
    return (
        f" These are {len(classes)} different numbers: if they are to be predicted as such, pass a regressor "
        "(--estimator forest_regressor)."
    )


def is_of_type(question: Any, model: Any) -> bool:
    """Ask scikit-learn what a model is; False where the model does not say."""
    try:
        return bool(question(model))
    except (AttributeError, TypeError):
        return False


def _warn_of_minus_one(values: NDArray[Any], missing: NDArray[np.bool_]) -> None:
    if missing.any() or values.size == 0:
        return
    values = natural_type(values)
    if values.dtype.kind not in "if" or not (values == -1).any():
        return
    others = values[values != -1]
    if others.size and (others >= 0).all() and (others == np.floor(others)).all() and len(np.unique(others)) > 1:
        warn("y holds -1, which is treated as a class; pass missing_label=-1 if it marks a missing label.")
