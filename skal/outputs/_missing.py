"""Whether an estimator takes missing values in rows: what it says of itself decides, at every door alike."""

from __future__ import annotations

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags

from skal.data import n_rows, non_finite_rows
from skal.outputs._models import member_list, name_of


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


def refuse_nan(X: Any, estimator: Any, who: str, force_all_finite: bool | None = None) -> None:
    """Raise if numbers of `X` are NaN or infinite and the estimator says that it takes none.

    Parameters
    ----------
    X : container of n rows
        Read once, block by block, unless the estimator takes NaN.
    estimator : estimator
        Decides, see `accepts_nan`.
    who : str
        For the message.
    force_all_finite : bool or None, default=None
        True: refuse them whatever the estimator says; False: do not look.

    Raises
    ------
    ValueError
        With the number of such rows, the first of them, and the remedy.
    """
    if force_all_finite is False or (force_all_finite is None and accepts_nan(estimator)):
        return
    bad = non_finite_rows(X)
    if len(bad) == 0:
        return
    if force_all_finite:
        remedy = "force_all_finite=True refuses them; leave it out and the estimator decides."
    else:
        name = name_of(estimator)
        remedy = (
            f"{name} says that it takes none. Put an imputer before it, such as make_pipeline(SimpleImputer(), ...), "
            "or take an estimator that does, such as HistGradientBoostingClassifier; an ActiveLearner with "
            "force_all_finite=False does not look."
        )
    raise ValueError(
        f"{who}: X must be finite, got NaN or infinity in {len(bad)} of {n_rows(X)} rows, first row {bad[0]}. "
        + remedy
    )


def _says_so(estimator: Any) -> bool:
    try:
        return bool(get_tags(estimator).input_tags.allow_nan)
    except (AttributeError, TypeError):  # no estimator of scikit-learn
        return False
