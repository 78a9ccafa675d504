"""Disagreement of a committee, as `modAL.disagreement`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from skal import query, scores
from skal.modal._forms import Array, in_modals_form, measured

__all__ = [
    "KL_max_disagreement",
    "consensus_entropy",
    "consensus_entropy_sampling",
    "max_disagreement_sampling",
    "max_std_sampling",
    "vote_entropy",
    "vote_entropy_sampling",
]

vote_entropy_sampling = in_modals_form(query.vote_entropy_sampling, __name__)
consensus_entropy_sampling = in_modals_form(query.consensus_entropy_sampling, __name__)
max_disagreement_sampling = in_modals_form(query.max_disagreement_sampling, __name__)
max_std_sampling = in_modals_form(query.max_std_sampling, __name__)


def vote_entropy(committee: Any, X: Any, **predict_kwargs: Any) -> Array:
    """Entropy of the members' votes; 0 where the committee is not fitted.

    Parameters
    ----------
    committee : Committee
        With ``vote`` and ``classes_``.
    X : container of n rows
        Read at once.
    **predict_kwargs
        Passed on.

    Returns
    -------
    ndarray of shape (n,)
        `skal.scores.vote_entropy`.
    """

    def score(votes: Array) -> Array:
        P = votes[:, :, None] == np.asarray(committee.classes_)  # (n, T, C): a vote is a certain distribution
        return scores.vote_entropy(P.swapaxes(0, 1).astype(np.float64))

    return measured(partial(committee.vote, X, **predict_kwargs), score, X, 0.0)


def consensus_entropy(committee: Any, X: Any, **predict_proba_kwargs: Any) -> Array:
    """Entropy of the mean distribution of the members; 0 where the committee is not fitted.

    Parameters
    ----------
    committee : Committee
        With ``predict_proba``.
    X, **predict_proba_kwargs
        As of `vote_entropy`.

    Returns
    -------
    ndarray of shape (n,)
        `skal.scores.entropy`.
    """
    return measured(partial(committee.predict_proba, X, **predict_proba_kwargs), scores.entropy, X, 0.0)


def KL_max_disagreement(committee: Any, X: Any, **predict_proba_kwargs: Any) -> Array:
    """Largest divergence of a member from the mean distribution; 0 where the committee is not fitted.

    Parameters
    ----------
    committee : Committee
        With ``vote_proba``.
    X, **predict_proba_kwargs
        As of `vote_entropy`.

    Returns
    -------
    ndarray of shape (n,)
        `skal.scores.max_disagreement`.
    """
    return measured(
        partial(committee.vote_proba, X, **predict_proba_kwargs),
        lambda P: scores.max_disagreement(P.swapaxes(0, 1)),
        X,
        0.0,
    )
