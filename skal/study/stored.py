"""Comparisons made of the rows of a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.study.comparison import BASELINE, Comparison
from skal.study.notes import notes_of
from skal.study.rows import Row, StudyError
from skal.study.store import Store

__all__ = ["comparison_of", "complete_strategies", "load_comparison", "only_recipe"]


def comparison_of(
    store: Store,
    trials: Sequence[int] | None = None,
    recipe: str | None = None,
    n_rounds: int | None = None,
    metrics: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    others: bool = True,
) -> Comparison:
    """Make a comparison of the rows of a store.

    Parameters
    ----------
    store : Store
        Of a study.
    trials : sequence of int, default=None
        Numbers of the trials to take, counted from 0; None: all that are complete.
    recipe : str, default=None
        Training recipe; None: the only one.
    n_rounds : int, default=None
        Rounds after the initial labels; None: of the numbers that were ever asked for, the one that most trials have.
    metrics : sequence of str, default=None
        The first ones, in their order; others that all rows have come after them. None: as the study has them.
    strategies : sequence of str, default=None
        Which must be complete. None: all.
    others : bool, default=True
        Whether other strategies are taken along if they are complete too.

    Returns
    -------
    Comparison
        Pictures and reports are made of it.

    Raises
    ------
    StudyError
        If no trial is complete yet, or there are several recipes and none is named.
    """
    protocol = store.protocol
    recipe = only_recipe(store, protocol) if recipe is None else recipe
    rows = {(row.strategy, row.trial, row.round): row for row in store.rows() if row.recipe == recipe}
    wanted = list(protocol["strategies"]) if strategies is None else list(strategies)
    if n_rounds is None:
        asked = store.meta("asked_rounds", [protocol["n_rounds"]])
        n_rounds = max(asked, key=lambda n: (len(_complete(rows, wanted, n)), n))
    if trials is None:
        trials = _complete(rows, wanted, n_rounds)
    if not trials:
        raise StudyError(f"{store.folder}: no trial is complete for all strategies yet. Start the study again.")
    measured = {
        place: row for place, row in rows.items() if metrics is None or set(metrics) <= row.metrics.keys()
    }  # of the others, which nobody asked for now
    more = [name for name in protocol["strategies"] if others and name not in wanted]
    names = [*wanted, *(name for name in more if set(trials) <= set(_complete(measured, [name], n_rounds)))]
    found = _comparison(store, protocol, recipe, names, list(trials), n_rounds, metrics, rows)
    if strategies is not None:
        return found
    notes = [*_trials_left_out(rows, names, list(trials), n_rounds), *_more_is_stored(rows, protocol, found)]
    return replace(found, notes=[*found.notes, *notes])


def _comparison(
    store: Store,
    protocol: dict[str, Any],
    recipe: str,
    names: list[str],
    trials: list[int],
    n_rounds: int,
    metrics: Sequence[str] | None,
    found: dict[tuple[str, int, int], Row],
) -> Comparison:
    n_points = n_rounds + 1
    taken = [found[name, trial, point] for name in names for trial in trials for point in range(n_points)]

    def table(value: Callable[[Row], Any]) -> dict[str, NDArray[Any]]:
        return {
            name: np.array([[value(found[name, trial, point]) for point in range(n_points)] for trial in trials])
            for name in names
        }

    def values_of(metric: str) -> dict[str, NDArray[Any]]:
        return table(lambda row: row.metrics[metric])

    everywhere = [name for name in protocol["metrics"] if all(name in row.metrics for row in taken)]
    first = everywhere if metrics is None else list(metrics)
    measured = [*first, *(name for name in everywhere if name not in first)]
    if not measured:
        raise StudyError(
            f"{store.folder}: there is no metric that all rounds have. Run the study once with all strategies and "
            "one metric: what is missing is measured."
        )
    spent = table(lambda row: row.cost)
    a_round = protocol.get("round_budget")
    axis: NDArray[Any] = protocol["n_initial"] + protocol["n_instances"] * np.arange(n_points)
    if a_round is not None:
        axis = np.round(spent[BASELINE][:, 0].mean() + a_round * np.arange(n_points), 6)
        axis = axis.astype(np.intp) if (axis == np.rint(axis)).all() else axis
    own = {name: value for name, value in protocol.items() if name != "recipes"}
    own |= {"strategies": {name: protocol["strategies"][name] for name in names}, "n_rounds": n_rounds}
    own |= {"metrics": measured}
    if (description := protocol["recipes"].get(recipe)) is not None:
        own["recipe"] = description
    pools = store.pool_classes
    return Comparison(
        protocol=own,
        axis=axis,
        metrics={metric: values_of(metric) for metric in measured},
        fit_seconds=table(lambda row: row.fit_seconds),
        query_seconds=table(lambda row: row.query_seconds),
        picks={
            name: [[np.asarray(found[name, trial, point].picked) for point in range(n_points)] for trial in trials]
            for name in names
        },
        picked_classes=table(lambda row: row.picked_classes),
        classes=store.meta("classes"),
        versions=taken[0].versions,
        n_bought=table(lambda row: row.n_labels),
        spent=spent,
        pictures=store.pictures(trials[0], recipe),
        pool_classes=np.array([pools[t] for t in trials], dtype=np.intp) if set(trials) <= pools.keys() else None,
        trials=tuple(trials),
        notes=notes_of(taken, store.meta("code", {}), store.meta("notes", [])),
    )


def _complete(rows: Mapping[tuple[str, int, int], Row], names: Sequence[str], n_rounds: int) -> list[int]:
    """Trials that have all rounds of all these strategies."""
    numbers = sorted({trial for _, trial, _ in rows})
    return [t for t in numbers if all((name, t, k) in rows for name in names for k in range(n_rounds + 1))]


def _trials_left_out(
    rows: Mapping[tuple[str, int, int], Row], names: Sequence[str], trials: Sequence[int], n_rounds: int
) -> list[str]:
    """Say which trials of some strategies are not shown, because others do not have them."""
    counts = {name: len(_complete(rows, [name], n_rounds)) for name in names}
    most = max(counts.values())
    few = [name for name, count in counts.items() if count < most]
    if not few or len(trials) == most:
        return []
    return [
        f"Shown are the {len(trials)} trials that all strategies have. Others have up to {most}; "
        f"{', '.join(few)} {'has' if len(few) == 1 else 'have'} fewer: n_trials={most} runs what is missing."
    ]


def _more_is_stored(
    rows: Mapping[tuple[str, int, int], Row], protocol: Mapping[str, Any], found: Comparison
) -> list[str]:
    """Say which rounds and metrics are not shown, because not all strategies and trials have them."""
    notes = []
    last, most = len(found.axis) - 1, max(round_ for _, _, round_ in rows)
    if most > last:
        further = sorted({name for name, _, round_ in rows if round_ > last})
        notes.append(
            f"Shown are {last} rounds. {', '.join(further)} went on to round {most}: n_rounds={most} for all."
        )
    if hidden := [name for name in protocol["metrics"] if name not in found.metrics]:
        notes.append(f"Not shown: {', '.join(hidden)}, which not all rounds have. Asked for, it is measured for all.")
    return notes


def complete_strategies(store: Store, recipe: str, n_rounds: int) -> dict[str, list[int]]:
    """Return the trials that have so many rounds, by strategy; strategies without one are left out."""
    rows = {(row.strategy, row.trial, row.round): row for row in store.rows() if row.recipe == recipe}
    found = {name: _complete(rows, [name], n_rounds) for name in store.protocol["strategies"]}
    return {name: trials for name, trials in found.items() if trials}


def only_recipe(store: Store, protocol: Mapping[str, Any]) -> str:
    """Return the recipe of a store that has one, or raise and say which there are."""
    recipes = list(protocol["recipes"])
    if len(recipes) > 1:
        raise StudyError(
            f"{store.folder} holds {len(recipes)} training recipes ({', '.join(recipes)}): take "
            "skal.study.load_recipe_comparison, or name one as recipe=."
        )
    return recipes[0]


def load_comparison(folder: str | Path, recipe: str | None = None) -> Comparison:
    """Read the comparison that a folder holds, while it runs or after.

    Parameters
    ----------
    folder : str or Path
        Of a study.
    recipe : str, default=None
        Training recipe; None: the only one.

    Returns
    -------
    Comparison
        Of all strategies, over the trials that are complete for all of them.

    Raises
    ------
    StudyError
        If there is none, no trial is complete yet, or it holds several recipes and none is named.
    """
    store = Store(folder)
    try:
        return comparison_of(store, recipe=recipe)
    finally:
        store.close()
