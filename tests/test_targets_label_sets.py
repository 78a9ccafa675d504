"""Several labels a row from a file to the report: tables, arrays and archives, metrics, models by name, refusals."""

import numpy as np
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, hamming_loss
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from typer.testing import CliRunner

import skal
from skal.cli import app
from skal.datasets import load_archive, load_array, load_dataset, load_table
from skal.estimators import for_several_labels
from skal.metrics import make_metrics
from skal.targets import targets_of

pd = pytest.importorskip("pandas")

X, Y = make_multilabel_classification(90, n_features=4, n_classes=3, random_state=0)
NAMES = ("happy", "calm", "sad")
SMALL = {"n_initial": 10, "n_instances": 5, "n_rounds": 1, "n_trials": 2, "random_state": 0}


@pytest.fixture
def frame():
    return pd.DataFrame(X, columns=[*"abcd"])


def of_columns(frame, tmp_path, labels=Y):
    path = tmp_path / "songs.csv"
    frame.assign(**{name: labels[:, place] for place, name in enumerate(NAMES)}).to_csv(path, index=False)
    return path


def of_names(frame, tmp_path, separator=";"):
    path = tmp_path / "tags.csv"
    tags = [f"{separator} ".join(np.array(NAMES)[row.astype(bool)]) or "(none)" for row in Y]
    frame.assign(tags=tags).to_csv(path, index=False)
    return path


# From files


def test_columns_of_zeros_and_ones_are_read(frame, tmp_path):
    path = of_columns(frame, tmp_path)
    for found in (
        load_table(path, [*NAMES]),
        load_table(path, "happy, calm,sad"),
        load_dataset(path, target=[*NAMES]),
    ):
        assert found.classes == NAMES and found.y.dtype.kind == "i" and (found.y == Y).all()
        assert found.feature_names == ("a", "b", "c", "d") and "3 labels a row" in repr(found)
    n_none = int((Y.sum(axis=1) == 0).sum())
    assert n_none and f"no label applies to {n_none} of 90 rows" in found.notes[-1]
    truths = load_table(of_columns(frame, tmp_path, Y.astype(bool)), [*NAMES])
    assert (truths.y == Y).all()


def test_a_column_that_has_commas_in_its_name_comes_first(frame, tmp_path):
    frame.assign(**{"happy,calm": Y[:, 0], "happy": 1, "calm": 0}).to_csv(tmp_path / "a.csv", index=False)
    assert load_table(tmp_path / "a.csv", "happy,calm").classes == ("0", "1")


def test_names_with_separators_between_them_are_read(frame, tmp_path):
    for separator in (";", "|"):
        found = load_table(of_names(frame, tmp_path, separator), "tags", label_separator=separator)
        assert found.classes == ("calm", "happy", "sad")
        assert (found.y == Y[:, [1, 0, 2]]).all()
    assert load_dataset(f"{of_names(frame, tmp_path)}?label_separator=;&target=tags").y.shape == (90, 3)
    assert load_table(tmp_path / "tags.csv", "tags").y.ndim == 1  # nothing is guessed


def test_rows_without_labels_are_kept_apart(frame, tmp_path):
    partly = Y.astype(float)
    partly[:7] = np.nan
    found = load_table(of_columns(frame, tmp_path, partly), [*NAMES])
    assert found.n_unlabeled == 7 and (found.y == Y[7:]).all()
    frame.assign(tags=["", *["happy;sad", "calm"] * 44, "-"]).to_csv(tmp_path / "t.csv", index=False)
    found = load_table(tmp_path / "t.csv", "tags", label_separator=";", missing_label="-")
    assert found.n_unlabeled == 2 and found.y.sum(axis=0).tolist() == [44, 44, 44]
    partly[9, 1] = np.nan
    with pytest.raises(ValueError, match="labelled or not as a whole, got 1 rows labelled in part, first row 9"):
        load_table(of_columns(frame, tmp_path, partly), [*NAMES])


def test_arrays_and_archives_are_read(tmp_path):
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "Y.npy", Y.astype(np.uint8))
    found = load_array(tmp_path / "X.npy", "Y.npy")
    assert found.classes == ("label 0", "label 1", "label 2") and (found.y == Y).all()
    parts = {"X_train": X[:60], "y_train": Y[:60], "X_test": X[60:], "y_test": Y[60:]}
    for key in ("labels", "classes"):
        np.savez(tmp_path / "a.npz", **parts, **{key: NAMES})
        found = load_archive(tmp_path / "a.npz")
        assert found.classes == NAMES and (found.y == Y[:60]).all() and (found.y_test == Y[60:]).all()
    np.savez(tmp_path / "a.npz", **parts)
    assert load_archive(tmp_path / "a.npz").classes[0] == "label 0"
    np.savez(tmp_path / "a.npz", **parts, labels=NAMES[:2])
    with pytest.raises(ValueError, match="'labels' must name 3 labels, got 2 names"):
        load_archive(tmp_path / "a.npz")


BAD_FILES = {
    "another value": (
        lambda f: f.assign(happy=2),
        "happy,calm,sad",
        {},
        "got 2(.0)? in column 'happy', row 0 .90 rows",
    ),
    "text": (lambda f: f.assign(sad="no"), "happy,calm,sad", {}, "got 'no' in column 'sad', row 0"),
    "no such column": (lambda f: f, "happy,clam", {}, "no column 'clam'.*Did you mean calm"),
    "numbers": (lambda f: f, "happy,calm", {"numbers": True}, "several labels a row are no numbers to predict"),
    "both ways": (lambda f: f, "happy,calm", {"label_separator": ";"}, "label_separator is for one column"),
    "one name": (lambda f: f.assign(happy="x"), "happy", {"label_separator": ";"}, "names 1 label between ';'"),
    "no separator": (lambda f: f, "happy", {"label_separator": " "}, "label_separator must be a text such as ';'"),
    "no labels": (lambda f: f.assign(happy=None, sad=None), "happy,sad", {}, "none of 90 rows has a label"),
    "for nobody": (
        lambda f: f.assign(happy=0, sad=0),
        "happy,calm,sad",
        {},
        "the labels 'happy', 'sad' apply to none of the 90 labelled rows",
    ),
    "for all": (
        lambda f: f.assign(tags=["happy; calm", "happy"] * 45),
        "tags",
        {"label_separator": ";"},
        "the label 'happy' applies to all of the 90 labelled rows",
    ),
    "no features": (lambda f: f, "a,b,c,d,happy,calm,sad", {}, "90 rows and 0 columns besides"),
}


def test_labels_that_look_misspelt_or_joined_are_told(tmp_path):
    tags = ["happy;calm", "happy", "calm", "calm;happy", "hapy;calm", "happy", "Calm"]
    pd.DataFrame({"a": range(7), "tags": tags}).to_csv(tmp_path / "t.csv", index=False)
    *_, alike, misspelt = load_table(tmp_path / "t.csv", "tags", label_separator=";").notes
    assert "'Calm' and 'calm' differ by blanks or capital letters alone, and are 2 labels" in alike
    assert misspelt.endswith("the label 'hapy' applies to one row alone; is it 'happy', misspelt?")
    joined = load_table(tmp_path / "t.csv", "tags").notes[-1]
    assert "3 labels hold ';', such as 'happy;calm'" in joined and joined.endswith("t.csv?label_separator=;")
    pd.DataFrame({"a": range(4), "tags": ["x, y", "z", "u, v", "z"]}).to_csv(tmp_path / "t.csv", index=False)
    assert load_table(tmp_path / "t.csv", "tags").notes == ()  # parts that never come again are parts of names


@pytest.mark.parametrize("name", BAD_FILES)
def test_what_no_label_sets_can_be_made_of_is_refused(name, frame, tmp_path):
    change, target, options, message = BAD_FILES[name]
    table = frame.assign(**{label: Y[:, place] for place, label in enumerate(NAMES)})
    change(table).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(ValueError, match=message):
        load_table(tmp_path / "a.csv", target, **options)


# Metrics


def test_metrics_are_those_of_scikit_learn():
    model = OneVsRestClassifier(LogisticRegression()).fit(X[:30], Y[:30])
    found = make_metrics(["f1_micro", "hamming_loss", "subset_accuracy", "accuracy"], targets_of(Y))
    predicted = model.predict(X)
    assert found["hamming_loss"](model, X, Y) == pytest.approx(hamming_loss(Y, predicted))
    assert found["subset_accuracy"](model, X, Y) == found["accuracy"](model, X, Y) == accuracy_score(Y, predicted)
    assert list(make_metrics(None, targets_of(Y))) == ["f1_macro", "f1_micro", "hamming_loss", "subset_accuracy"]
    assert list(make_metrics("hamming_loss", targets_of(Y))) == ["neg_hamming_loss", "hamming_loss"]
    with pytest.raises(ValueError, match="no metric hamming_loss"):
        make_metrics(["accuracy", "hamming_loss"], targets_of([0, 1, 1]))
    with pytest.raises(ValueError, match="subset_accuracy is a metric that skal or scikit-learn has"):
        make_metrics({"subset_accuracy": lambda model, X, y: 0.0}, targets_of(Y))


# Models


def test_models_of_one_class_become_one_of_each_label():
    assert isinstance(for_several_labels(SVC()), OneVsRestClassifier)
    piped = for_several_labels(make_pipeline(StandardScaler(), SVC()))
    assert [type(step) for _, step in piped.steps] == [StandardScaler, OneVsRestClassifier]
    for model in (RandomForestClassifier(), MLPClassifier(), MultiOutputClassifier(SVC()), ClassifierChain(SVC())):
        assert for_several_labels(model) is model
    assert isinstance(for_several_labels(RandomForestClassifier(), own_ways=False), OneVsRestClassifier)


MODELS = {
    "by name": "logistic:C=0.5",
    "forest": RandomForestClassifier(5, random_state=0),
    "a model a label": MultiOutputClassifier(LogisticRegression()),
    "a chain": ClassifierChain(LogisticRegression()),
    "a net": MLPClassifier((8,), max_iter=50, learning_rate_init=0.1, random_state=0),
}


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("name", MODELS)
def test_a_comparison_takes_all_that_learn_several_labels(name):
    found = skal.compare(X, Y, MODELS[name], ["mmc"], class_names=NAMES, **SMALL)
    assert found.classes == [*NAMES] and found.scores["mmc"].shape == (2, 2)
    assert (found.metrics["hamming_loss"]["mmc"] < 0.5).all()


@pytest.mark.parametrize("name", ["logistic", "forest:n_estimators=5"])
def test_a_model_by_name_is_one_of_each_label_or_its_own(name):
    few = {**SMALL, "n_trials": 1}
    found = skal.compare(X, Y, name, [], **few)
    model = "OneVsRestClassifier" if name == "logistic" else "RandomForestClassifier"
    assert found.protocol["estimator"] == name
    mine = skal.compare(X, Y, for_several_labels(skal.study.make_estimator(name)), [], **few)
    assert model in mine.protocol["estimator"]
    np.testing.assert_array_equal(found.scores["random_sampling"], mine.scores["random_sampling"])


# To the report


def test_the_command_line_compares_on_a_file_of_ones_own(frame, tmp_path):
    data = ["--data", f"{of_names(frame, tmp_path)}?label_separator=;", "--target", "tags"]
    few = ["--strategy", "cvirs", "--n-initial", "10", "--n-instances", "5", "--n-rounds", "1", "--n-trials", "2"]
    found = CliRunner().invoke(app, ["compare", *data, *few, "--out", str(tmp_path / "out")])
    assert found.exit_code == 0, found.output
    assert "Mean f1_macro" in found.output and "no label applies to" in found.output
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Picks per label" in page and "happy" in page and "Hamming loss" in page and "lower is better" in page


def test_labels_of_what_was_asked_for_are_counted():
    found = skal.compare(X, Y, "logistic", ["max_margin_uncertainty"], class_names=NAMES, **SMALL)
    for trial, picks in enumerate(found.picks["max_margin_uncertainty"]):
        for number, rows in enumerate(picks):
            counted = found.picked_classes["max_margin_uncertainty"][trial][number]
            assert counted.tolist() == Y[rows].sum(axis=0).tolist()


# What is refused

REFUSED = {
    "a label nobody has": (np.c_[Y, np.zeros(90, int)], "got 1 that do not differ, first column 3"),
    "a label all have": (np.c_[Y, np.ones(90, int)], "got 1 that do not differ, first column 3"),
    "one column": (Y[:, :1], r"shape \(90, 1\). Pass y.ravel\(\)"),
    "fractions": (Y + 0.5, "a 0 or 1 for each of several labels"),
    "counts": (Y * 3, "a 0 or 1 for each of several labels"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_study_of_label_sets_is_refused(name):
    y, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        skal.compare(X, y, "logistic", ["cvirs"], **SMALL)


def test_rows_without_any_label_take_part():
    assert (Y.sum(axis=1) == 0).any()
    found = skal.compare(X, Y, "logistic", ["cvirs"], test=(X, Y), **{**SMALL, "n_initial": 90, "n_rounds": 0})
    assert {len(rows) for rows in found.picks["cvirs"][0]} == {90}
