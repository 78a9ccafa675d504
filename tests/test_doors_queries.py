"""Faults at the door of a query: options out of range, forms of picks, models without probabilities, magnitudes."""

import inspect
import re
import warnings
from functools import partial

import numpy as np
import pytest
from made_learners import X0, X_pool, y0
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_blobs
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC

from skal import ActiveLearner, ActiveLearningClassifier, Committee, compare, selection
from skal.outputs import InvalidOutput, MissingOutput
from skal.query import (
    adversarial_deepfool,
    auto_sampling,
    badge,
    clue,
    cluster_margin,
    contrastive_active_learning,
    core_set,
    discriminative_active_learning,
    entropy_sampling,
    facility_location,
    info,
    information_density_sampling,
    kmeans_sampling,
    margin_sampling,
    max_herding,
    medal,
    min_confidence,
    pool_scores,
    prob_cover,
    query_strategy,
    score_strategy,
    select,
    strategies,
    subsample,
    typiclust,
    uncertainty_batch_sampling,
    uncertainty_sampling,
    vote_entropy_sampling,
)
from skal.query.ranges import FINITE, above, at_least, between, one_of, whole

MODEL = LogisticRegression(max_iter=1000).fit(X0, y0)
DOOR = {"learner", "X_pool", "n_instances", "random_tie_break", "random_state"}


def numeric_options():
    for name, strategy in strategies().items():
        for option in inspect.signature(strategy).parameters.values():
            number = isinstance(option.default, (int, float)) and not isinstance(option.default, bool)
            says = re.sub(
                r"Callable\[\[.*?\], \w+\]", "", str(option.annotation)
            )  # what a function gives is no option
            if option.name not in DOOR and (number or any(word in says for word in ("int", "float"))):
                yield pytest.param(strategy, option, id=f"{name}-{option.name}")


@pytest.mark.parametrize(("strategy", "option"), list(numeric_options()))
def test_every_numeric_option_has_a_range_and_says_it(strategy, option):
    words = info(strategy).ranges[option.name]
    for bad in ("x", float("nan"), True, [1]):
        with pytest.raises(ValueError) as caught:
            strategy(MODEL, X_pool, **{option.name: bad})
        said = str(caught.value)
        assert f"{info(strategy).name}: {option.name} must be" in said and words in said and repr(bad) in said


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [
        (whole(), [1, 7, np.int64(2)], [0, -3, 1.5, 1.0, "x", None]),
        (whole(0), [0], [-1]),
        (at_least(1), [1, 2.5, np.float32(1)], [0.9, np.inf, np.nan]),
        (above(0), [1e-9, 3], [0, -1, np.inf]),
        (between(0, 1), [0, 1, 0.5], [-0.1, 1.1, np.nan]),
        (between(0, 1, open_end=True), [0, 0.99], [1]),
        (one_of(2, np.inf), [2, np.inf], [1, np.nan]),
        (FINITE, [-3, 0.5], [np.inf, np.nan, "1"]),
    ],
    ids=lambda value: getattr(value, "words", None),
)
def test_a_range_holds_its_numbers_and_no_others(range_, inside, outside):
    assert [range_.holds(value) for value in inside] == [True] * len(inside)
    assert [range_.holds(value) for value in outside] == [False] * len(outside)


def test_ranges_of_own_strategies():
    @score_strategy(ranges={"k": whole(2)})
    def first_rows(learner, X_pool, *, k=2):
        return -np.arange(len(X_pool)) / k

    assert first_rows(MODEL, X_pool, 2).tolist() == [0, 1]
    with pytest.raises(ValueError, match="first_rows: k must be an int >= 2, got 1"):
        first_rows(MODEL, X_pool, k=1)
    with pytest.raises(TypeError, match=r"ranges must be of its options \['k'\], got \['j'\]"):
        query_strategy(ranges={"j": whole()})(lambda learner, X_pool, n_instances, *, k=1: None)


# --- One index and its score.


@pytest.mark.parametrize("kind", [int, np.int64, np.uint8])
@pytest.mark.parametrize("score", [int, np.int64, float, np.float32])
@pytest.mark.parametrize("door", ["learner", "committee", "select"])
def test_an_index_and_its_score_are_one_pick(kind, score, door):
    def one(learner, X_pool):
        return kind(3), score(3)

    learner = ActiveLearner(MODEL, one)
    learner = Committee([learner], one) if door == "committee" else learner
    if door == "select":
        picks, scores = select(lambda learner, X_pool, n: (kind(3), score(3)), MODEL, X_pool)
    else:
        picks, _, scores = learner.query(X_pool, return_metrics=True)
    assert picks.tolist() == [3] and scores.tolist() == [3]


def test_two_ints_are_two_rows_where_two_were_asked_for():
    def two(learner, X_pool, n_instances=1):
        return 3, 7

    assert ActiveLearner(MODEL, two).query(X_pool, n_instances=2)[0].tolist() == [3, 7]
    assert ActiveLearner(MODEL, two).query(X_pool, 2)[0].tolist() == [3, 7]
    assert ActiveLearner(MODEL, partial(two, n_instances=2)).query(X_pool)[0].tolist() == [3, 7]


# --- CAL does what is asked.


def test_neighbours_of_cal_are_those_asked_for():
    X, y = make_blobs(80, centers=4, n_features=3, cluster_std=1.5, random_state=1)
    L = ActiveLearner(LogisticRegression(max_iter=1000), X_training=X[:16], y_training=y[:16])
    P, Q = L.predict_proba(X[16:]), L.predict_proba(X[:16])
    order = ((X[16:, None] - X[None, :16]) ** 2).sum(axis=2).argsort(axis=1)
    for k in (2, 10, 16):
        divergence = [np.mean([(Q[j] * np.log(Q[j] / P[i])).sum() for j in order[i, :k]]) for i in range(len(P))]
        found = pool_scores(contrastive_active_learning, L, X[16:], n_neighbors=k)
        np.testing.assert_allclose(found, divergence, atol=1e-6)
    with pytest.warns(UserWarning, match="n_neighbors=17 is more than the 16 labelled rows"):
        more = pool_scores(contrastive_active_learning, L, X[16:], n_neighbors=17)
    np.testing.assert_array_equal(more, pool_scores(contrastive_active_learning, L, X[16:], n_neighbors=16))
    default = pool_scores(contrastive_active_learning, L, X[16:])
    np.testing.assert_array_equal(default, pool_scores(contrastive_active_learning, L, X[16:], n_neighbors=2))


# --- Models without probabilities.

DECIDING = [
    LinearSVC(),
    RidgeClassifier(),
    SGDClassifier(random_state=0),
    Perceptron(),
    SVC(),
    make_pipeline(StandardScaler(), LinearSVC()),
]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("model", DECIDING, ids=lambda model: type(model).__name__)
def test_margin_and_uncertainty_read_decision_values(model, n_classes):
    X, y = make_blobs(60, centers=n_classes, n_features=3, cluster_std=3.0, random_state=0)
    fitted = model.fit(X[:30], y[:30])
    D = fitted.decision_function(X[30:])
    if n_classes == 2:
        gap, largest = np.abs(D), np.abs(D) / 2
    else:
        ordered = np.sort(D, axis=1)
        gap, largest = ordered[:, -1] - ordered[:, -2], ordered[:, -1]
    learner = ActiveLearner.fitted(fitted, X[:30], y[:30])
    np.testing.assert_allclose(pool_scores(margin_sampling, learner, X[30:]), -gap)
    np.testing.assert_allclose(pool_scores(uncertainty_sampling, learner, X[30:]), -largest)
    assert margin_sampling(fitted, X[30:], random_tie_break=False).tolist() == [int(np.argmin(gap))]


def test_decisions_go_through_learner_loop_and_comparison():
    X, y = make_blobs(60, centers=3, n_features=3, cluster_std=3.0, random_state=0)
    assert len(ActiveLearner(LinearSVC(), X_training=X[:30], y_training=y[:30]).query(X[30:], 3)[0]) == 3
    ActiveLearningClassifier(LinearSVC(), margin_sampling, n_initial=8, budget=20, random_state=0).fit(X, y)
    study = partial(compare, X, y, LinearSVC(), n_rounds=1, n_trials=2, n_initial=9, n_instances=3)
    study(["margin_sampling", "uncertainty_sampling"])
    with pytest.raises(ValueError, match="entropy_sampling needs predict_proba"):
        study(["entropy_sampling"])
    with pytest.raises(MissingOutput, match=r"ovr.*CalibratedClassifierCV"):
        X, y = make_blobs(60, centers=4, random_state=0)
        margin_sampling(SVC(decision_function_shape="ovo").fit(X, y), X)


RAISED = {
    "wrap it": (
        entropy_sampling,
        LinearSVC(),
        "CalibratedClassifierCV, or take margin_sampling or uncertainty",
    ),
    "a regressor": (
        uncertainty_sampling,
        SVR(),
        "SVR is a regressor and has no classes. Take a strategy",
    ),
    "regressors that vote": (vote_entropy_sampling, RandomForestRegressor(3), "is a regressor and has no classes"),
    "no net": (adversarial_deepfool, SVC(), "NeuralClassifier, or margin_sampling"),
}


@pytest.mark.parametrize("case", RAISED)
def test_a_model_that_lacks_an_output_is_told_what_to_do(case):
    strategy, model, message = RAISED[case]
    with pytest.raises(MissingOutput, match=message):
        strategy(model.fit(X0, y0), X_pool)
    assert len(entropy_sampling(CalibratedClassifierCV(LinearSVC(), cv=2).fit(X0, y0), X_pool, 2)) == 2


def test_several_columns_of_labels_are_told_apart():
    forest = RandomForestClassifier(5, random_state=0)
    with pytest.raises(MissingOutput, match=r"one-hot.*y.argmax\(axis=1\).*max_loss"):
        margin_sampling(forest.fit(X0, np.eye(3)[y0]), X_pool)
    two = forest.fit(X0, np.c_[y0, y0 > 0])
    for strategy in (margin_sampling, min_confidence):
        with pytest.raises(MissingOutput, match=r"2 columns of labels, with \[3, 2\] classes.*one model for each"):
            strategy(two, X_pool)


# --- Models that tell rows apart by nothing.


def users_warnings(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(warning.message) for warning in caught if "same probabilities" in str(warning.message)]


PRIOR = DummyClassifier(strategy="prior").fit(X0, y0)


@pytest.mark.parametrize(
    "query",
    [
        lambda model: margin_sampling(model, X_pool, 3),
        lambda model: ActiveLearner(model, entropy_sampling).query(X_pool, 3),
        lambda model: vote_entropy_sampling(Committee([ActiveLearner(model)] * 2), X_pool, 3),
        lambda model: badge(model, X_pool, 3),
        lambda model: subsample(margin_sampling, 20)(model, X_pool, 3),
        lambda model: information_density_sampling(model, X_pool, 3),
    ],
    ids=["margin", "learner", "committee", "badge", "subsample", "density"],
)
def test_a_model_of_one_probability_for_all_rows_is_told_once_a_query(query):
    (message,) = users_warnings(lambda: query(PRIOR))
    assert "all 40 rows of the pool" in message and "random" in message
    assert not users_warnings(lambda: query(MODEL))


def test_no_word_where_all_rows_are_asked_for_or_one_block_differs():
    assert not users_warnings(lambda: margin_sampling(PRIOR, X_pool, len(X_pool)))
    assert not users_warnings(lambda: core_set(ActiveLearner.fitted(PRIOR, X0, y0), X_pool, 3))
    from skal.data import block_rows

    last = np.vstack([np.zeros((8, 4)), np.ones((2, 4))])
    with block_rows(4):
        assert not users_warnings(lambda: margin_sampling(MODEL, last, 3))
        assert users_warnings(lambda: margin_sampling(MODEL, last[:8], 3))
    few = HistGradientBoostingClassifier().fit(X0[:15], y0[:15])  # a leaf wants 20 rows
    assert users_warnings(lambda: margin_sampling(few, X_pool, 3))


# --- Extreme magnitudes.

ROWS = np.random.RandomState(0).standard_normal((60, 3))
BY_DISTANCE = {
    "core_set": core_set,
    "kmeans_sampling": kmeans_sampling,
    "typiclust": typiclust,
    "prob_cover": prob_cover,
    "medal": medal,
    "uncertainty_batch_sampling": uncertainty_batch_sampling,
    "max_herding": max_herding,
    "facility_location": facility_location,
    "cluster_margin": cluster_margin,
    "clue": clue,
    "badge": badge,
    "auto": auto_sampling,
    "density": information_density_sampling,
    "discriminative": discriminative_active_learning,
}


class Sign:
    """Reads signs, so that magnitudes matter to distances alone."""

    classes_ = np.arange(2)

    def predict_proba(self, X):
        share = 0.5 + 0.4 * np.tanh(np.asarray(X, dtype=np.float64)[:, 0] / np.abs(X).max())
        return np.c_[share, 1 - share]


@pytest.mark.parametrize("factor", [2.0**70, 2.0**-80, 2.0**-40, 2.0**45], ids=lambda factor: f"{factor:.0e}")
@pytest.mark.parametrize("name", BY_DISTANCE)
def test_picks_of_extreme_float32_are_those_of_float64(name, factor):
    options = {"random_state": 0}
    wanted = inspect.signature(BY_DISTANCE[name]).parameters
    rows = (ROWS.astype(np.float32) * np.float32(factor), ROWS.astype(np.float32).astype(np.float64) * factor)
    found = []
    for table in rows:
        assert np.isfinite(table).all() and (np.abs(table).max() > 0)
        labeled = {"X_labeled": table[:6], "y_labeled": np.arange(6) % 2}
        given = {option: value for option, value in labeled.items() if option in wanted}
        found.append(BY_DISTANCE[name](Sign(), table[6:], 5, **given, **options).tolist())
    assert found[0] == found[1]


def test_numbers_that_no_precision_can_square_are_refused():
    for magnitude in (1e200, 1e-200):
        with pytest.raises(ValueError, match="can be squared.*Rescale"):
            selection.kmeans_medoids(ROWS * magnitude, 3)
    with pytest.raises(InvalidOutput, match=r"kmeans_sampling: raw features must give numbers below.*StandardScaler"):
        kmeans_sampling(Sign(), ROWS * 1e200, 3)
    half = ROWS.astype(np.float16) * np.float16(1000)
    assert (
        kmeans_sampling(Sign(), half, 3, random_state=0).tolist()
        == kmeans_sampling(Sign(), half.astype(np.float64), 3, random_state=0).tolist()
    )
