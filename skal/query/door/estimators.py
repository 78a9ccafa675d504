"""Estimators that query, such as VAAL and SRAAL, as query strategies."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator

from skal.around import refuse_class
from skal.cloning import fresh
from skal.data import concatenate, n_rows
from skal.outputs import UnfittedLearner, model_input
from skal.query.door.by_name import STRATEGIES
from skal.query.door.checks import checked_picks
from skal.query.door.decorators import query_strategy
from skal.targets import kind_of


def is_query_estimator(estimator: Any) -> bool:
    """Tell whether an object has ``fit`` and ``query``, as VAAL and SRAAL do, and is no learner that is taught."""
    if isinstance(estimator, type):
        return False
    has_both = callable(getattr(estimator, "fit", None)) and callable(getattr(estimator, "query", None))
    return has_both and not callable(estimator) and not hasattr(estimator, "teach")


def as_strategy(strategy: Any) -> Callable[..., Any]:
    """Make a query strategy of a name, or of an estimator with ``fit`` and ``query``.

    Parameters
    ----------
    strategy : str, estimator or callable
        A text is the name of a strategy of `skal.query`, with options as the command line writes them:
        ``"core_set:metric=cosine"``. An estimator has ``fit(X, y)``, missing labels in `y`, or
        ``fit(X_labeled, y_labeled, X_unlabeled=...)``; and
        ``query(X_pool, n_instances)`` returning positions, or positions and scores; it is given
        ``return_scores=True`` and ``random_tie_break`` if it takes them. A callable is returned as it is.

    Returns
    -------
    callable
        The strategy, or a `functools.partial` of it with the options. Of an estimator a partial of the strategy that
        `estimator_sampling` is: it pickles, and `skal.query.info` and `skal.query.select` read it.

    Raises
    ------
    ValueError
        If there is no strategy, or no option, of this name; the message has the near ones.
    TypeError
        If the object is a class, or has no ``fit`` and ``query``.

    Examples
    --------
    >>> class Nearest:
    ...     def fit(self, X, y):
    ...         self.center_ = X[~np.isnan(y)].mean(axis=0)
    ...         return self
    ...
    ...     def query(self, X_pool, n_instances):
    ...         return np.abs(X_pool - self.center_).sum(axis=1).argsort()[:n_instances]
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.arange(8.0)[:, None], np.arange(8) % 2
    >>> model = LogisticRegression().fit(X[:2], y[:2])
    >>> as_strategy(Nearest())(model, X[2:], 2, X_labeled=X[:2], y_labeled=y[:2]).tolist()
    [0, 1]
    """
    if isinstance(strategy, str):
        found: Callable[..., Any] = STRATEGIES.make(strategy)
        return found
    refuse_class(strategy, "strategy", "as_strategy")
    if callable(strategy):
        return strategy
    if not is_query_estimator(strategy):
        raise TypeError(
            f"as_strategy: an estimator with fit and query is needed, such as skal.adversarial.VAAL, a callable or a "
            f"name, got {strategy!r}."
        )
    return functools.partial(estimator_sampling, estimator=strategy)


def check_strategy(strategy: Any, who: str) -> None:
    """Raise unless a strategy can be made of what was given as the parameter ``query_strategy``.

    Parameters
    ----------
    strategy : object
        As of `as_strategy`.
    who : str
        For the message.

    Raises
    ------
    ValueError
        If there is no strategy, or no option, of this name.
    TypeError
        If it is a class, or nothing that can be asked.
    """
    refuse_class(strategy, "query_strategy", who)
    if isinstance(strategy, str):
        try:
            as_strategy(strategy)
        except ValueError as error:
            raise ValueError(f"{who}: query_strategy: {error}") from error
    elif not (callable(strategy) or is_query_estimator(strategy)):
        raise TypeError(
            f"{who}: query_strategy must be callable, or an estimator with fit and query, or a name such as "
            f"'margin_sampling', got {strategy!r}."
        )


@query_strategy(reads=("embedding",))
def estimator_sampling(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    estimator: Any,
    X_labeled: Any = None,
    y_labeled: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick the rows that an estimator asks for once it is fitted to labelled rows and pool; made by `as_strategy`.

    Parameters
    ----------
    {common}
    estimator : estimator
        With ``fit`` and ``query``; a fresh copy is fitted, seeded where it has no seed. If it has a parameter
        ``estimator`` that is None, that becomes the learner's model, frozen: it is read and not fitted again.

    Returns
    -------
    {picks}

    Notes
    -----
    One training a query, and what the estimator's ``query`` costs. Rows come as the learner's model sees them,
    behind the transform steps of a Pipeline; labelled rows and pool are put side by side in memory unless the
    estimator's ``fit`` takes ``X_unlabeled``. Scores are those of ``query``, else of ``score_samples``, else 0.

    References
    ----------
    .. [1] Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, algorithm 2.
    """
    asker, X_pool = fitted_asker(estimator, learner, X_pool, X_labeled, y_labeled, random_state)
    name = f"query of {type(estimator).__name__}"
    wanted = {"return_scores": True, "random_tie_break": random_tie_break}
    known = inspect.signature(asker.query).parameters
    result = asker.query(X_pool, n_instances, **{key: value for key, value in wanted.items() if key in known})
    picks, scores = checked_picks(result, n_rows(X_pool), n_instances, name)
    if len(scores) == 0:
        scores = asker.score_samples(X_pool)[picks] if hasattr(asker, "score_samples") else np.zeros(n_instances)
    return picks, scores


def fitted_asker(
    estimator: Any, learner: Any, X_pool: Any, X_labeled: Any, y_labeled: Any, random_state: Any
) -> tuple[Any, Any]:
    """Fit a fresh copy of an estimator that queries, and return it with the pool as it is to be shown it."""
    if n_rows(X_labeled) == 0:
        raise UnfittedLearner("nothing is labelled yet.")
    X_pool, model = model_input(learner, X_pool)
    X_labeled, _ = model_input(learner, X_labeled)
    asker = fresh(estimator, random_state)
    if _lacks_task_model(asker):
        asker.set_params(estimator=FrozenEstimator(model))
    if "X_unlabeled" in inspect.signature(asker.fit).parameters:
        asker.fit(X_labeled, y_labeled, X_unlabeled=X_pool)
    else:
        asker.fit(
            concatenate(X_labeled, X_pool),
            kind_of(y_labeled).with_missing(y_labeled, n_rows(X_pool), as_numbers=True),
        )
    return asker, X_pool


def _lacks_task_model(estimator: Any) -> bool:
    params = estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}
    return "estimator" in params and params["estimator"] is None
