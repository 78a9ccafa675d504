"""One feature vector a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.pipeline import Pipeline

from skal.data import n_rows, to_numpy
from skal.outputs._dense import dense, floats
from skal.outputs._given import GivenVectors
from skal.outputs._models import member_list, name_of, task_model
from skal.outputs._reading import Array, MissingOutput, UnfittedLearner, call, pipeline_head, read_blocks


def embedding(learner: Any, X: Any, embedding: Any = None) -> Array:
    """Read one feature vector a row.

    Parameters
    ----------
    learner : learner or None
        A Pipeline gives what its transform steps make of a row, in the short dense form of the last one if that
        has a method ``embed`` (such as `skal.features.TableEncoder`, for text); an estimator with ``transform`` (a
        net's last hidden layer) gives that; else the raw features of a table. A learner with ``on_transformed=False``
        skips the steps of its Pipeline, as in modAL. A committee gives its members' vectors side by side (its own
        ``on_transformed``, unless None, holds for all of them), and so does an ensemble with fitted ``members_`` of
        rows that are no table, such as images; None gives the raw features.
    X : container of n rows
        Read block by block.
    embedding : callable, transformer or GivenVectors, default=None
        Used instead: ``embedding(X_block)`` or ``embedding.transform(X_block)``, of shape (rows, d); or vectors that
        were given to a query, see `given_vectors`.

    Returns
    -------
    ndarray of shape (n, d)
        Floats. Memory: n * d; a sparse result is made dense up to 2 GiB.

    Raises
    ------
    MissingOutput
        If the rows are no numbers and no other source is given, or a sparse result is too large to be dense.
    InvalidOutput, UnfittedLearner
        As for `proba`.
    """
    if isinstance(embedding, GivenVectors):
        return embedding.of(X)
    name, read_block = _embedding_reader(learner, embedding)
    n = n_rows(X)

    remedy = " Put an imputer into a Pipeline before the model, or pass embedding=." if name == "raw features" else ""
    return read_blocks(X, lambda block: floats(dense(read_block(block), n, name), name), None, name, remedy=remedy)


def _embedding_reader(
    learner: Any, source: Any, of_committee: bool | None = None
) -> tuple[str, Callable[[Any], Any]]:
    on_transformed = getattr(learner, "on_transformed", None) if of_committee is None else of_committee
    if source is not None:
        if hasattr(source, "transform"):
            return f"transform of {name_of(source)}", lambda block: _by_source(source, block)
        if callable(source):
            return "embedding", source
        raise MissingOutput(f"embedding must be a callable or a fitted transformer, got {type(source).__name__}.")
    members = member_list(learner)
    if members is not None and (read_all := _side_by_side(members, on_transformed)) is not None:
        return "embedding of a committee", read_all
    model = task_model(learner)
    steps: list[Callable[[Any], Any]] = []
    final = model
    if isinstance(model, Pipeline):
        final = model.steps[-1][1]
        if on_transformed is not False and (head := pipeline_head(model)) is not None:
            short = None if hasattr(final, "transform") else _short_form(model)
            steps.append(head if short is None else short)
    # The transform of a voting or stacking ensemble is its members' predictions, not a place in a feature space.
    if hasattr(final, "transform") and not isinstance(final, (VotingClassifier, StackingClassifier)):
        steps.append(lambda block: call(final, "transform", block))
    if not steps:
        of_members = _side_by_side(getattr(final, "members_", ()))
        return "raw features", lambda block: _raw_features(block, model, of_members)

    def read(block: Any) -> Any:
        for step in steps:
            block = step(block)
        return block

    return f"transform of {name_of(model)}", read


def _by_source(source: Any, block: Any) -> Any:
    try:
        return call(source, "transform", block)
    except UnfittedLearner as error:  # of the learner it would mean a random start; this one was asked for
        raise MissingOutput(
            f"embedding must be a callable or a fitted transformer, and {name_of(source)} is not fitted: pass "
            "transformer.fit(X)."
        ) from error


def _short_form(pipeline: Pipeline) -> Callable[[Any], Any] | None:
    """How the last transformer of a Pipeline is read by its ``embed``; None if it has none.

    What a linear model reads may be wide and sparse, as text is; its encoder knows a short dense form.
    """
    last = pipeline.steps[-2][1]
    if not hasattr(last, "embed"):
        return None
    if len(pipeline.steps) == 2:
        return lambda block: call(last, "embed", block)
    head = pipeline[:-2]
    return lambda block: call(last, "embed", call(head, "transform", block))


def _side_by_side(members: Sequence[Any], on_transformed: bool | None = None) -> Callable[[Any], Any] | None:
    """How the vectors of several models are read; None where none of them has any of its own."""
    readers = [_embedding_reader(member, None, on_transformed) for member in members]
    if all(name == "raw features" for name, _ in readers):
        return None
    return lambda block: np.hstack([to_numpy(read(block)) for _, read in readers])


def _raw_features(block: Any, model: Any, of_members: Callable[[Any], Any] | None) -> Any:
    if of_members is not None and len(getattr(block, "shape", (0, 0, 0))) != 2:
        return of_members(block)
    Z = block if hasattr(block, "toarray") else to_numpy(block)
    reason = ""
    if Z.ndim == 2 and Z.dtype.kind == "O":
        try:
            Z = Z.astype(np.float64)
        except (TypeError, ValueError) as error:
            reason = f": {error}"
    if Z.ndim != 2 or Z.dtype.kind not in "fiub":
        raise MissingOutput(
            f"needs embeddings: {name_of(model)} has no transform and the rows are no table of numbers ({Z.dtype}, "
            f"shape {Z.shape}{reason}). Use a Pipeline with a transform step (and on_transformed unset or "
            "True in an ActiveLearner), or pass embedding=."
        )
    return Z
