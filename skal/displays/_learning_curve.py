"""Learning curves of a query strategy by cross-validation: numbers, no drawing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state

from skal.data import n_rows, take
from skal.loop import Initial, initial_pool, rounds
from skal.query import as_strategy, uncertainty_sampling
from skal.targets import kind_of

Floats = NDArray[np.floating[Any]]


def active_learning_curve(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    query_strategy: str | Callable[..., Any] = uncertainty_sampling,
    groups: Any = None,
    cv: Any = 5,
    n_initial: int = 10,
    n_instances: int = 10,
    budget: int = 100,
    initial: Initial = "random",
    scoring: Any = "accuracy",
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Score a model against the number of labels that a query strategy has asked for.

    As `sklearn.model_selection.learning_curve`, with rows chosen by the strategy instead of drawn: in every
    fold the training rows are the pool, and the loop of `skal.loop.rounds` runs on them.

    Parameters
    ----------
    estimator : estimator
        The task model; a fresh copy is fitted every round.
    X : container of n rows
        Rows.
    y : array-like of shape (n,)
        Their labels, all known: `y` answers for the annotator.
    query_strategy : str or callable, default=uncertainty_sampling
        Name of one of skal's strategies, or any query strategy.
    groups : array-like of shape (n,), default=None
        For a splitter by groups.
    cv : int, splitter or iterable, default=5
        As in scikit-learn; an int is stratified for a classifier.
    n_initial, n_instances, budget : int, default=10, 10, 100
        Labels to start with, labels a round, labels in all.
    initial : {"random", "k_center", "vae_k_center", "stratified", "class_balanced"}, default="random"
        How the first rows are chosen; see `skal.loop.initial_pool`.
    scoring : str or callable, default="accuracy"
        A scikit-learn scorer.
    random_state : int, RandomState or None, default=None
        Draws the first rows, the queries and the fits of every fold. The same number gives two strategies the
        same first rows and seeds.
    n_jobs : int, default=None
        Folds at a time.

    Returns
    -------
    n_labels : ndarray of shape (rounds,)
        Label counts.
    train_scores : ndarray of shape (rounds, folds)
        Scores on the rows labelled so far.
    test_scores : ndarray of shape (rounds, folds)
        Scores on the fold that was left out.

    Raises
    ------
    ValueError
        If the pool of a fold is smaller than the budget, or its first rows hold a single class.

    Notes
    -----
    ``folds * (budget - n_initial) / n_instances`` fits and queries. Folds share training rows, so their spread
    is no measure of what another data set would give; `skal.compare` tests differences.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> n_labels, train, test = active_learning_curve(LogisticRegression(), X, y, budget=30, random_state=0)
    >>> n_labels
    array([10, 20, 30])
    >>> test.shape
    (3, 5)
    """
    strategy = as_strategy(query_strategy) if isinstance(query_strategy, str) else query_strategy
    if not 1 <= n_initial <= budget or n_instances < 1:
        raise ValueError(
            f"active_learning_curve: n_initial must be in [1, budget] and n_instances at least 1, got "
            f"n_initial={n_initial}, n_instances={n_instances}, budget={budget}."
        )
    labels = np.asarray(y)
    scorer = check_scoring(estimator, scoring)
    splitter = check_cv(cv, labels, classifier=is_classifier(estimator))
    folds = list(splitter.split(np.zeros(n_rows(X)), labels, groups))
    smallest = min(len(train) for train, _ in folds)
    if budget > smallest:
        raise ValueError(
            f"active_learning_curve: budget must be at most {smallest}, the smallest pool, got {budget}."
        )
    seed = int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
    counts = np.unique([*range(n_initial, budget, n_instances), budget])
    found = Parallel(n_jobs)(
        delayed(_fold_scores)(
            (estimator, X, labels, strategy),
            (train, test),
            (n_initial, n_instances, budget, initial),
            scorer,
            seed,
            k,
        )
        for k, (train, test) in enumerate(folds)
    )
    train_scores, test_scores = np.moveaxis(np.array(found), 0, -1)
    return counts, train_scores, test_scores


def fold_seeds(seed: int, fold: int) -> tuple[int, int]:
    """Seeds of the first rows and of the loop of a fold."""
    words = np.random.SeedSequence(seed, spawn_key=(fold,)).generate_state(2)
    return int(words[0]), int(words[1])


def _fold_scores(
    what: tuple[Any, Any, Any, Any],
    split: tuple[Any, Any],
    sizes: tuple[int, int, int, Initial],
    scorer: Any,
    *at: int,
) -> Floats:
    """Train and test scores of one fold, of shape (2, rounds)."""
    estimator, X, y, strategy = what
    n_initial, n_instances, budget, initial = sizes
    pool, test = (np.sort(rows) for rows in split)
    initial_seed, loop_seed = fold_seeds(*at)
    kind = kind_of(y, estimator)
    first = initial_pool(X, y, n_initial, initial, initial_seed, pool, kind)
    if len(first) > n_initial:
        rule = kind.first_rule.format(n=len(first))
        raise ValueError(f"active_learning_curve: the {n_initial} first labels of a fold {rule}.")
    X_test, y_test = take(X, test), y[test]
    loop = rounds(estimator, X, y.__getitem__, strategy, first, n_instances, budget, loop_seed, candidates=pool)
    scores = [(scorer(r.learner, take(X, r.labeled), y[r.labeled]), scorer(r.learner, X_test, y_test)) for r in loop]
    return np.array(scores, dtype=np.float64).T
