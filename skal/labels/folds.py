"""Cross-validation that never tests on a row without a label."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.metaestimators import available_if

from skal.data import n_rows
from skal.labels.missing import labeled_part
from skal.targets import kind_of


class LabeledKFold:
    """Cross-validation for a partly labelled `y`: tests on labelled rows, trains on all the others.

    Parameters
    ----------
    cv : int or splitter, default=5
        An int: stratified folds (plain ones for a continuous `y` and for masks), as scikit-learn does. A splitter
        splits the labelled rows; groups are passed on. Under metadata routing what the splitter requests is
        requested: ``LabeledKFold(GroupKFold())`` takes ``params={"groups": groups}`` as ``GroupKFold()`` does.
    missing_label : scalar, default="auto"
        As in `unlabeled_mask`.

    Notes
    -----
    Unlabelled rows are in every training side and in no test side, so a semi-supervised estimator may use
    them and the score is the one of the labelled part. Test rows are never among the training rows. Where
    `y` holds objects (ints beside None), pair it with `masked_scorer`, which restores the label type.

    Examples
    --------
    >>> y = [0, 1, None, 0, 1, None]
    >>> [(train.tolist(), test.tolist()) for train, test in LabeledKFold(2).split(y, y)]
    [([2, 3, 4, 5], [0, 1]), ([0, 1, 2, 5], [3, 4])]
    """

    def __init__(self, cv: Any = 5, missing_label: Any = "auto") -> None:
        self.cv = cv
        self.missing_label = missing_label

    def __repr__(self) -> str:
        return f"LabeledKFold(cv={self.cv!r}, missing_label={self.missing_label!r})"

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield the training and test positions of each fold.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Not read.
        y : array-like of shape (n,)
            Labels, some of them missing.
        groups : array-like of shape (n,), default=None
            Groups for a splitter that wants them.

        Yields
        ------
        train, test : ndarray of int
            Rising positions; `test` is labelled throughout.
        """
        if y is None:
            raise ValueError("LabeledKFold.split: y is needed to tell labelled rows from unlabelled ones, got None.")
        rows, labels, labeled_groups = self._labeled(y, groups)
        unlabeled = np.setdiff1d(np.arange(n_rows(y)), rows)
        splitter = check_cv(self.cv, labels, classifier=True)
        for train, test in splitter.split(np.zeros((len(rows), 1)), labels, labeled_groups):
            yield np.sort(np.concatenate([rows[train], unlabeled])), rows[test]

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        if y is None:
            return int(check_cv(self.cv).get_n_splits(X, y, groups))
        rows, labels, labeled_groups = self._labeled(y, groups)
        splitter = check_cv(self.cv, labels, classifier=True)
        return int(splitter.get_n_splits(np.zeros((len(rows), 1)), labels, labeled_groups))

    def get_metadata_routing(self) -> Any:
        """Return what the splitter requests, under scikit-learn's metadata routing."""
        return get_routing_for_object(check_cv(self.cv))

    @available_if(lambda self: hasattr(self.cv, "set_split_request"))
    def set_split_request(self, **requests: Any) -> LabeledKFold:
        """Say whether the splitter is given groups, and under which name; see scikit-learn's metadata routing.

        Parameters
        ----------
        **requests : str, bool or None
            As of the splitter's own method; the splitter that was given is left as it is.

        Returns
        -------
        LabeledKFold
            Itself.
        """
        self.cv = copy.deepcopy(self.cv).set_split_request(**requests)
        return self

    def _labeled(self, y: Any, groups: Any) -> tuple[NDArray[np.intp], NDArray[Any], NDArray[Any] | None]:
        """Labelled rows, their labels and their groups."""
        rows, labels = labeled_part(y, self.missing_label)
        return rows, kind_of(labels).fold_labels(labels), None if groups is None else np.asarray(groups)[rows]
