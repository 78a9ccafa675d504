"""Task models by name and by import path: what each is for, whose code is run, what a study remembers of it."""

import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from test_features_encoder import reviews
from typer.testing import CliRunner

from skal import cli
from skal.estimators.imported import is_import_path
from skal.estimators.linear_svm import CalibratedLinearSVC
from skal.features import column_uses
from skal.outputs import proba
from skal.study import StudyError, default_estimator, load_comparison, make_estimator, read_config, study_as_toml
from skal.study.request import Request, columns_of

FEW = {"n_initial": 12, "n_instances": 6, "n_rounds": 1, "n_trials": 2}


@pytest.fixture
def csv(tmp_path):
    table, y = reviews(120)
    table.assign(kind=np.where(y, "good", "bad")).to_csv(tmp_path / "reviews.csv", index=False)
    return tmp_path / "reviews.csv"


# A support vector machine with probabilities ------------------------------------------------------------------


@pytest.mark.parametrize(
    "counts", [(30, 20), (30, 1), (1, 1), (2, 2, 1), (5, 1, 1, 1), (1, 1, 1, 1), (3, 2), (40, 2, 1)]
)
def test_classes_of_any_size_have_probabilities(counts):
    rng = np.random.default_rng(sum(counts))
    y = np.repeat([f"class {place}" for place in range(len(counts))], counts)
    X = rng.normal(size=(len(y), 4)) + 4 * np.eye(4)[np.repeat(np.arange(len(counts)), counts)]
    model = CalibratedLinearSVC(random_state=0).fit(X, y)
    P = model.predict_proba(X)
    assert P.shape == (len(y), len(counts)) and np.allclose(P.sum(axis=1), 1) and (P > 0).all()
    assert (model.classes_[P.argmax(axis=1)] == model.predict(X)).all()


@pytest.mark.parametrize("overlap", [0.3, 3.0])
def test_probabilities_are_about_right(overlap):
    """Rows that are right with probability p are said to be so: the mean confidence is the share of right rows."""
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 3000)
    X = np.eye(3)[y] + rng.normal(0, overlap, (3000, 3))
    model = CalibratedLinearSVC(random_state=0).fit(X[:400], y[:400])
    P = model.predict_proba(X[400:])
    assert abs(P.max(axis=1).mean() - (P.argmax(axis=1) == y[400:]).mean()) < 0.05


def test_weights_count_and_sparse_rows_are_taken():
    from scipy import sparse

    X, y = np.array([[0.0], [1.0], [1.0], [2.0]] * 5), np.array([0, 0, 1, 1] * 5)
    weights = np.where(np.arange(20) % 4 == 1, 50.0, 1.0)
    assert CalibratedLinearSVC(random_state=0).fit(X, y, sample_weight=weights).predict([[1.0]]).tolist() == [0]
    assert CalibratedLinearSVC(random_state=0).fit(X, y, sample_weight=51 - weights).predict([[1.0]]).tolist() == [1]
    dense, wide = (CalibratedLinearSVC(random_state=0).fit(rows, y) for rows in (X, sparse.csr_array(X)))
    assert np.allclose(dense.predict_proba(X), wide.predict_proba(sparse.csr_array(X)))


def test_weights_count_for_probabilities_as_they_do_for_the_classes():
    """Weights of 8 are C times 8, on all rows and in the folds that give distances their scale."""
    rng = np.random.RandomState(0)
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 2)) + y[:, None]
    weighted = CalibratedLinearSVC(C=0.01, random_state=0).fit(X, y, sample_weight=np.full(60, 8.0))
    np.testing.assert_allclose(
        weighted.predict_proba(X), CalibratedLinearSVC(C=0.08, random_state=0).fit(X, y).predict_proba(X), atol=1e-3
    )


@pytest.mark.parametrize("name", ["linear_svm", "logistic", "hist_gradient_boosting", "forest", "mlp"])
def test_named_models_learn_a_text(name):
    table, y = reviews(200)
    model = make_estimator(name, {"text": "text"})
    seeds = [key for key in model.get_params() if key.split("__")[-1] == "random_state"]
    model.set_params(**dict.fromkeys(seeds, 0)).fit(table[:100], y[:100])
    assert model.score(table[100:], y[100:]) > 0.8
    assert proba(model, table).shape == (200, 2)


# Which model for which rows -----------------------------------------------------------------------------------


def test_the_default_follows_the_columns():
    table, _ = reviews(60)
    assert default_estimator(column_uses(table)) == ("logistic", "text is text, which suits a linear model")
    assert default_estimator(table)[0] == default_estimator(table["text"].tolist())[0] == "logistic"
    assert default_estimator(table.drop(columns="text"))[0] == default_estimator(np.zeros((9, 3)))[0] == "forest"
    images = np.zeros((4, 3, 9, 9), np.uint8)
    assert default_estimator(images)[0] == default_estimator(list(images))[0] == "image_features"


def test_columns_of_a_model_that_reads_none_are_refused():
    with pytest.raises(ValueError, match="image_features does not read the columns of a table"):
        make_estimator("image_features", {"a": "text"})


# The user's own, by import path -------------------------------------------------------------------------------


def test_names_with_parameters_are_no_import_paths():
    assert not any(map(is_import_path, ["logistic", "logistic:C=0.1", "cnn:module__width=4,lr=0.01", "x:"]))
    assert all(map(is_import_path, ["package.module:make", "models/my.py:make", r"C:\models\my.py:make", "my:make"]))
    assert make_estimator("logistic:C=0.5")[-1].C == 0.5


OWN = "from sklearn.linear_model import LogisticRegression\n"


@pytest.mark.parametrize(
    "code",
    [
        "def make(): return LogisticRegression(C=0.25)",
        "make = LogisticRegression(C=0.25)",
        "class make(LogisticRegression):\n    def __init__(self, C=0.25): super().__init__(C=C)",
    ],
)
def test_functions_classes_and_estimators_are_imported(tmp_path, code):
    (tmp_path / "my.py").write_text(OWN + code)
    model = make_estimator(f"{tmp_path / 'my.py'}:make")
    assert isinstance(model, LogisticRegression) and model.C == 0.25


def test_a_module_is_looked_for_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one])
    (tmp_path / "skal_test_models").mkdir()
    (tmp_path / "skal_test_models" / "own.py").write_text(f"{OWN}def make(): return LogisticRegression(C=0.125)")
    assert make_estimator("skal_test_models.own:make").C == 0.125


def test_two_files_of_one_name_and_a_changed_one_are_told_apart(tmp_path):
    for folder, C in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "my.py").write_text(f"{OWN}make = LogisticRegression(C={C})")
    paths = [f"{tmp_path / folder / 'my.py'}:make" for folder in "ab"]
    assert [make_estimator(path).C for path in paths] == [1, 2]
    (tmp_path / "a" / "my.py").write_text(f"{OWN}make = LogisticRegression(C=3)")
    assert make_estimator(paths[0]).C == 3


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("nowhere.py:make", "", "There is no file 'nowhere.py'"),
        ("skal_no_such.module:make", "", "cannot be imported.*An estimator by name has no such name"),
        ("{file}:mak", "make = 1", "has no 'mak'; it has make"),
        ("{file}:make", "def make(): return 7", "must be or return an estimator, got int, which has no fit"),
        ("{file}:make", "def make(x): return x", "calling make.. failed: TypeError.*without arguments"),
        ("{file}:make", "1 / 0", "cannot be imported: ZeroDivisionError"),
        ("{file}:make", "import skal_no_such", "cannot be imported: ModuleNotFoundError.*skal_no_such"),
    ],
)
def test_wrong_paths_are_answered_in_a_sentence(tmp_path, text, code, message):
    (tmp_path / "wrong.py").write_text(code)
    with pytest.raises(ValueError, match=message):
        make_estimator(text.format(file=tmp_path / "wrong.py"))


def test_a_study_of_changed_code_is_another_study(csv, tmp_path):
    own = tmp_path / "my.py"
    own.write_text(
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.pipeline import make_pipeline\n"
        "from skal.features import TableEncoder\n"
        "def make(): return make_pipeline(TableEncoder(), LogisticRegression())\n"
    )
    choices = {"data": str(csv), "target": "kind", "estimator": f"{own}:make", "strategies": [], **FEW}
    Request.of(None, choices).run(out=tmp_path / "study")
    found = load_comparison(tmp_path / "study")
    assert found.protocol["estimator"] == f"{own}:make"
    assert found.protocol["columns"]["review_id"] == "id"
    own.write_text(own.read_text() + "# a comment\n")
    assert "nothing was left to run" in Request.of(None, choices).run(out=tmp_path / "study").kept
    for changed in ("LogisticRegression(C=2)", "Slow()\nclass Slow(LogisticRegression): pass\n"):
        own.write_text(own.read_text().replace("LogisticRegression()", changed, 1))
        with pytest.raises(StudyError, match="The code of .*make is not that of the rows"):
            Request.of(None, choices).run(out=tmp_path / "study")


def test_workers_know_code_of_a_file(csv, tmp_path):
    (tmp_path / "my.py").write_text(
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.pipeline import make_pipeline\n"
        "from skal.features import TableEncoder\nclass Own(LogisticRegression): pass\n"
        "def make(): return make_pipeline(TableEncoder(), Own())\n"
    )
    choices = {"data": str(csv), "target": "kind", "estimator": f"{tmp_path / 'my.py'}:make", "strategies": [], **FEW}
    serial, spread = (Request.of(None, choices).run(n_jobs=n) for n in (1, 2))
    assert np.array_equal(serial.scores["random_sampling"], spread.scores["random_sampling"])


# Columns by the command line, a file, and Python --------------------------------------------------------------


def test_columns_are_printed_stored_shown_and_said(csv, tmp_path):
    choices = ["--data", str(csv), "--target", "kind", "--n-initial", "12", "--n-instances", "6", "--n-rounds", "1"]
    said = ["--column", "site=drop", "--column", "stars=category", "--n-trials", "2", "--out", str(tmp_path / "s")]
    result = CliRunner().invoke(cli.app, ["compare", *choices, *said])
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    for expected in (
        ["review_id", "id"],
        ["text", "text"],
        ["when", "date"],
        ["site", "drop"],
        ["stars", "category"],
    ):
        assert any(line[:2] == expected for line in lines), result.output
    kinds = load_comparison(tmp_path / "s").protocol["columns"]
    assert kinds["stars"] == "category" and kinds["site"] == "drop"
    assert "review_id, site (left out)" in (tmp_path / "s" / "report.html").read_text()
    again = CliRunner().invoke(cli.app, ["compare", *choices, *said])
    assert again.exit_code == 0, again.output
    other = CliRunner().invoke(cli.app, ["compare", *choices, *said[4:]])
    assert other.exit_code == 2 and "columns" in other.output
    (tmp_path / "p.toml").write_text(study_as_toml(tmp_path / "s"))
    assert read_config(tmp_path / "p.toml")["columns"]["stars"] == "category"
    request = Request.of(tmp_path / "p.toml", {"data": str(csv), "target": "kind", "columns": ["stars=number"]})
    assert request.uses["stars"].kind == "number" and request.uses["site"].kind == "drop"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (["bodi=text"], "no column 'bodi'"),
        (["text=txt"], "cannot be 'txt' .did you mean text"),
        (["text"], "written NAME=KIND, such as body=text, got 'text'"),
    ],
)
def test_wrong_columns_are_refused_before_any_work(csv, said, message):
    with pytest.raises(ValueError, match=message):
        Request.of(None, {"data": str(csv), "target": "kind", "columns": said})


def test_columns_of_data_without_columns_are_refused():
    with pytest.raises(ValueError, match="iris has no columns with names"):
        Request.of(None, {"data": "iris", "columns": ["a=text"]})


def test_a_name_may_have_an_equals_sign():
    assert columns_of(["a=b=text", "c = d=drop"]) == {"a=b": "text", "c = d": "drop"}
    assert columns_of(pd.Series({"a": "text"}).to_dict()) == {"a": "text"} and columns_of(None) == {}


def test_strategies_differ_on_a_table_of_text(csv):
    """As categories of one row each, texts gave every strategy the same curve."""
    choices = {"data": str(csv), "target": "kind", "strategies": ["margin_sampling", "typiclust"], **FEW}
    found = Request.of(None, {**choices, "n_rounds": 2, "n_trials": 3}).run()
    curves = [np.asarray(found.scores[name]) for name in ("random_sampling", "margin_sampling", "typiclust")]
    assert all(curve[:, -1].mean() > 0.75 for curve in curves)
    assert len({curve.tobytes() for curve in curves}) == 3
