"""Several learners that vote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin

from skal.learners._querying import QueryMixin
from skal.learners.active_learner import ActiveLearner, Update
from skal.outputs import UnfittedLearner, committee_proba, is_fitted, labeled_data
from skal.query import vote_entropy_sampling


class Committee(QueryMixin, ClassifierMixin, BaseEstimator):
    """Learners whose disagreement tells what to ask, with modAL's surface.

    Parameters
    ----------
    learner_list : list of ActiveLearner
        The members; each keeps what it was taught.
    query_strategy : callable, default=vote_entropy_sampling
        ``strategy(committee, X_pool, n_instances, ...)`` returning positions, or positions and scores.
    on_transformed : bool or None, default=None
        In which space strategies measure distances where members are Pipelines: True, after the transform steps of
        every member; False, on the rows as given. None: each member as its own setting says.
    random_state : int, RandomState or None, default=None
        Seeds queries that are not given a seed; members have seeds of their own.

    Notes
    -----
    `teach`, `fit` and `rebag` change all members or, where one of them fails, none.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> members = [ActiveLearner(GaussianNB(), random_state=seed) for seed in range(3)]
    >>> committee = Committee(members).fit(X[::10], y[::10], bootstrap=True)
    >>> committee.query(X[1::10], n_instances=2)[1].shape
    (2, 4)
    """

    def __init__(
        self,
        learner_list: list[ActiveLearner],
        query_strategy: Callable[..., Any] = vote_entropy_sampling,
        on_transformed: bool | None = None,
        *,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.learner_list = learner_list
        self.query_strategy = query_strategy
        self.on_transformed = on_transformed
        self.random_state = random_state
        if not isinstance(learner_list, list) or not learner_list:
            raise TypeError(f"Committee: learner_list must be a list of learners, got {learner_list!r}.")
        for learner in learner_list:
            if not isinstance(learner, ActiveLearner):
                raise TypeError(
                    f"Committee: members must be skal.ActiveLearner, got {type(learner).__name__}; wrap an estimator "
                    "as ActiveLearner(estimator)."
                )

    def __len__(self) -> int:
        return len(self.learner_list)

    def __iter__(self) -> Iterator[ActiveLearner]:
        return iter(self.learner_list)

    def fit(self, X: Any, y: Any, bootstrap: bool = False, **fit_kwargs: Any) -> Committee:
        """Train every member on these rows, which replace what it was taught.

        Parameters
        ----------
        X, y : container
            Rows and labels.
        bootstrap : bool, default=False
            Train each member on a bootstrap sample of its own.
        **fit_kwargs
            Passed to the estimators' ``fit``.

        Returns
        -------
        Committee
            Itself.
        """
        self._commit([learner._fit_update(X, y, bootstrap, fit_kwargs) for learner in self])
        return self

    def teach(self, X: Any, y: Any, bootstrap: bool = False, only_new: bool = False, **fit_kwargs: Any) -> None:
        """Add labelled rows to what every member knows, and train; parameters as in `ActiveLearner.teach`."""
        self._commit([learner._teach_update(X, y, bootstrap, only_new, fit_kwargs) for learner in self])

    def rebag(self, **fit_kwargs: Any) -> None:
        """Train every member on a bootstrap sample of what it was taught."""
        self._commit([learner._bootstrap_update(fit_kwargs) for learner in self])

    def predict(self, X: Any) -> Any:
        """Class of the largest mean probability."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:
        """Mean of the members' probabilities, of shape (n, C), over the union of their classes."""
        return committee_proba(self, X, then=lambda P: P.mean(axis=0))

    def vote(self, X: Any) -> Any:
        """Predictions of the members, of shape (n, T)."""
        return np.stack([learner.predict(X) for learner in self], axis=1)

    def vote_proba(self, X: Any) -> Any:
        """Probabilities of the members, of shape (n, T, C)."""
        return committee_proba(self, X).swapaxes(0, 1)

    def transform_without_estimating(self, X: Any) -> Any:
        """Rows as the members' last steps see them, side by side."""
        parts = [learner.transform_without_estimating(X) for learner in self]
        return sparse.hstack(parts, format="csr") if any(map(sparse.issparse, parts)) else np.hstack(parts)

    @property
    def classes_(self) -> Any:
        """Union of the members' classes, sorted."""
        if not is_fitted(self):
            raise UnfittedLearner("Committee is not fitted.")
        return np.unique(np.concatenate([learner.classes_ for learner in self]))

    @property
    def n_classes_(self) -> int:
        """Number of classes."""
        return len(self.classes_)

    @property
    def X_training(self) -> Any:
        """Rows that any member was taught; None before."""
        return labeled_data(self)[0]

    @property
    def y_training(self) -> Any:
        """Labels of `X_training`."""
        return labeled_data(self)[1]

    def __sklearn_is_fitted__(self) -> bool:
        return is_fitted(self)

    def _note_handed_out(self, rows: Any) -> None:
        for learner in self:
            learner._note_handed_out(rows)

    def _commit(self, updates: list[Update]) -> None:
        for learner, update in zip(self, updates, strict=True):
            learner._commit(update)
