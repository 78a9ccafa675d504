"""The options of a strategy: which there are, which values they may have, and what is said of any other."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from skal.query.ranges import Range

# What every strategy takes; the rest of its parameters are its options.
DOOR = ("learner", "X_pool", "n_instances", "random_tie_break", "random_state")


class Options:
    """The options of one strategy, as the signature of its body has them.

    Parameters
    ----------
    name : str
        Of the strategy, for messages.
    body : callable
        Its parameters after the first two that are not those of every strategy are the options.
    ranges : dict of str to Range
        Values that numeric options may have.

    Raises
    ------
    TypeError
        If the body swallows options, or a range is of none of them.
    """

    def __init__(self, name: str, body: Callable[..., Any], ranges: Mapping[str, Range]):
        own = [p for p in list(inspect.signature(body).parameters.values())[2:] if p.name not in DOOR]
        if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in own):
            raise TypeError(f"{name}: a strategy names each of its options, so that a misspelt one is an error.")
        self.names = tuple(p.name for p in own)
        if stray := set(ranges) - set(self.names):
            raise TypeError(f"{name}: ranges must be of its options {list(self.names)}, got {sorted(stray)}.")
        self.parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in own]
        self.ranges = dict(ranges)
        self._name = name
        self._required = [p.name for p in own if p.default is p.empty]
        self._may_be_none = {p.name for p in own if p.default is None or "None" in str(p.annotation)}

    def check(self, given: Mapping[str, Any]) -> None:
        """Raise TypeError where an option is unknown or lacks, ValueError where a value is out of its range."""
        for option in given:
            if option not in self.names:
                raise TypeError(self._unknown(option))
        for option in self._required:
            if option not in given:
                raise TypeError(f"{self._name} needs the option {option}.")
        for option in self.ranges:
            if option in given:
                self._check_range(option, given[option])

    def _check_range(self, option: str, value: Any) -> None:
        """None passes where it is the default, or annotated."""
        range_, may_be_none = self.ranges[option], option in self._may_be_none
        if not (value is None and may_be_none) and not range_.holds(value):
            words = f"None or {range_.words}" if may_be_none else range_.words
            raise ValueError(f"{self._name}: {option} must be {words}, got {value!r}.")

    def _unknown(self, option: str) -> str:
        near = difflib.get_close_matches(option, [*self.names, *DOOR], n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"{self._name} has no option {option!r}; it has {list(self.names) or 'none of its own'}.{hint}"
