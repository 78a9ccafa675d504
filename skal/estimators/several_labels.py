"""Models of several labels a row, made of those of one class."""

from __future__ import annotations

from typing import Any

from sklearn.base import is_classifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

__all__ = ["for_several_labels"]

_AROUND = (OneVsRestClassifier, MultiOutputClassifier, ClassifierChain)


def for_several_labels(model: Any, *, own_ways: bool = True) -> Any:
    """Return a classifier that learns several labels a row: one model for each label where it does not by itself.

    Parameters
    ----------
    model : estimator
        A classifier, or a Pipeline that ends in one.
    own_ways : bool, default=True
        Whether a classifier that says that it takes several labels, such as a forest or a net, is left as it is; else
        it is one of each label, too.

    Returns
    -------
    estimator
        The same, or with its last step in a `sklearn.multiclass.OneVsRestClassifier`. What is no classifier comes
        back as it is.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.svm import SVC
    >>> for_several_labels(SVC()), for_several_labels(RandomForestClassifier())
    (OneVsRestClassifier(estimator=SVC()), RandomForestClassifier())
    """
    last = model.steps[-1][1] if isinstance(model, Pipeline) else model
    if isinstance(last, _AROUND) or not is_classifier(model) or (own_ways and _takes_several(last)):
        return model
    several = OneVsRestClassifier(last)
    return several if last is model else Pipeline([*model.steps[:-1], (model.steps[-1][0], several)])


def _takes_several(model: Any) -> bool:
    tags = get_tags(model)
    return bool(tags.target_tags.multi_output or (tags.classifier_tags and tags.classifier_tags.multi_label))
