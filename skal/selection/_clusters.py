"""k-means for selections that only need the clusters: Lloyd, without the centres that cannot be nearest."""

from __future__ import annotations

import numpy as np

from skal.selection._common import _BLOCK_ELEMENTS, Floats, Indices

_SEEDING_ROWS = 10  # a cluster: k-means++ on so many rows costs 1 % of inertia, on all rows most of the time
_ITERATIONS = 10
_SEEDING_WIDTH = 64  # columns of their random projection, which keeps distances to some percent
_WORTH = 0.5  # share of rows times centres up to which rows are compared cluster by cluster


def kmeans_labels(Z: Floats, n_clusters: int, rng: np.random.RandomState) -> Indices:
    """Return the k-means cluster of each row, in [0, n_clusters); where rows are equal, some may be without a row.

    Seeds are found by greedy k-means++ on ten rows a cluster drawn at random; then at most ten iterations of Lloyd.
    Inertia is within 2 % of scikit-learn's at convergence. Products are in the precision of Z, about its mean.

    A centre c' is no nearer to x than x's own centre c if ``|c - c'| >= 2 |x - c|`` (Elkan, "Using the triangle
    inequality to accelerate k-means", ICML 2003, lemma 1). So once rows have a cluster, they are compared with the
    centres within twice its radius: few where the rows do fall into groups, all where they do not.
    """
    dtype: type[np.float32] | type[np.float64] = np.float32 if Z.dtype.itemsize <= 4 else np.float64
    points: Floats = np.asarray(Z - Z.mean(axis=0, dtype=np.float64).astype(Z.dtype), dtype=dtype)
    norms = np.einsum("nd,nd->n", points, points)
    slack = 32 * float(np.finfo(dtype).eps) * float(norms.max(initial=0.0))  # of squared distances by products
    centers = _seeds(points, n_clusters, rng)
    labels, squared = _nearest_of_all(points, norms, centers)
    for _ in range(_ITERATIONS):
        _fill_empty(labels, squared, n_clusters, slack)
        members = rows_of(labels, n_clusters)
        radii = np.array([np.sqrt(squared[rows].max(initial=0.0) + slack) for rows in members])
        before, centers = centers, _means(points, members, centers)
        radii += np.sqrt(((centers - before) ** 2).sum(axis=1))  # no row is farther from where its centre is now
        last = labels
        labels, squared = _nearest(points, norms, centers, members, radii, slack)
        if (labels == last).all():
            break
    return labels


def rows_of(labels: Indices, n_clusters: int) -> list[Indices]:
    """Rows of each cluster, in their order."""
    ends = np.bincount(labels, minlength=n_clusters).cumsum()[:-1]
    return np.split(np.argsort(labels, kind="stable"), ends)


def _seeds(points: Floats, n_clusters: int, rng: np.random.RandomState) -> Floats:
    """Greedy k-means++: of some rows drawn by their squared distance, the one that leaves the least."""
    if n_clusters * _SEEDING_ROWS < len(points):
        points = points[np.sort(rng.choice(len(points), n_clusters * _SEEDING_ROWS, replace=False))]
    rows = points
    if points.shape[1] > 2 * _SEEDING_WIDTH:
        rows = points @ rng.standard_normal((points.shape[1], _SEEDING_WIDTH)).astype(points.dtype)
    norms, columns = np.einsum("nd,nd->n", rows, rows), np.ascontiguousarray(rows.T)
    seeds = np.empty(n_clusters, dtype=np.intp)
    seeds[0] = rng.randint(len(rows))
    nearest = _squared(rows[seeds[:1]], norms[seeds[:1]], columns, norms)[0]
    n_tries = 2 + int(np.log(n_clusters))
    for place in range(1, n_clusters):
        upto = np.cumsum(nearest, dtype=np.float64)
        drawn = np.searchsorted(upto, rng.random_sample(n_tries) * upto[-1], side="right")
        tries = np.minimum(drawn, len(rows) - 1)  # where nothing is left, upto[-1] is 0
        left = np.minimum(_squared(rows[tries], norms[tries], columns, norms), nearest)
        best = int(left.sum(axis=1).argmin())
        seeds[place], nearest = tries[best], left[best]
        nearest[tries[best]] = 0
    return points[seeds]


def _squared(some: Floats, some_norms: Floats, columns: Floats, norms: Floats) -> Floats:
    """Squared distances of some points to others, whose transpose is given."""
    products: Floats = some @ columns
    products *= -2
    products += norms
    products += some_norms[:, None]
    return np.maximum(products, 0, out=products)


def _fill_empty(labels: Indices, squared: Floats, n_clusters: int, slack: float) -> None:
    """Give clusters without a row the rows that are farthest from their centres, where any is off."""
    empty = np.flatnonzero(np.bincount(labels, minlength=n_clusters) == 0)
    if len(empty):
        far = np.argsort(-squared, kind="stable")[: len(empty)]
        far = far[squared[far] > slack]
        labels[far] = empty[: len(far)]
        squared[far] = 0


def _means(points: Floats, members: list[Indices], centers: Floats) -> Floats:
    means = centers.copy()
    for cluster, rows in enumerate(members):
        if len(rows):
            means[cluster] = np.full(len(rows), 1 / len(rows), dtype=points.dtype) @ points[rows]
    return means


def _nearest(
    points: Floats,
    norms: Floats,
    centers: Floats,
    members: list[Indices],
    radii: Floats,
    slack: float,
) -> tuple[Indices, Floats]:
    """Nearest centre of each row and the squared distance, from clusters and the reach of each."""
    center_norms = np.einsum("nd,nd->n", centers, centers)
    near = np.sqrt(_squared(centers, center_norms, centers.T, center_norms))
    within = near <= 2 * radii[:, None] + np.sqrt(slack)
    np.fill_diagonal(within, True)
    sizes = np.array([len(rows) for rows in members])
    if sizes @ within.sum(axis=1) > _WORTH * len(points) * len(centers):
        return _nearest_of_all(points, norms, centers)
    labels, squared = np.empty(len(points), dtype=np.intp), np.empty_like(norms)
    for cluster, rows in enumerate(members):
        some = np.flatnonzero(within[cluster])
        for start in range(0, len(rows), 4096):
            part = rows[start : start + 4096]
            nearest, squared[part] = _least(points[part], centers[some], center_norms[some])
            labels[part] = some[nearest]
    squared += norms
    return labels, np.maximum(squared, 0, out=squared)


def _nearest_of_all(points: Floats, norms: Floats, centers: Floats) -> tuple[Indices, Floats]:
    center_norms = np.einsum("nd,nd->n", centers, centers)
    labels, squared = np.empty(len(points), dtype=np.intp), np.empty_like(norms)
    step = max(1, _BLOCK_ELEMENTS // 4 // len(centers))
    for start in range(0, len(points), step):
        rows = slice(start, start + step)
        labels[rows], squared[rows] = _least(points[rows], centers, center_norms)
    squared += norms
    return labels, np.maximum(squared, 0, out=squared)


def _least(points: Floats, centers: Floats, center_norms: Floats) -> tuple[Indices, Floats]:
    """Place and value of the least ``|c|^2 - 2 x c`` of each row."""
    products = points @ centers.T
    products *= -2
    products += center_norms
    nearest = products.argmin(axis=1)
    return nearest, products[np.arange(len(products)), nearest]
