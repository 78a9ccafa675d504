"""Small learning problems on which a strategy shows whether it keeps the contract."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skal.learners import ActiveLearner, Committee
from skal.query import info

Strategy = Callable[..., Any]
MARK = 777.0  # in the last column: a row on which a `Marked` model returns what is not finite
OF_NETS = {
    "sampled_proba",
    "predicted_loss",
    "boundary",
    "discriminator_score",
}  # what a strategy may read of a net and of nothing else
OF_NUMBERS = {"prediction", "std", "committee_prediction"}  # what it may read of a regressor and of nothing else


@dataclass(frozen=True)
class Problem:
    """A pool, labelled data, and how a learner is made of them.

    Attributes
    ----------
    X_pool : ndarray of shape (n, d)
        Unlabelled rows.
    X_labeled, y_labeled : ndarray
        Labelled ones.
    make_learner : callable
        ``make_learner(X_labeled, y_labeled)`` gives a fitted learner.
    """

    X_pool: Any
    X_labeled: Any
    y_labeled: Any
    make_learner: Callable[[Any, Any], Any]
    _fitted: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    def learner(self) -> Any:
        """Return a learner fitted to the labelled data: a copy of its own for whoever asks.

        One that cannot be copied, such as one that holds a lock or an open file, is made anew.
        """
        if not self._fitted:
            self._fitted.append(self.make_learner(self.X_labeled, self.y_labeled))
        try:
            return copy.deepcopy(self._fitted[0])
        except Exception:  # whatever a model's own copying raises says nothing about the strategy
            return self.make_learner(self.X_labeled, self.y_labeled)

    def with_pool(self, X_pool: Any) -> Problem:
        """Return the same problem with another pool, and the learner that it has by now."""
        other = replace(self, X_pool=X_pool)
        other._fitted.extend(self._fitted)
        return other


class NetOutputs:
    """What a net offers beyond probabilities, made of probabilities: random passes, loss, distance, judgement."""

    predict_proba: Callable[[Any], Any]

    def sampled_proba(self, X: Any, n_samples: int = 10, random_state: int | None = None) -> Any:
        """Passes in which every class's log-probability is shifted by a draw that all rows share."""
        P = np.asarray(self.predict_proba(X))
        shape = (n_samples, 1, P.shape[1], *(1 for _ in P.shape[2:]))
        shifts = np.random.RandomState(random_state).normal(size=shape)
        with np.errstate(invalid="ignore"):
            logits = shifts + np.log(np.clip(P, 1e-12, None))  # (T, n, C, ...)
            powers = np.exp(logits - logits.max(axis=2, keepdims=True))
            return powers / powers.sum(axis=2, keepdims=True)

    def predict_loss(self, X: Any) -> Any:
        """One minus the largest probability, of an image on the mean of its pixels."""
        return 1.0 - _per_row(np.asarray(self.predict_proba(X)).max(axis=1))

    def discriminator_score(self, X: Any) -> Any:
        """The largest probability, of an image on the mean of its pixels: what is certain looks like a label."""
        return _per_row(np.asarray(self.predict_proba(X)).max(axis=1))

    def boundary_distance(self, X: Any, **options: Any) -> Any:
        """Gap between the two largest probabilities; infinite with one class."""
        P = np.sort(np.asarray(self.predict_proba(X)), axis=1)
        with np.errstate(invalid="ignore"):
            return _per_row(P[:, -1] - P[:, -2]) if P.shape[1] > 1 else np.full(len(P), np.inf)


def _per_row(values: Any) -> Any:
    return values if values.ndim == 1 else values.reshape(len(values), -1).mean(axis=1)


class NetLike(NetOutputs, ClassifierMixin, BaseEstimator):
    """A classifier with the outputs of a net."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, X: Any, y: Any) -> NetLike:
        """Fit the classifier within."""
        self.model_ = self.model.fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X: Any) -> Any:
        """Probabilities of the classifier within."""
        check_is_fitted(self)
        return self.model_.predict_proba(X)


class Marked(NetOutputs, ClassifierMixin, BaseEstimator):
    """A classifier that returns `bad` probabilities for rows marked in their last column, and counts its calls."""

    def __init__(self, model: Any, bad: float = np.nan) -> None:
        self.model = model
        self.bad = bad

    def fit(self, X: Any, y: Any) -> Marked:
        """Fit the classifier within."""
        self.model_ = self.model.fit(X, y)
        self.classes_ = self.model_.classes_
        self.n_calls_ = 0
        return self

    def predict_proba(self, X: Any) -> Any:
        """Probabilities, spoilt where a row is marked."""
        return self._spoilt("predict_proba", X)

    @available_if(lambda self: hasattr(self.model, "decision_function"))
    def decision_function(self, X: Any) -> Any:
        """Decision values, spoilt where a row is marked."""
        return self._spoilt("decision_function", X)

    def _spoilt(self, method: str, X: Any) -> Any:
        self.n_calls_ += 1
        X = np.array(X, dtype=float)
        marked = X[:, -1] == MARK
        found = getattr(self.model_, method)(np.where(np.isfinite(X), X, 0.0))
        found[marked] = self.bad
        return found


class MarkedNumbers(RegressorMixin, BaseEstimator):
    """A regressor that predicts `bad` numbers for rows marked in their last column, and counts its calls."""

    def __init__(self, model: Any, bad: float = np.nan) -> None:
        self.model = model
        self.bad = bad

    def fit(self, X: Any, y: Any) -> MarkedNumbers:
        """Fit the regressor within."""
        self.model_ = self.model.fit(X, y)
        self.n_calls_ = 0
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Numbers, and how sure they are if that is asked, spoilt where a row is marked."""
        check_is_fitted(self)
        self.n_calls_ += 1
        X = np.array(X, dtype=float)
        marked = X[:, -1] == MARK
        rows = np.where(np.isfinite(X), X, 0.0)
        found = np.array(self.model_.predict(rows, return_std=True) if return_std else [self.model_.predict(rows)])
        found[:, marked] = self.bad
        return tuple(found) if return_std else found[0]


class ConstantNumbers(RegressorMixin, BaseEstimator):
    """A regressor that predicts the mean of what it was taught, and is equally sure of it everywhere."""

    def fit(self, X: Any, y: Any) -> ConstantNumbers:
        """Take the mean."""
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """The mean, and a standard deviation of 1."""
        check_is_fitted(self)
        found = np.full(len(X), self.mean_)
        return (found, np.ones(len(X))) if return_std else found


def marked_model(strategy: Strategy, model: Any, bad: float = np.nan) -> Any:
    """Return a model that spoils what it says of marked rows, of the kind that the strategy reads."""
    return (MarkedNumbers if predicts_numbers(strategy) else Marked)(model, bad)


def constant_model(strategy: Strategy) -> Any:
    """Return a model that says the same of all rows, of the kind that the strategy reads."""
    return ConstantNumbers() if predicts_numbers(strategy) else DummyClassifier(strategy="prior")


def classification(strategy: Strategy, make_learner: Callable[[Any, Any], Any] | None = None) -> Problem:
    """Make the problem on which most checks run: three blobs and a pool between them, or numbers to predict.

    Parameters
    ----------
    strategy : callable
        What it reads decides on the learner: a committee, a multilabel model, a regressor, or a single classifier.
    make_learner : callable, default=None
        Used instead.

    Returns
    -------
    Problem
        24 rows in the pool, 12 labelled, 4 columns, no two rows and no two scores alike.
    """
    rng = np.random.RandomState(7)
    centers = np.array([[2.0, 0.0, 0.5, 0.0], [-2.0, 1.0, 0.0, 0.5], [0.0, -2.0, -0.5, 1.0]])
    y = np.arange(12) % 3
    X = centers[y] + rng.normal(scale=0.7, size=(12, 4))
    pool = rng.normal(scale=1.8, size=(24, 4))
    return Problem(pool, X, _targets(strategy, y, X), make_learner or learner_maker(strategy))


def known_and_unknown(strategy: Strategy, make_learner: Callable[[Any, Any], Any] | None = None) -> Problem:
    """Make a problem whose better half is plain: the first 12 rows are labelled already, the others are not.

    The first half of the pool repeats labelled rows of two tight blobs; the second lies between the blobs
    and away from them, where every model is unsure, committees differ, and distances are large.
    """
    rng = np.random.RandomState(11)
    y = np.arange(12) % 2
    X = np.column_stack([np.where(y == 0, -3.0, 3.0), np.zeros(12)]) + rng.normal(scale=0.3, size=(12, 2))
    between = np.column_stack([rng.normal(scale=0.1, size=12), 6.0 + rng.normal(scale=1.0, size=12)])
    return Problem(np.vstack([X, between]), X, _targets(strategy, y, X), make_learner or learner_maker(strategy))


def reads(strategy: Strategy) -> tuple[str, ...]:
    """Tell what a strategy reads, as far as it says."""
    try:
        return info(strategy).reads
    except TypeError:
        return ()


def learner_maker(strategy: Strategy, model: Any = None) -> Callable[[Any, Any], Any]:
    """Return how to make a learner from which the strategy can read."""
    wanted = reads(strategy)
    if predicts_numbers(strategy):
        make = _committee_of_numbers if "committee_prediction" in wanted else _learner
        return functools.partial(make, model or BayesianRidge())
    if "committee" in wanted:
        return functools.partial(_committee, model or LogisticRegression())
    if "multilabel" in wanted:
        return functools.partial(_learner, model or OneVsRestClassifier(LogisticRegression()))
    if OF_NETS & set(wanted):
        model = model or LogisticRegression()
        return functools.partial(_learner, model if isinstance(model, NetOutputs) else NetLike(model))
    return functools.partial(_learner, model or LogisticRegression())


def _learner(model: Any, X: Any, y: Any) -> ActiveLearner:
    return ActiveLearner(model, X_training=X, y_training=y, duplicates="allow")


def _committee(model: Any, X: Any, y: Any) -> Committee:
    members = [ActiveLearner(model, random_state=seed, duplicates="allow") for seed in range(5)]
    return Committee(members).fit(X, y, bootstrap=True)


def _committee_of_numbers(model: Any, X: Any, y: Any) -> ActiveLearner:
    return _learner(BaggingRegressor(model, n_estimators=5, random_state=0), X, y)


def _targets(strategy: Strategy, y: Any, X: Any) -> Any:
    """Classes, three label columns for a multilabel strategy, or numbers for one that reads those."""
    if predicts_numbers(strategy):
        return 0.5 * X[:, 0] + 2.0 * X[:, 1] + 0.1 * np.sin(5.0 * X[:, 0])
    if "multilabel" not in reads(strategy):
        return y
    return np.column_stack([y == 0, y != 1, np.arange(len(y)) % 4 < 2]).astype(int)


def predicts_numbers(strategy: Strategy) -> bool:
    """Tell whether a strategy reads what a regressor alone can say."""
    return bool(OF_NUMBERS & set(reads(strategy)))
