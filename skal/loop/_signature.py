"""One signature for several estimators, of which each may have defaults of its own."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, TypeVar, cast

Init = TypeVar("Init", bound=Callable[..., None])


def with_defaults(init: Init, **defaults: Any) -> Init:
    """Return the same function under a signature with other defaults.

    scikit-learn reads parameters and their defaults from the signature of ``__init__``, so a class that differs from
    its base in one default would have to write all of them out again.

    Parameters
    ----------
    init : function
        The ``__init__`` of the base class.
    **defaults
        By parameter, each of which has a default already.

    Returns
    -------
    function
        A copy; `init` stays as it is.

    Examples
    --------
    >>> import inspect
    >>> def init(self, a=1, *, b=2): ...
    >>> str(inspect.signature(with_defaults(init, a=5))), str(inspect.signature(init))
    ('(self, a=5, *, b=2)', '(self, a=1, *, b=2)')
    """
    names = init.__code__.co_varnames[: init.__code__.co_argcount]
    old = init.__defaults__ or ()
    by_position = dict(zip(names[len(names) - len(old) :], old, strict=True))
    by_name = dict(init.__kwdefaults__ or {})
    for name, value in defaults.items():
        (by_position if name in by_position else by_name)[name] = value
    copied = types.FunctionType(
        init.__code__, init.__globals__, init.__name__, tuple(by_position.values()), init.__closure__
    )
    copied.__kwdefaults__ = by_name
    for name in ("__annotations__", "__doc__", "__module__", "__qualname__"):
        setattr(copied, name, getattr(init, name))
    return cast(Init, copied)
