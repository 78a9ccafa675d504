"""What a search has found, for the panel: numbers, and the rows as they come."""

from __future__ import annotations

from typing import Any

from skal.label_page._fields import Fields
from skal.labeling import Project

_MOST = 50  # rows that are listed, the latest first


def found_of(project: Project, fields: Fields) -> dict[str, Any] | None:
    """Return what is told of the search of a project; None where it searches for nothing.

    Parameters
    ----------
    project : Project
        Open.
    fields : Fields
        Tell how a row begins.

    Returns
    -------
    dict or None
        ``find``, ``n`` (rows found), ``n_labels``, ``n_since`` (labels since the last), ``low`` and ``high`` (95 %
        interval of the share that is found), ``n_draws`` (random rows that it rests on), and ``rows``, the latest
        first, with ``row``, ``label`` and ``text``.
    """
    search = project.search()
    if search is None:
        return None
    answers = project.read_answers()
    rows = []
    for row in search.found[: -_MOST - 1 : -1]:
        verdict = answers.verdict(row)
        rows.append({"row": row, "label": verdict.label if verdict else None, "text": fields.beginning(row)})
    low, high = search.recall
    return {
        **{"find": search.find, "n": len(search.found), "n_labels": search.n_labels, "n_since": search.n_since},
        **{"low": low, "high": high, "n_draws": search.n_draws, "rows": rows},
    }
