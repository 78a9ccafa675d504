"""The part of docs/composition.md about numbers to predict: regressors of skal, and ways to use a regressor."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
from composition_cells import FRAME, GROUPS, NAMES, WEIGHTS, Subject, X, _display, _requesting, _search
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostRegressor, BaggingRegressor, StackingRegressor, VotingRegressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, SelectFromModel, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.linear_model import Ridge
from sklearn.metrics import PredictionErrorDisplay, get_scorer
from sklearn.model_selection import (
    GroupKFold,
    HalvingGridSearchCV,
    LearningCurveDisplay,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
)
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import skal
from skal import ActiveLearner, ActiveLearningRegressor, CommitteeRegressor, LabeledKFold, masked_scorer
from skal.neural import NeuralRegressor

_PEERS: tuple[Callable[[], Any], ...] = (Ridge, KNeighborsRegressor)
_ALPHA = ("estimator__alpha", [0.1, 1.0])
PRICES = X @ [1.0, 2.0, 0.0, -1.0] + np.sin(3 * X[:, 0])
PARTLY = np.where(np.arange(len(X)) % 4 == 0, np.nan, PRICES)

REGRESSORS = {
    "NeuralRegressor": Subject(
        lambda: NeuralRegressor(max_epochs=2, batch_size=16, random_state=0), "regressor", _PEERS
    ),
    "ActiveLearner (numbers)": Subject(
        lambda: ActiveLearner(Ridge(), skal.query.igs), "regressor", _PEERS, "estimator", _ALPHA
    ),
    "CommitteeRegressor": Subject(
        lambda: CommitteeRegressor([ActiveLearner(Ridge()), ActiveLearner(Ridge(50.0))]),
        "regressor",
        _PEERS,
        "learner_list",
        _ALPHA,
    ),
    "ActiveLearningRegressor": Subject(
        lambda: ActiveLearningRegressor(Ridge(), n_initial=8, n_instances=4, budget=12, random_state=0),
        "regressor",
        _PEERS,
        "estimator",
        _ALPHA,
    ),
}

Way = Callable[[Subject, Callable[[], Any]], None]


def _fitted(wrap: Callable[[Any], Any], y: Any = PRICES) -> Way:
    def way(subject: Subject, make: Callable[[], Any]) -> None:
        predicted = wrap(make()).fit(X, y).predict(X)
        assert predicted.shape == np.shape(y) and np.isfinite(predicted).all()

    return way


def _copied(subject: Subject, make: Callable[[], Any]) -> None:
    model = make().fit(X, PRICES)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    clone(model).fit(X, PRICES)
    repr(model), model._repr_html_()


def _partly(subject: Subject, make: Callable[[], Any]) -> None:
    scores = cross_validate(make(), X, PARTLY, cv=LabeledKFold(2), scoring=masked_scorer("r2"), error_score="raise")
    assert len(scores["test_score"]) == 2 and np.isfinite(make().fit(X, PARTLY).score(X, PARTLY))


def _several_scores(subject: Subject, make: Callable[[], Any]) -> None:
    scoring = ["r2", "neg_root_mean_squared_error", "neg_mean_absolute_error", "neg_median_absolute_error"]
    cross_validate(make(), X, PRICES, cv=2, scoring=scoring, error_score="raise")


def _routed_weights(subject: Subject, make: Callable[[], Any]) -> None:
    with config_context(enable_metadata_routing=True):
        model = _requesting(subject, make(), sample_weight=True) if make is subject.make else make()
        if make is not subject.make:
            model.set_fit_request(sample_weight=True)
        cross_validate(
            Pipeline([("scale", StandardScaler().set_fit_request(sample_weight=False)), ("model", model)]),
            X,
            PRICES,
            cv=2,
            scoring=get_scorer("r2").set_score_request(sample_weight=True),
            params={"sample_weight": WEIGHTS},
            error_score="raise",
        )


def _groups(subject: Subject, make: Callable[[], Any]) -> None:
    with config_context(enable_metadata_routing=True):
        options = {"cv": LabeledKFold(GroupKFold(2)), "params": {"groups": GROUPS}, "error_score": "raise"}
        assert len(cross_validate(make(), X, PARTLY, scoring=masked_scorer("r2"), **options)["test_score"]) == 2


def _names(subject: Subject, make: Callable[[], Any]) -> None:
    model = make().fit(FRAME, PRICES)
    assert model.n_features_in_ == 4 and list(model.feature_names_in_) == NAMES
    try:
        model.predict(FRAME[NAMES[::-1]])
    except ValueError as error:
        assert "feature names" in str(error)
    else:
        raise AssertionError("columns in another order are taken in silence")


def _sparse(subject: Subject, make: Callable[[], Any]) -> None:
    from scipy.sparse import csr_matrix

    make().fit(csr_matrix(X), PRICES).predict(csr_matrix(X))


def _query(subject: Subject, make: Callable[[], Any]) -> None:
    learner = ActiveLearner(make(), skal.query.igs, X_training=X, y_training=PRICES)
    assert len(learner.query(X[::-1] + 0.5, n_instances=3)[0]) == 3


def _stacked(model: Any) -> Any:
    return StackingRegressor([("own", model), ("other", Ridge())], Ridge(), cv=2)


TWO_NUMBERS = np.column_stack([PRICES, -2 * PRICES])
OF_NUMBERS: dict[str, Way] = {
    "clone, pickle, repr": _copied,
    "Pipeline": _fitted(lambda model: make_pipeline(StandardScaler(), PCA(3), model)),
    "FrozenEstimator": _fitted(lambda model: FrozenEstimator(model.fit(X, PRICES))),
    "TransformedTargetRegressor": _fitted(
        lambda model: TransformedTargetRegressor(model, transformer=StandardScaler())
    ),
    "VotingRegressor": _fitted(lambda model: VotingRegressor([("own", model), ("other", Ridge())])),
    "StackingRegressor": _fitted(_stacked),
    "BaggingRegressor": _fitted(lambda model: BaggingRegressor(model, n_estimators=2, random_state=0)),
    "AdaBoostRegressor": _fitted(lambda model: AdaBoostRegressor(model, n_estimators=2, random_state=0)),
    "MultiOutputRegressor": _fitted(MultiOutputRegressor, TWO_NUMBERS),
    "RegressorChain": _fitted(RegressorChain, TWO_NUMBERS),
    "GridSearchCV": lambda subject, make: _search(subject, make).fit(X, PRICES),
    "RandomizedSearchCV": lambda subject, make: _search(
        subject, make, RandomizedSearchCV, n_iter=1, random_state=0
    ).fit(X, PRICES),
    "HalvingGridSearchCV": lambda subject, make: _search(
        subject, make, HalvingGridSearchCV, min_resources=24, factor=2, random_state=0
    ).fit(X, PRICES),
    "nested search": lambda subject, make: cross_validate(
        _search(subject, make), X, PRICES, cv=2, error_score="raise"
    ),
    "cross_validate (four scores)": _several_scores,
    "cross_val_predict": lambda subject, make: cross_val_predict(make(), X, PRICES, cv=2),
    "LabeledKFold, masked_scorer": _partly,
    "permutation_importance": lambda subject, make: permutation_importance(
        make().fit(X, PRICES), X, PRICES, n_repeats=1, random_state=0
    ),
    "SequentialFeatureSelector": lambda subject, make: SequentialFeatureSelector(
        make(), n_features_to_select=1, cv=2
    ).fit(X, PRICES),
    "RFE": lambda subject, make: RFE(make(), n_features_to_select=3).fit(X, PRICES),
    "SelectFromModel": lambda subject, make: SelectFromModel(make()).fit(X, PRICES).transform(X),
    "PredictionErrorDisplay": _display(lambda m: PredictionErrorDisplay.from_estimator(m, X, PRICES), PRICES),
    "PartialDependenceDisplay": _display(
        lambda m: PartialDependenceDisplay.from_estimator(m, X, [0], grid_resolution=3), PRICES
    ),
    "LearningCurveDisplay": _display(
        lambda m: LearningCurveDisplay.from_estimator(
            clone(m), X, PRICES, cv=2, train_sizes=[0.6, 1.0], error_score="raise"
        ),
        PRICES,
    ),
    "frame in, names of features": _names,
    "sparse rows": _sparse,
    "sample_weight": lambda subject, make: make().fit(X, PRICES, sample_weight=WEIGHTS),
    "sample_weight (routing on)": _routed_weights,
    "groups (routing on)": _groups,
    "a query": _query,
}
WAYS_OF_NUMBERS: dict[str, tuple[tuple[str, ...], Way]] = {
    f"numbers: {name}": (("regressor",), way) for name, way in OF_NUMBERS.items()
}
