"""Options as they are written in a text: ``option=value,option=value``, read and written."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from skal.spec._values import check_depth, shown, value_of_text

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_OPENS, _CLOSES = "[{", "]}"


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
        If an option has no equals sign, is given twice, or is nested too deeply.

    Examples
    --------
    >>> parse_options("rate=0.2,groups=cifar100", "noisy:rate=0.2,groups=cifar100")
    {'rate': 0.2, 'groups': 'cifar100'}
    """
    try:
        content = tomllib.loads(f"value = {{{options}}}")
        whole = content["value"] if list(content) == ["value"] else None
    except tomllib.TOMLDecodeError:
        whole = None
    except RecursionError as error:
        raise ValueError(f"{shown(text)}: values are nested too deeply.") from error
    given = whole if isinstance(whole, dict) else _one_by_one(options, text)
    check_depth(given, shown(text))
    return given


def write_options(options: Mapping[str, Any]) -> str:
    """Write options so that `parse_options` reads the same ones.

    Parameters
    ----------
    options : dict of str to plain data
        Numbers, texts, booleans, dates, and lists and dicts of them.

    Returns
    -------
    str
        Texts stand without quotes if that is unambiguous.

    Raises
    ------
    ValueError
        If a value, such as None, cannot be written.

    Examples
    --------
    >>> write_options({"rate": 0.2, "groups": [["cat", "dog"]], "name": "a,b"})
    'rate=0.2,groups=[["cat", "dog"]],name="a,b"'
    """
    for quoted in (False, True):
        text = ",".join(f"{_key(name)}={_value(value, quoted)}" for name, value in options.items())
        try:
            read = parse_options(text, text)
        except ValueError:
            continue
        if repr(read) == repr(dict(options)):
            return text
    raise ValueError(f"{shown(dict(options))} cannot be written as name=value, in a way that is read as the same.")


def _one_by_one(options: str, text: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for item in _split(options):
        name, equals, value = item.partition("=")
        name = _unquoted(name.strip())
        if not equals or not name:
            raise ValueError(f"{shown(text)}: an option is written name=value, got {shown(item)}.")
        if name in given:
            raise ValueError(f"{shown(text)}: the option {name} is given twice.")
        given[name] = read = value_of_text(value.strip())
        if isinstance(read, str) and read[:1] in ("[", "{"):
            raise ValueError(
                f"{shown(text)}: an option is written name=value, and {shown(item)} has no list or table of TOML: "
                'texts in it are quoted, as in name=["a", "b"].'
            )
    return given


def _split(options: str) -> Iterator[str]:
    """Parts between commas; those within quotes or brackets do not count, as long as these are closed."""
    part, depth, quote = "", 0, ""
    closed = _closed(options)
    for sign in options:
        if sign == "," and not (closed and (depth or quote)):
            if part.strip():
                yield part.strip()
            part = ""
            continue
        part += sign
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign in _OPENS) - (sign in _CLOSES)
    if part.strip():
        yield part.strip()


def _closed(options: str) -> bool:
    depth, quote = 0, ""
    for sign in options:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign in _OPENS) - (sign in _CLOSES)
    return not depth and not quote


def _unquoted(name: str) -> str:
    """The name within quotes; a name without them, dots and all, is itself."""
    if name[:1] not in "\"'":
        return name
    try:
        content = tomllib.loads(f"{name} = 0")
    except (tomllib.TOMLDecodeError, RecursionError):
        return name
    key, value = next(iter(content.items()))
    return name if isinstance(value, dict) else key


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def _value(value: Any, quoted: bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value) if quoted else value
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(item, True) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(str(name))} = {_value(item, True)}' for name, item in value.items())}}}"
    raise ValueError(f"{shown(value)} cannot be written as the value of an option.")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
