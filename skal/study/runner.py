"""The comparison: every strategy on the same splits, initial labels, seeds and training recipe."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import get_scorer
from sklearn.model_selection import train_test_split

from skal.data import n_rows, take
from skal.loop import initial_pool, rounds
from skal.loop._initial import Initial
from skal.outputs import is_committee
from skal.query import find_strategy, info, random_sampling
from skal.study.comparison import BASELINE, Comparison

Progress = Callable[[str, int, int], None]


def compare(
    X: Any,
    y: Any,
    estimator: Any,
    strategies: Iterable[str | Callable[..., Any]] | Mapping[str, Callable[..., Any]],
    *,
    n_initial: int = 20,
    n_instances: int = 20,
    n_rounds: int = 8,
    n_trials: int = 5,
    initial: Initial = "random",
    test_size: float = 0.25,
    scoring: str = "accuracy",
    seed: int = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Compare query strategies with random sampling, which is always added.

    In a trial all strategies share the test split, the initial labels, the seeds of every fit and query,
    and the training recipe: they differ by what they ask for, and by nothing else.

    Parameters
    ----------
    X : container of n rows
        Rows.
    y : array-like of shape (n,)
        Their labels, all known: `y` answers for the annotator.
    estimator : estimator
        The task model; a fresh copy is fitted every round.
    strategies : iterable of str or callable, or dict of str to callable
        Names of skal's strategies, strategies, or partials of them with options; a dict names them itself.
    n_initial, n_instances, n_rounds : int, default=20, 20, 8
        Labels to start with, labels a round, rounds: curves have ``n_rounds + 1`` points.
    n_trials : int, default=5
        Repetitions, each with a test split and initial labels of its own.
    initial : {"random", "k_center", "stratified"}, default="random"
        How the initial labels are chosen; see `skal.loop.initial_pool`.
    test_size : float, default=0.25
        Share of the rows that are tested on, stratified by class.
    scoring : str, default="accuracy"
        A scikit-learn scorer.
    seed : int, default=0
        Everything random is drawn from it.
    progress : callable, default=None
        ``progress(strategy, trial, round)`` after every round.

    Returns
    -------
    Comparison
        Curves, times, picks and summaries.

    Raises
    ------
    ValueError
        Before any work: all that is wrong with the strategies, or a pool that is too small.
    """
    named = _named(strategies)
    _check(named, estimator)
    y = np.asarray(y)
    scorer = get_scorer(scoring)
    trials = [_split(X, y, n_initial, initial, test_size, seed, trial) for trial in range(n_trials)]
    budget = n_initial + n_rounds * n_instances
    n_pool = len(trials[0][0])
    if budget > n_pool:
        raise ValueError(
            f"compare: n_initial + n_rounds * n_instances must be at most {n_pool}, the rows that are not "
            f"tested on, got {budget}."
        )
    shape = (n_trials, n_rounds + 1)
    scores, fit_seconds, query_seconds = ({name: np.zeros(shape) for name in named} for _ in range(3))
    picks: dict[str, list[list[NDArray[np.intp]]]] = {name: [] for name in named}
    for trial, (pool, test, first, loop_seed) in enumerate(trials):
        X_test, y_test = take(X, test), y[test]
        for name, strategy in named.items():
            picks[name].append([])
            for round_ in rounds(
                estimator, X, y.__getitem__, strategy, first, n_instances, budget, loop_seed, candidates=pool
            ):
                at = (trial, round_.number)
                scores[name][at] = scorer(round_.learner, X_test, y_test)
                fit_seconds[name][at] = round_.fit_seconds
                query_seconds[name][at] = round_.query_seconds
                picks[name][trial].append(round_.picked)
                if progress is not None:
                    progress(name, trial, round_.number)
    protocol = {
        "n_rows": n_rows(X),
        "estimator": repr(estimator),
        "strategies": {name: _described(strategy) for name, strategy in named.items()},
        "n_initial": n_initial,
        "n_instances": n_instances,
        "n_rounds": n_rounds,
        "n_trials": n_trials,
        "initial": initial,
        "test_size": test_size,
        "scoring": scoring,
        "seed": seed,
    }
    n_labels = n_initial + n_instances * np.arange(n_rounds + 1)
    return Comparison(protocol, n_labels, scores, fit_seconds, query_seconds, picks)


def _split(
    X: Any, y: NDArray[Any], n_initial: int, initial: Initial, test_size: float, seed: int, trial: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], int]:
    """Pool, test rows, initial labels and the seed of the loop of one trial."""
    words = np.random.SeedSequence(seed, spawn_key=(trial,)).generate_state(3)
    split_seed, initial_seed, loop_seed = (int(word) for word in words)
    pool, test = train_test_split(np.arange(len(y)), test_size=test_size, random_state=split_seed, stratify=y)
    pool, test = np.sort(pool), np.sort(test)
    first = initial_pool(X, y, n_initial, initial, initial_seed, candidates=pool)
    if len(first) > n_initial:
        raise ValueError(
            f"compare: the initial labels of trial {trial} hold a single class; {len(first)} random labels would be "
            "needed for a second. Raise n_initial, or use initial='stratified' (which looks at labels)."
        )
    return pool, test, first, loop_seed


def _named(strategies: Any) -> dict[str, Callable[..., Any]]:
    """Strategies by name, random sampling first; all unknown names are reported together."""
    named: dict[str, Callable[..., Any]] = {BASELINE: random_sampling}
    problems = []
    if isinstance(strategies, (str, bytes)) or callable(strategies):
        strategies = [strategies]
    items = strategies.items() if isinstance(strategies, Mapping) else ((None, s) for s in strategies)
    for name, strategy in items:
        if isinstance(strategy, str):
            try:
                strategy = find_strategy(strategy)
            except ValueError as error:
                problems.append(str(error))
                continue
        if not callable(strategy):
            problems.append(f"A strategy must be a name or a callable, got {strategy!r}.")
            continue
        named[name or _described(strategy)] = strategy
    if problems:
        raise ValueError("compare: " + " ".join(problems))
    return named


def _described(strategy: Callable[..., Any]) -> str:
    """Name of a strategy with the options of a partial."""
    if not isinstance(strategy, functools.partial):
        return getattr(strategy, "__name__", type(strategy).__name__)
    options = ", ".join(f"{key}={_described(v) if callable(v) else v}" for key, v in strategy.keywords.items())
    return f"{_described(strategy.func)}({options})"


def _check(named: Mapping[str, Callable[..., Any]], estimator: Any) -> None:
    """Refuse, before any work, what the task model cannot offer."""
    problems = []
    for name, strategy in named.items():
        try:
            reads = info(strategy).reads
        except TypeError:
            continue  # a plain function: nothing is known of it
        if "committee" in reads and not is_committee(estimator):
            problems.append(
                f"{name} needs a committee: use an ensemble such as RandomForestClassifier or BaggingClassifier."
            )
        if "multilabel" in reads:
            problems.append(f"{name} is for multilabel models, which compare does not run.")
        if "proba" in reads and not hasattr(estimator, "predict_proba"):
            problems.append(f"{name} needs predict_proba: {type(estimator).__name__} has none.")
    if problems:
        raise ValueError("compare: " + " ".join(problems))
