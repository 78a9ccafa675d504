"""What the columns of a table are used as: by name, or as texts NAME=KIND."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from skal.spec import shown

__all__ = ["columns_of"]


def columns_of(said: Mapping[str, str] | Iterable[str] | None) -> dict[str, str]:
    """Read what columns are used as.

    Parameters
    ----------
    said : dict of str to str, list of str, or None
        Kinds by name, or texts such as ``"body=text"``; a name may have an equals sign in it, a kind has none.

    Returns
    -------
    dict of str to str
        Kinds by name.

    Raises
    ------
    ValueError
        If it is something else, or a text has no equals sign.
    """
    if said is None:
        return {}
    if isinstance(said, Mapping):
        items: list[tuple[Any, Any]] = list(said.items())
    elif isinstance(said, str) or not isinstance(said, Iterable):
        raise ValueError(_sentence(said))
    else:
        items = [_split(text) for text in said]
    for item in items:
        if not all(isinstance(part, str) and part.strip() for part in item):
            raise ValueError(_sentence(dict([item])))
    return {str(name): kind.strip() for name, kind in items}


def _split(text: Any) -> tuple[str, str]:
    name, equals, kind = text.rpartition("=") if isinstance(text, str) else ("", "", "")
    if not equals or not name:
        raise ValueError(f"A column is written NAME=KIND, such as body=text, got {shown(text)}.")
    return name, kind


def _sentence(got: Any) -> str:
    return f"columns must be kinds by the names of columns, such as body=text, got {shown(got)}."
