"""Reading a trained module over the rows of a container, in batches of one fixed size."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skal.data import n_rows, take
from skal.neural._inputs import Inputs

_NUMBERS_A_BATCH = 2**22


def scoring_batch(shape: tuple[int, ...], device: torch.device) -> int:
    """Rows a batch: the same for the same kind of rows, since the size moves results in the last digits."""
    size = int(np.prod(shape, dtype=np.int64))
    rows = int(np.clip(_NUMBERS_A_BATCH // (max(size, 1) * 4), 8, 256))
    return rows if device.type == "cpu" else 4 * rows


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
    size = scoring_batch(inputs.shape, device)
    n = n_rows(X)
    parts = []
    with contextlib.nullcontext() if grad else torch.inference_mode():
        for start in range(0, max(n, 1), size):
            x = inputs.tensor(take(X, slice(start, min(start + size, n)))) if n else torch.zeros((0, *inputs.shape))
            rows = len(x)
            batch = [Inputs.floats(_filled(x, size).to(device))]
            if beside is not None:
                batch.append(_filled(torch.from_numpy(beside[start : start + size]), size).to(device))
            out = forward(*batch)
            parts.append(out[:rows].detach().cpu().numpy())
    return np.concatenate(parts)


def _filled(x: torch.Tensor, size: int) -> torch.Tensor:
    """Batch of this many rows: those of x, then the first of them again."""
    filled = torch.zeros((size, *x.shape[1:]), dtype=x.dtype)
    filled[: len(x)] = x
    filled[len(x) :] = x[:1]
    return filled
