"""A bandit over strategies: which of them is asked is learnt from how well its rows have served."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import n_rows, row_keys, take, to_numpy
from skal.outputs import proba, task_model
from skal.query.door.calling import AnyStrategy, name_of, select, unwrapped
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row
from skal.query.nothing import random_sampling
from skal.query.of_strategies.wrappers import labeled_options
from skal.query.ranges import above, whole

Array = NDArray[np.float64]

_DEFAULT = ("random_sampling", "margin_sampling", "quire")


@query_strategy(reads=("proba",), ranges={"horizon": whole(), "p_min": above(0), "delta": above(0)})
def albl(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    strategies: Sequence[AnyStrategy] = _DEFAULT,
    horizon: int = 100,
    p_min: float | None = None,
    delta: float = 0.1,
    memory: dict[Any, Any] | None = None,
    X_labeled: Any = None,
    y_labeled: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Draw a strategy for each row, and learn from query to query which of them to draw (ALBL).

    Parameters
    ----------
    {common}
    strategies : sequence of str or callable, default=("random_sampling", "margin_sampling", "quire")
        Two or more strategies, by name or as they are; `random_sampling` stands for the uniform distribution, and
        should be there, since without it no estimate of the accuracy is unbiased.
    horizon : int, default=100
        How many labels will be asked for in all, roughly: T of the paper.
    p_min : float, default=None
        Least probability of each strategy, positive, at most one over their number; None: the paper's
        ``sqrt(log K / (K T))``.
    delta : float, default=0.1
        Chance, positive, with which the bandit's bound may fail; the smaller, the longer all are tried.
    memory : dict, default=None
        Where weights, and what was asked, are kept from query to query; None: the learner's ``query_memory``. A plain
        estimator has none: then pass the same dict to every query.

    Returns
    -------
    {picks}

    Notes
    -----
    EXP4.P over K strategies. For each pick a strategy is drawn and its best row that is left is taken; the row's
    chance q over all strategies is its score. Once labels are there, the reward of the rows asked since is the
    accuracy of the present model on all rows that this strategy asked for, each weighed by 1 / q: without bias for
    the accuracy on the pool. A strategy's weight grows by the exponential of its share in a row times reward over q.
    Within a batch the weights stay as they are; the paper asks for one row at a time.

    Rows that were handed out are known again by their content among the labelled ones. The cost of all strategies at
    each query, one pass of the model over labelled rows that were asked for, and 16 bytes a row asked for.

    References
    ----------
    .. [1] Hsu & Lin, "Active learning by learning", AAAI 2015, algorithm 1 and equation 3.
    .. [2] Beygelzimer, Langford, Li, Reyzin & Schapire, "Contextual bandit algorithms with supervised learning
       guarantees", AISTATS 2011, EXP4.P.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skal import ActiveLearner
    >>> X, y = np.arange(40.0).reshape(-1, 1), np.arange(40) // 20
    >>> learner = ActiveLearner(LogisticRegression(), albl, X[::39], y[::39], random_state=0)
    >>> for _ in range(3):
    ...     rows, _ = learner.query(X[1:39])
    ...     learner.teach(X[1:39][rows], y[1:39][rows])
    >>> (state,) = learner.query_memory.values()
    >>> len(state.answered)
    2
    """
    names = _checked(strategies, p_min)
    memory = {} if memory is None else memory
    K = len(names)
    least = min(math.sqrt(math.log(K) / (K * horizon)), 1.0 / K) if p_min is None else p_min
    state = memory.get(("albl", names)) or _State(np.zeros(K), n_rows(X_pool), (), ())
    state = _informed(state, learner, X_labeled, y_labeled, horizon, least, delta)
    weights = np.exp(state.log_weights - state.log_weights.max())
    p = (1.0 - K * least) * weights / weights.sum() + least
    rankings: list[NDArray[np.intp] | None] = []
    for part in strategies:
        options = labeled_options(part, X_labeled, y_labeled) | {
            "random_state": random_state,
            "random_tie_break": random_tie_break,
        }
        is_uniform = unwrapped(part, {})[0] is random_sampling
        rankings.append(None if is_uniform else select(part, learner, X_pool, n_instances, **options)[0])
    picks, advice = _drawn(rankings, p, n_rows(X_pool), n_instances, random_state)
    chances = advice @ p
    asked = zip(row_keys(take(X_pool, picks)), advice, chances, strict=True)
    waiting = tuple(_Asked(key, row, p, float(q)) for key, row, q in asked)
    memory["albl", names] = _State(state.log_weights, state.n_pool, state.answered, (*state.waiting, *waiting))
    return picks, chances


@dataclass(frozen=True)
class _Asked:
    """A row that was handed out: its digest, how likely each strategy was to name it, and each was to be drawn."""

    key: bytes
    advice: Array
    p: Array
    chance: float


@dataclass(frozen=True)
class _State:
    """What is remembered; never changed in place, so that the learners of earlier rounds keep theirs."""

    log_weights: Array
    n_pool: int  # rows of the pool at the first query
    answered: tuple[_Asked, ...]
    waiting: tuple[_Asked, ...]


def _informed(
    state: _State, learner: Any, X_labeled: Any, y_labeled: Any, horizon: int, least: float, delta: float
) -> _State:
    """Learn from the rows whose labels have come since."""
    if not state.waiting:
        return state
    places: dict[bytes, int] = {key: row for row, key in enumerate(row_keys(X_labeled))}
    news = tuple(one for one in state.waiting if one.key in places)
    if not news:
        return state
    answered = (*state.answered, *news)
    known = [one for one in answered if one.key in places]
    rows = np.array([places[one.key] for one in known])
    predicted = proba(learner, take(X_labeled, rows), then=one_a_row).argmax(axis=1)
    classes = getattr(task_model(learner), "classes_", None)
    labels = predicted if classes is None else np.asarray(classes)[predicted]
    right = labels == to_numpy(y_labeled)[rows]
    reward = sum(1.0 / one.chance for one, yes in zip(known, right, strict=True) if yes) / (state.n_pool * horizon)
    K = len(state.log_weights)
    confidence = math.sqrt(max(math.log(K / delta), 0.0) / (K * horizon))
    gained = sum((reward * one.advice / one.chance + confidence / one.p for one in news), np.zeros(K))
    still = tuple(one for one in state.waiting if one.key not in places)
    return _State(state.log_weights + least / 2 * gained, state.n_pool, answered, still)


def _drawn(
    rankings: Sequence[NDArray[np.intp] | None], p: Array, n: int, n_instances: int, rng: np.random.RandomState
) -> tuple[NDArray[np.intp], Array]:
    """Rows, and how likely each strategy was to name each of them when it was drawn."""
    left = np.ones(n, dtype=bool)
    picks, advice = np.empty(n_instances, dtype=np.intp), np.empty((n_instances, len(p)))
    for position in range(n_instances):
        share = 1.0 / left.sum()
        named = [None if ranking is None else next(row for row in ranking if left[row]) for ranking in rankings]
        drawn = named[rng.choice(len(p), p=p)]
        row = picks[position] = rng.choice(np.flatnonzero(left)) if drawn is None else drawn
        advice[position] = [share if one is None else float(one == row) for one in named]
        left[row] = False
    return picks, advice


def _checked(strategies: Any, p_min: float | None) -> tuple[str, ...]:
    if isinstance(strategies, str) or not isinstance(strategies, Sequence) or len(strategies) < 2:
        raise ValueError(f"albl: strategies must be two or more, in a list, got {strategies!r}.")
    names = tuple(part if isinstance(part, str) else _in_words(part) for part in strategies)
    if len(set(names)) < len(names):
        raise ValueError(f"albl: each strategy once, got {', '.join(names)}.")
    if p_min is not None and p_min > 1.0 / len(names):
        raise ValueError(
            f"albl: p_min must be at most {1.0 / len(names):.4g} for {len(names)} strategies, got {p_min}."
        )
    return names


def _in_words(part: AnyStrategy) -> str:
    options = unwrapped(part, {})[1]
    return name_of(part) + "".join(f":{key}={value!r}" for key, value in options.items())
