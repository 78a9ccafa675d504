"""Reading a model block by block, and the checks of what it returns, once for all outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from skal.data import blocks, n_rows, take, to_numpy
from skal.outputs._models import is_fitted, name_of, task_model

Array = NDArray[Any]
Then = Callable[[Array], Array]


_NUMBERS_A_BLOCK = 2**23  # that come out: 32 MiB of float32


class MissingOutput(TypeError):
    """The model does not offer what a strategy reads."""


class InvalidOutput(ValueError):
    """The model returned something that cannot be ranked."""


class UnfittedLearner(NotFittedError):
    """The model has to be fitted before it can be read."""


def read_blocks(
    X: Any,
    read: Callable[[Any], Array],
    then: Then | None,
    name: str,
    row_axis: int = 0,
    allow_inf: bool = False,
    numbers_per_row: int = 1,
    remedy: str = "",
) -> Array:
    """Read block by block, keep the rows that belong to X, and refuse what is not finite, by its rows in X.

    Blocks are cut so that neither what goes in nor what comes out, `numbers_per_row` floats a row, is large.
    """
    parts: list[Array] = []
    n_bad, first_bad, start = 0, -1, 0
    for block, keep in blocks(X, max(_NUMBERS_A_BLOCK // max(numbers_per_row, 1), 1)):
        part = read(block)
        if part.shape[row_axis] != n_rows(block):
            raise InvalidOutput(f"{name} must give one row a row, got {part.shape[row_axis]} for {n_rows(block)}.")
        if keep is not None:
            part = part.take(keep, axis=row_axis)
        finite = ~np.isnan(part) if allow_inf else np.isfinite(part)
        if not finite.all():
            bad = np.flatnonzero(~finite.all(axis=tuple(a for a in range(part.ndim) if a != row_axis)))
            first_bad = first_bad if n_bad else start + int(bad[0])
            n_bad += len(bad)
        elif n_bad == 0:
            parts.append(part if then is None else then(part))
        start += part.shape[row_axis]
        del part, finite  # not beside the next block
    if n_bad:
        raise InvalidOutput(
            f"{name} must be {'numbers' if allow_inf else 'finite'}, got NaN{'' if allow_inf else ' or infinity'} in "
            f"{n_bad} of {start} rows, first row {first_bad}.{remedy}"
        )
    if not parts:
        return np.empty((0, 0))
    return np.concatenate(parts, axis=row_axis if then is None else 0)


_REMEDIES = {
    "predict_proba": "Wrap it in CalibratedClassifierCV or use an estimator that has one.",
    "sampled_proba": "Use skal.neural.NeuralClassifier with a net that has dropout.",
    "predict_loss": "Use skal.neural.LossPredictionClassifier.",
    "boundary_distance": "It is measured by a net's gradients: use skal.neural.NeuralClassifier, or margin_sampling, "
    "which asks for rows near the boundary of any classifier.",
    "discriminator_score": "Use skal.semi_supervised.S4GANSegmenter.",
}


def is_regressor_like(model: Any) -> bool:
    """Tell whether a model predicts numbers; what is no estimator of scikit-learn does not say so."""
    try:
        return bool(is_regressor(model))
    except (AttributeError, TypeError):
        return False


def no_classes(model: Any) -> str:
    """What is wrong with a regressor where classes are needed, and what helps."""
    return (
        f"{name_of(model)} is a regressor and has no classes. Take a strategy of numbers (igs, max_std_sampling, "
        "bmdal) or one that reads embeddings (core_set, kmeans_sampling, typiclust), or a classifier."
    )


def _remedy(model: Any, method: str) -> str:
    if method in ("predict_proba", "sampled_proba") and is_regressor_like(model):
        return no_classes(model)
    if method == "predict_proba" and hasattr(model, "decision_function"):
        return (
            "Wrap it in CalibratedClassifierCV, or take margin_sampling or uncertainty_sampling, which read its "
            "decision_function."
        )
    return _REMEDIES.get(method, "Pass embedding=.")


def call(model: Any, method: str, block: Any, **options: Any) -> Any:
    """Call a method of a fitted model on a block."""
    function = getattr(model, method, None)
    if function is None:
        remedy = _remedy(model, method)
        raise MissingOutput(f"needs {method}: {name_of(model)} has none. {remedy}")
    if hasattr(model, "initialized_") and not model.initialized_:
        raise UnfittedLearner(f"{name_of(model)} is not initialized.")
    if hasattr(block, "detach") and not hasattr(model, "forward_iter"):
        block = to_numpy(block)  # a tensor, for a model that is no skorch net
    try:
        return function(block, **options)
    except NotFittedError as error:
        raise UnfittedLearner(f"{name_of(model)} is not fitted.") from error


def checked_proba(P: Any, model: Any, method: str = "predict_proba") -> Array:
    """Return what a method gave as floats (n, C, ...), or raise where a row is no distribution.

    Rows that are not finite pass: `read_blocks` counts them over the whole pool.
    """
    P = to_numpy(P)
    if P.dtype.kind != "f":
        P = P.astype(np.float64)
    if P.ndim < 2:
        raise InvalidOutput(f"{method} of {name_of(model)} must have shape (n, C), got {P.shape}.")
    total = P.sum(axis=1)
    wrong = np.isfinite(total) & (np.abs(total - 1.0) > 1e-3)
    if P.size and P.min() < -1e-6:  # the minimum of all is cheap, that of each row is not
        wrong |= P.min(axis=1) < -1e-6
    if wrong.any():
        raise InvalidOutput(
            f"{method} of {name_of(model)} must give rows in [0, 1] that add up to 1, got a row that adds up to "
            f"{total[wrong].flat[0]:.4g}. A net that returns logits needs a softmax; a multilabel model needs the "
            "multilabel strategies."
        )
    return P


def numbers_per_row(model: Any, prepare: Callable[[Any], Any], X: Any) -> int:
    """How many numbers a row a model says that it gives; 1 where it does not say, or is not fitted.

    Segmenters say it by a method of this name: a distribution for each pixel is more than the image that it is of.
    """
    count = getattr(model, "numbers_per_row", None)
    if count is None or not is_fitted(model) or n_rows(X) == 0:
        return 1
    return int(count(prepare(take(X, slice(0, 1)))))


def pipeline_head(pipeline: Pipeline) -> Callable[[Any], Any] | None:
    """All steps of a Pipeline but the last."""
    if len(pipeline.steps) < 2:
        return None
    head = pipeline[:-1]
    return lambda block: call(head, "transform", block)


def last_step(learner: Any, on_transformed: bool | None = True) -> tuple[Callable[[Any], Any], Any]:
    """How a block is prepared for the last step of a Pipeline, and that step; else nothing is done, and the model."""
    model = task_model(learner)
    if on_transformed is not False and isinstance(model, Pipeline) and (head := pipeline_head(model)) is not None:
        return head, model.steps[-1][1]
    return (lambda block: block), model


def transformed(estimator: Any, X: Any) -> Any:
    """Return rows as the last step of a Pipeline sees them; for any other estimator, as they are."""
    head = pipeline_head(estimator) if isinstance(estimator, Pipeline) else None
    return X if head is None else head(X)
