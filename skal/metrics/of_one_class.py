"""Metrics of one class against all others: which they are, and which class is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import get_scorer

from skal.metrics.all_classes import OneAgainstRest
from skal.targets import Targets

__all__ = ["OF_ONE_CLASS", "ONE_CLASS_OR_ALL", "OfOneClass", "of_which_class"]

# The number changes with the class that is taken for the positive one.
OF_ONE_CLASS = ("f1", "precision", "recall", "jaccard", "positive_likelihood_ratio", "neg_negative_likelihood_ratio")
# Of one class as well; of two classes the same for either, or of more the mean over all, if nobody says which.
ONE_CLASS_OR_ALL = ("average_precision", "roc_auc", "neg_brier_score", "d2_brier_score")
# Names of two classes by which everybody knows which one counts.
_OTHER, _ONE = ("0", "0.0", "-1", "-1.0", "False"), ("1", "1.0", "True")
_SAME_FOR_BOTH = ("roc_auc", "neg_brier_score", "d2_brier_score")


@dataclass(frozen=True)
class OfOneClass:
    """One of scikit-learn's binary metrics, of one class against all others.

    Attributes
    ----------
    name : str
        Of scikit-learn's scorer.
    positive : scalar
        The label of the class.
    """

    name: str
    positive: Any

    def __call__(self, model: Any, X: Any, y: Any) -> float:
        """Encode model and labels as "this class" and "another", and score."""
        encoded = (np.asarray(y) == self.positive).astype(np.int64)
        return float(get_scorer(self.name)(OneAgainstRest(model, self.positive), X, encoded))


def of_which_class(name: str, positive: Any, targets: Targets) -> tuple[str, OfOneClass | None]:
    """Say which class a metric is of.

    Parameters
    ----------
    name : str
        Of `OF_ONE_CLASS` or `ONE_CLASS_OR_ALL`, also with its class: "f1:fraud".
    positive : scalar or None
        Class of the metrics that do not name one.
    targets : Targets
        With classes.

    Returns
    -------
    name : str
        With the class, unless that is the class 1 of 0 and 1, or does not matter.
    metric : OfOneClass or None
        None: scikit-learn's scorer of that name is it.

    Raises
    ------
    ValueError
        If the metric is of one class and nobody says which, or if there is no such class.
    """
    base, colon, text = name.partition(":")
    said = text if colon else positive
    if text.startswith("positive=") and text not in targets.names:
        said = text.removeprefix("positive=")
    classes = targets.classes.tolist()
    if said is None or (base in _SAME_FOR_BOTH and len(classes) == 2 and not colon):
        return base, _of_nobody_in_particular(base, targets)
    if base in ("neg_brier_score", "d2_brier_score") and not colon:
        return base, None  # of all classes, which is more
    place = _place(said, base, targets)
    if place == 1 and _are_other_and_one(targets):
        return base, _of_nobody_in_particular(base, targets)  # one name, whether the class is said or not
    return f"{base}:{targets.names[place]}", OfOneClass(base, targets.classes[place])


def _of_nobody_in_particular(name: str, targets: Targets) -> OfOneClass | None:
    """Take the label 1 where labels are 0 and 1, by their names too; refuse to guess elsewhere."""
    classes = targets.classes.tolist()
    if _are_other_and_one(targets):
        return None if classes in ([0, 1], [-1, 1]) else OfOneClass(name, targets.classes[1])
    if len(classes) == 2 and name in _SAME_FOR_BOTH:
        return OfOneClass(name, targets.classes[1])
    if name in ONE_CLASS_OR_ALL and len(classes) != 2:
        return None  # the mean over the classes, or refused when it is tried
    shown = list(targets.names[:3])
    first = targets.names[0]
    mean = (
        f", or take {name}_macro, the mean over the classes"
        if name in ("f1", "precision", "recall", "jaccard")
        else ""
    )
    raise ValueError(
        f"compare: {name} is of one class, and the classes are {', '.join(shown)}{', ...' * (len(classes) > 3)}. Say "
        f"which one counts: positive={first!r} (--positive {first}), or '{name}:{first}' for this metric alone{mean}."
    )


def _are_other_and_one(targets: Targets) -> bool:
    """Whether the classes are 0 and 1, or the like, by their names."""
    return len(targets.names) == 2 and targets.names[0] in _OTHER and targets.names[1] in _ONE


def _place(said: Any, name: str, targets: Targets) -> int:
    """Position of a class that is given by its name, which is what people know, or else by its label.

    A whole number that is no text is a label first: who passes 1 knows the labels.
    """
    text = str(said)
    labels = targets.classes.tolist()
    by_value = [place for place, label in enumerate(labels) if not isinstance(label, str) and _number(text) == label]
    whole = isinstance(said, (int, np.integer)) and not isinstance(said, bool)
    if by_value and whole:
        return by_value[0]
    for names in (targets.names, [targets.kind.shown(label) for label in targets.classes]):
        if text in names:
            return list(names).index(text)
    if by_value:  # 1 for True, or for 1.0
        return by_value[0]
    shown = ", ".join(targets.names[:10]) + ", ..." * (len(targets.names) > 10)
    raise ValueError(f"compare: {name} of {said!r}: there is no such class; there are {shown}.")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
