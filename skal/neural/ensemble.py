"""Several classifiers, trained alike from different seeds, as one classifier and one committee."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import check_array, check_random_state, get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skal.around import RoutesFit, of_rows, refuse_class, weights_if_taken
from skal.data import RowView, n_rows, take
from skal.labels import ScoresLabeledRows, labeled_part, learns_from_unlabeled, partly_labeled
from skal.masks import mask_classes, resized_mask
from skal.neural._segmenter_predictions import SegmenterPredictions, mean_iou, small_labels, stacked
from skal.neural.classifier import NeuralClassifier
from skal.targets import kind_of
from skal.training import MAX_SEED, image_sizes, labeled_targets, pixels_of

_IMAGES = 8  # whose probabilities are held at a time when labels of pixels are predicted


class EnsembleClassifier(RoutesFit, ScoresLabeledRows, ClassifierMixin, BaseEstimator):
    """Classifiers that differ by their seeds alone, or by their rows too; where they disagree none of them knows.

    Parameters
    ----------
    estimator : classifier or None, default=None
        Cloned for each member, its seeds replaced. Has ``predict_proba``. A `NeuralSegmenter` makes an ensemble for
        the labels of pixels. None: `NeuralClassifier`.
    n_members : int, default=5
        Members.
    bootstrap : bool, default=False
        Whether each is fitted to as many rows as are labelled, drawn with replacement, of two classes at least;
        unlabelled rows are the same for all.
        Seeds alone make deep nets differ enough [1]_; a logistic regression needs this.
    n_jobs : int or None, default=None
        Members fitted at a time, by joblib; None: one, unless a ``parallel_config`` says otherwise. Members are the
        same however many.
    random_state : int, RandomState or None, default=None
        Draws each member's seed.
    missing_label : scalar, default="auto"
        Marks rows of `y` without a label; see `skal.labels.unlabeled_mask`. Only members that learn from unlabelled
        rows too, such as `skal.semi_supervised.UDAClassifier`, are given them.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
        Labels, sorted.
    members_ : list of classifiers
        Fitted. `skal.outputs.committee_proba` reads them, so that strategies for committees take the ensemble.
    n_features_in_ : int
        Columns of a table, channels of images.

    References
    ----------
    .. [1] Lakshminarayanan, Pritzel & Blundell, "Simple and scalable predictive uncertainty estimation using deep
       ensembles", NIPS 2017, section 2.4.
    .. [2] Beluch et al., "The power of ensembles for active learning in image classification", CVPR 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> ensemble = EnsembleClassifier(DecisionTreeClassifier(), 3, bootstrap=True, random_state=0).fit(X, y)
    >>> len(ensemble.members_), ensemble.predict_proba(X).shape
    (3, (150, 3))
    """

    def __init__(
        self,
        estimator: Any = None,
        n_members: int = 5,
        *,
        bootstrap: bool = False,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        missing_label: Any = "auto",
    ) -> None:
        self.estimator = estimator
        self.n_members = n_members
        self.bootstrap = bootstrap
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.missing_label = missing_label

    @weights_if_taken
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> EnsembleClassifier:
        """Fit every member to the labelled rows, and to all of them where it learns from unlabelled rows too.

        Parameters
        ----------
        X : container of n rows
            Whatever the estimator takes.
        y : array-like of shape (n,), or masks of n images
            Labels of any type, some of them missing.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows. A bootstrap draws rows whatever their weights, and each row drawn keeps its own.
        **fit_params
            More for the ``fit`` of every member; what has an entry for each row is cut to the rows of the member.
            Where scikit-learn routes metadata, members get what the estimator requests.

        Returns
        -------
        EnsembleClassifier
            Itself.

        Raises
        ------
        ValueError
            If rows or labels cannot be trained on.
        """
        who = type(self).__name__
        if (
            isinstance(self.n_members, bool)
            or not isinstance(self.n_members, (int, np.integer))
            or self.n_members < 1
        ):
            raise ValueError(f"{who}: n_members must be an int >= 1, got {self.n_members!r}.")
        refuse_class(self.estimator, "estimator", who)
        self._check_columns(X, reset=True)
        rows, labels, targets, classes = self._labeled(X, y)
        metadata = self._fit_metadata(n_rows(X), sample_weight, fit_params)
        unlabeled = np.empty(0, dtype=np.intp)
        if learns_from_unlabeled(self._model()):
            unlabeled = np.setdiff1d(np.arange(n_rows(X)), rows)
        seeds = check_random_state(self.random_state).randint(MAX_SEED, size=self.n_members).tolist()
        shared = X if len(rows) == n_rows(X) else _part(X, np.concatenate([rows, unlabeled]))

        def member_and_data(seed: int) -> tuple[Any, Any, Any, dict[str, Any]]:
            draws = np.random.RandomState(seed)
            member = _reseeded(clone(self._model()), draws)
            if not self.bootstrap:
                chosen, drawn = np.arange(len(rows)), shared
            else:
                chosen = draws.randint(len(rows), size=len(rows)) if targets is None else _bootstrap(targets, draws)
                drawn = _part(X, np.concatenate([rows[chosen], unlabeled]))
            known = take(labels, chosen) if self.bootstrap else labels
            targets_drawn = partly_labeled(known, len(unlabeled)) if len(unlabeled) else known
            of_member = of_rows(metadata, np.concatenate([rows[chosen], unlabeled]), n_rows(X))
            return member, drawn, targets_drawn, of_member

        fits = (delayed(_fitted)(*member_and_data(seed)) for seed in seeds)
        self.members_ = list(Parallel(n_jobs=self.n_jobs)(fits))
        self.classes_ = np.unique(np.concatenate([classes, *(member.classes_ for member in self.members_)]))
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Mean of the members' class probabilities, in the order of ``classes_``.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, C), or (n, C, H, W)
            Rows add up to one. A class that a member has not seen has probability 0 to it.
        """
        check_is_fitted(self)
        self._check_columns(X, reset=False)
        total: NDArray[Any] | None = None
        for member in self.members_:
            P = member.predict_proba(X)
            if total is None:
                kept = P.dtype if P.ndim > 2 else np.float64  # of pixels there are many
                total = np.zeros((len(P), len(self.classes_), *P.shape[2:]), dtype=kept)
            total[:, np.searchsorted(self.classes_, member.classes_)] += P
        if total is None:
            return np.zeros((0, len(self.classes_)))
        total /= len(self.members_)
        return total

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of the largest mean probability, of rows or of the pixels of images."""
        if self._is_of_masks():
            return stacked(list(self._label_maps(X)))
        P = self.predict_proba(X)
        return np.asarray(self.classes_[P.argmax(axis=1)])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Accuracy on labelled rows; of members that label pixels, the mean intersection over union.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        y : array-like of shape (n,), or masks of n images
            Labels; rows without one, as `fit` knows them, are left out.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows; not of images whose pixels are labelled.

        Returns
        -------
        float
            In [0, 1].
        """
        if not self._is_of_masks():
            return float(super().score(X, y, sample_weight))
        check_is_fitted(self)
        if sample_weight is not None:
            raise ValueError(f"{type(self).__name__}.score: images whose pixels are labelled take no sample_weight.")
        rows, masks = labeled_part(y)
        labeled = X if len(rows) == n_rows(X) else RowView(X, rows)
        return mean_iou(self.classes_, self.members_[0].ignore_label, masks, self._label_maps(labeled))

    def numbers_per_row(self, X: Any) -> int:
        """Numbers that `predict_proba` gives a row; blocks of a pool are cut by it."""
        count = getattr(self.members_[0], "numbers_per_row", None)
        return len(self.classes_) if count is None else int(count(X))

    def _is_of_masks(self) -> bool:
        return isinstance(self.members_[0] if hasattr(self, "members_") else self._model(), SegmenterPredictions)

    def _label_maps(self, X: Any) -> Iterator[NDArray[Any]]:
        """Predicted labels of each image at its own size, from the mean probabilities of a few at a time."""
        labels = small_labels(self.classes_)
        for start in range(0, n_rows(X), _IMAGES):
            images = take(X, slice(start, start + _IMAGES))
            codes = self.predict_proba(images).argmax(axis=1)
            for code, size in zip(codes, image_sizes(images), strict=True):
                yield labels[resized_mask(code, size)]

    def _labeled(self, X: Any, y: Any) -> tuple[NDArray[np.intp], Any, NDArray[np.int64] | None, NDArray[Any]]:
        """Labelled rows, their labels, these as positions among the classes (None: masks have none), the classes."""
        who = type(self).__name__
        if kind_of(y).reading == "pixels":
            rows, masks = labeled_part(y)
            ignore_label = getattr(self._model(), "ignore_label", 255)
            known = getattr(self._model(), "classes", None)
            return rows, masks, None, mask_classes(masks, ignore_label) if known is None else np.unique(known)
        rows, targets, classes = labeled_targets(X, y, self.missing_label, None, who)
        return rows, classes[targets], targets, classes

    def _check_columns(self, X: Any, reset: bool) -> None:
        """Check number and names of columns; what is in them is checked by the members, which may take texts."""
        if self._is_of_masks():  # what is in images is checked by the members
            if reset:
                self.n_features_in_ = len(pixels_of(X, 0))
            return
        if isinstance(X, np.ndarray) and X.ndim == 1 and X.dtype.kind in "biuf":
            check_array(X, estimator=self)
        validate_data(self, X, reset=reset, skip_check_array=True)

    def _model(self) -> Any:
        return NeuralClassifier() if self.estimator is None else self.estimator

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self._model()).input_tags
        tags.non_deterministic = self.random_state is None
        return tags


def _reseeded(estimator: Any, rng: np.random.RandomState) -> Any:
    """Replace every seed of an estimator, nested ones too, in place: given ones would make all members equal."""
    names = [name for name in sorted(estimator.get_params()) if name.split("__")[-1] == "random_state"]
    return estimator.set_params(**{name: int(rng.randint(MAX_SEED)) for name in names})


def _bootstrap(targets: NDArray[np.int64], rng: np.random.RandomState) -> NDArray[np.intp]:
    """Draw as many positions as there are, with replacement, and two classes at least where there are two."""
    n = len(targets)
    chosen = rng.randint(n, size=n)
    while targets.min() != targets.max() and (targets[chosen] == targets[chosen[0]]).all():
        chosen = rng.randint(n, size=n)
    return np.asarray(chosen, dtype=np.intp)


def _part(X: Any, rows: NDArray[np.intp]) -> Any:
    """Rows of a table in its own kind, with its column names; of images, which may lie on disk, a view."""
    table = isinstance(X, (list, tuple)) or len(getattr(X, "shape", (0, 0, 0))) <= 2
    return take(X, rows) if table else RowView(X, rows)


def _fitted(member: Any, X: Any, y: Any, metadata: dict[str, Any]) -> Any:
    return member.fit(X, y, **metadata)
