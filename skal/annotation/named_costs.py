"""What a label costs, by name: as a text, as a dict, and as the cost that is meant."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from skal.annotation.costs import BoundaryCost, ClickCost, Cost, UniformCost
from skal.spec import Catalogue, Entry, Spec, shown

__all__ = ["COSTS", "describe_cost", "read_cost", "unit_of_cost"]

_KINDS: dict[str, type[Cost]] = {kind.name: kind for kind in (UniformCost, ClickCost, BoundaryCost)}


def _options(kind: type[Cost]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))  # type: ignore[arg-type]


COSTS = Catalogue("cost", {name: Entry(kind, _options(kind), f"counts {kind.unit}") for name, kind in _KINDS.items()})


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
        If there is no such cost, no such option, or an option has a wrong value.
    TypeError
        If it is something else.

    Examples
    --------
    >>> read_cost("clicks:tolerance=5").tolerance
    5
    """
    if cost is None or isinstance(cost, Cost):
        return cost
    if not isinstance(cost, (str, Mapping)):
        raise TypeError(
            f"cost must be None, a text such as 'clicks:tolerance=10', a dict such as {{'cost': 'clicks'}}, or a "
            f"skal.annotation.Cost, got {shown(cost)}."
        )
    made: Cost = COSTS.make(cost)
    return made


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
    own = _KINDS.get(kind.name) is kind
    options: dict[str, Any] = dataclasses.asdict(cost) if dataclasses.is_dataclass(cost) else {}
    name = kind.name if own else f"{kind.__module__}.{kind.__name__}"
    return Spec(name, {key: value for key, value in options.items() if value is not None}).to_dict("cost")


def unit_of_cost(description: Mapping[str, Any] | None) -> str:
    """Return the unit of a cost of a protocol: "images" without a cost, "cost" for a user's own."""
    if description is None:
        return UniformCost.unit
    kind = _KINDS.get(str(description.get("cost")))
    return "cost" if kind is None else kind.unit
