"""What the model of a project says of rows whose labels it has not seen."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling._errors import ProjectError
from skal.labeling.project import Project

CHECKED = ("class", "labels", "number")  # kinds of answers
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
        Those that hold, as the journal keeps them.
    predicted : list of str
        What the models take the rows for.
    proba : ndarray of shape (n, k)
        Of each of `classes`: they sum to one where a row has one class, and each stands by itself where it has
        several; no columns for numbers.
    classes : list of str
        Of the columns.
    left_out : list of str
        Classes of fewer rows than were asked for: of a single row no model knows the class without that row. Of
        several labels also those that all rows but so few have.
    """

    ids: list[str]
    labels: list[str]
    predicted: list[str]
    proba: NDArray[np.float64]
    classes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def predict_out_of_fold(project: Project, fewest: int = 2) -> OutOfFold:
    """Predict labelled rows by models that do not know their labels.

    Parameters
    ----------
    project : Project
        With labels that hold: classes, sets of labels or numbers.
    fewest : int, default=2
        Rows that a class must have; others are left out.

    Returns
    -------
    OutOfFold
        Of five folds, drawn from the seed of the project; each class has its share of each.

    Raises
    ------
    ProjectError
        If there are too few labels, or the model has no probabilities.

    Notes
    -----
    Five fits of the estimator of the project.
    """
    if project.kind.name not in CHECKED:
        raise ProjectError(
            f"Labels are checked if they are classes, sets of labels or numbers, not {project.kind.holds}."
        )
    answers = project.read_answers()
    held = {row: label for row, label in answers.learned().items() if row in project.data_rows.places}
    if project.kind.name == "number":
        return _numbers(project, held)
    return {"class": _classes, "labels": _label_sets}[project.kind.name](project, held, fewest)


def class_proba(project: Project, model: Any, X: Any, classes: list[str]) -> NDArray[np.float64]:
    """Return the probabilities of these classes and no others, which sum to one in each row: (n, k).

    Raises
    ------
    ProjectError
        If the model has none.
    """
    from skal.outputs import MissingOutput, proba

    try:
        found = np.asarray(proba(model, X))
    except MissingOutput as error:
        raise _no_proba(project) from error
    columns = {str(name): place for place, name in enumerate(model.classes_)}
    P = np.zeros((len(found), len(classes)))
    for place, name in enumerate(classes):
        if name in columns:
            P[:, place] = found[:, columns[name]]
    sums = P.sum(axis=1, keepdims=True)  # classes that are left out have taken their part, in a forest all of it
    return np.where(sums > 0, P / np.where(sums > 0, sums, 1.0), 1 / len(classes))


def _classes(project: Project, held: dict[str, str], fewest: int) -> OutOfFold:
    from sklearn.model_selection import StratifiedKFold

    count = Counter(held.values())
    rare = sorted(label for label, n in count.items() if n < fewest)
    held = {row: label for row, label in held.items() if count[label] >= fewest}
    classes = sorted(set(held.values()))
    _check_enough(len(held), len(classes) > 1, f"two classes that have {fewest} rows each")
    ids, labels = list(held), list(held.values())
    P = np.zeros((len(ids), len(classes)))
    splitter = StratifiedKFold(min(_FOLDS, max(count.values())), shuffle=True, random_state=project.settings.seed)
    for unknown in _folds(splitter, labels):
        model, X = _fitted_without(project, ids, unknown)
        P[unknown] = class_proba(project, model, X, classes)
    return OutOfFold(ids, labels, [classes[place] for place in P.argmax(axis=1)], P, classes, rare)


def _label_sets(project: Project, held: dict[str, str], fewest: int) -> OutOfFold:
    from sklearn.model_selection import KFold

    from skal.outputs import MissingOutput, multilabel_proba

    ids, labels, known = list(held), list(held.values()), project.classes
    Y = project.kind.values(labels, known)  # (n, L)
    count = Y.sum(axis=0) if len(Y) else np.zeros(0)
    usable = np.flatnonzero((count >= fewest) & (count <= len(Y) - fewest))
    _check_enough(len(ids), len(usable) > 0, f"a label that {fewest} of them have and {fewest} have not")
    P, predicted = np.zeros((len(ids), len(usable))), [""] * len(ids)
    splitter = KFold(min(_FOLDS, len(ids)), shuffle=True, random_state=project.settings.seed)
    for unknown in _folds(splitter, labels):
        model, X = _fitted_without(project, ids, unknown)
        try:
            P[unknown] = np.asarray(multilabel_proba(model, X))[:, usable]
        except MissingOutput as error:
            raise _no_proba(project) from error
        for place, text in zip(unknown, project.kind.predicted(model, X, known)[0], strict=True):
            predicted[place] = text
    left_out = [name for place, name in enumerate(known) if place not in usable]
    return OutOfFold(ids, labels, predicted, P, [known[place] for place in usable], left_out)


def _numbers(project: Project, held: dict[str, str]) -> OutOfFold:
    from sklearn.model_selection import KFold

    ids, labels = list(held), list(held.values())
    _check_enough(len(ids), len(set(labels)) > 1, "two different numbers")
    predicted = [""] * len(ids)
    splitter = KFold(min(_FOLDS, len(ids)), shuffle=True, random_state=project.settings.seed)
    for unknown in _folds(splitter, labels):
        model, X = _fitted_without(project, ids, unknown)
        for place, text in zip(unknown, project.kind.predicted(model, X, [])[0], strict=True):
            predicted[place] = text
    return OutOfFold(ids, labels, predicted, np.empty((len(ids), 0)))


def _fitted_without(project: Project, ids: list[str], unknown: NDArray[np.intp]) -> tuple[Any, Any]:
    """The model that does not know these labels, and the rows."""
    from skal.data import take

    model = project.model(without=[ids[place] for place in unknown])
    return model, take(project.data, np.array([project.data_rows.places[ids[place]] for place in unknown]))


def _folds(splitter: Any, labels: list[str]) -> Iterator[NDArray[np.intp]]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")
        found = [unknown for _, unknown in splitter.split(np.zeros(len(labels)), labels)]
    yield from found


def _check_enough(n: int, differ: bool, needed: str) -> None:
    if n < _FEWEST or not differ:
        raise ProjectError(
            f"Labels are checked by models that learn from the others: this needs {_FEWEST} labelled rows, and "
            f"{needed}. There are {n} such rows."
        )


def _no_proba(project: Project) -> ProjectError:
    return ProjectError(
        f"Labels are checked by probabilities, and {project.settings.estimator} has none: take another estimator "
        "(skal next --estimator logistic)."
    )
