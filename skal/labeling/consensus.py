"""Whose labels hold, and how good each annotator is, by all answers and the model together.

Goh, Tkachenko, Mueller, "CROWDLAB: supervised learning to infer consensus labels and quality scores for data with
multiple annotators", 2022, by its authors' package cleanlab.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from skal.labeling._errors import ProjectError
from skal.labeling.checking import cleanlab_module
from skal.labeling.out_of_fold import OutOfFold, class_proba, predict_out_of_fold
from skal.labeling.project import Project


@dataclass(frozen=True, eq=False)
class Consensus:
    """Labels and annotators, as the answers and the model together judge them.

    Attributes
    ----------
    rows : DataFrame
        One line per row with a label: ``id``, the ``label`` that is most probable, its ``quality`` (0 to 1),
        ``agreement`` (share of the annotators of the row who gave it) and ``n_votes``.
    annotators : DataFrame
        One line per annotator, the best first: ``annotator``, ``quality`` (0 to 1), ``n_rows`` answered,
        ``agreement`` with the consensus on rows that others answered too, and the ``worst_class``.
    """

    rows: Any
    annotators: Any

    def __str__(self) -> str:
        lines = ["Annotators, by their answers and the model together:"]
        for one in self.annotators.to_dict("records"):
            agreement = (
                ""
                if one["agreement"] != one["agreement"]
                else f", agrees on {100 * one['agreement']:.0f} % of shared rows"
            )
            name = one["annotator"] or "(nobody named)"
            rows = f"{one['n_rows']} rows{agreement}, worst class {one['worst_class']}"
            lines.append(f"  {name}: quality {one['quality']:.2f}, {rows}")
        return "\n".join(lines)


def consensus_of(project: Project) -> Consensus:
    """Weigh the answers of all annotators and the model against each other.

    Parameters
    ----------
    project : Project
        With rows that several annotators have labelled; labels of the data count as one annotator.

    Returns
    -------
    Consensus
        Nothing of it is kept: the labels of the project stay as they are.

    Raises
    ------
    ImportError
        If cleanlab is not installed.
    ProjectError
        If no row has two labels, or there are too few for a model.

    Notes
    -----
    Five fits of the estimator of the project, and one more if there are conflicts.
    """
    import pandas as pd

    engine = cleanlab_module("multiannotator")
    if project.kind.name != "class":
        raise ProjectError(f"Annotators are compared where each row has one class, not {project.kind.holds}.")
    answers = project.read_answers()
    votes = {
        row: verdict.votes
        for row in answers.by_row
        if row in project.data_rows.places and (verdict := answers.verdict(row)) is not None
    }
    if not any(len(given) > 1 for given in votes.values()):
        raise ProjectError(
            "Annotators are compared on rows that several of them have labelled, and there are none. Ask for some: "
            "skal next --overlap 10 --annotator NAME."
        )
    found = predict_out_of_fold(project)
    numbers = {name: place for place, name in enumerate(found.classes)}
    votes = {row: {who: one for who, one in given.items() if one in numbers} for row, given in votes.items()}
    votes = {row: given for row, given in votes.items() if given}
    proba = _proba(project, found, list(votes))
    table = pd.DataFrame(
        {who: [numbers.get(given.get(who, ""), np.nan) for given in votes.values()] for who in _people(votes)},
        index=list(votes),
        dtype=float,
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # cleanlab's own remarks on few answers; the numbers are shown with their rows
        result = engine.get_label_quality_multiannotator(table, proba, verbose=False, calibrate_probs=False)
    quality, stats = result["label_quality"], result["annotator_stats"]
    rows = pd.DataFrame(
        {
            "id": list(quality.index),
            "label": [found.classes[int(place)] for place in quality["consensus_label"]],
            "quality": quality["consensus_quality_score"].to_numpy(),
            "agreement": quality["annotator_agreement"].to_numpy(),
            "n_votes": quality["num_annotations"].to_numpy(),
        }
    )
    stats = stats.sort_values("annotator_quality", ascending=False, kind="stable")
    people = pd.DataFrame(
        {
            "annotator": list(stats.index),
            "quality": stats["annotator_quality"].to_numpy(),
            "n_rows": stats["num_examples_labeled"].to_numpy(),
            "agreement": stats["agreement_with_consensus"].to_numpy(),
            "worst_class": [found.classes[int(place)] for place in stats["worst_class"]],
        }
    )
    return Consensus(rows, people)


def _people(votes: dict[str, dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(who for given in votes.values() for who in given))


def _proba(project: Project, found: OutOfFold, rows: list[str]) -> Any:
    """Probabilities of rows by models that do not know their labels; nobody learns from rows in a conflict."""
    proba = np.zeros((len(rows), len(found.classes)))
    known = {row: place for place, row in enumerate(found.ids)}
    mine = [place for place, row in enumerate(rows) if row in known]
    proba[mine] = found.proba[[known[rows[place]] for place in mine]]
    if others := [place for place, row in enumerate(rows) if row not in known]:
        from skal.data import take

        model = project.model(without=[rows[place] for place in others])
        places = np.array([project.data_rows.places[rows[place]] for place in others])
        proba[others] = class_proba(project, model, take(project.data, places), found.classes)
    return proba
