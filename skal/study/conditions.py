"""What is out of the ordinary in a comparison, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skal.features import LEFT_OUT
from skal.recipes import sentence
from skal.study.costs import unit_of_cost


def conditions(protocol: Mapping[str, Any]) -> list[str]:
    """Say which protocol is followed, how training differs, how labels are wrong or missing, and how it begins.

    Parameters
    ----------
    protocol : dict
        Of a comparison.

    Returns
    -------
    list of str
        Sentences; none for a study of its own, trained as given, whose labels are right and first ones blind.
    """
    said = []
    if follows := protocol.get("follows"):
        said.append(_followed(follows))
    if recipe := protocol.get("recipe"):
        said.append(sentence(recipe))
    if columns := protocol.get("columns"):
        said.append(_columns(columns))
    if oracle := protocol.get("oracle"):
        said.append(_labels(oracle))
    if protocol.get("cost") or protocol.get("round_budget"):
        said.append(_money(protocol))
    if missing := protocol.get("n_unlabeled", 0):
        rows = "1 row has no label, and was" if missing == 1 else f"{missing} rows have no label, and were"
        said.append(f"Data: {rows} left out.")
    initial = protocol.get("initial")
    if initial in ("stratified", "class_balanced"):
        said.append(f"Initial labels: {initial}, which looks at labels that nobody has paid for yet.")
    if left_out := protocol.get("initial_left_out", 0):
        classes = "1 class" if left_out == 1 else f"{left_out} classes"
        said.append(
            f"Initial labels: {classes} left out, drawn anew in each trial; the pool and the test rows have all."
        )
    return said


def _columns(columns: Mapping[str, str]) -> str:
    by_kind: dict[str, list[str]] = {}
    for name, kind in columns.items():
        by_kind.setdefault("left out" if kind in LEFT_OUT else kind, []).append(name)
    shown = []
    for kind, names in by_kind.items():
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        shown.append(f"{', '.join(names[:8])}{more} ({kind})")
    return f"Columns: {'; '.join(shown)}."


def _followed(follows: Mapping[str, Any]) -> str:
    changed = follows.get("changed") or []
    scale = ", scaled down" if follows.get("scale") == "small" else ""
    but = f", but for {', '.join(changed)}" if changed else ""
    return f"Protocol: {follows.get('name')}{scale}{but}."


def _money(protocol: Mapping[str, Any]) -> str:
    cost = protocol.get("cost") or {"cost": "images"}
    unit = unit_of_cost(cost)
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


def _labels(oracle: Mapping[str, Any]) -> str:
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
