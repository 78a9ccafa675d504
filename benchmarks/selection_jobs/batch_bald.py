"""BatchBALD: few rows whose labels together tell the most."""

import numpy as np

from selection_jobs.bald import Redux
from selection_jobs.case import Case, Goal, Side, WrongResult, check_picks, same_picks
from selection_jobs.data import committee
from skal.selection import batch_bald

FULL = [{"n": 2000, "C": 10, "T": 20, "k": 5}, {"n": 50_000, "C": 10, "T": 20, "k": 10}]
CURVE: list[dict] = []
QUICK = [{"n": 100, "C": 4, "T": 5, "k": 3}]
JOINT = 10_000  # joint labels up to which all sides are exact, and draws beyond that
GOALS = [
    Goal("8 times as fast as batchbald_redux", {"n": 2000}, against="batchbald_redux", at_least=8),
    Goal("under 60 s", {"n": 50_000}, at_most=60.0),
]
TENSORS = False
PLOT = None
NOTES = """
The peers are given 10 000 joint labels, up to which they are exact, as skal is; batchbald_redux computes in float32,
its default. Of the large pool they get a part of the rows, and their time, which is linear in rows, is multiplied.
baal's BatchBALD is left out: it draws 500 joint labels from the first pick on, which is another estimate.
"""


def make(size, device="cpu"):
    n, C, k = size["n"], size["C"], size["k"]
    P = committee(size["T"], n, C)
    share = max(1, n // 2000)
    some = np.ascontiguousarray(P[:, : n // share])
    table = 8 * 1024 * JOINT * C  # of 1024 rows, in float64
    sides = {
        "skal": Side(lambda picks: batch_bald(P, picks, 0)[0], "skal"),
        "batchbald_redux": Side(Redux(some, redux), "peer", share=share, needs=2 * table),
        "scikit-activeml batch_bald": Side(
            lambda picks: skactiveml(some, picks), "peer", share=share, needs=3 * 8 * some.shape[1] * JOINT * C
        ),
    }

    def check(results):
        facts = check_picks(results, n, k) | (same_picks(results) if share == 1 else {})
        if C**k <= 1000:
            told = {side: _information(P.astype(np.float64), rows) for side, rows in results.items()}
            if told["skal"] < max(told.values()) - 1e-5:
                raise WrongResult(f"skal's picks must tell as much as the others', got {told}.")
            facts["nats"] = round(told["skal"], 5)
        return facts

    return Case(f"batch_bald, {n} x {C}, {size['T']} members, k = {k}", k, sides, check)


def _information(P, rows):
    """Mutual information of the joint label and the member, all joint labels written out."""
    joint = np.ones((len(P), 1))
    single = 0.0
    for row in np.asarray(rows):
        p = P[:, row]
        joint = (joint[:, :, None] * p[:, None, :]).reshape(len(P), -1)
        single -= (p * np.log(np.maximum(p, 1e-300))).sum() / len(P)
    mean = joint.mean(axis=0)
    return float(-(mean * np.log(np.maximum(mean, 1e-300))).sum() - single)


def redux(log_probs, picks):
    import torch
    from batchbald_redux.batchbald import get_batchbald_batch

    torch.manual_seed(0)
    batch = get_batchbald_batch(log_probs, picks, JOINT)
    return np.array(batch.indices)


def skactiveml(P, picks):
    from skactiveml.pool import batch_bald as theirs

    return np.nanargmax(theirs(P.astype(np.float64), picks, n_MC_samples=JOINT, random_state=0), axis=1)
