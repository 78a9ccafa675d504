"""Where criteria would have stopped the arms of a study, and what that would have lost: read from what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.metrics import measure
from skal.stopping import AuditRows, Criterion, Observation, Observer, stops_at
from skal.study.predictions import Predictions
from skal.study.prepared import Prepared
from skal.study.rows import Row, StudyError
from skal.study.stopped import StoppedArms
from skal.study.store import Store

__all__ = ["stopped_arms"]

_HALVES = (0, 4)  # the stream that halves of the test rows are drawn from
_LEAST_ROWS = 8


def stopped_arms(
    store: Store, prepared: Prepared, recipe: str, n_rounds: int, criteria: Mapping[str, Criterion]
) -> list[StoppedArms]:
    """Replay criteria on the stored predictions of a study.

    Parameters
    ----------
    store : Store
        Of a study whose arms are complete.
    prepared : Prepared
        Its trials, strategies and test rows.
    recipe : str
        Training recipe.
    n_rounds : int
        Rounds after the first labels.
    criteria : dict of str to Criterion
        By what they are called.

    Returns
    -------
    list of StoppedArms
        Criterion by criterion, strategy by strategy.

    Raises
    ------
    StudyError
        If the predictions were not kept.

    Notes
    -----
    A random half of the test rows of each trial stands for what a person would have: its rows without labels are the
    stop set, and criteria of a score are given its labels as audit rows. The loss is measured on the other half, so
    that a criterion which stops at a lucky round of its half does not look good for it. No model is fitted.
    """
    if not criteria:
        return []
    rows = {(row.strategy, row.trial, row.round): row for row in store.rows() if row.recipe == recipe}
    needs = tuple(dict.fromkeys(name for one in criteria.values() for name in one.needs))
    found: dict[tuple[str, str], list[Any]] = {}
    for strategy in prepared.strategies:
        for number in prepared.trials:
            arm = [rows[strategy, number, k] for k in range(n_rounds + 1)]
            history, values = _replayed(store, prepared, arm, needs)
            for name, criterion in criteria.items():
                end = stops_at(criterion, history)
                k = len(arm) - 1 if end is None else end.position
                said = criterion.verdict(history).reason if end is None else end.verdict.reason
                line = (number, arm[k].n_labels, arm[k].cost, k < len(arm) - 1, values[-1] - values[k], said)
                found.setdefault((name, strategy), []).append(line)
    return [_line(*key, found[key]) for key in sorted(found, key=lambda key: list(criteria).index(key[0]))]


def _line(criterion: str, strategy: str, lines: list[Any]) -> StoppedArms:
    trials, n_labels, cost, stopped, lost, reasons = zip(*lines, strict=True)
    counts, costs, ends, losses = (np.asarray(one) for one in (n_labels, cost, stopped, lost))
    return StoppedArms(criterion, strategy, trials, counts, costs, ends, losses, list(reasons))


def _replayed(
    store: Store, prepared: Prepared, arm: list[Row], needs: tuple[str, ...]
) -> tuple[list[Observation], list[float]]:
    """What criteria see of an arm on one half of its test rows, and the first metric on the other."""
    shared, trial = prepared.shared, prepared.trials[arm[0].trial]
    name, metric = next(iter(shared.metrics.items()))
    if name in (prepared.plan.protocol.get("scorers") or {}):
        raise StudyError(f"stop: the first metric, {name}, reads more than predictions. Put one of skal's before it.")
    _, y_test = shared.test_rows(trial.test)
    y_test = np.asarray(y_test)
    seen, unseen = _halves(len(y_test), trial.seed)
    history, values, observer = [], [], None
    for row in arm:
        stored = store.predictions(row)
        if stored is None:
            raise StudyError(
                f"stop: the test predictions of {row.shown()} were not kept, and criteria read them. Run the study "
                "again in another folder, with predictions (without --no-predictions)."
            )
        kept = Predictions.from_bytes(stored)
        if kept.kind == "masks":
            raise StudyError("stop: criteria read one prediction a row, and these are masks. Leave stop out.")
        if observer is None:
            audit = AuditRows(kept.rows[seen], y_test[seen]) if {"score", "low"} & set(needs) else None
            observer = Observer(needs, kept.rows[seen], audit)
        left = len(trial.pool) - row.n_labels
        history.append(observer.observe(kept.model(), row.n_labels, cost=row.cost, n_left=max(left, 0)))
        values.append(measure({name: metric}, kept.model(), kept.rows[unseen], y_test[unseen])[name])
    return history, values


def _halves(n: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if n < _LEAST_ROWS:
        raise StudyError(f"stop: half of the test rows is for criteria and half for losses; {n} are too few.")
    order = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=_HALVES)).permutation(n)
    return np.sort(order[: n // 2]), np.sort(order[n // 2 :])
