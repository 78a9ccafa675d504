"""Rows whose predicted label set does not fit those that are known."""

from __future__ import annotations

from typing import Any

from skal.outputs import multilabel_proba
from skal.query.door.decorators import score_strategy
from skal.query.multilabel.labeled_sets import labeled_sets
from skal.scores import multilabel as scores


@score_strategy(reads=("multilabel",))
def label_cardinality_inconsistency(learner: Any, X_pool: Any, *, y_labeled: Any = None) -> Any:
    """Pick the rows with the most unusual number of predicted labels.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    One pass of the model over the pool. Scores are whole numbers less the mean number of labels of a labelled row, so
    that many rows have the same one, and chance decides among them. Rows without a label, all zeros, count as 0.

    References
    ----------
    .. [1] Li & Guo, "Active learning with multi-label SVM classification", IJCAI 2013, section 3.2.
    """
    P = multilabel_proba(learner, X_pool)
    return scores.cardinality_inconsistency(P, labeled_sets(y_labeled, P.shape[1]).sum(axis=1).mean())


@score_strategy(reads=("multilabel",))
def cvirs(learner: Any, X_pool: Any, *, y_labeled: Any = None) -> Any:
    """Pick the rows that are uncertain in many labels and whose predicted label set is unlike the known ones (CVIRS).

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    The score is `skal.scores.multilabel.margin_ranking`, the mean place of a row in the rankings of the pool by each
    label's margin, times `skal.scores.multilabel.set_inconsistency`, the mean entropy distance of its predicted set
    from those of the labelled rows. The authors' distance is that of entropies, but 1 where two sets differ in every
    label. small-text 2.0 computes it and then goes by the Hamming distance; here the paper is followed.

    One pass of the model over the pool and O(n L log n); memory O(n L).

    References
    ----------
    .. [1] Reyes, Morell & Ventura, "Effective active learning strategy for multi-label learning", Neurocomputing
       2018, section 3.
    """
    P = multilabel_proba(learner, X_pool)
    known = labeled_sets(y_labeled, P.shape[1])
    return scores.margin_ranking(P) * scores.set_inconsistency(P, known)
