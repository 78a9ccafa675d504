"""What is out of the ordinary in a comparison: a sentence for each setting that has something to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skal.annotation import unit_of_cost
from skal.features import LEFT_OUT
from skal.recipes import sentence

__all__ = [
    "tell_columns",
    "tell_costs",
    "tell_follows",
    "tell_initial",
    "tell_left_out",
    "tell_money",
    "tell_oracle",
    "tell_recipe",
]

Entries = Mapping[str, Any]


def tell_follows(protocol: Entries) -> str | None:
    """Say which published setup is followed, and what is changed."""
    follows = protocol.get("follows")
    if not follows:
        return None
    changed = follows.get("changed") or []
    scale = ", scaled down" if follows.get("scale") == "small" else ""
    but = f", except for {', '.join(changed)}" if changed else ""
    return f"Published setup: {follows.get('name')}{scale}{but}."


def tell_recipe(protocol: Entries) -> str | None:
    """Say how the task model is trained, if not as it is given."""
    recipe = protocol.get("recipe")
    return sentence(recipe) if recipe else None


def tell_columns(protocol: Entries) -> str | None:
    """Say what the columns of a table are used as."""
    columns = protocol.get("columns")
    if not columns:
        return None
    by_kind: dict[str, list[str]] = {}
    for name, kind in columns.items():
        by_kind.setdefault("left out" if kind in LEFT_OUT else kind, []).append(name)
    shown = []
    for kind, names in by_kind.items():
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        shown.append(f"{', '.join(names[:8])}{more} ({kind})")
    return f"Columns: {'; '.join(shown)}."


def tell_costs(protocol: Entries) -> str | None:
    """Say what errors cost: all pairs of few classes, or the dearest one."""
    costs = protocol.get("costs")
    if not costs:
        return None
    matrix, names = costs["matrix"], costs["classes"] or range(len(costs["matrix"]))
    pairs = [
        (matrix[i][j], true, answer)
        for i, true in enumerate(names)
        for j, answer in enumerate(names)
        if i != j and matrix[i][j] > 0
    ]
    shown = pairs if len(pairs) <= 6 else [max(pairs, key=lambda pair: pair[0])]
    listed = "; ".join(f"{cost:g} for {answer} where {true} is true" for cost, true, answer in shown)
    return f"Errors cost {listed}{'' if shown is pairs else ', at most'}."


def tell_money(protocol: Entries) -> str | None:
    """Say what a label costs and what a round may spend."""
    if not (protocol.get("cost") or protocol.get("round_budget")):
        return None
    cost = protocol.get("cost") or {}
    unit = unit_of_cost(cost) if cost else "labels"
    options = ", ".join(f"{name} = {value}" for name, value in cost.items() if name != "cost")
    said = f"Cost: counted in {unit}{f' ({options})' if options else ''}"
    a_round = protocol.get("round_budget")
    if a_round is None:
        return f"{said}; rounds are of labels all the same."
    ends = {
        "stop_before": "a round ends before the label that it cannot pay",
        "overshoot": "the label at which the money of a round ends is still bought",
    }
    end = ends[protocol.get("budget_policy", "stop_before")]
    return f"{said}, {a_round:g} a round; {end}, and the rest is carried over."


def tell_oracle(protocol: Entries) -> str | None:
    """Say how labels are wrong, and for which rows."""
    oracle = protocol.get("oracle")
    if not oracle:
        return None
    if oracle.get("oracle") != "noisy":
        return f"Labels: given by {oracle.get('oracle')}; those of the test rows are right."
    if "rate" in oracle:
        how = f"{100 * oracle['rate']:g} % wrong"
        how += ", taken for a class of the same group" if "groups" in oracle else ""
    else:
        how = "wrong by a confusion matrix"
    right = (
        "those of the test rows are right" if oracle.get("noisy_initial", True) else "initial and test ones are right"
    )
    return f"Labels: {how}, drawn once a trial and the same for every strategy; {right}."


def tell_initial(protocol: Entries) -> str | None:
    """Say that the choice of the initial labels looks at labels."""
    initial = protocol.get("initial")
    if initial not in ("stratified", "class_balanced"):
        return None
    return f"Initial labels: {initial}, which looks at labels that nobody has paid for yet."


def tell_left_out(protocol: Entries) -> str | None:
    """Say that classes are missing among the initial labels."""
    left_out = protocol.get("initial_left_out", 0)
    if not left_out:
        return None
    classes = "1 class" if left_out == 1 else f"{left_out} classes"
    return f"Initial labels: {classes} left out, drawn anew in each trial; the pool and the test rows have all."
