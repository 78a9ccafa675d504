"""A study whose workers are elsewhere: the same rows, few of them lost, data sent once."""

import re
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from joblib._parallel_backends import MultiprocessingBackend
from sklearn.linear_model import LogisticRegression

from skal.query import random_sampling, score_strategy
from skal.study import Store, compare
from skal.study.shared import Shared
from skal.targets import targets_of

SETTINGS = {"n_initial": 9, "n_instances": 5, "n_rounds": 2, "n_trials": 6, "seed": 2}
PAGE = Path(__file__).parent.parent / "docs" / "spreading_a_study.md"


class Elsewhere(MultiprocessingBackend):
    """Like Ray's: its workers are not known to see the store, and rows come back when a call is done."""


joblib.register_parallel_backend("elsewhere", Elsewhere)


class Failed(Exception):
    pass


@score_strategy
def uniform(learner, X_pool, *, random_state=None):
    return random_state.rand(len(X_pool))


def rows_of(folder):
    store = Store(folder)
    try:
        return [(r.strategy, r.trial, r.round, r.metrics, r.picked, r.picked_classes) for r in store.rows()]
    finally:
        store.close()


def test_rows_from_elsewhere_are_those_of_a_serial_run(table, tmp_path):
    compare(*table, LogisticRegression(), {"uniform": uniform}, out=tmp_path / "here", **SETTINGS)
    seen = []
    with joblib.parallel_config(backend="elsewhere"):
        compare(*table, LogisticRegression(), {"uniform": uniform}, out=tmp_path / "there", n_jobs=2,
                progress=lambda *row: seen.append(row), **SETTINGS)  # fmt: skip
    assert rows_of(tmp_path / "there") == rows_of(tmp_path / "here")
    assert len(seen) == len(set(seen)) == 2 * 6 * 3


FIRST_OF_THE_LAST = None  # rows of a fit


class FailsLate(LogisticRegression):
    """Fails on the rows of the last trial's first fit."""

    def fit(self, X, y):
        if np.array_equal(X, FIRST_OF_THE_LAST):
            raise Failed
        return super().fit(X, y)


def test_a_study_that_stops_loses_a_batch_and_not_all(table, tmp_path, monkeypatch):
    """12 arms, 2 workers: eight arms are one batch; the failure is in the second."""
    X, y = table
    whole = compare(X, y, LogisticRegression(), {"uniform": uniform}, **SETTINGS)
    monkeypatch.setitem(globals(), "FIRST_OF_THE_LAST", X[whole.picks["uniform"][-1][0]])
    with joblib.parallel_config(backend="elsewhere"), pytest.raises(Failed):
        compare(X, y, FailsLate(), {"uniform": uniform}, out=tmp_path, n_jobs=2, **SETTINGS)
    assert len(rows_of(tmp_path)) == 8 * 3


def test_what_arms_share_says_how_large_its_data_are():
    """What Dask asks before it decides to send an argument once, or with every task."""
    X, y = np.zeros((1000, 50)), np.zeros(1000, dtype=int)
    of = {"models": {}, "n_instances": 1, "n_rounds": 1, "metrics": {}}
    assert sys.getsizeof(Shared(X, targets_of(y), **of)) > X.nbytes + y.nbytes
    assert sys.getsizeof(Shared(X[::2], targets_of(y), test=(X, y), **of)) > 1.5 * X.nbytes
    assert sys.getsizeof(Shared(list(X), targets_of(y), **of)) > y.nbytes


@pytest.mark.slow
def test_dask_gives_the_rows_of_a_serial_run(table, tmp_path):
    distributed = pytest.importorskip("distributed")
    strategies = {"uniform": uniform, "random_too": random_sampling}
    compare(*table, LogisticRegression(), strategies, out=tmp_path / "here", **SETTINGS)
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster), joblib.parallel_config(backend="dask"):
        compare(*table, LogisticRegression(), strategies, out=tmp_path / "there", n_jobs=2, **SETTINGS)
    assert rows_of(tmp_path / "there") == rows_of(tmp_path / "here")


@pytest.mark.slow
def test_the_block_of_the_page_runs_where_dask_is(tmp_path):
    pytest.importorskip("distributed")
    (block,) = re.findall(r"^```py\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    (tmp_path / "spread.py").write_text(block)
    done = subprocess.run([sys.executable, "spread.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "random" in done.stdout and len(rows_of(tmp_path / "runs" / "spread")) == 2 * 4 * 4
