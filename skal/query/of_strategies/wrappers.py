"""Strategies around strategies: in a random part of the pool, or class by class."""

from __future__ import annotations

import functools
import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import RowView, n_rows, to_numpy
from skal.outputs import proba, task_model
from skal.query.door.calling import AnyStrategy, info, select, unwrapped
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.ranges import whole


def subsample(strategy: AnyStrategy, m: int) -> functools.partial[Any]:
    """Make a strategy that scores and selects only in a random part of the pool.

    Parameters
    ----------
    strategy : callable
        Any strategy, or a partial of one with options.
    m : int
        Rows drawn anew at each query, at least 1; never fewer than are asked for.

    Returns
    -------
    functools.partial
        A query strategy; it pickles, and can itself be wrapped.

    Examples
    --------
    >>> from skal.query import core_set
    >>> quick = subsample(core_set, 10_000)
    """
    info(strategy)
    if isinstance(m, (bool, np.bool_)) or not isinstance(m, numbers.Integral) or m < 1:
        raise ValueError(f"subsample: m must be an int >= 1, got {m!r}.")
    return functools.partial(subsampled_query, part=strategy, m=int(m))


@query_strategy(ranges={"m": whole()})
def subsampled_query(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    part: AnyStrategy,
    m: int,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick by a strategy in a random part of the pool; made by `subsample`.

    Parameters
    ----------
    {common}
    part : callable
        The strategy.
    m : int
        Rows drawn; never fewer than `n_instances`.

    Returns
    -------
    {picks}

    Notes
    -----
    The cost of the strategy on m rows. Alike rows stand further apart in a part of the pool, so that scores
    which ignore the batch repeat themselves less. Where a message names a row of the pool, it is that of the part.

    References
    ----------
    .. [1] Yoo & Kweon, "Learning loss for active learning", CVPR 2019, section 4.1.
    """
    drawn = random_state.permutation(n_rows(X_pool))[: max(m, n_instances)]
    rows = np.sort(drawn)
    X_part = X_pool if len(rows) == n_rows(X_pool) else RowView(X_pool, rows)
    picks, scores = select(
        part, learner, X_part, n_instances, random_state=random_state, random_tie_break=random_tie_break
    )
    return rows[picks], _a_score_each(scores, picks)


def class_balanced_sampling(strategy: AnyStrategy) -> functools.partial[Any]:
    """Make a strategy that picks by another one within each predicted class, most for the classes of fewest labels.

    Parameters
    ----------
    strategy : callable
        Any strategy, or a partial of one with options.

    Returns
    -------
    functools.partial
        A query strategy; it pickles, and can itself be wrapped.

    Examples
    --------
    >>> from skal.query import margin_sampling
    >>> balanced = class_balanced_sampling(margin_sampling)
    """
    info(strategy)
    return functools.partial(class_balanced_query, part=strategy)


@query_strategy(reads=("proba",))
def class_balanced_query(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    part: AnyStrategy,
    X_labeled: Any = None,
    y_labeled: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick by a strategy within predicted classes, as if to label all equally; made by `class_balanced_sampling`.

    Parameters
    ----------
    {common}
    part : callable
        The strategy, asked once for each class among the rows that are predicted to be of it.

    Returns
    -------
    {picks}

    Notes
    -----
    Each pick goes to the class that has the fewest labels and picks so far, as long as there are rows that are
    predicted to be of it: the numbers of the classes become as equal as predictions allow. This is the aim of the
    paper, which balances by probabilities in an integer program that also knows the strategy's scores; here the
    most likely class stands for them, and the strategy may be any. One pass of the model over the pool, and the
    cost of the strategy. Scores are minus the labels and picks that the class has when it is its turn.

    References
    ----------
    .. [1] Bengar et al., "Class-balanced active learning for image classification", WACV 2022, section 3.
    """
    predicted = proba(learner, X_pool, then=_most_likely)
    counts = _label_counts(learner, y_labeled, int(predicted.max()) + 1)
    rows_of = {c: np.flatnonzero(predicted == c) for c in np.unique(predicted)}
    order, scores = _in_turn(counts, {c: len(rows) for c, rows in rows_of.items()}, n_instances, random_state)
    options = labeled_options(part, X_labeled, y_labeled)
    options |= {"random_state": random_state, "random_tie_break": random_tie_break}
    picks = np.empty(n_instances, dtype=np.intp)
    for c in np.unique(order):
        mine = order == c
        chosen, _ = select(part, learner, RowView(X_pool, rows_of[c]), int(mine.sum()), **options)
        picks[mine] = rows_of[c][chosen]
    return picks, scores


def labeled_options(part: AnyStrategy, X_labeled: Any, y_labeled: Any) -> dict[str, Any]:
    """The labelled data that the part takes and has not got already."""
    given = unwrapped(part, {})[1]
    known = {"X_labeled": X_labeled, "y_labeled": y_labeled}
    return {name: value for name, value in known.items() if name in info(part).options and name not in given}


def _most_likely(P: NDArray[Any]) -> NDArray[Any]:
    return one_a_row(P).argmax(axis=1)


def _label_counts(learner: Any, y_labeled: Any, n_classes: int) -> NDArray[np.intp]:
    """Labels of each column of the probabilities; a model that names no classes has 0, 1, 2, ..."""
    classes = getattr(task_model(learner), "classes_", None)
    classes = np.arange(n_classes) if classes is None else np.asarray(classes)
    labels = to_numpy(y_labeled)
    return np.array([int((labels == label).sum()) for label in classes], dtype=np.intp)


def _in_turn(
    counts: NDArray[np.intp], available: dict[int, int], n: int, rng: np.random.RandomState
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Class of each of n picks, always the one with the fewest labels so far; and minus their number."""
    ranks = rng.permutation(len(counts))
    counts, left = counts.copy(), dict(available)
    order, scores = np.empty(n, dtype=np.intp), np.empty(n)
    for position in range(n):
        c = min((c for c in left if left[c]), key=lambda c: (counts[c], ranks[c]))
        order[position], scores[position] = c, -counts[c]
        counts[c] += 1
        left[c] -= 1
    return order, scores


def _a_score_each(scores: NDArray[Any], picks: NDArray[np.intp]) -> NDArray[Any]:
    """The scores, or zeros where a strategy of another house gives none."""
    return scores if np.shape(scores) == np.shape(picks) else np.zeros(len(picks))
