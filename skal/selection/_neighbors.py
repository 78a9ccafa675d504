"""Neighbours in blocks: never a matrix of all pairs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.neighbors import NearestNeighbors

from skal.selection._common import _BLOCK_ELEMENTS, Floats, Indices

_FEW = 1000  # rows: all pairs of them are quicker than a search, whose checks alone take a millisecond
_DIGITS = 7  # of distances by matrix products, as a share of the largest norm


def unit_rows(Z: Floats) -> Floats:
    """Divide each row by its length; rows of zeros stay."""
    # By the largest entry first: squares of very large or small float32 overflow or vanish.
    largest = np.abs(Z).max(axis=1, keepdims=True, initial=0.0)
    scaled = Z / np.where(largest > 0, largest, 1.0)
    norms = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.asarray(scaled / np.where(norms > 0, norms, 1.0))


def centered(Z: Floats) -> tuple[Floats, float]:
    """Return the rows in float64 about their mean, and the largest length: no digits are lost far from the origin."""
    points = Z - Z.mean(axis=0, dtype=np.float64)
    return points, float(np.sqrt(np.einsum("nd,nd->n", points, points).max(initial=0.0)))


def mean_neighbor_distances(Z: Floats, k: int) -> Floats:
    """Mean distance of each row to its k nearest others, of the same rows; zeros for a single row.

    Rounded to seven digits of the largest distance from the mean, so that equal rows are equal here.
    """
    k = min(k, len(Z) - 1)
    points, largest = centered(Z)
    if k < 1 or largest == 0.0:
        return np.zeros(len(Z))
    if len(points) <= _FEW:
        distances = _nearest_of_few(points, k)
    else:
        distances, _ = NearestNeighbors(n_neighbors=k).fit(points).kneighbors()
    return np.asarray(np.round(distances.mean(axis=1) / largest, _DIGITS) * largest)


def _nearest_of_few(points: Floats, k: int) -> Floats:
    """Distances of each row to its k nearest others, in no order, from those of all pairs."""
    norms = np.einsum("nd,nd->n", points, points)
    squared = points @ points.T
    squared *= -2
    squared += norms
    squared += norms[:, None]
    np.fill_diagonal(squared, np.inf)
    return np.asarray(np.sqrt(np.maximum(np.partition(squared, k - 1, axis=1)[:, :k], 0)))


def nearest_of_another_cluster(Z: Floats, clusters: Indices, rows: Indices) -> Floats:
    """Distance of each of `rows` to the nearest row of Z in another cluster; infinite with a single cluster."""
    points, _ = centered(Z)
    out = np.empty(len(rows))
    for start, stop in _blocks(len(rows), len(Z), _BLOCK_ELEMENTS):
        squared = euclidean_distances(points[rows[start:stop]], points, squared=True)
        squared[clusters[rows[start:stop], None] == clusters] = np.inf
        np.sqrt(squared.min(axis=1), out=out[start:stop])
    return out


class RadiusGraph:
    """Which rows lie within a radius of which: looked up in blocks, and kept while there is room.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Points.
    radius : float
        Rows at this distance are within; equal rows always are.
    max_edges : int
        Pairs that are kept, at four bytes each; rows whose pairs no longer fit are looked up again when asked for.
    """

    def __init__(self, Z: Floats, radius: float, max_edges: int) -> None:
        self._points, largest = centered(Z)
        # Squared distances by matrix products are exact to some units in the last place of the squared norms.
        self.reach = float(np.sqrt(radius**2 + 16.0 * np.finfo(np.float64).eps * largest**2))
        self._search = NearestNeighbors(radius=self.reach).fit(self._points)
        self._kept: dict[int, Indices] = {}
        self._room = max_edges

    def within(self, row: int) -> Indices:
        """Rows within the radius of one row."""
        return self._lists(np.array([row]))[0]

    def counts(self, rows: Indices) -> Indices:
        """How many of the given rows each row of Z is within the radius of."""
        total = np.zeros(len(self._points), dtype=np.intp)
        for start, stop in _blocks(len(rows), len(self._points), 8 * _BLOCK_ELEMENTS):
            lists = self._lists(rows[start:stop])
            total += np.bincount(np.concatenate(lists), minlength=len(total))
        return total

    def _lists(self, rows: Indices) -> list[Indices]:
        missing = [row for row in rows.tolist() if row not in self._kept]
        found: dict[int, Indices] = {}
        if missing:
            lists = self._search.radius_neighbors(self._points[missing], return_distance=False)
            found = dict(zip(missing, lists, strict=True))
            for row, near in found.items():
                if len(near) <= self._room:
                    self._room -= len(near)
                    self._kept[row] = near.astype(np.int32)
        return [found[row] if row in found else self._kept[row] for row in rows.tolist()]


def _blocks(n_rows: int, n_columns: int, elements: int) -> Iterator[tuple[int, int]]:
    step = max(1, elements // max(n_columns, 1))
    for start in range(0, n_rows, step):
        yield start, min(start + step, n_rows)
