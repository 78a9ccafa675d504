"""The benchmark of strategies for numbers: a tiny run of the script, which is resumed and writes its page."""

import sys
from pathlib import Path

import numpy as np
import pytest

from skal.query import strategies

ROOT = Path(__file__).parent.parent


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import regression

    return regression


@pytest.fixture
def archives(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = (10 * X[:, 0] + rng.normal(size=90)).round()  # whole numbers, and no names of classes
    np.savez(tmp_path / "wind.npz", X_train=X[:60], y_train=y[:60], X_test=X[60:], y_test=y[60:])
    return tmp_path


def test_a_run_is_resumed_and_the_page_keeps_what_was_written_by_hand(script, archives, monkeypatch, capsys):
    page = archives / "page.md"
    mark = "<!-- What follows is written by benchmarks/regression.py. -->"
    page.write_text(f"# Read by a person\n\nNothing wins.\n\n{mark}\n\nold\n")
    command = ["regression.py", "--archives", str(archives), "--out", str(archives / "runs"), "--n-rounds", "1"]
    command += ["--n-trials", "2", "--estimator", "bagged_ridge", "--page", str(page)]
    for _ in range(2):
        monkeypatch.setattr(sys, "argv", command)
        script.main()
    assert capsys.readouterr().out.count("wind, bagged_ridge: 2 trials") == 2
    text = page.read_text()
    assert text.startswith("# Read by a person\n\nNothing wins.\n") and "old" not in text
    assert text.count("| igs |") == 3 and "| max_std_sampling |" not in text  # verdicts, and two tables of errors
    assert "2 trials, in brackets; 20 random labels to start with, 20 a round up to 40" in text and "(2) |" in text


def test_every_strategy_of_numbers_is_asked_somewhere(script):
    asked = {name.partition(":")[0] for estimator in script.ESTIMATORS for name in script.asked(estimator)}
    of_numbers = {
        name
        for name, one in strategies().items()
        if {"prediction", "std", "committee_prediction"} & set(one.info.reads) and not name.startswith("max_")
    }
    assert of_numbers <= asked and "max_std_sampling" in asked
