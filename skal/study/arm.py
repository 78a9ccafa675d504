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
from skal.data import take
from skal.loop import rounds
from skal.study.metrics import WithAllClasses
from skal.study.oracles import OracleMaker, oracle_of_trial
from skal.study.store import Row, StudyError, write_from_worker


@dataclass(frozen=True)
class Arm:
    """What an arm needs, and how far it has come.

    Attributes
    ----------
    strategy_name, strategy : str, callable
        By which rows are picked.
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
    strategy: Callable[..., Any] = field(repr=False)
    trial: int
    pool: NDArray[np.intp] = field(repr=False)
    test: NDArray[np.intp] = field(repr=False)
    initial: NDArray[np.intp] = field(repr=False)
    seed: int
    done: tuple[Row, ...] = ()
    noise_seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """What all arms share: data, task model, labels a round, rounds, metrics, test data of their own, annotator."""

    X: Any = field(repr=False)
    y: NDArray[Any] = field(repr=False)
    classes: NDArray[Any]
    estimator: Any
    n_instances: int
    n_rounds: int
    metrics: Mapping[str, Callable[..., float]]
    test: tuple[Any, Any] | None = field(default=None, repr=False)
    oracle: OracleMaker = None

    def __sizeof__(self) -> int:
        """Bytes with the data: Dask sends what is large to a worker once, not again with every arm."""
        parts = (self.X, self.y, *(self.test or ()))
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
    number = max(len(arm.done) - 1, 0)
    labeled = np.concatenate([row.picked for row in arm.done]) if arm.done else arm.initial
    budget = len(arm.initial) + recipe.n_rounds * recipe.n_instances
    if len(arm.done) == recipe.n_rounds + 1:
        return
    X_test, y_test = recipe.test or (take(recipe.X, arm.test), recipe.y[arm.test])
    versions = package_versions()
    loop = rounds(
        recipe.estimator,
        recipe.X,
        oracle_of_trial(recipe.oracle, recipe.y, arm.pool, arm.initial, recipe.classes, arm.noise_seed),
        arm.strategy,
        labeled.astype(np.intp),
        recipe.n_instances,
        budget,
        arm.seed,
        candidates=arm.pool,
        number=number,
    )
    for round_ in loop:
        if round_.number < len(arm.done):
            continue  # the last round before the stop, fitted again
        learner = WithAllClasses.where_needed(round_.learner, recipe.classes)
        values = {name: float(metric(learner, X_test, y_test)) for name, metric in recipe.metrics.items()}
        bad = {name: value for name, value in values.items() if not np.isfinite(value)}
        if bad:
            raise StudyError(
                f"{arm.strategy_name}, trial {arm.trial}, round {round_.number}: metrics must be finite, got {bad}. "
                "Rows written before are intact."
            )
        yield Row(
            strategy=arm.strategy_name,
            trial=arm.trial,
            round=round_.number,
            n_labels=len(round_.labeled),
            cost=float(len(round_.labeled)),
            metrics=values,
            fit_seconds=round_.fit_seconds,
            query_seconds=round_.query_seconds,
            picked=round_.picked.tolist(),
            picked_classes=[int((recipe.y[round_.picked] == label).sum()) for label in recipe.classes],
            versions=versions,
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
