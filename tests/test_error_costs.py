"""Costs of errors: a checked matrix, scores and strategies by hand, classes as points, and comparisons by cost."""

import functools
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor

from skal import compare
from skal.error_costs import ErrorCosts
from skal.metrics import make_metrics
from skal.outputs import InvalidOutput
from skal.query import (
    cost_embedding_sampling,
    cost_margin_sampling,
    expected_cost_sampling,
    margin_sampling,
    pool_scores,
    subsample,
    uncertainty_sampling,
)
from skal.scores import cost_embedding, cost_margin, least_confident, least_expected_cost, margin
from skal.study import StudyError
from skal.targets import targets_of

FRAUD = ErrorCosts([[0, 1], [50, 0]], classes=["ok", "fraud"])
UNLIKE = np.array([[0.0, 1.0, 4.0], [2.0, 0.0, 1.0], [8.0, 3.0, 0.0]])

# --- The matrix.


def test_costs_are_of_classes_in_whatever_order():
    assert FRAUD.of(["fraud", "ok"]).tolist() == [[0, 50], [1, 0]]
    three = ErrorCosts(UNLIKE, ["a", "b", "c"])
    assert three.of(["c", "a"]).tolist() == [[0, 8], [4, 0]]
    assert ErrorCosts(UNLIKE).of([5, 6, 7]).tolist() == UNLIKE.tolist()
    assert pickle.loads(pickle.dumps(three)).of(["a", "b", "c"]).tolist() == UNLIKE.tolist()
    with pytest.raises(ValueError, match="read-only"):
        three.matrix[0, 1] = 3.0


@pytest.mark.parametrize(
    "source",
    [
        UNLIKE[::-1, ::-1].tolist(),
        pd.DataFrame(UNLIKE, index=list("abc"), columns=list("abc"))[list("cab")],
        {"c": {"a": 8, "b": 3}, "a": {"b": 1, "c": 4}, "b": {"a": 2.0, "c": 1}},
        "answers,b,a,c\nc,3,8,0\na, 1,0 ,4\n\nb,0,2,1\n",
        "answers, true;b;a;c\nc;3,0;8;0\na;1;0;4,00\nb;0;2;1\n",
        json.loads(json.dumps(ErrorCosts(UNLIKE, ["a", "b", "c"]).described())),
    ],
    ids=["list", "frame", "dict", "file", "semicolons", "plain data"],
)
def test_costs_are_read_from_whatever_holds_them(source, tmp_path):
    if isinstance(source, str):
        (tmp_path / "costs.csv").write_text(source)
        source = tmp_path / "costs.csv"
    found = ErrorCosts.read(source)
    assert found.of(["c", "b", "a"]).tolist() == UNLIKE[::-1, ::-1].tolist()
    assert ErrorCosts.read(found) is found


def test_weights_of_classes_are_costs_of_any_error_where_they_are_true(tmp_path):
    (tmp_path / "weights.csv").write_text("class,weight\nok,1\nfraud,50\n")
    for source in ({"ok": 1, "fraud": 50}, tmp_path / "weights.csv"):
        assert ErrorCosts.read(source).of(["ok", "fraud"]).tolist() == FRAUD.matrix.tolist()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([[0, 1, 2], [1, 0, 2]], r"must be square.*got shape \(2, 3\)"),
        ([[0, -1], [1, 0]], "must be at least 0, got -1 for the answer 1 where 0 is true"),
        ([[0, 0], [0, 0]], "some error must cost something, got 0 for every answer among 0, 1"),
        ({"ok": 0, "fraud": 0}, "some error must cost something.*among ok, fraud"),
        ([[0, np.nan], [1, 0]], "must be finite, got nan"),
        ([[2, 1], [1, 0]], "right answers must be 0, got 2 for 0. If right answers do cost.*subtract"),
        ([["a", 1], [1, 0]], "must be numbers"),
        ({"a": {"b": 1}, "b": 3}, "not both, got 3 for 'b'"),
        ({"a": {"c": 1}, "b": {}}, "'c' is an answer where 'a' is true, and no class"),
        (pd.DataFrame(np.zeros((2, 2)), index=["a", "b"], columns=["a", "c"]), "same classes as rows and as columns"),
        ("x,a,b\na,0,1\n", "rows a and columns a, b"),
        ("x,a,b\na,0\nb,1,0\n", "row 2: 3 cells are needed, got 2"),
        ("x,a,b\na,0,one\nb,1,0\n", r"row 2 \(a\): a cost must be a number, got 'one'"),
        ("x\na\n", "must have a first row"),
        ("no such file", "cannot be read: No such file"),
    ],
)
def test_what_is_no_matrix_of_costs_is_refused_in_words(source, message, tmp_path):
    if isinstance(source, str):
        path = tmp_path / "costs.csv"
        if "\n" in source:
            path.write_text(source)
        source = path
    with pytest.raises(ValueError, match=message):
        ErrorCosts.read(source)


def test_names_that_do_not_fit_are_refused_in_words():
    with pytest.raises(ValueError, match="name all 3 rows, got 2"):
        ErrorCosts(UNLIKE, ["a", "b"])
    with pytest.raises(ValueError, match="each class once, got 'a' twice"):
        ErrorCosts(UNLIKE, ["a", "b", "a"])
    with pytest.raises(ValueError, match="no costs for the class 'wrong': they are of ok, fraud"):
        FRAUD.of(["ok", "wrong"])
    with pytest.raises(ValueError, match=r"3 classes without names, and there are 2 here: 0, 1.*classes="):
        ErrorCosts(UNLIKE).of([0, 1])


# --- Scores.


def test_expected_costs_by_hand():
    P = [[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [0.0, 0.0, 1.0]]
    # Expected costs of the three answers: (1, 0.5, 2.5), (4.6, 1.7, 1.1), (8, 3, 0).
    np.testing.assert_allclose(least_expected_cost(P, UNLIKE), [0.5, 1.1, 0.0])
    np.testing.assert_allclose(cost_margin(P, UNLIKE), [8 - 0.5, 8 - 0.6, 8 - 3.0])
    images = np.stack([np.transpose(P), np.transpose(P[::-1])])  # (2 images, classes, 3 pixels)
    np.testing.assert_allclose(cost_margin(images, UNLIKE, reduction="max"), [7.5, 7.5])
    np.testing.assert_allclose(least_expected_cost(images, UNLIKE), [1.6 / 3, 1.6 / 3])


def test_equal_costs_give_the_scores_without_costs():
    P = np.random.default_rng(0).dirichlet(np.full(4, 0.5), 2000)
    np.testing.assert_allclose(least_expected_cost(P, 1 - np.eye(4)), least_confident(P), atol=1e-12)
    np.testing.assert_allclose(cost_margin(P, 1 - np.eye(4)), margin(P), atol=1e-12)
    assert least_expected_cost(P.astype(np.float32), 1 - np.eye(4)).dtype == np.float32
    assert cost_margin([[1.0]], [[0.0]]).tolist() == least_expected_cost([[1.0]], [[0.0]]).tolist() == [0.0]


@pytest.mark.parametrize("score", [least_expected_cost, cost_margin])
def test_costs_of_another_shape_or_sign_are_refused(score):
    with pytest.raises(ValueError, match=r"costs must have shape \(2, 2\).*got \(3, 3\)"):
        score([[0.5, 0.5]], UNLIKE)
    with pytest.raises(ValueError, match="finite and at least 0"):
        score([[0.5, 0.5]], [[0, -1], [1, 0]])


# --- Classes as points.


def test_points_of_classes_whose_costs_are_distances_are_found():
    """Costs that are distances between truths and answers in a plane come out exactly, up to a motion."""
    rng = np.random.default_rng(1)
    places = rng.normal(size=(5, 2))
    costs = cdist(places, places)
    truths, answers = cost_embedding(costs, n_components=2, metric=True)
    np.testing.assert_allclose(cdist(truths, answers), costs, atol=0.02)
    np.testing.assert_allclose(cost_embedding(3 * costs, n_components=2, metric=True)[0], 3 * truths, atol=1e-6)


def test_distances_are_ordered_as_the_costs_where_they_need_not_be_equal():
    costs = np.array([[0.0, 1.0, 100.0], [2.0, 0.0, 50.0], [90.0, 60.0, 0.0]])
    truths, answers = cost_embedding(costs)
    distances = cdist(truths, answers)
    off = ~np.eye(3, dtype=bool)
    assert (np.diff(distances[off][np.argsort(costs[off])]) > -0.05 * costs.max()).all()
    assert distances.diagonal().max() < 0.1 * distances[off].max()
    equal = cdist(*cost_embedding(1 - np.eye(4)))  # all errors alike: a simplex
    np.testing.assert_allclose(equal, 1 - np.eye(4), atol=0.01)
    assert np.abs(cost_embedding(np.zeros((2, 2)))).max() == 0.0
    with pytest.raises(ValueError, match=r"shape \(C, C\)"):
        cost_embedding([[0.0, 1.0]])


# --- Strategies.

X, Y = load_wine(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NAMES = np.array(["a", "b", "c"])[Y]
KNOWN = np.arange(0, 178, 9)
MODEL = GaussianNB().fit(X[KNOWN], NAMES[KNOWN])
GIVEN = {"X_labeled": X[KNOWN], "y_labeled": NAMES[KNOWN]}
COSTS = {"c": {"a": 8, "b": 3}, "a": {"b": 1, "c": 4}, "b": {"a": 2, "c": 1}}


def test_strategies_take_the_costs_in_the_order_of_the_models_classes():
    P = MODEL.predict_proba(X)
    for strategy, score in ((expected_cost_sampling, least_expected_cost), (cost_margin_sampling, cost_margin)):
        np.testing.assert_array_equal(pool_scores(strategy, MODEL, X, costs=COSTS), score(P, UNLIKE))
    for strategy, plain in ((expected_cost_sampling, uncertainty_sampling), (cost_margin_sampling, margin_sampling)):
        np.testing.assert_allclose(pool_scores(strategy, MODEL, X), pool_scores(plain, MODEL, X), atol=1e-12)
    with pytest.raises(InvalidOutput, match="expected_cost_sampling: There are no costs for the class 'c'"):
        expected_cost_sampling(MODEL, X, costs={"a": 1, "b": 2})


def test_the_cost_embedding_scores_the_distance_from_the_nearest_answer():
    truths, answers = cost_embedding(UNLIKE)
    places = truths[Y[KNOWN]]
    near = KNeighborsRegressor(1).fit(X[KNOWN], places)  # the place of the nearest labelled row
    expected = cdist(near.predict(X), answers).min(axis=1)
    found = pool_scores(cost_embedding_sampling, MODEL, X, costs=COSTS, regressor=KNeighborsRegressor(1), **GIVEN)
    np.testing.assert_allclose(found, expected)
    gamma = 1.0 / np.vstack([X, X[KNOWN]]).var(axis=0).sum()
    K = np.exp(-gamma * cdist(X, X[KNOWN], "sqeuclidean"))
    ridge = K @ np.linalg.solve(K[KNOWN] + np.eye(len(KNOWN)), places)
    found = pool_scores(cost_embedding_sampling, MODEL, X, costs=COSTS, **GIVEN)
    np.testing.assert_allclose(found, cdist(ridge, answers).min(axis=1), rtol=1e-8)


# --- Comparisons.


def test_metrics_of_costs_by_hand():
    metrics = make_metrics(
        ["neg_mean_cost", "neg_mean_cost_decided"], targets_of(NAMES, MODEL), costs=ErrorCosts.read(COSTS)
    )
    weak = GaussianNB().fit(X[:, :2], NAMES)  # unsure, so that what is likeliest is not always cheapest
    predicted, P = weak.predict(X[:, :2]), weak.predict_proba(X[:, :2])
    place = {"a": 0, "b": 1, "c": 2}
    by_hand = np.mean([UNLIKE[place[t], place[p]] for t, p in zip(NAMES, predicted, strict=True)])
    decided = np.mean([UNLIKE[Y[i], (P[i] @ UNLIKE).argmin()] for i in range(len(X))])
    assert decided < by_hand
    assert metrics["neg_mean_cost"](weak, X[:, :2], NAMES) == pytest.approx(-by_hand)
    assert metrics["neg_mean_cost_decided"](weak, X[:, :2], NAMES) == pytest.approx(-decided)
    weights = make_metrics(["neg_mean_cost"], targets_of(NAMES, MODEL), costs={"a": 1, "b": 2, "c": 4})
    wrong = (predicted != NAMES) * np.array([1, 2, 4])[Y]
    assert weights["neg_mean_cost"](weak, X[:, :2], NAMES) == pytest.approx(-wrong.mean())


SMALL = {"n_initial": 9, "n_instances": 4, "n_rounds": 2, "n_trials": 2, "random_state": 0}


def rows_of(found, name):
    """What was asked for in all trials and rounds."""
    return [[rows.tolist() for rows in trial] for trial in found.picks[name]]


def test_a_comparison_by_costs_measures_them_first_and_gives_them_to_strategies(tmp_path):
    costs = ErrorCosts.read(COSTS)
    strategies = {"with": cost_margin_sampling, "wrapped": subsample(cost_margin_sampling, 40)}
    named = {"class_names": ["a", "b", "c"], "out": tmp_path, **SMALL}
    found = compare(X, Y, GaussianNB(), strategies, costs=costs, **named)
    assert list(found.metrics) == ["neg_mean_cost_decided", "neg_mean_cost", "accuracy"]
    assert found.protocol["costs"] == costs.described()
    by_label = ErrorCosts(UNLIKE, [0, 1, 2])
    told = {"with": functools.partial(cost_margin_sampling, costs=by_label)}
    told["wrapped"] = subsample(functools.partial(cost_margin_sampling, costs=by_label), 40)
    plain = compare(X, Y, GaussianNB(), told, **SMALL)
    for name in strategies:
        assert rows_of(found, name) == rows_of(plain, name)
    unlike = compare(X, Y, GaussianNB(), [cost_margin_sampling], **SMALL)
    assert rows_of(unlike, "cost_margin_sampling") != rows_of(found, "with")
    with pytest.raises(StudyError, match="differs in costs"):  # other costs are another study
        compare(X, Y, GaussianNB(), strategies, costs={"a": 1, "b": 1, "c": 9}, **named)


def test_a_model_without_probabilities_is_measured_by_what_it_predicts():
    found = compare(X, Y, RidgeClassifier(), [], costs=UNLIKE, **SMALL)
    assert list(found.metrics) == ["neg_mean_cost", "accuracy"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scoring": "neg_mean_cost"}, "neg_mean_cost needs to know what errors cost"),
        ({"costs": [[0, 1], [1, 0]]}, "2 classes without names, and there are 3"),
        ({"costs": {"x": 1, "y": 2, "z": 3}, "scoring": "accuracy"}, "no costs for the class '0'"),
        ({"costs": [[0, 1], [1, 2]]}, "right answers must be 0"),
        ({"costs": "no/such.csv"}, "no/such.csv cannot be read"),
    ],
)
def test_costs_that_do_not_fit_the_data_are_refused_before_any_work(settings, message):
    with pytest.raises(ValueError, match=message):
        compare(X, Y, LogisticRegression(), [], **{**SMALL, **settings})


def test_costs_of_numbers_to_predict_are_refused():
    with pytest.raises(ValueError, match="costs are of pairs of classes"):
        compare(X, X[:, 0], Ridge(), [], costs=UNLIKE, **SMALL)
