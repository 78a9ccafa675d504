"""Rows between which squared distances are taken: fast bounds by matrix products, and the float64 value of a few."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from skal.selection._common import Floats, Indices
from skal.selection._k_center_arithmetic import Arithmetic, Which, WorkType, arithmetic

_BLOCK = 2**20  # numbers that are brought to float64 at a time
_SAMPLE = 4096  # rows whose mean becomes the origin
_TINY = 2.0**-90  # above what float32 loses by underflow in a product of rows of this scale:
_SCALES = (2.0**-20, 2.0**20)


Exact = tuple[Any, ...]  # float64, each part with an entry for each row


class Work(NamedTuple):
    """Rows as a matrix product wants them: the inner product of two is that of their parts, multiplied."""

    parts: tuple[Any, ...]
    norms: Any  # squared, float64
    on: Arithmetic  # who computes with them


class Rows(Protocol):
    """What distances are taken between.

    Attributes
    ----------
    scale : float
        Distances are as many times those asked for.
    on : Arithmetic
        Who computes with them; what `work` returns is for it alone.
    """

    scale: float
    on: Arithmetic

    @property
    def width(self) -> int:
        """Numbers a row, which decides on the sizes of blocks."""

    def __len__(self) -> int: ...

    def work(self, which: Which, dtype: WorkType) -> Work:
        """Bring rows into the form for matrix products."""

    def exact(self, which: Which) -> Exact:
        """Bring rows into the form for distances in float64."""

    def between(self, a: Exact, b: Exact) -> Floats:
        """Squared distances in float64, pair by pair, or of many rows to a single one."""

    def squared(self, which: Indices, other: Any, others: Indices) -> Floats:
        """Squared distances of rows to the rows of another of its kind, pair by pair, in float64."""

    def squared_norms(self) -> Floats:
        """Squared lengths of all rows, in float64."""

    def margin(self, dtype: WorkType) -> float:
        """Error of bounds by matrix products, as a share of the squared norms."""


class InBlocks:
    """What kinds of rows share: distances of pairs, a block at a time."""

    def squared(self: Rows, which: Indices, other: Rows, others: Indices) -> Floats:
        """Squared distances of rows to the rows of another of its kind, pair by pair, in float64."""
        out = np.empty(len(which))
        for part in blocks(len(which), self.width):
            out[part] = self.between(self.exact(which[part]), other.exact(others[part]))
        return out


class Points(InBlocks):
    """Rows of a matrix, in an array, a memory map or a tensor.

    Parameters
    ----------
    Z : ndarray or tensor of shape (n, d)
        Finite numbers.
    unit : bool, default=False
        Take the direction of each row; rows of zeros share a direction of their own, orthogonal to all others.
    """

    def __init__(self, Z: Any, *, unit: bool = False) -> None:
        self.Z = Z
        self.on = arithmetic(Z)
        self.unit = unit
        self.scale = 1.0
        self.origin: Any = 0.0

    def __len__(self) -> int:
        return len(self.Z)

    @property
    def width(self) -> int:
        """Columns."""
        return max(int(self.Z.shape[1]), 1)

    def read(self, which: Which) -> Any:
        """Return rows in float64, in the scale of this problem."""
        rows = self.on.read(self.Z, which)
        if self.unit:
            return self._directions(rows)
        if self.scale != 1.0:
            rows *= self.scale
        return rows

    def squared_norms(self) -> Floats:
        """Squared distances to zero."""
        out = np.empty(len(self))
        for part in blocks(len(self), self.width):
            rows = self.read(part)
            out[part] = self.on.host(self.on.dots(rows, rows))
        return out

    def work(self, which: Which, dtype: WorkType) -> Work:
        """Return rows as seen from the origin, which keeps the digits of data that lie far from zero."""
        rows = self.read(which)
        rows -= self.origin
        return Work((self.on.cast(rows, dtype),), self.on.dots(rows, rows), self.on)

    def exact(self, which: Which) -> Exact:
        """Return rows in float64."""
        return (self.read(which),)

    def between(self, a: Exact, b: Exact) -> Floats:
        """Squared distances by differences: of equal rows exactly 0."""
        difference = a[0] - b[0]
        return np.asarray(self.on.host(self.on.dots(difference, difference)))

    def margin(self, dtype: WorkType) -> float:
        """Error of bounds by matrix products, as a share of the squared norms."""
        return margin(self.width, dtype, self.on.coarseness(self.Z) if dtype is np.float32 else 0.0)

    def _directions(self, rows: Any) -> Any:
        largest = self.on.largest(rows)
        zero = largest == 0
        rows /= largest + zero  # so that no square leaves the range of the numbers
        norms = self.on.sqrt(self.on.dots(rows, rows))[:, None]
        rows /= norms + zero
        return self.on.append(rows, zero)


def prepare(*tables: Points) -> None:
    """Choose scale and origin for tables between which distances are taken."""
    if not tables[0].unit:
        scale = scale_for(tables[0].on, *(table.Z for table in tables))
        for table in tables:
            table.scale = scale
    first = tables[0]
    origin = first.read(np.arange(0, len(first), max(1, len(first) // _SAMPLE))).mean(0)
    for table in tables:
        table.origin = origin


def scale_for(on: Arithmetic, *tables: Any) -> float:
    """Choose a power of two, which changes no digit of any distance; it is 1 for numbers of the usual size."""
    size = max(_largest(Z, on) for Z in tables)
    return 1.0 if size == 0.0 or _SCALES[0] < size < _SCALES[1] else 2.0 ** -math.floor(math.log2(size))


def margin(width: int, dtype: WorkType, coarseness: float = 0.0) -> float:
    """Share of the two squared norms by which a squared distance by matrix products can be wrong.

    An inner product of d numbers is off by at most ``d u / (1 - d u)`` of the product of the norms, whatever the
    order of its sum (u: unit roundoff); what is added to d covers rounding the rows, the norms, their sum and the
    margin itself; `coarseness` is what inner products lose beyond that. The last term is the error of the float64
    value by differences.

    References
    ----------
    .. [1] Higham, "Accuracy and stability of numerical algorithms", 2002, equation 3.5.
    """
    steps = (width + 32) * float(np.finfo(dtype).eps) / 2
    return steps / (1.0 - steps) + coarseness + 4 * (width + 32) * 2.0**-53


def lower_bounds(a: Work, b: Work, share: float) -> Any:
    """Bound the squared distances between two sets of rows from below, (k, m), in the type of the rows."""
    bounds = a.on.product(a.parts[0], b.parts[0])
    for left, right in zip(a.parts[1:], b.parts[1:], strict=True):
        bounds *= a.on.product(left, right)
    bounds *= -2
    a.on.add(bounds, (1.0 - share) * a.norms - _TINY, (1.0 - share) * b.norms)
    return bounds


def upper_bounds(low: Floats, a: Floats, b: Floats, share: float) -> Floats:
    """Bound squared distances from above, given their lower bounds and the squared norms on both sides."""
    return np.asarray(low.astype(np.float64) + 2 * share * (a + b) + 2 * _TINY)


def blocks(n: int, width: int) -> Iterator[slice]:
    """Cut n rows into slices of about a million numbers."""
    step = max(1, _BLOCK // max(width, 1))
    return (slice(start, min(start + step, n)) for start in range(0, n, step))


def checked_table(Z: Any, name: str, who: str, width: int | None = None) -> Any:
    """Return Z as a table of shape (n, width) of finite numbers, a memory map or a tensor as it is, or raise."""
    on = arithmetic(Z)
    table = on.table(Z, name, who)
    shape = tuple(table.shape)
    if len(shape) != 2 or (width is not None and shape[1] != width):
        wanted = "(n, d)" if width is None else f"(n, {width})"
        raise ValueError(f"{who}: {name} must have shape {wanted}, got {shape}.")
    bad = [part.start + on.not_finite(table[part]) for part in blocks(*shape)]
    rows = np.concatenate(bad) if bad else np.empty(0)
    if len(rows):
        raise ValueError(
            f"{who}: {name} must be finite, got NaN or infinity in {len(rows)} of {len(table)} rows, "
            f"first row {rows[0]}."
        )
    return table


def distinct(Z: Any) -> Any:
    """Return the rows without most of those that repeat another one, in the order of their first place."""
    if len(Z) < 2 or Z.shape[1] == 0:
        return Z[:1]
    on = arithmetic(Z)
    direction = np.random.RandomState(0).standard_normal(Z.shape[1])
    place = np.concatenate([on.places(Z[part], direction) for part in blocks(*Z.shape)])
    order = np.argsort(place, kind="stable")
    repeated = np.flatnonzero(np.diff(place[order]) == 0)  # equal rows have equal places
    repeated = repeated[on.equal(Z, order[repeated], order[repeated + 1])]
    return on.take(Z, np.delete(np.arange(len(Z)), order[repeated + 1])) if len(repeated) else Z


def _largest(Z: Any, on: Arithmetic) -> float:
    """Largest absolute value."""
    ends = [on.extremes(Z[part]) for part in blocks(*Z.shape)]
    return max((max(-least, largest) for least, largest in ends), default=0.0)
