"""The benchmark of all strategies: a tiny run of the script, and the arithmetic of what its page says."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skal.query import strategies as all_strategies
from skal.statistics import differences_from_baseline

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "strategies.py"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    import strategies

    return strategies


@pytest.fixture
def pages(script):
    import _strategies_page

    return _strategies_page


@pytest.fixture
def archives(tmp_path):
    """A letter.npz of six blobs; there is no Fashion-MNIST beside it."""
    rng = np.random.RandomState(0)
    y = rng.randint(6, size=260)
    X = np.clip(rng.normal(8 + 6 * np.eye(6, 16)[y], 1.0), 0, 15).astype(np.uint8)
    parts = {"X_train": X[:200], "y_train": y[:200], "X_test": X[200:], "y_test": y[200:]}
    np.savez(tmp_path / "letter.npz", classes=np.array(list("ABCDEF")), **parts)
    return tmp_path


@pytest.mark.nightly
def test_a_tiny_run_writes_a_page_that_can_be_written_again(archives, script, monkeypatch):
    out, table = archives / "out", archives / "strategies.md"
    where = ["--archives", archives, "--out", out, "--table", table, "--study", "letter-low-mlp"]
    size = ["--n-trials", 2, "--n-rounds", 1, "--strategy", "margin_sampling", "--strategy", "typiclust"]
    command = [sys.executable, SCRIPT, *where, *size, "--study", "fashion_mnist_vae-low-mlp"]
    result = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert result.returncode == 0, result.stderr
    page = table.read_text()
    assert {"| random_sampling", "| margin_sampling", "| typiclust"} <= {
        row.split(" | ")[0] for row in page.split("\n")
    }
    assert "with 6 labels" in page and "with 26" in page
    assert "Fashion-MNIST embeddings, low budget" not in page

    table.unlink()
    monkeypatch.setattr(sys, "argv", list(map(str, ["strategies.py", *where, "--table-only"])))
    script.main()
    assert table.read_text() == page


def test_without_archives_it_says_so(tmp_path, script, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["strategies.py", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit, match="name a folder of archives"):
        script.main()


def test_every_strategy_is_asked_or_left_out_by_name(script):
    asked = {name for _, names in script.FAMILIES.values() for name in names()}
    left_out = {
        name for name, s in all_strategies().items() if {"multilabel", "discriminator_score"} & set(s.info.reads)
    }
    left_out |= {"expected_error_reduction", "random_sampling"}
    assert set(all_strategies()) - asked == left_out


def test_columns_are_standardised_over_the_pool_alone(archives, script):
    found = script.load_dataset(str(archives / "letter.npz"))
    pool = np.arange(50)
    X, y, X_test, y_test = script.standardised(found, pool, np.arange(50, 200))
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(X.std(axis=0), 1, atol=1e-5)
    assert y.tolist() == found.y[:50].tolist() and y_test.tolist() == found.y_test.tolist()
    deviation = found.X[:50].std(axis=0)
    np.testing.assert_allclose(X_test * deviation, found.X_test - found.X[:50].mean(axis=0), atol=1e-3)


@pytest.mark.parametrize(("n_strategies", "n_trials"), [(1, 5), (8, 5), (36, 5), (8, 10)])
def test_smallest_found_is_where_the_first_verdict_begins(pages, n_strategies, n_trials):
    first, _ = pages.smallest_found(n_strategies, n_trials)
    noise = np.random.RandomState(0).normal(size=n_trials)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    flat = np.resize([1.0, -1.0], n_trials) * 1.0  # far from any verdict: never first
    for factor, verdict in ((1.001, "better than random"), (0.999, "not distinguishable from random")):
        values = {f"other {i}": flat for i in range(n_strategies - 1)} | {"first": noise + factor * first}
        assert differences_from_baseline(values, np.zeros(n_trials))["first"].verdict == verdict


def test_likely_found_is_found_in_four_of_five_studies(pages):
    first, likely = pages.smallest_found(8, 5)
    d = np.random.RandomState(0).normal(likely, 1.0, size=(5, 20000))
    found = d.mean(axis=0) / d.std(axis=0, ddof=1) > first
    assert found.mean() == pytest.approx(0.8, abs=0.01)


def test_an_arrow_marks_an_interval_that_leaves_out_zero_without_a_verdict(pages):
    class Difference:
        def __init__(self, mean, low, high, verdict="not distinguishable from random"):
            self.mean, self.low, self.high, self.verdict = mean, low, high, verdict

    assert pages.cell(Difference(0.01, 0.001, 0.019)) == "+1.0 ↑"
    assert pages.cell(Difference(-0.01, -0.019, -0.001)) == "-1.0 ↓"
    assert pages.cell(Difference(0.01, -0.001, 0.021)) == "+1.0 –"
    assert pages.cell(Difference(0.01, 0.005, 0.015, "better than random")) == "+1.0 **better**"


def test_data_sets_of_a_budget_are_put_together(pages):
    class Areas:
        def __init__(self, **areas):
            self.values = {name: np.array(values) / 100 for name, values in areas.items()}

        def areas(self):
            return self.values

    from _strategies_plan import Study

    random = [50.0, 60.0]
    found = {
        Study("letter", "low", "mlp"): Areas(random_sampling=random, a=[51.0, 62.0], b=[54.0, 64.0]),
        Study("fashion_mnist_vae", "low", "mlp"): Areas(random_sampling=random, a=[47.5, 61.0], b=[54.0, 64.0]),
        Study("letter", "large", "mlp"): Areas(random_sampling=random, a=[51.0, 61.0], b=[49.0, 59.0], new=random),
        Study("fashion_mnist_vae", "large", "mlp"): Areas(random_sampling=random, a=[50.0, 60.0], b=[49.0, 59.0]),
    }
    lines = pages.both_table(found).splitlines()
    assert lines[2:] == ["| b | +4.0 | 4 of 4 | -1.0 | 0 of 4 |", "| a | +0.4 | 3 of 4 | +0.5 | 2 of 4 |"]
