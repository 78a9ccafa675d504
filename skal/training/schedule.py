"""How the learning rate falls over a training that is counted in steps."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["SCHEDULES", "Schedule", "rate_at"]

SCHEDULES = ("one_cycle", "poly")
_POWER = 0.9  # Chen et al., "DeepLab", TPAMI 2018, section 4.1
_RISE = 0.2  # share of the steps


def rate_at(schedule: str | None, share: float) -> float:
    """Return the factor of the learning rate after a share of the training.

    Parameters
    ----------
    schedule : {"poly", "one_cycle"} or None
        "poly": ``(1 - share)**0.9``. "one_cycle": up over the first fifth, down along a cosine. None: 1.
    share : float
        Of the steps that are done, in [0, 1).
    """
    if schedule is None:
        return 1.0
    if schedule == "poly":
        return float((1.0 - share) ** _POWER)
    if share < _RISE:
        return 0.1 + 0.9 * share / _RISE
    return 0.5 * (1.0 + math.cos(math.pi * (share - _RISE) / (1.0 - _RISE)))


class Schedule:
    """Learning rates of optimizers over so many steps: each falls from what its groups have at the first of them.

    Parameters
    ----------
    name : {"poly", "one_cycle"} or None
        See `rate_at`.
    n_steps : int, default=0
        Steps of the training; 0: to be set before the first of them.
    """

    def __init__(self, name: str | None, n_steps: int = 0) -> None:
        self.name = name
        self.n_steps = n_steps
        self.n_done = 0
        self._rates: list[list[float]] = []

    def step(self, *optimizers: Any) -> None:
        """Set the rates of the step that is to be taken now."""
        if self.name is None:
            return
        if not self._rates:
            self._rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
        factor = rate_at(self.name, min(self.n_done / self.n_steps, 1.0))
        self._set(optimizers, factor)
        self.n_done += 1

    def end(self, *optimizers: Any) -> None:
        """Put the rates back, for a training that goes on later."""
        if self._rates:
            self._set(optimizers, 1.0)

    def _set(self, optimizers: tuple[Any, ...], factor: float) -> None:
        for optimizer, rates in zip(optimizers, self._rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor
