"""Several learners that predict numbers, and how far they are apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, is_classifier
from sklearn.utils.metadata_routing import UNUSED

from skal.data import n_rows
from skal.labels import one_number_a_row
from skal.learners._base_committee import BaseCommittee
from skal.learners.active_learner import ActiveLearner
from skal.outputs import committee_predictions, name_of
from skal.query import max_std_sampling


class CommitteeRegressor(BaseCommittee, RegressorMixin, BaseEstimator):
    """Learners whose predicted numbers are averaged, and whose spread tells what to ask, with modAL's surface.

    Parameters
    ----------
    learner_list : list of ActiveLearner or estimator
        The members; each keeps what it was taught. A plain regressor stays as it is, fitted or not: the committee has
        a learner of its own for it, which is in the attribute of this name, and trains copies.
    query_strategy : str, callable or estimator, default=max_std_sampling
        Name of a strategy, as of an `ActiveLearner`;
        ``strategy(committee, X_pool, n_instances, ...)`` returning positions, or positions and scores.
    on_transformed : bool or None, default=None
        In which space strategies measure distances where members are Pipelines, as of a `Committee`.
    missing_label : scalar, default="auto"
        What marks a row without a number, as of an `ActiveLearner`; "auto": as each member says. `score` leaves such
        rows out.
    random_state : int, RandomState or None, default=None
        Seeds queries that are not given a seed, and members that are plain estimators; learners have seeds of their
        own.

    Notes
    -----
    `teach`, `fit` and `rebag` change all members or, where one of them fails, none. Members differ by what they were
    taught, by their estimators, or by ``fit(X, y, bootstrap=True)``: equal ones have no spread.

    Parameters of members, and what of scikit-learn's ``check_estimator`` fails, are as of a `Committee`.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 0.5, 2.0, 4.0]
    >>> committee = CommitteeRegressor([Ridge(), DecisionTreeRegressor()], random_state=0).fit(X, y)
    >>> mean, std = committee.predict([[1.0], [9.0]], return_std=True)
    >>> int(std.argmax()), committee.query([[1.0], [9.0]])[0].tolist()
    (1, [1])
    """

    # It asks for a second answer, and is no metadata of rows.
    __metadata_request__predict: ClassVar = {"return_std": UNUSED}

    def __init__(
        self,
        learner_list: list[Any],
        query_strategy: str | Callable[..., Any] = max_std_sampling,
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

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict the mean of the members' numbers.

        Parameters
        ----------
        X : container of n rows
            Read block by block.
        return_std : bool, default=False
            Also return how far the members are apart.

        Returns
        -------
        mean : ndarray of shape (n,)
            Of the members' predictions.
        std : ndarray of shape (n,)
            Only with `return_std`: their standard deviation, with the number of members as divisor.
        """
        if n_rows(X) == 0:
            return self.learner_list[0].predict(X)  # whether no rows are an error is for the model to say
        votes = committee_predictions(self, X, then=lambda F: F.T)
        mean = votes.mean(axis=1)
        return (mean, votes.std(axis=1)) if return_std else mean

    def _targets(self, y: Any, method: str) -> Any:
        return one_number_a_row(y, f"CommitteeRegressor.{method}")

    def _check_member(self, learner: ActiveLearner) -> None:
        if is_classifier(learner):
            raise TypeError(
                f"CommitteeRegressor: members predict numbers, and {name_of(learner.estimator)} is a classifier. "
                "Take skal.Committee."
            )
