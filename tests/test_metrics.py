"""Metrics: by name, of one class, of one's own, several at once."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    fbeta_score,
    get_scorer,
    make_scorer,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.svm import SVC, LinearSVC
from typer.testing import CliRunner

import skal
from skal import cli
from skal.metrics import describe_scorers, make_metrics, measure, measured_model, metric_in_words
from skal.report import write_report
from skal.targets import targets_of

rng = np.random.default_rng(1)
X = rng.normal(size=(300, 3))
RARE = X[:, 0] + 0.5 * rng.normal(size=300) > 1.2
THREE = np.array(["ash", "birch", "cedar"])[np.digitize(X[:, 0] + 0.5 * rng.normal(size=300), [-0.5, 0.7])]
ONE_CLASS = ["f1", "precision", "recall", "jaccard", "average_precision"]
SMALL = {"n_initial": 30, "n_instances": 10, "n_rounds": 1, "n_trials": 2, "initial": "stratified"}


@pytest.mark.parametrize("words", [("fraud", "ok"), ("ok", "yfraud")])
def test_the_positive_class_is_the_one_that_is_named_and_not_the_last_of_the_alphabet(words):
    """The same rows by other words give the same numbers."""
    rare = next(word for word in words if "fraud" in word)
    y = np.where(RARE, rare, "ok")
    model = LogisticRegression().fit(X[:150], y[:150])
    metrics = make_metrics([*ONE_CLASS, "roc_auc", "neg_brier_score"], targets_of(y), positive=rare)
    assert list(metrics) == [f"{name}:{rare}" for name in ONE_CLASS] + ["roc_auc", "neg_brier_score"]
    found = measure(metrics, measured_model(model, targets_of(y)), X[150:], y[150:])
    truth, said = RARE[150:], model.predict(X[150:]) == rare
    P = model.predict_proba(X[150:])[:, list(model.classes_).index(rare)]
    assert found[f"f1:{rare}"] == pytest.approx(f1_score(truth, said)) and 0.2 < found[f"f1:{rare}"] < 0.95
    assert found[f"precision:{rare}"] == pytest.approx(precision_score(truth, said))
    assert found[f"recall:{rare}"] == pytest.approx(recall_score(truth, said))
    assert found[f"average_precision:{rare}"] == pytest.approx(average_precision_score(truth, P))
    assert found["roc_auc"] == pytest.approx(roc_auc_score(truth, P))
    assert found["neg_brier_score"] == pytest.approx(-brier_score_loss(truth, P))


@pytest.mark.parametrize("model", [LogisticRegression(), LinearSVC(), SVC(), SVC(decision_function_shape="ovo")])
@pytest.mark.parametrize("classes", [2, 3])
def test_decision_values_and_probabilities_are_those_of_the_class(model, classes):
    y = THREE if classes == 3 else np.where(THREE == "birch", "birch", "other")
    if classes == 3 and getattr(model, "decision_function_shape", "") == "ovo":
        pytest.skip("one against one has no column for a class")
    model = model.fit(X[:150], y[:150])
    metrics = make_metrics(["recall:birch", "average_precision:birch", "roc_auc:birch"], targets_of(y))
    found = measure(metrics, model, X[150:], y[150:])
    truth, column = y[150:] == "birch", list(model.classes_).index("birch")
    scores = model.decision_function(X[150:]) if hasattr(model, "decision_function") else None
    scores = scores[:, column] if scores.ndim == 2 else scores * (1 if column else -1)
    assert found["average_precision:birch"] == pytest.approx(average_precision_score(truth, scores), abs=1e-6) or (
        hasattr(model, "predict_proba")
    )
    assert found["roc_auc:birch"] > 0.3 and found["recall:birch"] == pytest.approx(
        recall_score(truth, model.predict(X[150:]) == "birch")
    )


def test_of_three_classes_one_is_against_the_others():
    model = LogisticRegression().fit(X[:150], THREE[:150])
    found = measure(make_metrics("f1", targets_of(THREE), positive="birch"), model, X[150:], THREE[150:])
    expected = f1_score(THREE[150:], model.predict(X[150:]), labels=["birch"], average="macro")
    assert found == {"f1:birch": pytest.approx(expected)}


def test_a_class_that_the_model_has_not_seen_is_never_predicted():
    model = LogisticRegression().fit(X[THREE != "cedar"], THREE[THREE != "cedar"])
    targets = targets_of(THREE)
    found = measure(
        make_metrics(["recall:cedar", "average_precision:cedar"], targets), measured_model(model, targets), X, THREE
    )
    assert found == {"recall:cedar": 0.0, "average_precision:cedar": pytest.approx((THREE == "cedar").mean())}


@pytest.mark.parametrize("y", [RARE, RARE.astype(int), np.where(RARE, 1, -1), RARE.astype(float)])
def test_labels_0_and_1_say_which_class_counts(y):
    model = LogisticRegression().fit(X, y)
    metrics = make_metrics(ONE_CLASS, targets_of(y))
    assert list(metrics) == ONE_CLASS
    assert measure(metrics, model, X, y)["f1"] == pytest.approx(f1_score(RARE, model.predict(X) == 1))
    other = make_metrics("f1", targets_of(y), positive=y[~RARE][0])
    assert next(iter(other.values()))(model, X, y) == pytest.approx(f1_score(~RARE, model.predict(X) != 1))


@pytest.mark.parametrize("y", [RARE, RARE.astype(int), np.where(RARE, 1, -1), RARE.astype(float)])
def test_a_metric_of_class_1_has_one_name_whether_the_class_is_said_or_not(y):
    targets = targets_of(y)
    one = y[RARE][0]
    names = [*ONE_CLASS, "roc_auc", "neg_brier_score"]
    assert list(make_metrics(names, targets, positive=one)) == names
    assert list(make_metrics([f"{name}:{targets.names[1]}" for name in names], targets)) == names
    model = LogisticRegression().fit(X, y)
    said, unsaid = (measure(make_metrics(names, targets, positive=who), model, X, y) for who in (one, None))
    assert said == unsaid
    with pytest.raises(ValueError, match="Each metric once, got f1, f1"):
        make_metrics(["f1", f"f1:{targets.names[1]}"], targets)
    (other,) = make_metrics("f1", targets, positive=y[~RARE][0])
    assert other == f"f1:{targets.names[0]}"


def test_a_study_stores_f1_of_class_1_once(tmp_path):
    for positive in ("1", 1, None):
        more = {**SMALL, "scoring": ["f1"], "positive": positive, "out": tmp_path}
        found = skal.compare(X, RARE.astype(int), LogisticRegression(), ["margin_sampling"], **more)
        assert list(found.metrics) == ["f1"] and found.metric_in_words == "f1 of class 1"


def test_ece_first_is_compared_by_its_negative():
    metrics = make_metrics("ece", TEXTS)
    assert list(metrics) == ["neg_ece", "ece"]
    model = DummyClassifier(strategy="prior").fit(np.zeros((10, 1)), TEXTS.y)
    values = measure(metrics, model, np.zeros((3, 1)), TEXTS.y[[0, 0, 0]])
    assert values["neg_ece"] == -values["ece"] < 0


def test_names_come_before_labels():
    """A table's labels are positions to a study: its class "1" may be the position 0; an int is a label."""
    y = np.array([0, 1, 1, 0])
    targets = targets_of(y, names=["1", "2"])
    model = DummyClassifier(strategy="constant", constant=0).fit(np.zeros((4, 1)), y)
    for said, value in (("1", 1.0), (2, 0.0), (1, 0.0), (np.int64(1), 0.0), (0, 1.0)):
        (metric,) = make_metrics("recall", targets, positive=said).values()
        assert metric(model, np.zeros((4, 1)), y) == value  # 1.0: of position 0
    settings = {"n_initial": 20, "n_rounds": 1, "n_trials": 2, "scoring": "recall", "class_names": ["1", "0"]}
    for said, name in ((1, "recall:0"), ("1", "recall:1")):
        found = skal.compare(X, RARE.astype(int), LogisticRegression(), [], positive=said, **settings)
        assert list(found.metrics) == [name]
    with pytest.raises(ValueError, match="recall is of one class, and the classes are 1, 2"):
        make_metrics("recall", targets)


TEXTS = targets_of(np.array(["fraud", "ok"] * 5))
CODED = targets_of(np.array([0, 1, 2, 1]), names=["ant", "bee", "cat"])
REFUSED = {
    "numbers of codes": (
        lambda: make_metrics("r2", CODED),
        "compare: r2 is of numbers to predict, and y holds classes with names, ant, bee, cat.*such as accuracy",
    ),
    "numbers of codes, second": (
        lambda: make_metrics(["accuracy", "neg_mean_squared_error"], CODED),
        "neg_mean_squared_error is of numbers to predict",
    ),
    "nobody says which": (
        lambda: make_metrics("f1", TEXTS),
        "f1 is of one class, and the classes are fraud, ok. Say which one counts: positive='fraud'.*--positive "
        "fraud.*'f1:fraud'.*f1_macro",
    ),
    "nobody says which, average_precision": (
        lambda: make_metrics("average_precision", TEXTS),
        "average_precision is of one class.*positive=",
    ),
    "nobody says which of 1 and 2": (lambda: make_metrics("recall", targets_of([1, 2, 2])), "classes are 1, 2"),
    "no such class": (lambda: make_metrics("f1", TEXTS, "Fraud"), "f1 of 'Fraud': there is no such class.*fraud, ok"),
    "nothing reads it": (
        lambda: make_metrics("accuracy", TEXTS, "fraud"),
        "='fraud' is the class.*accuracy is",
    ),
    "a class of numbers": (lambda: make_metrics("r2", targets_of([0.5, 1.0]), 1), "positive=1 is a class.*numbers"),
    "not of one class": (
        lambda: make_metrics("accuracy:fraud", TEXTS),
        "accuracy is not of one class.*f1, ",
    ),
    "unknown": (
        lambda: make_metrics("acuracy", TEXTS),
        "no metric acuracy: scikit-learn's scorers and 'ece' are",
    ),
    "of numbers": (lambda: make_metrics("r2", TEXTS), "r2 cannot measure classes such as these.*default is accuracy"),
    "of classes": (lambda: make_metrics("accuracy", targets_of([0.5, 1.0])), "accuracy cannot measure numbers"),
    "of three": (lambda: make_metrics("roc_auc", targets_of(THREE)), "roc_auc cannot measure classes.*multi_class"),
    "ece of numbers": (lambda: make_metrics(["r2", "ece"], targets_of([0.5, 1.0])), "no metric ece"),
    "twice": (lambda: make_metrics(["f1:ok", "f1:ok"], TEXTS), "Each metric once"),
    "one scorer twice": (
        lambda: make_metrics([make_scorer(fbeta_score, beta=b, pos_label="ok") for b in (1, 2)], TEXTS),
        "Each metric once, got fbeta_score, fbeta_score. .*pass a dict",
    ),
    "none": (lambda: make_metrics([], TEXTS), "At least one metric"),
    "a name that is taken": (lambda: make_metrics({"f1": measure}, TEXTS), "f1 is a metric that.*my_f1"),
    "a name for a name": (lambda: make_metrics({"mine": "accuracy"}, TEXTS), "'accuracy' has a name of its own"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_metrics_that_would_mislead_are_refused(case):
    door, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        door()


def profit(model, X, y):
    """Ten for a fraud that is found, minus one for every alarm."""
    alarms = model.predict(X) == "fraud"
    return 10.0 * (alarms & (np.asarray(y) == "fraud")).sum() - alarms.sum()


def test_scorers_of_ones_own_several_at_once_in_their_order():
    y = np.where(RARE, "fraud", "ok")
    f2 = make_scorer(fbeta_score, beta=2, pos_label="fraud")
    metrics = make_metrics([profit, "f1:fraud", f2], targets_of(y))
    assert list(metrics) == ["profit", "f1:fraud", "fbeta_score"]
    assert list(make_metrics({"f2": f2, "accuracy": "accuracy"}, targets_of(y))) == ["f2", "accuracy"]
    model = LogisticRegression().fit(X, y)
    found = measure(metrics, model, X, y)
    assert found["profit"] == profit(model, X, y) and found["fbeta_score"] == f2(model, X, y)
    assert describe_scorers({"f2": f2, "profit": profit, "accuracy": "accuracy"}) == {
        "f2": {
            "function": "sklearn.metrics._classification.fbeta_score",
            "scorer": "make_scorer(fbeta_score, response_method='predict', beta=2, pos_label=fraud)",
        },
        "profit": {"function": f"{__name__}.profit"},
    }
    with pytest.raises(TypeError, match="metric pairs must give one number, got"):
        measure({"pairs": lambda model, X, y: {"a": 1}}, model, X, y)


def test_a_study_measures_by_scorers_of_ones_own_writes_them_down_and_grows_by_one(tmp_path):
    y = np.where(RARE, "fraud", "ok")
    settings = {**SMALL, "out": tmp_path, "positive": "fraud"}
    model = LogisticRegression(max_iter=500)
    found = skal.compare(X, y, model, ["margin_sampling"], scoring=["f1", profit], n_jobs=2, **settings)
    assert list(found.metrics) == ["f1:fraud", "profit"]
    assert list(found.protocol["scorers"]) == ["profit"]
    grown = skal.compare(
        X, y, model, ["margin_sampling"], scoring=["f1", profit, make_scorer(fbeta_score, beta=2, pos_label="ok")],
        **settings,
    )  # fmt: skip
    assert list(grown.metrics) == ["f1:fraud", "profit", "fbeta_score"]
    assert np.array_equal(grown.metrics["profit"]["margin_sampling"], found.metrics["profit"]["margin_sampling"])
    rows = np.concatenate(found.picks["margin_sampling"][0])
    assert len(rows) == 40 and (found.metrics["profit"]["margin_sampling"] != 0).any()
    write_report(grown, tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text()
    assert "f1 of fraud" in page and "f1:fraud" in page  # in sentences, and in the protocol
    assert skal.study.load_comparison(tmp_path).metrics.keys() == grown.metrics.keys()


def test_metrics_in_sentences_name_their_class():
    assert [metric_in_words(name) for name in ("f1:fraud", "average_precision:a:b", "iou:road", "miou", "f1")] == [
        "f1 of fraud",
        "average_precision of a:b",
        "IoU of road",
        "mean IoU",
        "f1 of class 1",
    ]
    assert metric_in_words("accuracy") == "accuracy" and metric_in_words("my:own") == "my:own"


def test_metrics_without_a_class_are_scikit_learns():
    metrics = make_metrics(["balanced_accuracy", "neg_log_loss", "roc_auc_ovr", "f1_macro"], targets_of(THREE))
    model = LogisticRegression().fit(X, THREE)
    for name, value in measure(metrics, model, X, THREE).items():
        assert value == pytest.approx(get_scorer(name)(model, X, THREE))


@pytest.mark.parametrize("words", [("fraud", "ok"), ("ok", "yfraud")])
def test_on_the_command_line_the_class_is_named_in_tables_reports_and_protocols(words, tmp_path):
    """The words of a table are the names that the option takes, though the study knows their positions alone."""
    rare = next(word for word in words if "fraud" in word)
    table = pd.DataFrame(X, columns=list("abc")).assign(status=np.where(RARE, rare, "ok"))
    table.to_csv(tmp_path / "claims.csv", index=False)
    data = ["compare", "--data", str(tmp_path / "claims.csv"), "--target", "status", "--strategy", "margin_sampling"]
    sizes = ["--n-initial", "60", "--n-instances", "20", "--n-rounds", "1", "--n-trials", "2"]
    settings = [*data, *sizes, "--initial", "stratified"]

    def run(*arguments):
        return CliRunner().invoke(cli.app, [*settings, *arguments])

    refused = run("--metric", "f1", "--out", str(tmp_path / "refused"))
    assert refused.exit_code != 0 and "Say which one counts" in " ".join(refused.output.split())
    out = tmp_path / "out"
    done = run("--metric", "f1", "--metric", "recall", "--positive", rare, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert f"Mean f1 of {rare} (%)" in done.output and f"f1 of {rare}" in (out / "report.html").read_text()
    found = skal.study.load_comparison(out)
    assert list(found.metrics) == [f"f1:{rare}", f"recall:{rare}"] and found.classes == sorted(["ok", rare])
    picked = np.concatenate(found.picks["margin_sampling"][0])
    assert (table["status"].iloc[picked] == rare).sum() == (
        found.picked_classes["margin_sampling"][0].sum(axis=0)[found.classes.index(rare)]
    )
    again = CliRunner().invoke(cli.app, [*settings, "--metric", f"f1:{rare}", "--out", str(tmp_path / "again")])
    assert again.exit_code == 0, again.output  # by the name of the metric alone
    same = skal.study.load_comparison(tmp_path / "again").scores["margin_sampling"]
    assert np.array_equal(same, found.scores["margin_sampling"])
