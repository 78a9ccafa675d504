"""CommitteeRegressor and BayesianOptimizer: learners of numbers, and the strategies that look for the largest one."""

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from made_contract import OF_NUMBERS
from scipy import integrate, stats
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import BayesianRidge, LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skal import ActiveLearner, BayesianOptimizer, Committee, CommitteeRegressor
from skal.query import (
    SVM_binary_minimum,
    combine,
    info,
    margin_sampling,
    max_EI,
    max_PI,
    max_std_sampling,
    max_UCB,
    select,
    strategies,
)
from skal.scores import density, expected_improvement, probability_of_improvement, upper_confidence_bound

OF_MEMBERS = {"committee_prediction"}
rng = np.random.default_rng(0)
X = rng.normal(size=(40, 2))
y = X[:, 0] - np.abs(X[:, 1]) + 0.1 * rng.normal(size=40)
X0, y0, X_pool, y_pool = X[:12], y[:12], X[12:], y[12:]


def committee(*models, **parameters):
    return CommitteeRegressor(
        list(models or (Ridge(), KNeighborsRegressor(3), DecisionTreeRegressor())), **parameters
    )


class TestCommitteeRegressor:
    def test_predicts_the_mean_of_its_members_and_their_spread(self):
        models = [Ridge(), KNeighborsRegressor(3)]
        fitted = committee(*models, random_state=0).fit(X0, y0)
        votes = np.column_stack([clone(model).fit(X0, y0).predict(X_pool) for model in models])
        mean, std = fitted.predict(X_pool, return_std=True)
        np.testing.assert_allclose(fitted.vote(X_pool), votes)
        np.testing.assert_allclose(mean, votes.mean(axis=1))
        np.testing.assert_allclose(std, np.abs(votes[:, 0] - votes[:, 1]) / 2)
        np.testing.assert_array_equal(fitted.predict(X_pool), mean)
        assert fitted.score(X_pool, y_pool) == pytest.approx(r2_score(y_pool, mean))

    def test_asks_where_its_members_are_farthest_apart_and_is_taught(self):
        fitted = committee(random_state=0).fit(X0, y0)
        rows, picked, std = fitted.query(X_pool, n_instances=3, return_metrics=True)
        spread = fitted.predict(X_pool, return_std=True)[1]
        assert rows.tolist() == np.argsort(-spread)[:3].tolist()
        np.testing.assert_allclose(std, spread[rows])
        fitted.teach(picked, y_pool[rows])
        assert len(fitted.X_training) == 15 and all(len(learner.y_training) == 15 for learner in fitted)

    def test_no_member_changes_where_one_fails(self):
        fitted = committee(Ridge(), Ridge(fit_intercept=False)).fit(X0, y0)
        before = [learner.estimator for learner in fitted]
        with pytest.raises(ValueError, match="taught before"):
            fitted.teach(X0[:1], y0[:1])
        assert [learner.estimator for learner in fitted] == before and len(fitted.X_training) == 12

    def test_rows_without_a_number_are_left_out_of_fit_and_score(self):
        holes = np.where(np.arange(12) < 6, y0, np.nan)
        fitted = committee(Ridge()).fit(X0, holes)
        assert len(fitted.X_training) == 6
        assert fitted.score(X0, holes) == pytest.approx(fitted.score(X0[:6], y0[:6]))

    def test_searches_and_folds_take_it(self):
        search = GridSearchCV(committee(Ridge(), Ridge()), {"estimator__alpha": [0.1, 1e6]}, cv=3).fit(X, y)
        assert search.best_params_ == {"estimator__alpha": 0.1}
        assert cross_val_score(search.best_estimator_, X, y, cv=3).mean() > 0.3

    def test_says_what_is_no_member_and_what_is_no_target(self):
        with pytest.raises(TypeError, match=r"LogisticRegression is a classifier. Take skal.Committee"):
            committee(Ridge(), LogisticRegression())
        with pytest.raises(
            ValueError, match=r"CommitteeRegressor.fit: y must hold one number a row, .* got shape \(12, 2\)"
        ):
            committee().fit(X0, np.column_stack([y0, y0]))
        with pytest.warns(DataConversionWarning, match=r"CommitteeRegressor.fit takes \(12, 1\) as \(12,\)"):
            assert committee().fit(X0, y0[:, None]).predict(X_pool).shape == (28,)
        with pytest.raises(NotFittedError):
            committee().predict(X_pool)

    @pytest.mark.parametrize(
        ("labels", "said"),
        [
            ([0.5, np.inf], "ActiveLearner.teach: Input y contains infinity.* got inf in row 1. Leave such rows out"),
            (["a", "b"], "ActiveLearner.teach: y must hold numbers to predict, got 'a'. .* use a classifier"),
        ],
    )
    def test_what_is_no_number_is_not_taught(self, labels, said):
        learner = ActiveLearner(Ridge(), X_training=X0, y_training=y0)
        with pytest.raises(ValueError, match=said):
            learner.teach(X_pool[:2], np.array(labels))
        assert len(learner.X_training) == len(X0)

    @pytest.mark.parametrize("strategy", ["margin_sampling", "vote_entropy_sampling", "bald"])
    def test_a_strategy_for_classes_says_that_there_are_none(self, strategy):
        with pytest.raises(TypeError, match=rf"{strategy}: .*(is a regressor|has none)"):
            committee(query_strategy=strategy).fit(X0, y0).query(X_pool)

    @pytest.mark.parametrize("strategy", [max_std_sampling, max_EI, max_PI, max_UCB])
    def test_a_strategy_for_numbers_says_that_a_classifier_has_none(self, strategy):
        labels = (y0 > y0.mean()).astype(int)
        model = LogisticRegression().fit(X0, labels)
        for learner in (model, ActiveLearner(LogisticRegression(), X_training=X0, y_training=labels), [model, model],
                        Committee([LogisticRegression()]).fit(X0, labels)):  # fmt: skip
            with pytest.raises(TypeError, match=rf"{strategy.__name__}: .*LogisticRegression is a classifier"):
                select(strategy, learner, X_pool, 1, **({"y_labeled": y0} if strategy in (max_EI, max_PI) else {}))


def of_numbers(*, of_committees):
    """Strategies that read predicted numbers; `of_committees`: those too that need members."""
    reads = {name: set(info(strategy).reads) for name, strategy in strategies().items()}
    return [name for name, read in reads.items() if OF_NUMBERS & read and (of_committees or not read & OF_MEMBERS)]


@pytest.mark.parametrize("name", of_numbers(of_committees=False))
def test_every_strategy_for_numbers_works_in_a_learner(name):
    learner = ActiveLearner(BayesianRidge(), name, X0, y0, random_state=0)
    rows, picked = learner.query(X_pool, n_instances=3)
    assert len(set(rows.tolist())) == 3
    learner.teach(picked, y_pool[rows])
    assert len(learner.query(np.delete(X_pool, rows, axis=0), n_instances=2)[0]) == 2


@pytest.mark.parametrize("name", of_numbers(of_committees=True))
def test_every_strategy_for_numbers_works_in_a_committee(name):
    fitted = committee(Ridge(), BayesianRidge(), random_state=0, query_strategy=name).fit(X0, y0, bootstrap=True)
    rows, picked = fitted.query(X_pool, n_instances=3)
    fitted.teach(picked, y_pool[rows])
    assert len(set(rows.tolist())) == 3 and len(fitted.y_training) == 15


class TestBayesianOptimizer:
    def test_knows_the_largest_value_and_its_row(self):
        optimizer = BayesianOptimizer(GaussianProcessRegressor(alpha=1e-2))
        assert optimizer.get_max() == (None, -np.inf)
        optimizer.teach(X0, y0)
        rows, picked = optimizer.query(X_pool, n_instances=3)
        optimizer.teach(picked, y_pool[rows], only_new=True)
        known_X, known_y = np.vstack([X0, picked]), np.concatenate([y0, y_pool[rows]])
        np.testing.assert_array_equal(optimizer.X_max, known_X[known_y.argmax()])
        assert optimizer.y_max == known_y.max()
        optimizer.fit(X0[:2], y0[:2])
        assert optimizer.y_max == y0[:2].max()  # modAL: the one of before

    def test_finds_the_largest_value_sooner_than_chance(self):
        grid = np.linspace(0, 10, 200)[:, None]
        values = np.sin(grid[:, 0]) + 0.1 * grid[:, 0]
        for strategy in (max_EI, max_UCB):
            smooth, left = GaussianProcessRegressor(RBF(1.0), optimizer=None), np.arange(1, 199)
            optimizer = BayesianOptimizer(smooth, strategy, grid[[0, 199]], values[[0, 199]], random_state=0)
            for _ in range(10):
                rows, picked = optimizer.query(grid[left])
                optimizer.teach(picked, values[left[rows]])
                left = np.delete(left, rows)
            assert optimizer.y_max > np.sort(values)[-3]  # 2 of 200 rows are that good

    @pytest.mark.parametrize("kind", [list, pd.DataFrame, np.asarray])
    def test_gives_the_row_in_the_container_it_came_in(self, kind):
        rows = X0.tolist() if kind is list else kind(X0)
        optimizer = BayesianOptimizer(BayesianRidge(), X_training=rows, y_training=y0)
        row = optimizer.X_max
        assert isinstance(row, (list, pd.DataFrame, np.ndarray)) and type(row) is type(rows)
        np.testing.assert_array_equal(np.asarray(row).reshape(-1), X0[y0.argmax()])

    def test_a_copy_of_it_knows_what_it_knows_and_a_clone_does_not(self):
        optimizer = BayesianOptimizer(BayesianRidge(), X_training=X0, y_training=y0, random_state=0)
        copied = pickle.loads(pickle.dumps(optimizer))
        assert joblib.hash(copied.get_max()) == joblib.hash(optimizer.get_max())
        assert clone(optimizer).y_max == -np.inf
        assert repr(clone(optimizer)) == "BayesianOptimizer(estimator=BayesianRidge(), random_state=0)"

    def test_says_what_has_no_largest_value(self):
        with pytest.raises(TypeError, match="BayesianOptimizer: .* LogisticRegression is a classifier"):
            BayesianOptimizer(LogisticRegression())
        with pytest.raises(ValueError, match=r"BayesianOptimizer.fit: y must hold one number a row"):
            BayesianOptimizer(Ridge(), X_training=X0, y_training=np.column_stack([y0, y0]))
        with pytest.raises(TypeError, match="max_EI: .*Ridge gives none"):
            BayesianOptimizer(Ridge(), X_training=X0, y_training=y0).query(X_pool)

    def test_nothing_known_is_asked_for_at_random_with_a_warning(self):
        with pytest.warns(UserWarning, match="cold start"):
            assert len(BayesianOptimizer(BayesianRidge(), random_state=0).query(X_pool, 3)[0]) == 3


# --- The mathematics.


@pytest.mark.parametrize("tradeoff", [0.0, 0.3])
def test_improvements_are_those_of_the_integral(tradeoff):
    mean, std, best = np.array([-1.0, 0.4, 0.5, 2.0]), np.array([0.5, 1.0, 2.0, 0.1]), 0.4
    for k in range(4):
        law = stats.norm(mean[k], std[k])
        above = best + tradeoff
        gain = integrate.quad(
            lambda v, law=law, above=above: (v - above) * law.pdf(v), above, above + 30, points=[mean[k]]
        )
        assert expected_improvement(mean, std, best, tradeoff=tradeoff)[k] == pytest.approx(gain[0], abs=1e-7)
        assert probability_of_improvement(mean, std, best, tradeoff=tradeoff)[k] == pytest.approx(law.sf(above))
    np.testing.assert_allclose(upper_confidence_bound(mean, std, beta=2.0), mean + 2.0 * std)


def test_a_certain_value_improves_by_what_it_is_larger():
    mean, std = np.array([0.0, 1.0, 3.0]), np.zeros(3)
    assert expected_improvement(mean, std, 1.0).tolist() == [0.0, 0.0, 2.0]
    assert probability_of_improvement(mean, std, 1.0).tolist() == [0.0, 0.0, 1.0]
    with np.errstate(all="raise"):  # and nothing is divided by 0
        expected_improvement(mean, std, 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0], [0.0, 1.0], 0.0), "mean and std must have one shape"),
        (([np.nan], [1.0], 0.0), "mean must be finite"),
        (([0.0], [-1.0], 0.0), "std must be at least 0"),
        (([0.0], [1.0], -np.inf), "best must be a finite number"),
    ],
)
def test_what_has_no_improvement_is_refused(arguments, message):
    for score in (expected_improvement, probability_of_improvement):
        with pytest.raises(ValueError, match=f"{score.__name__}: {message}"):
            score(*arguments)


@pytest.mark.parametrize(
    ("strategy", "score", "options"),
    [
        (max_EI, expected_improvement, {"tradeoff": 0.2}),
        (max_PI, probability_of_improvement, {"tradeoff": 0.2}),
        (max_UCB, upper_confidence_bound, {"beta": 1.5}),
    ],
)
def test_strategies_pick_by_their_score_of_the_mean_and_the_deviation(strategy, score, options):
    model = GaussianProcessRegressor(alpha=0.1)
    mean, std = clone(model).fit(X0, y0).predict(X_pool, return_std=True)
    expected = score(mean, std, *([y0.max()] if strategy is not max_UCB else []), **options)
    scaled = make_pipeline(StandardScaler(with_mean=False, with_std=False), model)
    for estimator in (model, scaled):
        learner = ActiveLearner(estimator, X_training=X0, y_training=y0)
        rows, scores = select(strategy, learner, X_pool, 4, **options)
        assert rows.tolist() == np.argsort(-expected)[:4].tolist()
        np.testing.assert_allclose(scores, expected[rows])


# --- Parts of modAL that are of no learner.


def test_svm_binary_minimum_picks_the_row_nearest_to_the_boundary_of_some_label():
    labels = np.column_stack([X0[:, 0] > 0, X0[:, 1] > 0, X0.sum(axis=1) > 0]).astype(int)
    model = OneVsRestClassifier(LogisticRegression()).fit(X0, labels)
    nearest = np.abs(np.column_stack([one.decision_function(X_pool) for one in model.estimators_])).min(axis=1)
    assert SVM_binary_minimum(model, X_pool, 5).tolist() == np.argsort(nearest)[:5].tolist()
    with pytest.raises(TypeError, match="SVM_binary_minimum: needs one decision value a label"):
        SVM_binary_minimum(LogisticRegression().fit(X0, labels[:, 0]), X_pool)
    with pytest.raises(
        TypeError, match="SVM_binary_minimum: needs a decision function .* KNeighborsRegressor has none"
    ):
        SVM_binary_minimum(KNeighborsRegressor().fit(X0, labels), X_pool)


@pytest.mark.parametrize("metric", ["cityblock", "chebyshev", lambda a, b: np.abs(a - b).sum()])
def test_density_takes_any_distance(metric):
    table = np.abs(X[:, None] - X[None])
    distances = table.max(axis=2) if metric == "chebyshev" else table.sum(axis=2)
    np.testing.assert_allclose(density(X, metric=metric), (1 / (1 + distances)).mean(axis=1))


def test_density_refuses_what_is_no_distance():
    with pytest.raises(ValueError, match=r"density: metric must be 'cosine', .* got 'near'"):
        density(X, metric="near")
    with pytest.raises(ValueError, match="must be at least 0, got -"):
        density(X, metric=lambda a, b: a @ b)


def test_functions_of_learner_and_pool_are_combined_with_strategies():
    model = LogisticRegression().fit(X0, y0 > 0)

    def from_origin(learner, pool):
        return np.abs(pool).sum(axis=1)

    margin = 1 - np.abs(np.diff(model.predict_proba(X_pool), axis=1))[:, 0]
    expected = 2 * margin + 0.5 * from_origin(None, X_pool)
    both = combine("sum", margin_sampling, from_origin, weights=(2, 0.5))
    rows, scores = select(both, model, X_pool, 3)
    np.testing.assert_allclose(scores, np.sort(expected)[::-1][:3])
    assert combine("product", from_origin)(model, X_pool).tolist() == [from_origin(None, X_pool).argmax()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match=r"from_origin|<lambda>"):
            combine("sum", lambda learner, pool: [0])(model, X_pool)
