"""A name with options: as text, as a dict, equal in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skal.spec._options import parse_options, write_options
from skal.spec._values import check_depth, shown


@dataclass(frozen=True)
class Spec:
    """What is asked for by name.

    Attributes
    ----------
    name : str
        Of the thing.
    options : dict, default={}
        Plain data by name.

    Examples
    --------
    >>> Spec.of("clicks:tolerance=5", "cost").to_dict("cost")
    {'cost': 'clicks', 'tolerance': 5}
    >>> Spec.of({"cost": "clicks", "tolerance": 5}, "cost").text
    'clicks:tolerance=5'
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, given: str | Mapping[str, Any], key: str) -> Spec:
        """Read a text or a dict.

        Parameters
        ----------
        given : str or dict
            ``"name:option=value"``, or ``{key: name, option: value}``.
        key : str
            Under which the name stands in a dict.

        Returns
        -------
        Spec

        Raises
        ------
        ValueError
            If the text cannot be read, or the dict has no name.
        """
        if isinstance(given, str):
            called, _, options = given.partition(":")
            try:
                return cls(called.strip(), parse_options(options, given))
            except ValueError as error:
                raise ValueError(f"The {key} {error}") from error
        name = given.get(key)
        if not isinstance(name, str):
            raise ValueError(f"A dict must have the name of the {key} under {key!r}, got {shown(dict(given))}.")
        if wrong := [option for option in given if not isinstance(option, str)]:
            raise ValueError(f"Options of a {key} are named by texts, got {shown(wrong[0])}.")
        check_depth(dict(given), f"The {key} {shown(name)}")
        return cls(name.strip(), {option: value for option, value in given.items() if option != key})

    @property
    def text(self) -> str:
        """``name``, or ``name:option=value,...``; ValueError if an option cannot be written."""
        return f"{self.name}:{write_options(self.options)}" if self.options else self.name

    def to_dict(self, key: str) -> dict[str, Any]:
        """Return ``{key: name, option: value, ...}``."""
        if key in self.options:
            raise ValueError(f"The {key} {self.name} cannot have an option called {key}.")
        return {key: self.name, **self.options}
