"""Histories for criteria, made of arithmetic: rising scores, settling predictions, falling entropies."""

import numpy as np

from skal.stopping import Observation


def made_history(n_rounds=24, seed=0, rows=30, step=20, **over):
    """Rounds of a model that learns: each row's prediction settles at its own time, scores follow a power law."""
    rng = np.random.default_rng(seed)
    settles = rng.integers(1, n_rounds - 4, rows)
    rounds = []
    for k in range(n_rounds):
        n = step * (k + 1)
        score = float(np.clip(0.95 - 2.5 / n**0.9 + rng.normal(0, 0.002), 0, 1))
        settled = settles <= k
        confidence = np.where(settled, 1 - 0.3 / (k + 2) ** 3, 0.5 + 0.02 * k)
        values = {
            "n_labels": n,
            "cost": 1.5 * n,
            "n_left": step * (n_rounds + 5) - n,
            "predicted": np.where(settled, 1, rng.integers(0, 2, rows)),
            "confidence": confidence,
            "entropy": 4 * confidence * (1 - confidence),
            "unlabeled": np.arange(rows) >= k // 2,
            "asked_right": None if k == 0 else min(0.5 + 0.025 * k, 1.0),
            "score": score,
            "low": score - 0.3 / (k + 2),
            "high": min(score + 0.3 / (k + 2), 1.0),
            "n_audit": 50 + 10 * k,
            "recall_low": min((k / (n_rounds - 4)) ** 2, 1.0),
        }
        rounds.append(Observation(**{**values, **over}))
    return rounds


def seen_of_criterion(criterion, n_rounds=24):
    """All that a criterion says of a run."""
    history = made_history(n_rounds)
    return [(bool(said), said.reason) for said in (criterion.verdict(history[: k + 1]) for k in range(n_rounds))]
