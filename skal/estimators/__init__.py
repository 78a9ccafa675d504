"""Task models by name, or by import path, for tables of any columns, texts and images."""

from skal.estimators.imported import import_estimator, is_import_path
from skal.estimators.presets import (
    ESTIMATORS,
    NAMED_ESTIMATORS,
    PUBLISHED_ESTIMATORS,
    column_kinds,
    default_estimator,
    make_estimator,
    told_classes,
    with_column_uses,
)
from skal.estimators.regressors import NAMED_REGRESSORS, REGRESSORS, make_regressor

__all__ = [
    "ESTIMATORS",
    "NAMED_ESTIMATORS",
    "NAMED_REGRESSORS",
    "PUBLISHED_ESTIMATORS",
    "REGRESSORS",
    "column_kinds",
    "default_estimator",
    "import_estimator",
    "is_import_path",
    "make_estimator",
    "make_regressor",
    "told_classes",
    "with_column_uses",
]
