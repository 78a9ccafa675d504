"""Pixels that are nobody's class, as an estimator calls them."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline

from skal.outputs import task_model

_IGNORE = 255


def ignore_label_of(estimator: Any) -> int:
    """Label of void pixels to an estimator, or to the last step of a Pipeline; 255 where it does not say."""
    model = task_model(estimator)
    model = model.steps[-1][1] if isinstance(model, Pipeline) else model
    return int(getattr(model, "ignore_label", _IGNORE))
