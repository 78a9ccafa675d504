"""Selections from a large pool against plain NumPy and against peers: both sides in one run, as a table in markdown.

    python benchmarks/selection.py --quick
    python benchmarks/selection.py --jobs k_center badge --repeats 5 --peers

``--peers`` adds scikit-activeml and modAL where they can be imported. Times are medians; of a side that takes longer
than ``--patience`` seconds there is one run, on fewer picks, and its time is said to be extrapolated.
"""

import argparse
import importlib.metadata
import os
import platform
import statistics
import time

import numpy as np
from threadpoolctl import threadpool_info

from skal import scores
from skal.selection import k_center, top_k
from skal.selection.gradient_embedding import GradientEmbedding
from skal.selection.kmeans_plusplus import kmeans_plusplus

FULL = {
    "k_center": [("gaussian", 50_000, 512, 5000, 1000), ("clustered", 50_000, 512, 5000, 1000)],
    "badge": [(50_000, 512, 10, 1000), (50_000, 512, 100, 1000)],
    "top_k": [(1_000_000, 100, 1000)],
}
QUICK = {
    "k_center": [("gaussian", 3000, 32, 200, 50), ("clustered", 3000, 32, 200, 50)],
    "badge": [(3000, 32, 5, 50)],
    "top_k": [(20_000, 10, 100)],
}


# Data.


def points(kind, n, d, seed=0):
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n, d), dtype=np.float32)
    if kind == "clustered":
        Z += 10 * rng.standard_normal((50, d), dtype=np.float32)[rng.integers(0, 50, n)]
    return Z


def probabilities(n, n_classes, seed=0):
    P = np.exp(2 * np.random.default_rng(seed).standard_normal((n, n_classes), dtype=np.float32))
    P /= P.sum(axis=1, keepdims=True)
    return P


# Plain sides: what one writes first, in float32, a matrix-vector product a pick.


def plain_k_center(Z, n, centers):
    norms = np.einsum("nd,nd->n", Z, Z)
    nearest = np.full(len(Z), np.inf, dtype=Z.dtype)
    for start in range(0, len(centers), 512):
        some = centers[start : start + 512]
        squared = norms[:, None] + np.einsum("nd,nd->n", some, some) - 2 * (Z @ some.T)
        np.minimum(nearest, squared.min(axis=1), out=nearest)
    picks = []
    for _ in range(n):
        row = int(nearest.argmax())
        picks.append(row)
        np.minimum(nearest, norms + norms[row] - 2 * (Z @ Z[row]), out=nearest)
        nearest[row] = -np.inf
    return picks


def plain_badge(P, Z, n):
    rng = np.random.RandomState(0)
    a = P - np.eye(P.shape[1], dtype=P.dtype)[P.argmax(axis=1)]
    norms = np.einsum("nc,nc->n", a, a) * np.einsum("nd,nd->n", Z, Z)
    nearest = np.full(len(Z), np.inf, dtype=Z.dtype)
    picks = [int(norms.argmax())]
    while True:
        row = picks[-1]
        squared = norms + norms[row] - 2 * (a @ a[row]) * (Z @ Z[row])
        np.minimum(nearest, np.maximum(squared, 0), out=nearest)
        nearest[picks] = 0
        if len(picks) == n:
            return picks
        cumulative = np.cumsum(nearest, dtype=np.float64)
        picks.append(int(np.searchsorted(cumulative, rng.random_sample() * cumulative[-1], side="right")))


def plain_top(score, P, n):
    return np.argsort(-score(P))[:n]


def plain_entropy(P):
    return -(P * np.log(np.maximum(P, np.finfo(P.dtype).tiny))).sum(axis=1)


def plain_margin(P):
    ordered = np.sort(P, axis=1)
    return 1 - (ordered[:, -1] - ordered[:, -2])


# Peers; None where they are not installed.


def skactiveml_core_set(Z, n, centers):
    from skactiveml.pool import CoreSet

    X = np.concatenate([centers, Z])
    y = np.r_[np.zeros(len(centers)), np.full(len(Z), np.nan)]
    return CoreSet(random_state=0).query(X, y, batch_size=n)


def skactiveml_badge(P, Z, n):
    from skactiveml.base import SkactivemlClassifier
    from skactiveml.pool import Badge

    class Fixed(SkactivemlClassifier):
        """Gives the probabilities at hand, whatever it is asked."""

        def fit(self, X, y, sample_weight=None):
            return self

        def predict_proba(self, X):
            return P

    return Badge(random_state=0).query(Z, np.full(len(Z), np.nan), Fixed(), fit_clf=False, batch_size=n)


def modal_top(name):
    def side(P, n):
        from modAL import uncertainty

        class Model:
            def predict_proba(self, X):
                return P

        score = {"entropy": uncertainty.classifier_entropy, "margin": uncertainty.classifier_margin}[name]
        values = score(Model(), P)
        return np.argpartition(-values if name == "entropy" else values, n)[:n]

    return side


# Measuring.


def seconds(side, *arguments):
    start = time.perf_counter()
    picks = side(*arguments)
    return time.perf_counter() - start, picks


def measure(make, n, repeats, patience):
    """Median seconds for n picks of ``make(picks)``, the picks, and how it was found."""
    pilot = max(2, n // 20)
    first, picks = seconds(make, pilot)
    second, _ = seconds(make, 2 * pilot)
    slope = max(second - first, 0.0) / pilot
    expected = first + slope * (n - pilot)
    if expected > patience:
        return expected, picks, f"extrapolated from {2 * pilot} picks"
    times = []
    for _ in range(repeats):
        took, picks = seconds(make, n)
        times.append(took)
    return statistics.median(times), picks, f"median of {repeats}"


def sides_of(job, size, peers):
    """Title of a job, its number of picks, and its sides: name and ``f(picks)``; the first is skal's."""
    if job == "k_center":
        kind, n, d, m, k = size
        rows = points(kind, n + m, d)
        Z, centers = rows[:n], rows[n:]
        sides = {
            "skal": lambda k: k_center(Z, k, centers, 0)[0],
            "plain NumPy greedy": lambda k: plain_k_center(Z, k, centers),
        }
        if peers:
            sides["scikit-activeml CoreSet"] = lambda k: skactiveml_core_set(Z, k, centers)
        return [(f"k_center, {kind}, {n} x {d}, {m} labelled", k, sides)]
    if job == "badge":
        n, d, n_classes, k = size
        P, Z = probabilities(n, n_classes), np.maximum(points("gaussian", n, d), 0)
        law = {"random_state": 0, "first": "largest"}
        sides = {
            "skal": lambda k: kmeans_plusplus(GradientEmbedding(P, Z), k, **law)[0],
            "plain NumPy, factorised": lambda k: plain_badge(P, Z, k),
            "skal, origin a centre": lambda k: kmeans_plusplus(GradientEmbedding(P, Z), k, origin=True, **law)[0],
        }
        if peers:
            sides["scikit-activeml Badge (origin a centre)"] = lambda k: skactiveml_badge(P, Z, k)
        return [(f"badge, {n} x {d}, {n_classes} classes", k, sides)]
    n, n_classes, k = size
    P = probabilities(n, n_classes)
    found = []
    for name, score, plain in (
        ("entropy", scores.entropy, plain_entropy),
        ("margin", scores.margin, plain_margin),
        ("least confident", scores.least_confident, lambda P: 1 - P.max(axis=1)),
    ):
        sides = {
            "skal": lambda k, score=score: top_k(score(P), k, 0)[0],
            "plain NumPy": lambda k, plain=plain: plain_top(plain, P, k),
            "one read of the array": lambda k: P.sum(),
        }
        if peers and name in ("entropy", "margin"):
            sides["modAL"] = lambda k, name=name: modal_top(name)(P, k)
        found.append((f"{name}, top {k}, {n} x {n_classes}", k, sides))
    return found


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def header():
    names = ("skal", "numpy", "scipy", "scikit-learn", "scikit-activeml", "modAL-python")
    versions = ", ".join(f"{name} {version(name)}" for name in names if version(name))
    threads = {info["internal_api"]: info["num_threads"] for info in threadpool_info()}
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {versions}; threads {threads} of {os.cpu_count()} cores{load}."


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run?")
    parser.add_argument("--jobs", nargs="+", choices=FULL, default=list(FULL))
    parser.add_argument("--size", nargs="+", help="one size for the only job, as in the table of sizes")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=float, default=60.0)
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    print(header(), "\n")
    print("| job | picks | side | seconds | times skal's | how | same picks as skal |")
    print("|---|---|---|---|---|---|---|")
    for job in asked.jobs:
        sizes = (QUICK if asked.quick else FULL)[job]
        if asked.size:
            sizes = [tuple(int(word) if word.isdigit() else word for word in asked.size)]
        for size in sizes:
            for title, k, sides in sides_of(job, size, asked.peers):
                own, own_picks = None, None
                for name, side in sides.items():
                    try:
                        took, picks, how = measure(side, k, asked.repeats, asked.patience)
                    except (ImportError, AttributeError, TypeError, ValueError) as error:
                        print(f"| {title} | {k} | {name} | - | - | {type(error).__name__}: {str(error)[:80]} | - |")
                        continue
                    if own is None:
                        own, own_picks = took, picks
                    same = len(set(np.ravel(picks).tolist()) & set(own_picks.tolist()))
                    ratio, whole = took / own, np.size(picks) == len(own_picks)
                    told = f"{same} of {len(own_picks)}" if whole else "-"
                    print(f"| {title} | {k} | {name} | {took:.3g} | {ratio:.3g} | {how} | {told} |", flush=True)


if __name__ == "__main__":
    main()
