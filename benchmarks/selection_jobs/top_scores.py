"""Entropy, margin, least confident: the thousand highest of a million rows."""

import numpy as np

from selection_jobs.case import Case, Goal, Side, WrongResult, check_picks
from selection_jobs.data import Fixed, probabilities
from skal import query, scores
from skal.selection import top_k

NAMES = ("entropy", "margin", "least confident")
OWN = {"entropy": scores.entropy, "margin": scores.margin, "least confident": scores.least_confident}
WHOLE = {"entropy": "entropy_sampling", "margin": "margin_sampling", "least confident": "uncertainty_sampling"}


def _size(name, n, n_classes=100):
    return {"score": name, "n": n, "C": n_classes, "k": min(1000, n // 10)}


FULL = [_size(name, 1_000_000) for name in NAMES]
CURVE = [_size(name, n) for name in NAMES for n in (100, 1000, 10_000, 100_000)]
QUICK = [_size(name, 2000, 10) for name in NAMES]
GOALS = [
    Goal("20 times as fast as the fastest peer", {"score": "entropy"}, against="peer", at_least=20),
    Goal("10 times as fast as the fastest peer", {"score": "margin"}, against="peer", at_least=10),
    Goal("10 times as fast as the fastest peer", {"score": "least confident"}, against="peer", at_least=10),
    Goal("3 reads of the array", against="limit", at_most=3.0),
]
TENSORS = True  # skal takes them here, so there is something to measure on a device
PLOT = {"by": "score", "where": {}, "title": "Top scores, 100 classes: n / 10 picks, 1000 at most"}
NOTES = """
`skal` is `top_k` of a score; the whole query is the function of `skal.query` with a model whose probabilities lie
ready, and so are those of modAL. baal ranks all rows; the scores of scikit-activeml are given to `argpartition`,
since its strategy keeps an array of picks x rows (8 GB here). One read is the faster of `P.max()` and `P.sum()`. An
answer has to read the array once, so the time of a peer in reads is the highest ratio that anybody can reach.

Work beside a run takes memory bandwidth, which costs skal the most, since it hardly does more than read. A run before
this one, of the same code with the machine quiet, had 24.5, 14.4 and 13.2 ms: 16.2, 13.4 and 12.4 times as fast as
the fastest peer (scikit-activeml, baal, modAL).
"""


def make(size, device="cpu"):
    name, n, k = size["score"], size["n"], size["k"]
    P = probabilities(n, size["C"])
    given = P
    if device != "cpu":
        import torch

        given = torch.from_numpy(P).to(device)
    strategy = getattr(query, WHOLE[name])
    sides = {
        "skal": Side(lambda picks: top_k(OWN[name](given), picks, 0)[0], "skal"),
        "skal, whole query": Side(
            lambda picks: strategy(Fixed(P.shape[1]), P, n_instances=picks, random_state=0), "skal"
        ),
        "plain NumPy": Side(lambda picks: np.argsort(-plain(name, P))[:picks], "plain"),
    }
    if device != "cpu":
        sides["plain torch"] = Side(lambda picks: plain_torch(name, given, picks), "plain")
    sides |= {
        "modAL": Side(lambda picks: modal(name, P, picks), "peer"),
        "baal": Side(lambda picks: baal(name, P, picks), "peer"),
        "scikit-activeml scores": Side(lambda picks: skactiveml(name, P, picks), "peer"),
        "one read, sum": Side(lambda picks: given.sum(), "limit"),
        "one read, max": Side(lambda picks: given.max(), "limit"),
    }
    if name == "entropy" and device == "cpu":
        sides["logarithms alone, NumPy"] = Side(lambda picks: _logarithms(P), "plain")

    def check(results):
        aside = ("one read", "logarithms")
        picked = {side: np.asarray(rows) for side, rows in results.items() if not side.startswith(aside)}
        facts = check_picks(picked, n, k)
        exact = plain(name, P.astype(np.float64))
        least = np.sort(exact)[-k]
        for side, rows in picked.items():
            if exact[rows].min() < least - 1e-5:
                raise WrongResult(f"{side} picks a row with a {name} of {exact[rows].min()}, below {least}.")
        return facts

    return Case(f"{name}, top {k}, {n} x {size['C']}", k, sides, check)


def _logarithms(P):
    for start in range(0, len(P), 2000):  # in the cache
        np.log(P[start : start + 2000])


def plain(name, P):
    if name == "entropy":
        return -(P * np.log(np.maximum(P, np.finfo(P.dtype).tiny))).sum(axis=1)
    if name == "margin":
        ordered = np.sort(P, axis=1)
        return 1 - (ordered[:, -1] - ordered[:, -2])
    return 1 - P.max(axis=1)


def plain_torch(name, P, picks):
    if name == "entropy":
        score = -(P * P.clamp_min(1e-38).log()).sum(dim=1)
    elif name == "margin":
        best = P.topk(2, dim=1).values
        score = 1 - (best[:, 0] - best[:, 1])
    else:
        score = 1 - P.amax(dim=1)
    return score.topk(picks).indices.cpu().numpy()


def modal(name, P, picks):
    from modAL import uncertainty

    found = getattr(uncertainty, WHOLE[name])(Fixed(P.shape[1]), P, n_instances=picks)
    return found[0] if isinstance(found, tuple) else found  # modAL 0.4.2 gives the scores, too


def baal(name, P, picks):
    from baal.active import heuristics

    heuristic = {"entropy": "Entropy", "margin": "Margin", "least confident": "Certainty"}[name]
    return getattr(heuristics, heuristic)()(P)[:picks]


def skactiveml(name, P, picks):
    from skactiveml.pool import uncertainty_scores

    method = {"entropy": "entropy", "margin": "margin_sampling", "least confident": "least_confident"}[name]
    return np.argpartition(-uncertainty_scores(P, method=method), picks - 1)[:picks]
