"""Comparisons made by hand, so that tests of reports and displays run no study."""

import numpy as np

from skal.study import Comparison


def make_comparison(
    names=("random_sampling", "margin", "core_set", "side"),
    shifts=(0.0, 0.04, 0.0, -0.05),
    n_trials=6,
    n_rounds=5,
    n_classes=3,
    metrics=("accuracy", "ece"),
    seed=0,
    **protocol,
):
    """Curves that rise from 0.6 towards 0.9, with a shift a strategy and noise that trials share."""
    rng = np.random.default_rng(seed)
    n_labels = 20 + 10 * np.arange(n_rounds + 1)
    base = 0.9 - 0.3 * np.exp(-np.arange(n_rounds + 1) / 2) + rng.normal(0, 0.01, (n_trials, 1))
    grow = np.arange(n_rounds + 1) / max(n_rounds, 1)

    def curves(scale):
        noise = {name: rng.normal(0, 0.008, base.shape) * (grow > 0) for name in names}
        return {n: scale * (base + s * grow + noise[n]) for n, s in zip(names, shifts, strict=True)}

    shape = (n_trials, n_rounds + 1)
    counts = {name: rng.multinomial(10, np.full(n_classes, 1 / n_classes), shape) for name in names}
    return Comparison(
        protocol={
            "data": "made",
            "estimator": "logistic",
            "strategies": {name: {"strategy": name, "beta": 2} for name in names},
            "n_trials": n_trials,
            "metrics": list(metrics),
            "seed": seed,
            **protocol,
        },
        axis=n_labels,
        metrics={metric: curves(1.0 if k == 0 else 0.1) for k, metric in enumerate(metrics)},
        fit_seconds={name: rng.uniform(0.01, 0.02, shape) for name in names},
        query_seconds={name: rng.uniform(0.001, 0.2, shape) * (np.arange(n_rounds + 1) > 0) for name in names},
        picks={name: [[np.arange(10) for _ in n_labels] for _ in range(n_trials)] for name in names},
        picked_classes=counts,
        classes=[f"class {c}" for c in range(n_classes)],
        versions={"skal": "0.1.0", "numpy": "2.0"},
    )
