"""The door in front of every strategy: what it checks, what it finds, what it gives back."""

import functools
import inspect
import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skal import ActiveLearner
from skal.outputs import InvalidOutput, MissingOutput, UnfittedLearner
from skal.query import (
    checked_picks,
    combine,
    core_set,
    entropy_sampling,
    find_strategy,
    info,
    information_density_sampling,
    kmeans_sampling,
    margin_sampling,
    max_loss,
    medal,
    pool_scores,
    query_strategy,
    random_sampling,
    score_strategy,
    select,
    strategies,
    uncertainty_sampling,
    vote_entropy_sampling,
)


@pytest.fixture
def model(table):
    X, y = table
    return LogisticRegression().fit(X[:30], y[:30])


def test_signature_shows_the_door_and_the_options():
    parameters = inspect.signature(core_set).parameters
    assert list(parameters) == [
        *("learner", "X_pool", "n_instances", "random_tie_break", "random_state"),
        *("X_labeled", "embedding", "metric"),
    ]
    keyword_only = [name for name, p in parameters.items() if p.kind is p.KEYWORD_ONLY]
    assert keyword_only == ["random_state", "X_labeled", "embedding", "metric"]


def test_common_documentation_is_filled_in():
    for name, strategy in strategies().items():
        assert "{common}" not in strategy.__doc__ and "{picks}" not in strategy.__doc__, name
        assert "References" in strategy.__doc__ and "Notes" in strategy.__doc__, (
            f"{name} cites nothing or hides its cost"
        )
    assert "X_labeled : container" in core_set.__doc__
    assert "X_labeled" not in entropy_sampling.__doc__


def test_unknown_option_names_the_near_one(model, table):
    with pytest.raises(TypeError, match="core_set has no option 'X_labelled'.*Did you mean X_labeled"):
        core_set(model, table[0], X_labelled=table[0])


def test_required_option_is_asked_for(model, table):
    @score_strategy
    def needs_weight(learner, X_pool, *, weight):
        return np.full(len(X_pool), weight)

    with pytest.raises(TypeError, match="needs_weight needs the option weight"):
        needs_weight(model, table[0])
    assert needs_weight(model, table[0], weight=2.0, random_state=0).shape == (1,)


@pytest.mark.parametrize("bad", [np.random.default_rng(0), "seed", 1.5])
def test_bad_random_state_is_refused(bad, model, table):
    with pytest.raises(TypeError, match="random_sampling: random_state must be"):
        random_sampling(model, table[0], random_state=bad)


def test_options_swallowing_bodies_are_refused():
    with pytest.raises(TypeError, match="names each of its options"):

        @query_strategy
        def anything(learner, X_pool, n_instances, **options):
            return None


def test_labelled_data_come_from_the_call_then_the_learner(model, table):
    X, y = table
    learner = ActiveLearner(LogisticRegression(), X_training=X[:30], y_training=y[:30])
    from_learner = core_set.select(learner, X[30:], 5, random_state=0)[0]
    from_call = core_set(model, X[30:], 5, X_labeled=X[:30], random_state=0)
    other = core_set(learner, X[30:], 5, X_labeled=X[100:200], random_state=0)[0]
    assert (from_learner == from_call).all() and (from_call != other).any()
    with pytest.raises(MissingOutput, match="core_set needs the labelled data, and LogisticRegression"):
        core_set(model, X[30:], 5)


def test_core_set_of_an_untaught_learner_starts_at_random(table):
    """Nothing is labelled and raw features need no model: no cold start is needed."""
    learner = ActiveLearner(LogisticRegression(), core_set)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        firsts = {int(learner.query(table[0], random_state=seed)[0][0]) for seed in range(8)}
    assert len(firsts) > 1


def test_cold_start_is_seeded_and_warns_once_a_query(table):
    with pytest.warns(UserWarning, match="entropy_sampling: LogisticRegression is not fitted.*cold start") as caught:
        first = entropy_sampling(LogisticRegression(), table[0], 5, random_state=0)
    assert len(caught) == 1
    with pytest.warns(UserWarning, match="cold start"):
        assert (entropy_sampling(LogisticRegression(), table[0], 5, random_state=0) == first).all()


def test_a_model_that_lacks_an_output_is_named_with_the_remedy(table):
    X, y = table
    svc = LinearSVC().fit(X, y)
    with pytest.raises(
        MissingOutput,
        match="entropy_sampling: needs predict_proba: LinearSVC.*CalibratedClassifierCV.*margin_sampling",
    ):
        entropy_sampling(svc, X)
    with pytest.raises(MissingOutput, match="vote_entropy_sampling: needs a committee: LinearSVC is a single model"):
        vote_entropy_sampling(svc, X)


def test_texts_have_no_raw_features():
    with pytest.raises(MissingOutput, match="kmeans_sampling: needs embeddings.*pass embedding="):
        kmeans_sampling(None, ["one", "two", "three"], 2)


def test_logits_are_not_taken_for_probabilities(table):
    class Logits(LogisticRegression):
        def predict_proba(self, X):
            return self.decision_function(X)

    model = Logits().fit(*table)
    with pytest.raises(
        InvalidOutput, match="entropy_sampling: predict_proba of Logits must give rows .* add up to 1"
    ):
        entropy_sampling(model, table[0])


def test_multilabel_models_are_sent_to_the_multilabel_strategies(table):
    X, _ = table
    Y = (X[:, :3] > 0).astype(int)
    model = OneVsRestClassifier(LogisticRegression()).fit(X, Y)
    with pytest.raises(InvalidOutput, match="multilabel"):
        entropy_sampling(model, X)
    assert len(max_loss(model, X, 3, random_state=0)) == 3


def test_select_gives_a_pair_for_any_kind_of_strategy(model, table):
    X, _ = table
    expected, scores = select(entropy_sampling, model, X, 4, random_state=0)
    assert (expected == entropy_sampling(model, X, 4, random_state=0)).all() and (np.diff(scores) <= 0).all()
    partial = functools.partial(core_set, X_labeled=X[:5])
    assert select(partial, model, X, 2, random_state=0)[1].shape == (2,)
    assert select(lambda learner, pool, n: [2, 1], model, X, 2)[0].tolist() == [2, 1]


def test_pool_scores_are_those_the_picks_come_from(model, table):
    X, _ = table
    scores = pool_scores(uncertainty_sampling, model, X)
    assert scores.shape == (300,)
    assert (np.sort(scores)[::-1][:6] == select(uncertainty_sampling, model, X, 6, random_state=0)[1]).all()
    with pytest.raises(TypeError, match="core_set has no score for each row"):
        pool_scores(core_set, model, X)
    with pytest.raises(UnfittedLearner):
        pool_scores(uncertainty_sampling, LogisticRegression(), X)


def test_combine_is_the_arithmetic_it_says(model, table):
    X, _ = table
    a, b = pool_scores(margin_sampling, model, X), pool_scores(entropy_sampling, model, X)
    total = pool_scores(combine("sum", margin_sampling, entropy_sampling, weights=(2, -1)), model, X)
    product = pool_scores(combine("product", margin_sampling, entropy_sampling, weights=(2, 0.5)), model, X)
    nested = pool_scores(combine("sum", combine("sum", margin_sampling, entropy_sampling), margin_sampling), model, X)
    np.testing.assert_allclose(total, 2 * a - b)
    np.testing.assert_allclose(product, a**2 * np.sqrt(b))
    np.testing.assert_allclose(nested, 2 * a + b)


@pytest.mark.parametrize(
    ("arguments", "weights", "message"),
    [
        (("mean", margin_sampling), None, "how must be"),
        (("sum",), None, "at least one"),
        (("sum", margin_sampling), (1, 2), "one number a strategy"),
        (("sum", core_set), None, "core_set selects rows together"),
        (("sum", 3), None, "a callable or a name, got 3"),
    ],
)
def test_combine_refuses_what_it_cannot_combine(arguments, weights, message):
    with pytest.raises((ValueError, TypeError), match=message):
        combine(*arguments, weights=weights)


def test_power_of_a_negative_score_is_refused(model, table):
    @score_strategy
    def negative(learner, X_pool):
        return -np.arange(1.0, len(X_pool) + 1)

    with pytest.raises(InvalidOutput, match="negative cannot be raised to the power 0.5"):
        combine("product", negative, weights=(0.5,))(model, table[0])


def test_strategies_are_found_by_name_and_near_names_are_told():
    assert find_strategy("core_set") is core_set
    with pytest.raises(ValueError, match="Did you mean entropy_sampling"):
        find_strategy("entropy_samplin")
    with pytest.raises(ValueError, match="Did you mean .*entropy_sampling"):
        find_strategy("entropy")


def test_info_tells_what_is_read():
    assert info(functools.partial(medal, prefilter=5)).reads == ("embedding", "labels")
    assert info(random_sampling).reads == ()
    assert info(vote_entropy_sampling).summary.endswith(".")
    with pytest.raises(TypeError, match="no query strategy"):
        info(sorted)


def test_medal_prefilter_keeps_the_most_uncertain(model, table):
    X, y = table
    picks = medal(model, X[30:], 5, X_labeled=X[:30], prefilter=10, random_state=0)
    uncertain = entropy_sampling(model, X[30:], 10, random_state=0)
    assert set(picks) <= set(uncertain)
    with pytest.raises(ValueError, match="prefilter must be at least n_instances=5, got 3"):
        medal(model, X[30:], 5, X_labeled=X[:30], prefilter=3)


def test_core_set_is_measured_after_the_pipelines_steps(table):
    X, y = table
    stretched = X * np.array([1e4, 1, 1, 1, 1, 1])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    learner = ActiveLearner(pipeline, core_set, X_training=stretched[:30], y_training=y[:30])
    raw = ActiveLearner(pipeline, core_set, X_training=stretched[:30], y_training=y[:30], on_transformed=False)
    scaled = core_set(
        pipeline.fit(stretched[:30], y[:30]), stretched[30:], 10, X_labeled=stretched[:30], random_state=0
    )
    first, second = (learner.query(stretched[30:], 10, random_state=0)[0] for learner in (learner, raw))
    assert (first == scaled).all() and (first != second).any()


def test_density_weight_of_zero_is_entropy(model, table):
    X, _ = table
    assert (information_density_sampling(model, X, 9, beta=0.0, random_state=0)
            == entropy_sampling(model, X, 9, random_state=0)).all()  # fmt: skip


@pytest.mark.parametrize(
    ("result", "indices"),
    [([3, 1], [3, 1]), (2, [2]), (np.int64(2), [2]), ((3, 1), [3]), ((np.array([3]), np.array([0.5])), [3])],
)
def test_every_form_of_picks_is_understood(result, indices):
    assert checked_picks(result, 5, None, "it")[0].tolist() == indices
