"""Reading a trained module over the rows of a container, in batches of one fixed size."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skal.data import n_rows, take
from skal.training.inputs import Inputs, scoring_batch

__all__ = ["read", "read_batches", "scoring_batch"]


def read_batches(X: Any, inputs: Inputs, device: torch.device) -> Iterator[tuple[Any, torch.Tensor]]:
    """Read all rows, batch by batch.

    Parameters
    ----------
    X : container of n rows
        Whatever `skal.data` names.
    inputs : Inputs
        As in training.
    device : torch.device
        Where batches go.

    Yields
    ------
    rows : container
        Of the next rows, as they are.
    x : Tensor of shape (b, ...)
        The same as floats on the device, filled up with the first of them, so that every row is computed in a batch
        of the same size; rows of several shapes come one by one.
    """
    inputs = inputs.reading(X)
    size, n = inputs.scoring_batch(X, device), n_rows(X)
    for start in range(0, n, size):
        parts = inputs.parts(take(X, slice(start, min(start + size, n))))
        for rows in parts:
            yield rows, Inputs.floats(_filled(inputs.tensor(rows), size if len(parts) == 1 else 1).to(device))


def read(
    X: Any,
    inputs: Inputs,
    device: torch.device,
    forward: Callable[..., torch.Tensor],
    *,
    grad: bool = False,
    beside: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Apply a function to all rows, batch by batch.

    Parameters
    ----------
    X : container of n rows
        Whatever `skal.data` names.
    inputs : Inputs
        As in training.
    device : torch.device
        Of the module.
    forward : callable
        Gets a batch (b, ...) of floats on the device, returns (b, ...). The module must be in evaluation mode.
    grad : bool, default=False
        Whether `forward` needs gradients.
    beside : ndarray of shape (n, e), default=None
        Further numbers of each row, the second argument of `forward`.

    Returns
    -------
    ndarray of shape (n, ...)
        Of the type that `forward` gives.

    Notes
    -----
    The last batch is filled up with its own first row, so that every row is computed in a batch of the same
    size. Memory: one batch beyond the result.
    """
    n = n_rows(X)
    result: NDArray[Any] | None = None
    start = 0
    with contextlib.nullcontext() if grad else torch.inference_mode():
        for rows, x in read_batches(X, inputs, device):
            stop = start + n_rows(rows)
            extra = () if beside is None else (_filled(torch.from_numpy(beside[start:stop]), len(x)).to(device),)
            out = forward(x, *extra)[: stop - start].detach().cpu().numpy()
            if result is None:
                result = np.empty((n, *out.shape[1:]), dtype=out.dtype)
            result[start:stop] = out
            start = stop
    return np.empty(0, dtype=np.float32) if result is None else result


def _filled(x: torch.Tensor, size: int) -> torch.Tensor:
    """Batch of this many rows: those of x, then the first of them again."""
    filled = torch.zeros((size, *x.shape[1:]), dtype=x.dtype)
    filled[: len(x)] = x
    filled[len(x) :] = x[:1]
    return filled
