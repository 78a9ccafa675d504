"""benchmarks/stopping.py at a tiny size: runs are kept whole, go on where they were stopped, and are replayed."""

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import _halves as halves  # noqa: E402
import _stopping_runs as runs  # noqa: E402
import _stopping_tables as tables  # noqa: E402
import stopping  # noqa: E402

from skal.stopping import LabelBudget, read_stop, stops_at  # noqa: E402


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two made sets instead of the suite's, one trial."""
    folder = tmp_path_factory.mktemp("stopping")
    rng = np.random.default_rng(0)
    for name in (halves.DESIGN[0], halves.REPORT[0]):
        X = rng.normal(size=(300, 3))
        y = (X[:, 0] + 0.3 * rng.normal(size=300) > 0).astype(int)
        np.savez(folder / f"{name}.npz", X_train=X[:200], y_train=y[:200], X_test=X[200:], y_test=y[200:])
    with pytest.MonkeyPatch.context() as patch:
        for module in (runs, tables, stopping):
            patch.setattr(module, "MODELS", {"naive_bayes": runs.MODELS["naive_bayes"]})
        for module in (tables, stopping):
            patch.setattr(module, "DESIGN", halves.DESIGN[:1])
            patch.setattr(module, "REPORT", halves.REPORT[:1])
        patch.setattr(tables, "CRITERIA", ("kappa", "change", "gain", "budget:n_labels=60"))
        out = folder / "runs"
        given = ["--suite", str(folder), "--out", str(out), "--trials", "1", "--tiny", "--sets"]
        stopping.main([*given, halves.DESIGN[0], halves.REPORT[0]])
        yield folder, out, given


def test_halves_of_the_sets_are_apart():
    assert len(halves.DESIGN) == len(halves.REPORT) and not set(halves.DESIGN) & set(halves.REPORT)


def test_parts_of_a_trial_are_apart():
    pool, audit, test = runs.parts(1000, runs.Size(), 3)
    assert (len(pool), len(audit), len(test)) == (600, 100, 300)
    assert len(set(pool) | set(audit) | set(test)) == 1000


def test_a_run_is_kept_whole_and_not_run_again(made):
    folder, out, given = made
    path = runs.path_of(out, halves.REPORT[0], "naive_bayes", "margin_sampling", 0)
    seen, accuracy = runs.read(path)
    assert [one.n_labels for one in seen] == [*range(20, 150, 10)] and len(accuracy) == 13
    again, same = runs.play(*runs.load(folder, halves.REPORT[0]), "naive_bayes", "margin_sampling", 0, runs.TINY)
    assert same == accuracy.tolist()
    for one, other in zip(again, seen, strict=True):
        assert one.predicted.tolist() == other.predicted.tolist()
        assert (one.score, one.low, one.asked_right) == (other.score, other.low, other.asked_right)
    assert list(stopping.missing(out, 1, [halves.DESIGN[0], halves.REPORT[0]], ["naive_bayes"])) == []
    kept = path.stat().st_mtime_ns
    stopping.main([*given, halves.REPORT[0]])
    assert path.stat().st_mtime_ns == kept
    half = path.with_name("half.npz")
    half.write_bytes(path.read_bytes()[:100])
    assert runs.read(half) is None


def test_tables_replay_criteria(made, tmp_path):
    _, out, _ = made
    found = tables.ends(out, tables.runs_of(out, {"naive_bayes": 1}, halves.REPORT[:1]), tables.CRITERIA)
    assert found["budget:n_labels=60"].labels.tolist() == [60, 60] and found["budget:n_labels=60"].stopped.all()
    path = runs.path_of(out, halves.REPORT[0], "naive_bayes", "margin_sampling", 0)
    seen, accuracy = runs.read(path)
    end = stops_at(LabelBudget(60), seen)
    cost = np.array([one.n_labels for one in seen]) + 20 * 100 * (1 - accuracy)
    assert found["budget:n_labels=60"].lost[0] == accuracy[-1] - accuracy[end.position]
    assert found["budget:n_labels=60"].regret[0] == pytest.approx(cost[4] - cost.min())
    # audit rows are labels too
    assert (found["gain"].labels >= 60 + seen[0].n_audit).all() and read_stop("gain").needs == ("score",)
    page = tables.page(out, 20)
    assert (
        page.startswith("Trials: 1 of naive_bayes; 1 sets for design")
        and "| `kappa` |" in page
        and "## Promised gains" not in page[:200]
    )


def test_the_best_loses_little_at_the_fewest_labels():
    def of(labels, *lost):
        n = len(lost)
        return tables.Ends(np.full(n, labels), np.ones(n), np.array(lost), np.zeros(n), np.ones(n))

    found = {"a": of(10, 0.5, *[0] * 9), "b": of(30, *[0.01] * 10), "c": of(40, *[0] * 10)}
    assert tables.best(found) == "b" and tables.best({"a": found["a"]}) is None
    one = tables.Ends(*np.zeros((4, 3)), np.array([0.25, 0.25, 1.0]))
    values = np.array([3.0, 1.0, 2.0])
    assert one.mean(values) == 2.0 and [one.quantile(values, q) for q in (0.1, 0.5, 0.95)] == [1.0, 2.0, 3.0]
