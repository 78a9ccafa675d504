"""How a study may grow: what has to agree with what a folder holds, what may be added, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skal.study.protocol import Protocol
from skal.study.rows import StudyError
from skal.study.store import Store

__all__ = ["GROWING", "Plan", "differences", "grown", "stored_seed"]

# Entries of a protocol that more may be added to. All others must agree.
GROWING = ("strategies", "recipes", "n_rounds", "n_trials", "metrics", "scorers")
_FOR_THE_RECORD = ("follows",)
_CALLED = {"fingerprint": "rows or labels (their fingerprint)"}

# By what it is the code of, and by name: its digest, and what of it could not be seen.
Code = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Plan:
    """What is asked for.

    Attributes
    ----------
    protocol : dict
        Entries of `skal.study.Protocol`, with ``recipes`` (by name) in the place of ``recipe``.
    code : dict
        Identities of the code of estimator, oracle, cost, strategies, recipes and metrics.
    """

    protocol: dict[str, Any]
    code: Code = field(default_factory=dict)

    @classmethod
    def of(cls, protocol: Protocol, recipes: Mapping[str, dict[str, Any] | None], code: Code) -> Plan:
        """Make a plan of a protocol that has no recipe, and of recipes by name."""
        entries = {**protocol.to_dict(), "recipes": dict(recipes)}
        entries.pop("recipe", None)
        return cls(json.loads(json.dumps(entries)), code)  # as the store gives it back


def grown(there: Plan, asked: Plan, folder: Path | None) -> Plan:
    """Return what a study is with what is asked for added.

    Parameters
    ----------
    there : Plan
        What a folder holds.
    asked : Plan
        What is asked for.
    folder : Path or None
        What messages call the study.

    Returns
    -------
    Plan
        All strategies, recipes and metrics of both, the most rounds and the most trials.

    Raises
    ------
    StudyError
        If anything else differs, if a name stands for something else, or if code was edited; what is stored stays.
    """
    if problems := differences(there, asked):
        raise StudyError(
            f"{folder} holds another study, which is left alone. It differs in {'; '.join(problems)}. Take the same "
            "settings and data, or another folder. Strategies, recipes, metrics, rounds and trials may be added."
        )
    if edited := _edited(there.code, asked.code):
        raise StudyError(
            f"The code of {' and of '.join(edited)} is not that of the rows in {folder}, which are left alone: "
            "numbers of old and new code in one curve would be nobody's. Give a changed strategy, recipe or metric "
            "another name (strategies={'my_idea_2': my_idea}), or take another folder."
        )
    return Plan(_union(there.protocol, asked.protocol), _together(there.code, asked.code))


def stored_seed(folder: str | Path | None) -> int | None:
    """Return the seed of the study in a folder; None if there is none yet."""
    if folder is None:
        return None
    try:
        store = Store(folder)
    except StudyError:
        return None
    try:
        seed = store.meta("protocol", {}).get("seed")
        return None if seed is None else int(seed)
    finally:
        store.close()


def differences(of: Plan, other: Plan, words: tuple[str, str] = ("there", "here")) -> list[str]:
    """Say, entry by entry, what does not agree and has to.

    Parameters
    ----------
    of, other : Plan
        Two studies.
    words : tuple of str, default=("there", "here")
        What they are called.

    Returns
    -------
    list of str
        Such as "seed: 0 there, 5 here"; none if one study may be made of both.
    """
    there, here, (one, two) = of.protocol, other.protocol, words
    fixed = sorted({*there, *here} - {*GROWING, *_FOR_THE_RECORD})
    found = [
        f"{_CALLED.get(name, name)}: {there.get(name)!r} {one}, {here.get(name)!r} {two}"
        for name in fixed
        if there.get(name) != here.get(name)
    ]
    for kind in ("strategies", "recipes", "scorers"):
        shared = there.get(kind, {}).keys() & here.get(kind, {}).keys()
        found += [
            f"{kind}: {name} is {_shown(there[kind][name])} {one}, {_shown(here[kind][name])} {two}"
            for name in sorted(shared)
            if there[kind][name] != here[kind][name]
        ]
    return found


def _shown(description: Any) -> str:
    if not isinstance(description, Mapping):
        return str(description)
    return ", ".join(f"{key} = {value}" for key, value in description.items())


def _edited(there: Code, here: Code) -> list[str]:
    """Names of what has other code now; code that could not be digested in either is let pass."""
    return [
        f"{'' if kind in ('estimator', 'oracle', 'cost') else kind + ' '}{name}"
        for kind, named in here.items()
        for name, one in named.items()
        if (known := there.get(kind, {}).get(name, {}).get("digest")) and one["digest"] and known != one["digest"]
    ]


def _union(there: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, Any]:
    scorers = {**there.get("scorers", {}), **here.get("scorers", {})}
    return {
        **there,
        **here,
        "strategies": {**there["strategies"], **here["strategies"]},
        "recipes": {**there["recipes"], **here["recipes"]},
        "metrics": [*there["metrics"], *(name for name in here["metrics"] if name not in there["metrics"])],
        **({"scorers": scorers} if scorers else {}),
        **{name: max(there[name], here[name]) for name in ("n_rounds", "n_trials")},
    }


def _together(there: Code, here: Code) -> Code:
    return {kind: {**there.get(kind, {}), **here.get(kind, {})} for kind in {**there, **here}}
