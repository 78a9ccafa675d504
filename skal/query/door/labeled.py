"""The labelled data of a query: those of the call, else those that the learner was taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skal.data import take
from skal.outputs import MissingOutput, is_fitted, labeled_data

LABELED = ("X_labeled", "y_labeled")


def found_labels(name: str, learner: Any, X_pool: Any, wanted: Sequence[str]) -> Mapping[str, Any]:
    """Return the labelled data that a learner knows, under the names that are wanted.

    Parameters
    ----------
    name : str
        Of the strategy, for the message.
    learner : learner
        Who may have been taught something.
    X_pool : container of n rows
        Gives the kind of container where nothing was ever taught.
    wanted : sequence of str
        Of "X_labeled" and "y_labeled", those that the call does not give.

    Raises
    ------
    MissingOutput
        If the learner is fitted and does not tell to what.
    """
    X_labeled, y_labeled = labeled_data(learner)
    if X_labeled is None:
        if is_fitted(learner):
            raise MissingOutput(
                f"{name} needs the labelled data, and {type(learner).__name__} does not hold any. Pass "
                f"{' and '.join(f'{key}=' for key in wanted)}, or an ActiveLearner that was given X_training and "
                "y_training."
            )
        X_labeled, y_labeled = take(X_pool, []), np.empty(0)  # nothing was ever taught
    found = {"X_labeled": X_labeled, "y_labeled": y_labeled}
    return {key: found[key] for key in wanted}
