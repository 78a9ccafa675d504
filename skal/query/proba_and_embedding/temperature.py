"""Probabilities whose confidence is that which is known from elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

_LOWEST, _HIGHEST = 0.01, 100.0  # temperatures
_HALVINGS = 25  # of the logarithm of the temperature: to one part in three million
_TINY = np.finfo(np.float64).tiny


def tempered(P: NDArray[Any], confidence: float) -> NDArray[Any]:
    """Return ``softmax(log(P) / T)`` with T such that the mean of the highest probabilities is what is given.

    Confidence falls as T rises, so T is found by bisection, between 0.01 and 100; where no T in between has that
    confidence, it is the nearest one.
    """
    logits = np.log(np.maximum(P.astype(np.float64), _TINY))
    logits -= logits.max(axis=1, keepdims=True)
    low, high = _LOWEST, _HIGHEST
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        sure = float((1.0 / np.exp(logits / middle).sum(axis=1)).mean())  # the highest is exp(0) over the sum
        low, high = (middle, high) if sure > confidence else (low, middle)
    return np.asarray(softmax(logits / np.sqrt(low * high), axis=1))
