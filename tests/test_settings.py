"""A setting is declared once, and refused or accepted alike from Python, TOML and the command line."""

import functools
import inspect
import random
import re
import tomllib
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomli_w
import typer
from sklearn.linear_model import LogisticRegression
from typer.testing import CliRunner

import skal
from skal.annotation import ClickCost, describe_oracle, read_oracle
from skal.cli import app
from skal.datasets import Dataset
from skal.estimators import make_estimator
from skal.query import typiclust
from skal.study import SETUPS, Protocol, SettingError, compare, compare_recipes, read_config
from skal.study import asked as asked_module
from skal.study import request as request_module
from skal.study.conditions import conditions
from skal.study.request import Request
from skal.study.settings import (
    DEFAULTS,
    SETTINGS,
    checked_arguments,
    checked_settings,
    read_trials,
    settings_of_texts,
    settings_table,
    write_trials,
)

ROOT = Path(__file__).parent.parent
# What skal.compare is given beside settings: the data and what is known of them, where results go, and who looks on.
NO_SETTINGS = {
    *("X", "y", "strategies", "test", "missing_label", "n_unlabeled", "out", "n_jobs", "progress", "estimator_name"),
    *("class_names", "seed", "stop"),
}


# One declaration


def test_compare_has_a_keyword_for_every_setting_and_no_other():
    parameters = inspect.signature(compare).parameters
    declared = {setting.argument for setting in SETTINGS.values() if setting.argument} - {"strategies"}
    assert set(parameters) - NO_SETTINGS == declared
    for setting in SETTINGS.values():
        if setting.argument and setting.given:
            assert parameters[setting.argument].default == setting.default, setting.name


def test_the_command_line_has_an_option_for_every_setting_and_says_its_default():
    text = CliRunner().invoke(app, ["compare", "--help"], env={"COLUMNS": "400"}).output
    options = {line.split()[0] for line in text.splitlines() if line.strip().startswith("--")}
    own = {"--config", "--setup", "--scale", "--n-jobs", "--out", "--stop", "--help"}
    assert options - own == {setting.flag for setting in SETTINGS.values() if setting.flag}
    flat = " ".join(text.split())
    for setting in SETTINGS.values():
        if setting.flag and setting.default not in (None, [], {}):
            said = f"{setting.help} [default: {str(setting.default).lower()}]"
            assert said.split(", ...")[-1] in flat, setting.name
    assert "--arm" not in text and "--protocol" not in text


def test_a_file_may_have_every_setting(tmp_path):
    values = {
        **{name: value for name, value in DEFAULTS.items() if value is not None},
        **{"follows": {"name": "vaal_cifar10", "scale": "small"}, "target": "label", "metrics": ["accuracy"]},
        **{"positive": "yes", "trials": "1-2", "oracle": "noisy:rate=0.2", "cost": "clicks", "round_budget": 5},
        **{"costs": {"classes": ["a", "b"], "matrix": [[0.0, 1.0], [2.0, 0.0]]}},
        **{"recipe": "uda", "columns": {"a": "text"}, "strategies": {"x": {"strategy": "core_set"}}},
    }
    assert set(values) == set(SETTINGS)
    (tmp_path / "all.toml").write_text(tomli_w.dumps(values))
    assert read_config(tmp_path / "all.toml") == values


def test_the_page_has_the_table():
    page = (ROOT / "docs" / "settings.md").read_text()
    assert settings_table() in page, "run tools/write_settings_page.py"
    for name, setting in SETTINGS.items():
        assert f"| `{name}` |" in page and setting.allowed.words in page and setting.help in page


def test_protocols_have_what_the_declarations_say():
    settings = checked_settings({"oracle": "noisy:rate=0.2", "cost": "clicks:tolerance=5", "positive": "yes"})
    made = Protocol.of(settings, fingerprint="abc", metrics=("f1",), n_unlabeled=2).to_dict()
    always = {name for name, setting in SETTINGS.items() if setting.protocol == "always"}
    assert set(made) == always | {"fingerprint", "n_unlabeled", "oracle", "cost"}
    assert made["oracle"] == {"oracle": "noisy", "rate": 0.2} and made["metrics"] == ["f1"]
    assert made["cost"]["tolerance"] == 5 and conditions(made)[0].startswith("Labels: 20 % wrong")
    assert Protocol(**{**made, "metrics": ("f1",)}).to_dict() == made == tomllib.loads(Protocol(**made).to_toml())


def test_published_setups_name_settings():
    for setup in SETUPS.values():
        for scale in ("full", "small"):
            assert checked_settings(setup.choices(scale)).keys() == SETTINGS.keys()


def test_defaults_are_in_their_plain_form_and_not_shared():
    one, other = checked_settings({}), checked_settings({})
    assert one == DEFAULTS
    one["columns"]["a"] = one["recipes"].append("uda")
    assert other == DEFAULTS == checked_settings({})
    for name, value in DEFAULTS.items():
        assert SETTINGS[name].read(value) == value


# The same answer from everywhere

NAN = float("nan")
ANYTHING = [
    0,
    1,
    2,
    -1,
    7,
    1.5,
    0.5,
    -0.25,
    NAN,
    float("inf"),
    True,
    False,
    "x",
    "",
    " ",
    "logistic",
    [],
    [1],
    {},
    {"a": 1},
]
ANYTHING += [10**400, "noisy", "3-5", ["accuracy", "accuracy"], ["a=b"], {"name": 3}, [[[]]], "noisy:rate=0.5,rate=1"]
VALID = {
    "follows": [{"name": "vaal_cifar10", "scale": "small"}],
    "data": ["iris", "some/path.csv"],
    "target": ["species"],
    "estimator": ["logistic", "forest:n_estimators=5"],
    "columns": [["a=number", "b=c=drop"], {"a": "number"}],
    "strategies": [["margin_sampling"], ["core_set", "information_density_sampling:beta=2.0"]],
    "recipe": ["uda:max_steps=3", {"recipe": "augmented"}],
    "recipes": [["uda", "augmented:flip=false"]],
    "metrics": [["accuracy"], ["f1_macro", "ece"]],
    "positive": ["fraud", 1, True],
    "costs": [[[0, 1], [2, 0]], {"a": 1, "b": 2}, {"a": {"b": 1}, "b": {"a": 3}}],
    "n_initial": [1, 30],
    "n_instances": [1, 10],
    "n_rounds": [0, 3],
    "n_trials": [1, 50],
    "trials": ["3-5", "2", "1, 4-6,6", 2, [3, 1]],
    "oracle": ["noisy:rate=0.2", {"oracle": "noisy", "rate": 0.1}],
    "cost": ["clicks:tolerance=5", "images", {"cost": "boundary"}],
    "round_budget": [5, 0.5, 1e6],
    "budget_policy": ["stop_before", "overshoot"],
    "initial": ["random", "k_center"],
    "initial_left_out": [0, 2],
    "test_size": [0.25, 0.9],
    "seed": [0, 12345678901234567890],
    "predictions": [True, False],
}
WRONG = {
    "data": ["", " "],
    "estimator": ["", 3, "logistik", "logistic:D=3", "logistic:C"],
    "columns": [["a"], ["=text"], {"a": 3}, "a=text"],
    "recipe": ["udaa", "uda:max_steps"],
    "recipes": [["udaa", "augmentd"], [3]],
    "strategies": [["core_se"], ["core_set:beta=1"], 3],
    "metrics": [[], ["accuracy", "accuracy"], [""], [3]],
    "costs": ["no such file", [[0, 1]], [[0, -1], [1, 0]], [[1, 1], [1, 0]], 3, {}, "", [["x", 0], [0, 0]]],
    "n_initial": [0, -3, 2.0],
    "n_instances": [0],
    "n_rounds": [-1],
    "n_trials": [0, 2.5, True],
    "trials": ["0", "5-3", "a", "1-", "", "1-1000000", 0, [0], [True], 1.5, "-1"],
    "oracle": ["noisi", "noisy:rat=0.1", "noisy:rate=3", "noisy", {"oracle": "noisy", "rate": "x"}],
    "cost": ["click", "clicks:tol=3", "clicks:tolerance=ten", {"tolerance": 3}],
    "round_budget": [0, -1, NAN, float("inf"), True],
    "budget_policy": ["nope", "stop_befor"],
    "initial": ["best", "randon"],
    "initial_left_out": [-1, 1.0],
    "test_size": [0, 1, 2, NAN, True, -0.5],
    "seed": [-1, 1.5, "x", True],
}


class Accepted(ValueError):
    """Raised in the place of the run."""


def small_data(*_, **__):
    X = np.random.default_rng(0).normal(size=(40, 3))
    return Dataset("small", pd.DataFrame(X, columns=["a", "b=c", "d"]), (X[:, 0] > 0).astype(int), None, None)


@pytest.fixture
def doors(monkeypatch, tmp_path):
    """Python, TOML and the command line: each takes a setting and a value, and gives the sentence or the value."""
    seen = {}

    def run(request, *_, **__):
        seen.update(request.settings, strategies=list(request.strategies))
        raise Accepted("accepted")

    def arguments(given):
        seen.update(checked_arguments(given))
        raise Accepted("accepted")

    # The runner makes all commands again for every call; without this the test is only slower.
    monkeypatch.setattr("typer.testing._get_command", functools.cache(typer.main.get_command), raising=False)
    monkeypatch.setattr(request_module, "load_source", small_data)
    monkeypatch.setattr(Request, "run", run)
    monkeypatch.setattr(asked_module, "checked_arguments", arguments)

    def answer(name, call):
        seen.clear()
        try:
            call()
        except Accepted:
            return "accepted", plain(name, seen[name])
        except (ValueError, TypeError) as error:
            return "refused", str(error)
        raise AssertionError("neither refused nor run")

    def python(name, value):
        setting = SETTINGS[name]
        if setting.argument and setting.given:
            X, y = small_data().X, small_data().y
            return answer(name, lambda: compare(X, y, LogisticRegression(), [], **{setting.argument: value}))
        return answer(name, lambda: Request.of(None, {name: value}).run())

    def command(name, *more):
        def call():
            result = CliRunner().invoke(app, ["compare", *more, "--out", str(tmp_path)], env={"COLUMNS": "100000"})
            assert result.exit_code == 2 and isinstance(result.exception, SystemExit), repr(result.exception)
            assert result.stderr.startswith("skal: ") and result.stderr.endswith("\n"), result.output
            sentence = result.stderr.removeprefix("skal: ").removesuffix("\n")
            raise Accepted if sentence == "accepted" else ValueError(sentence)

        return answer(name, call)

    def toml(name, value):
        path = tmp_path / "settings.toml"
        path.write_text(tomli_w.dumps({name: value}))
        return command(name, "--config", str(path))

    def options(name, value):
        texts = value if SETTINGS[name].repeated else [value]
        return command(name, *(part for text in texts for part in option(SETTINGS[name], text)))

    return types.SimpleNamespace(python=python, toml=toml, options=options)


def option(setting, text):
    if isinstance(text, bool) and setting.name == "predictions":
        return [setting.flag if text else f"--no-{setting.flag[2:]}"]
    return [setting.flag, str(text).lower() if isinstance(text, bool) else str(text)]


def plain(name, value):
    """What is accepted, in one form."""
    if name == "follows" and value is not None:  # what differs from it is said by those who ask by name
        return {key: one for key, one in value.items() if key != "changed"}
    return describe_oracle(read_oracle(value)) if name == "oracle" else value


def as_text(name, value):
    """Whether the command line has a word for a value."""
    setting = SETTINGS[name]
    if not setting.flag:
        return False
    if setting.repeated:
        return isinstance(value, list) and value != [] and all(isinstance(text, str) for text in value)
    if name == "predictions":
        return isinstance(value, bool)
    if type(setting.allowed).__name__ in ("Whole", "Number"):
        return isinstance(value, (int, float)) or value in ("x", "", " ", "logistic", "noisy")
    return isinstance(value, str) or (name in ("trials",) and type(value) is int)


def drawn(n):
    draw = random.Random(2016)
    for _ in range(n):
        name = draw.choice(list(SETTINGS))
        pool = draw.choice([VALID[name], WRONG.get(name, ANYTHING), ANYTHING])
        yield name, draw.choice(pool)


def test_200_settings_drawn_at_random_get_one_answer(doors):
    counts = {"accepted": 0, "refused": 0}
    by_text = 0
    for name, value in drawn(200):
        kind, said = expected = doors.python(name, value)
        counts[kind] += 1
        assert doors.toml(name, value) == expected, (name, value)
        if as_text(name, value):
            by_text += 1
            assert doors.options(name, value) == expected, (name, value)
        if kind == "refused":
            assert name in said or name.removesuffix("s") in said or name == "strategies", (name, value, said)
    assert min(counts.values()) > 50 and by_text > 80, (counts, by_text)


@pytest.mark.parametrize("name", SETTINGS)
def test_all_that_is_valid_is_accepted_and_what_is_wrong_is_not(name, doors):
    for kind, values in (("accepted", VALID[name]), ("refused", WRONG.get(name, []))):
        for value in values:
            assert doors.python(name, value)[0] == kind, (name, value, doors.python(name, value))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("n_trials", 0, "compare: n_trials must be a whole number >= 1 and <= 1000000, got 0."),
        ("n_rounds", -1, "compare: n_rounds must be a whole number >= 0 and <= 1000000, got -1."),
        ("n_instances", 0, "compare: n_instances must be a whole number >= 1 and <= 1000000000000, got 0."),
        ("n_initial", 0, "compare: n_initial must be a whole number >= 1 and <= 1000000000000, got 0."),
        ("n_initial", True, "compare: n_initial must be a whole number >= 1 and <= 1000000000000, got True."),
        ("test_size", 1, "compare: test_size must be a number > 0 and < 1, got 1."),
        ("test_size", NAN, "compare: test_size must be a number > 0 and < 1, got nan."),
        ("round_budget", 0, "compare: round_budget must be a finite number > 0, got 0."),
        ("seed", -1, "compare: SEED must be a whole number >= 0 and <= 18446744073709551615, got -1."),
        ("n_trials", 10**19,
         "compare: n_trials must be a whole number >= 1 and <= 1000000, got 10000000000000000000."),
        ("n_instances", 10**13,
         "compare: n_instances must be a whole number >= 1 and <= 1000000000000, got 10000000000000."),
        ("seed", "x", "compare: SEED must be a whole number >= 0 and <= 18446744073709551615, got 'x'."),
        ("data", "", "compare: data must be a text that is not blank, got ''."),
        (
            "budget_policy",
            "stop_befor",
            "compare: budget_policy must be one of stop_before, overshoot, got 'stop_befor'. "
            "Did you mean stop_before?",
        ),
        ("cost", "clicks:tol=3", "compare: The cost clicks has no option tol; it has tolerance, connectivity, holes, "
         "min_clicks, background, ignore_label. Did you mean tolerance?"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_in_one_sentence(name, value, sentence, doors):
    expected = "refused", sentence.replace("SEED", SETTINGS["seed"].called)
    assert doors.python(name, value) == doors.toml(name, value) == doors.options(name, value) == expected


@pytest.mark.parametrize("value", [3, "", None, LogisticRegression, {"a": 1}])
def test_an_estimator_that_is_none_is_refused(value):
    X, y = small_data().X, small_data().y
    says = r"compare: estimator must be an estimator with fit, or the name of one, such as 'logistic', got "
    with pytest.raises(SettingError, match=says):
        compare(X, y, value, [])
    with pytest.raises(SettingError, match=says):
        Request.of(None, {"estimator": value})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"out": ""}, "out must be the path of a folder, or None to keep nothing, got ''"),
        ({"out": " "}, "out must be the path of a folder"),
        ({"out": 3}, "out must be the path of a folder, or None to keep nothing, got 3"),
        ({"n_jobs": "x"}, "n_jobs must be a whole number of processes, -1 for all, or None, got 'x'"),
        ({"n_jobs": 0}, "n_jobs must be .* got 0"),
        ({"n_jobs": True}, "n_jobs must be .* got True"),
        ({"progress": 3}, "progress must be a function .* got 3"),
        ({"test": 3}, r"test must be the pair \(X_test, y_test\), or None, got 3"),
        ({"test": ([[1.0, 2.0, 3.0]],)}, r"test must be the pair .* Its length is 1\."),
        ({"n_unlabeled": -1}, "n_unlabeled must be a whole number >= 0.*, got -1"),
        ({"n_unlabeled": None}, "n_unlabeled must be a whole number >= 0.*, got None"),
        ({"out": "", "n_jobs": "x"}, "out must be .* n_jobs must be"),
    ],
)
def test_what_is_no_setting_is_refused_at_the_door_too(given, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("skal.study.runner.prepare", lambda *_: pytest.fail("work"))
    with pytest.raises(SettingError, match=f"^compare: {says}"):
        compare([[0.0]], [0], "logistic", [], **given)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["compare"], ["merge", "a", "b"], ["report", "a"]])
def test_no_command_takes_an_empty_text_for_this_folder(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, [*words, "--out", ""], env={"COLUMNS": "300"})
    assert result.exit_code == 2 and "out must be the path of a folder, got ''" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [5, None])
def test_a_setting_is_given_by_its_keyword_or_by_its_older_one(given):
    data = small_data()
    says = f"seed is the old name of random_state, .* got random_state={given} and seed=1. Leave seed out"
    for call, more in ((compare, ()), (compare_recipes, (["augmented"],))):
        with pytest.raises(ValueError, match=says):
            call(data.X, data.y, LogisticRegression(), [], *more, random_state=given, seed=1)
    assert checked_arguments({"random_state": 0, "seed": 1})["seed"] == 1  # 0 is what nobody gave


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(ValueError, match="n_initial must be.*n_trials must be.*budget_policy must be") as refused:
        checked_settings({"n_trials": 0, "n_initial": -1, "budget_policy": "x"})
    assert isinstance(refused.value, TypeError), "a wrong type is a TypeError, too"
    with pytest.raises(SettingError, match="There is no setting n_trails. Did you mean n_trials?"):
        checked_settings({"n_trails": 3})
    with pytest.raises(SettingError, match="Either recipes"):
        checked_settings({"recipe": "uda", "recipes": ["uda"]})


@pytest.mark.parametrize(
    ("strategy", "says"),
    [
        (functools.partial(typiclust, n_neighbors=0), "typiclust: n_neighbors must be an int >= 1, got 0"),
        (functools.partial(typiclust, n_neighbours=3), "typiclust has no option 'n_neighbours'"),
        ("typiclust:n_neighbors=0", "typiclust: n_neighbors must be an int >= 1, got 0"),
        ({"mine": {"strategy": "typiclust", "n_neighbors": 0}}, "typiclust: n_neighbors must be an int >= 1, got 0"),
        (3, "strategies must be a list of names"),
        (None, "strategies must be a list of names"),
        ({"": "core_set"}, "names must be texts that are not blank, got ''"),
    ],
)
def test_strategies_are_checked_before_there_is_a_model(strategy, says, monkeypatch):
    X, y = small_data().X, small_data().y
    monkeypatch.setattr(LogisticRegression, "fit", lambda *_: pytest.fail("fitted"))
    strategies = [strategy] if callable(strategy) or isinstance(strategy, str) else strategy
    with pytest.raises(ValueError, match=f"^compare: .*{says}"):
        compare(X, y, LogisticRegression(), strategies)


def test_numbers_of_numpy_are_numbers_and_come_out_as_those_of_python():
    given = {
        "n_trials": np.int64(3),
        "test_size": np.float32(0.5),
        "predictions": np.bool_(False),
        "data": Path("a/b"),
    }
    found = checked_settings(given, defaults=False)
    assert found == {"n_trials": 3, "test_size": 0.5, "predictions": False, "data": "a/b"}
    assert [type(value) for value in found.values()] == [str, int, float, bool]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("test_size", ".3", 0.3),
        ("test_size", "00.3", 0.3),
        ("round_budget", ".5", 0.5),
        ("round_budget", "5.", 5.0),
        ("n_trials", "02", 2),
        ("n_rounds", "00", 0),
        ("seed", " 7 ", 7),
    ],
)
def test_numbers_are_read_as_people_write_them(name, text, value):
    assert repr(checked_settings(settings_of_texts({name: text}))[name]) == repr(value)


def test_options_of_names_may_be_numbers_that_begin_with_a_point():
    assert make_estimator("logistic:C=.1").get_params(deep=True)["logisticregression__C"] == 0.1
    assert describe_oracle(read_oracle("noisy:rate=.1"))["rate"] == 0.1


def test_values_made_in_python_are_taken_as_they_are():
    def scorer(model, X, y):
        return 0.5

    cost, made = ClickCost(3), checked_settings({"cost": ClickCost(3), "metrics": scorer, "recipe": scorer})
    assert made["cost"] == cost and made["metrics"] == [scorer] and made["recipe"] is scorer
    assert checked_settings({"metrics": {"half": scorer}})["metrics"] == {"half": scorer}


# Files


def compare_with(path):
    result = CliRunner().invoke(app, ["compare", "--config", str(path)], env={"COLUMNS": "100000"})
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit), repr(result.exception)
    return result.output


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"n_trails = 3", "there is no entry n_trails. Did you mean n_trials?"),
        (b"[n_trials]\nx = 3", "n_trials must be a whole number >= 1 and <= 1000000, got {'x': 3}."),
        (b"n_trials = 2020-01-01", "n_trials must be a whole number >= 1 and <= 1000000, got datetime.date"),
        (b"data = ['iris']", "data must be a text that is not blank, got ['iris']"),
        (b"fingerprint = 3", "fingerprint must be the digest of the data, got 3"),
        (b"data = 'caf\xe9'", "it is not written in UTF-8"),
        (b"data = " + b"[" * 5000 + b"]" * 5000, "nested"),
        (b".".join([b"a"] * 3000) + b" = 1", "nested"),
        (b"[columns]\n" + b".".join([b"a"] * 900) + b" = 1", "nested"),
        (b"[strategies.x]\nstrategy = 'core_set'\n" + b"y = " + b"[" * 30 + b"]" * 30, "nested at most 20 deep"),
        (b"[strategies]\nx = 3", "A strategy must be a name"),
        (b"n_trials = ", "cannot be read as TOML"),
    ],
)
def test_files_that_are_wrong_are_refused_in_a_sentence(content, says, tmp_path):
    (tmp_path / "wrong.toml").write_bytes(content)
    output = compare_with(tmp_path / "wrong.toml")
    assert says in output and output.startswith("skal: ") and len(output) < 700
    assert "cannot be read" in compare_with(tmp_path) and "cannot be read" in compare_with(tmp_path / "none.toml")


def test_a_mark_of_windows_in_front_is_no_text(tmp_path):
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbfn_trials = 3")
    assert read_config(tmp_path / "bom.toml") == {"n_trials": 3}


def test_a_protocol_of_data_with_test_rows_says_0_and_is_read(tmp_path):
    (tmp_path / "printed.toml").write_text('fingerprint = "abc"\ntest_size = 0.0\nn_unlabeled = 3\n')
    assert read_config(tmp_path / "printed.toml") == {"fingerprint": "abc"}
    (tmp_path / "own.toml").write_text("test_size = 0.0\n")
    with pytest.raises(SettingError, match="test_size must be a number > 0 and < 1, got 0.0"):
        read_config(tmp_path / "own.toml")


# Trials


def test_trials_are_counted_from_1_in_texts_and_from_0_inside():
    assert read_trials("3-5") == (2, 3, 4) and read_trials("2") == (1,) and read_trials("1,4-6") == (0, 3, 4, 5)
    assert read_trials(" 4 - 6, 1 ,5") == (0, 3, 4, 5) and read_trials([6, 1]) == (0, 5) and read_trials(3) == (2,)
    assert read_trials(None) is None and read_trials(np.array([1, 2])) == (0, 1)
    draw = random.Random(3)
    for _ in range(200):
        numbers = tuple(sorted(draw.sample(range(40), draw.randint(1, 12))))
        assert read_trials(write_trials(numbers)) == numbers
        assert checked_settings({"trials": [number + 1 for number in numbers]})["trials"] == write_trials(numbers)
    for wrong in ("", "0", "5-3", "a", "1,,2", "1-2-3", [], [0], [True], 1.5, {"a": 1}, b"1", "1-10000000000"):
        with pytest.raises(ValueError, match="trials must be numbers of trials, counted from 1, such as 3-5"):
            read_trials(wrong)


# For real

FEW = {"n_initial": 12, "n_instances": 5, "n_rounds": 1, "n_trials": 2, "seed": 3, "test_size": 0.5}


def test_the_same_settings_give_the_same_study_from_everywhere(tmp_path):
    asked = {"data": "iris", "strategies": ["margin_sampling"], "oracle": "noisy:rate=0.1", "metrics": ["f1_macro"]}
    options = [part for name, value in {**FEW, **asked}.items() for text in np.atleast_1d(value) for part in
               (SETTINGS[name].flag, str(text))]  # fmt: skip
    (tmp_path / "settings.toml").write_text(tomli_w.dumps({**FEW, **asked}))
    for name, arguments in (("text", options), ("toml", ["--config", str(tmp_path / "settings.toml")])):
        result = CliRunner().invoke(app, ["compare", *arguments, "--out", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
    texts, toml = (skal.study.load_comparison(tmp_path / name) for name in ("text", "toml"))
    python = Request.of(None, {**FEW, **asked}).run()
    assert texts.protocol == toml.protocol == python.protocol
    for found in (toml, python):
        np.testing.assert_array_equal(found.scores["margin_sampling"], texts.scores["margin_sampling"])


def test_trials_that_were_run_apart_are_joined_by_a_command(tmp_path):
    asked = ["compare", "--data", "iris", "--n-initial", "12", "--n-instances", "5", "--n-rounds", "1"]
    for trials in ("1", "2-3"):
        result = CliRunner().invoke(app, [*asked, "--trials", trials, "--out", str(tmp_path / trials)])
        assert result.exit_code == 0, result.output
    folders = [str(tmp_path / trials) for trials in ("1", "2-3")]
    result = CliRunner().invoke(app, ["merge", *folders, "--out", str(tmp_path / "all")], env={"COLUMNS": "1000"})
    assert result.exit_code == 0 and "all" in result.output, result.output
    assert len(skal.study.load_comparison(tmp_path / "all").scores["random_sampling"]) == 3
    result = CliRunner().invoke(app, ["merge", str(tmp_path / "none"), "--out", str(tmp_path / "b")])
    assert result.exit_code == 2 and result.stderr.startswith("skal: ")


def test_an_estimator_may_be_named_in_python():
    X, y = small_data().X, small_data().y
    found = compare(X, y, "logistic:C=0.5", ["margin_sampling"], **FEW)
    assert found.protocol["estimator"] == "logistic:C=0.5"
    with pytest.raises(ValueError, match="There is no estimator 'logistik'.*Did you mean logistic"):
        compare(X, y, "logistik", [])


def test_no_rounds_at_all_is_a_study_of_the_initial_labels():
    X, y = small_data().X, small_data().y
    found = compare(X, y, LogisticRegression(), ["margin_sampling"], **{**FEW, "n_rounds": 0})
    assert found.n_labels.tolist() == [12] and str(found.summaries)


def test_the_old_options_work_and_say_their_new_names(tmp_path, monkeypatch):
    seen = {}

    def run(request, *_, **__):
        seen.update(request.settings)
        raise Accepted

    monkeypatch.setattr(Request, "run", run)
    old = ["compare", "--data", "iris", "--arm", "uda", "--recipe", "augmented", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, old)
    assert seen["recipes"] == ["augmented", "uda"]
    assert "Warning: --arm is now called --recipe" in " ".join(result.output.split())
    result = CliRunner().invoke(app, ["compare", "--protocol", "vae_augmented_mnist", "--scale", "small"])
    assert seen["follows"] == {"name": "vae_augmented_mnist", "scale": "small"}
    assert "Warning: --protocol is now called --setup" in " ".join(result.output.split())
    printed = [CliRunner().invoke(app, [*command, "--scale", "small"]).output for command in
               (["protocol", "vae_augmented_mnist"], ["setup", "vae_augmented_mnist"])]  # fmt: skip
    assert printed[0] == printed[1] and "n_initial" in printed[0]
    listed = [CliRunner().invoke(app, [command]).output for command in ("setups", "protocols")]
    assert listed[0] == listed[1] and "vaal_cifar10" in listed[0]
    shown = CliRunner().invoke(app, ["--help"]).output
    assert re.search(r"^  setups ", shown, re.M) and not re.search(r"^  protocols ", shown, re.M)
    assert skal.study.PROTOCOLS is SETUPS and skal.study.PublishedProtocol is skal.study.PublishedSetup
