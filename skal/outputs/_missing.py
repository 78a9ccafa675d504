"""Whether an estimator takes missing values in rows: what it says of itself decides."""

from __future__ import annotations

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags

from skal.outputs._models import member_list


def accepts_nan(estimator: Any) -> bool:
    """Tell whether NaN in rows is for an estimator to decide about.

    Parameters
    ----------
    estimator : estimator
        An estimator says so by its tags (``input_tags.allow_nan``). A Pipeline is asked for its first step, a
        ColumnTransformer always takes the rows and leaves the decision to its parts, a committee is asked for every
        member, and an estimator around another one (a search, a calibration, an `ActiveLearner`) for that one.

    Returns
    -------
    bool
        False: it says that it takes none, or says nothing. True: rows with NaN may be handed to it; should a later
        step refuse them, its fit says so.

    Examples
    --------
    >>> from sklearn.impute import SimpleImputer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> accepts_nan(LogisticRegression()), accepts_nan(make_pipeline(SimpleImputer(), LogisticRegression()))
    (False, True)
    """
    if (members := member_list(estimator)) is not None:
        return bool(members) and all(accepts_nan(member) for member in members)
    if isinstance(estimator, Pipeline):
        steps = [step for _, step in estimator.steps if step is not None and not isinstance(step, str)]
        return bool(steps) and accepts_nan(steps[0])
    if isinstance(estimator, ColumnTransformer):
        return True
    if isinstance(estimator, FeatureUnion):
        parts = [part for _, part in estimator.transformer_list if not isinstance(part, str)]
        return all(accepts_nan(part) for part in parts)
    if _says_so(estimator):
        return True
    inner = getattr(estimator, "estimator", None)
    return hasattr(inner, "fit") and accepts_nan(inner)


def _says_so(estimator: Any) -> bool:
    try:
        return bool(get_tags(estimator).input_tags.allow_nan)
    except (AttributeError, TypeError):  # no estimator of scikit-learn
        return False
