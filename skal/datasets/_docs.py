"""What the documentation of several loaders has in common, written once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from skal.datasets._dataset import Dataset

F = TypeVar("F", bound=Callable[..., Dataset])


def documented(template: str, **words: Any) -> Callable[[F], F]:
    """Put what loaders have in common behind the first line of the docstring, in their own words."""

    def fill(function: F) -> F:
        first, _, rest = inspect.cleandoc(function.__doc__ or "").partition("\n")
        function.__doc__ = "\n".join([first, template.format(**words), rest.strip("\n"), ""])
        return function

    return fill
