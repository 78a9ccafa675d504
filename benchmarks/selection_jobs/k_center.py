"""Greedy k-center: 1000 of 50 000 rows, 5000 labelled ones."""

import numpy as np
from sklearn.metrics import pairwise_distances_argmin_min

from selection_jobs.case import Case, Goal, Side, WrongResult, check_picks, same_picks
from selection_jobs.data import points
from selection_jobs.products import SameFlops
from skal.selection import k_center


def _size(kind, n, d=512):
    return {"kind": kind, "n": n, "d": d, "labelled": min(5000, n // 10), "k": min(1000, n // 10)}


FULL = [_size("gaussian", 50_000), _size("clustered", 50_000)]
CURVE = [_size("gaussian", n) for n in (100, 1000, 10_000)]
QUICK = [_size(kind, 1500, 32) for kind in ("gaussian", "clustered")]
GOALS = [
    Goal("50 times as fast as the fastest peer", against="peer", at_least=50),
    Goal("1.5 times the time of its own products", against="sgemm of as many flops", at_most=1.5),
]
TENSORS = True  # skal takes them here, so there is something to measure on a device
PLOT = {"where": {"kind": "gaussian"}, "title": "k-center, 512 columns: n / 10 labelled, n / 10 picks, 1000 at most"}
NOTES = """
Every tenth row is labelled, and a tenth of the rows is picked (5000 and 1000 of 50 000). The limit is a plain `sgemm`
of as many flops as skal's own products have, counted in the same run: all else that skal does would have to fit into
the other half.
"""


def make(size, device="cpu"):
    n, d, m, k = size["n"], size["d"], size["labelled"], size["k"]
    rows = points(size["kind"], n + m, d)
    Z, centers = rows[:n], rows[n:]
    given, known = Z, centers
    if device != "cpu":
        import torch

        given, known = torch.from_numpy(Z).to(device), torch.from_numpy(centers).to(device)

    def own(picks):
        return k_center(given, picks, known, 0)[0]

    sides = {"skal": Side(own, "skal")}
    if device == "cpu":
        sides["plain NumPy greedy"] = Side(lambda picks: plain(Z, picks, centers), "plain", grows=True)
    else:
        sides["plain torch greedy"] = Side(lambda picks: plain_torch(given, picks, known), "plain", grows=True)
    sides["scikit-activeml CoreSet"] = Side(lambda picks: skactiveml(Z, picks, centers), "peer", grows=True)
    sides["small-text greedy_coreset"] = Side(
        lambda picks: small_text(Z, picks, centers),
        "peer",
        grows=True,
        skip="all distances anew for each pick: more than 10 s a pick here" if n * m > 2e7 else "",
    )
    sides["sgemm of as many flops"] = Side(SameFlops(lambda: own(k), d, device), "limit")

    def check(results):
        picked = {name: rows for name, rows in results.items() if name != "sgemm of as many flops"}
        facts = check_picks(picked, n, k) | same_picks(picked)
        if n * (m + k) * d <= 1e10:
            radii = {name: _radius(Z, np.vstack([centers, Z[np.asarray(rows)]])) for name, rows in picked.items()}
            if radii["skal"] > 1.0001 * min(radii.values()):
                raise WrongResult(f"skal must cover as well as the others, got the radii {radii}.")
            facts["radius"] = round(radii["skal"], 4)
        return facts | {"flops of the products": sides["sgemm of as many flops"].run.flops}

    return Case(f"k_center, {size['kind']}, {n} x {d}, {m} labelled, k = {k}", k, sides, check)


def _radius(Z, centers):
    return float(pairwise_distances_argmin_min(Z.astype(float), centers.astype(float))[1].max())


def plain(Z, picks, centers):
    """What one writes first: float32, a matrix-vector product a pick."""
    norms = np.einsum("nd,nd->n", Z, Z)
    nearest = np.full(len(Z), np.inf, dtype=Z.dtype)
    for start in range(0, len(centers), 512):
        some = centers[start : start + 512]
        squared = norms[:, None] + np.einsum("nd,nd->n", some, some) - 2 * (Z @ some.T)
        np.minimum(nearest, squared.min(axis=1), out=nearest)
    rows = []
    for _ in range(picks):
        row = int(nearest.argmax())
        rows.append(row)
        np.minimum(nearest, norms + norms[row] - 2 * (Z @ Z[row]), out=nearest)
        nearest[row] = -np.inf
    return np.array(rows)


def plain_torch(Z, picks, centers):
    import torch

    norms = (Z * Z).sum(dim=1)
    nearest = torch.full_like(norms, torch.inf)
    for start in range(0, len(centers), 512):
        some = centers[start : start + 512]
        squared = norms[:, None] + (some * some).sum(dim=1) - 2 * (Z @ some.T)
        nearest = torch.minimum(nearest, squared.amin(dim=1))
    rows = torch.empty(picks, dtype=torch.long, device=Z.device)
    for position in range(picks):
        row = nearest.argmax()
        rows[position] = row
        nearest = torch.minimum(nearest, norms + norms[row] - 2 * (Z @ Z[row]))
        nearest[rows[: position + 1]] = -torch.inf
    return rows.cpu().numpy()


def skactiveml(Z, picks, centers):
    from skactiveml.pool import CoreSet

    X = np.concatenate([Z, centers])
    y = np.concatenate([np.full(len(Z), np.nan), np.zeros(len(centers))])
    return CoreSet(random_state=0).query(X, y, batch_size=picks)


def small_text(Z, picks, centers):
    from small_text.query_strategies.coresets import greedy_coreset

    X = np.concatenate([Z, centers])  # the pool first: it counts its picks from there
    labeled = np.arange(len(Z), len(X))
    return greedy_coreset(X, np.arange(len(Z)), labeled, picks, distance_metric="euclidean")
