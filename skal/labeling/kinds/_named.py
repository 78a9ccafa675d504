"""Estimators by name for projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def named_estimator(name: str, columns: Mapping[str, str] | None) -> Any:
    """Make an estimator; one of the user's own that reads a table by itself is told no columns."""
    from skal.estimators import ESTIMATORS, make_estimator

    try:
        return make_estimator(name, columns=columns)
    except ValueError:
        if name.partition(":")[0] in ESTIMATORS:
            raise
        return make_estimator(name)
