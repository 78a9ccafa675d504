"""What committees share, whatever their members predict: all are taught, or none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import UNUSED, MetadataRouter, MethodMapping

from skal.learners._members import Members
from skal.learners._querying import QueryMixin
from skal.learners._settings import shared_settings
from skal.learners._signature import shows_weights
from skal.learners._taught import Update
from skal.learners._unlabeled import labeled_rows
from skal.learners.active_learner import ActiveLearner
from skal.outputs import is_fitted, labeled_data
from skal.query import check_strategy
from skal.routing import routed


class BaseCommittee(QueryMixin):
    """Several learners that are taught together; a subclass says what they predict.

    For subclasses of scikit-learn's mixins and BaseEstimator, which come after it, with the parameters
    ``learner_list``, ``query_strategy``, ``on_transformed``, ``missing_label`` and ``random_state``.
    """

    # How to train is no metadata of rows.
    __metadata_request__fit: ClassVar = {"bootstrap": UNUSED}

    query_strategy: str | Callable[..., Any]
    missing_label: Any
    random_state: int | np.random.RandomState | None

    @property
    def learner_list(self) -> list[ActiveLearner]:
        """The members: learners as they were given, and a learner of its own for each plain estimator."""
        return self._members.learners

    @learner_list.setter
    def learner_list(self, learner_list: Any) -> None:
        self.__dict__["learner_list"] = Members(learner_list)

    @property
    def _members(self) -> Members:
        members: Members = vars(self)["learner_list"]
        return members

    def __len__(self) -> int:
        return len(self.learner_list)

    def __iter__(self) -> Iterator[ActiveLearner]:
        return iter(self.learner_list)

    @shows_weights
    def fit(self, X: Any, y: Any, bootstrap: bool = False, **fit_kwargs: Any) -> Self:
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
        self
            The committee.
        """
        self._check_parameters()
        self._begin_again()
        self._members.seed(self.random_state)
        shares = self._shares(fit_kwargs)
        y = self._targets(y, "fit")
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
        batch = (X, self._targets(y, "teach"), bootstrap, only_new)
        pairs = zip(self, self._shares(fit_kwargs), strict=True)
        self._commit([learner._teach_update(*batch, share, self.missing_label) for learner, share in pairs])

    def rebag(self, **fit_kwargs: Any) -> None:
        """Train every member on a bootstrap sample of what it was taught."""
        self._check_parameters()
        pairs = zip(self, self._shares(fit_kwargs), strict=True)
        self._commit([learner._bootstrap_update(share) for learner, share in pairs])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return scikit-learn's score of what is predicted for the rows that have a label."""
        X, y, weights = labeled_rows(X, y, self.missing_label, {"sample_weight": sample_weight})
        return float(super().score(X, y, **weights))  # type: ignore[misc]

    def vote(self, X: Any) -> Any:
        """Predictions of the members, of shape (n, T)."""
        return np.stack([learner.predict(X) for learner in self], axis=1)

    def transform_without_estimating(self, X: Any) -> Any:
        """Rows as the members' last steps see them, side by side."""
        parts = [learner.transform_without_estimating(X) for learner in self]
        return sparse.hstack(parts, format="csr") if any(map(sparse.issparse, parts)) else np.hstack(parts)

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
        own = {name: getattr(self, name) for name in self._get_param_names()}  # type: ignore[attr-defined]
        own["learner_list"] = self._members.as_given()
        if not deep or not self._members.are_members:
            return own
        members = [self._members.settings(i) for i in range(len(self))]
        each = {f"{i}__{name}": value for i, params in enumerate(members) for name, value in params.items()}
        return {**own, **each, **shared_settings(members)}

    def set_params(self, **params: Any) -> Self:
        """Set parameters: ``estimator__C`` on every member's estimator, ``0__estimator__C`` on that of the first."""
        names = self._get_param_names()  # type: ignore[attr-defined]
        own = {name: value for name, value in params.items() if name in names}
        for name, value in own.items():
            setattr(self, name, value)
        for_all = {name: value for name, value in params.items() if name.startswith("estimator__")}
        for_one: dict[int, dict[str, Any]] = {}
        for name, value in params.items():
            if name in own or name in for_all:
                continue
            position, _, inner = name.partition("__")
            if not (position.isdecimal() and self._members.has(int(position), inner)):
                raise ValueError(
                    f"{type(self).__name__}: there is no parameter {name!r}; it has {', '.join(names)}, and "
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

    def set_fit_request(self, **requests: Any) -> Self:
        """Ask every member's estimator for metadata of ``fit``, as ``sample_weight=True``."""
        for learner in self:
            learner.set_fit_request(**requests)
        return self

    def __sklearn_tags__(self) -> Any:
        """What all members take; and what any of them insists on."""
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        parts = [get_tags(learner) for learner in self]
        for field in dataclasses.fields(tags.input_tags):
            over = any if field.name in ("positive_only", "pairwise") else all
            setattr(tags.input_tags, field.name, over(getattr(part.input_tags, field.name) for part in parts))
        tags.non_deterministic = any(part.non_deterministic for part in parts)
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return is_fitted(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state of a committee, of an earlier version too, whose list of members stood for itself."""
        members = state["learner_list"]
        members = members if isinstance(members, Members) else Members(members)
        super().__setstate__({"missing_label": "auto", **state, "learner_list": members})  # type: ignore[misc]

    def _note_handed_out(self, rows: Any) -> None:
        for learner in self:
            learner._note_handed_out(rows)

    def _check_parameters(self) -> None:
        who = type(self).__name__
        self._check_seed()
        check_strategy(self.query_strategy, who)
        self._members.check(who)
        for learner in self:
            self._check_member(learner)

    def _check_member(self, learner: ActiveLearner) -> None:
        """Raise where a learner predicts what the committee cannot be made of."""

    def _targets(self, y: Any, method: str) -> Any:
        """Hook: the targets as members are to be taught them."""
        return y

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
