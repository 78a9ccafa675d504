"""What the model of a project says of rows whose labels it has not seen."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling._errors import ProjectError
from skal.labeling.project import Project

_FOLDS = 5
_FEWEST = 10  # rows


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions for labelled rows by models that were fitted without their labels.

    Attributes
    ----------
    ids : list of str
        Of the rows.
    labels : list of str
        Those that hold.
    proba : ndarray of shape (n, k)
        Of each class; of each label by itself where rows have several; empty for numbers.
    predicted : ndarray of shape (n,)
        Numbers; for classes the one of the highest probability.
    classes : list of str
        Of the columns.
    left_out : list of str
        Classes of a single row: no model without that row knows them.
    """

    ids: list[str]
    labels: list[str]
    proba: NDArray[np.float64]
    predicted: NDArray[Any]
    classes: list[str]
    left_out: list[str]


def predict_out_of_fold(project: Project) -> OutOfFold:
    """Predict labelled rows by models that do not know their labels.

    Parameters
    ----------
    project : Project
        With labels that hold.

    Returns
    -------
    OutOfFold
        Of five folds, in which each class has its share; drawn from the seed of the project.

    Raises
    ------
    ProjectError
        If there are too few labels, or the model has no probabilities.

    Notes
    -----
    Five fits of the estimator of the project.
    """
    from skal.data import take

    held = project.read_answers().labeled()
    held = {row: label for row, label in held.items() if row in project.data_rows.places}
    count = Counter(held.values())
    alone = sorted(label for label, n in count.items() if n == 1)
    held = {row: label for row, label in held.items() if count[label] > 1}
    if len(held) < _FEWEST or len(set(held.values())) < 2:
        raise ProjectError(
            f"Labels are checked by models that learn from the others: this needs {_FEWEST} rows of two classes that "
            f"have two rows each. There are {len(held)}, of {len(set(held.values()))}."
        )
    ids, labels = list(held), list(held.values())
    classes = sorted(set(labels))
    proba = np.zeros((len(ids), len(classes)))
    for _, unknown in _folds(labels, project.settings.seed):
        model = project.model(without=[ids[place] for place in unknown])
        if not hasattr(model, "predict_proba"):
            raise ProjectError(
                f"Labels are checked by probabilities, and {project.settings.estimator} has none: take another "
                "estimator (skal next --estimator logistic)."
            )
        rows = np.array([project.data_rows.places[ids[place]] for place in unknown])
        proba[unknown] = class_proba(model, take(project.data, rows), classes)
    return OutOfFold(ids, labels, proba, np.array(classes)[proba.argmax(axis=1)], classes, alone)


def class_proba(model: Any, X: Any, classes: list[str]) -> NDArray[np.float64]:
    """Return the probabilities of these classes and no others, which sum to one in each row: (n, k)."""
    found = np.asarray(model.predict_proba(X))
    columns = {str(name): place for place, name in enumerate(model.classes_)}
    P = np.zeros((len(found), len(classes)))
    for place, name in enumerate(classes):
        if name in columns:
            P[:, place] = found[:, columns[name]]
    sums = P.sum(axis=1, keepdims=True)  # classes that are left out have taken their part, in a forest all of it
    return np.where(sums > 0, P / np.where(sums > 0, sums, 1.0), 1 / len(classes))


def _folds(labels: list[str], seed: int) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    from sklearn.model_selection import StratifiedKFold

    splitter = StratifiedKFold(min(_FOLDS, max(Counter(labels).values())), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")
        return list(splitter.split(np.zeros(len(labels)), labels))
