"""What is searched for: whether it can be, and the strategy that is told of it."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Collection, Sequence
from typing import Any

from skal.labeling._errors import ProjectError

STRATEGY = "find_sampling"


def check_sought(find: Sequence[str], known: Sequence[str], kind: Any, new_classes: bool) -> list[str]:
    """Return what to tell of classes that are searched for, or raise.

    Parameters
    ----------
    find : sequence of str
        The classes.
    known : sequence of str
        Those of the project and of its labels.
    kind : type of AnswerKind
        Of the project.
    new_classes : bool
        Whether answers may name classes that are not known.

    Raises
    ------
    ProjectError
        If answers are no classes, if all classes are sought, or if one is not known and cannot come.
    """
    if not find:
        return []
    if kind.name != "class":
        raise ProjectError(
            f"Project: find names classes, such as 'fraud', and here {kind.holds} are answered, got {list(find)!r}. "
            "Leave find out, or make a project with answer 'class'."
        )
    if len(known) > 1 and set(known) <= set(find):
        raise ProjectError(
            f"Project: find names all classes ({', '.join(known)}): a search needs rows that it is not for. Leave "
            "one out."
        )
    notes = []
    for name in find:
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        same = [one for one in known if one.casefold() == name.casefold()]
        if near or same or (known and not new_classes):
            hint = f" Did you mean {(same or near)[0]!r}?" if near or same else f" There are {', '.join(known)}."
            raise ProjectError(
                f"Project: there is no class {name!r} to find.{hint} A class that is still to come is allowed with "
                "new_classes (--new-classes), or among classes (--classes)."
            )
        notes.append(f"No row is labelled {name!r} yet: typical rows and random ones are asked until one is found.")
    return notes


def sought_first(classes: Sequence[str], find: Collection[str]) -> list[str]:
    """Return classes with those that are searched for, if answers have not named them yet."""
    return [*classes, *(name for name in find if name not in classes)]


def told(strategy: Any, find: Sequence[str]) -> Any:
    """Return a strategy that knows what is searched for, where it has an option for that and no value for it."""
    from skal.query import info

    try:
        searches = "find" in info(strategy).options
    except TypeError:
        return strategy
    given = getattr(strategy, "keywords", {}).get("find") is not None
    return functools.partial(strategy, find=list(find)) if searches and find and not given else strategy
