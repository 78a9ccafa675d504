"""One estimator, what it was taught, and how it asks for more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import UNUSED, MetadataRouter
from sklearn.utils.metaestimators import available_if

from skal.around import refuse_class
from skal.cloning import fresh
from skal.data import RowBuffer, in_memory, n_rows, row_keys, take
from skal.labels import learns_from_unlabeled
from skal.learners._checks import check_batch, check_duplicates
from skal.learners._querying import QueryMixin
from skal.learners._settings import settings_of, with_changes
from skal.learners._signature import shows_weights
from skal.learners._training import (
    How,
    Retrain,
    bootstrap_rows,
    check_can_go_on,
    how_to_train,
    trained,
    unseen_classes,
)
from skal.learners._unlabeled import Batch, labeled_rows, split_batch, still_unlabeled, with_unlabeled
from skal.learners._void import ignore_label_of
from skal.learners._weights import Weights, is_weights, joined_weights
from skal.outputs import is_fitted, name_of, transformed
from skal.query import check_strategy, uncertainty_sampling
from skal.routing import routed, router
from skal.targets import kind_of
from skal.warning import warn

_DATA = ("X_training", "y_training")  # what was taught: no parameters, so a clone starts without them
_PASSED_ON = ("fit", "predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "score")
_REQUEST = re.compile(r"set_\w+_request")


@dataclass(frozen=True)
class Update:
    """What a learner becomes when all has gone well: prepared first, put in place at once."""

    estimator: Any
    X: Any
    y: Any
    keys: set[bytes] | None = None
    weights: Weights = field(default_factory=dict)
    unlabeled: Any = None  # rows for models that learn from them
    handed_out: Counter[bytes] | None = None


def _estimator_has(method: str) -> Any:
    return available_if(lambda self: hasattr(self.estimator, method))


class ActiveLearner(QueryMixin, BaseEstimator):
    """An estimator that asks for the labels it wants, with modAL's surface.

    Parameters
    ----------
    estimator : estimator
        Any scikit-learn estimator, Pipeline or skorch net, fitted already or not. It is never fitted in
        place: ``learner.estimator`` is replaced by a fitted copy, all at once, so that a failed or
        interrupted fit leaves the learner as it was. One that takes no labels but 0 to k - 1 (XGBoost) is replaced by
        a `skal.encoding.EncodedClassifier` around it where labels are others. A `sklearn.frozen.FrozenEstimator` is
        never trained.
    query_strategy : str, callable or estimator, default=uncertainty_sampling
        Name of a strategy of `skal.query`, with options as in ``"core_set:metric=cosine"``;
        ``strategy(learner, X_pool, n_instances, ...)`` returning positions, or positions and scores; or an
        estimator with ``fit`` and ``query``, of which a fresh copy is fitted at every query
        (`skal.query.as_strategy`).
    X_training, y_training : container, default=None
        Labelled rows to start with; the learner is fitted to them at once.
    bootstrap_init : bool, default=False
        Fit the first time to a bootstrap sample of them.
    on_transformed : bool or None, default=None
        In which space strategies measure distances when the estimator is a Pipeline: None or True, after
        its transform steps; False, on the rows as given (modAL's default).
    force_all_finite : bool or None, default=None
        Refuse NaN and infinity in rows. None: the estimator decides, by its tags or those of a Pipeline's first step
        (`skal.outputs.accepts_nan`); False: nothing is checked. (modAL's default is True.)
    retrain : {"scratch", "warm"}, default="scratch"
        Whether ``teach`` trains a fresh copy, or goes on from the present state: by the estimator's
        ``warm_start`` on all rows, or by its ``partial_fit`` on the new ones. A class that it has not seen yet cannot
        be learnt that way: then a fresh copy is trained on all rows, with a warning.
    classes : array-like, default=None
        All labels there are: others are refused. None: a new label is taken, with a warning.
    duplicates : {"raise", "allow"}, default="raise"
        Whether a row may be taught twice. Rows that `query` handed out are never refused, since data may hold equal
        rows; where they equal rows taught before, there is a warning.
    missing_label : scalar, default="auto"
        What marks a row without a label: NaN, None and the like, and besides them this value (`skal.labels`); under
        "auto" -1 is a class. An estimator that learns from such rows (`skal.labels.learns_from_unlabeled`) is given
        them, with None for labels, until they are taught; others train without them. `score` leaves them out.
    random_state : int, RandomState or None, default=None
        Seeds bootstraps, strategies that are not given a seed, and estimators without one.
    **fit_kwargs
        Passed to every ``fit`` of the estimator.

    Attributes
    ----------
    X_training, y_training : container or None
        All that was taught.
    estimator : estimator
        The fitted one, once there was something to fit.

    Notes
    -----
    ``clone`` and ``get_params`` carry the parameters and not the data, so a clone starts untaught, as
    scikit-learn's model selection needs. The parameter ``estimator`` stays the one given, and every fit trains a copy
    of that; as in modAL the attribute ``estimator`` is the fitted one, and what is set on it (``set_params``) becomes
    a parameter of the learner. Of scikit-learn's ``check_estimator`` one check fails by modAL's contract,
    ``check_do_not_raise_errors_in_init_or_set_params``: the constructor trains on rows that it is given, so it raises
    for what makes no sense.

    With scikit-learn's metadata routing the estimator gets what it requests: ``learner.set_fit_request`` and the like
    ask it. An int as `random_state` draws the same at every ``fit``, a RandomState goes on.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = ActiveLearner(LogisticRegression(), X_training=X[[0, 60, 120]], y_training=y[[0, 60, 120]])
    >>> indices, rows = learner.query(X[1:60], n_instances=2)
    >>> rows.shape
    (2, 4)
    >>> learner.teach(rows, y[1:60][indices])
    >>> len(learner.y_training)
    5
    """

    # How to train is no metadata of rows.
    __metadata_request__fit: ClassVar = {"bootstrap": UNUSED}

    def __init__(
        self,
        estimator: Any,
        query_strategy: str | Callable[..., Any] = uncertainty_sampling,
        X_training: Any = None,
        y_training: Any = None,
        bootstrap_init: bool = False,
        on_transformed: bool | None = None,
        force_all_finite: bool | None = None,
        *,
        retrain: Retrain = "scratch",
        classes: Any = None,
        duplicates: Literal["raise", "allow"] = "raise",
        missing_label: Any = "auto",
        random_state: int | np.random.RandomState | None = None,
        **fit_kwargs: Any,
    ) -> None:
        self.estimator = estimator
        self.query_strategy = query_strategy
        self.bootstrap_init = bootstrap_init
        self.on_transformed = on_transformed
        self.force_all_finite = force_all_finite
        self.retrain = retrain
        self.classes = classes
        self.duplicates = duplicates
        self.missing_label = missing_label
        self.random_state = random_state
        if fit_kwargs:
            self._fit_kwargs = fit_kwargs
        self._check_parameters()
        if X_training is not None or y_training is not None:
            self.fit(X_training, y_training, bootstrap=bootstrap_init)

    @property
    def estimator(self) -> Any:
        """The fitted estimator, once there was something to fit, and before that the one given."""
        return vars(self)["_fitted" if "_fitted" in vars(self) else "estimator"]

    @estimator.setter
    def estimator(self, estimator: Any) -> None:
        self.__dict__["estimator"] = estimator  # the one given: what `get_params` returns, and what is trained
        for name in ("_fitted", "_as_trained"):
            self.__dict__.pop(name, None)

    @property
    def X_training(self) -> Any:
        """All rows that were taught; None before."""
        return vars(self).get("_X_training")

    @X_training.setter
    def X_training(self, X: Any) -> None:
        self._X_training = X

    @property
    def y_training(self) -> Any:
        """Labels of `X_training`."""
        return vars(self).get("_y_training")

    @y_training.setter
    def y_training(self, y: Any) -> None:
        self._y_training = y

    @property
    def fit_kwargs(self) -> dict[str, Any]:
        """Arguments of every ``fit`` of the estimator."""
        return vars(self).get("_fit_kwargs", {})

    @classmethod
    def fitted(cls, estimator: Any, X_training: Any, y_training: Any, *args: Any, **kwargs: Any) -> ActiveLearner:
        """Make a learner of an estimator that was fitted to these rows already, without training again.

        Parameters
        ----------
        estimator : estimator
            Fitted.
        X_training, y_training : container
            What it was fitted to.
        *args, **kwargs
            Other parameters, from ``query_strategy`` on.

        Returns
        -------
        ActiveLearner
            Ready to be asked and taught.
        """
        update = Update(estimator, in_memory(X_training), in_memory(y_training))
        return cls(estimator, *args, **kwargs)._commit(update)

    @shows_weights
    def fit(self, X: Any, y: Any, bootstrap: bool = False, **fit_kwargs: Any) -> ActiveLearner:
        """Forget what was taught, and train on these rows.

        Parameters
        ----------
        X, y : container
            Rows and labels; those that have a label become ``X_training`` and ``y_training``.
        bootstrap : bool, default=False
            Train on a bootstrap sample of them.
        **fit_kwargs
            Passed to the estimator's ``fit``.

        Returns
        -------
        ActiveLearner
            Itself.
        """
        return self._commit(self._fit_update(X, y, bootstrap, self._routed("fit", fit_kwargs)))

    def teach(self, X: Any, y: Any, bootstrap: bool = False, only_new: bool = False, **fit_kwargs: Any) -> None:
        """Add labelled rows to what is known, and train.

        Parameters
        ----------
        X, y : container
            New rows and their labels, one at least. They are always remembered, so no label is lost.
        bootstrap : bool, default=False
            Train on a bootstrap sample.
        only_new : bool, default=False
            Train on these rows alone; of use with ``retrain="warm"``.
        **fit_kwargs
            Passed to the estimator's ``fit``. A `sample_weight` holds the weights of the new rows; those of the rows
            before are remembered, and are 1 where none were given. (One for all rows replaces them.)

        Raises
        ------
        ValueError
            If rows or labels are not what the learner was taught so far, or are taught again. Nothing is
            changed then.
        """
        self._commit(self._teach_update(X, y, bootstrap, only_new, self._routed("fit", fit_kwargs)))

    def predict(self, X: Any, **kwargs: Any) -> Any:
        """Predict by the estimator."""
        return self.estimator.predict(X, **self._routed("predict", kwargs))

    @_estimator_has("predict_proba")
    def predict_proba(self, X: Any, **kwargs: Any) -> Any:
        """Class probabilities of the estimator."""
        return self.estimator.predict_proba(X, **self._routed("predict_proba", kwargs))

    @_estimator_has("predict_log_proba")
    def predict_log_proba(self, X: Any, **kwargs: Any) -> Any:
        """Logarithms of the estimator's class probabilities."""
        return self.estimator.predict_log_proba(X, **self._routed("predict_log_proba", kwargs))

    @_estimator_has("decision_function")
    def decision_function(self, X: Any, **kwargs: Any) -> Any:
        """Decision function of the estimator."""
        return self.estimator.decision_function(X, **self._routed("decision_function", kwargs))

    @_estimator_has("score_samples")
    def score_samples(self, X: Any, **kwargs: Any) -> Any:
        """Scores of rows by the estimator."""
        return self.estimator.score_samples(X, **kwargs)

    @_estimator_has("transform")
    def transform(self, X: Any, **kwargs: Any) -> Any:
        """Rows as the estimator transforms them."""
        return self.estimator.transform(X, **self._routed("transform", kwargs))

    def score(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Score of the estimator, of the rows that have a label."""
        X, y, kwargs = labeled_rows(X, y, self.missing_label, kwargs)
        return self.estimator.score(X, y, **self._routed("score", kwargs))

    def transform_without_estimating(self, X: Any) -> Any:
        """Rows as the last step of a Pipeline sees them; any other estimator sees them as they are."""
        return transformed(self.estimator, X)

    @property
    def classes_(self) -> Any:
        """Classes of the fitted estimator."""
        return self.estimator.classes_

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, those for ``fit`` among them, and not the data."""
        given = self._given_estimator()
        nested = settings_of(given) if deep else {}
        own = {name: given if name == "estimator" else getattr(self, name) for name in self._get_param_names()}
        return {**own, **{f"estimator__{name}": value for name, value in nested.items()}, **self.fit_kwargs}

    def set_params(self, **params: Any) -> ActiveLearner:
        """Set parameters, those for ``fit`` among them."""
        for_fit = {name: params.pop(name) for name in list(params) if name in self.fit_kwargs}
        if for_fit:
            self._fit_kwargs = {**self.fit_kwargs, **for_fit}
        if "_fitted" in vars(self) and any(name.startswith("estimator__") for name in params):
            self.__dict__["estimator"] = fresh(self._given_estimator())  # others may have been given the same object
        super().set_params(**params)
        nested = {name.partition("__")[2]: value for name, value in params.items() if name.startswith("estimator__")}
        if nested and "_fitted" in vars(self):
            self.estimator.set_params(**nested)
            self._as_trained = settings_of(self.estimator)
        return self

    def get_metadata_routing(self) -> MetadataRouter:
        """Return what metadata (weights, groups) the estimator requests, for scikit-learn's routing."""
        return router(self, self.estimator, *((method, method) for method in _PASSED_ON))

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return [name for name in super()._get_param_names() if name not in _DATA]

    def __getattr__(self, name: str) -> Any:
        """Fitted attributes (``coef_``, ``n_features_in_``) and requests (``set_fit_request``): the estimator's."""
        if _REQUEST.fullmatch(name) and "estimator" in vars(self):
            return self._request(name)
        if name.startswith("_") or not name.endswith("_") or "estimator" not in vars(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.estimator, name)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_buffer"}

    def __sklearn_is_fitted__(self) -> bool:
        return is_fitted(self.estimator)

    def __sklearn_tags__(self) -> Any:
        return get_tags(self.estimator) if hasattr(self.estimator, "__sklearn_tags__") else super().__sklearn_tags__()

    def _request(self, name: str) -> Callable[..., ActiveLearner]:
        if "_fitted" in vars(self):
            self.__dict__["estimator"] = fresh(self._given_estimator())
        models = [vars(self)[key] for key in ("estimator", "_fitted") if key in vars(self)]
        setters = [getattr(model, name) for model in models]

        def request(**requests: Any) -> ActiveLearner:
            for setter in setters:
                setter(**requests)
            return self

        return request

    def _routed(self, method: str, metadata: dict[str, Any]) -> dict[str, Any]:
        nothing = {
            name: None for name, value in metadata.items() if value is None
        }  # as sample_weight=None: forget them
        return {**nothing, **routed(self, method, metadata)} if metadata else {}

    def _trained_parts(self) -> tuple[Any, ...]:
        return (self.estimator,)

    def _given_estimator(self) -> Any:
        """The estimator as it was given, with what was set since on the fitted one, which modAL's users do."""
        given, fitted = vars(self)["estimator"], self.estimator
        if fitted is not given and "_as_trained" in vars(self):
            changed = with_changes(given, fitted, self._as_trained)
            if changed is not given:
                self.__dict__["estimator"], self._as_trained = changed, settings_of(fitted)
        return vars(self)["estimator"]

    def _fit_update(
        self, X: Any, y: Any, bootstrap: bool, fit_kwargs: dict[str, Any], missing_label: Any = "auto"
    ) -> Update:
        who = "ActiveLearner.fit"
        self._begin_again()
        X, y, unlabeled, fit_kwargs = self._batch(X, y, missing_label, fit_kwargs, 0, who)
        self._check_batch(X, y, (None, None), who)
        arguments = {**self.fit_kwargs, **fit_kwargs}
        weights = joined_weights(arguments, {}, 0, n_rows(X), who)
        model = self._trained("fresh", X, y, bootstrap, {**arguments, **weights}, who, unlabeled)
        return Update(model, X, y, weights=weights, unlabeled=unlabeled)

    def _teach_update(
        self,
        X: Any,
        y: Any,
        bootstrap: bool,
        only_new: bool,
        fit_kwargs: dict[str, Any],
        missing_label: Any = "auto",
    ) -> Update:
        who = "ActiveLearner.teach"
        n_known = 0 if self.X_training is None else n_rows(self.X_training)
        X, y, new_unlabeled, fit_kwargs = self._batch(X, y, missing_label, fit_kwargs, n_known, who)
        self._check_batch(X, y, (self.X_training, self.y_training), who)
        keys = handed_out = None
        if self.duplicates == "raise":
            asked: Counter[bytes] = vars(self).get("_handed_out", Counter())
            new_keys = check_duplicates(X, self._known_keys(), asked, who)
            keys, handed_out = self._known_keys() | set(new_keys), asked - Counter(new_keys)
        weights = self._weights_of_all(fit_kwargs, n_known, n_rows(X), who)
        if self.X_training is None:
            X_all, y_all = X, y
        else:
            buffer = self.__dict__.setdefault("_buffer", RowBuffer())
            X_all, y_all = buffer.extend(self.X_training, X), kind_of(y, self.estimator).joined(self.y_training, y)
        how = how_to_train(self.estimator, self.retrain, only_new)
        if how != "fresh" and (new := unseen_classes(self.estimator, y)):
            warn(
                f"{who}: {name_of(self.estimator)} cannot learn the classes {new} on from where it is, so a fresh "
                f"copy is trained on all {n_rows(X_all)} rows."
            )
            how, only_new = "fresh", False
        alone = only_new or how == "partial_fit"
        arguments = {**self.fit_kwargs, **fit_kwargs}
        arguments |= {name: values[n_known:] if alone else values for name, values in weights.items()}
        unlabeled = still_unlabeled(vars(self).get("_unlabeled"), new_unlabeled, X)
        rows = (X, y) if alone else (X_all, y_all)
        model = self._trained(how, *rows, bootstrap, arguments, who, new_unlabeled if alone else unlabeled)
        return Update(model, X_all, y_all, keys, weights, unlabeled, handed_out)

    def _batch(self, X: Any, y: Any, missing_label: Any, arguments: dict[str, Any], n_known: int, who: str) -> Batch:
        """What was given, rows without a label apart; a committee's own mark of them comes before the learner's."""
        own = isinstance(missing_label, str) and missing_label == "auto"
        mark = self.missing_label if own else missing_label
        batch = split_batch(in_memory(X), in_memory(y), mark, arguments, n_known, who)
        if batch.unlabeled is None or learns_from_unlabeled(self.estimator):
            return batch
        return batch._replace(unlabeled=None)

    def _check_batch(self, X: Any, y: Any, known: tuple[Any, Any], who: str) -> None:
        ignored = ignore_label_of(self.estimator)
        check_batch(X, y, *known, self.classes, self.force_all_finite, self.estimator, who, ignored)

    def _weights_of_all(self, given: dict[str, Any], n_known: int, n_new: int, who: str) -> Weights:
        known: Weights = vars(self).get("_weights", {})
        of_learner = {name: np.asarray(value) for name, value in self.fit_kwargs.items() if is_weights(name)}
        fitting = {name: value for name, value in of_learner.items() if value.shape[:1] == (n_known,)}
        return joined_weights(given, {**fitting, **known}, n_known, n_new, who)

    def _bootstrap_update(self, fit_kwargs: dict[str, Any]) -> Update:
        who = "Committee.rebag"
        if self.X_training is None:
            raise ValueError(f"{who}: every learner must have been taught before, got one without data.")
        X, y = self.X_training, self.y_training
        weights = self._weights_of_all(fit_kwargs, n_rows(X), 0, who)
        arguments = {**self.fit_kwargs, **fit_kwargs, **weights}
        unlabeled = vars(self).get("_unlabeled")
        model = self._trained("fresh", X, y, True, arguments, who, unlabeled)
        return Update(model, X, y, weights=weights, unlabeled=unlabeled)

    def _trained(
        self, how: How, X: Any, y: Any, bootstrap: bool, arguments: dict[str, Any], who: str, unlabeled: Any
    ) -> Any:
        self._check_parameters()
        rng = None if self.random_state is None else self._generator()
        if bootstrap:
            rows = bootstrap_rows(y, self._generator())
            X, y = take(X, rows), take(y, rows)
            weights = [name for name in arguments if is_weights(name) and arguments[name] is not None]
            arguments = {**arguments, **{name: take(arguments[name], rows) for name in weights}}
        if unlabeled is not None:
            X, y, arguments = with_unlabeled(X, y, unlabeled, arguments)
        given = self._given_estimator()  # what has no parameters cannot tell what was changed on the fitted one
        model = given if how == "fresh" and hasattr(given, "get_params") else self.estimator
        return trained(model, X, y, how, rng, arguments, who)

    def _commit(self, update: Update) -> ActiveLearner:
        if update.estimator is not vars(self)["estimator"]:
            self._fitted, self._as_trained = update.estimator, settings_of(update.estimator)
        else:
            self.__dict__.pop("_fitted", None)
        self.X_training, self.y_training = update.X, update.y
        self._weights, self._unlabeled = update.weights, update.unlabeled
        if update.keys is not None:
            self._keys = (update.X, update.keys)
        if update.handed_out is not None:
            self._handed_out = update.handed_out
        return self

    def _note_handed_out(self, rows: Any) -> None:
        if self.duplicates == "raise":
            self._handed_out = vars(self).get("_handed_out", Counter()) + Counter(row_keys(rows))

    def _known_keys(self) -> set[bytes]:
        """Digests of the rows taught; `_commit` adds to them, so that each row is read once and not once a round."""
        rows, keys = getattr(self, "_keys", (None, set()))
        if rows is not self.X_training:
            keys = set() if self.X_training is None else set(row_keys(self.X_training))
            self._keys = (self.X_training, keys)
        return keys

    def _check_parameters(self) -> None:
        self._check_seed()
        refuse_class(self.estimator, "estimator", "ActiveLearner")
        check_strategy(self.query_strategy, "ActiveLearner")
        for name, allowed in (("retrain", ("scratch", "warm")), ("duplicates", ("raise", "allow"))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"ActiveLearner: {name} must be one of {allowed}, got {getattr(self, name)!r}.")
        if self.force_all_finite not in (None, True, False):
            raise ValueError(
                f"ActiveLearner: force_all_finite must be True, False or None, got {self.force_all_finite!r}."
            )
        if self.retrain == "warm":
            check_can_go_on(self.estimator, "ActiveLearner")
