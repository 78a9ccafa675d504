"""Kinds of answers by the name that they have in project.toml."""

from __future__ import annotations

from skal.labeling._errors import ProjectError
from skal.labeling.kinds.base import AnswerKind
from skal.labeling.kinds.classes import ClassAnswers
from skal.labeling.kinds.label_sets import SetAnswers
from skal.labeling.kinds.masks import MaskAnswers
from skal.labeling.kinds.number import NumberAnswers
from skal.labeling.kinds.regions import RegionAnswers

_KINDS: dict[str, type[AnswerKind]] = {
    kind.name: kind for kind in (ClassAnswers, SetAnswers, NumberAnswers, MaskAnswers, RegionAnswers)
}


def answer_names() -> list[str]:
    """Return the names of all kinds of answers."""
    return list(_KINDS)


def answer_kind(name: str) -> type[AnswerKind]:
    """Return a kind of answers.

    Raises
    ------
    ProjectError
        If there is none of this name.
    """
    if name not in _KINDS:
        raise ProjectError(f"Project: answer must be one of {', '.join(_KINDS)}, got {name!r}.")
    return _KINDS[name]
