"""What is read from regressors: numbers, members, how sure a model is; what cannot be read is said in a sentence."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import BaggingRegressor, ExtraTreesRegressor, RandomForestRegressor, VotingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import ARDRegression, BayesianRidge, Lasso, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skal import ActiveLearner
from skal.data import block_rows
from skal.outputs import (
    InvalidOutput,
    MissingOutput,
    UnfittedLearner,
    committee_predictions,
    committee_proba,
    offers_std,
    predicted_std,
    predictions,
)

_rng = np.random.default_rng(0)
X, POOL = _rng.normal(size=(30, 3)), _rng.normal(size=(20, 3))
y = X @ [1.0, -2.0, 0.5] + 0.3 * _rng.normal(size=30)


class Quantiles(RegressorMixin, BaseEstimator):
    """A quantile model of the usual form: the normal distribution of mean x0 and standard deviation x1 ** 2."""

    def fit(self, X, y):
        self.n_features_in_ = 3
        return self

    def predict(self, X, quantiles=0.5):
        from scipy.stats import norm

        return np.column_stack([norm.ppf(q, X[:, 0], X[:, 1] ** 2) for q in np.atleast_1d(quantiles)])


class Own(RegressorMixin, BaseEstimator):
    """A model with a method of its own."""

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return X[:, 0]

    def predict_std(self, X):
        return X[:, :1]


@pytest.mark.parametrize("rows", [1, 7, 1000])
@pytest.mark.parametrize("model", [GaussianProcessRegressor(alpha=0.1), BayesianRidge(), ARDRegression()])
def test_a_models_own_standard_deviation_is_read_whatever_the_block(model, rows):
    model.fit(X, y)
    mean, std = model.predict(POOL, return_std=True)
    with block_rows(rows):
        np.testing.assert_allclose(predicted_std(model, POOL), std, rtol=1e-9)
        np.testing.assert_allclose(predictions(model, POOL), mean, rtol=1e-9)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestRegressor(5, random_state=0),
        ExtraTreesRegressor(5, random_state=0),
        BaggingRegressor(Ridge(), max_features=2, random_state=0),
        VotingRegressor([("a", Ridge()), ("b", Lasso()), ("c", DecisionTreeRegressor())]),
    ],
    ids=lambda model: type(model).__name__,
)
def test_members_of_an_ensemble_average_to_its_prediction_and_spread_as_its_standard_deviation(model):
    learner = ActiveLearner(model, X_training=X, y_training=y)
    F = committee_predictions(learner, POOL)
    np.testing.assert_allclose(F.mean(axis=0), learner.predict(POOL))
    np.testing.assert_allclose(predicted_std(learner, POOL), F.std(axis=0))
    np.testing.assert_allclose(committee_predictions(learner, POOL, then=lambda F: F.max(axis=0)), F.max(axis=0))


def test_the_end_of_a_pipeline_a_search_and_a_list_are_read():
    bayes = BayesianRidge().fit(StandardScaler().fit_transform(X), y)
    pipeline = make_pipeline(StandardScaler(), BayesianRidge()).fit(X, y)
    expected = bayes.predict(StandardScaler().fit(X).transform(POOL), return_std=True)[1]
    np.testing.assert_allclose(predicted_std(pipeline, POOL), expected)
    search = GridSearchCV(BayesianRidge(), {"alpha_1": [1e-6, 1e-3]}).fit(X, y)
    np.testing.assert_allclose(predicted_std(search, POOL), search.best_estimator_.predict(POOL, return_std=True)[1])
    members = [Ridge(alpha).fit(X, y) for alpha in (0.1, 10.0, 100.0)]
    np.testing.assert_allclose(predicted_std(members, POOL), np.std([m.predict(POOL) for m in members], axis=0))
    np.testing.assert_allclose(predictions(members, POOL), np.mean([m.predict(POOL) for m in members], axis=0))


def test_quantiles_a_method_and_a_function_of_ones_own_are_read():
    np.testing.assert_allclose(predicted_std(Quantiles().fit(X, y), POOL), POOL[:, 1] ** 2, rtol=1e-9)
    np.testing.assert_allclose(predicted_std(Own().fit(X, y), np.abs(POOL)), np.abs(POOL[:, 0]))
    ridge = Ridge().fit(X, y)
    by_hand = predicted_std(ridge, POOL, std=lambda model, rows: np.abs(model.predict(rows)))
    np.testing.assert_allclose(by_hand, np.abs(ridge.predict(POOL)))


def test_sparse_rows_are_read_by_a_model_that_takes_none():
    """BayesianRidge would multiply a sparse matrix where it means element by element."""
    model = BayesianRidge().fit(X, y)
    np.testing.assert_allclose(predicted_std(model, sparse.csr_matrix(POOL)), predicted_std(model, POOL))


def test_who_offers_a_standard_deviation_is_known_before_the_fit():
    offering = [
        *(GaussianProcessRegressor(), RandomForestRegressor(), BaggingRegressor(Ridge()), Quantiles(), Own()),
        *(make_pipeline(StandardScaler(), BayesianRidge()), GridSearchCV(BayesianRidge(), {}), [Ridge(), Lasso()]),
    ]
    assert all(offers_std(model) for model in offering)
    others = [Ridge(), LogisticRegression(), make_pipeline(StandardScaler(), Lasso()), GridSearchCV(Ridge(), {})]
    assert not any(offers_std(model) for model in others)


def test_what_cannot_be_read_is_said_with_a_remedy():
    classes = LogisticRegression().fit(X, y > 0)
    for read in (predictions, predicted_std, committee_predictions):
        with pytest.raises(
            MissingOutput, match="LogisticRegression is a classifier and predicts classes.*margin_samp"
        ):
            read(classes, POOL)
    with pytest.raises(MissingOutput, match="Ridge gives none. Use GaussianProcessRegressor.*or pass std="):
        predicted_std(Ridge().fit(X, y), POOL)
    with pytest.raises(MissingOutput, match="Ridge is a single model. Use skal.CommitteeRegressor"):
        committee_predictions(Ridge().fit(X, y), POOL)
    with pytest.raises(MissingOutput, match="RandomForestRegressor is a regressor and has no classes"):
        committee_proba(RandomForestRegressor(2).fit(X, y), POOL)
    with pytest.raises(MissingOutput, match="predict of Ridge gives 2. Teach one column"):
        predictions(Ridge().fit(X, np.column_stack([y, y])), POOL)
    with pytest.raises(UnfittedLearner):
        predicted_std(GridSearchCV(RandomForestRegressor(), {}), POOL)


def test_negative_and_missing_standard_deviations_are_refused_by_row():
    ridge = Ridge().fit(X, y)
    with pytest.raises(InvalidOutput, match=r"std must be at least 0, got -1 in row 0"):
        predicted_std(ridge, POOL, std=lambda model, rows: -np.ones(len(rows)))
    with pytest.raises(InvalidOutput, match="NaN or infinity in 1 of 20 rows, first row 3"):
        predicted_std(ridge, POOL, std=lambda model, rows: np.where(np.arange(len(rows)) == 3, np.nan, 1.0))
