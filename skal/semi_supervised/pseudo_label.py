"""Pseudo labels: what a classifier is sure of becomes a label, and it is fitted again.

Lee, "Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks", ICML workshop
on challenges in representation learning, 2013; the loop is that of Yarowsky, "Unsupervised word sense disambiguation
rivaling supervised methods", ACL 1995.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils import check_array, get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skal.around import TransformsAsModel, model_has, of_rows, refuse_class, weights_if_taken
from skal.cloning import seeded
from skal.data import RowView, concatenate, n_rows, take, to_numpy
from skal.labels import ScoresLabeledRows
from skal.training import labeled_targets
from skal.warning import warn


class PseudoLabelClassifier(TransformsAsModel, ScoresLabeledRows, MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Any classifier, fitted again and again to the labels there are and to those it has become sure of.

    Parameters
    ----------
    estimator : classifier or None, default=None
        With ``predict_proba``; cloned. None: logistic regression.
    threshold : float, default=0.95
        Predictions of more than this probability become labels, for good, in (0, 1).
    max_iter : int, default=5
        Fits at most, beside the last.
    missing_label : scalar, default="auto"
        Marks rows of `y` without a label; see `skal.labels.unlabeled_mask`.
    random_state : int, RandomState or None, default=None
        Seeds the classifier where it has no seed of its own.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
        Labels, sorted.
    estimator_ : classifier
        Fitted to labels and pseudo labels; its classes are positions in ``classes_``.
    n_labeled_, n_pseudo_labeled_ : int
        Rows of either kind in the last fit.
    n_iter_ : int
        Fits, the last among them.
    n_features_in_ : int
        Columns of a table, channels of images.

    Notes
    -----
    The loop is scikit-learn's ``SelfTrainingClassifier``, which is given positions of rows: the classifier gets the
    rows as they came, frames with their names among them. Time: up to
    ``max_iter + 1`` fits and as many passes over the unlabelled rows; memory: a copy of the rows that are labelled.
    Nets are sure of what they have learnt by heart, right or wrong: this is a baseline.

    References
    ----------
    .. [1] Lee, "Pseudo-label", ICML workshop on challenges in representation learning, 2013.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> partly = [label if i < 100 else None for i, label in enumerate(y)]
    >>> model = PseudoLabelClassifier(LogisticRegression(max_iter=1000)).fit(X, partly)
    >>> model.n_labeled_, model.n_pseudo_labeled_ > 100
    (100, True)
    """

    learns_from_unlabeled: ClassVar[bool] = True

    def __init__(
        self,
        estimator: Any = None,
        *,
        threshold: float = 0.95,
        max_iter: int = 5,
        missing_label: Any = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.threshold = threshold
        self.max_iter = max_iter
        self.missing_label = missing_label
        self.random_state = random_state

    @weights_if_taken
    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, X_unlabeled: Any = None, **fit_params: Any
    ) -> PseudoLabelClassifier:
        """Fit to labelled rows, and to what becomes of the unlabelled ones.

        Parameters
        ----------
        X : container of n rows
            A table (n, d) or images (n, C, H, W).
        y : array-like of shape (n,)
            Labels of any type. Rows whose label is missing are the unlabelled ones.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows; those of unlabelled rows count once they have a pseudo label.
        X_unlabeled : container of rows, default=None
            More unlabelled rows; metadata of rows belongs to `X` alone, so the two do not go together.
        **fit_params
            More for the classifier's ``fit``; what has an entry for each row is cut to the rows of a fit. Where
            scikit-learn routes metadata, the classifier gets what it requests.

        Returns
        -------
        PseudoLabelClassifier
            Itself.

        Raises
        ------
        ValueError
            If rows, labels or parameters cannot be used.

        Warns
        -----
        UserWarning
            If there is no unlabelled row.
        """
        who = type(self).__name__
        if not (isinstance(self.threshold, (int, float)) and 0 < self.threshold < 1):
            raise ValueError(f"{who}: threshold must be a number in (0, 1), got {self.threshold!r}.")
        if isinstance(self.max_iter, bool) or not isinstance(self.max_iter, (int, np.integer)) or self.max_iter < 1:
            raise ValueError(f"{who}: max_iter must be an int >= 1, got {self.max_iter!r}.")
        refuse_class(self.estimator, "estimator", who)
        X = self._rows(X, reset=True)
        rows, targets, classes = labeled_targets(X, y, self.missing_label, None, who)
        codes = np.full(n_rows(X), -1, dtype=np.int64)  # scikit-learn's mark of a missing label
        codes[rows] = targets
        metadata = self._fit_metadata(n_rows(X), sample_weight, fit_params)
        if X_unlabeled is not None:
            self._refuse_metadata_of_rows(metadata, n_rows(X))
            X = concatenate(X, self._rows(X_unlabeled, reset=False))
            codes = np.concatenate([codes, np.full(n_rows(X) - len(codes), -1, dtype=np.int64)])
        model = seeded(clone(self._model()), self.random_state)
        if (codes >= 0).all():
            warn(f"{who}: there is no unlabelled row to learn from, so this is a fit of the classifier alone.")
            self.estimator_, self.n_iter_, self.n_pseudo_labeled_ = model.fit(X, codes, **metadata), 1, 0
        else:
            by_position = _ByPosition(model, X, metadata)
            loop = SelfTrainingClassifier(by_position, threshold=self.threshold, max_iter=self.max_iter)
            loop.fit(np.arange(n_rows(X))[:, None], codes)
            self.estimator_ = loop.estimator_.model
            self.n_iter_ = int(loop.n_iter_) + 1
            self.n_pseudo_labeled_ = int((loop.labeled_iter_ > 0).sum())
        self.classes_, self.n_labeled_ = classes, len(rows)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each row."""
        check_is_fitted(self)
        return np.asarray(self.classes_[self.estimator_.predict(self._rows(X, reset=False))])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Class probabilities, in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_proba(self._rows(X, reset=False)))

    @model_has("predict_log_proba")
    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Logarithms of the class probabilities, in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.predict_log_proba(self._rows(X, reset=False)))

    @model_has("decision_function")
    def decision_function(self, X: Any) -> NDArray[Any]:
        """Decision function of the classifier, in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.estimator_.decision_function(self._rows(X, reset=False)))

    @model_has("transform")
    def transform(self, X: Any) -> Any:
        """Embedding of the classifier."""
        check_is_fitted(self)
        return self.estimator_.transform(self._rows(X, reset=False))

    @model_has("sampled_proba")
    def sampled_proba(self, X: Any, n_samples: int = 10, random_state: Any = None) -> Any:
        """Class probabilities under sampled dropout masks, as of `skal.neural.NeuralClassifier`."""
        check_is_fitted(self)
        return self.estimator_.sampled_proba(self._rows(X, reset=False), n_samples, random_state)

    def _model(self) -> Any:
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator

    def _rows(self, X: Any, reset: bool) -> Any:
        """Check an array as scikit-learn does, a frame for its columns alone, images for their numbers."""
        if isinstance(X, RowView) and len(X.shape) <= 2:
            X = take(X, slice(None))
        if hasattr(X, "columns"):  # what is in it is the classifier's matter: names, categories and texts stay
            validate_data(self, X, reset=reset, skip_check_array=True)
            return X
        if len(getattr(X, "shape", (0, 0))) <= 2:
            return validate_data(self, X, reset=reset, accept_sparse=["csr", "csc"])
        X = check_array(to_numpy(X), allow_nd=True, estimator=self)
        if reset:
            self.n_features_in_ = X.shape[1]
        return X

    def _refuse_metadata_of_rows(self, metadata: dict[str, Any], n: int) -> None:
        per_row = [
            name for name, value in metadata.items() if of_rows({name: value}, np.arange(0), n)[name] is not value
        ]
        if per_row:
            raise ValueError(
                f"{type(self).__name__}: {', '.join(per_row)} must be given for unlabelled rows too. Give all rows "
                "as X, with missing labels in y, in the place of X_unlabeled."
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = get_tags(self._model()).input_tags.sparse
        tags.input_tags.three_d_array = True
        return tags


class _ByPosition(ClassifierMixin, BaseEstimator):
    """A classifier that is given positions and reads the rows, so that any container passes a loop of arrays."""

    def __init__(self, model: Any, X: Any, metadata: dict[str, Any]) -> None:
        self.model = model
        self.X = X
        self.metadata = metadata

    def __sklearn_clone__(self) -> _ByPosition:
        return type(self)(self.model, self.X, self.metadata)  # a plain clone would copy the rows

    def fit(self, positions: NDArray[np.intp], y: NDArray[np.int64]) -> _ByPosition:
        rows = positions[:, 0]
        self.model.fit(take(self.X, rows), y, **of_rows(self.metadata, rows, n_rows(self.X)))
        self.classes_ = self.model.classes_
        return self

    def predict_proba(self, positions: NDArray[np.intp]) -> Any:
        return self.model.predict_proba(take(self.X, positions[:, 0]))
