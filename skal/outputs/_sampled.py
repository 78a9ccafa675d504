"""Class probabilities of several random passes of one model: dropout as a committee."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from skal.data import to_numpy
from skal.outputs._models import name_of
from skal.outputs._reading import (
    Array,
    InvalidOutput,
    Then,
    call,
    checked_proba,
    last_step,
    numbers_per_row,
    read_blocks,
)


def sampled_proba(
    learner: Any,
    X: Any,
    n_samples: int = 10,
    then: Then | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> Array:
    """Read class probabilities of several random passes, dropout as a rule.

    Parameters
    ----------
    learner : learner
        Whose model has ``sampled_proba(X, n_samples, random_state=seed)``, also at the end of a Pipeline.
    X : container of n rows
        Read block by block. Every block is read with the same seed, so that a pass has the same masks for all rows.
    n_samples : int, default=10
        Passes, at least 1.
    then : callable, default=None
        Applied to each block (T, rows, C, ...); must return one row a row.
    random_state : int, RandomState or None, default=None
        Draws the seed; None: from NumPy's global generator.

    Returns
    -------
    ndarray of shape (T, n, C, ...)
        Or what `then` made of it, n rows. Memory: T times that of `proba` unless `then` is given.

    Raises
    ------
    MissingOutput
        If the model has no ``sampled_proba``.
    InvalidOutput, UnfittedLearner
        As for `proba`.

    References
    ----------
    .. [1] Gal & Ghahramani, "Dropout as a Bayesian approximation", ICML 2016, section 4.
    """
    if isinstance(n_samples, (bool, np.bool_)) or not isinstance(n_samples, numbers.Integral) or n_samples < 1:
        raise ValueError(f"n_samples must be an int >= 1, got {n_samples!r}.")
    prepare, model = last_step(learner)
    sample = _sampler(model, int(n_samples), int(check_random_state(random_state).randint(2**31 - 1)))
    name = f"sampled_proba of {name_of(model)}"

    def read(block: Any) -> Array:
        P = to_numpy(sample(prepare(block)))
        if P.ndim < 3 or P.shape[0] != n_samples:
            raise InvalidOutput(f"{name} must have shape ({n_samples}, n, C), got {P.shape}.")
        passes = P.reshape(-1, *P.shape[2:])  # (T n, C, ...)
        return checked_proba(passes, model, "sampled_proba").reshape(P.shape)

    per_row = n_samples * numbers_per_row(model, prepare, X)
    return read_blocks(X, read, then, name, row_axis=1, numbers_per_row=per_row)


def _sampler(model: Any, n_samples: int, seed: int) -> Callable[[Any], Any]:
    """How passes are read from a model: the one place to teach another kind of model, such as a bare skorch net."""
    return lambda block: call(model, "sampled_proba", block, n_samples=n_samples, random_state=seed)
