"""Multilabel models: which rows to label when several labels may apply to each.

The scores are modAL's, so that a change of import keeps the picks; mind that the higher confidences and
scores of the models come first there, whatever one would expect of an uncertainty.
"""

from __future__ import annotations

from typing import Any

from skal.outputs import multilabel_proba
from skal.query._contract import score_strategy
from skal.scores import multilabel as scores


@score_strategy(reads=("multilabel",))
def max_loss(learner: Any, X_pool: Any) -> Any:
    """Pick the rows of the largest hinge loss against "only the most probable label applies".

    The formula is that of `skal.scores.multilabel.max_loss`.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it.

    References
    ----------
    .. [1] Li, Wang & Sung, "Multilabel SVM active learning for image classification", ICIP 2004.
    """
    return multilabel_proba(learner, X_pool, then=scores.max_loss)


@score_strategy(reads=("multilabel",))
def mean_max_loss(learner: Any, X_pool: Any) -> Any:
    """Pick the rows of the largest hinge loss against "only label k applies", averaged over k.

    The formula is that of `skal.scores.multilabel.mean_max_loss`.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it.

    References
    ----------
    .. [1] Li, Wang & Sung, "Multilabel SVM active learning for image classification", ICIP 2004.
    """
    return multilabel_proba(learner, X_pool, then=scores.mean_max_loss)


@score_strategy(reads=("multilabel",))
def min_confidence(learner: Any, X_pool: Any) -> Any:
    """Pick the rows whose least probable label is least probable.

    The formula is that of `skal.scores.multilabel.min_confidence`.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it.

    References
    ----------
    .. [1] Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.
    """
    return multilabel_proba(learner, X_pool, then=scores.min_confidence)


@score_strategy(reads=("multilabel",))
def avg_confidence(learner: Any, X_pool: Any) -> Any:
    """Pick the rows whose labels are most probable on the mean.

    The formula is that of `skal.scores.multilabel.avg_confidence`.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it.

    References
    ----------
    .. [1] Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.
    """
    return multilabel_proba(learner, X_pool, then=scores.avg_confidence)


@score_strategy(reads=("multilabel",))
def max_score(learner: Any, X_pool: Any) -> Any:
    """Pick the rows with the largest signed label probability.

    The formula is that of `skal.scores.multilabel.max_score`.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it.

    References
    ----------
    .. [1] Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.
    """
    return multilabel_proba(learner, X_pool, then=scores.max_score)


@score_strategy(reads=("multilabel",))
def avg_score(learner: Any, X_pool: Any) -> Any:
    """Pick the rows with the largest mean signed label probability.

    The formula is that of `skal.scores.multilabel.avg_score`.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool; memory of one block of it.

    References
    ----------
    .. [1] Esuli & Sebastiani, "Active learning strategies for multi-label text classification", ECIR 2009.
    """
    return multilabel_proba(learner, X_pool, then=scores.avg_score)
