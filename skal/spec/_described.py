"""Functions, partials and estimators as plain data."""

from __future__ import annotations

import functools
import re
from typing import Any


def described(function: Any, key: str, own: str = "skal.query") -> dict[str, Any]:
    """Return a function as plain data: its name, and the options of a partial, estimators with their parameters.

    Parameters
    ----------
    function : callable or object
        Partials are looked through.
    key : str
        Under which the name stands.
    own : str, default="skal.query"
        Names of this package stand without their module.

    Returns
    -------
    dict
        ``{key: name, option: value, ...}``.
    """
    options: dict[str, Any] = {}
    while isinstance(function, functools.partial):
        options = {**function.keywords, **options}
        function = function.func
    name = getattr(function, "__name__", type(function).__name__)
    module = getattr(function, "__module__", "") or ""
    qualified = name if module.startswith(own) else f"{module}.{name}"
    return {key: qualified, **{option: plain(value) for option, value in options.items()}}


def plain(value: Any) -> Any:
    """Return plain data as it is, containers element by element, anything else by name or representation."""
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if callable(value):
        found = described(value, "strategy")
        return found["strategy"] if len(found) == 1 else found
    return representation(value)


def representation(estimator: Any) -> str:
    """Return the whole of it, without addresses in memory, which the next process would give others.

    scikit-learn's own is cut short, and two studies must not look alike.
    """
    try:
        text = str(estimator.__repr__(N_CHAR_MAX=10**6))
    except TypeError:
        text = repr(estimator)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)
