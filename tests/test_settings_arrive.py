"""Every setting arrives in the run: another value changes what is stored, alike from Python, TOML and options."""

import joblib
import numpy as np
import pandas as pd
import pytest
import tomli_w
from typer.testing import CliRunner

from skal.cli import app
from skal.datasets import Dataset
from skal.study import Store
from skal.study import request as request_module
from skal.study.request import Request
from skal.study.settings import SETTINGS

FEW = {
    "data": "made",
    "strategies": ["margin_sampling"],
    "n_initial": 12,
    "n_instances": 6,
    "n_rounds": 1,
    "n_trials": 1,
}
MONEY = {"cost": "images", "round_budget": 4.5}
# Another value than FEW or the default, and settings without which it does nothing.
OTHER = {
    "data": ("other", {}),
    "target": ("b", {}),
    "estimator": ("logistic:C=0.01", {}),
    "columns": ({"a": "drop"}, {}),
    "strategies": (["core_set"], {}),
    "recipe": ("pseudo_label:threshold=0.6", {}),
    "recipes": (["pseudo_label:threshold=0.6"], {}),
    "metrics": (["f1_macro"], {}),
    "positive": ("2", {"metrics": ["f1"], "positive": "1"}),
    "costs": ("costs.csv", {}),
    "n_initial": (13, {}),
    "n_instances": (5, {}),
    "n_rounds": (2, {}),
    "n_trials": (2, {}),
    "trials": ("2", {}),
    "oracle": ("noisy:rate=0.3", {}),
    "cost": ("images", {}),
    "round_budget": (3, MONEY),
    "budget_policy": ("overshoot", MONEY),
    "initial": ("k_center", {}),
    "initial_left_out": (1, {}),
    "test_size": (0.5, {}),
    "seed": (1, {}),
    "predictions": (False, {}),
}
NO_RUN = {"follows"}  # a record of where settings come from
ONLY_IN_THE_PROTOCOL = {"cost"}  # an image costs as much as a label without a price


def made(name="made", target=None):
    rng = np.random.default_rng(len(name))
    X = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    y = np.digitize(X[target or "a"] + 0.5 * X["c"], [-0.5, 0.5]).astype(str)
    return Dataset(name, X, y, None, None)


@pytest.fixture(autouse=True)
def made_data(monkeypatch, tmp_path):
    (tmp_path / "costs.csv").write_text("class,weight\n0,1\n1,2\n2,5\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(request_module, "load_source", lambda name, target=None, numbers=None: made(name, target))
    # Pages and pictures would be two thirds of the time, and have tests of their own.
    for writer in ("write_report", "write_recipe_report"):
        monkeypatch.setattr(f"skal.report.{writer}", lambda found, out: out)


def stored(folder):
    """The protocol of a study, and all that was found but wall times."""
    store = Store(folder)
    try:
        rows = store.rows()
        found = [row.content() for row in rows], [store.predictions(row) is None for row in rows]
        return joblib.hash(store.protocol), joblib.hash(found)
    finally:
        store.close()


@pytest.fixture(scope="module")
def references():
    """What is stored without the other value, by the settings beside it."""
    return {}


def by_python(settings, folder):
    Request.of(None, settings).run(folder)
    return stored(folder)


def by_command(arguments, folder):
    result = CliRunner().invoke(app, ["compare", *arguments, "--out", str(folder)])
    assert result.exit_code == 0, result.output
    return stored(folder)


def as_options(settings):
    for name, value in settings.items():
        flag = SETTINGS[name].flag
        if value is False:
            yield f"--no-{flag[2:]}"
            continue
        texts = [f"{key}={kind}" for key, kind in value.items()] if isinstance(value, dict) else np.atleast_1d(value)
        for text in texts:
            yield from (flag, str(text))


def test_every_setting_is_here():
    assert OTHER.keys() | NO_RUN == SETTINGS.keys()


@pytest.mark.parametrize("name", OTHER)
def test_another_value_is_used_by_the_run_and_alike_from_every_door(name, tmp_path, references):
    value, beside = OTHER[name]
    without = {**FEW, **beside}
    key = repr(beside)
    if key not in references:
        references[key] = by_python(without, tmp_path / "without")
    asked = {**without, name: value}
    (tmp_path / "settings.toml").write_text(tomli_w.dumps(asked))
    protocol, found = by_command(["--config", str(tmp_path / "settings.toml")], tmp_path / "toml")
    assert (found == references[key][1]) == (name in ONLY_IN_THE_PROTOCOL)
    if SETTINGS[name].protocol != "no":
        assert protocol != references[key][0]
    if SETTINGS[name].flag:
        assert by_command([*as_options(asked)], tmp_path / "options") == (protocol, found)
    else:
        assert by_python(asked, tmp_path / "python") == (protocol, found)
