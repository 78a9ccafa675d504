"""Runs of the stopping benchmark: loops to the full budget, with what any criterion may read of each round.

A run is a set, a model, a strategy and a trial, and one file. Criteria are replayed on the files afterwards, so that
a new one needs no new fit.
"""

import os
import warnings
import zipfile
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal.annotation import Oracle
from skal.loop import initial_pool, rounds
from skal.stopping import AuditRows, Observation, Observer, draw_stop_set, right_share

MODELS = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)),
    "forest": lambda: RandomForestClassifier(30, min_samples_leaf=2),
    "naive_bayes": lambda: make_pipeline(StandardScaler(), GaussianNB(var_smoothing=1e-3)),
}
STRATEGIES = ("margin_sampling", "random_sampling")
NEEDS = ("predicted", "confidence", "entropy", "asked_right", "score", "low")


@dataclass(frozen=True)
class Size:
    """Rows and labels of a run."""

    pool: int = 800
    audit: int = 100
    test: int = 3000
    stop_set: int = 400
    n_initial: int = 20
    n_instances: int = 20
    budget: int = 400


TINY = Size(pool=150, audit=30, test=200, stop_set=60, n_initial=20, n_instances=10, budget=140)


def load(folder, name):
    """Return all rows and labels of a set; what was held out is drawn anew in each trial."""
    with np.load(folder / f"{name}.npz") as data:
        X = np.concatenate([data["X_train"], data["X_test"]]).astype(np.float64)
        return X, np.concatenate([data["y_train"], data["y_test"]]).astype(np.int64)


def parts(n, size, trial):
    """Return rows of the pool, audit rows and test rows of a trial, drawn of n rows."""
    rows = np.random.default_rng(np.random.SeedSequence(trial, spawn_key=(7,))).permutation(n)
    n_audit = min(size.audit, n * 15 // 100)
    n_pool = min(size.pool, n * 60 // 100)
    audit, pool, test = np.split(rows, [n_audit, n_audit + n_pool])
    return np.sort(pool), np.sort(audit), np.sort(test[: size.test])


def play(X, y, model, strategy, trial, size):
    """Run one loop to its budget; return arrays, one row a round."""
    pool, audit, test = parts(len(y), size, trial)
    initial = initial_pool(X, y, size.n_initial, random_state=trial, candidates=pool)
    stop_set = draw_stop_set(pool, trial, size.stop_set)
    observer = Observer(NEEDS, X[stop_set], AuditRows(X[audit], y[audit]))
    seen, accuracy, before = [], [], None
    budget = min(size.budget, len(pool))
    loop = rounds(
        MODELS[model](),
        X,
        Oracle(y),
        strategy,
        initial,
        size.n_instances,
        budget,
        random_state=trial,
        candidates=pool,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for one in loop:
            estimator = one.learner.estimator
            right = None if before is None else right_share(before, X, one.picked, y[one.picked])
            seen.append(
                observer.observe(
                    estimator,
                    one.n_labels,
                    n_left=len(pool) - one.n_labels,
                    unlabeled=~np.isin(stop_set, one.labeled),
                    asked_right=right,
                )
            )
            accuracy.append(float((estimator.predict(X[test]) == y[test]).mean()))
            before = estimator
    return seen, accuracy


def save(path, seen, accuracy):
    """Write a run whole, or not at all."""
    arrays = {
        "n_labels": [one.n_labels for one in seen],
        "n_left": [one.n_left for one in seen],
        "predicted": np.array([one.predicted for one in seen], dtype=np.int16),
        "confidence": np.array([one.confidence for one in seen], dtype=np.float32),
        "entropy": np.array([one.entropy for one in seen], dtype=np.float32),
        "unlabeled": np.array([one.unlabeled for one in seen]),
        "asked_right": np.array([np.nan if one.asked_right is None else one.asked_right for one in seen]),
        "score": [one.score for one in seen],
        "low": [one.low for one in seen],
        "high": [one.high for one in seen],
        "n_audit": [one.n_audit for one in seen],
        "audit_right": np.array([one.audit_right for one in seen]),
        "accuracy": accuracy,
    }
    half = path.with_suffix(".part")
    with open(half, "wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(half, path)


def read(path):
    """Return the observations of a run, and the test accuracy after each round; None if there is no whole file."""
    try:
        with np.load(path) as file:
            data = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
    seen = [
        Observation(
            int(data["n_labels"][k]),
            n_left=int(data["n_left"][k]),
            predicted=data["predicted"][k],
            confidence=data["confidence"][k],
            entropy=data["entropy"][k],
            unlabeled=data["unlabeled"][k],
            asked_right=None if np.isnan(data["asked_right"][k]) else float(data["asked_right"][k]),
            score=float(data["score"][k]),
            low=float(data["low"][k]),
            high=float(data["high"][k]),
            n_audit=int(data["n_audit"][k]),
            audit_right=data["audit_right"][k] if "audit_right" in data else None,
        )
        for k in range(len(data["n_labels"]))
    ]
    return seen, data["accuracy"]


def path_of(out, name, model, strategy, trial):
    """File of a run."""
    return out / f"{name}.{model}.{strategy}.{trial:02d}.npz"
