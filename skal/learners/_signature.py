"""A ``fit`` whose signature tells whether the model behind it takes weights of rows."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any, TypeVar, cast

from sklearn.utils.validation import has_fit_parameter

_Method = TypeVar("_Method", bound=Callable[..., Any])


class _ShowsWeights:
    """Descriptor: the method as it is, or with ``sample_weight`` in its signature, which meta-estimators look for."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.plain = cast(FunctionType, function)
        self.__doc__ = function.__doc__
        signature = inspect.signature(function)
        *others, rest = signature.parameters.values()
        weights = inspect.Parameter("sample_weight", inspect.Parameter.KEYWORD_ONLY, default=None)
        self.weighted = FunctionType(
            self.plain.__code__, self.plain.__globals__, self.plain.__name__, self.plain.__defaults__
        )
        functools.update_wrapper(self.weighted, function)
        self.weighted.__signature__ = signature.replace(parameters=[*others, weights, rest])  # type: ignore[attr-defined]

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        if owner is None:
            return self.plain
        takes = all(has_fit_parameter(part, "sample_weight") for part in owner._trained_parts())
        return MethodType(self.weighted if takes else self.plain, owner)


def shows_weights(function: _Method) -> _Method:
    """Make a ``fit(..., **fit_kwargs)`` name ``sample_weight`` where all of ``self._trained_parts()`` take it.

    AdaBoost, Bagging and the like read the signature to decide whether they pass weights on. One that always named
    them would fail around a model that takes none.
    """
    return cast(_Method, _ShowsWeights(function))
