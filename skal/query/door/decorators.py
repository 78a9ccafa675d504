"""How a body becomes a strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

from skal.query.door.strategy import ScoreStrategy, Strategy
from skal.query.ranges import Range


@overload
def query_strategy(body: Callable[..., Any]) -> Strategy: ...
@overload
def query_strategy(
    *, reads: tuple[str, ...] = (), ranges: Mapping[str, Range] | None = None
) -> Callable[[Callable[..., Any]], Strategy]: ...
def query_strategy(
    body: Callable[..., Any] | None = None,
    *,
    reads: tuple[str, ...] = (),
    ranges: Mapping[str, Range] | None = None,
) -> Strategy | Callable[[Callable[..., Any]], Strategy]:
    """Turn a body that selects into a query strategy.

    Parameters
    ----------
    body : callable
        ``body(learner, X_pool, n_instances, *, ...)`` returning ``(indices, scores)``, best first. Of
        ``random_state`` (a RandomState), ``random_tie_break``, ``X_labeled`` and ``y_labeled`` it gets those
        that it names; every other keyword is an option of the strategy.
    reads : tuple of str, default=()
        What it reads from the model: "proba", "committee", "embedding", "multilabel", "sampled_proba",
        "predicted_loss", "boundary", "discriminator_score", "prediction", "std", "committee_prediction".
    ranges : dict of str to Range, default=None
        Which values the numeric options may have, such as ``{"n_neighbors": skal.query.ranges.whole(1)}``: any other
        is refused before anything is read. None passes where it is an option's default.

    Returns
    -------
    Strategy
        ``strategy(learner, X_pool, n_instances=1, random_tie_break=True, *, random_state=None, **options)``.

    See Also
    --------
    score_strategy : For a body that ends in one score a row.

    Examples
    --------
    >>> from skal.outputs import embedding
    >>> from skal.selection import k_center
    >>> @query_strategy(reads=("embedding",))
    ... def spread(learner, X_pool, n_instances, *, X_labeled=None, random_state=None):
    ...     centers = embedding(learner, X_labeled)
    ...     return k_center(embedding(learner, X_pool), n_instances, centers, random_state)
    """

    def decorate(body: Callable[..., Any]) -> Strategy:
        return Strategy(body, reads=reads, ranges=ranges)

    return decorate if body is None else decorate(body)


@overload
def score_strategy(body: Callable[..., Any]) -> ScoreStrategy: ...
@overload
def score_strategy(
    *, reads: tuple[str, ...] = (), ranges: Mapping[str, Range] | None = None, takes_decisions: bool = False
) -> Callable[[Callable[..., Any]], ScoreStrategy]: ...
def score_strategy(
    body: Callable[..., Any] | None = None,
    *,
    reads: tuple[str, ...] = (),
    ranges: Mapping[str, Range] | None = None,
    takes_decisions: bool = False,
) -> ScoreStrategy | Callable[[Callable[..., Any]], ScoreStrategy]:
    """Turn a body that scores into a query strategy that picks the highest scores.

    Parameters
    ----------
    body : callable
        ``body(learner, X_pool, *, ...)`` returning one finite score a row, higher = ask first. It may
        name ``random_state``, ``X_labeled`` and ``y_labeled`` as in `query_strategy`.
    reads : tuple of str, default=()
        What it reads from the model: "proba", "committee", "embedding", "multilabel", "sampled_proba",
        "predicted_loss", "boundary", "discriminator_score", "prediction", "std", "committee_prediction".
    ranges : dict of str to Range, default=None
        As in `query_strategy`.
    takes_decisions : bool, default=False
        Whether the body reads `skal.outputs.decision_values` where a model has no probabilities.

    Returns
    -------
    Strategy
        One whose scores of a whole pool are there for `pool_scores` and `combine`.

    Examples
    --------
    >>> from skal.outputs import proba
    >>> from skal.scores import margin
    >>> @score_strategy(reads=("proba",))
    ... def closest_call(learner, X_pool):
    ...     return proba(learner, X_pool, then=margin)
    """

    def decorate(body: Callable[..., Any]) -> ScoreStrategy:
        return ScoreStrategy(body, reads=reads, ranges=ranges, takes_decisions=takes_decisions)

    return decorate if body is None else decorate(body)
