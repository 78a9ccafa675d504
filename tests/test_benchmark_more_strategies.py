"""The benchmark of strategies of peers and of costs: a tiny run, which is resumed and writes its page."""

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import more_strategies

    return more_strategies


@pytest.fixture
def archives(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    y = (X[:, 0] + 0.3 * rng.normal(size=120) > 0.5).astype(np.uint8)
    split = {"X_train": X[:80], "y_train": y[:80], "X_test": X[80:], "y_test": y[80:]}
    np.savez(tmp_path / "german.npz", classes=np.array(["bad", "good"]), **split)
    return tmp_path


def test_a_run_is_resumed_and_the_page_keeps_what_was_written_by_hand(script, archives, monkeypatch, capsys):
    page = archives / "page.md"
    mark = "<!-- What follows is written by benchmarks/more_strategies.py. -->"
    page.write_text(f"# Read by a person\n\nNothing wins.\n\n{mark}\n\nold\n")
    command = ["more_strategies.py", "--archives", str(archives), "--out", str(archives / "runs"), "--n-rounds", "1"]
    command += ["--n-trials", "2", "--data", "german", "--page", str(page)]
    for _ in range(2):
        monkeypatch.setattr(sys, "argv", command)
        script.main()
    out = capsys.readouterr().out
    assert out.count("german, accuracy: 2 trials") == out.count("german, costs: 2 trials") == 2
    text = page.read_text()
    assert text.startswith("# Read by a person\n\nNothing wins.\n") and "old" not in text
    assert text.count("| albl |") == 3 and text.count("| cost_margin_sampling |") == 3
    assert "2 trials, 20 random labels to start with, 10 a round" in text


def test_drawn_costs_are_in_units_of_the_best_constant_answer(script):
    y = np.repeat([0, 1, 2], [60, 30, 10])
    costs = script.costs_of("made", y).of([0, 1, 2])
    assert (np.array([0.6, 0.3, 0.1]) @ costs).min() == pytest.approx(1.0)
    assert script.costs_of("german", y[:90]).of([0, 1]).tolist() == [[0, 5], [1, 0]]
