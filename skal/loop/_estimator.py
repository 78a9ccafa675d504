"""The loop inside an estimator: what a classifier and a regressor that choose their labels have in common."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import MetaEstimatorMixin, OneToOneFeatureMixin
from sklearn.exceptions import DataConversionWarning
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array, check_consistent_length, check_random_state, get_tags
from sklearn.utils.validation import check_is_fitted

from skal.annotation import Oracle, describe_oracle
from skal.around import TransformsAsModel, model_has, refuse_class, weights_if_taken
from skal.data import in_memory, n_rows, take
from skal.labels import ScoresLabeledRows
from skal.loop._initial import INITIAL, Initial, initial_pool
from skal.loop._pool import fitted_to_pool
from skal.loop._round import Round
from skal.loop._rounds import rounds
from skal.outputs import accepts_nan, refuse_nan
from skal.query import check_strategy, uncertainty_sampling
from skal.stopping import AuditRows, Criterion, read_stop
from skal.targets import TargetKind

_AUDIT = (0, 3)  # the stream that audit rows are drawn from; (0, 2) is that of the stop set
_NOISE = (0, 1)  # the annotator's stream of random numbers, beside those of the rounds, (0,), (1,), ...


def _observed(round_: Round) -> dict[str, Any]:
    """What a criterion adds to the history of a round."""
    said = {} if round_.verdict is None else {"verdict": str(round_.verdict)}
    seen = round_.observation
    return said if seen is None or seen.score is None else {**said, "audit_score": seen.score}


def _is_text(X: Any) -> bool:
    return getattr(getattr(X, "dtype", None), "kind", "O") in "OUT"


def _takes_nan(model: Any) -> bool:
    """Whether NaN comes to an end in a model; scalers, which have a column for each, pass it on to the next step."""
    if not isinstance(model, Pipeline):
        return bool(accepts_nan(model))
    for _, step in model.steps:
        passes_on = step in (None, "passthrough") or (isinstance(step, OneToOneFeatureMixin) and accepts_nan(step))
        if not passes_on:
            return bool(accepts_nan(step))
    return True


class LoopEstimator(TransformsAsModel, ScoresLabeledRows, MetaEstimatorMixin):
    """An estimator that may look at only so many labels, and chooses which; before the mixin of its type.

    The parameters are those of all such estimators; a class with another default takes `with_defaults`. It says which
    model it takes (`_check_model`), which labels (`_checked_labels`), of which kind they are (`_kind`), and when
    first labels are too few (`_check_initial`).
    """

    def __init__(
        self,
        estimator: Any = None,
        query_strategy: Callable[..., Any] = uncertainty_sampling,
        *,
        n_initial: int = 10,
        n_instances: int = 10,
        budget: int = 100,
        initial: Initial = "random",
        oracle: Callable[..., Callable[[NDArray[np.intp]], Any]] | None = None,
        stop: str | Criterion | None = None,
        n_audit: int = 0,
        missing_label: Any = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.query_strategy = query_strategy
        self.n_initial = n_initial
        self.n_instances = n_instances
        self.budget = budget
        self.initial = initial
        self.oracle = oracle
        self.stop = stop
        self.n_audit = n_audit
        self.missing_label = missing_label
        self.random_state = random_state

    @weights_if_taken
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> Self:
        """Play the loop with `y` as the annotator.

        Parameters
        ----------
        X : container of n rows
            The pool.
        y : array-like of shape (n,), or (n, L) of 0 and 1 for a classifier of several labels a row
            Labels; rows without one are never asked for.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows; those of the labelled rows reach the fit of each round.
        **fit_params
            More for the task model's ``fit``; what has an entry for each row is cut in the same way. Where
            scikit-learn routes metadata, the task model gets what it requests.

        Returns
        -------
        self
            Itself.
        """
        self._check_parameters()
        self._check_model()
        self._check_rows(X)
        candidates, labels = self._checked_labels(X, y)
        metadata = self._fit_metadata(n_rows(X), sample_weight, fit_params)
        answers = np.empty((n_rows(X), *labels.shape[1:]), dtype=labels.dtype)
        answers[candidates] = labels
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        kind = self._kind(labels)
        kind.check_model(model := self._model_of(kind), labels, type(self).__name__)
        audited, candidates = self._audit_rows(candidates, seed)
        initial = initial_pool(X, answers, self.n_initial, self.initial, seed, candidates, kind)
        self._check_initial(len(initial) + len(audited), kind)
        oracle = self._annotator(answers, labels, np.union1d(candidates, audited), initial, seed, kind)
        history = []
        for round_ in rounds(
            fitted_to_pool(model, X, candidates, seed),
            X,
            oracle,
            self.query_strategy,
            initial,
            n_instances=self.n_instances,
            n_labels=self.budget - len(audited),
            random_state=seed,
            candidates=candidates,
            fit_params=metadata,
            stop=self.stop,
            audit=AuditRows(take(X, audited), oracle(audited)) if len(audited) else None,
        ):
            history.append(
                {
                    "round": round_.number,
                    "n_labels": len(round_.labeled),
                    "picked": round_.picked,
                    "fit_seconds": round_.fit_seconds,
                    "query_seconds": round_.query_seconds,
                    **_observed(round_),
                }
            )
        self.estimator_ = round_.learner.estimator
        self.labeled_indices_ = round_.labeled
        self.audit_indices_ = audited
        self.verdict_ = round_.verdict
        self.history_ = history
        return self

    @model_has("transform")
    def transform(self, X: Any) -> Any:
        """Embedding of the task model."""
        check_is_fitted(self)
        return self.estimator_.transform(X)

    @property
    def n_features_in_(self) -> int:
        """Number of features of the task model."""
        check_is_fitted(self)
        return int(self.estimator_.n_features_in_)

    @property
    def feature_names_in_(self) -> Any:
        """Names of the features of the task model."""
        check_is_fitted(self)
        return self.estimator_.feature_names_in_

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        model = get_tags(self._model())
        tags.input_tags = model.input_tags
        tags.input_tags.allow_nan = _takes_nan(self._model())
        tags.non_deterministic = self.random_state is None
        return tags

    def _audit_rows(self, candidates: NDArray[np.intp], seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Draw the audit rows, and return what is left for learning beside them."""
        if self.n_audit == 0:
            return np.empty(0, dtype=np.intp), candidates
        if len(candidates) < self.n_audit + self.n_initial:
            raise ValueError(
                f"{type(self).__name__}: n_audit={self.n_audit} and n_initial={self.n_initial} need as many rows "
                f"with a label, got {len(candidates)}. Take fewer audit rows."
            )
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=_AUDIT))
        audited = np.sort(rng.choice(candidates, self.n_audit, replace=False))
        return audited, np.setdiff1d(candidates, audited)

    def _check_model(self) -> None:
        """Raise if the task model is of the other type."""

    def _kind(self, labels: Any) -> TargetKind:
        raise NotImplementedError

    def _model_of(self, kind: TargetKind) -> Any:
        """Return the task model that learns such labels: the one that was given, or the usual one."""
        return self._model()

    def _checked_labels(self, X: Any, y: Any) -> tuple[NDArray[np.intp], NDArray[Any]]:
        """Return rows that have a label, and their labels; or raise."""
        raise NotImplementedError

    def _annotator(self, y: Any, labels: Any, candidates: Any, initial: Any, seed: int, kind: TargetKind) -> Any:
        if self.oracle is None:
            return Oracle(y)
        if "wrong_labels" in kind.refused and (describe_oracle(self.oracle) or {}).get("oracle") == "noisy":
            raise ValueError(f"{type(self).__name__}: {kind.refused['wrong_labels']}.")
        noise_seed = int(np.random.SeedSequence(seed, spawn_key=_NOISE).generate_state(1)[0])
        classes = np.unique(labels)
        return self.oracle(y, candidates=candidates, initial=initial, classes=classes, random_state=noise_seed)

    def _check_parameters(self) -> None:
        who = type(self).__name__
        refuse_class(self.estimator, "estimator", who)
        check_strategy(self.query_strategy, who)
        for name in ("n_initial", "n_instances", "budget"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
                raise ValueError(f"{who}: {name} must be an int >= 1, got {value!r}.")
        if self.budget < self.n_initial:
            raise ValueError(f"{who}: budget={self.budget} must be at least n_initial={self.n_initial}.")
        n_audit = self.n_audit
        if isinstance(n_audit, bool) or not isinstance(n_audit, numbers.Integral) or n_audit < 0 or n_audit == 1:
            raise ValueError(f"{who}: n_audit must be 0, or a whole number >= 2, got {n_audit!r}.")
        if self.budget < self.n_initial + n_audit:
            raise ValueError(
                f"{who}: budget={self.budget} must pay for n_initial={self.n_initial} and n_audit={n_audit} labels."
            )
        if self.stop is not None:
            read_stop(self.stop)
        if self.initial not in INITIAL:
            raise ValueError(f"{who}: initial must be one of {INITIAL}, got {self.initial!r}.")
        if isinstance(self.oracle, Oracle) or not (self.oracle is None or callable(self.oracle)):
            raise TypeError(
                f"{who}: oracle must make the annotator of a fit, such as partial(NoisyOracle, rate=0.2), got "
                f"{self.oracle!r}."
            )

    def _check_initial(self, n_initial: int, kind: TargetKind) -> None:
        """Raise if the first labels are more than the budget pays for."""

    def _check_rows(self, X: Any) -> None:
        """Refuse bad numbers anywhere in the pool, not only in the rows that come to be labelled."""
        n_rows(X)  # refuses what has none, and masked arrays
        refuse_nan(X, self._model(), f"{type(self).__name__}.fit")
        is_list = isinstance(X, (list, tuple))
        if not (is_list or isinstance(X, np.ndarray) or issparse(X) or hasattr(X, "iloc")):
            return
        if (is_list and len(X) and isinstance(X[0], str)) or (len(getattr(X, "shape", (0, 0))) == 1 and _is_text(X)):
            return  # for a Pipeline that reads it
        if hasattr(X, "iloc"):
            X = X.select_dtypes("number") if hasattr(X, "select_dtypes") else X
            if X.shape[1:] == (0,):
                return
        accept_sparse = get_tags(self).input_tags.sparse
        check_array(
            X, accept_sparse=accept_sparse, dtype=None, allow_nd=True, ensure_all_finite=False, estimator=self
        )

    def _labels_of_rows(self, X: Any, y: Any) -> Any:
        """Labels in memory, as many as rows."""
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but the target y is None: y "
                "answers for the annotator."
            )
        y = in_memory(y)
        if n_rows(X) != n_rows(y):
            check_consistent_length(X, y)
        return y

    def _one_label_a_row(self, X: Any, y: Any) -> Any:
        """Labels of the rows; a column is taken for a vector, with scikit-learn's warning."""
        y = self._labels_of_rows(X, y)
        shape = np.asarray(y).shape
        if len(shape) == 2 and shape[1] == 1:
            warnings.warn(
                "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
                "(n_samples,), for example using ravel().",
                DataConversionWarning,
                stacklevel=4,
            )
        return y
