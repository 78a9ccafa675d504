"""The contract of a query strategy, held once for all of them.

A strategy is written as a plain body: read from the learner, score, select. The decorators put the door in
front of it: the signature, every cheap check before any scoring, labelled data, the cold start of an
unfitted learner, the check of the picks, and the form in which the caller wants them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.compat import warn_of_broken_modal
from skal.data import n_rows, take
from skal.outputs import (
    InvalidOutput,
    MissingOutput,
    UnfittedLearner,
    given_vectors,
    is_fitted,
    labeled_data,
    watching,
)
from skal.query._access import Strategy, StrategyInfo, name_of
from skal.query._checks import (
    DOOR,
    Pair,
    StrategyError,
    check_door,
    check_options,
    checked_generator,
    checked_picks,
    row_scores,
)
from skal.query._docs import complete
from skal.query._ranges import Range, check_ranges
from skal.selection import top_k
from skal.warning import warn

_LABELED = ("X_labeled", "y_labeled")


def query_strategy(
    body: Strategy | None = None, *, reads: tuple[str, ...] = (), ranges: Mapping[str, Range] | None = None
) -> Any:
    """Turn a body that selects into a query strategy.

    Parameters
    ----------
    body : callable
        ``body(learner, X_pool, n_instances, *, ...)`` returning ``(indices, scores)``, best first. Of
        ``random_state`` (a RandomState), ``random_tie_break``, ``X_labeled`` and ``y_labeled`` it gets those
        that it names; every other keyword is an option of the strategy.
    reads : tuple of str, default=()
        What it reads from the model: "proba", "committee", "embedding", "multilabel", "sampled_proba",
        "predicted_loss", "boundary", "discriminator_score".
    ranges : dict of str to Range, default=None
        Which values the numeric options may have, such as ``{"n_neighbors": skal.query.ranges.whole(1)}``: any other
        is refused before anything is read. None passes where it is an option's default.

    Returns
    -------
    callable
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
    if body is None:
        return functools.partial(query_strategy, reads=reads, ranges=ranges)
    return _decorate(body, body, None, reads, ranges or {}, False)


def score_strategy(
    body: Strategy | None = None,
    *,
    reads: tuple[str, ...] = (),
    ranges: Mapping[str, Range] | None = None,
    takes_decisions: bool = False,
) -> Any:
    """Turn a body that scores into a query strategy that picks the highest scores.

    Parameters
    ----------
    body : callable
        ``body(learner, X_pool, *, ...)`` returning one finite score a row, higher = ask first. It may
        name ``random_state``, ``X_labeled`` and ``y_labeled`` as in `query_strategy`.
    reads : tuple of str, default=()
        What it reads from the model: "proba", "committee", "embedding", "multilabel", "sampled_proba",
        "predicted_loss", "boundary", "discriminator_score".
    ranges : dict of str to Range, default=None
        As in `query_strategy`.
    takes_decisions : bool, default=False
        Whether the body reads `skal.outputs.decision_values` where a model has no probabilities.

    Returns
    -------
    callable
        A query strategy whose scores of a whole pool are there for `pool_scores` and `combine`.

    Examples
    --------
    >>> from skal.outputs import proba
    >>> from skal.scores import margin
    >>> @score_strategy(reads=("proba",))
    ... def closest_call(learner, X_pool):
    ...     return proba(learner, X_pool, then=margin)
    """
    if body is None:
        return functools.partial(score_strategy, reads=reads, ranges=ranges, takes_decisions=takes_decisions)

    def select(
        learner: Any, X_pool: Any, n_instances: int, *, random_state: Any, random_tie_break: bool, **options: Any
    ) -> Pair:
        if "random_state" in inspect.signature(body).parameters:
            options["random_state"] = random_state
        scores = row_scores(body(learner, X_pool, **options), n_rows(X_pool), name_of(body))
        return top_k(scores, n_instances, random_state, random_tie_break=random_tie_break)

    return _decorate(body, select, body, reads, ranges or {}, takes_decisions)


def _decorate(
    body: Strategy,
    selecting: Strategy,
    scoring: Strategy | None,
    reads: tuple[str, ...],
    ranges: Mapping[str, Range],
    takes_decisions: bool,
) -> Strategy:
    """Put the door in front of `selecting`; `body` gives the name, the options and the documentation."""
    name = name_of(body)
    parameters = inspect.signature(body).parameters
    own = [p for p in list(parameters.values())[2:] if p.name not in DOOR]
    if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in own):
        raise TypeError(f"{name}: a strategy names each of its options, so that a misspelt one is an error.")
    options = tuple(p.name for p in own)
    if stray := set(ranges) - set(options):
        raise TypeError(f"{name}: ranges must be of its options {list(options)}, got {sorted(stray)}.")
    to_body = inspect.signature(selecting).parameters

    def enter(learner: Any, X_pool: Any, n_instances: Any, tie_break: Any, random_state: Any, given: dict) -> dict:
        check_options(name, given, own)
        check_ranges(name, given, ranges, own)
        check_door(name, n_rows(X_pool), n_instances, tie_break)
        warn_of_broken_modal(learner)
        given = {**given, **_labeled(name, learner, X_pool, options, given)}
        if "embedding" in given:
            given["embedding"] = _embedding(name, given["embedding"], X_pool, given.get("X_labeled"))
        for key, value in (("random_state", checked_generator(name, random_state)), ("random_tie_break", tie_break)):
            if key in to_body:
                given[key] = value
        return given

    def select(
        learner: Any,
        X_pool: Any,
        n_instances: int = 1,
        random_tie_break: bool = True,
        *,
        random_state: Any = None,
        **given: Any,
    ) -> Pair:
        arguments = enter(learner, X_pool, n_instances, random_tie_break, random_state, given)
        n_pool = n_rows(X_pool)
        try:
            with watching(learner, X_pool) as watch:
                result = selecting(learner, X_pool, int(n_instances), **arguments)
            if watch is not None and watch.alike and n_instances < n_pool:
                _warn_of_equals(name, n_pool)
        except UnfittedLearner as error:
            warn(f"{name}: {error} The picks are drawn at random (cold start).")
            start = top_k(np.zeros(n_pool), int(n_instances), checked_generator(name, random_state))
            result = start
        except (MissingOutput, InvalidOutput) as error:
            raise type(error)(f"{name}: {error}") from error
        if not (isinstance(result, tuple) and len(result) == 2):
            raise StrategyError(f"{name}: the body must return (indices, scores), got {type(result).__name__}.")
        indices, scores = checked_picks((np.asarray(result[0]), result[1]), n_pool, int(n_instances), name)
        return indices, row_scores(scores, int(n_instances), name)

    def score_pool(learner: Any, X_pool: Any, *, random_state: Any = None, **given: Any) -> NDArray[Any]:
        arguments = enter(learner, X_pool, 1, True, random_state, given)
        wanted = {key: value for key, value in arguments.items() if key in parameters}
        return row_scores(scoring(learner, X_pool, **wanted), n_rows(X_pool), name)  # type: ignore[misc]

    @functools.wraps(body)
    def strategy(
        learner: Any,
        X_pool: Any,
        n_instances: int = 1,
        random_tie_break: bool = True,
        *,
        random_state: Any = None,
        **given: Any,
    ) -> Any:
        pair = select(learner, X_pool, n_instances, random_tie_break, random_state=random_state, **given)
        return pair if _wants_pair(type(learner)) else pair[0]  # type: ignore[arg-type]

    door = list(inspect.signature(strategy, follow_wrapped=False).parameters.values())[:-1]
    keyword_only = [p.replace(kind=p.KEYWORD_ONLY) for p in own]
    strategy.__signature__ = inspect.Signature([*door, *keyword_only])  # type: ignore[attr-defined]
    strategy.__doc__ = complete(body.__doc__, options)
    extra = ("labels",) if set(options) & set(_LABELED) else ()
    summary = strategy.__doc__.partition("\n")[0]
    strategy.info = StrategyInfo(  # type: ignore[attr-defined]
        name,
        summary,
        (*reads, *extra),
        options,
        {option: range_.words for option, range_ in ranges.items()},
        takes_decisions,
    )
    strategy.select = select  # type: ignore[attr-defined]
    strategy.score_pool = None if scoring is None else score_pool  # type: ignore[attr-defined]
    return strategy


@functools.cache
def _wants_pair(learner_class: Any) -> bool:
    """Skal's learners and modAL's from 0.4.2 unpack ``indices, metrics``; all others want the indices alone.

    On a bare array modAL 0.4.2 runs the strategy twice, and with two picks loses one of them.
    """
    query = getattr(learner_class, "query", None)
    try:
        return query is not None and "return_metrics" in inspect.signature(query).parameters
    except (TypeError, ValueError):
        return False


def _warn_of_equals(name: str, n_pool: int) -> None:
    warn(
        f"{name}: the model gives the same probabilities to all {n_pool} rows of the pool, so they say nothing of "
        "which to label, and picks by them are random. If the rows differ, the model has learned nothing from the "
        "labels: trees may want more rows in a leaf than there are (lower min_child_samples or min_samples_leaf), or "
        "label random rows first."
    )


def _embedding(name: str, source: Any, X_pool: Any, X_labeled: Any) -> Any:
    try:
        return given_vectors(source, X_pool, X_labeled)
    except (MissingOutput, InvalidOutput) as error:
        raise type(error)(f"{name}: {error}") from error


def _labeled(name: str, learner: Any, X_pool: Any, options: tuple[str, ...], given: dict[str, Any]) -> dict[str, Any]:
    """Find the labelled data that the strategy names, unless they are given."""
    wanted = [key for key in _LABELED if key in options and given.get(key) is None]
    if not wanted:
        return {}
    X_labeled, y_labeled = labeled_data(learner)
    if X_labeled is None:
        if is_fitted(learner):
            raise MissingOutput(
                f"{name} needs the labelled data, and {type(learner).__name__} does not hold any. Pass "
                f"{' and '.join(f'{key}=' for key in wanted)}, or an ActiveLearner that was given X_training and "
                "y_training."
            )
        X_labeled, y_labeled = take(X_pool, []), np.empty(0)  # nothing was ever taught
    found = {"X_labeled": X_labeled, "y_labeled": y_labeled}
    return {key: found[key] for key in wanted}
