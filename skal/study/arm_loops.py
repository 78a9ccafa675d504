"""The loops that an arm may run: over rows, or over regions of images. Both give the same steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from skal.annotation import Budget, PricedOracle, RegionOracle
from skal.data import take
from skal.loop import region_rounds, rounds
from skal.study.arm import Arm
from skal.study.oracles import oracle_of_trial
from skal.study.region_sampling import RegionSampling
from skal.study.rows import StudyError
from skal.study.shared import Shared
from skal.study.targets import MaskTargets


@dataclass(frozen=True)
class Step:
    """One round of an arm, after its fit.

    Attributes
    ----------
    number : int
        0 for the initial labels.
    n_labels : int
        Rows that have a label, or a part of one.
    cost : float
        What all labels have cost.
    picked : list of int
        Dataset indices labelled in this round; of regions, image and number of the region by turns.
    counts : list of int
        How much of each class was labelled in this round: rows or pixels.
    X_picked, y_picked : container
        Rows of this round and what is known of them.
    fit_seconds, query_seconds : float
        Wall times.
    learner : learner
        Fitted.
    """

    number: int
    n_labels: int
    cost: float
    picked: list[int]
    counts: list[int]
    X_picked: Any = field(repr=False)
    y_picked: Any = field(repr=False)
    fit_seconds: float
    query_seconds: float
    learner: Any = field(repr=False)


def steps_of_rows(arm: Arm, shared: Shared) -> Iterator[Step]:
    """Run the loop over rows from the last round that is done; it is fitted again and comes first."""
    targets, trial = shared.targets, arm.trial
    labeled = np.concatenate([row.picked for row in arm.done]) if arm.done else trial.initial
    oracle = oracle_of_trial(shared.oracle, targets.y, trial.pool, trial.initial, targets.classes, trial.noise_seed)
    loop = rounds(
        shared.model_of(arm.recipe, arm.number),
        shared.X,
        oracle if shared.price is None else PricedOracle(oracle, shared.price),
        cast(Any, arm.strategy),
        labeled.astype(np.intp),
        shared.n_instances,
        len(arm.trial.initial) + shared.n_rounds * shared.n_instances if shared.budget is None else shared.budget,
        arm.trial.seed,
        candidates=arm.trial.pool,
        number=max(len(arm.done) - 1, 0),
        n_rounds=shared.n_rounds,
        spent=arm.done[-1].cost - arm.done[0].cost if arm.done else 0.0,
    )
    for round_ in loop:
        yield Step(
            number=round_.number,
            n_labels=len(round_.labeled),
            cost=round_.cost,
            picked=round_.picked.tolist(),
            counts=targets.counts(round_.picked),
            X_picked=take(shared.X, round_.picked),
            y_picked=targets.y[round_.picked],
            fit_seconds=round_.fit_seconds,
            query_seconds=round_.query_seconds,
            learner=round_.learner,
        )


def steps_of_regions(arm: Arm, shared: Shared, strategy: RegionSampling, targets: MaskTargets) -> Iterator[Step]:
    """Run the loop over regions from the last round that is done; it is fitted again and comes first."""
    X, masks = take(shared.X, arm.trial.pool), targets.y[arm.trial.pool]
    oracle = RegionOracle(masks, strategy.maps(X, masks), cost=shared.price)
    # In their order: the first model is that of the arms over rows.
    first = _positions(arm.trial.pool, arm.trial.initial)
    budget = shared.budget or Budget(float(shared.n_instances))
    known = np.zeros(len(targets.classes), dtype=np.int64)
    number = -1
    loop = region_rounds(
        shared.model_of(arm.recipe, arm.number),
        X,
        oracle,
        strategy.query(),
        first,
        budget,
        shared.n_rounds,
        arm.trial.seed,
        done=[_pairs_in(arm.trial.pool, row.picked) for row in arm.done[1:]],
    )
    for round_ in loop:
        number = round_.number
        y_known: Any = round_.learner.y_training
        counts = np.array(targets.counts_in(y_known))
        touched = first if number == 0 else np.unique(round_.picked[:, 0])
        here = np.flatnonzero(np.isin(round_.labeled, touched))
        picked = arm.trial.initial.tolist() if number == 0 else _pairs(arm.trial.pool, round_.picked)
        yield Step(
            number=number,
            n_labels=len(round_.labeled),
            cost=round_.total,
            picked=picked,
            counts=(counts - known).tolist(),
            X_picked=take(X, round_.labeled[here]),
            y_picked=[y_known[place] for place in here],
            fit_seconds=round_.fit_seconds,
            query_seconds=round_.query_seconds,
            learner=round_.learner,
        )
        known = counts
    if number < shared.n_rounds:
        raise StudyError(
            f"{arm.strategy_name}, trial {arm.number + 1}: every region was labelled after round {number} of "
            f"{shared.n_rounds}. Take a smaller budget, or fewer rounds."
        )


def _positions(pool: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Positions of rows in the pool."""
    order = np.argsort(pool)
    return order[np.searchsorted(pool, rows, sorter=order)]


def _pairs_in(pool: NDArray[np.intp], picked: Sequence[int]) -> NDArray[np.intp]:
    """Pairs of `Step.picked` as those of the loop: positions in the pool, and regions."""
    pairs = np.reshape(picked, (-1, 2)).astype(np.intp)
    return np.column_stack([_positions(pool, pairs[:, 0]), pairs[:, 1]])


def _pairs(pool: NDArray[np.intp], picked: NDArray[np.intp]) -> list[int]:
    return np.column_stack([pool[picked[:, 0]], picked[:, 1]]).ravel().tolist()
