"""The verbs of distances on NumPy arrays and memory maps; what they promise stands in `_k_center_arithmetic`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.selection._common import Floats, Indices


def table(Z: Any, name: str, who: str) -> NDArray[Any]:
    array: NDArray[Any] = np.asarray(Z)
    return array if array.dtype.kind in "fiu" else array.astype(np.float64)


def near(Z: Any, table: Any) -> Any:
    return Z


def host(values: Any) -> NDArray[Any]:
    return np.asarray(values)


def read(table: Any, which: Indices | slice) -> Floats:
    return np.array(table[which], dtype=np.float64)


def take(table: Any, which: Indices) -> NDArray[Any]:
    return np.asarray(table[which])


def cast(values: Any, dtype: type[np.float32] | type[np.float64]) -> Floats:
    return np.asarray(values.astype(dtype, copy=False))


def extremes(block: Any) -> tuple[float, float]:
    # Python's numbers: there the least integer has an absolute value.
    return float(block.min(initial=0)), float(block.max(initial=0))


def not_finite(block: Any) -> Indices:
    # One look at the extremes where all are.
    if block.dtype.kind != "f" or np.isfinite(extremes(block)).all():
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(~np.isfinite(block).all(axis=1))


def equal(table: Any, some: Indices, others: Indices) -> NDArray[np.bool_]:
    return np.asarray((table[some] == table[others]).all(axis=1))


def places(block: Any, direction: Floats) -> Floats:
    return np.asarray(block @ direction)


def dots(a: Any, b: Any) -> Floats:
    return np.asarray(np.einsum("nd,nd->n", a, b))


def sqrt(values: Any) -> Floats:
    return np.asarray(np.sqrt(values))


def largest(rows: Any) -> Floats:
    return np.asarray(np.abs(rows).max(axis=1, keepdims=True, initial=0.0))


def append(rows: Any, column: Any) -> Floats:
    return np.hstack([rows, column])


def subtract_at_largest(rows: Any) -> None:
    rows[np.arange(len(rows)), rows.argmax(axis=1)] -= 1.0


def product(a: Any, b: Any) -> Floats:
    return np.asarray(a @ b.T)


def add(matrix: Any, to_rows: Any, to_columns: Any) -> None:
    matrix += to_rows.astype(matrix.dtype)[:, None]
    matrix += to_columns.astype(matrix.dtype)


def coarseness(table: Any) -> float:
    return 0.0


def lowest(matrix: Any) -> tuple[Indices, Floats]:
    columns = matrix.argmin(axis=1)
    return columns, matrix[np.arange(len(matrix)), columns]


def below(matrix: Any, left_out: Indices, limits: Floats, most: int) -> tuple[Indices, Indices] | None:
    matrix[np.arange(len(matrix)), left_out] = np.inf
    possible = matrix < limits[:, None]
    if np.count_nonzero(possible) > most:
        return None
    # A flat search is several times as fast as one for pairs.
    rows, columns = np.divmod(np.flatnonzero(possible), matrix.shape[1])
    return rows, columns
