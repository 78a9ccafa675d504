"""Strategies made of the scores of others."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from skal.data import n_rows
from skal.outputs import InvalidOutput
from skal.query.door.calling import AnyStrategy, info, is_strategy, name_of, pool_scores, scores_rows
from skal.query.door.checks import row_scores
from skal.query.door.decorators import score_strategy


def combine(
    how: Literal["sum", "product"], *strategies: AnyStrategy, weights: Sequence[float] | None = None
) -> functools.partial[Any]:
    """Make a strategy of the weighted sum, or product of powers, of the scores of strategies and functions.

    Parameters
    ----------
    how : {"sum", "product"}
        ``sum(w * score)`` or ``prod(score ** w)``.
    *strategies : str or callable
        Strategies that score rows one by one, their names, or partials of them with options; or any function
        ``measure(learner, X_pool)`` that gives one number a row, higher = ask first, such as a measure of modAL.
    weights : sequence of float, default=None
        One a strategy; None: ones. Scores are not rescaled: mind their units.

    Returns
    -------
    functools.partial
        A query strategy; it pickles, and can itself be combined.

    Raises
    ------
    TypeError
        If a part is a strategy that selects rows together and so has no score a row.

    Examples
    --------
    >>> from skal.query import entropy_sampling, information_density_sampling, margin_sampling
    >>> both = combine("sum", margin_sampling, entropy_sampling, weights=(0.5, 0.5))
    >>> dense = combine("product", margin_sampling, functools.partial(information_density_sampling, beta=2.0))
    >>> small = combine("sum", margin_sampling, lambda learner, X_pool: -abs(X_pool).sum(axis=1))
    """
    if how not in ("sum", "product"):
        raise ValueError(f"combine: how must be 'sum' or 'product', got {how!r}.")
    if not strategies:
        raise ValueError("combine: at least one strategy is needed, got none.")
    parts = tuple(float(weight) for weight in (weights if weights is not None else np.ones(len(strategies))))
    if len(parts) != len(strategies):
        raise ValueError(f"combine: weights must have one number a strategy, got {len(parts)} for {len(strategies)}.")
    for strategy in strategies:
        if is_strategy(strategy) and not scores_rows(strategy):
            raise TypeError(f"combine: {info(strategy).name} selects rows together and has no score for each.")
    return functools.partial(combined_sampling, parts=strategies, how=how, weights=parts)


@score_strategy
def combined_sampling(
    learner: Any,
    X_pool: Any,
    *,
    parts: tuple[AnyStrategy, ...],
    how: Literal["sum", "product"] = "sum",
    weights: tuple[float, ...] = (),
    random_state: Any = None,
) -> Any:
    """Pick by the weighted sum or product of other strategies' scores; made by `combine`.

    Parameters
    ----------
    {common}
    parts : tuple of callables
        Strategies that score rows one by one, or functions of the learner and the pool that do.
    how : {"sum", "product"}, default="sum"
        ``sum(w * score)`` or ``prod(score ** w)``.
    weights : tuple of float, default=()
        One a part; empty: ones.

    Returns
    -------
    {picks}

    Notes
    -----
    The cost of the parts, one after another; memory O(n) beyond theirs.

    References
    ----------
    .. [1] Danka & Horvath, "modAL: a modular active learning framework for Python", 2018, section 3.
    """
    total = np.zeros(1) if how == "sum" else np.ones(1)
    for part, weight in zip(parts, weights or np.ones(len(parts)), strict=True):
        if is_strategy(part):
            score = pool_scores(part, learner, X_pool, random_state=random_state)
        else:
            score = row_scores(part(learner, X_pool), n_rows(X_pool), name_of(part))  # type: ignore[operator]
        if how == "sum":
            total = total + weight * score
        elif ((score < 0).any() and weight != int(weight)) or ((score == 0).any() and weight < 0):
            raise InvalidOutput(f"the scores of {name_of(part)} cannot be raised to the power {weight}: they reach "
                                f"{score.min():.3g}.")  # fmt: skip
        else:
            total = total * score**weight
    return total
