"""Parts of documentation that several classes have in common, written once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")


def filled_by(parts: Mapping[str, str]) -> Callable[[type[T]], type[T]]:
    """Make a decorator that fills ``{name}`` in the docstring of a class; ``{{`` stands for a brace."""

    def documented(cls: type[T]) -> type[T]:
        text = inspect.cleandoc(cls.__doc__ or "")
        for name, part in parts.items():
            text = text.replace(f"{{{name}}}", part.strip())
        cls.__doc__ = text.replace("{{", "{").replace("}}", "}") + "\n"
        return cls

    return documented
