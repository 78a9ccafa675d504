"""The cost of a comparison: asked for by a text or a dict, and written down as plain data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from skal.annotation import BoundaryCost, ClickCost, Cost, UniformCost
from skal.spec import parse_options

_COSTS: dict[str, type[Cost]] = {kind.name: kind for kind in (UniformCost, ClickCost, BoundaryCost)}


def read_cost(cost: Any) -> Cost | None:
    """Return the price of masks.

    Parameters
    ----------
    cost : None, str, dict or Cost
        None: there is none. ``"images"``, ``"clicks"``, ``"clicks:tolerance=5,background=0"``, ``"boundary"``; the
        same as ``{"cost": "clicks", "tolerance": 5}``; a cost is taken as it is.

    Returns
    -------
    Cost or None

    Raises
    ------
    ValueError
        If there is no such cost, or no such option.
    TypeError
        If it is something else.

    Examples
    --------
    >>> read_cost("clicks:tolerance=5").tolerance
    5
    """
    if cost is None or isinstance(cost, Cost):
        return cost
    if isinstance(cost, str):
        name, _, text = cost.partition(":")
        cost = {"cost": name.strip(), **parse_options(text, cost)}
    if not isinstance(cost, Mapping):
        raise TypeError(
            f"cost must be None, a text such as 'clicks:tolerance=10', a dict such as {{'cost': 'clicks'}}, or a "
            f"skal.annotation.Cost, got {cost!r}."
        )
    options = dict(cost)
    name = options.pop("cost", None)
    if name not in _COSTS:
        raise ValueError(f"There is no cost {name!r}; there are {', '.join(_COSTS)}, as in 'clicks:tolerance=10'.")
    known = [field.name for field in dataclasses.fields(_COSTS[name])]  # type: ignore[arg-type]
    if unknown := [option for option in options if option not in known]:
        raise ValueError(f"The cost {name} has no option {', '.join(unknown)}; it has {', '.join(known) or 'none'}.")
    return _COSTS[name](**options)


def describe_cost(cost: Cost | None) -> dict[str, Any] | None:
    """Return a cost as plain data, which `read_cost` takes if it is skal's own.

    Options that are None are left out, so that TOML has a word for the rest.

    Examples
    --------
    >>> describe_cost(UniformCost())
    {'cost': 'images'}
    """
    if cost is None:
        return None
    kind = type(cost)
    own = _COSTS.get(kind.name) is kind
    options: dict[str, Any] = dataclasses.asdict(cost) if dataclasses.is_dataclass(cost) else {}
    name = kind.name if own else f"{kind.__module__}.{kind.__name__}"
    return {"cost": name, **{key: value for key, value in options.items() if value is not None}}


def unit_of_cost(description: Mapping[str, Any] | None) -> str:
    """What a cost of a protocol counts: its unit, "images" where there is none, "cost" for one of somebody's own."""
    if description is None:
        return UniformCost.unit
    kind = _COSTS.get(str(description.get("cost")))
    return "cost" if kind is None else kind.unit
