"""Greedy k-center on a memory map: a million rows that need not be in memory."""

import tempfile
from pathlib import Path

import numpy as np

from selection_jobs.case import Case, Goal, Side, check_picks, same_picks
from selection_jobs.data import points
from selection_jobs.k_center import plain
from skal.selection import k_center

FULL = [{"n": 1_000_000, "d": 128, "k": 1000}]
CURVE: list[dict] = []
QUICK = [{"n": 5000, "d": 16, "k": 50}]
GOALS = [
    Goal("under 60 s", at_most=60.0),
    Goal("under 500 MiB above the map", at_most=500.0, measure="mib"),
]
TENSORS = False
PLOT = None
NOTES = """
The map is a file of 512 MB, read block by block; nothing is labelled, and the first row is drawn. Its memory is that
of the process without the pages of files: the system may take those back at any time.
"""


def make(size, device="cpu"):
    n, d, k = size["n"], size["d"], size["k"]
    folder = tempfile.TemporaryDirectory(prefix="skal_bench_")
    Z = _map(Path(folder.name) / "Z.npy", n, d)

    def own(picks, kept=folder):  # the folder lives as long as the side
        return k_center(Z, picks, None, 0)[0]

    def greedy(picks):
        rng = np.random.RandomState(0)
        rng.permutation(n)  # skal draws the order of ties first
        first = int(rng.randint(n))
        return np.concatenate([[first], plain(Z, picks - 1, Z[first : first + 1])])

    sides = {
        "skal": Side(own, "skal"),
        "plain NumPy greedy": Side(greedy, "plain", grows=True),
        "scikit-activeml CoreSet": Side(
            lambda picks: None, "peer", skip=f"its utilities alone are {k} x {n} float64, {8e-9 * k * n:.1f} GB"
        ),
        "one read of the map": Side(lambda picks: float(Z.max()), "limit"),
    }

    def check(results):
        picked = {name: rows for name, rows in results.items() if name != "one read of the map"}
        return check_picks(picked, n, k) | same_picks(picked)

    return Case(f"k_center, memory map of {n} x {d}, k = {k}", k, sides, check)


def _map(path, n, d):
    file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, d))
    for seed, start in enumerate(range(0, n, 50_000)):
        rows = file[start : start + 50_000]
        rows[:] = points("gaussian", len(rows), d, seed)
    file.flush()
    del file
    return np.load(path, mmap_mode="r")
