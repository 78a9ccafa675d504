"""Models that predict a number, by name, for tables of any columns, texts and images."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from skal.estimators.imported import import_estimator, is_import_path
from skal.estimators.presets import ESTIMATORS, told_columns, with_parameters
from skal.features import ImageEncoder, TableEncoder
from skal.spec import Catalogue, Entry

__all__ = ["NAMED_REGRESSORS", "REGRESSORS", "make_regressor"]

# Trees do not mind how columns are scaled, but distances between rows do, which strategies for numbers go by.
REGRESSORS: dict[str, Callable[[], Any]] = {
    "bagged_ridge": ESTIMATORS["bagged_ridge"],
    "forest": lambda: make_pipeline(TableEncoder(), RandomForestRegressor(n_estimators=100)),
    "gaussian_process": ESTIMATORS["gaussian_process"],
    "gradient_boosting": lambda: make_pipeline(
        TableEncoder(kind="dense"), HistGradientBoostingRegressor(min_samples_leaf=3, early_stopping=False)
    ),
    "image_features": lambda: make_pipeline(ImageEncoder(), TableEncoder(), Ridge(alpha=100.0)),
    "ridge": ESTIMATORS["ridge"],
}


def _entries() -> dict[str, Entry]:
    return {name: Entry(functools.partial(with_parameters, name, make)) for name, make in REGRESSORS.items()}


NAMED_REGRESSORS = Catalogue(
    "regressor", _entries, remedy="Your own is named by package.module:name or file.py:name."
)


def make_regressor(name: str, columns: Mapping[str, str] | None = None) -> Any:
    """Make a model that predicts a number, unfitted and unseeded.

    Parameters
    ----------
    name : str
        One of `REGRESSORS`, also with parameters of its last step: ``"ridge:alpha=0.1"``. Or an import path; see
        `skal.estimators.make_estimator`.
    columns : dict of str to str, default=None
        What columns of a table are used as.

    Returns
    -------
    estimator
        As a rule a Pipeline of a `skal.features.TableEncoder` and a regressor. "ridge" suits text, "forest" and
        "gradient_boosting" suit tables, "image_features" images. "gaussian_process" says how sure it is
        (`max_std_sampling`), and "bagged_ridge" and "forest" are committees (`committee_variance_sampling`).

    Raises
    ------
    ValueError
        As for `skal.estimators.make_estimator`.

    Examples
    --------
    >>> make_regressor("ridge:alpha=0.1")[-1]
    Ridge(alpha=0.1)
    """
    own = name.partition(":")[0].strip() not in NAMED_REGRESSORS.entries and is_import_path(name)
    return told_columns(import_estimator(name) if own else NAMED_REGRESSORS.make(name), name, columns)
