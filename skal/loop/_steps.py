"""The two steps of a round: fit to the labels, ask for the next rows. Whoever answers, these are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from skal.around import of_rows
from skal.cloning import fresh, seeded_fit
from skal.data import RowView, n_rows, take
from skal.encoding import fit_labels
from skal.labels import learns_from_unlabeled, partly_labeled
from skal.learners import ActiveLearner
from skal.query import select

Rows = NDArray[np.intp]


class Labels(NamedTuple):
    """What is known at the beginning of a round.

    Attributes
    ----------
    X : container of m rows
        The labelled rows.
    rows : ndarray of intp of shape (m,)
        Their dataset indices, in the order in which their labels came.
    y : ndarray of shape (m,), or masks
        Their labels.
    """

    X: Any
    rows: Rows
    y: Any


def fit_round(
    estimator: Any,
    X: Any,
    labels: Labels,
    remaining: Rows,
    query_strategy: Any,
    random_state: int,
    number: int,
    fit_params: Mapping[str, Any] | None = None,
) -> ActiveLearner:
    """Fit a fresh copy of the task model to the labels of a round.

    Parameters
    ----------
    estimator : estimator
        The task model; it is not changed.
    X : container of n rows
        All rows.
    labels : Labels
        What is known.
    remaining : ndarray of intp
        Dataset indices that may still be asked for, rising.
    query_strategy : callable or estimator
        Of the learner.
    random_state, number : int
        Of the loop, and of the round: the fit draws from nothing else.
    fit_params : dict or None, default=None
        Passed to the fit; what has an entry for each row of `X` is cut to the rows of this fit.

    Returns
    -------
    ActiveLearner
        Fitted.
    """
    seed, _ = seeds_of(random_state, number)
    model = fresh(estimator, seed)
    with seeded_fit(model, seed):
        fitted = fitted_to(model, X, labels.X, labels.rows, labels.y, remaining, fit_params)
    return ActiveLearner.fitted(fitted, labels.X, labels.y, query_strategy)


def ask_round(
    learner: ActiveLearner, X: Any, remaining: Rows, n_instances: int, random_state: int, number: int
) -> tuple[Rows, NDArray[Any]]:
    """Ask the strategy of a fitted learner for the next rows.

    Parameters
    ----------
    learner : ActiveLearner
        Of `fit_round`.
    X : container of n rows
        All rows; never copied as a whole.
    remaining : ndarray of intp
        Dataset indices that may be asked for, rising.
    n_instances : int
        How many.
    random_state, number : int
        Of the loop, and of the round: the query draws from nothing else.

    Returns
    -------
    rows : ndarray of intp of shape (n_instances,)
        Dataset indices, best first.
    scores : ndarray
        The strategy's; empty if it gives none.
    """
    return asked(learner, X, remaining, n_instances, seeds_of(random_state, number)[1])


def asked(learner: ActiveLearner, X: Any, rows: Rows, n: int, seed: int) -> tuple[Rows, NDArray[Any]]:
    positions, scores = select(learner.query_strategy, learner, RowView(X, rows), n, random_state=seed)
    return np.asarray(rows[positions], dtype=np.intp), scores


def fitted_to(
    model: Any,
    X: Any,
    X_labeled: Any,
    labeled: NDArray[np.intp],
    y_labeled: NDArray[Any],
    remaining: NDArray[np.intp],
    fit_params: Mapping[str, Any] | None = None,
) -> Any:
    """Fit a model to the labels; one that learns from unlabelled rows too gets all that may still be asked for."""
    params = dict(fit_params or {})
    if not learns_from_unlabeled(model):
        return fit_labels(model, X_labeled, y_labeled, **of_rows(params, labeled, n_rows(X)))
    fitted = np.concatenate([labeled, remaining])
    rows: Any = RowView(X, fitted)
    if isinstance(model, Pipeline):  # its steps read arrays and frames
        rows = take(rows, slice(None))
    return model.fit(rows, partly_labeled(y_labeled, len(remaining)), **of_rows(params, fitted, n_rows(X)))


def seeds_of(random_state: int, number: int) -> tuple[int, int]:
    """Return the seeds of a round: one for the fit, one for the query.

    Parameters
    ----------
    random_state, number : int
        Of the loop, and of the round.
    """
    words = np.random.SeedSequence(random_state, spawn_key=(number,)).generate_state(2)
    return int(words[0]), int(words[1])
