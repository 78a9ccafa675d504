"""Rows whose predicted class does not survive the loss of features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.outputs import InvalidOutput, MissingOutput, model_input, proba, sampled_proba
from skal.outputs import embedding as read_embedding
from skal.query.door.decorators import query_strategy
from skal.query.ranges import between, whole
from skal.selection import kmeans_medoids, top_k

_BLOCK_ELEMENTS = 2**21  # of the rows that lose features, at a time


@query_strategy(
    reads=("proba", "sampled_proba", "embedding"),
    ranges={"drop_rate": between(0, 1, open_end=True), "n_samples": whole(), "candidates_per_pick": whole()},
)
def drop_query(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    drop_rate: float | None = None,
    n_samples: int = 3,
    candidates_per_pick: int = 25,
    embedding: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick, spread by k-means, rows whose predicted class changes when features are dropped (DropQuery).

    Parameters
    ----------
    {common}
    drop_rate : float, default=None
        None: passes with the net's own dropout; the paper's net is a linear layer behind a dropout of 0.75 of a
        foundation model's features. For a model without dropout: the share of the features, as the last step of
        a Pipeline sees them, that a pass sets to zero, in [0, 1); the others are divided by ``1 - drop_rate``.
    n_samples : int, default=3
        Passes.
    candidates_per_pick : int, default=25
        Rows whose class changes in more than half of the passes are candidates; where there are fewer than this times
        `n_instances`, also those where it changes less often, down to once. With fewer of these than
        `n_instances`, the rest is random.
    embedding : callable or transformer, default=None
        Gives the vectors that are clustered, at unit length; None: the transform steps of a Pipeline, an
        estimator's ``transform``, or the raw features.

    Returns
    -------
    {picks}

    Notes
    -----
    ``n_samples + 1`` passes of the model over the pool, then k-means with `n_instances` clusters of the candidates,
    from each of which the row nearest to the centroid is picked. Memory O(n d). Scores are shares of the candidates
    in the cluster, or, without clusters, of the passes that change.

    References
    ----------
    .. [1] Gupte et al., "Revisiting active learning in the era of vision foundation models", TMLR 2024,
       section 3 and algorithm 1.
    """
    Z = read_embedding(learner, X_pool, embedding)
    expected = proba(learner, X_pool, then=_votes)  # (n, 1)
    if drop_rate is None:
        votes = sampled_proba(learner, X_pool, n_samples, then=_votes, random_state=random_state)
    else:
        votes = _votes_without_features(learner, X_pool, n_samples, float(drop_rate), random_state)
    changes = (votes != expected).sum(axis=1)  # of votes (n, n_samples)
    candidates = _often_changed(changes, n_samples // 2, candidates_per_pick * n_instances)
    if len(candidates) <= n_instances:  # all of them, and others at random
        return top_k(changes / n_samples, n_instances, random_state, random_tie_break=random_tie_break)
    lengths = np.linalg.norm(Z[candidates], axis=1, keepdims=True)
    units = Z[candidates] / np.where(lengths > 0, lengths, 1.0)
    picks, shares = kmeans_medoids(units, n_instances, random_state, random_tie_break=random_tie_break)
    return candidates[picks], shares


def _votes(P: NDArray[Any]) -> NDArray[np.intp]:
    """The most likely class of each row, in each pass: (n, C) -> (n, 1), (T, n, C) -> (n, T)."""
    if P.ndim > 3 or not np.allclose(P.sum(axis=-1), 1.0, atol=1e-3):
        raise InvalidOutput(f"one distribution a row is needed, got probabilities of shape {P.shape}.")
    return np.atleast_2d(P.argmax(axis=-1)).T


def _votes_without_features(
    learner: Any, X: Any, n_samples: int, drop_rate: float, rng: np.random.RandomState
) -> NDArray[np.intp]:
    """Votes of passes in which each feature of each row is zero with probability `drop_rate`."""
    rows, model = model_input(learner, X)
    if not isinstance(rows, np.ndarray) or rows.ndim != 2:
        raise MissingOutput("drops features of a table, and the rows have more axes. Use drop_rate=None with a net.")
    step = max(1, _BLOCK_ELEMENTS // max(rows.shape[1], 1))
    parts = []
    for start in range(0, len(rows), step):
        block = rows[start : start + step] / (1.0 - drop_rate)
        masks = [rng.random_sample(block.shape) >= drop_rate for _ in range(n_samples)]
        dropped = ((block * mask).astype(rows.dtype) for mask in masks)
        parts.append(np.hstack([proba(model, _with_names(model, kept), then=_votes) for kept in dropped]))
    return np.concatenate(parts)


def _with_names(model: Any, rows: NDArray[Any]) -> Any:
    """Rows as a frame where the model was fitted to one, so that it finds its columns and does not warn."""
    names = getattr(model, "feature_names_in_", None)
    if names is None or len(names) != rows.shape[1]:
        return rows
    import pandas as pd

    return pd.DataFrame(rows, columns=names)


def _often_changed(changes: NDArray[Any], threshold: int, wanted: int) -> NDArray[np.intp]:
    """Rows of more changes than the threshold, which is lowered to 0 while they are fewer than wanted."""
    while threshold > 0 and (changes > threshold).sum() < wanted:
        threshold -= 1
    return np.flatnonzero(changes > threshold)
