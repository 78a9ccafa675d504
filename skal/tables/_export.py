"""The columns that an export of a labelling project adds: what is known of a row's label is no feature of the row."""

from __future__ import annotations

from typing import Any

LABELED_BY, STATE, PREDICTED, PROBABILITY, SOUGHT = "labeled_by", "state", "predicted", "probability", "sought"
LABELLED, CONFLICT, SKIPPED, OPEN, UNLABELLED = STATES = ("labelled", "conflict", "skipped", "open", "unlabelled")
ROW_ID = "skal_id"  # where the data have no ids of their own
_ADDED = (LABELED_BY, STATE, PREDICTED, PROBABILITY, SOUGHT)


def export_columns(frame: Any) -> list[str]:
    """Return the columns of a frame that an export has added; none if it is no export.

    Parameters
    ----------
    frame : DataFrame
        A table that was read.

    Returns
    -------
    list of str
        Of ``labeled_by``, ``state``, ``predicted``, ``probability`` and ``sought``, with or without ``skal_``
        before them, and of ``skal_id``, those that are there, if the first two are and all states are those that an
        export writes.
    """
    here = {name: f"skal_{name}" if f"skal_{name}" in frame.columns else name for name in _ADDED}
    found = {name: column for name, column in here.items() if column in frame.columns}
    if not {LABELED_BY, STATE} <= set(found):
        return []
    states = set(frame[found[STATE]].dropna())
    if not states or not states <= set(STATES):
        return []
    return [*found.values(), *([ROW_ID] if ROW_ID in frame.columns else [])]
