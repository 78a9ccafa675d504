"""The benchmarks of training recipes: tiny runs of the scripts, on made data."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from made_comparison import make_comparison

from skal.study import RecipeComparison

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def run(script, *arguments):
    command = list(map(str, [sys.executable, BENCHMARKS / script, *arguments]))
    found = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.fixture
def cifar(tmp_path):
    """Images of 8 x 8 pixels whose colour tells their class."""
    rng = np.random.RandomState(0)
    y = np.arange(300) % 10
    X = np.clip(rng.normal(25 * y[:, None, None, None], 20, (300, 3, 8, 8)), 0, 255).astype(np.uint8)
    parts = {"X_train": X[:240], "y_train": y[:240], "X_test": X[240:], "y_test": y[240:]}
    np.savez(tmp_path / "cifar.npz", classes=np.array(list("abcdefghij")), **parts)
    return tmp_path / "cifar.npz"


@pytest.mark.nightly
@pytest.mark.parametrize("job", ["uda_4000", "low"])
def test_the_questions_on_cifar10_go_on_where_a_piece_ended(job, cifar, tmp_path):
    where = ["--archive", cifar, "--job", job, "--out", tmp_path / "out", "--tiny"]
    first = run("mittal_cifar10.py", *where, "--minutes", 1e-6)
    assert "start again" in first and first.count("trial") == 1
    run("mittal_cifar10.py", *where)
    found = json.loads((tmp_path / "out" / f"{job}.json").read_text())
    assert found["device"] == "CPU" and found["settings"]["steps"] == 2 and "archive" not in found["settings"]
    if job == "uda_4000":
        assert found["labels"] == 100 and set(found["accuracy_percent"]) == {"0", "1"}
    else:
        assert found["labels"] == [60, 100]
        recipes = ["supervised", "augmented:augment=autoaugment"]
        assert list(found["accuracy_percent"])[:2] == recipes and len(found["accuracy_percent"]) == 3
        assert all(set(arms) >= {"random_sampling", "core_set"} for arms in found["accuracy_percent"].values())


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import mittal
    import noise_and_bias

    return mittal, noise_and_bias


@pytest.mark.pictures
def test_every_question_has_tables_a_picture_and_its_command(scripts, tmp_path):
    mittal, _ = scripts
    for name, question in mittal.questions(tmp_path).items():
        strategies = ("random_sampling", *mittal.STRATEGIES[question.budget])
        lifts = dict(zip(("supervised", *question.recipes), (0.0, 0.2, 0.3), strict=False))
        found = RecipeComparison(
            {
                recipe: make_comparison(strategies, (lift, lift + 0.1, lift - 0.1), 5, 2, seed=seed)
                for seed, (recipe, lift) in enumerate(lifts.items())
            }
        )
        settings = SimpleNamespace(images=tmp_path / name)
        text = mittal.answer(name, question, found, settings)
        assert (tmp_path / name / mittal.picture_name(name)).stat().st_size > 10_000
        assert f"--question {name}" in text
        command = text.split("skal compare")[1].split("```")[0].replace("\\\n", " ").split()
        assert [command[k + 1] for k, word in enumerate(command) if word == "--recipe"] == list(question.recipes)
        judged = text.split(question.asks)[1]
        if name == "semi_supervised":  # 0.2 above random and core-set's 0.1 below it, 0.1 above margin's
            assert judged.count("better than it") == 3 and "Of 3 differences: 3 better." in judged
        else:
            n = len(lifts)
            assert f"Of {2 * n} differences: {n} better, {n} worse." in judged
        assert text.count("| higher |") >= len(question.recipes), "recipes lift random sampling"


def test_the_spread_of_strategies_is_that_of_their_areas(scripts):
    mittal, _ = scripts
    wide = make_comparison(("random_sampling", "a"), (0.0, 0.4), n_trials=3)
    areas = wide.areas()
    expected = abs(areas["a"] - areas["random_sampling"]) / np.sqrt(2)  # of two values
    np.testing.assert_allclose(mittal.spreads(RecipeComparison({"supervised": wide}))["supervised"], expected)


def test_picks_of_unseen_classes_are_counted(scripts):
    _, noise_and_bias = scripts
    found = make_comparison(("random_sampling", "a"), (0.0, 0.0), n_trials=2, n_rounds=2)
    first = [[5, 5, 0], [0, 10, 0]]  # trial 0 lacks the last class, trial 1 the first and the last
    batch = [[1, 3, 6], [2, 5, 3]]
    classes = np.array([[one, two, [9, 9, 9]] for one, two in zip(first, batch, strict=True)])
    found = dataclasses.replace(found, picked_classes={"random_sampling": classes, "a": classes})
    assert noise_and_bias.of_unseen_classes(found)["a"].tolist() == [0.6, 0.5]
    table = noise_and_bias.unseen_table({"right labels": found, "2 classes left out": found})
    assert table.splitlines()[0] == "| strategy | 2 classes left out |" and "| a | 55 [" in table
    page = noise_and_bias.page({"right labels": found, "2 classes left out": found})
    assert page.count("## ") >= 3 and "--oracle noisy:rate=0.2" in page and "--initial-left-out 4" in page
