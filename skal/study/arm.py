"""One arm of a study: one strategy in one trial under one training recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from skal.study.region_sampling import RegionSampling
from skal.study.rows import ArmKey, Row
from skal.study.trials import Trial

__all__ = ["Arm"]


@dataclass(frozen=True)
class Arm:
    """What an arm needs, and how far it has come.

    Attributes
    ----------
    recipe, strategy_name : str
        By which the task model is trained, and rows are picked.
    strategy : callable or RegionSampling
        Picks rows, or regions of images.
    number : int
        Of the trial, counted from 0.
    trial : Trial
        Pool, test rows, initial labels and seeds.
    stored : dict of int to Row
        Rounds that were run before.
    unmeasured : tuple of int
        Rounds of those that lack a metric, which takes a fit.
    """

    recipe: str
    strategy_name: str
    strategy: Callable[..., Any] | RegionSampling = field(repr=False)
    number: int
    trial: Trial = field(repr=False)
    stored: Mapping[int, Row] = field(default_factory=dict, repr=False)
    unmeasured: tuple[int, ...] = ()

    @property
    def key(self) -> ArmKey:
        """Recipe, strategy and trial."""
        return self.recipe, self.strategy_name, self.number

    @property
    def done(self) -> tuple[Row, ...]:
        """Rounds that were run before, from the first on, up to the first that is missing."""
        rows: list[Row] = []
        while len(rows) in self.stored:
            rows.append(self.stored[len(rows)])
        return tuple(rows)

    def up_to(self, round_: int) -> Arm:
        """The same arm as it was after a round."""
        return replace(self, stored={k: row for k, row in self.stored.items() if k <= round_}, unmeasured=())

    def lacks(self, n_rounds: int) -> bool:
        """Whether anything is left to run."""
        return bool(self.unmeasured) or any(k not in self.stored for k in range(n_rounds + 1))
