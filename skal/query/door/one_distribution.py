"""Strategies that need one distribution over classes a row: models of pixels are refused, block by block."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from skal.outputs import InvalidOutput

_REMEDY = (
    "Of a model with a distribution a pixel, rows can be asked for by entropy_sampling, bald, core_set, cdal and "
    "others that reduce pixels or read embeddings."
)


def one_a_row(P: NDArray[Any]) -> NDArray[Any]:
    """Return probabilities (n, C) as they are, or raise where a row has one distribution a pixel."""
    if P.ndim != 2:
        raise InvalidOutput(f"predict_proba must have shape (n, C), one distribution a row, got {P.shape}. {_REMEDY}")
    return P


def passes_by_row(P: NDArray[Any]) -> NDArray[Any]:
    """Return probabilities of passes (T, n, C) as (n, T, C), or raise where a row has one distribution a pixel."""
    if P.ndim != 3:
        raise InvalidOutput(
            f"sampled_proba must have shape (T, n, C), one distribution a row, got {P.shape}. {_REMEDY}"
        )
    return P.swapaxes(0, 1)
