"""A study survives: kills at every round and phase, other settings, other processes, full disks."""

import contextlib
import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from skal.query import margin_sampling, score_strategy
from skal.study import Store, StudyError, compare, load_comparison
from skal.study.store import FILE, Row
from skal.study.store import Store as StoreClass

SETTINGS = {"n_initial": 9, "n_instances": 5, "n_rounds": 3, "n_trials": 1, "seed": 2}
N_ROWS = 2 * 4  # strategies (random is added) times rounds


class Events:
    """Counts what happens, and kills this process at the n-th event of a kind."""

    kind, number, count = None, 0, 0

    @classmethod
    def happens(cls, kind):
        if kind == cls.kind:
            cls.count += 1
            if cls.count == cls.number:
                os.kill(os.getpid(), signal.SIGKILL)


class Model(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        Events.happens("fit")
        self.model_ = LogisticRegression().fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)

    def predict(self, X):
        return self.model_.predict(X)


@score_strategy(reads=("proba",))
def margin(learner, X_pool):
    Events.happens("query")
    return margin_sampling.score_pool(learner, X_pool)


@contextlib.contextmanager
def killing_writes():
    """Kill before a write, inside its transaction, or after its commit."""
    write, connect = StoreClass.write, sqlite3.connect

    class Connection(sqlite3.Connection):
        def execute(self, statement, *values):
            result = super().execute(statement, *values)
            if statement.startswith("INSERT OR IGNORE INTO rounds"):
                Events.happens("transaction")
            return result

    def killing(self, row):
        Events.happens("before write")
        write(self, row)
        Events.happens("after write")

    StoreClass.write = killing
    sqlite3.connect = lambda *args, **kwargs: connect(*args, factory=Connection, **kwargs)
    try:
        yield
    finally:
        StoreClass.write, sqlite3.connect = write, connect


def study(table, folder, **changes):
    X, y = table
    return compare(X, y, Model(), {"margin": margin}, out=folder, **{**SETTINGS, **changes})


def rows_of(folder):
    store = Store(folder)
    try:
        return store.rows()
    finally:
        store.close()


def findings(rows):
    """All but the wall times."""
    return [(r.strategy, r.trial, r.round, r.n_labels, r.cost, r.metrics, r.picked, r.picked_classes) for r in rows]


def killed_at(kind, number, table, folder, **changes):
    """Run the study in a child that is killed at the event; return its exit code."""

    def run():
        Events.kind, Events.number, Events.count = kind, number, 0
        with killing_writes():
            study(table, folder, **changes)

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join(60)
    return child.exitcode


@pytest.fixture(scope="module")
def reference(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    study(table, folder)
    return findings(rows_of(folder))


# Every fit, every query that the strategy under test makes, and every write: three places of each in every run, the
# others at night. test_store_states.py draws other fits, in many runs one after another.
PLACES = {"query": 3, **dict.fromkeys(("fit", "before write", "transaction", "after write"), N_ROWS)}
IN_EVERY_RUN = {1, N_ROWS // 2, N_ROWS}
KILLS = [
    (kind, number) if number in IN_EVERY_RUN else pytest.param(kind, number, marks=pytest.mark.nightly)
    for kind, last in PLACES.items()
    for number in range(1, last + 1)
]


@pytest.mark.parametrize(("kind", "number"), KILLS, ids=lambda part: str(part).replace(" ", "_"))
def test_a_killed_study_goes_on_and_ends_as_if_it_had_not_been(kind, number, table, tmp_path, reference):
    assert killed_at(kind, number, table, tmp_path) == -signal.SIGKILL
    left = findings(rows_of(tmp_path))
    if kind in ("before write", "transaction"):
        assert len(left) == number - 1
    elif kind == "after write":
        assert len(left) == number
    assert [row for row in reference if row in left] == left, "what was committed is what it would have been"
    study(table, tmp_path)
    assert findings(rows_of(tmp_path)) == reference


@pytest.mark.parametrize(
    ("kind", "number"), [("fit", 1), ("fit", 7), ("before write", 4), ("transaction", 9), ("after write", 10)]
)
def test_a_study_killed_while_it_grows_goes_on(kind, number, table, tmp_path, reference):
    """By a round in the trial that is there, and by a whole trial."""
    more = {"n_rounds": 4, "n_trials": 2}
    study(table, tmp_path / "at_once", **more)
    study(table, tmp_path / "grown")
    assert findings(rows_of(tmp_path / "grown")) == reference
    assert killed_at(kind, number, table, tmp_path / "grown", **more) == -signal.SIGKILL
    left = findings(rows_of(tmp_path / "grown"))
    assert [row for row in left if row in reference] == reference, "what was there is kept"
    study(table, tmp_path / "grown", **more)
    assert findings(rows_of(tmp_path / "grown")) == findings(rows_of(tmp_path / "at_once"))


def test_the_harness_has_teeth(table, tmp_path, monkeypatch):
    """A store that writes at the end loses what a kill interrupts: the same kill shows it."""
    buffered = []
    monkeypatch.setattr(StoreClass, "write", lambda self, row: buffered.append(row))
    assert killed_at("fit", N_ROWS, table, tmp_path) == -signal.SIGKILL
    assert rows_of(tmp_path) == []


def test_two_kills_in_a_row_are_survived_too(table, tmp_path, reference):
    assert killed_at("fit", 3, table, tmp_path) == -signal.SIGKILL
    assert killed_at("transaction", 2, table, tmp_path) == -signal.SIGKILL
    study(table, tmp_path)
    assert findings(rows_of(tmp_path)) == reference


def test_a_finished_study_is_read_and_not_run_again(table, tmp_path):
    first = study(table, tmp_path)

    Events.kind, Events.number, Events.count = "fit", -1, 0
    again = study(table, tmp_path)
    assert Events.count == 0 and again.kept == (
        "Kept: 8 rounds of margin, random_sampling (trial 1); nothing was left to run."
    )
    assert (again.scores["margin"] == first.scores["margin"]).all()
    loaded = load_comparison(tmp_path)
    assert (loaded.fit_seconds["margin"] == first.fit_seconds["margin"]).all()
    assert loaded.protocol == first.protocol and loaded.versions["numpy"] == np.__version__


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n_instances": 6}, "n_instances: 5 there, 6 here"),
        ({"seed": 3}, "seed: 2 there, 3 here"),
        ({"n_initial": 12, "n_rounds": 4}, "n_initial: 9 there, 12 here"),
        ({"test_size": 0.5}, "test_size: 0.25 there, 0.5 here"),
    ],
)
def test_other_settings_in_the_same_folder_are_refused(changes, says, table, tmp_path):
    study(table, tmp_path)
    before = findings(rows_of(tmp_path))
    with pytest.raises(StudyError, match=says):
        study(table, tmp_path, **changes)
    assert findings(rows_of(tmp_path)) == before


def test_other_data_in_the_same_folder_are_refused(table, tmp_path):
    X, y = table
    study(table, tmp_path)
    changed = X.copy()
    changed[7, 3] += 1e-9
    with pytest.raises(StudyError, match="fingerprint"):
        study((changed, y), tmp_path)
    with pytest.raises(StudyError, match="strategies"):
        compare(X, y, Model(), {"margin": margin_sampling}, out=tmp_path, **SETTINGS)


def test_a_second_process_is_told_who_holds_the_folder(table, tmp_path):
    protocol_row = study(table, tmp_path / "done")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "held")], stdout=subprocess.PIPE, text=True, stdin=subprocess.PIPE
    )
    assert holder.stdout.readline().strip() == "held"
    with pytest.raises(StudyError, match=f"is held by process {holder.pid} on "):
        study(table, tmp_path / "held")
    holder.kill()  # as hard as can be: the lock goes with the process
    holder.wait()
    study(table, tmp_path / "held")
    assert protocol_row.scores.keys() == load_comparison(tmp_path / "held").scores.keys()


HOLD = """
import sys
from pathlib import Path
from skal.study.lock import hold
Path(sys.argv[1]).mkdir()
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_full_disk_is_an_error_and_earlier_rows_are_intact(table, tmp_path, reference, monkeypatch):
    """SQLite's own limit on pages stands for the disk's: the same error comes, at the same place."""
    connect = sqlite3.connect

    def small(*args, **kwargs):
        connection = connect(*args, **kwargs)
        connection.execute("PRAGMA max_page_count = 17")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    X, y = table
    with pytest.raises(StudyError, match="full.*Rows committed before are intact"):
        compare(X, y, Model(), {"margin": margin}, out=tmp_path, **{**SETTINGS, "n_rounds": 30, "n_initial": 6})
    monkeypatch.undo()
    left = rows_of(tmp_path)
    assert len(left) > 0
    done = compare(X, y, Model(), {"margin": margin}, out=tmp_path, **{**SETTINGS, "n_rounds": 30, "n_initial": 6})
    assert done.scores["margin"].shape == (1, 31)
    assert findings(rows_of(tmp_path))[: len(left)] != [] and set(map(str, findings(left))) <= set(
        map(str, findings(rows_of(tmp_path)))
    )


@pytest.mark.parametrize(
    "content", [b"this is no database, and never was one" * 40, b"SQLite format 3\x00" + b"x" * 90]
)
def test_an_unreadable_store_is_an_error_and_stays_as_it_is(content, table, tmp_path):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StudyError, match="cannot be read or written"):
        study(table, tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_folder_that_cannot_be_made_is_an_error(table, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StudyError, match="cannot be used"):
        study(table, tmp_path / "file" / "folder")


def test_a_metric_that_is_not_finite_is_an_error_and_earlier_rows_are_intact(table, tmp_path, monkeypatch):
    from skal.study import prepared

    calls = []

    def failing(names, *others):
        def metric(learner, X, y):
            calls.append(1)
            return float("nan") if len(calls) == 3 else 0.5

        return {"accuracy": metric}

    monkeypatch.setattr(prepared, "make_metrics", failing)
    with pytest.raises(StudyError, match=r"random_sampling, trial 1, round 2: metrics must be finite, got .*nan"):
        study(table, tmp_path)
    assert len(rows_of(tmp_path)) == 2


def test_parallel_rows_are_those_of_a_serial_run(table, tmp_path, reference):
    serial = study(table, tmp_path / "serial", n_trials=3)
    apart = study(table, tmp_path / "parallel", n_trials=3, n_jobs=2)
    assert findings(rows_of(tmp_path / "serial")) == findings(rows_of(tmp_path / "parallel"))
    assert findings(rows_of(tmp_path / "serial"))[: len(reference) // 2] == reference[: len(reference) // 2]
    memory = study(table, None, n_trials=3, n_jobs=2)
    for name in serial.scores:
        assert (serial.scores[name] == apart.scores[name]).all() and (
            serial.scores[name] == memory.scores[name]
        ).all()


@pytest.mark.parametrize("backend", ["threading", "multiprocessing", "sequential"])
def test_any_backend_of_joblib_gives_the_same_rows(backend, table, tmp_path, reference):
    import joblib

    with joblib.parallel_config(backend=backend):
        study(table, tmp_path, n_jobs=2)
    assert findings(rows_of(tmp_path)) == reference


@pytest.mark.nightly
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_parallel_study_killed_from_outside_goes_on(n_jobs, table, tmp_path):
    expected, folder = tmp_path / "expected", tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", PARALLEL, str(folder)], start_new_session=True)
    hung = time.monotonic() + 600
    try:
        while process.poll() is None:
            assert time.monotonic() < hung, "no six rounds in ten minutes: the workers wait for each other"
            with contextlib.suppress(StudyError):
                if len(rows_of(folder)) >= 6:
                    break
            time.sleep(0.02)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    n_left = len(rows_of(folder))
    assert n_left >= 6, "workers commit their rounds as they come"
    for place, jobs in ((folder, n_jobs), (expected, 1)):
        exec(PARALLEL.replace("n_jobs=2", f"n_jobs={jobs}").replace("sys.argv[1]", repr(str(place))), {})
    assert findings(rows_of(folder)) == findings(rows_of(expected))


PARALLEL = """
import sys
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from skal.study import compare
X, y = load_digits(return_X_y=True)
model = LogisticRegression(max_iter=300)
compare(X[:600], y[:600], model, ["margin_sampling"], n_trials=2, n_rounds=5, n_jobs=2, out=sys.argv[1])
"""


def test_a_row_holds_everything_about_its_round(table, tmp_path):
    study(table, tmp_path, scoring=["accuracy", "f1_macro", "neg_log_loss"])
    rows = rows_of(tmp_path)
    assert len(rows) == N_ROWS and all(isinstance(row, Row) for row in rows)
    for row in rows:
        assert list(row.metrics) == ["accuracy", "f1_macro", "neg_log_loss"]
        assert sum(row.picked_classes) == len(row.picked) == (9 if row.round == 0 else 5)
        assert row.cost == row.n_labels and row.fit_seconds > 0 and (row.query_seconds > 0) == (row.round > 0)
        assert {"skal", "numpy", "scikit-learn", "python"} <= set(row.versions)
    store = Store(tmp_path)
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
    assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_classes_of_every_pool_are_kept(table, tmp_path):
    """Against the definition: what is not tested on; here 25 % of 300 rows, stratified, so 75 rows are left out."""
    X, y = table
    found = study(table, tmp_path, n_trials=3)
    assert found.pool_classes.shape == (3, 3) and (found.pool_classes.sum(axis=1) == 225).all()
    assert (np.abs(found.pool_classes - 0.75 * np.bincount(y)) <= 1).all()
    given = compare(X[:200], y[:200], Model(), {"margin": margin}, test=(X[200:], y[200:]), **SETTINGS)
    assert given.pool_classes.tolist() == [np.bincount(y[:200]).tolist()]
    found.save(tmp_path / "comparison.json")
    content = json.loads((tmp_path / "comparison.json").read_text())
    assert content["pool_classes"] == found.pool_classes.tolist() == list(Store(tmp_path).pool_classes.values())


def test_a_store_without_the_classes_of_its_pools_opens_and_gets_them_when_it_goes_on(table, tmp_path, reference):
    """As stores were before they were kept."""
    whole = study(table, tmp_path)
    connection = sqlite3.connect(tmp_path / FILE)
    with connection:
        connection.execute("DELETE FROM pools")
        connection.execute("DELETE FROM rounds WHERE strategy = 'margin' AND round = 3")
        study_id = connection.execute("SELECT value FROM meta WHERE name = 'id'").fetchone()
    with pytest.raises(StudyError, match="no trial is complete"):
        load_comparison(tmp_path)
    assert Store(tmp_path).pool_classes == {}
    again = study(table, tmp_path)
    assert findings(rows_of(tmp_path)) == reference and (again.pool_classes == whole.pool_classes).all()
    assert connection.execute("SELECT value FROM meta WHERE name = 'id'").fetchone() == study_id
    with connection:
        connection.execute("DELETE FROM pools")
    assert load_comparison(tmp_path).pool_classes is None


def test_the_store_can_be_read_without_skal(table, tmp_path):
    study(table, tmp_path)
    connection = sqlite3.connect(tmp_path / FILE)
    (protocol,) = connection.execute("SELECT value FROM meta WHERE name = 'protocol'").fetchone()
    assert json.loads(protocol)["seed"] == 2
    assert connection.execute("SELECT count(*) FROM rounds WHERE strategy = 'margin'").fetchone() == (4,)


def test_a_study_that_has_no_whole_trial_yet_says_so(table, tmp_path):
    assert killed_at("after write", 5, table, tmp_path) == -signal.SIGKILL
    with pytest.raises(StudyError, match="no trial is complete"):
        load_comparison(tmp_path)
    with pytest.raises(StudyError, match="There is no study in"):
        load_comparison(tmp_path / "elsewhere")
