"""The loop that an arm runs, over rows or over regions of images, with its rounds in the rows of the study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from skal.annotation import Budget, PricedOracle, RegionOracle
from skal.data import take
from skal.loop import Round, region_rounds, rounds
from skal.study.arm import Arm
from skal.study.oracles import oracle_of_trial
from skal.study.region_sampling import RegionSampling
from skal.study.rows import StudyError
from skal.study.shared import Shared

__all__ = ["ArmLoop", "loop_of"]


class ArmLoop(Protocol):
    """The loop of an arm, from the last round that is done: that one is fitted again and comes first."""

    def rounds(self) -> Iterator[Round]:
        """Run it. Rows are those of the whole data; the first round picks the initial rows."""

    def counts(self, round_: Round) -> list[int]:
        """Return how much of each class was labelled in a round: rows or pixels."""


def loop_of(arm: Arm, shared: Shared) -> ArmLoop:
    """Return the loop of an arm, by what its strategy asks for."""
    if isinstance(arm.strategy, RegionSampling):
        return _OverRegions(arm, shared, arm.strategy)
    return _OverRows(arm, shared)


class _OverRows:
    def __init__(self, arm: Arm, shared: Shared) -> None:
        self.arm = arm
        self.shared = shared

    def rounds(self) -> Iterator[Round]:
        arm, shared, trial, targets = self.arm, self.shared, self.arm.trial, self.shared.targets
        labeled = np.concatenate([row.picked for row in arm.done]) if arm.done else trial.initial
        oracle = oracle_of_trial(
            shared.oracle, targets.y, trial.pool, trial.initial, targets.classes, trial.noise_seed
        )
        in_all = len(trial.initial) + shared.n_rounds * shared.n_instances
        return rounds(
            shared.model_of(arm.recipe, arm.number),
            shared.X,
            oracle if shared.price is None else PricedOracle(oracle, shared.price),
            cast(Any, arm.strategy),
            labeled.astype(np.intp),
            n_instances=shared.n_instances,
            n_labels=in_all if shared.budget is None else None,
            budget=shared.budget,
            random_state=trial.seed,
            candidates=trial.pool,
            number=max(len(arm.done) - 1, 0),
            n_rounds=shared.n_rounds,
            spent=arm.done[-1].cost - arm.done[0].cost if arm.done else 0.0,
        )

    def counts(self, round_: Round) -> list[int]:
        return self.shared.targets.counts(round_.picked)


class _OverRegions:
    """The loop sees the images of the pool alone: regions of test images are not cut out."""

    def __init__(self, arm: Arm, shared: Shared, strategy: RegionSampling) -> None:
        self.arm = arm
        self.shared = shared
        self.strategy = strategy
        self.X = take(shared.X, arm.trial.pool)
        self.masks = shared.targets.y[arm.trial.pool]
        self.maps = strategy.maps(self.X, self.masks)

    def rounds(self) -> Iterator[Round]:
        arm, shared, pool = self.arm, self.shared, self.arm.trial.pool
        number = -1
        loop = region_rounds(
            shared.model_of(arm.recipe, arm.number),
            self.X,
            RegionOracle(self.masks, self.maps, cost=shared.price),
            self.strategy.query(),
            _positions(pool, arm.trial.initial),  # in their order: the first model is that of the arms over rows
            shared.budget or Budget(float(shared.n_instances)),
            shared.n_rounds,
            arm.trial.seed,
            done=[_pairs_in(pool, row.picked) for row in arm.done[1:]],
        )
        for round_ in loop:
            number = round_.number
            pairs = np.column_stack([pool[round_.picked[:, 0]], round_.picked[:, 1]])
            yield replace(round_, picked=pairs if number > 0 else arm.trial.initial, labeled=pool[round_.labeled])
        if number < shared.n_rounds:
            raise StudyError(
                f"{arm.strategy_name}, trial {arm.number + 1}: every region was labelled after round {number} of "
                f"{shared.n_rounds}. Take a smaller budget, or fewer rounds."
            )

    def counts(self, round_: Round) -> list[int]:
        targets = self.shared.targets
        if round_.number == 0:
            return targets.counts(round_.picked)
        pairs = _pairs_in(self.arm.trial.pool, round_.picked.ravel().tolist())
        # One vector of pixels per region: a class is counted wherever it lies.
        return targets.counts_in([self.masks[image][self.maps[image] == region] for image, region in pairs])


def _positions(pool: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Positions of rows in the pool."""
    order = np.argsort(pool)
    return order[np.searchsorted(pool, rows, sorter=order)]


def _pairs_in(pool: NDArray[np.intp], picked: Sequence[int]) -> NDArray[np.intp]:
    """Pairs of image and region, which rows store in turns, with the positions of the images in the pool."""
    pairs = np.reshape(picked, (-1, 2)).astype(np.intp)
    return np.column_stack([_positions(pool, pairs[:, 0]), pairs[:, 1]])
