"""Rows that would change the model most."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query.door.decorators import score_strategy
from skal.query.door.one_distribution import one_a_row


@score_strategy(reads=("proba", "embedding"))
def expected_gradient_length(learner: Any, X_pool: Any, *, embedding: Any = None) -> Any:
    """Pick the rows whose label is expected to give the longest gradient of the last layer.

    Parameters
    ----------
    {common}
    embedding : callable or transformer, default=None
        Gives the input of the last layer; None: the transform steps of a Pipeline, an estimator's ``transform``,
        or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    For a last layer that is linear with a bias and ends in softmax and cross-entropy, the gradient for label y is
    ``(p - e_y) outer (z, 1)``, of the length ``|p - e_y| * sqrt(|z|**2 + 1)``: no gradient is formed. The expectation
    is over y by the model's own probabilities, over the whole gradient (the network under the last layer left out).
    One pass of the model over the pool; memory O(n d). Long vectors draw this rule strongly: scale the features.

    References
    ----------
    .. [1] Settles & Craven, "An analysis of active learning strategies for sequence labeling tasks", EMNLP 2008,
       equation 7.
    """
    Z = read_embedding(learner, X_pool, embedding)
    squared = np.einsum("nd,nd->n", Z, Z, dtype=np.float64)
    return proba(learner, X_pool, then=_expected_error_length) * np.sqrt(squared + 1.0)


def _expected_error_length(P: NDArray[Any]) -> NDArray[Any]:
    """``sum_y p_y |p - e_y|`` of each row."""
    P = one_a_row(P).astype(np.float64)
    squared = np.einsum("nc,nc->n", P, P)[:, None] - 2.0 * P + 1.0  # |p|^2 - 2 p_y + 1
    return np.asarray((P * np.sqrt(np.maximum(squared, 0.0))).sum(axis=1))
