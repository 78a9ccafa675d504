"""Everything that is asked of a study beside its data, task model, strategies and recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from skal.annotation import Cost
from skal.loop import Initial

__all__ = ["Asked", "Policy", "Progress", "Strategies", "asked_of", "read_trials"]

Progress = Callable[[str, int, int], None]
Policy = Literal["stop_before", "overshoot"]
Strategies = Iterable[str | Callable[..., Any]] | Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Asked:
    """Settings of `skal.compare`, which documents them."""

    n_initial: int = 20
    n_instances: int = 20
    n_rounds: int = 8
    n_trials: int = 5
    trials: str | Sequence[int] | None = None
    initial: Initial = "random"
    initial_left_out: int = 0
    oracle: str | Mapping[str, Any] | Callable[..., Any] | None = None
    test_size: float = 0.25
    test: tuple[Any, Any] | None = field(default=None, repr=False)
    missing_label: Any = "auto"
    n_unlabeled: int = 0
    scoring: Any = None
    random_state: int | None = 0
    out: str | Path | None = None
    n_jobs: int | None = None
    progress: Progress | None = None
    data: str = "arrays"
    estimator_name: str | None = None
    follows: Mapping[str, Any] | None = None
    cost: str | Mapping[str, Any] | Cost | None = None
    round_budget: float | None = None
    budget_policy: Policy = "stop_before"
    class_names: Sequence[str] | None = None
    predictions: bool = True

    @property
    def trial_numbers(self) -> tuple[int, ...]:
        """Trials to run, counted from 0."""
        if self.trials is None:
            return tuple(range(self.n_trials))
        return read_trials(self.trials)


def asked_of(given: Mapping[str, Any]) -> Asked:
    """Make it of the arguments of a call; the old name of the seed stands for `random_state`.

    Parameters
    ----------
    given : dict
        Arguments by name; those that are not settings are left out.
    """
    names = {one.name for one in fields(Asked)}
    settings = {name: value for name, value in given.items() if name in names}
    if given.get("seed") is not None:
        settings["random_state"] = given["seed"]
    return Asked(**settings)


def read_trials(said: str | Sequence[int]) -> tuple[int, ...]:
    """Read numbers of trials, which people count from 1.

    Parameters
    ----------
    said : str or sequence of int
        ``"3-5"``, ``"1,4-6"``, or ``[3, 4, 5]``.

    Returns
    -------
    tuple of int
        Counted from 0, rising.

    Raises
    ------
    ValueError
        If there is no such number.
    """
    try:
        if isinstance(said, str):
            parts = [part.partition("-") for part in said.split(",")]
            numbers = [n for low, dash, high in parts for n in range(int(low), int(high if dash else low) + 1)]
        else:
            numbers = [int(number) for number in said]
    except (TypeError, ValueError):
        numbers = []
    if not numbers or min(numbers) < 1:
        raise ValueError(f"trials must be numbers from 1 on, such as 3-5 or 1,4-6, got {said!r}.")
    return tuple(sorted({number - 1 for number in numbers}))
