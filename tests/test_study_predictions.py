"""Stored predictions replay a model: exactly what it predicts, and its probabilities to eleven bits."""

import zlib

import numpy as np
import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification, make_regression
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.metrics import accuracy_score, fbeta_score, get_scorer, make_scorer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skal import ActiveLearner
from skal.metrics import WithAllClasses, expected_calibration_error, make_metrics, measure
from skal.study.predictions import Predictions, predictions_of, predictions_or_reason

EXACT = ["accuracy", "f1_macro", "balanced_accuracy", "precision_weighted", "matthews_corrcoef"]
CLOSE = ["neg_log_loss", "roc_auc_ovr", "roc_auc_ovo_weighted"]
CLOSE_BINARY = ["average_precision", "neg_brier_score", "roc_auc", "d2_log_loss_score"]


def data(n_classes=4, n=1200, labels=None):
    X, y = make_classification(n, 8, n_informative=5, n_classes=n_classes, class_sep=0.7, random_state=3)
    y = y if labels is None else np.asarray(labels)[y]
    return X[: n // 3], y[: n // 3], X[n // 3 :], y[n // 3 :]


def kept(model, X):
    predictions = predictions_of(model, X)
    data = predictions.to_bytes()
    assert isinstance(data, bytes) and len(data) == predictions.n_bytes
    found = Predictions.from_bytes(data)
    assert found.to_bytes() == data == predictions_of(model, X).to_bytes()
    return found


def known_scorers(names):
    found = {}
    for name in names:
        try:
            found[name] = get_scorer(name)
        except ValueError:  # of a later scikit-learn
            continue
    assert len(found) > len(names) // 2
    return found


MODELS = [
    LogisticRegression(max_iter=500),
    GaussianNB(),  # probabilities near 0 and 1
    RandomForestClassifier(30, random_state=0),  # probabilities of exactly 0
    make_pipeline(StandardScaler(), CalibratedClassifierCV(LinearSVC(), ensemble=False)),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("n_classes", [2, 4])
def test_scorers_give_what_they_gave_of_the_model(model, n_classes):
    X, y, X_test, y_test = data(n_classes)
    model.fit(X, y)
    replay = kept(model, X_test).model()
    for name, scorer in known_scorers(EXACT).items():
        assert scorer(replay, X_test, y_test) == scorer(model, X_test, y_test), name
    own = make_scorer(fbeta_score, beta=2.0, average="micro")
    assert own(replay, X_test, y_test) == own(model, X_test, y_test)
    for name, scorer in known_scorers(CLOSE + CLOSE_BINARY * (n_classes == 2)).items():
        before = scorer(model, X_test, y_test)
        assert scorer(replay, X_test, y_test) == pytest.approx(before, abs=2e-3, rel=2e-3), name
    before = expected_calibration_error(model, X_test, y_test)
    assert expected_calibration_error(replay, X_test, y_test) == pytest.approx(before, abs=2e-3)


def test_probabilities_keep_their_tails_and_add_up_to_one():
    P = np.array([[1e-12, 1 - 1e-12], [0.5, 0.5], [0.0, 1.0], [1e-5, 1 - 1e-5], [3e-5, 1 - 3e-5]])
    found = Predictions.from_bytes(
        Predictions("classes", np.array([1, 0, 1, 1, 1]), "classifier", np.array([0, 1]), [P]).to_bytes()
    ).proba[0]
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-15)
    np.testing.assert_allclose(found, P, rtol=1e-2)
    np.testing.assert_allclose(found[1], 0.5)
    assert found[2, 0] == 0.0
    assert (np.argsort(found[:, 0]) == np.argsort(P[:, 0])).all()  # float16 itself would make four of them equal


def test_votes_are_kept_exactly_so_that_equal_ones_stay_equal():
    X, y, X_test, _ = data(4)
    model = RandomForestClassifier(30, random_state=0).fit(X, y)
    np.testing.assert_array_equal(kept(model, X_test).model().predict_proba(X_test), model.predict_proba(X_test))


@pytest.mark.parametrize("model", [LinearSVC(), RidgeClassifier()], ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_models_without_probabilities_keep_their_decision_values(model, n_classes):
    X, y, X_test, y_test = data(n_classes)
    model.fit(X, y)
    replay = kept(model, X_test).model()
    assert not hasattr(replay, "predict_proba")
    np.testing.assert_allclose(replay.decision_function(X_test), model.decision_function(X_test), rtol=1e-6)
    assert get_scorer("accuracy")(replay, X_test, y_test) == get_scorer("accuracy")(model, X_test, y_test)
    if n_classes == 2:
        for name in ("roc_auc", "average_precision"):
            before = get_scorer(name)(model, X_test, y_test)
            assert get_scorer(name)(replay, X_test, y_test) == pytest.approx(before, abs=1e-6)
    else:
        with pytest.raises(AttributeError, match="predict_proba"):
            get_scorer("neg_log_loss")(replay, X_test, y_test)


LABELS = {
    "texts": np.array(["cat", "dog", "emu"]),
    "objects": np.array(["cat", "dog", "a longer name"], dtype=object),
    "not from 0": np.array([-7, 3, 2**40]),
    "floats": np.array([0.1, 0.25, 2.0]),
    "bytes": np.array([b"a", b"bc", b"d\xff"]),
    "non-ASCII": np.array(["Ärger", "naïve", "日本"]),
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_labels_of_any_type_come_back_exactly(labels):
    class Fixed:
        classes_ = labels

        def predict(self, X):
            return labels[np.arange(len(X)) % 3]

    X = np.zeros((10, 2))
    found = kept(Fixed(), X)
    assert found.predicted.dtype == labels.dtype and found.predicted.tolist() == Fixed().predict(X).tolist()
    assert found.classes.dtype == labels.dtype and found.classes.tolist() == labels.tolist()


def test_a_class_that_the_model_has_not_seen():
    """As compare measures it: wrapped before it is stored, or after."""
    X, y, X_test, y_test = data(4, labels=["a", "b", "c", "d"])
    seen = y != "c"
    model = LogisticRegression(max_iter=500).fit(X[seen], y[seen])
    classes = np.unique(y_test)
    metrics = make_metrics(["accuracy", "f1_macro", "neg_log_loss", "roc_auc_ovr", "ece"])
    wrapped = WithAllClasses.where_needed(model, classes)
    before = measure(metrics, wrapped, X_test, y_test)
    outside = WithAllClasses.where_needed(kept(model, X_test).model(), classes)
    inside = kept(wrapped, X_test).model()
    for replay in (outside, inside):
        after = measure(metrics, replay, X_test, y_test)
        assert after["accuracy"] == before["accuracy"] and after["f1_macro"] == before["f1_macro"]
        assert after == pytest.approx(before, abs=2e-3, rel=2e-3)
    svm = LinearSVC().fit(X[seen], y[seen])
    outside = WithAllClasses.where_needed(kept(svm, X_test).model(), classes)
    expected = WithAllClasses.where_needed(svm, classes).decision_function(X_test)
    np.testing.assert_allclose(outside.decision_function(X_test), expected, rtol=1e-5)


def test_a_learner_of_skal_replays():
    X, y, X_test, y_test = data(3)
    learner = ActiveLearner(LogisticRegression(max_iter=500), X_training=X, y_training=y)
    replay = kept(learner, X_test).model()
    assert is_classifier(replay)
    assert get_scorer("accuracy")(replay, X_test, y_test) == get_scorer("accuracy")(learner, X_test, y_test)


def test_numbers_come_back_exactly():
    X, y = make_regression(300, 5, noise=3.0, random_state=0)
    model = LinearRegression().fit(X[:100], y[:100])
    found = kept(model, X[100:])
    assert found.kind == "numbers" and is_regressor(found.model()) and not is_classifier(found.model())
    np.testing.assert_array_equal(found.model().predict(X[100:]), model.predict(X[100:]))
    for name in ("r2", "neg_mean_absolute_error", "neg_median_absolute_error"):
        assert get_scorer(name)(found.model(), X[100:], y[100:]) == get_scorer(name)(model, X[100:], y[100:])
    two = LinearRegression().fit(X, np.column_stack([y, -y]))
    np.testing.assert_array_equal(kept(two, X).predicted, two.predict(X))


@pytest.mark.parametrize(
    "model",
    [RandomForestClassifier(20, random_state=0), OneVsRestClassifier(LogisticRegression())],
    ids=["a list of probabilities", "one array of them"],
)
def test_several_labels_per_row(model):
    rng = np.random.RandomState(1)
    X = rng.normal(size=(400, 10))
    Y = (X @ rng.normal(size=(10, 4)) + rng.normal(size=(400, 4)) > 0).astype(int)
    model.fit(X[:200], Y[:200])
    found = kept(model, X[200:])
    replay, X_test, Y_test = found.model(), X[200:], Y[200:]
    assert found.kind == "label_sets"
    np.testing.assert_array_equal(replay.predict(X_test), model.predict(X_test))
    for name in ("accuracy", "f1_macro", "jaccard_macro"):
        assert get_scorer(name)(replay, X_test, Y_test) == get_scorer(name)(model, X_test, Y_test)
    before, after = model.predict_proba(X_test), replay.predict_proba(X_test)
    assert type(before) is type(after)
    np.testing.assert_allclose(np.array(after), np.array(before), atol=1e-3)
    score = get_scorer("average_precision")
    assert score(replay, X_test, Y_test) == pytest.approx(score(model, X_test, Y_test), abs=2e-3)


class Segmenter:
    def __init__(self, masks):
        self.masks = masks
        self.classes_ = np.array([0, 1, 5])

    def predict(self, X):
        return self.masks


def test_small_label_maps_are_kept_and_for_large_ones_the_reason_is_given():
    masks = np.random.RandomState(0).choice([0, 1, 5], (7, 6, 4)).astype(np.uint8)
    found = kept(Segmenter(masks), np.zeros((7, 3, 6, 4)))
    assert found.kind == "masks" and found.predicted.dtype == np.uint8
    np.testing.assert_array_equal(found.model().predict(np.zeros((7, 3))), masks)
    large = Segmenter(np.zeros((5, 1000, 1000), dtype=np.uint8))
    assert predictions_of(large, np.zeros((5, 3))) is None
    assert "5000000 pixels" in predictions_or_reason(large, np.zeros((5, 3)))
    ragged = np.empty(2, dtype=object)
    ragged[:] = [np.zeros((2, 2)), np.zeros((3, 3))]
    for masks in (ragged, list(ragged)):
        assert "several sizes" in predictions_or_reason(Segmenter(masks), np.zeros((2, 3)))


def test_labels_that_are_neither_numbers_nor_texts_are_not_kept():
    model = Segmenter(np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]"))
    assert predictions_of(model, np.zeros((2, 1))) is None
    assert "datetime64" in predictions_or_reason(model, np.zeros((2, 1)))


def test_rows_are_the_test_rows_in_number_or_named_by_their_numbers():
    X, y, X_test, y_test = data(3)
    model = LogisticRegression(max_iter=500).fit(X, y)
    found = kept(model, X_test)
    replay = found.model()
    with pytest.raises(ValueError, match=r"800 test rows, got 10 rows"):
        replay.predict(X_test[:10])
    with pytest.raises(ValueError, match=r"800 test rows, got 10 rows"):
        replay.predict_proba(np.arange(10).reshape(-1, 1))  # a table of integers is not taken for row numbers
    part = np.array([5, 3, 700])
    np.testing.assert_array_equal(replay.predict(found.rows[part]), model.predict(X_test[part]))
    np.testing.assert_allclose(replay.predict_proba(found.rows[part]), model.predict_proba(X_test[part]), atol=1e-3)
    assert get_scorer("accuracy")(replay, found.rows, y_test) == accuracy_score(y_test, model.predict(X_test))


def test_blocks_of_row_numbers_are_read_like_the_rows():
    from skal.data import block_rows

    X, y, X_test, y_test = data(3)
    model = LogisticRegression(max_iter=500).fit(X, y)
    found = kept(model, X_test)
    whole = expected_calibration_error(found.model(), X_test, y_test)
    with block_rows(64):
        assert expected_calibration_error(found.model(), found.rows, y_test) == whole


def test_what_a_round_takes_in_the_store():
    X, y, X_test, y_test = data(4)
    both = kept(LogisticRegression(max_iter=500).fit(X, y), X_test)
    assert (
        both.n_bytes < len(X_test) * (4 * (2 + 4) + 1) + 600
    )  # a probability, a decision value, less than one a label
    proba = kept(GaussianNB().fit(X, y), X_test)
    assert proba.decisions is None and proba.n_bytes < len(X_test) * (4 * 2 + 1) + 600


def test_damaged_and_later_bytes_are_refused():
    X, y, X_test, y_test = data(2)
    data_ = predictions_of(LogisticRegression().fit(X, y), X_test).to_bytes()
    header = data_[:17]
    with pytest.raises(ValueError, match="not stored predictions"):
        Predictions.from_bytes(b"PK" + data_)
    with pytest.raises(ValueError, match="later skal"):
        Predictions.from_bytes(data_[:16] + bytes([2]) + data_[17:])
    for place in range(17, len(data_), 97):
        broken = bytearray(data_)
        broken[place] ^= 0x40
        with pytest.raises(ValueError, match="damaged"):
            Predictions.from_bytes(bytes(broken))
    with pytest.raises(ValueError, match="damaged"):
        Predictions.from_bytes(data_[:-20])
    content = zlib.decompress(data_[17:])
    pointers = content.replace(b'"<f2"', b'"|O8"', 1)
    assert pointers != content
    with pytest.raises(ValueError, match="damaged"):
        Predictions.from_bytes(header + zlib.compress(pointers))


def test_a_method_that_turns_out_to_be_missing_is_left_out():
    class Late:
        classes_ = np.array([0, 1])

        def predict(self, X):
            return np.zeros(len(X), dtype=int)

        def predict_proba(self, X):
            raise AttributeError("not with this loss")

    assert kept(Late(), np.zeros((4, 1))).proba is None
