"""The verbs in which distances are taken, and who speaks them: NumPy for arrays, torch for tensors."""

from __future__ import annotations

import sys
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from skal.selection import _k_center_arrays
from skal.selection._common import Floats, Indices

Which = Indices | slice
WorkType = type[np.float32] | type[np.float64]


class Arithmetic(Protocol):
    """What is done with the numbers of a table, where the table lies.

    Tables, rows and matrices are arrays or tensors and stay on their device; `Indices` and `Floats` are NumPy arrays,
    with a number a row or a pair.
    """

    def table(self, Z: Any, name: str, who: str) -> Any:
        """Return Z as a table of real numbers, without a copy where it is one, or raise."""

    def near(self, Z: Any, table: Any) -> Any:
        """Bring a small table to where another one lies."""

    def host(self, values: Any) -> NDArray[Any]:
        """Return a few numbers as an array."""

    def read(self, table: Any, which: Which) -> Any:
        """Copy rows, in float64."""

    def take(self, table: Any, which: Indices) -> Any:
        """Copy rows as they are."""

    def cast(self, values: Any, dtype: WorkType) -> Any:
        """Return numbers in another precision."""

    def extremes(self, block: Any) -> tuple[float, float]:
        """Least and largest number of a block and 0; NaN where there is one."""

    def not_finite(self, block: Any) -> Indices:
        """Rows with a NaN or an infinity."""

    def equal(self, table: Any, some: Indices, others: Indices) -> NDArray[np.bool_]:
        """Tell which pairs of rows are equal."""

    def places(self, block: Any, direction: Floats) -> Floats:
        """Products of rows with a direction; nearly always equal where rows are equal."""

    def dots(self, a: Any, b: Any) -> Any:
        """Inner products of rows with rows, pair by pair; of equal pairs equal, whatever else is in the block."""

    def sqrt(self, values: Any) -> Any:
        """Square roots, to the last bit."""

    def largest(self, rows: Any) -> Any:
        """Largest absolute value of each row, as a column."""

    def append(self, rows: Any, column: Any) -> Any:
        """Give rows one more column."""

    def subtract_at_largest(self, rows: Any) -> None:
        """Subtract 1 from the largest number of each row, the first of equals, in place."""

    def product(self, a: Any, b: Any) -> Any:
        """Inner products of all rows with all rows, (k, m)."""

    def add(self, matrix: Any, to_rows: Any, to_columns: Any) -> None:
        """Add a number to each row and one to each column of a matrix, in its precision and in place."""

    def coarseness(self, table: Any) -> float:
        """Share by which a product in float32 may be off beyond the rounding of float32: 0 where that is all."""

    def lowest(self, matrix: Any) -> tuple[Indices, Floats]:
        """Column and value of the least number of each row."""

    def below(self, matrix: Any, left_out: Indices, limits: Floats, most: int) -> tuple[Indices, Indices] | None:
        """Rows and columns of the numbers below the limit of their row, but for one column a row; None if too many.

        The matrix is used up.
        """


def is_tensor(Z: Any) -> bool:
    """Tell a tensor from everything else, without loading torch: who has one has loaded it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(Z, torch.Tensor)


def arithmetic(Z: Any) -> Arithmetic:
    """Return who computes with Z."""
    if is_tensor(Z):
        from skal.selection import _k_center_tensors

        return _k_center_tensors
    return _k_center_arrays


def n_rows(Z: Any) -> int:
    """Length of an array-like; a tensor is not converted for it."""
    return len(Z) if is_tensor(Z) else len(np.asarray(Z))


def as_array(Z: Any) -> NDArray[Any]:
    """Return an array-like or a tensor on any device as an array."""
    return arithmetic(Z).host(Z)


def beside(Z: Any, table: Any) -> Any:
    """Bring a small table to where another one lies: to its device, or to an array."""
    if is_tensor(table):
        return arithmetic(table).near(Z, table)
    return as_array(Z) if is_tensor(Z) else Z
