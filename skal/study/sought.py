"""Strategies of a comparison that search for classes: told of them by name, they are given the labels."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from skal.query import info
from skal.spec import near_names
from skal.targets import Targets

__all__ = ["with_sought_labels"]

_FIND = "find"


def with_sought_labels(named: Mapping[str, Any], targets: Targets) -> dict[str, Any]:
    """Put labels in the place of the names of classes in the option `find` of strategies.

    Parameters
    ----------
    named : dict of str to strategy
        Those of a comparison.
    targets : Targets
        With the classes and their names.

    Returns
    -------
    dict of str to strategy

    Raises
    ------
    ValueError
        If there is no such class, or all are sought.
    """
    return {name: _labelled(strategy, name, targets) for name, strategy in named.items()}


def _labelled(strategy: Any, name: str, targets: Targets) -> Any:
    keywords = strategy.keywords if isinstance(strategy, functools.partial) else {}
    inner: dict[str, Any] = {}
    if "part" in keywords:
        inner["part"] = _labelled(keywords["part"], name, targets)
    if keywords.get(_FIND) is not None and _searches(strategy):
        find = keywords[_FIND]
        several = [find] if isinstance(find, str) or not hasattr(find, "__iter__") else list(find)
        inner[_FIND] = [_label(one, name, targets) for one in several]
        if len(inner[_FIND]) >= len(targets.classes):
            raise ValueError(f"compare: {name} is to find all classes: a search needs rows that it is not for.")
    found: Callable[..., Any] = functools.partial(strategy, **inner) if inner else strategy
    return found


def _searches(strategy: Any) -> bool:
    try:
        return _FIND in info(strategy).options
    except TypeError:
        return False  # a function of the user's


def _label(said: Any, name: str, targets: Targets) -> Any:
    names, labels = list(targets.names), targets.classes.tolist()
    if str(said) in names:
        return labels[names.index(str(said))]
    if said in labels:
        return said
    near = near_names(str(said), names, 1)
    there = f" There are {', '.join(names[:5])}{', ...' * (len(names) > 5)}."
    hint = f" Did you mean {near[0]!r}?" if near else there
    raise ValueError(f"compare: {name} is to find {said!r}, and there is no such class.{hint}")
