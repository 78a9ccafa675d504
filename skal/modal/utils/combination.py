"""Functions made of functions, as `modAL.utils.combination`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["make_linear_combination", "make_product", "make_query_strategy"]


def make_linear_combination(
    *functions: Callable[..., Any], weights: Sequence[float] | None = None
) -> Callable[..., Any]:
    """Make a function of the weighted sum of what functions give.

    Parameters
    ----------
    *functions : callable
        Measures such as `skal.modal.uncertainty.classifier_entropy`, of the same arguments. For strategies take
        `skal.query.combine`.
    weights : sequence of float, default=None
        One a function; None: ones.

    Returns
    -------
    callable
        Of their arguments.
    """
    factors = _one_each(weights, functions, "make_linear_combination", "weights")

    def linear_combination(*args: Any, **kwargs: Any) -> Any:
        return sum(factor * function(*args, **kwargs) for factor, function in zip(factors, functions, strict=True))

    return linear_combination


def make_product(*functions: Callable[..., Any], exponents: Sequence[float] | None = None) -> Callable[..., Any]:
    """Make a function of the product of powers of what functions give.

    Parameters
    ----------
    *functions : callable
        As of `make_linear_combination`.
    exponents : sequence of float, default=None
        One a function; None: ones.

    Returns
    -------
    callable
        Of their arguments.
    """
    powers = _one_each(exponents, functions, "make_product", "exponents")

    def product(*args: Any, **kwargs: Any) -> Any:
        return math.prod(
            function(*args, **kwargs) ** power for power, function in zip(powers, functions, strict=True)
        )

    return product


def make_query_strategy(utility_measure: Callable[..., Any], selector: Callable[..., Any]) -> Callable[..., Any]:
    """Make a strategy of a measure and a selector.

    Parameters
    ----------
    utility_measure : callable
        ``utility_measure(classifier, X)`` gives one number a row.
    selector : callable
        ``selector(numbers)`` gives rows, or rows and numbers, as those of `skal.modal.utils.selection`.

    Returns
    -------
    callable
        ``(classifier, X)``; what else it is given, as ``n_instances``, goes to the selector.
    """

    def query_strategy(classifier: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        return selector(utility_measure(classifier, X), *args, **kwargs)

    return query_strategy


def _one_each(
    numbers: Sequence[float] | None, functions: Sequence[Callable[..., Any]], who: str, name: str
) -> list[float]:
    if not functions:
        raise ValueError(f"{who}: at least one function is needed, got none.")
    found = [1.0] * len(functions) if numbers is None else [float(number) for number in numbers]
    if len(found) != len(functions):
        raise ValueError(f"{who}: {name} must have one number a function, got {len(found)} for {len(functions)}.")
    return found
