"""Options as they are written in a text."""

from __future__ import annotations

import tomllib
from typing import Any


def parse_options(options: str, text: str) -> dict[str, Any]:
    """Read ``option=value,option=value``: all of it as TOML if it is, so that a value may be a list of lists.

    Parameters
    ----------
    options : str
        What is to be read.
    text : str
        What an error quotes.

    Returns
    -------
    dict
        Values as TOML has them; those that are none are strings.

    Raises
    ------
    ValueError
        If an option has no equals sign.
    """
    try:
        whole = tomllib.loads(f"value = {{{options}}}")["value"]
    except tomllib.TOMLDecodeError:
        whole = None
    if isinstance(whole, dict):
        return whole
    given: dict[str, Any] = {}
    for item in filter(None, (part.strip() for part in options.split(","))):
        key, equals, value = item.partition("=")
        if not equals:
            raise ValueError(f"{text}: an option is written name=value, got {item!r}.")
        given[key.strip()] = _parsed(value.strip())
    return given


def _parsed(value: str) -> Any:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
