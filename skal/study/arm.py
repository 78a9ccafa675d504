"""One arm of a comparison: one strategy in one trial, round by round."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import skal
from skal.annotation import Budget, Cost
from skal.data import take
from skal.metrics import measure, measured_model
from skal.study.arm_loops import steps_of_regions, steps_of_rows
from skal.study.oracles import OracleMaker
from skal.study.pictures import round_picture
from skal.study.region_sampling import RegionSampling
from skal.study.store import Row, StudyError, write_from_worker
from skal.targets import Targets


@dataclass(frozen=True)
class Arm:
    """What an arm needs, and how far it has come.

    Attributes
    ----------
    strategy_name, strategy : str, callable or RegionSampling
        By which rows, or regions of images, are picked.
    trial : int
        Number of the repetition.
    pool, test, initial : ndarray of intp
        Dataset indices that may be labelled, that are tested on, and that are labelled first.
    seed : int
        Of the loop.
    done : tuple of Row
        Rounds that were run before, from the first on.
    noise_seed : int
        Of the annotator's mistakes: one a trial, for all strategies.
    """

    strategy_name: str
    strategy: Callable[..., Any] | RegionSampling = field(repr=False)
    trial: int
    pool: NDArray[np.intp] = field(repr=False)
    test: NDArray[np.intp] = field(repr=False)
    initial: NDArray[np.intp] = field(repr=False)
    seed: int
    done: tuple[Row, ...] = ()
    noise_seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """What all arms share: data, task model, labels a round, rounds, metrics, test data of their own, annotator.

    With a price, a label costs that much; with a budget beside it, a round buys what the budget pays for.
    The task model of a trial, where it knows that trial's pool before the first label, is in `pretrained`.
    """

    X: Any = field(repr=False)
    targets: Targets = field(repr=False)
    estimator: Any
    n_instances: int
    n_rounds: int
    metrics: Mapping[str, Callable[..., float]]
    test: tuple[Any, Any] | None = field(default=None, repr=False)
    oracle: OracleMaker = None
    price: Cost | None = None
    budget: Budget | None = None
    pretrained: Mapping[int, Any] = field(default_factory=dict, repr=False)

    def model_of(self, trial: int) -> Any:
        """Task model of a trial, unfitted."""
        return self.pretrained.get(trial, self.estimator)

    def __sizeof__(self) -> int:
        """Bytes with the data: Dask sends what is large to a worker once, not again with every arm."""
        parts = (self.X, self.targets.y, *(self.test or ()))
        return object.__sizeof__(self) + sum(int(getattr(x, "nbytes", 0)) or sys.getsizeof(x) for x in parts)


def run_arm(arm: Arm, recipe: Recipe, path: Path | None = None, study_id: str = "") -> list[Row]:
    """Run what is left of an arm, in this process or a worker's.

    Parameters
    ----------
    arm : Arm
        Which.
    recipe : Recipe
        With what.
    path : Path or None, default=None
        Of the store, if rows are to be committed from here as they come.
    study_id : str, default=""
        Of the study that the store must hold.

    Returns
    -------
    list of Row
        The new rounds.
    """
    rows = []
    for row in rounds_of_arm(arm, recipe):
        if path is not None:
            write_from_worker(path, study_id, row)
        rows.append(row)
    return rows


def rounds_of_arm(arm: Arm, recipe: Recipe) -> Iterator[Row]:
    """Yield the rounds of an arm that are not done yet.

    A loop that was stopped goes on from its last round: that model is fitted again, with the same seed and
    the same rows, so the picks are those of a loop that was never stopped.
    """
    if len(arm.done) == recipe.n_rounds + 1:
        return
    targets = recipe.targets
    X_test, y_test = recipe.test or (take(recipe.X, arm.test), targets.y[arm.test])
    versions = package_versions()
    if isinstance(arm.strategy, RegionSampling):
        steps = steps_of_regions(arm, recipe, arm.strategy, targets)
    else:
        steps = steps_of_rows(arm, recipe)
    for step in steps:
        if step.number < len(arm.done):
            continue  # fitted again, on the way to what is not done
        values = measure(recipe.metrics, measured_model(step.learner, targets), X_test, y_test)
        bad = {name: value for name, value in values.items() if not np.isfinite(value)}
        if bad:
            raise StudyError(
                f"{arm.strategy_name}, trial {arm.trial}, round {step.number}: metrics must be finite, got {bad}. "
                "Rows written before are intact."
            )
        seen = arm.trial == 0 and targets.kind.reading == "pixels"
        yield Row(
            strategy=arm.strategy_name,
            trial=arm.trial,
            round=step.number,
            n_labels=step.n_labels,
            cost=step.cost,
            metrics=values,
            fit_seconds=step.fit_seconds,
            query_seconds=step.query_seconds,
            picked=step.picked,
            picked_classes=step.counts,
            versions=versions,
            picture=round_picture(step.learner, targets.classes, X_test, y_test, step.X_picked, step.y_picked)
            if seen
            else None,
        )


def package_versions() -> dict[str, str]:
    """Versions of what a result may depend on; a package that is not installed is left out."""
    found = {"skal": skal.__version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "scikit-learn", "skorch", "torch"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
