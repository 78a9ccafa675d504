"""Pseudo labels: what a classifier is sure of becomes a label, and it is fitted again.

Lee, "Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks", ICML workshop
on challenges in representation learning, 2013; the loop is that of Yarowsky, "Unsupervised word sense disambiguation
rivaling supervised methods", ACL 1995.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils import check_array, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skal.cloning import seeded
from skal.data import concatenate, n_rows, to_numpy
from skal.neural._labels import labeled_targets
from skal.warning import warn


def _model_has(method: str) -> Any:
    return available_if(lambda self: hasattr(getattr(self, "estimator_", self._model()), method))


class PseudoLabelClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
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
    The loop is scikit-learn's ``SelfTrainingClassifier``; images pass through it flattened. Time: up to
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

    def fit(self, X: Any, y: Any, *, X_unlabeled: Any = None) -> PseudoLabelClassifier:
        """Fit to labelled rows, and to what becomes of the unlabelled ones.

        Parameters
        ----------
        X : container of n rows
            A table (n, d) or images (n, C, H, W).
        y : array-like of shape (n,)
            Labels of any type. Rows whose label is missing are the unlabelled ones.
        X_unlabeled : container of rows, default=None
            More unlabelled rows.

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
        X = self._rows(X, reset=True)
        rows, targets, classes = labeled_targets(X, y, self.missing_label, None, who)
        codes = np.full(n_rows(X), -1, dtype=np.int64)  # scikit-learn's mark of a missing label
        codes[rows] = targets
        if X_unlabeled is not None:
            X = concatenate(X, self._rows(X_unlabeled, reset=False))
            codes = np.concatenate([codes, np.full(n_rows(X) - len(codes), -1, dtype=np.int64)])
        model = seeded(clone(self._model()), self.random_state)
        if (codes >= 0).all():
            warn(f"{who}: there is no unlabelled row to learn from, so this is a fit of the classifier alone.")
            self.estimator_, self.n_iter_, self.n_pseudo_labeled_ = model.fit(X, codes), 1, 0
        else:
            shape = X.shape[1:]
            flat = X if len(shape) == 1 else to_numpy(X).reshape(len(X), -1)
            shaped = make_pipeline(FunctionTransformer(partial(_shaped, shape=shape)), model)
            loop = SelfTrainingClassifier(shaped, threshold=self.threshold, max_iter=self.max_iter)
            loop.fit(flat, codes)
            self.estimator_ = loop.estimator_[-1]
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

    @_model_has("transform")
    def transform(self, X: Any) -> Any:
        """Embedding of the classifier."""
        check_is_fitted(self)
        return self.estimator_.transform(self._rows(X, reset=False))

    @_model_has("sampled_proba")
    def sampled_proba(self, X: Any, n_samples: int = 10, random_state: Any = None) -> Any:
        """Class probabilities under sampled dropout masks, as of `skal.neural.NeuralClassifier`."""
        check_is_fitted(self)
        return self.estimator_.sampled_proba(self._rows(X, reset=False), n_samples, random_state)

    def _model(self) -> Any:
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator

    def _rows(self, X: Any, reset: bool) -> Any:
        """Check a table as scikit-learn does, images for their numbers."""
        if len(getattr(X, "shape", (0, 0))) <= 2:
            return validate_data(self, X, reset=reset, accept_sparse=["csr", "csc"])
        X = check_array(to_numpy(X), allow_nd=True, estimator=self)
        if reset:
            self.n_features_in_ = X.shape[1]
        return X

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = get_tags(self._model()).input_tags.sparse
        tags.input_tags.three_d_array = True
        return tags


def _shaped(X: Any, shape: tuple[int, ...]) -> Any:
    """Rows as they were before they were flattened."""
    return X if len(shape) == 1 else X.reshape(len(X), *shape)
