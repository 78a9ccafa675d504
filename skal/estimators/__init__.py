"""Task models by name, or by import path, for tables of any columns, texts and images.

What loads scikit-learn's models is loaded on first use: which model suits the rows is asked before one is needed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from skal.estimators.chosen import default_estimator

if TYPE_CHECKING:
    from skal.estimators.imported import import_estimator, is_import_path
    from skal.estimators.presets import (
        ESTIMATORS,
        NAMED_ESTIMATORS,
        PUBLISHED_ESTIMATORS,
        column_kinds,
        make_estimator,
        told_classes,
        with_column_uses,
    )
    from skal.estimators.regressors import NAMED_REGRESSORS, REGRESSORS, make_regressor
    from skal.estimators.several_labels import for_several_labels

__all__ = [
    "ESTIMATORS",
    "NAMED_ESTIMATORS",
    "NAMED_REGRESSORS",
    "PUBLISHED_ESTIMATORS",
    "REGRESSORS",
    "column_kinds",
    "default_estimator",
    "for_several_labels",
    "import_estimator",
    "is_import_path",
    "make_estimator",
    "make_regressor",
    "told_classes",
    "with_column_uses",
]

_HOME = {
    "for_several_labels": "several_labels",
    "import_estimator": "imported",
    "is_import_path": "imported",
    "NAMED_REGRESSORS": "regressors",
    "REGRESSORS": "regressors",
    "make_regressor": "regressors",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME.get(name, 'presets')}"), name)
