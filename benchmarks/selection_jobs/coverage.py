"""ProbCover, MaxHerding, UHerding and facility location: as much of the pool as possible like something picked."""

import numpy as np
from sklearn.preprocessing import normalize

from selection_jobs.case import Case, Goal, Side, WrongResult, check_picks, same_picks
from selection_jobs.data import points
from skal.selection import facility_location, herding, prob_cover, purity_radius

METHODS = ("prob_cover", "max_herding", "uncertainty_herding", "facility_location")
FULL = [{"method": method, "n": 50_000, "d": 64, "k": 100} for method in METHODS]
CURVE = [{"method": method, "n": n, "d": 64, "k": 100} for method in METHODS for n in (1000, 5000)]
QUICK = [{"method": method, "n": 400, "d": 8, "k": 20} for method in METHODS]
GOALS = [
    Goal("it finishes, in less than 2 GB above the inputs", at_most=2e9 / 2**20, measure="mib"),
]
TENSORS = False
PLOT = None
NOTES = """
The rows have length one; bells have width 1, and the radius of ProbCover is that at which 95 % of the balls are pure.
The peers keep a number for every pair of rows: 20 GB for 50 000 in float64, and ProbCover a second array of truth
values. scikit-activeml has neither UHerding nor facility location.
"""


def make(size, device="cpu"):
    method, n, k = size["method"], size["n"], size["k"]
    Z = normalize(points("clustered", n, size["d"]))
    weights = np.random.default_rng(1).random(n) if method == "uncertainty_herding" else None
    radius = purity_radius(Z, 10, 0) if method == "prob_cover" else None
    own = {
        "prob_cover": lambda picks: prob_cover(Z, picks, radius, None, 0)[0],
        "max_herding": lambda picks: herding(Z, picks, None, None, 0)[0],
        "uncertainty_herding": lambda picks: herding(Z, picks, None, weights, 0)[0],
        "facility_location": lambda picks: facility_location(Z, picks, None, 0)[0],
    }
    sides = {"skal": Side(own[method], "skal")}
    pairs = 8.0 * n * n
    if method == "prob_cover":
        run = lambda picks: skactiveml_prob_cover(Z, radius, picks)  # noqa: E731
        sides["scikit-activeml ProbCover"] = Side(run, "peer", needs=1.25 * pairs)
    if method == "max_herding":
        run = lambda picks: skactiveml_herding(Z, picks)  # noqa: E731
        sides["scikit-activeml MaxHerding"] = Side(run, "peer", needs=3 * pairs)

    def check(results):
        facts = check_picks(results, n, k)
        values = {name: _value(method, Z, np.asarray(rows), radius, weights) for name, rows in results.items()}
        if values["skal"] < 0.98 * max(values.values()):
            raise WrongResult(f"skal must cover as much as the others, got {values}.")
        covered = {f"{name}: share covered": round(value, 5) for name, value in values.items()}
        return facts | same_picks(results) | covered

    return Case(f"{method}, {n} x {size['d']}, k = {k}", k, sides, check)


def _value(method, Z, rows, radius, weights):
    """What the greedy makes large, by its definition, block by block."""
    values = []
    for start in range(0, len(Z), 5000):
        cosine = Z[start : start + 5000].astype(np.float64) @ Z[rows].T.astype(np.float64)
        squared = np.maximum(2 - 2 * cosine, 0).min(axis=1)
        if method == "facility_location":
            values.append(cosine.max(axis=1))
        elif method == "prob_cover":
            values.append(squared <= radius**2)
        else:
            values.append(np.exp(-squared))
    return float(np.average(np.concatenate(values), weights=weights))


def skactiveml_prob_cover(Z, radius, picks):
    from skactiveml.pool import ProbCover

    strategy = ProbCover(n_classes=10, deltas=[radius], random_state=0)
    return strategy.query(Z, np.full(len(Z), np.nan), batch_size=picks)


def skactiveml_herding(Z, picks):
    from skactiveml.pool import MaxHerding

    strategy = MaxHerding(metric_dict={"gamma": 1.0}, random_state=0)
    return strategy.query(Z, np.full(len(Z), np.nan), batch_size=picks)
