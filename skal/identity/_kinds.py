"""What kind of object something is, as far as its digest depends on it."""

from __future__ import annotations

import operator
import sys
from types import FunctionType, ModuleType
from typing import Any

from skal.identity._origins import library_of

SCALARS = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type(NotImplemented))


def has_code(value: Any) -> bool:
    """Whether an option is, or contains, anything but plain values and data."""
    if type(value) in SCALARS or hasattr(value, "__array__") or hasattr(value, "iloc"):
        return False
    if isinstance(value, dict):
        return any(map(has_code, value.values()))
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(has_code, value))
    return True


def is_users_module(value: Any) -> bool:
    return isinstance(value, ModuleType) and library_of(value.__name__) is None


def attributes(value: Any) -> dict[str, Any]:
    return dict(getattr(value, "__dict__", {}))


def parameters(value: Any) -> dict[str, Any] | None:
    """Return the parameters of an estimator; None for anything else."""
    get_params = getattr(value, "get_params", None)
    if not callable(get_params):
        return None
    try:
        found = get_params(deep=False)
    except Exception:  # an own get_params of another kind
        return None
    return found if isinstance(found, dict) else None


def is_of_torch(value: Any, name: str) -> bool:
    """Whether an object is of a class of torch, which is not imported for this."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, operator.attrgetter(name)(torch))


def name_in_library(value: Any) -> tuple[str, str] | None:
    """Return the library and the name by which an object is imported from it; None if it is not."""
    home = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not isinstance(home, str) or not isinstance(name, str) or home not in sys.modules:
        return None
    found: Any = sys.modules[home]
    for part in name.split("."):
        found = getattr(found, part, None)
    library = library_of(home) if found is value else None
    return None if library is None else (library, name)


def library_of_function(function: FunctionType) -> str | None:
    """Return the library of a function: where it was written, whatever a decorator made of its ``__module__``."""
    name = function.__globals__.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) else None
    if module is None or vars(module) is not function.__globals__:
        return None  # of exec, a doctest, or unpickled by value
    return library_of(name)


def library_of_class(cls: type) -> str | None:
    """Return the library of a class, None for one of the user's."""
    if not isinstance(cls.__module__, str):  # some classes in C, whose objects have one
        return "python"
    if cls.__module__ == "builtins" and any(isinstance(value, FunctionType) for value in vars(cls).values()):
        return None  # of exec in a namespace without a __name__: builtins are in C
    return library_of(cls.__module__)


def is_compiled_function(value: Any) -> bool:
    """Whether an object is a function of Cython or the like: it has a name, a home, and no dictionary of Python."""
    named = all(isinstance(getattr(value, name, None), str) for name in ("__qualname__", "__module__"))
    return named and callable(value) and getattr(value, "__wrapped__", None) is None


def is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
