"""One code for NumPy arrays and torch tensors: the module of an array, and the few operations that differ.

NumPy and torch share names and keywords (``amax(x, axis=1)``, ``log1p``, ``where``), so a score is written once, for
``xp = module_of(P)``. A tensor exists only where torch has been imported, so torch is looked up and never imported.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

if TYPE_CHECKING:
    import torch

    Table = ArrayLike | torch.Tensor
else:
    Table = ArrayLike

Array = Any  # an ndarray or a tensor: what `module_of` is asked about

_SMALL = 2**12  # numbers: below, one pass of SciPy's entr is quicker than four of NumPy
_SMALLEST = {4: 2.0**-149, 8: 2.0**-1074}  # positive number, by bytes a number


def is_tensor(P: Any) -> bool:
    """Tell whether P is a torch tensor, without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(P, torch.Tensor)


def module_of(P: Array) -> Any:
    """Return numpy, or torch for a tensor."""
    return sys.modules["torch"] if is_tensor(P) else np


def on_a_device(P: Array) -> bool:
    """Tell whether P is a tensor outside the memory of the processor."""
    return is_tensor(P) and P.device.type != "cpu"


def as_floats(P: Array) -> Array:
    """Floats in this machine's byte order: half precision as float32, numbers of other kinds as float64."""
    if is_tensor(P):
        P = P.detach()
        if not P.is_floating_point():
            return P.double()
        return P.float() if P.element_size() < 4 else P
    if P.dtype.kind != "f":
        return P.astype(np.float64)
    return P.astype(np.float32 if P.dtype.itemsize < 4 else P.dtype.newbyteorder("="), copy=False)


def as_float64(P: Array) -> Array:
    """P in float64 (or what is wider)."""
    if is_tensor(P):
        return P.double()
    return P if P.dtype.itemsize >= 8 else P.astype(np.float64)


def precision(P: Any) -> float:
    """Distance from 1 to the next number of the type of P; where P holds no floats, that of float64."""
    if is_tensor(P):
        return float(module_of(P).finfo(P.dtype).eps) if P.is_floating_point() else 2.0**-52
    dtype = np.asarray(P).dtype
    return float(np.finfo(dtype).eps) if dtype.kind == "f" else 2.0**-52


def like(numbers: Any, P: Array, dtype: Any = None) -> Array:
    """Numbers as an array, or as a tensor beside P."""
    if is_tensor(P):
        return module_of(P).as_tensor(numbers, dtype=dtype, device=P.device)
    return np.asarray(numbers, dtype=dtype)


def entropy_terms(P: Array) -> Array:
    """``-p log p`` of each number, 0 at 0; meaningless where p is negative (see `where_negative`)."""
    if is_tensor(P):
        return P.clamp_min(_SMALLEST[P.dtype.itemsize]).log_().mul_(P).neg_()
    if P.size < _SMALL or P.dtype.itemsize not in _SMALLEST:
        return entr(P)
    terms = np.maximum(P, P.dtype.type(_SMALLEST[P.dtype.itemsize]))
    np.log(terms, out=terms)
    terms *= P
    return np.negative(terms, out=terms)


def two_largest(P: Array) -> tuple[Array, Array]:
    """The largest and the second largest over axis 1 of (b, C, ...), which are the same where two classes tie."""
    if P.ndim > 2:
        return _two_largest_of_pixels(P)
    if not is_tensor(P):
        best = np.partition(P, P.shape[1] - 2, axis=1)
        return best[:, -1], best[:, -2]
    rows, first, rest = module_of(P).arange(len(P), device=P.device), P.argmax(axis=1), P.clone()
    rest[rows, first] = -math.inf
    return P[rows, first], rest.amax(axis=1)


def _two_largest_of_pixels(P: Array) -> tuple[Array, Array]:
    xp = module_of(P)
    first, second = xp.maximum(P[:, 0], P[:, 1]), xp.minimum(P[:, 0], P[:, 1])
    for c in range(2, P.shape[1]):  # each class meets the two best so far
        second = xp.maximum(second, xp.minimum(first, P[:, c]))
        first = xp.maximum(first, P[:, c])
    return first, second


def contiguous(P: Array) -> Array:
    """P with its last axis laid out in one piece."""
    return P.contiguous() if is_tensor(P) else np.ascontiguousarray(P)


def all_finite(numbers: list[Array]) -> bool:
    """Tell whether a list of single numbers is finite: one wait for an accelerator, at the end."""
    if is_tensor(numbers[0]):
        xp = module_of(numbers[0])
        return bool(xp.isfinite(xp.stack(numbers)).all())
    return all(math.isfinite(number) for number in numbers)


def where_negative(P: Array, axes: tuple[int, ...], scores: Array, value: float) -> Array:
    """Scores with `value` where a number of P along the axes is negative."""
    if not is_tensor(P) and P.size and P.min() >= 0:
        return scores
    xp = module_of(P)
    return xp.where(xp.amin(P, axes) < 0, value, scores)
