"""The check of all settings: one for values from Python, from TOML and from the command line, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from skal.spec import near_names, shown
from skal.study.settings.declarations import DEFAULTS, SETTINGS
from skal.study.settings.setting import SettingError

__all__ = ["checked_arguments", "checked_settings", "settings_of_texts", "unknown_settings"]

_IN_COMPARE = {setting.argument: setting for setting in SETTINGS.values() if setting.argument}


def checked_settings(given: Mapping[str, Any], defaults: bool = True) -> dict[str, Any]:
    """Check settings by name, and return them in their plain form.

    Parameters
    ----------
    given : dict of str to object
        Values of some settings, from Python, from TOML, or as `settings_of_texts` returns them.
    defaults : bool, default=True
        Whether the result has the settings that are not given, too.

    Returns
    -------
    dict of str to object
        Plain values, in the order of the declarations.

    Raises
    ------
    SettingError
        A ValueError and a TypeError, with all that is wrong: each setting, what is allowed, and what came.

    Examples
    --------
    >>> checked_settings({"n_trials": 3}, defaults=False)
    {'n_trials': 3}
    >>> checked_settings({"n_trials": 0})
    Traceback (most recent call last):
        ...
    skal.study.settings.setting.SettingError: compare: n_trials must be a whole number >= 1 and <= 1000000, got 0.
    """
    problems = [unknown_settings(unknown)] if (unknown := [name for name in given if name not in SETTINGS]) else []
    values: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        if name not in given and not defaults:
            continue
        try:
            values[name] = setting.read(given[name]) if name in given else _fresh(DEFAULTS[name])
        except SettingError as error:
            problems.append(str(error))
    if values.get("recipes") and values.get("recipe"):
        problems.append("Either recipes, to compare several, or recipe, to train by one.")
    if problems:
        raise SettingError("compare: " + " ".join(problems))
    return values


def checked_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Check arguments of `skal.compare` by keyword; those that are no settings are left to it.

    Parameters
    ----------
    arguments : dict of str to object
        ``locals()`` on the first line of a function with the keywords of `skal.compare`.

    Returns
    -------
    dict of str to object
        All settings in their plain form, those that are not among the arguments with their defaults. They are **by
        the names of the settings**: "metrics", not "scoring".

    Raises
    ------
    SettingError
        As for `checked_settings`; if a setting is given by its keyword and by its older one, too.
    """
    given = {}
    for keyword, setting in _IN_COMPARE.items():
        if setting.name == "strategies":
            continue  # perhaps an iterator: read once, by its own reader
        if keyword in arguments:
            given[setting.name] = arguments[keyword]
        older = setting.older_keyword
        if older and arguments.get(older) is not None:
            if shown(given.get(setting.name, setting.default)) != shown(setting.default):
                raise SettingError(
                    f"compare: {older} is the old name of {keyword}, and only one of them may be given, got "
                    f"{keyword}={shown(arguments[keyword])} and {older}={shown(arguments[older])}. Leave {older} out."
                )
            given[setting.name] = arguments[older]
    return checked_settings(given)


def settings_of_texts(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings that are given as texts, as on the command line; they are not checked yet.

    Parameters
    ----------
    texts : dict of str to str, list of str, bool or None
        By the names of the settings; None and an empty list: not given.

    Returns
    -------
    dict of str to object
        For `checked_settings`.
    """
    return {
        name: SETTINGS[name].from_text(text)
        for name, text in texts.items()
        if text is not None and text not in ([], ())
    }


def unknown_settings(names: list[str], known: Iterable[str] | None = None) -> str:
    """Say that there are no such settings, with the nearest names.

    Examples
    --------
    >>> unknown_settings(["n_trails"])
    'There is no setting n_trails. Did you mean n_trials?'
    """
    known = list(SETTINGS if known is None else known)
    near = [found[0] for name in names if (found := near_names(name, known, 1))]
    hint = f" Did you mean {' and '.join(near)}?" if near else f" There are {', '.join(sorted(known))}."
    return f"There is no setting {', '.join(names)}.{hint}"


def _fresh(value: Any) -> Any:
    return value.copy() if isinstance(value, (list, dict)) else value
