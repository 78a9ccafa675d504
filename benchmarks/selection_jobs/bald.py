"""BALD: the thousand rows on which the members of a committee disagree most."""

import numpy as np

from selection_jobs.case import Case, Goal, Side, WrongResult, check_picks, same_picks
from selection_jobs.data import committee, skactiveml_fixed
from skal import scores
from skal.selection import top_k

FULL = [{"n": 50_000, "C": 10, "T": T, "k": 1000} for T in (20, 100)]
CURVE = [{"n": n, "C": 10, "T": 20, "k": n // 10} for n in (100, 1000, 10_000)]
QUICK = [{"n": 500, "C": 5, "T": 6, "k": 20}]
GOALS = [Goal("15 times as fast as baal", against="baal", at_least=15)]
TENSORS = True  # skal takes them here, so there is something to measure on a device
PLOT = None
NOTES = """
Each side gets the probabilities in its own order of axes, laid out before the clock starts; batchbald_redux gets
their logarithms, and of a large pool a part of the rows, since it takes minutes. "logarithms alone" takes the
logarithm of every number, block by block, with NumPy, and does nothing else: a formula that needs one for each number
is no faster than the fastest logarithm. skal needs those in float64: in float32 the divergence of members that nearly
agree is lost in rounding, while its scores are right to eleven digits. baal and plain NumPy compute in float32.
"""


def make(size, device="cpu"):
    n, k = size["n"], size["k"]
    share = max(1, n // 1000)  # of the rows, for batchbald_redux: minutes otherwise
    P = committee(size["T"], n, size["C"])
    given = P
    if device != "cpu":
        import torch

        given = torch.from_numpy(P).to(device)
    last = np.ascontiguousarray(P.transpose(1, 2, 0))  # (n, C, T), as baal has it
    sides = {
        "skal": Side(lambda picks: top_k(scores.bald(given), picks, 0)[0], "skal"),
        "plain NumPy": Side(lambda picks: np.argsort(-plain(P))[:picks], "plain"),
        "baal": Side(lambda picks: baal(last, picks), "peer"),
        "scikit-activeml GreedyBALD": Side(lambda picks: skactiveml(P, picks), "peer", needs=8 * 4 * n * k),
        "batchbald_redux": Side(Redux(P[:, : n // share], redux), "peer", share=share),
        "logarithms alone, NumPy": Side(lambda picks: _logarithms(P, np.float32), "plain"),
        "logarithms alone, float64": Side(lambda picks: _logarithms(P, np.float64), "plain"),
        "one read, sum": Side(lambda picks: given.sum(), "limit"),
    }

    def check(results):
        aside = ("one read", "logarithms")
        picked = {side: np.asarray(rows) for side, rows in results.items() if not side.startswith(aside)}
        facts = check_picks(picked, n, k) | same_picks(picked)
        exact = plain(P.astype(np.float64))
        least = np.sort(exact)[-k]
        for side, rows in picked.items():
            lowest = exact[rows].min()
            if lowest < least - 1e-5:
                raise WrongResult(f"{side} picks a row with a score of {lowest}, below {least}.")
        return facts

    return Case(f"bald, {n} x {size['C']}, {size['T']} members, k = {k}", k, sides, check)


def _logarithms(P, dtype):
    for member in P:
        for start in range(0, len(member), 2000):  # in the cache
            np.log(member[start : start + 2000], dtype=dtype)


def plain(P):
    def entropy(Q):
        return -(Q * np.log(np.maximum(Q, np.finfo(Q.dtype).tiny))).sum(axis=-1)

    return entropy(P.mean(axis=0)) - entropy(P).mean(axis=0)


def baal(P, picks):
    from baal.active.heuristics import BALD

    return BALD()(P)[:picks]


def skactiveml(P, picks):
    """Its strategy of single scores, as its query takes them from an ensemble."""
    from skactiveml.pool import GreedyBALD

    X = np.zeros((P.shape[1], 1))
    members = [skactiveml_fixed(member).fit(X, None) for member in P]
    y = np.full(len(X), np.nan)
    return GreedyBALD(random_state=0).query(X, y, ensemble=members, fit_ensemble=False, batch_size=picks)


class Redux:
    """A function of batchbald_redux on log probabilities (n, T, C), made once, at the first call."""

    def __init__(self, P, function):
        self._P, self._function, self._log = P, function, None

    def __call__(self, picks):
        if self._log is None:
            import torch

            self._log = torch.from_numpy(np.log(np.maximum(self._P, 1e-30)).transpose(1, 0, 2).copy())
        return self._function(self._log, picks)


def redux(log_probs, picks):
    from batchbald_redux.batchbald import get_bald_batch

    return np.array(get_bald_batch(log_probs, picks).indices)
