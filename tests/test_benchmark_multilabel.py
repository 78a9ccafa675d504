"""The benchmark of several labels a row: a tiny run of the script, which is resumed and writes its page."""

import sys
from pathlib import Path

import numpy as np
import pytest

from skal.query import strategies

ROOT = Path(__file__).parent.parent


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import multilabel

    return multilabel


@pytest.fixture
def archives(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    Y = (X + rng.normal(size=(120, 3)) > 0).astype(np.uint8)
    parts = {"X_train": X[:90], "y_train": Y[:90], "X_test": X[90:], "y_test": Y[90:]}
    np.savez(tmp_path / "emotions_multilabel.npz", **parts, labels=["a", "b", "c"])
    return tmp_path


def test_a_run_is_resumed_and_the_page_keeps_what_was_written_by_hand(script, archives, monkeypatch, capsys):
    page = archives / "page.md"
    mark = "<!-- What follows is written by benchmarks/multilabel.py. -->"
    page.write_text(f"# Read by a person\n\nNothing wins.\n\n{mark}\n\nold\n")
    command = ["multilabel.py", "--archives", str(archives), "--out", str(archives / "runs"), "--n-rounds", "1"]
    monkeypatch.setattr(script, "asked", lambda estimator: ["cvirs", "core_set"])
    command += ["--n-trials", "2", "--estimator", "logistic", "--page", str(page)]
    for _ in range(2):
        monkeypatch.setattr(sys, "argv", command)
        script.main()
    assert capsys.readouterr().out.count("emotions, logistic: 2 trials") == 2
    text = page.read_text()
    assert text.startswith("# Read by a person\n\nNothing wins.\n") and "old" not in text
    assert text.count("| cvirs |") == 4  # verdicts, and three tables of other metrics
    assert "2 trials, in brackets; 40 random labels to start with,\n25 a round up to 65" in text


def test_every_strategy_of_several_labels_is_asked_somewhere(script):
    asked = {name.partition(":")[0] for estimator in script.ESTIMATORS for name in script.asked(estimator)}
    assert {name for name, one in strategies().items() if "multilabel" in one.info.reads} <= asked
