"""One estimator, what it was taught, and how it asks for more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import UNUSED

from skal.around import refuse_class
from skal.data import in_memory
from skal.learners._answering import Answering
from skal.learners._querying import QueryMixin
from skal.learners._signature import shows_weights
from skal.learners._taught import Taught, Update
from skal.learners._training import Retrain, check_can_go_on
from skal.query import check_strategy, uncertainty_sampling


class ActiveLearner(Taught, Answering, QueryMixin, BaseEstimator):
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

    @classmethod
    def fitted(cls, estimator: Any, X_training: Any, y_training: Any, *args: Any, **kwargs: Any) -> Self:
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
    def fit(self, X: Any, y: Any, bootstrap: bool = False, **fit_kwargs: Any) -> Self:
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

    def _trained_parts(self) -> tuple[Any, ...]:
        return (self.estimator,)

    def _check_parameters(self) -> None:
        who = type(self).__name__
        self._check_seed()
        refuse_class(self.estimator, "estimator", who)
        check_strategy(self.query_strategy, who)
        for name, allowed in (("retrain", ("scratch", "warm")), ("duplicates", ("raise", "allow"))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{who}: {name} must be one of {allowed}, got {getattr(self, name)!r}.")
        if self.force_all_finite not in (None, True, False):
            raise ValueError(f"{who}: force_all_finite must be True, False or None, got {self.force_all_finite!r}.")
        if self.retrain == "warm":
            check_can_go_on(self.estimator, who)
