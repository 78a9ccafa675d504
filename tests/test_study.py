"""The comparison: the same for all, and honest about what it found."""

import json
import re
from functools import partial

import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skal import ActiveLearner, ActiveLearningCurveDisplay
from skal.explain import explain_query
from skal.metrics import WithAllClasses, make_metrics
from skal.query import core_set, entropy_sampling, margin_sampling, random_sampling, score_strategy, select
from skal.statistics import area_under_curve, mean_interval, paired_difference
from skal.study import StudyError, compare, make_estimator, plot_curves


@score_strategy
def uniform(learner, X_pool, *, random_state=None):
    """Pick uniformly, by draws of its own: not the picks of random_sampling."""
    return random_state.rand(len(X_pool))


@score_strategy
def avoids_a_class(learner, X_pool):
    """Pick what lies farthest to one side: a bad idea on most data."""
    return -np.asarray(X_pool).sum(axis=1)


@pytest.fixture(scope="module")
def small(table):
    X, y = table
    settings = {"n_initial": 9, "n_instances": 6, "n_rounds": 3, "n_trials": 3, "seed": 4}
    strategies = {"margin": margin_sampling, "uniform": uniform, "near": partial(core_set, embedding=abs)}
    return compare(X, y, LogisticRegression(), strategies, **settings), settings, strategies


def test_random_is_always_added_and_first(small):
    found, _, _ = small
    assert list(found.scores) == ["random_sampling", "margin", "uniform", "near"]
    assert found.summaries()[0].name == "random_sampling" and found.summaries()[0].difference is None


def test_curves_have_a_point_a_round(small):
    found, _, _ = small
    assert found.n_labels.tolist() == [9, 15, 21, 27]
    for table_ in (found.scores, found.fit_seconds, found.query_seconds):
        assert all(values.shape == (3, 4) for values in table_.values())


def test_strategies_of_a_trial_share_their_initial_labels_and_trials_do_not(small):
    found, _, _ = small
    first = [[tuple(trial[0]) for trial in found.picks[name]] for name in found.picks]
    assert all(trials == first[0] for trials in first) and len(set(first[0])) == 3
    for name in found.scores:
        assert (found.scores[name][:, 0] == found.scores["random_sampling"][:, 0]).all()


def test_no_label_is_bought_twice(small):
    found, settings, strategies = small
    assert len(found.picks) == 1 + len(strategies)
    for trials in found.picks.values():
        assert len(trials) == settings["n_trials"]
        for trial in trials:
            rows = np.concatenate(trial)
            assert len(rows) == len(set(rows)) == 27


def test_a_comparison_repeats_itself(small, table):
    found, settings, strategies = small
    again = compare(*table, LogisticRegression(), strategies, **settings)
    other = compare(*table, LogisticRegression(), strategies, **{**settings, "seed": 5})
    for name in found.scores:
        assert (found.scores[name] == again.scores[name]).all()
    assert (found.scores["margin"] != other.scores["margin"]).any()


def test_a_strategy_alone_gives_the_curve_it_has_in_company(small, table):
    found, settings, _ = small
    alone = compare(*table, LogisticRegression(), {"margin": margin_sampling}, **settings)
    assert (alone.scores["margin"] == found.scores["margin"]).all()


def test_an_unseeded_model_is_seeded_by_the_study(table):
    settings = {"n_initial": 9, "n_instances": 6, "n_rounds": 1, "n_trials": 1}
    first, again = (compare(*table, RandomForestClassifier(5), ["margin_sampling"], **settings) for _ in range(2))
    assert (first.scores["margin_sampling"] == again.scores["margin_sampling"]).all()


def test_names_partials_and_callables_are_taken(table):
    found = compare(
        *table,
        LogisticRegression(),
        ["entropy_sampling", margin_sampling, partial(core_set, embedding=abs)],
        n_initial=9,
        n_rounds=1,
        n_trials=1,
    )
    assert list(found.scores)[1:] == ["entropy_sampling", "margin_sampling", "core_set:embedding=abs"]


def test_all_problems_are_told_before_any_work(table):
    class Never(LogisticRegression):
        def fit(self, X, y):
            raise AssertionError("work began")

    with pytest.raises(ValueError, match="no strategy 'entropi'.*no strategy 'nonsense'.*got 3"):
        compare(*table, Never(), ["entropi", "nonsense", 3])
    with pytest.raises(
        ValueError,
        match="vote_entropy_sampling needs a committee.*max_loss is for multilabel",
    ):
        compare(*table, Never(), ["vote_entropy_sampling", "max_loss"])
    with pytest.raises(ValueError, match="entropy_sampling needs predict_proba: LinearSVC"):
        compare(*table, LinearSVC(), ["margin_sampling", "entropy_sampling"])  # margins are read of decision values
    with pytest.raises(
        ValueError, match="bald needs sampled_proba: Pipeline.*learning_loss_sampling needs predict_loss"
    ):
        compare(*table, make_pipeline(StandardScaler(), Never()), ["bald", "learning_loss_sampling"])
    with pytest.raises(ValueError, match="must be at most 225, the rows .*, got 320"):
        compare(*table, Never(), ["margin_sampling"], n_rounds=15)
    X, y = table
    rare = partial(compare, X, (np.arange(300) < 9).astype(int), Never(), ["margin_sampling"], n_rounds=0)
    with pytest.raises(ValueError, match="hold a single class.*Raise n_initial.*trials begin so") as error:
        rare(n_initial=2)
    needed = int(re.search(r"(\d+) random labels", str(error.value))[1])
    with pytest.raises(ValueError, match="hold a single class"):
        rare(n_initial=needed - 1)
    with pytest.raises(AssertionError, match="work began"):  # the number serves every trial
        rare(n_initial=needed)


def test_margin_beats_random_on_digits_and_uniform_picks_do_not(digits):
    """The end of the whole: a good strategy is told from random, and picking at random is not."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    found = compare(*digits, model, {"margin": margin_sampling, "uniform": uniform, "side": avoids_a_class})
    verdicts = {line.name: line.difference.verdict for line in found.summaries() if line.difference}
    assert verdicts == {
        "margin": "better than random",
        "uniform": "not distinguishable from random",
        "side": "worse than random",
    }


def test_a_class_that_was_not_seen_yet_has_probability_zero():
    """scikit-learn's scorers want a column for every class; by hand, and for every scorer that takes many classes."""
    X, y = load_iris(return_X_y=True)
    names = np.array(["ant", "bee", "cat"])[y]
    model = LogisticRegression(max_iter=500).fit(X[50:], names[50:])
    whole = WithAllClasses.where_needed(model, np.unique(names))
    P = whole.predict_proba(X)
    np.testing.assert_array_equal(P[:, 1:], model.predict_proba(X))
    assert (P[:, 0] == 0).all() and WithAllClasses.where_needed(model, np.unique(names[50:])) is model
    for name in ("neg_log_loss", "roc_auc_ovr", "accuracy", "f1_macro", "ece", "top_k_accuracy"):
        assert np.isfinite(make_metrics(["accuracy", name] if name == "ece" else [name])[name](whole, X, names))
    assert get_scorer("neg_log_loss")(whole, X, names) == pytest.approx(-log_loss(names, P, labels=np.unique(names)))
    assert get_scorer("accuracy")(whole, X, names) == model.score(X, names)


def test_metrics_of_probabilities_are_measured_from_the_first_round_on(digits):
    """Five labels, ten classes."""
    settings = {"n_initial": 5, "n_rounds": 1, "n_trials": 2, "scoring": ["neg_log_loss", "roc_auc_ovr"]}
    found = compare(*digits, LogisticRegression(max_iter=200), ["margin_sampling"], **settings)
    assert all(np.isfinite(values).all() for by_name in found.metrics.values() for values in by_name.values())


def test_one_trial_tells_nothing(table):
    found = compare(*table, LogisticRegression(), [entropy_sampling, random_sampling], n_trials=1, n_rounds=1)
    assert found.summaries()[1].difference.verdict == "too few trials to tell"


def test_everything_is_saved_and_can_be_read_without_skal(small, tmp_path):
    found, _, _ = small
    found.save(tmp_path / "comparison.json")
    content = json.loads((tmp_path / "comparison.json").read_text())
    assert content["protocol"]["seed"] == 4 and content["n_labels"] == [9, 15, 21, 27]
    assert content["strategies"]["margin"]["metrics"]["accuracy"] == found.scores["margin"].tolist()
    assert len(content["strategies"]["margin"]["picks"][2][3]) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["comparison.json"]


@pytest.mark.pictures
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_picture_shows_every_strategy_with_its_verdict(small, tmp_path, ending):
    found, _, _ = small
    figure = plot_curves(found, tmp_path / f"curves.{ending}", "table, logistic")
    (axes,) = figure.axes
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names[0] == "random_sampling" and len(names) == 4
    assert all(line.difference.verdict in name for line, name in zip(found.summaries()[1:], names[1:], strict=True))
    heights = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
    np.testing.assert_allclose(heights["random_sampling"], found.scores["random_sampling"].mean(axis=0))
    assert (tmp_path / f"curves.{ending}").stat().st_size > 5000


def test_presets_are_made_by_name():
    assert make_estimator("forest") is not make_estimator("forest")
    with pytest.raises(ValueError, match="no estimator 'net'; there are"):
        make_estimator("net")


class Corner:
    """An estimator that queries: the rows farthest from the mean of the labelled ones."""

    def __init__(self, power=2.0):
        self.power = power

    def get_params(self, deep=True):
        return {"power": self.power}

    def set_params(self, **params):
        self.power = params.get("power", self.power)
        return self

    def __repr__(self):
        return f"Corner(power={self.power})"

    def fit(self, X, y):
        self.center_ = X[~np.isnan(y)].mean(axis=0)
        return self

    def score_samples(self, X):
        return (np.abs(X - self.center_) ** self.power).sum(axis=1)

    def query(self, X_pool, n_instances):
        return np.argsort(-self.score_samples(X_pool))[:n_instances]


def test_estimators_that_query_are_strategies(table, tmp_path):
    """Alone, in a list and in a dict; named and recorded with their parameters."""
    settings = {"n_initial": 9, "n_instances": 6, "n_rounds": 1, "n_trials": 2}
    found = compare(*table, LogisticRegression(), [Corner(), Corner(1.0)], out=tmp_path / "study", **settings)
    assert list(found.scores) == ["random_sampling", "Corner(power=2.0)", "Corner(power=1.0)"]
    assert found.protocol["strategies"]["Corner(power=1.0)"] == {
        "strategy": "estimator_sampling",
        "estimator": "Corner(power=1.0)",
    }
    alone = compare(*table, LogisticRegression(), Corner(), **settings)
    named = compare(*table, LogisticRegression(), {"corner": Corner()}, **settings)
    for other in (alone.picks["Corner(power=2.0)"], named.picks["corner"]):
        for trial, same in zip(other, found.picks["Corner(power=2.0)"], strict=True):
            np.testing.assert_array_equal(np.concatenate(trial), np.concatenate(same))
    with pytest.raises(StudyError, match=r"corner is .*Corner\(power=2.0\) there, .*Corner\(power=3.0\) here"):
        for power in (2.0, 3.0):
            compare(*table, LogisticRegression(), {"corner": Corner(power)}, out=tmp_path / "study", **settings)


def test_sheets_and_curves_take_estimators_that_query(table):
    X, y = table
    learner = ActiveLearner(LogisticRegression(), X_training=X[:20], y_training=y[:20])
    found = explain_query(learner, X[20:], Corner(), 3, random_state=0)
    assert found.strategy == "Corner"
    picks, _ = select(Corner(), learner, X[20:], 3, random_state=0)
    assert [row.pool_index for row in found.rows] == picks.tolist()
    for asked in (Corner(), [Corner()]):
        display = ActiveLearningCurveDisplay.from_estimator(
            LogisticRegression(), X, y, query_strategy=asked, n_initial=9, n_instances=6, budget=15, cv=2
        )
        assert list(display.scores) == ["Corner(power=2.0)"]


@pytest.mark.filterwarnings("ignore:.*at chance")
def test_an_estimator_around_a_net_is_recorded_whole(table):
    from skal.adversarial import VAAL

    vaal = VAAL(max_steps=2, judge_steps=2, batch_size=8)
    settings = {"n_initial": 9, "n_instances": 6, "n_rounds": 1, "n_trials": 1}
    found = compare(*table, LogisticRegression(), [vaal, "vaal_query:max_steps=2,judge_steps=2"], **settings)
    name = "VAAL(batch_size=8, judge_steps=2, max_steps=2)"
    assert found.protocol["strategies"][name] == {"strategy": "estimator_sampling", "estimator": name}
    # Training for a query is time of the query, beside that of the fit; no net is trained in a millisecond.
    assert (found.query_seconds[name][:, 1:] > 1e-3).all()


class TestStatistics:
    def test_area_is_the_mean_height(self):
        assert area_under_curve([20, 40, 60], [0.5, 0.5, 0.5]) == 0.5
        assert area_under_curve([0, 10, 30], [[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]]) == pytest.approx([25 / 30, 20 / 30])
        assert area_under_curve([7], [[0.3], [0.4]]).tolist() == [0.3, 0.4]
        with pytest.raises(ValueError, match="must rise"):
            area_under_curve([10, 10], [1.0, 1.0])
        with pytest.raises(ValueError, match="2 rounds, got 3"):
            area_under_curve([10, 20], [1.0, 1.0, 1.0])

    def test_interval_is_students(self):
        """n = 4, mean 2.5, sd 1.2910: t(0.975, 3) = 3.1824 (any table) gives 2.5 -+ 2.0543."""
        mean, low, high = mean_interval([1.0, 2.0, 3.0, 4.0])
        assert (mean, low, high) == (2.5, pytest.approx(0.4457, abs=1e-4), pytest.approx(4.5543, abs=1e-4))

    def test_interval_covers_at_its_level(self):
        rng = np.random.default_rng(0)
        _, low, high = mean_interval(rng.normal(3.0, 2.0, size=(5, 4000)))
        covered = ((low < 3.0) & (high > 3.0)).mean()
        assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 4000)

    @pytest.mark.parametrize(
        ("shift", "verdict"),
        [(0.05, "better than random"), (-0.05, "worse than random"), (0.0, "not distinguishable from random")],
    )
    def test_verdicts(self, shift, verdict):
        base = np.array([0.7, 0.72, 0.69, 0.74, 0.71])
        noise = np.array([0.01, -0.01, 0.005, -0.005, 0.0])
        assert paired_difference(base + shift + noise, base).verdict == verdict

    def test_identical_curves_are_not_distinguishable(self):
        assert paired_difference([0.5, 0.6], [0.5, 0.6]).verdict == "not distinguishable from random"

    def test_pairing_is_by_trial(self):
        with pytest.raises(ValueError, match="one number a trial"):
            paired_difference([0.5, 0.6], [0.5])
