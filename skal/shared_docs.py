"""Parts of documentation that several functions or classes have in common, written once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TypeVar

__all__ = ["filled", "filled_by"]

T = TypeVar("T")


def filled(text: str, parts: Mapping[str, str]) -> str:
    """Return a text with the parts in place of their names in braces; other braces stay.

    Examples
    --------
    >>> filled("Parameters: {common}", {"common": "X, y"})
    'Parameters: X, y'
    """
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part.strip())
    return text


def filled_by(parts: Mapping[str, str]) -> Callable[[type[T]], type[T]]:
    """Make a decorator that fills ``{name}`` in the docstring of a class; ``{{`` stands for a brace.

    Parameters
    ----------
    parts : mapping of str to str
        Texts by name.

    Returns
    -------
    callable
        Takes a class and returns it.
    """

    def documented(cls: type[T]) -> type[T]:
        text = filled(inspect.cleandoc(cls.__doc__ or ""), parts)
        cls.__doc__ = text.replace("{{", "{").replace("}}", "}") + "\n"
        return cls

    return documented
