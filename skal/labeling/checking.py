"""Labels that look wrong, by what models say that have not seen them; and asking such rows once more.

Northcutt, Jiang, Chuang, "Confident learning: estimating uncertainty in dataset labels", JAIR 2021, by its authors'
package cleanlab.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.labeling._events import CHECK, Event
from skal.labeling._words import counted
from skal.labeling.out_of_fold import OutOfFold, predict_out_of_fold
from skal.labeling.project import Project

_SHOWN = 10
_FEWEST = 5  # rows of a class, one in each fold: below, models know too little of it to doubt its labels


@dataclass(frozen=True, eq=False)
class Suspicious:
    """Labels that look wrong.

    Attributes
    ----------
    rows : DataFrame
        One line per suspicious row, the worst first: ``id``, ``label``, ``annotators`` (who gave it), ``predicted``
        by models that do not know the label, and ``quality``, the lower the worse: the probability of the label where
        a row has one class, and cleanlab's score from 0 to 1 for sets of labels and numbers.
    n_checked : int
        Rows whose labels were looked at.
    n_before : int
        Suspicious rows that are left out, as they were asked again before.
    notes : list of str
        What there is to tell.
    n_unchecked : int
        Labelled rows that were not looked at, as their classes have too few rows.
    """

    rows: Any
    n_checked: int
    n_before: int
    notes: list[str] = field(default_factory=list)
    n_unchecked: int = 0

    @property
    def ids(self) -> list[str]:
        """Ids of the rows, the worst first."""
        return list(self.rows["id"])

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        verb = "looks" if len(self) == 1 else "look"
        rare = f"; {self.n_unchecked} more cannot be checked" if self.n_unchecked else ""
        lines = [f"{counted(len(self), 'label')} of {self.n_checked} {verb} wrong{rare}."]
        if len(self):
            lines[0] += " The worst:"
            lines += [f"  {_line(row)}" for row in self.rows.head(_SHOWN).to_dict("records")]
        if len(self) > _SHOWN:
            lines.append(f"  and {len(self) - _SHOWN} more")
        if self.n_before:
            lines.append(f"Others that look wrong, and were asked again before: {self.n_before}.")
        return "\n".join([*lines, *self.notes])


def suspicious_labels(project: Project) -> Suspicious:
    """Find labels that look wrong.

    Parameters
    ----------
    project : Project
        With labels that hold, from people or from the data.

    Returns
    -------
    Suspicious
        Rows whose label models doubt that were fitted to the others. Rows that were asked again before are left out:
        somebody has looked twice at them.

    Raises
    ------
    ImportError
        If cleanlab is not installed.
    ProjectError
        If there are too few labels.

    Notes
    -----
    Five fits of the estimator of the project; see `skal.labeling.predict_out_of_fold`. Classes of fewer than five
    rows, one for each fold, are not checked.
    """
    import pandas as pd

    cleanlab_module("filter")
    found = predict_out_of_fold(project, _FEWEST)
    issues, quality = _issues(found, project)
    answers = project.read_answers()
    doubted = [place for place in np.lexsort((np.arange(len(quality)), quality)) if issues[place]]
    asked = {row for row, asks in answers.asked.items() if any((ask.why or {}).get("by") == CHECK for ask in asks)}
    lines = []
    for place in doubted:
        row, label = found.ids[place], found.labels[place]
        if row not in asked:
            given = answers.by_row[row].items()
            who = [name for name, event in given if event.label is not None and project.kind.same(event.label, label)]
            lines.append((row, label, ", ".join(who), found.predicted[place], round(float(quality[place]), 6)))
    columns = ["id", "label", "annotators", "predicted", "quality"]
    notes = []
    if found.left_out:
        more = f" and {len(found.left_out) - 5} more" if len(found.left_out) > 5 else ""
        notes.append(
            f"Classes of fewer than {_FEWEST} rows, which cannot be checked: {', '.join(found.left_out[:5])}{more}."
        )
    rows = pd.DataFrame(lines, columns=columns)
    n_unchecked = sum(row in project.data_rows.places for row in answers.learned()) - len(found.ids)
    return Suspicious(rows, len(found.ids), len(doubted) - len(lines), notes, n_unchecked)


def ask_again(project: Project, ids: Sequence[str], annotator: str = "") -> list[Event]:
    """Put rows with labels to the front of the questions, to be answered once more without the label in sight.

    Parameters
    ----------
    project : Project
        That asks.
    ids : sequence of str
        Of the rows, such as the first of `Suspicious.ids`.
    annotator : str, default=""
        Who is to answer; empty: anybody.

    Returns
    -------
    list of Event
        The questions, for the page or the next sheet; nothing in them says what the label was. What is answered takes
        the place of the earlier answers, which stay in the history of the row.
    """
    return project.ask_rows(list(ids), annotator, by=CHECK, deliver=False)


def cleanlab_module(name: str) -> Any:
    """Import a module of cleanlab.

    Raises
    ------
    ImportError
        If it is not installed, with what to install.
    """
    try:
        return importlib.import_module(f"cleanlab.{name}")
    except ImportError as error:
        raise ImportError(
            f"Labels are checked, and annotators compared, with cleanlab: pip install 'skal[label]' ({error})."
        ) from error


def _issues(found: OutOfFold, project: Project) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which labels look wrong, and how good each is."""
    numbers = {name: place for place, name in enumerate(found.classes)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cleanlab's remarks on classes of few rows
        if project.kind.name == "class":
            labels = np.array([numbers[label] for label in found.labels])
            issues = cleanlab_module("filter").find_label_issues(labels, found.proba, n_jobs=1)
            return issues, cleanlab_module("rank").get_label_quality_scores(labels, found.proba)
        if project.kind.name == "labels":
            sets = [[numbers[name] for name in project.kind.parts(text) if name in numbers] for text in found.labels]
            issues = cleanlab_module("multilabel_classification.filter").find_label_issues(
                sets, found.proba, n_jobs=1
            )
            return issues, cleanlab_module("multilabel_classification").get_label_quality_scores(sets, found.proba)
    given, predicted = (np.array(list(map(float, texts))) for texts in (found.labels, found.predicted))
    quality = cleanlab_module("regression.rank").get_label_quality_scores(given, predicted)
    return _is_far(given - predicted), quality


def _is_far(errors: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Errors that do not belong to the others, by the modified z-score of Iglewicz & Hoaglin (1993)."""
    apart = np.abs(errors - np.median(errors))
    middle = np.median(apart)
    return apart > 3.5 / 0.6745 * middle if middle > 0 else apart > 0


def _line(row: dict[str, Any]) -> str:
    who = f" by {row['annotators']}" if row["annotators"] else ""
    return (
        f"{row['id']}: {row['label']}{who}; the model takes it for {row['predicted']}, quality {row['quality']:.2g}"
    )
