"""Several learners that vote for classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, is_regressor
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

from skal.data import n_rows
from skal.learners._base_committee import BaseCommittee
from skal.learners.active_learner import ActiveLearner
from skal.outputs import committee_proba, is_fitted, name_of
from skal.query import vote_entropy_sampling


class Committee(BaseCommittee, ClassifierMixin, BaseEstimator):
    """Learners whose disagreement tells what to ask, with modAL's surface.

    Parameters
    ----------
    learner_list : list of ActiveLearner or estimator
        The members; each keeps what it was taught. A plain classifier stays as it is, fitted or not: the committee
        has a learner of its own for it, which is in the attribute of this name, and trains copies.
    query_strategy : str, callable or estimator, default=vote_entropy_sampling
        Name of a strategy, as of an `ActiveLearner`;
        ``strategy(committee, X_pool, n_instances, ...)`` returning positions, or positions and scores.
    on_transformed : bool or None, default=None
        In which space strategies measure distances where members are Pipelines: True, after the transform steps of
        every member; False, on the rows as given. None: each member as its own setting says.
    missing_label : scalar, default="auto"
        What marks a row without a label, as of an `ActiveLearner`; "auto": as each member says. `score` leaves such
        rows out.
    random_state : int, RandomState or None, default=None
        Seeds queries that are not given a seed, and members that are plain estimators; learners have seeds of their
        own.

    Notes
    -----
    `teach`, `fit` and `rebag` change all members or, where one of them fails, none.

    ``set_params(estimator__C=1)`` sets a parameter of every member's estimator,
    ``set_params(**{"0__estimator__C": 1})`` that of the first; a search tunes a committee so. There is no
    ``decision_function``: members vote by probabilities. Of scikit-learn's ``check_estimator`` two checks fail by
    modAL's contract: the constructor raises for what makes no sense
    (``check_do_not_raise_errors_in_init_or_set_params``), and members that are learners of their own change in
    ``fit``, since a committee teaches them (``check_estimators_overwrite_params``; with plain estimators it passes).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> committee = Committee([GaussianNB()] * 3, random_state=0).fit(X[::10], y[::10], bootstrap=True)
    >>> committee.query(X[1::10], n_instances=2)[1].shape
    (2, 4)
    """

    def __init__(
        self,
        learner_list: list[Any],
        query_strategy: str | Callable[..., Any] = vote_entropy_sampling,
        on_transformed: bool | None = None,
        *,
        missing_label: Any = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.learner_list = learner_list
        self.query_strategy = query_strategy
        self.on_transformed = on_transformed
        self.missing_label = missing_label
        self.random_state = random_state
        self._check_parameters()

    def predict(self, X: Any) -> Any:
        """Class of the largest mean probability."""
        if n_rows(X) == 0:
            return self.learner_list[0].predict(X)  # whether no rows are an error is for the model to say
        P = self.predict_proba(X)
        return self.classes_[P.argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:
        """Mean of the members' probabilities, of shape (n, C), over the union of their classes."""
        return committee_proba(self, X, then=lambda P: P.mean(axis=0))

    @available_if(lambda self: all(hasattr(learner, "predict_proba") for learner in self))
    def predict_log_proba(self, X: Any) -> Any:
        """Logarithms of the mean probabilities."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def vote_proba(self, X: Any) -> Any:
        """Probabilities of the members, of shape (n, T, C)."""
        return committee_proba(self, X).swapaxes(0, 1)

    @property
    def classes_(self) -> Any:
        """Union of the members' classes, sorted; None, as in modAL, until all are fitted, or where one has none."""
        if not is_fitted(self):
            return None
        known: list[Any] = [getattr(learner, "classes_", None) for learner in self]
        return None if any(classes is None for classes in known) else np.unique(np.concatenate(known))

    @property
    def n_classes_(self) -> int:
        """Number of classes; 0 until they are known."""
        return 0 if self.classes_ is None else len(self.classes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        kinds = [kind for learner in self if (kind := get_tags(learner).classifier_tags) is not None]
        tags.classifier_tags.multi_class = all(kind.multi_class for kind in kinds)
        tags.classifier_tags.poor_score = any(kind.poor_score for kind in kinds)
        return tags

    def _check_member(self, learner: ActiveLearner) -> None:
        if is_regressor(learner):
            raise TypeError(
                f"Committee: members vote for classes, and {name_of(learner.estimator)} is a regressor. Take "
                "skal.CommitteeRegressor."
            )
