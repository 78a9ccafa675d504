"""Several learners that vote."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import UNUSED, MetadataRouter, MethodMapping
from sklearn.utils.metaestimators import available_if

from skal.data import n_rows
from skal.learners._querying import QueryMixin
from skal.learners._settings import shared_settings
from skal.learners._signature import shows_weights
from skal.learners._unlabeled import labeled_rows
from skal.learners.active_learner import ActiveLearner, Update
from skal.outputs import UnfittedLearner, committee_proba, is_fitted, labeled_data
from skal.query import check_strategy, vote_entropy_sampling
from skal.routing import routed


class Committee(QueryMixin, ClassifierMixin, BaseEstimator):
    """Learners whose disagreement tells what to ask, with modAL's surface.

    Parameters
    ----------
    learner_list : list of ActiveLearner
        The members; each keeps what it was taught.
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
        Seeds queries that are not given a seed; members have seeds of their own.

    Notes
    -----
    `teach`, `fit` and `rebag` change all members or, where one of them fails, none.

    ``set_params(estimator__C=1)`` sets a parameter of every member's estimator,
    ``set_params(**{"0__estimator__C": 1})`` that of the first; a search tunes a committee so. There is no
    ``decision_function``: members vote by probabilities. Of scikit-learn's ``check_estimator`` two checks fail by
    modAL's contract: the constructor raises for what makes no sense
    (``check_do_not_raise_errors_in_init_or_set_params``), and the parameter ``learner_list`` changes in ``fit``,
    since members are learners of their own that a committee teaches (``check_estimators_overwrite_params``).

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

    # How to train is no metadata of rows.
    __metadata_request__fit: ClassVar = {"bootstrap": UNUSED}

    def __init__(
        self,
        learner_list: list[ActiveLearner],
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

    def __len__(self) -> int:
        return len(self.learner_list)

    def __iter__(self) -> Iterator[ActiveLearner]:
        return iter(self.learner_list)

    @shows_weights
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
        self._check_parameters()
        self._begin_again()
        shares = self._shares(fit_kwargs)
        self._commit(
            [
                learner._fit_update(X, y, bootstrap, share, self.missing_label)
                for learner, share in zip(self, shares, strict=True)
            ]
        )
        return self

    def teach(self, X: Any, y: Any, bootstrap: bool = False, only_new: bool = False, **fit_kwargs: Any) -> None:
        """Add labelled rows to what every member knows, and train; parameters as in `ActiveLearner.teach`."""
        self._check_parameters()
        batch = (X, y, bootstrap, only_new)
        pairs = zip(self, self._shares(fit_kwargs), strict=True)
        self._commit([learner._teach_update(*batch, share, self.missing_label) for learner, share in pairs])

    def rebag(self, **fit_kwargs: Any) -> None:
        """Train every member on a bootstrap sample of what it was taught."""
        self._check_parameters()
        pairs = zip(self, self._shares(fit_kwargs), strict=True)
        self._commit([learner._bootstrap_update(share) for learner, share in pairs])

    def predict(self, X: Any) -> Any:
        """Class of the largest mean probability."""
        if n_rows(X) == 0:
            return self.learner_list[0].predict(X)  # whether no rows are an error is for the model to say
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:
        """Mean of the members' probabilities, of shape (n, C), over the union of their classes."""
        return committee_proba(self, X, then=lambda P: P.mean(axis=0))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of the rows that have a label of which it is predicted."""
        X, y, weights = labeled_rows(X, y, self.missing_label, {"sample_weight": sample_weight})
        return float(super().score(X, y, **weights))

    @available_if(lambda self: all(hasattr(learner, "predict_proba") for learner in self))
    def predict_log_proba(self, X: Any) -> Any:
        """Logarithms of the mean probabilities."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

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

    @property
    def n_features_in_(self) -> int:
        """Number of columns that the members were fitted to."""
        return int(self.learner_list[0].n_features_in_)

    @property
    def feature_names_in_(self) -> Any:
        """Names of these columns, where they have any."""
        return self.learner_list[0].feature_names_in_

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters.

        Parameters
        ----------
        deep : bool, default=True
            Also those of the members: of the member i as ``i__estimator__C``, and where all have the same value also
            as ``estimator__C``.

        Returns
        -------
        dict
        """
        own = super().get_params(deep=False)
        if not deep or not self._has_members():
            return dict(own)
        members = [learner.get_params(deep=True) for learner in self]
        each = {f"{i}__{name}": value for i, params in enumerate(members) for name, value in params.items()}
        return {**own, **each, **shared_settings(members)}

    def set_params(self, **params: Any) -> Committee:
        """Set parameters: ``estimator__C`` on every member's estimator, ``0__estimator__C`` on that of the first."""
        own = {name: value for name, value in params.items() if name in self._get_param_names()}
        for name, value in own.items():
            setattr(self, name, value)
        for_all = {name: value for name, value in params.items() if name.startswith("estimator__")}
        for_one: dict[int, dict[str, Any]] = {}
        for name, value in params.items():
            if name in own or name in for_all:
                continue
            position, _, inner = name.partition("__")
            if not (position.isdecimal() and inner and self._has_members() and int(position) < len(self)):
                raise ValueError(
                    f"Committee: there is no parameter {name!r}; it has {', '.join(self._get_param_names())}, and "
                    f"those of its members as estimator__NAME (of all) or 0__estimator__NAME (of one)."
                )
            for_one.setdefault(int(position), {})[inner] = value
        for i, learner in enumerate(self if for_all or for_one else ()):
            if settings := {**for_all, **for_one.get(i, {})}:
                learner.set_params(**settings)
        return self

    def get_metadata_routing(self) -> MetadataRouter:
        """Return what metadata (weights, groups) the members request, for scikit-learn's routing."""
        found = MetadataRouter(owner=type(self).__name__).add_self_request(self)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return found.add(method_mapping=mapping, **{f"learner_{i}": learner for i, learner in enumerate(self)})

    def set_fit_request(self, **requests: Any) -> Committee:
        """Ask every member's estimator for metadata of ``fit``, as ``sample_weight=True``."""
        for learner in self:
            learner.set_fit_request(**requests)
        return self

    def __sklearn_tags__(self) -> Any:
        """What all members take; and what any of them insists on."""
        tags = super().__sklearn_tags__()
        parts = [get_tags(learner) for learner in self]
        for field in dataclasses.fields(tags.input_tags):
            over = any if field.name in ("positive_only", "pairwise") else all
            setattr(tags.input_tags, field.name, over(getattr(part.input_tags, field.name) for part in parts))
        tags.non_deterministic = any(part.non_deterministic for part in parts)
        kinds = [part.classifier_tags for part in parts if part.classifier_tags is not None]
        tags.classifier_tags.multi_class = all(kind.multi_class for kind in kinds)
        tags.classifier_tags.poor_score = any(kind.poor_score for kind in kinds)
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return is_fitted(self)

    def _note_handed_out(self, rows: Any) -> None:
        for learner in self:
            learner._note_handed_out(rows)

    def _has_members(self) -> bool:
        members = self.learner_list
        return isinstance(members, list) and bool(members) and all(isinstance(one, ActiveLearner) for one in members)

    def _check_parameters(self) -> None:
        self._check_seed()
        check_strategy(self.query_strategy, "Committee")
        if not isinstance(self.learner_list, list) or not self.learner_list:
            raise TypeError(f"Committee: learner_list must be a list of learners, got {self.learner_list!r}.")
        for learner in self.learner_list:
            if not isinstance(learner, ActiveLearner):
                raise TypeError(
                    f"Committee: members must be skal.ActiveLearner, got {_named(learner)}; wrap an estimator "
                    "as ActiveLearner(estimator)."
                )

    def _trained_parts(self) -> list[ActiveLearner]:
        return self.learner_list

    def _shares(self, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """What of the arguments of fit each member's estimator gets."""
        nothing = {name: None for name, value in metadata.items() if value is None}
        outer = [routed(self, "fit", metadata, name=f"learner_{i}") for i in range(len(self))]
        return [{**nothing, **learner._routed("fit", share)} for learner, share in zip(self, outer, strict=True)]

    def _commit(self, updates: list[Update]) -> None:
        for learner, update in zip(self, updates, strict=True):
            learner._commit(update)


def _named(member: Any) -> str:
    return f"the class {member.__name__}" if isinstance(member, type) else type(member).__name__
