"""What the table of docs/composition.md is made of: estimators of skal, and ways in which scikit-learn uses one."""

import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, SelectFromModel, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import DecisionBoundaryDisplay, PartialDependenceDisplay, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    DetCurveDisplay,
    PrecisionRecallDisplay,
    RocCurveDisplay,
    get_scorer,
)
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    LearningCurveDisplay,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
    ValidationCurveDisplay,
    cross_val_predict,
    cross_validate,
    permutation_test_score,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from skal import (
    ActiveLearner,
    ActiveLearningClassifier,
    Committee,
    LabeledKFold,
    LabeledOnlyClassifier,
    masked_scorer,
)
from skal.adversarial import SRAAL, VAAL
from skal.neural import (
    EnsembleClassifier,
    LossPredictionClassifier,
    NeuralClassifier,
    NeuralSegmenter,
    VariationalAutoencoder,
)
from skal.query import entropy_sampling
from skal.semi_supervised import FixMatchClassifier, PseudoLabelClassifier, UDAClassifier

matplotlib.use("Agg")

# Data

_X, _CLASSES = load_iris(return_X_y=True)
_ROWS = np.arange(150).reshape(3, 50)[:, :16].T.ravel()  # 16 of each class, in turn
X, Y = _X[_ROWS].astype(np.float64), _CLASSES[_ROWS]
NAMES = ["a", "b", "c", "d"]
FRAME = pd.DataFrame(X, columns=NAMES)
TWO = (Y > 0).astype(int)
PARTLY = np.where(np.arange(len(Y)) % 4 == 0, np.nan, Y)
WEIGHTS = 1 + np.arange(len(Y)) % 3 / 2
GROUPS = np.arange(len(Y)) // 3 % 4
_rng = np.random.RandomState(0)
IMAGES = _rng.rand(8, 3, 8, 8).astype(np.float32)
MASKS = (IMAGES[:, 0] > 0.5).astype(np.int64)


class Subject(NamedTuple):
    """An estimator as a row of the table.

    Attributes
    ----------
    make : callable
        Gives a new, tiny one.
    kind : str
        "classifier", "transformer" or "segmenter".
    peers : tuple of callables
        Estimators of scikit-learn of the same kind: where one of them is refused in the same words, the limit is
        scikit-learn's own.
    part : str
        The estimator inside, among the parameters, that says what metadata it wants; "" where it says so itself.
    parameter : tuple
        A parameter and two values, for searches.
    """

    make: Callable[[], Any]
    kind: str = "classifier"
    peers: tuple[Callable[[], Any], ...] = (LogisticRegression, KNeighborsClassifier)
    part: str = ""
    parameter: tuple[str, list[Any]] = ("lr", [1e-3, 1e-2])


def _net() -> Any:
    return NeuralClassifier(max_epochs=2, batch_size=16, random_state=0)


def _logistic() -> Any:
    return LogisticRegression(max_iter=500)


_C = ("estimator__C", [0.1, 1.0])
_STEPS: dict[str, Any] = {"max_steps": 2, "judge_steps": 2, "random_state": 0}

SUBJECTS = {
    "NeuralClassifier": Subject(_net),
    "LossPredictionClassifier": Subject(
        lambda: LossPredictionClassifier(max_epochs=2, batch_size=16, random_state=0)
    ),
    "EnsembleClassifier": Subject(
        lambda: EnsembleClassifier(_net(), 2, random_state=0), part="estimator", parameter=("n_members", [2, 3])
    ),
    "UDAClassifier": Subject(lambda: UDAClassifier(max_steps=2, random_state=0)),
    "FixMatchClassifier": Subject(lambda: FixMatchClassifier(max_steps=2, random_state=0)),
    "PseudoLabelClassifier": Subject(lambda: PseudoLabelClassifier(_logistic()), part="estimator", parameter=_C),
    "VariationalAutoencoder": Subject(
        lambda: VariationalAutoencoder(max_epochs=1, random_state=0), "transformer", (lambda: PCA(2),)
    ),
    "VAAL": Subject(lambda: VAAL(**_STEPS), "transformer", (lambda: PCA(2),), parameter=("kl_weight", [0.5, 1.0])),
    "SRAAL": Subject(
        lambda: SRAAL(estimator=_logistic(), **_STEPS),
        "transformer",
        (lambda: PCA(2),),
        "estimator",
        ("kl_weight", [0.5, 1.0]),
    ),
    "ActiveLearner": Subject(lambda: ActiveLearner(_logistic()), part="estimator", parameter=_C),
    "Committee": Subject(
        lambda: Committee([ActiveLearner(_logistic()), ActiveLearner(LogisticRegression(C=0.1))]),
        part="learner_list",
        parameter=_C,
    ),
    "ActiveLearningClassifier": Subject(
        lambda: ActiveLearningClassifier(
            LogisticRegression(C=100), n_initial=8, n_instances=4, budget=12, random_state=0
        ),
        part="estimator",
        parameter=_C,
    ),
    "LabeledOnlyClassifier": Subject(lambda: LabeledOnlyClassifier(_logistic()), part="estimator", parameter=_C),
    "NeuralSegmenter": Subject(
        lambda: NeuralSegmenter(max_epochs=1, module__width=2, random_state=0), "segmenter", ()
    ),
}


def _requesting(subject: Subject, model: Any, **requests: bool) -> Any:
    """The model, once whoever says so in it has asked for metadata."""
    found = model
    if subject.part:
        found = model.get_params(deep=False)[subject.part]
        found = [member.estimator for member in found] if isinstance(found, list) else found
    for who in found if isinstance(found, list) else [found]:
        inner = who.get_params(deep=False).get("estimator", who) if hasattr(who, "get_params") else who
        (inner if hasattr(inner, "set_fit_request") else who).set_fit_request(**requests)
    return model


# Ways: each is given the subject and its class of estimators to make one, and raises where it fails


def _read(model: Any) -> None:
    """Fit and read, as far as the model goes."""
    model.fit(X, Y)
    if hasattr(model, "predict"):
        assert model.predict(X).shape == Y.shape
        model.score(X, Y)
    if hasattr(model, "predict_proba"):
        assert model.predict_proba(X).shape == (len(X), 3)


def _fit_and_predict(wrap: Callable[[Any], Any], y: Any = Y) -> Callable[[Subject, Callable[[], Any]], None]:
    def way(subject: Subject, make: Callable[[], Any]) -> None:
        model = wrap(make()).fit(X, y)
        assert len(model.predict(X)) == len(X)

    return way


def _display(draw: Callable[[Any], Any], y: Any = TWO) -> Callable[[Subject, Callable[[], Any]], None]:
    def way(subject: Subject, make: Callable[[], Any]) -> None:
        from matplotlib import pyplot

        try:
            draw(make().fit(X, y))
        finally:
            pyplot.close("all")

    return way


def _grid(subject: Subject, make: Callable[[], Any]) -> dict[str, list[Any]]:
    """A parameter with two values; of a counterpart, which has no such parameter, none."""
    name, values = subject.parameter
    return {name: values} if make is subject.make else {}


def _search(subject: Subject, make: Callable[[], Any], kind: Any = GridSearchCV, **options: Any) -> Any:
    model = make()
    grid = _grid(subject, make)
    if subject.kind == "transformer":  # the search is of a step
        model = make_pipeline(model, _logistic())
        grid = {f"{model.steps[0][0]}__{name}": values for name, values in grid.items()}
    options = {"cv": 2, "error_score": "raise", **options}
    return kind(model, grid, **options)


def _clone_and_pickle(subject: Subject, make: Callable[[], Any]) -> None:
    model = make().fit(X, Y)
    copied = pickle.loads(pickle.dumps(model))
    method = "predict" if hasattr(model, "predict") else "transform"
    np.testing.assert_array_equal(getattr(copied, method)(X), getattr(model, method)(X))
    clone(copied).fit(X, Y)
    repr(model), model._repr_html_()


def _partly(subject: Subject, make: Callable[[], Any]) -> None:
    if subject.kind == "transformer":
        make().fit(X, PARTLY).transform(X)
        return
    scores = cross_validate(make(), X, PARTLY, cv=LabeledKFold(2), scoring=masked_scorer(), error_score="raise")
    assert len(scores["test_score"]) == 2
    assert 0 <= make().fit(X, PARTLY).score(X, PARTLY) <= 1


def _nested(subject: Subject, make: Callable[[], Any]) -> None:
    cross_validate(_search(subject, make), X, Y, cv=2, error_score="raise")


def _several_scores(subject: Subject, make: Callable[[], Any]) -> None:
    scoring = ["accuracy", "neg_log_loss", "roc_auc_ovr", "f1_macro"]
    cross_validate(make(), X, Y, cv=2, scoring=scoring, error_score="raise")


def _weights(subject: Subject, make: Callable[[], Any]) -> None:
    make().fit(X, Y, sample_weight=WEIGHTS)


def _routed_weights(subject: Subject, make: Callable[[], Any]) -> None:
    with config_context(enable_metadata_routing=True):
        model = _requesting(subject, make(), sample_weight=True) if make is subject.make else make()
        if make is not subject.make:
            model.set_fit_request(sample_weight=True)
        if subject.kind == "transformer":
            make_pipeline(model).fit(X, Y, sample_weight=WEIGHTS)
            return
        scorer = get_scorer("accuracy").set_score_request(sample_weight=True)
        cross_validate(
            Pipeline([("scale", StandardScaler().set_fit_request(sample_weight=False)), ("model", model)]),
            X,
            Y,
            cv=2,
            scoring=scorer,
            params={"sample_weight": WEIGHTS},
            error_score="raise",
        )


def _groups(subject: Subject, make: Callable[[], Any]) -> None:
    with config_context(enable_metadata_routing=True):
        scores = cross_validate(
            make(),
            X,
            PARTLY,
            cv=LabeledKFold(GroupKFold(2)),
            scoring=masked_scorer(),
            params={"groups": GROUPS},
            error_score="raise",
        )
    assert len(scores["test_score"]) == 2


def _routed_search(subject: Subject, make: Callable[[], Any]) -> None:
    with config_context(enable_metadata_routing=True):
        _search(subject, make).fit(X, Y)


def _out(container: str) -> Callable[[Subject, Callable[[], Any]], None]:
    def way(subject: Subject, make: Callable[[], Any]) -> None:
        model = make_pipeline(StandardScaler(), make()).set_output(transform=container).fit(FRAME, Y)
        got = model.transform(FRAME)
        assert type(got).__module__.startswith(container), type(got)
        assert list(got.columns) == list(model.get_feature_names_out())

    return way


def _union(subject: Subject, make: Callable[[], Any]) -> None:
    both = FeatureUnion([("own", make()), ("pca", PCA(2))]).fit(X, Y)
    both.get_feature_names_out()
    both.transform(X)


def _columns(subject: Subject, make: Callable[[], Any]) -> None:
    parts = ColumnTransformer([("own", make(), ["a", "b"]), ("scale", StandardScaler(), ["c"])]).fit(FRAME, Y)
    parts.get_feature_names_out()
    parts.transform(FRAME)


def _names(subject: Subject, make: Callable[[], Any]) -> None:
    model = make().fit(FRAME, Y)
    assert model.n_features_in_ == 4 and list(model.feature_names_in_) == NAMES
    try:
        (model.predict if hasattr(model, "predict") else model.transform)(FRAME[NAMES[::-1]])
    except ValueError as error:
        assert "feature names" in str(error)
    else:
        raise AssertionError("columns in another order are taken in silence")


def _text_labels(subject: Subject, make: Callable[[], Any]) -> None:
    words = np.array(["x", "y", "z"], dtype=object)[Y]
    model = make().fit(X, words)
    assert model.classes_.dtype == object and set(model.predict(X)) <= {"x", "y", "z"}


def _sparse(subject: Subject, make: Callable[[], Any]) -> None:
    from scipy.sparse import csr_matrix

    model = make().fit(csr_matrix(X), Y)
    (model.predict if hasattr(model, "predict") else model.transform)(csr_matrix(X))


def _calibrated_frozen(subject: Subject, make: Callable[[], Any]) -> None:
    CalibratedClassifierCV(FrozenEstimator(make().fit(X, Y))).fit(X, Y).predict_proba(X)


def _stack(model: Any, passthrough: bool = False) -> Any:
    return StackingClassifier([("own", model), ("other", _logistic())], _logistic(), cv=2, passthrough=passthrough)


def _two_targets(wrap: Callable[[Any], Any]) -> Callable[[Subject, Callable[[], Any]], None]:
    return lambda subject, make: wrap(make()).fit(X, np.column_stack([TWO, Y == 2])).predict(X)


def _queries(subject: Subject, make: Callable[[], Any]) -> None:
    learner = ActiveLearner(make(), entropy_sampling, X_training=X, y_training=Y)
    assert len(learner.query(X[::-1], n_instances=3)[0]) == 3


def _calibrated_queries(subject: Subject, make: Callable[[], Any]) -> None:
    model = CalibratedClassifierCV(make(), cv=2)
    learner = ActiveLearner(model, entropy_sampling, X_training=X, y_training=Y)
    assert len(learner.query(X[::-1], n_instances=3)[0]) == 3


def _images(subject: Subject, make: Callable[[], Any]) -> None:
    scores = cross_validate(make(), IMAGES, MASKS, cv=2, error_score="raise")
    assert len(scores["test_score"]) == 2


def _images_in_a_pipeline(subject: Subject, make: Callable[[], Any]) -> None:
    assert Pipeline([("model", make())]).fit(IMAGES, MASKS).predict(IMAGES).shape == MASKS.shape


def _images_searched(subject: Subject, make: Callable[[], Any]) -> None:
    GridSearchCV(make(), {"lr": [1e-3, 1e-2]}, cv=2, error_score="raise").fit(IMAGES, MASKS)


def _images_copied(subject: Subject, make: Callable[[], Any]) -> None:
    model = make().fit(IMAGES, MASKS)
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied.predict(IMAGES), model.predict(IMAGES))
    clone(copied), repr(model)


def _images_partly(subject: Subject, make: Callable[[], Any]) -> None:
    partly = [None if k % 4 == 0 else mask for k, mask in enumerate(MASKS)]
    y = np.empty(len(MASKS), dtype=object)
    y[:] = partly
    cross_validate(make(), IMAGES, y, cv=LabeledKFold(2), error_score="raise")


ANY, CLASSIFIER, TRANSFORMER, SEGMENTER = (
    ("classifier", "transformer"),
    ("classifier",),
    ("transformer", "classifier"),
    ("segmenter",),
)
WAYS: dict[str, tuple[tuple[str, ...], Callable[[Subject, Callable[[], Any]], None]]] = {
    "clone, pickle, repr": (ANY, _clone_and_pickle),
    "Pipeline": (ANY, lambda subject, make: _read(make_pipeline(StandardScaler(), PCA(3), make()))),
    "FrozenEstimator": (ANY, lambda subject, make: FrozenEstimator(make().fit(X, Y)).fit(X, Y)),
    "FeatureUnion": (TRANSFORMER, _union),
    "ColumnTransformer": (TRANSFORMER, _columns),
    "VotingClassifier (soft)": (
        CLASSIFIER,
        _fit_and_predict(lambda model: VotingClassifier([("own", model), ("other", _logistic())], voting="soft")),
    ),
    "StackingClassifier": (CLASSIFIER, _fit_and_predict(_stack)),
    "StackingClassifier (passthrough)": (CLASSIFIER, _fit_and_predict(lambda model: _stack(model, True))),
    "BaggingClassifier": (
        CLASSIFIER,
        _fit_and_predict(lambda model: BaggingClassifier(model, n_estimators=2, random_state=0)),
    ),
    "AdaBoostClassifier": (CLASSIFIER, _fit_and_predict(lambda model: AdaBoostClassifier(model, n_estimators=2))),
    "OneVsRestClassifier": (CLASSIFIER, _fit_and_predict(OneVsRestClassifier)),
    "OneVsOneClassifier": (CLASSIFIER, _fit_and_predict(OneVsOneClassifier)),
    "OutputCodeClassifier": (
        CLASSIFIER,
        _fit_and_predict(lambda model: OutputCodeClassifier(model, code_size=1, random_state=0)),
    ),
    "MultiOutputClassifier": (CLASSIFIER, _two_targets(MultiOutputClassifier)),
    "ClassifierChain": (CLASSIFIER, _two_targets(lambda model: ClassifierChain(model, random_state=0))),
    "SelfTrainingClassifier": (
        CLASSIFIER,
        _fit_and_predict(
            lambda model: SelfTrainingClassifier(model, max_iter=2), np.where(np.arange(len(Y)) % 3, Y, -1)
        ),
    ),
    "CalibratedClassifierCV (sigmoid)": (CLASSIFIER, _fit_and_predict(lambda m: CalibratedClassifierCV(m, cv=2))),
    "CalibratedClassifierCV (isotonic)": (
        CLASSIFIER,
        _fit_and_predict(lambda model: CalibratedClassifierCV(model, method="isotonic", cv=2)),
    ),
    "CalibratedClassifierCV (frozen)": (CLASSIFIER, _calibrated_frozen),
    "TunedThresholdClassifierCV": (
        CLASSIFIER,
        _fit_and_predict(lambda m: TunedThresholdClassifierCV(m, cv=2, thresholds=5), TWO),
    ),
    "TunedThresholdClassifierCV (masked_scorer)": (
        CLASSIFIER,
        _fit_and_predict(
            lambda m: TunedThresholdClassifierCV(m, scoring=masked_scorer("f1"), cv=2, thresholds=5), TWO
        ),
    ),
    "FixedThresholdClassifier": (
        CLASSIFIER,
        _fit_and_predict(lambda model: FixedThresholdClassifier(model, threshold=0.4), TWO),
    ),
    "GridSearchCV": (ANY, lambda subject, make: _search(subject, make).fit(X, Y)),
    "RandomizedSearchCV": (
        ANY,
        lambda subject, make: _search(subject, make, RandomizedSearchCV, n_iter=1, random_state=0).fit(X, Y),
    ),
    "HalvingGridSearchCV": (
        ANY,
        lambda subject, make: _search(
            subject, make, HalvingGridSearchCV, min_resources=24, factor=2, random_state=0
        ).fit(X, Y),
    ),
    "nested search": (ANY, _nested),
    "cross_validate (four scores)": (CLASSIFIER, _several_scores),
    "cross_val_predict (probabilities)": (
        CLASSIFIER,
        lambda subject, make: cross_val_predict(make(), X, Y, cv=2, method="predict_proba"),
    ),
    "LabeledKFold, masked_scorer": (ANY, _partly),
    "permutation_test_score": (
        CLASSIFIER,
        lambda subject, make: permutation_test_score(make(), X, Y, cv=2, n_permutations=2, random_state=0),
    ),
    "permutation_importance": (
        CLASSIFIER,
        lambda subject, make: permutation_importance(make().fit(X, Y), X, Y, n_repeats=1, random_state=0),
    ),
    "SequentialFeatureSelector": (
        CLASSIFIER,
        lambda subject, make: SequentialFeatureSelector(make(), n_features_to_select=1, cv=2).fit(X, Y),
    ),
    "RFE": (CLASSIFIER, lambda subject, make: RFE(make(), n_features_to_select=3).fit(X, Y)),
    "SelectFromModel": (CLASSIFIER, lambda subject, make: SelectFromModel(make()).fit(X, Y).transform(X)),
    "ConfusionMatrixDisplay": (CLASSIFIER, _display(lambda m: ConfusionMatrixDisplay.from_estimator(m, X, TWO))),
    "RocCurveDisplay": (CLASSIFIER, _display(lambda m: RocCurveDisplay.from_estimator(m, X, TWO))),
    "PrecisionRecallDisplay": (CLASSIFIER, _display(lambda m: PrecisionRecallDisplay.from_estimator(m, X, TWO))),
    "DetCurveDisplay": (CLASSIFIER, _display(lambda m: DetCurveDisplay.from_estimator(m, X, TWO))),
    "CalibrationDisplay": (CLASSIFIER, _display(lambda m: CalibrationDisplay.from_estimator(m, X, TWO))),
    "DecisionBoundaryDisplay": (
        CLASSIFIER,
        lambda subject, make: _display(
            lambda m: DecisionBoundaryDisplay.from_estimator(m.fit(X[:, :2], Y), X[:, :2], grid_resolution=5), Y
        )(subject, make),
    ),
    "PartialDependenceDisplay": (
        CLASSIFIER,
        _display(lambda m: PartialDependenceDisplay.from_estimator(m, X, [0], grid_resolution=3)),
    ),
    "LearningCurveDisplay": (
        CLASSIFIER,
        _display(
            lambda m: LearningCurveDisplay.from_estimator(
                clone(m), X, TWO, cv=2, train_sizes=[0.6, 1.0], error_score="raise"
            )
        ),
    ),
    "ValidationCurveDisplay": (
        CLASSIFIER,
        lambda subject, make: _display(
            lambda m: ValidationCurveDisplay.from_estimator(
                clone(m),
                X,
                TWO,
                param_name=subject.parameter[0],
                param_range=np.array(subject.parameter[1]),
                cv=2,
                error_score="raise",
            )
        )(subject, make),
    ),
    "frame in, names of features": (ANY, _names),
    "set_output (pandas)": (TRANSFORMER, _out("pandas")),
    "set_output (polars)": (TRANSFORMER, _out("polars")),
    "text as objects": (CLASSIFIER, _text_labels),
    "sparse rows": (ANY, _sparse),
    "sample_weight": (CLASSIFIER, _weights),
    "sample_weight (routing on)": (CLASSIFIER, _routed_weights),
    "groups (routing on)": (CLASSIFIER, _groups),
    "GridSearchCV (routing on)": (ANY, _routed_search),
    "a query": (CLASSIFIER, _queries),
    "a query of the calibrated": (CLASSIFIER, _calibrated_queries),
    "images: Pipeline": (SEGMENTER, _images_in_a_pipeline),
    "images: cross_validate": (SEGMENTER, _images),
    "images: GridSearchCV": (SEGMENTER, _images_searched),
    "images: clone, pickle, repr": (SEGMENTER, _images_copied),
    "images: LabeledKFold": (SEGMENTER, _images_partly),
}
