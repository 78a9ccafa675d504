"""What is measured on test data, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer, get_scorer_names
from sklearn.utils.metaestimators import available_if

from skal.data import blocks
from skal.masks import Confusion
from skal.outputs import proba
from skal.study.targets import MaskTargets, Targets

Metric = Callable[[Any, Any, Any], float]


def metric_in_words(name: str) -> str:
    """Return what a metric is called in a sentence: "mean IoU" for "miou", "IoU of road" for "iou:road"."""
    if name.startswith("iou:"):
        return f"IoU of {name.removeprefix('iou:')}"
    return {"miou": "mean IoU", "pixel_accuracy": "pixel accuracy"}.get(name, name)


def make_metrics(
    names: Sequence[str], targets: Targets | None = None, class_names: Sequence[str] | None = None
) -> dict[str, Metric]:
    """Return metrics by name, each ``metric(learner, X, y)``.

    Parameters
    ----------
    names : sequence of str
        scikit-learn's scorers ("accuracy", "f1_macro", "balanced_accuracy", "neg_log_loss", ...), higher =
        better, and "ece", the expected calibration error of the predicted probabilities, lower = better. Of masks:
        "miou", the mean intersection over union of the classes, "pixel_accuracy", and "iou", which stands for that of
        every class by itself, "iou:NAME".
    targets : Targets, default=None
        Those of the study; None: labels.
    class_names : sequence of str, default=None
        Names of the classes in their order, for "iou"; None: the labels themselves.

    Returns
    -------
    dict of str to callable
        In the same order.

    Raises
    ------
    ValueError
        If a name is unknown, repeated, or if "ece" comes first, where verdicts need higher = better.
    """
    if not names:
        raise ValueError("At least one metric is needed, got none.")
    if len(set(names)) < len(names):
        raise ValueError(f"Each metric once, got {', '.join(names)}.")
    if names[0] == "ece":
        raise ValueError("Verdicts are about the first metric, higher = better; measure 'ece' beside another.")
    if isinstance(targets, MaskTargets):
        return _mask_metrics(names, targets.classes, class_names or [str(label) for label in targets.classes])
    known = get_scorer_names()
    unknown = [name for name in names if name != "ece" and name not in known]
    if unknown:
        raise ValueError(f"There is no metric {', '.join(unknown)}: scikit-learn's scorers and 'ece' are known.")
    if targets is not None:
        _check_positive_class(names, targets)
    return {name: expected_calibration_error if name == "ece" else get_scorer(name) for name in names}


def _check_positive_class(names: Sequence[str], targets: Targets) -> None:
    """Refuse metrics of one class where no class is that one."""
    of_one_class = [name for name in names if name in ("f1", "precision", "recall", "jaccard")]
    if of_one_class and targets.classes.tolist() not in ([0, 1], [-1, 1]):
        name, shown = of_one_class[0], [str(label) for label in targets.classes[:3]]
        raise ValueError(
            f"compare: {name} is of one class of two, that with the label 1, and the classes are {', '.join(shown)}"
            f"{', ...' if len(targets.classes) > 3 else ''}. Take {name}_macro, the mean over the classes, or give "
            "the class that counts the label 1 and the other 0."
        )


@dataclass(frozen=True)
class OfMasks:
    """A number read from the confusion matrix of all test pixels: void ones are left out, images are not averaged.

    Attributes
    ----------
    read : callable
        ``read(confusion)`` gives the number.
    classes : ndarray of shape (C,)
        All labels there are.
    """

    read: Callable[[Confusion], float]
    classes: NDArray[Any]

    def __call__(self, learner: Any, X: Any, y: Any) -> float:
        """Predict all test images, one block at a time, and read the number."""
        return self.read(_confusion(learner, X, y, self.classes))


def measure(metrics: Mapping[str, Metric], learner: Any, X: Any, y: Any) -> dict[str, float]:
    """Evaluate all metrics; those of masks share one pass of predictions."""
    of_masks = [metric for metric in metrics.values() if isinstance(metric, OfMasks)]
    confusion = _confusion(learner, X, y, of_masks[0].classes) if of_masks else None
    return {
        name: float(metric.read(confusion) if isinstance(metric, OfMasks) and confusion else metric(learner, X, y))
        for name, metric in metrics.items()
    }


@dataclass(frozen=True)
class _IoU:
    """Intersection over union of the class at a position."""

    place: int

    def __call__(self, confusion: Confusion) -> float:
        return float(confusion.iou()[self.place])


def _mask_metrics(names: Sequence[str], classes: NDArray[Any], class_names: Sequence[str]) -> dict[str, Metric]:
    known = {
        "miou": OfMasks(Confusion.mean_iou, classes),
        "pixel_accuracy": OfMasks(Confusion.pixel_accuracy, classes),
    }
    each = {f"iou:{name}": OfMasks(_IoU(place), classes) for place, name in enumerate(class_names)}
    found: dict[str, Metric] = {}
    unknown = []
    for name in names:
        if name == "iou":
            found.update(each)
        elif name in known or name in each:
            found[name] = {**known, **each}[name]
        else:
            unknown.append(name)
    if unknown:
        raise ValueError(
            f"There is no metric {', '.join(unknown)} of masks: there are {', '.join(known)}, iou (every class by "
            f"itself) and {', '.join(each)}."
        )
    return found


def _confusion(learner: Any, X: Any, y: Any, classes: NDArray[Any]) -> Confusion:
    confusion = Confusion(classes=classes)
    row = 0
    for block, keep in blocks(X):
        predicted = learner.predict(block)
        for mask in predicted if keep is None else predicted[keep]:
            confusion.add(y[row], mask)
            row += 1
    return confusion


def is_of_masks(name: str) -> bool:
    """Tell whether a metric is one of masks."""
    return name in ("miou", "pixel_accuracy", "iou") or name.startswith("iou:")


class WithAllClasses(ClassifierMixin, BaseEstimator):
    """A fitted model, measured on classes of which it has seen a part: the others have probability 0.

    Parameters
    ----------
    model : estimator
        Fitted.
    classes : ndarray of shape (C,)
        All classes, sorted.
    """

    def __init__(self, model: Any, classes: NDArray[Any]) -> None:
        self.model = model
        self.classes = classes

    @classmethod
    def where_needed(cls, model: Any, classes: NDArray[Any]) -> Any:
        """Return the model itself if it has seen all classes."""
        return model if len(getattr(model, "classes_", classes)) == len(classes) else cls(model, classes)

    @property
    def classes_(self) -> NDArray[Any]:
        """All classes."""
        return self.classes

    def predict(self, X: Any) -> Any:
        """Return the model's predictions."""
        return self.model.predict(X)

    @available_if(lambda self: hasattr(self.model, "decision_function"))
    def decision_function(self, X: Any) -> NDArray[Any]:
        """Return decision values (n, C), in the order of all classes; those never seen are below all others."""
        D = np.asarray(self.model.decision_function(X), dtype=np.float64)
        D = np.column_stack([-D, D]) if D.ndim == 1 else D
        full = np.full((len(D), len(self.classes)), D.min(initial=0.0) - 1.0)
        full[:, np.searchsorted(self.classes, self.model.classes_)] = D
        return full

    @available_if(lambda self: hasattr(self.model, "predict_proba"))
    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Return probabilities (n, C), in the order of all classes."""
        P = np.asarray(self.model.predict_proba(X))
        full = np.zeros((len(P), len(self.classes)), dtype=P.dtype)
        full[:, np.searchsorted(self.classes, self.model.classes_)] = P
        return full


def expected_calibration_error(learner: Any, X: Any, y: Any) -> float:
    """Measure how far confidence is from accuracy: ECE over 15 bins of the largest probability.

    Parameters
    ----------
    learner : learner
        With ``predict_proba`` and ``classes_``.
    X : container of n rows
        Test rows.
    y : array-like of shape (n,)
        Their labels; a class the learner has never seen counts as missed.

    Returns
    -------
    float
        In [0, 1], lower = better.

    References
    ----------
    .. [1] Guo et al., "On calibration of modern neural networks", ICML 2017, equation 3.
    """
    from skal.statistics import expected_calibration_error as of_probabilities

    P = proba(learner, X)
    classes = np.asarray(learner.classes_)
    labels = np.asarray(y)
    places = np.searchsorted(classes, labels).clip(0, len(classes) - 1)
    return float(of_probabilities(P, np.where(classes[places] == labels, places, -1)))
