"""TypiClust: one typical row of each of 500 clusters."""

import numpy as np
from sklearn.cluster import KMeans

import skal.selection.typiclust  # noqa: F401  (the module: the package has a function of that name)
from selection_jobs.case import Case, Goal, Side, check_picks
from selection_jobs.data import points
from skal.selection import typiclust

FULL = [{"n": 50_000, "d": d, "k": 500} for d in (64, 512)]
CURVE = [{"n": n, "d": 64, "k": n // 100} for n in (1000, 10_000)]
QUICK = [{"n": 1000, "d": 8, "k": 20}]
THEIRS, QUICKER = "scikit-activeml TypiClust", "scikit-activeml TypiClust, 10 iterations"
GOALS = [Goal("10 times as fast as scikit-activeml", against=THEIRS, at_least=10)]
TENSORS = False
PLOT = None
NOTES = """
Most of the time is k-means, and a k-means that stops early is faster: the inertias are told, as a share of what
scikit-activeml's has at convergence. Its second side stops after ten iterations, as skal does.
"""


class Recording(KMeans):
    """k-means that remembers the last inertia."""

    last = None

    def fit_predict(self, X, y=None, sample_weight=None):
        labels = super().fit_predict(X, y, sample_weight)
        type(self).last = self.inertia_
        return labels


def make(size, device="cpu"):
    n, d, k = size["n"], size["d"], size["k"]
    Z = points("clustered", n, d)
    inertias = {}

    def theirs(name, **options):
        def side(picks):
            rows = skactiveml(Z, picks, **options)
            inertias[name] = float(Recording.last)
            return rows

        return side

    sides = {
        "skal": Side(lambda picks: typiclust(Z, picks, None, 0)[0], "skal"),
        THEIRS: Side(theirs(THEIRS), "peer"),
        QUICKER: Side(theirs(QUICKER, max_iter=10), "peer"),
    }

    def check(results):
        facts = check_picks(results, n, k, may_repeat=(THEIRS, QUICKER))
        inertias["skal"] = _inertia_of_skal(Z, k)
        reference = inertias.get(THEIRS)
        shares = {name: value / reference if reference else value for name, value in inertias.items()}
        return facts | {f"{name}: inertia": round(share, 4) for name, share in shares.items()}

    return Case(f"typiclust, {n} x {d}, {k} clusters", k, sides, check)


def _inertia_of_skal(Z, k):
    """Inertia of the clusters that skal's selection makes on its way."""
    import sys

    module = sys.modules["skal.selection.typiclust"]
    original, seen = module.kmeans_labels, []

    def recording(*arguments, **options):
        seen.append(original(*arguments, **options))
        return seen[-1]

    module.kmeans_labels = recording
    try:
        typiclust(Z, k, None, 0)
    finally:
        module.kmeans_labels = original
    (labels,) = seen
    total = 0.0
    for rows in np.split(np.argsort(labels, kind="stable"), np.bincount(labels).cumsum()[:-1]):
        if len(rows):
            cluster = Z[rows].astype(np.float64)
            total += float(((cluster - cluster.mean(axis=0)) ** 2).sum())
    return total


def skactiveml(Z, picks, **options):
    from skactiveml.pool import TypiClust

    options = {"random_state": 0, **options}
    strategy = TypiClust(random_state=0, cluster_algo=Recording, cluster_algo_dict=options, k=20)
    return strategy.query(Z, np.full(len(Z), np.nan), batch_size=picks)
