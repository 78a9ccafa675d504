"""How far confidence is from accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.outputs import proba
from skal.statistics import expected_calibration_error as of_probabilities

__all__ = ["expected_calibration_error"]


def expected_calibration_error(learner: Any, X: Any, y: Any) -> float:
    """Measure how far confidence is from accuracy: ECE over 15 bins of the largest probability.

    Parameters
    ----------
    learner : learner
        With ``predict_proba`` and ``classes_``.
    X : container of n rows
        Test rows.
    y : array-like of shape (n,)
        Their labels; a class the learner has never seen counts as missed.

    Returns
    -------
    float
        In [0, 1], lower = better.

    References
    ----------
    .. [1] Guo et al., "On calibration of modern neural networks", ICML 2017, equation 3.
    """
    P = proba(learner, X)
    classes = np.asarray(learner.classes_)
    labels = np.asarray(y)
    order = np.argsort(classes)  # a learner of one's own may name its classes in any
    places = order[np.searchsorted(classes, labels, sorter=order).clip(0, len(classes) - 1)]
    return float(of_probabilities(P, np.where(classes[places] == labels, places, -1)))
