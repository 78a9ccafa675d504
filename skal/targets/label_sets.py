"""Several labels a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_regressor
from sklearn.utils import get_tags

from skal.targets.classes import is_of_type
from skal.targets.kind import FEATURES, Metric, Reading, TargetKind
from skal.targets.values import first_present, is_missing, label_values, missing_entries
from skal.warning import warn

__all__ = ["LOSSES_OF_SETS", "LabelSets"]


class LabelSets(TargetKind):
    """Of each of L labels whether it applies to a row: ``y`` (n, L) of 0 and 1.

    A row is labelled as a whole, and counts as one. A study of label sets splits at random, counts the rows to which
    each label applies, and begins with rows that show every label both ways.
    """

    name: ClassVar[str] = "label_sets"
    holds: ClassVar[str] = "sets of labels"
    reading: ClassVar[Reading] = "multilabel"
    reads: ClassVar[frozenset[str]] = FEATURES | {"multilabel"}
    default_metrics: ClassVar[tuple[str, ...]] = ("f1_macro", "f1_micro", "hamming_loss", "subset_accuracy")
    default_estimator: ClassVar[str | None] = "logistic"
    part: ClassVar[str] = "label"
    counted: ClassVar[str] = "labels that apply to the rows asked for"
    needed: ClassVar[str] = "rows that show every label both ways"
    first_rule: ClassVar[str] = (
        "hold a label that applies to all or to none of them, so that no model can learn it; {n} random rows would "
        "be needed to show each label both ways. Raise n_initial, leave out labels that are so rare, or use "
        "initial='stratified' (which looks at labels)"
    )
    refused: ClassVar[Mapping[str, str]] = {
        "initial_left_out": "initial_left_out is for classes, and y holds sets of labels",
        "class_balanced": "initial={way!r} is for classes, and y holds sets of labels. Take 'random' or 'stratified'",
        "wrong_labels": "wrong labels are drawn among classes, and y holds sets of labels: pass oracle=None, or a "
        "function that makes an annotator of your own",
        "regions": "asks for regions of images, and y holds no masks",
    }

    def recognises(self, y: Any) -> bool:
        """Tell whether these are 0 and 1 in two columns or more."""
        shape = getattr(y, "shape", None)
        if y is None or isinstance(y, (str, bytes, dict)) or (shape is not None and len(shape) not in (1, 2)):
            return False
        try:
            values = label_values(y)
            if values.ndim == 1:  # a list of rows, some of them None; or one label a row, which has no width
                if values.dtype.kind != "O" or np.ndim(first_present(values)) != 1:
                    return False
                values = np.array([row for row in values.tolist() if not is_missing(row)])
            if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "biufO":
                return False
            present = values[~missing_entries(values)]
            return bool(present.size) and bool(np.isin(present.astype(np.float64), (0, 1)).all())
        except (TypeError, ValueError):  # ragged rows, text
            return False

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether every label is seen both ways."""
        labels = np.asarray(y).astype(bool)
        return bool((labels.any(axis=0) & ~labels.all(axis=0)).all())

    def fold_labels(self, labels: Any) -> Any:
        """Return the sets: scikit-learn does not stratify by them."""
        return labels

    def groups(self, y: Any) -> NDArray[Any]:
        """Return the numbers of the labels."""
        return np.arange(np.shape(y)[1])

    def group_names(self, groups: NDArray[Any]) -> list[str]:
        """Return "label 0", "label 1", ..."""
        return [f"label {group}" for group in groups]

    def counts(self, labels: Any, groups: NDArray[Any]) -> list[int]:
        """Return to how many rows each label applies; a row with three labels counts for three of them."""
        return np.asarray(labels, dtype=np.int64).reshape(-1, len(groups)).sum(axis=0).tolist()

    def shown(self, label: Any) -> str:
        """Return the numbers of the labels that apply to a row."""
        return ", ".join(str(place) for place in np.flatnonzero(np.asarray(label))) or "none"

    def in_turns(self, y: Any, order: NDArray[np.intp], n: int, by_share: bool) -> NDArray[np.intp]:
        """Choose random rows, those first that show a label in a way that no row before them does."""
        y = np.asarray(y).astype(bool)
        seen = np.zeros((2, y.shape[1]), dtype=bool)
        first = []
        for place, row in enumerate(order):
            new = np.stack([~y[row], y[row]]) & ~seen
            if new.any():
                seen |= new
                first.append(place)
            if seen.all():
                break
        return np.concatenate([order[first], np.delete(order, first)])[:n]

    def completed(self, chosen: NDArray[np.intp], order: NDArray[np.intp], y: Any) -> NDArray[np.intp]:
        """Add rows until every label that differs among them all is seen both ways."""
        y = np.asarray(y).astype(bool)
        others = order[~np.isin(order, chosen)]
        rows = np.concatenate([chosen, others])
        needed = len(chosen)
        for column in y[rows].T:
            ways = [np.flatnonzero(column == way) for way in (False, True)]
            if all(map(len, ways)):
                needed = max(needed, 1 + max(int(way[0]) for way in ways))
        return rows[:needed]

    def metrics(self, classes: NDArray[Any], names: Sequence[str]) -> dict[str, Metric]:
        """Return the share of labels that are wrong, lower = better, and the share of sets that are exactly right.

        Parameters
        ----------
        classes, names : ndarray, sequence of str
            Not read.

        Returns
        -------
        dict of str to callable
            "hamming_loss" and "subset_accuracy". Beside them there are scikit-learn's scorers: "f1_macro",
            "f1_micro", "f1_samples", ...; its "accuracy" is the subset accuracy under another name.
        """
        return {**LOSSES_OF_SETS, "subset_accuracy": subset_accuracy}

    def check_rehearsal(self, y: Any, splits: bool, who: str) -> None:
        """Refuse labels that all rows have, or none; warn where every row has exactly one."""
        labels = np.asarray(y).astype(bool)
        same = np.flatnonzero(labels.all(axis=0) | ~labels.any(axis=0)).tolist()
        if same:
            raise ValueError(
                f"{who}: every label must apply to some rows and not to others, got {len(same)} that do not differ, "
                f"first column {same[0]}. Leave these columns out."
            )
        self.check_classifier(y, who)

    def check_model(self, model: Any, y: Any, who: str) -> None:
        """Refuse a regressor, and a classifier that says it takes one class a row."""
        if is_of_type(is_regressor, model) or is_of_type(_takes_one_class, model):
            raise ValueError(
                f"{who}: y holds {np.shape(y)[1]} labels a row, and {type(model).__name__} does not predict several. "
                "Put it into sklearn.multioutput.MultiOutputClassifier, one model a label, or take one that does, "
                "such as RandomForestClassifier."
            )

    def check_classifier(self, y: Any, who: str) -> None:
        """Warn where every row has exactly one label."""
        labels = label_values(y)
        if labels.ndim == 2:
            labels = labels[~missing_entries(labels).any(axis=1)].astype(bool)
            if (labels.sum(axis=1) == 1).all():
                warn(f"{who}: every row has exactly one label: if these are classes, pass y.argmax(axis=1).")

    def why_not_learned(self, y: Any) -> str | None:
        """Name the labels that all taught rows have, or none; None where every label is seen both ways."""
        labels = np.asarray(y).astype(bool)
        same = np.flatnonzero(labels.all(axis=0) | ~labels.any(axis=0))
        if not len(same):
            return None
        which = f"label {same[0]} is" if len(same) == 1 else f"labels {', '.join(map(str, same[:5]))} are"
        return (
            f"{which} the same in all {len(labels)} rows taught, and a model of such a label cannot learn it. Teach "
            "rows that show it both ways, leave the column out, or take OneVsRestClassifier, which predicts for it "
            "what all rows say"
        )

    def check_beside(self, y: Any, who: str) -> None:
        """Refuse anything else beside sets that were taught."""
        if not self.recognises(y):
            values = np.asarray(y, dtype=object)
            if values.ndim != 2:
                raise ValueError(
                    f"{who}: y must hold a 0 or 1 for each label, (n, L), as taught so far, got shape "
                    f"{values.shape}. Pass all labels of each row."
                )
            other = next(value for value in values.ravel().tolist() if value not in (0, 1))
            raise ValueError(
                f"{who}: y must hold a 0 or 1 for each label, as taught so far, got {other!r}. Of probabilities pass "
                "P > 0.5."
            )


def hamming_loss(model: Any, X: Any, y: Any) -> float:
    """Share of labels that are predicted wrongly, over all rows and labels."""
    return float(np.mean(_predicted(model, X, y) != np.asarray(y, dtype=bool)))


def subset_accuracy(model: Any, X: Any, y: Any) -> float:
    """Share of rows whose labels are all predicted rightly."""
    return float(np.mean((_predicted(model, X, y) == np.asarray(y, dtype=bool)).all(axis=1)))


def _predicted(model: Any, X: Any, y: Any) -> NDArray[np.bool_]:
    found = model.predict(X)
    dense = np.asarray(found.toarray() if hasattr(found, "toarray") else found)
    return dense.astype(bool).reshape(np.shape(y))


LOSSES_OF_SETS: dict[str, Metric] = {"hamming_loss": hamming_loss}


def _takes_one_class(model: Any) -> bool:
    tags = get_tags(model)
    several = tags.target_tags.multi_output or (tags.classifier_tags is not None and tags.classifier_tags.multi_label)
    return tags.classifier_tags is not None and not several
