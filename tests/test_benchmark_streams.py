"""The benchmark of streams: what its streams hold, and a tiny run that is resumed and writes its page."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import GaussianNB

ROOT = Path(__file__).parent.parent


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import streams

    return streams


def test_each_stream_drifts(script):
    """What held at the start is wrong of some rows of the end, and a seed says all."""
    for make in script.STREAMS.values():
        X, y = make(np.random.default_rng(0), 4000)
        again = make(np.random.default_rng(0), 4000)
        assert np.array_equal(X, again[0]) and np.array_equal(y, again[1]) and set(y) == {0, 1}
        assert accuracy_of_nearest(X[:1000], y[:1000], X[1000:2000], y[1000:2000]) > (
            0.02 + accuracy_of_nearest(X[:1000], y[:1000], X[3000:], y[3000:])
        )


def accuracy_of_nearest(X, y, X_new, y_new):
    nearest = ((X_new[:, None] - X[None]) ** 2).sum(axis=2).argsort(axis=1)[:, :15]
    return ((y[nearest].mean(axis=1) > 0.5) == y_new).mean()


def test_the_models_learn_what_those_of_scikit_learn_learn(script):
    X, y = script.STREAMS["remote"](np.random.default_rng(0), 400)
    mine, its = script.MODELS["naive_bayes"]().fit(X, y), GaussianNB(var_smoothing=0).fit(X, y)
    assert np.allclose(mine.predict_proba(X), its.predict_proba(X), atol=1e-4)
    mine = script.MODELS["logistic"](rate=0.1).fit(X, y)
    its = SGDClassifier(
        "log_loss", alpha=0, learning_rate="constant", eta0=0.1, shuffle=False, max_iter=1, tol=None
    ).fit(X, y)
    assert np.allclose(mine.coef_, [its.intercept_[0], *its.coef_[0]])


def test_the_control_is_taught_as_many_rows(script, monkeypatch):
    taught = []
    played = script.played
    monkeypatch.setattr(script, "played", lambda *given: taught.append(played(*given)) or taught[-1])
    line = script.run("sea", "logistic", "exact", 0.2, "variable", 0, n_rows=150)
    (by_rule, right), (by_chance, right_by_chance) = taught
    assert len(by_rule) == len(by_chance) == round(line["asked"] * 100) > 10 and by_rule != by_chance
    assert (line["right"], line["right_by_chance"]) == (right, right_by_chance)


def test_reading_ahead_changes_nothing(script):
    """The certainties are those of a learner that reads each row when it comes."""
    X, y = script.STREAMS["sea"](np.random.default_rng(1), 150)
    picks = []
    for ahead in (script.Ahead(X), None):
        model = script.MODELS["logistic"]().fit(X[:50], y[:50])
        learner = script.StreamLearner(model, script.VariableUncertainty(), 0.3, classes=[0, 1], certainty=ahead)
        picks.append(script.played(X, y, learner.asks, learner, ahead or script.Ahead(X))[0])
    assert picks[0] == picks[1] and len(picks[0]) > 10


def test_a_run_is_resumed_and_writes_its_page(script, tmp_path, monkeypatch, capsys):
    out, page = tmp_path / "runs.jsonl", tmp_path / "page.md"
    monkeypatch.setattr(script, "CASES", script.CASES[:1])
    monkeypatch.setattr(script, "STREAMS", {"sea": script.sea})
    command = ["streams.py", "--out", str(out), "--page", str(page), "--n-seeds", "2", "--n-rows", "80"]
    for _ in range(2):
        monkeypatch.setattr(sys, "argv", command)
        script.main()
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(lines) == 2 * len(script.RULES)
    text = page.read_text()
    mean = np.mean([100 * line["right"] for line in lines if line["run"][4] == "split"])
    assert f"| split | {mean:.1f}, " in text and "Streams of 80 rows" in text and capsys.readouterr().out
