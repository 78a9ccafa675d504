"""Labelling projects: a folder beside the data, from the first question to the exported labels.

Names are loaded on first use: who takes an answer needs nothing of what checks, exports or explains.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skal.labeling._errors import NothingLeft, ProjectError
    from skal.labeling._events import Event
    from skal.labeling._opened import checked_name
    from skal.labeling._places import holds_project, project_of
    from skal.labeling._questions import Questions, why_in_words
    from skal.labeling._settings import Settings
    from skal.labeling._status import Accuracy, MeanError, Outlook, Status
    from skal.labeling._taken import Refused, RefusedAnswers, Taken
    from skal.labeling._words import counted
    from skal.labeling.agreement import Agreement, agreement_of, independent_votes
    from skal.labeling.audit import AuditEstimate
    from skal.labeling.checking import Suspicious, ask_again, suspicious_labels
    from skal.labeling.consensus import Consensus, consensus_of
    from skal.labeling.explaining import explained, write_explained
    from skal.labeling.export import check_export, exported, salvaged, write_export
    from skal.labeling.file_sheets import take_files, write_files
    from skal.labeling.opening import opened_or_made, read_stamp
    from skal.labeling.out_of_fold import OutOfFold, predict_out_of_fold
    from skal.labeling.project import Project, lost_data
    from skal.labeling.searching import Search
    from skal.labeling.sheets import check_not_data, check_on_sheets, read_sheet, take_sheet, write_sheet
    from skal.labeling.trial import TrialResult

_HOME = {
    "_errors": (
        "NothingLeft",
        "ProjectError",
    ),
    "_events": ("Event",),
    "_opened": ("checked_name",),
    "_places": (
        "holds_project",
        "project_of",
    ),
    "_questions": (
        "Questions",
        "why_in_words",
    ),
    "_settings": ("Settings",),
    "_status": (
        "Accuracy",
        "MeanError",
        "Outlook",
        "Status",
    ),
    "_taken": (
        "Refused",
        "RefusedAnswers",
        "Taken",
    ),
    "_words": ("counted",),
    "agreement": (
        "Agreement",
        "agreement_of",
        "independent_votes",
    ),
    "audit": ("AuditEstimate",),
    "checking": (
        "Suspicious",
        "ask_again",
        "suspicious_labels",
    ),
    "consensus": (
        "Consensus",
        "consensus_of",
    ),
    "explaining": (
        "explained",
        "write_explained",
    ),
    "export": (
        "check_export",
        "exported",
        "salvaged",
        "write_export",
    ),
    "file_sheets": (
        "take_files",
        "write_files",
    ),
    "opening": (
        "opened_or_made",
        "read_stamp",
    ),
    "out_of_fold": (
        "OutOfFold",
        "predict_out_of_fold",
    ),
    "project": (
        "Project",
        "lost_data",
    ),
    "searching": ("Search",),
    "sheets": (
        "check_not_data",
        "check_on_sheets",
        "read_sheet",
        "take_sheet",
        "write_sheet",
    ),
    "trial": ("TrialResult",),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Accuracy",
    "Agreement",
    "AuditEstimate",
    "Consensus",
    "Event",
    "MeanError",
    "NothingLeft",
    "OutOfFold",
    "Outlook",
    "Project",
    "ProjectError",
    "Questions",
    "Refused",
    "RefusedAnswers",
    "Search",
    "Settings",
    "Status",
    "Suspicious",
    "Taken",
    "TrialResult",
    "agreement_of",
    "ask_again",
    "check_export",
    "check_not_data",
    "check_on_sheets",
    "checked_name",
    "consensus_of",
    "counted",
    "explained",
    "exported",
    "holds_project",
    "independent_votes",
    "lost_data",
    "opened_or_made",
    "predict_out_of_fold",
    "project_of",
    "read_sheet",
    "read_stamp",
    "salvaged",
    "suspicious_labels",
    "take_files",
    "take_sheet",
    "why_in_words",
    "write_explained",
    "write_export",
    "write_files",
    "write_sheet",
]


def __getattr__(name: str) -> Any:
    if name in _MODULE:
        return getattr(importlib.import_module(f"skal.labeling.{_MODULE[name]}"), name)
    raise AttributeError(f"module 'skal.labeling' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_MODULE)
