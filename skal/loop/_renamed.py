"""Arguments under the names that they had before."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from skal.warning import warn

Function = TypeVar("Function", bound=Callable[..., Any])


def renamed(**names: str) -> Callable[[Function], Function]:
    """Let a function take keywords under old names, with a FutureWarning: ``renamed(old="new")``."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def taking_both(*args: Any, **given: Any) -> Any:
            for old in names.keys() & given.keys():
                warn(f"{function.__name__}: {old}= is called {names[old]}= now.", FutureWarning)
                if names[old] in given:
                    raise TypeError(f"{function.__name__}: {names[old]}= is given twice, once as {old}=.")
                given[names[old]] = given.pop(old)
            return function(*args, **given)

        taking_both.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        return taking_both  # type: ignore[return-value]

    return decorate
