"""The costs of errors of a comparison: its default metrics, and strategies that ask for them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from skal.error_costs import ErrorCosts
from skal.query import info
from skal.study.strategies import offers
from skal.targets import Targets

__all__ = ["default_metrics", "with_costs"]

_COSTS = "costs"


def default_metrics(estimator: Any) -> list[str]:
    """Return the metrics of a comparison with costs that names none: of decisions by expected cost, where it can."""
    decided = ["neg_mean_cost_decided"] * offers(estimator, "predict_proba")
    return [*decided, "neg_mean_cost", "accuracy"]


def with_costs(named: Mapping[str, Any], costs: Any, targets: Targets) -> dict[str, Any]:
    """Give the costs to strategies that have an option for them and were not given any.

    Parameters
    ----------
    named : dict of str to strategy
        Those of a comparison.
    costs : object or None
        As `ErrorCosts.read` takes it.
    targets : Targets
        With the classes and their names.

    Returns
    -------
    dict of str to strategy
    """
    if costs is None:
        return dict(named)
    of_labels = ErrorCosts.read(costs).named_by(targets.classes, targets.names)
    return {name: _given(strategy, of_labels) for name, strategy in named.items()}


def _given(strategy: Any, costs: ErrorCosts) -> Any:
    keywords = strategy.keywords if isinstance(strategy, functools.partial) else {}
    inner: dict[str, Any] = {}
    if "part" in keywords:
        inner["part"] = _given(keywords["part"], costs)
    if "parts" in keywords:
        inner["parts"] = tuple(_given(part, costs) for part in keywords["parts"])
    try:
        asks = _COSTS in info(strategy).options and keywords.get(_COSTS) is None
    except TypeError:
        asks = False  # a function of the user's
    if asks:
        inner[_COSTS] = costs
    found: Callable[..., Any] = functools.partial(strategy, **inner) if inner else strategy
    return found
