"""Task models by name, for the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

__all__ = ["ESTIMATORS", "make_estimator"]


def _logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))


ESTIMATORS: dict[str, Callable[[], Any]] = {
    "bagged_logistic": lambda: make_pipeline(
        StandardScaler(), BaggingClassifier(LogisticRegression(max_iter=2000), n_estimators=10)
    ),
    "forest": lambda: RandomForestClassifier(n_estimators=100),
    "logistic": _logistic,
}


def make_estimator(name: str) -> Any:
    """Make a task model by name, unfitted and unseeded.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    if name not in ESTIMATORS:
        raise ValueError(f"There is no estimator {name!r}; there are {', '.join(sorted(ESTIMATORS))}.")
    return ESTIMATORS[name]()
