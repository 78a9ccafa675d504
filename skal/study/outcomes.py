"""What an arm tells its study: rounds that were missing, metrics that were, and what should be known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skal.loop import Round
from skal.metrics import measure, measured_model
from skal.query import remembers
from skal.study.arm import Arm
from skal.study.arm_loops import ArmLoop, loop_of
from skal.study.number_pictures import numbers_picture
from skal.study.pictures import round_picture
from skal.study.predictions import Predictions, predictions_of
from skal.study.region_sampling import RegionSampling
from skal.study.rows import CONSTANT_MODEL, Row, StudyError
from skal.study.shared import Shared, package_versions
from skal.study.store import Store
from skal.warning import noting

__all__ = ["Outcome", "commit", "outcomes_of_arm", "run_arm"]


@dataclass(frozen=True)
class Outcome:
    """What an arm tells the study: a new round, values of one that is there, or what should be said.

    Attributes
    ----------
    row : Row
        The round.
    values : dict of str to float or None
        Further metrics of a round that is stored; None: the round is new.
    instead_of : Row or None
        A stored row whose place it takes.
    said : str
        A sentence for the notes of the study.
    """

    row: Row
    values: Mapping[str, float] | None = None
    instead_of: Row | None = None
    said: str = ""


def run_arm(arm: Arm, shared: Shared, path: Path | None = None, study_id: str = "") -> list[Outcome]:
    """Run what is left of an arm, in this process or a worker's.

    Parameters
    ----------
    arm : Arm
        Which.
    shared : Shared
        With what.
    path : Path or None, default=None
        Of the store, if rows are to be committed from here as they come.
    study_id : str, default=""
        Of the study that the store must hold.

    Returns
    -------
    list of Outcome
        In their order.
    """
    found = []
    for outcome in outcomes_of_arm(arm, shared):
        if path is not None:
            _write_from_worker(path, study_id, outcome)
        found.append(outcome)
    return found


def outcomes_of_arm(arm: Arm, shared: Shared) -> Iterator[Outcome]:
    """Yield what is not there yet: metrics that need a fit, then the rounds that are missing.

    An arm that was stopped goes on from its last round before the first that is missing: that model is fitted again,
    with the same seed and the same rows, so the picks are those of an arm that was never stopped.
    """
    n_done = len(arm.done)
    for number in (number for number in arm.unmeasured if number < n_done):
        step = next(iter(loop_of(arm.up_to(number), shared).rounds()))
        yield from _filled(arm.stored[number], _measured(arm, shared, step))
    if n_done > shared.n_rounds:
        return
    versions = package_versions()
    follows = True  # whether the stored rows after a gap follow from what was run in it
    # What a strategy learnt from query to query is not stored: its arm is asked from the first round on.
    loop = loop_of(arm.up_to(-1) if _remembers(arm.strategy) else arm, shared)
    for step, notes in _noted(loop.rounds()):
        there = arm.stored.get(step.number)
        if there is not None and step.number < n_done:  # fitted again, on the way to what is missing
            if step.number not in arm.unmeasured:
                yield from _compared(there, _measured(arm, shared, step))
        elif there is None:
            yield Outcome(_row(arm, shared, loop, step, versions, notes))
        elif follows and there.picked == step.picked.ravel().tolist():
            if step.number in arm.unmeasured:
                yield from _filled(there, _measured(arm, shared, step))
            if all(k in arm.stored for k in range(step.number, shared.n_rounds + 1)):
                return
        else:
            row, said = _row(arm, shared, loop, step, versions, notes), ""
            if follows:
                said = f"{row.shown()} asks for other rows now: the model is not deterministic. It was run again."
            follows = False
            yield Outcome(row, instead_of=there, said=said)


def _remembers(strategy: Any) -> bool:
    return not isinstance(strategy, RegionSampling) and remembers(strategy)


def _measured(arm: Arm, shared: Shared, step: Round) -> dict[str, float]:
    learner = measured_model(step.learner, shared.targets)
    values = measure(shared.metrics, learner, *shared.test_rows(arm.trial.test))
    bad = {name: value for name, value in values.items() if not np.isfinite(value)}
    if bad:
        raise StudyError(
            f"{arm.strategy_name}, trial {arm.number + 1}, round {step.number}: metrics must be finite, got {bad}. "
            "Rows written before are intact."
        )
    return values


def _noted(rounds: Iterator[Round]) -> Iterator[tuple[Round, list[str]]]:
    """Yield each round with the notes of the warnings of its query and its fit."""
    while True:
        with noting() as notes:
            round_ = next(rounds, None)
        if round_ is None:
            return
        yield round_, notes


def _row(arm: Arm, shared: Shared, loop: ArmLoop, step: Round, versions: dict[str, str], notes: Sequence[str]) -> Row:
    X_test, y_test = shared.test_rows(arm.trial.test)
    predictions = predictions_of(measured_model(step.learner, shared.targets), X_test)
    return Row(
        recipe=arm.recipe,
        strategy=arm.strategy_name,
        trial=arm.number,
        round=step.number,
        n_labels=step.n_labels,
        cost=step.cost,
        metrics=_measured(arm, shared, step),
        fit_seconds=step.fit_seconds,
        query_seconds=step.query_seconds,
        picked=step.picked.ravel().tolist(),
        picked_classes=loop.counts(step),
        versions=versions,
        notes=[*notes, *([CONSTANT_MODEL] if predictions is not None and predictions.constant else [])],
        predictions=predictions.to_bytes() if predictions is not None and shared.predictions else None,
        picture=_picture(shared, step, predictions, X_test, y_test) if arm.number == 0 else None,
    )


def _picture(shared: Shared, step: Round, predictions: Predictions | None, X_test: Any, y_test: Any) -> bytes | None:
    """What there is to see of a round: masks and what was asked for, or predicted numbers against true ones."""
    if shared.targets.kind.reading == "pixels":
        return round_picture(step.learner, shared.targets.classes, X_test, y_test, *step.known())
    if predictions is None or predictions.kind != "numbers" or predictions.predicted.shape != np.shape(y_test):
        return None
    return numbers_picture(y_test, predictions.predicted)


def _filled(row: Row, values: Mapping[str, float]) -> Iterator[Outcome]:
    """Add what a stored row lacks; the rest is compared."""
    yield from _compared(row, values)
    yield Outcome(row, {name: value for name, value in values.items() if name not in row.metrics})


def _compared(row: Row, values: Mapping[str, float]) -> Iterator[Outcome]:
    """Say so if a fit with the same seed and rows does not give what is stored."""
    other = [
        f"{name} {row.metrics[name]:.6g} there, {value:.6g} now"
        for name, value in values.items()
        if name in row.metrics and not row.agrees(name, value)
    ]
    if other:
        now = package_versions()
        changed = ", ".join(f"{name} {version}" for name, version in row.versions.items() if now.get(name) != version)
        why = f" It was run with other versions ({changed})." if changed else ""
        yield Outcome(
            row,
            values={},
            said=f"{row.shown()}: a fit with the same seed and labels gave {'; '.join(other)}: the model is not "
            f"deterministic.{why}",
        )


def _write_from_worker(path: Path, study_id: str, outcome: Outcome) -> None:
    """Commit from a worker process that can see the file of this very study; elsewhere do nothing."""
    if not path.exists():
        return
    store = Store(path.parent)
    try:
        if store.id == study_id:
            commit(store, outcome)
    finally:
        store.close()


def commit(store: Store, outcome: Outcome) -> None:
    """Commit an outcome; twice does no harm."""
    if outcome.instead_of is not None:
        store.forget(outcome.instead_of)
    if outcome.values is None:
        store.write(outcome.row)
    elif outcome.values:
        store.measured(outcome.row, outcome.values)
