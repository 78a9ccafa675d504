import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from made_optional import needs_polars
from made_optional import polars as pl
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skal import ActiveLearner, ActiveLearningClassifier, compare
from skal.data import take, to_numpy
from skal.labels import LabeledKFold, labeled_part, masked_scorer, plain_labels, unlabeled_mask

N = 120
rng = np.random.default_rng(0)
INTS = rng.integers(0, 3, N) + 1
X = INTS[:, None] + rng.normal(size=(N, 2))  # overlapping classes: fold scores differ
MISSING = rng.random(N) < 0.4
LABELED = np.flatnonzero(~MISSING)
NAMES = np.array(["ant", "bee", "cat", "dog"])[INTS]
GROUPS = rng.integers(0, 6, N)
INDEX = rng.permutation(N) % 50  # shuffled, with repeats: rows must go by position


def objects(values, missing):
    return [missing if gone else value for value, gone in zip(values.tolist(), MISSING, strict=True)]


def array(values, missing):
    y = np.empty(N, dtype=object)
    y[:] = objects(values, missing)
    return y


def series(values, missing=None, dtype=None):
    return pd.Series(objects(values, missing), dtype=dtype, index=INDEX)


# name: (y, missing_label, all labels)
ENCODINGS = {
    "int, -1": (np.where(MISSING, -1, INTS), -1, INTS),
    "float, NaN": (np.where(MISSING, np.nan, INTS), "auto", INTS),
    "float32, NaN": (np.where(MISSING, np.nan, INTS).astype(np.float32), "auto", INTS),
    "float, -1": (np.where(MISSING, -1.0, INTS), -1, INTS),
    "object, ints and None": (array(INTS, None), "auto", INTS),
    "object, ints and NaN": (array(INTS, float("nan")), "auto", INTS),
    "object, ints and NA": (array(INTS, pd.NA), "auto", INTS),
    "object, str and None": (array(NAMES, None), "auto", NAMES),
    "object, str and NaN": (array(NAMES, np.nan), "auto", NAMES),
    "str, ''": (np.where(MISSING, "", NAMES), "", NAMES),
    "series Int64, NA": (series(INTS, dtype="Int64"), "auto", INTS),
    "series float, NaN": (series(INTS, np.nan), "auto", INTS),
    "series object, str and None": (series(NAMES, dtype=object), "auto", NAMES),
    "series str, NaN": (series(NAMES, dtype="str"), "auto", NAMES),
    "series string, NA": (series(NAMES, dtype="string"), "auto", NAMES),
    "series str, ''": (series(NAMES, "", dtype="str"), "", NAMES),
    "category of str": (series(NAMES, dtype="category"), "auto", NAMES),
    "category of ints": (series(INTS, dtype="category"), "auto", INTS),
    "list, ints and None": (objects(INTS, None), "auto", INTS),
    "list, ints and NaN": (objects(INTS, float("nan")), "auto", INTS),
    "list, str and None": (objects(NAMES, None), "auto", NAMES),
    "list, str and NaN": (objects(NAMES, float("nan")), "auto", NAMES),
    "list, ints and -1": (objects(INTS, -1), -1, INTS),
}
if pl is not None:
    ENCODINGS["polars Int64, null"] = pl.Series(objects(INTS, None)), "auto", INTS
    ENCODINGS["polars str, null"] = pl.Series(objects(NAMES, None)), "auto", NAMES


@pytest.fixture(params=ENCODINGS)
def encoding(request):
    return ENCODINGS[request.param]


class OnLabeled(ClassifierMixin, BaseEstimator):
    """Trains on the labelled rows alone."""

    def __init__(self, missing_label="auto", var_smoothing=1e-9):
        self.missing_label = missing_label
        self.var_smoothing = var_smoothing

    def fit(self, X, y):
        rows, labels = labeled_part(y, self.missing_label)
        self.model_ = GaussianNB(var_smoothing=self.var_smoothing).fit(take(X, rows), labels)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)


def test_unlabeled_mask_is_true_where_the_label_is_missing(encoding):
    y, missing_label, _ = encoding
    mask = unlabeled_mask(y, missing_label)
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, MISSING)


def test_labeled_part_restores_the_labels_and_their_type(encoding):
    y, missing_label, labels = encoding
    rows, restored = labeled_part(y, missing_label)
    np.testing.assert_array_equal(rows, LABELED)
    assert rows.dtype == np.intp
    held = "O" if labels.dtype.kind == "U" and not isinstance(y, list) and to_numpy(y).dtype.kind == "O" else "no"
    assert restored.dtype.kind == (held if held == "O" else labels.dtype.kind)  # text that was objects stays so
    assert restored.tolist() == labels[LABELED].tolist()


def test_labeled_folds_are_the_folds_of_the_labelled_rows(encoding):
    y, missing_label, labels = encoding
    cv = LabeledKFold(5, missing_label)
    folds = list(cv.split(X, y))
    expected = list(StratifiedKFold(5).split(X[LABELED], labels[LABELED]))
    assert len(folds) == cv.get_n_splits(X, y) == 5
    for (train, test), (expected_train, expected_test) in zip(folds, expected, strict=True):
        np.testing.assert_array_equal(test, LABELED[expected_test])
        np.testing.assert_array_equal(train, np.sort(np.r_[LABELED[expected_train], np.flatnonzero(MISSING)]))


@pytest.mark.parametrize(
    "cv", [3, StratifiedKFold(4, shuffle=True, random_state=0), KFold(6), ShuffleSplit(2, random_state=0)]
)
def test_labeled_folds_test_on_labelled_rows_and_train_on_the_others(cv):
    y = ENCODINGS["object, str and None"][0]
    folds = list(LabeledKFold(cv).split(X, y))
    assert len(folds) == (cv if isinstance(cv, int) else cv.get_n_splits()) and all(len(test) for _, test in folds)
    for train, test in folds:
        assert not MISSING[test].any()
        assert set(np.flatnonzero(MISSING)) <= set(train)
        assert not set(train) & set(test)
        np.testing.assert_array_equal(train, np.unique(train))


@pytest.mark.parametrize("cv", [4, LeaveOneOut(), GroupKFold(3), LeaveOneGroupOut()])
def test_the_number_of_folds_is_the_number_of_splits(cv):
    # Group 9 has no labelled row, so there is no fold for it.
    by_group = isinstance(cv, (GroupKFold, LeaveOneGroupOut))
    groups = np.where(MISSING & (GROUPS == 0), 9, GROUPS) if by_group else None
    y = ENCODINGS["float, NaN"][0]
    folds = LabeledKFold(cv)
    assert folds.get_n_splits(X, y, groups) == len(list(folds.split(X, y, groups)))


def test_the_number_of_folds_needs_no_data_where_the_splitter_needs_none():
    assert LabeledKFold(4).get_n_splits() == LabeledKFold(KFold(4)).get_n_splits() == 4


@pytest.mark.parametrize("groups", [GROUPS, pd.Series(GROUPS, index=INDEX), GROUPS.tolist()])
def test_labelled_rows_of_a_group_are_on_one_side(groups):
    y = ENCODINGS["series Int64, NA"][0]
    folds = list(LabeledKFold(GroupKFold(3)).split(X, y, groups))
    assert len(folds) == 3
    for train, test in folds:
        assert not set(GROUPS[test]) & set(GROUPS[train[~MISSING[train]]])
    assert sorted(np.concatenate([test for _, test in folds])) == LABELED.tolist()


def test_masked_scorer_is_the_score_of_the_labelled_rows(encoding):
    y, missing_label, labels = encoding
    model = GaussianNB().fit(X, labels)
    expected = accuracy_score(labels[LABELED], model.predict(X[LABELED]))
    assert masked_scorer("accuracy", missing_label)(model, X, y) == expected
    assert 0 < expected < 1


def test_cross_validation_scores_equal_those_of_the_labelled_part(encoding):
    y, missing_label, labels = encoding
    scores = cross_val_score(
        OnLabeled(missing_label),
        X,
        y,
        cv=LabeledKFold(5, missing_label),
        scoring=masked_scorer("accuracy", missing_label),
    )
    expected = cross_val_score(GaussianNB(), X[LABELED], labels[LABELED], cv=StratifiedKFold(5))
    np.testing.assert_array_equal(scores, expected)
    assert len(set(expected)) > 1


def test_cross_validation_of_a_pipeline_respects_groups():
    y, _, labels = ENCODINGS["category of str"]
    cv = LabeledKFold(GroupKFold(3))
    model = make_pipeline(FunctionTransformer(), OnLabeled())
    scores = cross_val_score(model, X, y, groups=GROUPS, cv=cv, scoring=masked_scorer())
    expected = cross_val_score(GaussianNB(), X[LABELED], labels[LABELED], groups=GROUPS[LABELED], cv=GroupKFold(3))
    np.testing.assert_array_equal(scores, expected)


@pytest.mark.parametrize("name", ["object, ints and None", "str, ''"])
def test_grid_search_in_two_processes_equals_that_on_the_labelled_part(name):
    y, missing_label, labels = ENCODINGS[name]
    grid = {"var_smoothing": [1e-9, 1.0, 100.0]}
    search = GridSearchCV(
        OnLabeled(missing_label),
        grid,
        cv=LabeledKFold(5, missing_label),
        scoring=masked_scorer("balanced_accuracy", missing_label),
        n_jobs=2,
    ).fit(X, y)
    expected = GridSearchCV(GaussianNB(), grid, cv=StratifiedKFold(5), scoring="balanced_accuracy")
    expected.fit(X[LABELED], labels[LABELED])
    assert search.best_params_ == expected.best_params_
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], expected.cv_results_["mean_test_score"])
    assert len(set(expected.cv_results_["mean_test_score"])) > 1
    assert search.classes_.tolist() == np.unique(labels).tolist()


def test_masked_scorer_passes_on_the_weights_of_the_labelled_rows():
    y, _, labels = ENCODINGS["float, NaN"]
    model = GaussianNB().fit(X, labels)
    weight = rng.random(N)
    score = masked_scorer("accuracy")(model, X, y, sample_weight=weight)
    assert score == accuracy_score(labels[LABELED], model.predict(X[LABELED]), sample_weight=weight[LABELED])


def test_masked_scorer_takes_a_callable_and_pickles():
    scorer = pickle.loads(pickle.dumps(masked_scorer(masked_scorer("accuracy"), -1)))
    model = GaussianNB().fit(X, INTS)
    assert scorer(model, X, np.where(MISSING, -1, INTS)) == model.score(X[LABELED], INTS[LABELED])


def test_labeled_folds_of_a_continuous_target_are_plain_folds():
    y = np.where(MISSING, np.nan, X[:, 0])
    tests = [test for _, test in LabeledKFold(4).split(X, y)]
    expected = [LABELED[test] for _, test in KFold(4).split(LABELED)]
    assert [test.tolist() for test in tests] == [test.tolist() for test in expected]


def test_labeled_folds_survive_clone_and_show_their_settings():
    search = clone(GridSearchCV(OnLabeled(), {}, cv=LabeledKFold(3, -1)))
    assert repr(search.cv) == "LabeledKFold(cv=3, missing_label=-1)"


@pytest.mark.parametrize("y", [[0, 1, -1], [0.0, -1.0, 2.0], (3, -1, 5, -1), pd.Series([0, 1, -1], dtype="Int64")])
def test_minus_one_beside_classes_is_a_class_and_warns(y):
    with pytest.warns(UserWarning, match="missing_label=-1"):
        assert not unlabeled_mask(y).any()
    with pytest.warns(UserWarning, match="missing_label=-1"):
        labeled_part(y)


@pytest.mark.parametrize(
    ("y", "missing_label"),
    [
        ([-1, 1, 1, -1], "auto"),
        ([-1, 0], "auto"),
        ([-1.0, 0.5, 2.0], "auto"),
        ([-2, -1, 0, 1], "auto"),
        ([-1.0, 0.0, 1.0, np.nan], "auto"),
        ([0, 1, 2], "auto"),
        (["-1", "0", "1"], "auto"),
        ([0, 1, -1], -1),
        ([0, 1, -1], None),
    ],
)
def test_no_warning_where_minus_one_is_no_likely_mark_or_the_user_has_spoken(y, missing_label):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        unlabeled_mask(y, missing_label)


@pytest.mark.parametrize("missing_label", ["auto", None, np.nan, pd.NA, pd.NaT])
def test_every_name_of_nothing_means_the_usual_marks(missing_label):
    y = [0, None, np.nan, pd.NA, pd.NaT, 7]
    assert unlabeled_mask(y, missing_label).tolist() == [False, True, True, True, True, False]


@pytest.mark.parametrize(
    "kind",
    [
        list,
        np.array,
        lambda y: np.array(y, dtype=object),
        pd.Series,
        pytest.param(lambda y: pl.Series(y), marks=needs_polars),
    ],
)
def test_empty_and_blank_text_is_missing(kind):
    assert unlabeled_mask(kind(["a", "", " \t", "b", "-1"])).tolist() == [False, True, True, False, False]
    rows, labels = labeled_part(kind(["a", "", " ", "b"]))
    assert (rows.tolist(), labels.tolist()) == ([0, 3], ["a", "b"])
    assert unlabeled_mask(pd.Series(["a", ""]).values).tolist() == [False, True]


def test_a_named_mark_is_missing_besides_the_usual_ones():
    assert unlabeled_mask([0, None, -1, np.nan], -1).tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    ("y", "missing_label"),
    [(["-1", "1"], -1), ([-1, 1], "-1"), ([0, 1], ""), (np.array([-1, "x"], dtype=object), "-1")],
)
def test_a_label_of_another_type_than_the_mark_is_a_label(y, missing_label):
    assert not unlabeled_mask(y, missing_label).any()


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        ([0.5, np.nan, 1.0], [0.5, 1.0]),
        (np.array([True, None, False], dtype=object), [True, False]),
        (pd.Series([True, None], dtype="boolean"), [True]),
        (np.array(["2024-01-02", "NaT"], dtype="datetime64[D]"), [pd.Timestamp("2024-01-02").date()]),
        (np.array([[1.0], [np.nan], [2.0]]), [1, 2]),
        ([1.0, 2.0], [1, 2]),
    ],
    ids=["fractions", "bools", "boolean", "dates", "a column", "none missing"],
)
def test_labeled_part_of_other_types(y, labels):
    restored = labeled_part(y)[1].tolist()
    assert restored == labels
    assert [type(value) for value in restored] == [type(label) for label in labels]


def test_rows_of_a_two_dimensional_y_are_missing_as_a_whole():
    y = np.array([[0, 1], [np.nan, np.nan], [1, 1]])
    assert unlabeled_mask(y).tolist() == [False, True, False]
    rows, labels = labeled_part(y)
    assert (rows.tolist(), labels.tolist(), labels.dtype.kind) == ([0, 2], [[0, 1], [1, 1]], "i")
    assert unlabeled_mask([[0, 1], [-1, -1]], -1).tolist() == [False, True]


def test_a_row_labelled_in_part_raises_with_count_and_first_row():
    y = np.array([[0, 1], [np.nan, np.nan], [1, np.nan], [np.nan, 0]])
    with pytest.raises(ValueError, match="2 rows labelled in part, first row 2"):
        unlabeled_mask(y)


def test_a_mark_that_is_a_class_raises():
    with pytest.raises(ValueError, match=r"missing_label=-1 only the class 1 is left.*NaN or None"):
        labeled_part([-1, 1, 1, -1], missing_label=-1)
    with pytest.raises(ValueError, match="only the class 1 is left"):
        list(LabeledKFold(2, -1).split(np.zeros((4, 1)), [-1, 1, 1, -1]))
    # A y that marks missing labels in another way too, and a fold in which nothing is missing, are fine.
    assert labeled_part([-1, 1, None, -1])[1].tolist() == [-1, 1, -1]
    assert labeled_part([-1, 1, None], missing_label=-1)[1].tolist() == [1]
    assert labeled_part([1, 1], missing_label=-1)[1].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("y", "missing_label"),
    [([None, None], "auto"), (np.full(2, np.nan), "auto"), ([-1, -1], -1), (pd.Series(["", ""]), ""), ([], "auto")],
)
def test_no_label_at_all_raises(y, missing_label):
    with pytest.raises(ValueError, match=f"at least one row must be labelled, got {len(y)} missing"):
        labeled_part(y, missing_label)
    with pytest.raises(ValueError, match="at least one row"):
        next(LabeledKFold(2, missing_label).split(y, y))


def test_splitting_needs_y():
    with pytest.raises(ValueError, match="y is needed"):
        next(LabeledKFold().split(X))


def test_a_scalar_y_is_refused():
    with pytest.raises(ValueError, match="scalar 3"):
        unlabeled_mask(3)


def test_labels_are_left_as_they_were(encoding):
    y, missing_label, labels = encoding
    if isinstance(y, np.ndarray):
        y = y.copy()
        y.setflags(write=False)
    before = repr(list(y))
    labeled_part(y, missing_label)
    masked_scorer("accuracy", missing_label)(GaussianNB().fit(X, labels), X, y)
    assert repr(list(y)) == before


class TestPlainLabels:
    @pytest.mark.parametrize("labels, kind", [([1, 0, 1], "i"), ([1.5, 2.0], "f"), ([True, False], "b")])
    def test_objects_that_hold_numbers_become_numbers(self, labels, kind):
        found = plain_labels(np.array(labels, dtype=object), "fit")
        assert found.dtype.kind == kind and found.tolist() == labels

    @pytest.mark.parametrize(
        "y", [np.array(["a", "b"], dtype=object), np.array([0, None], dtype=object), [1, 2], None]
    )
    def test_others_come_back_as_they_are(self, y):
        assert plain_labels(y, "fit") is y

    @pytest.mark.parametrize(
        "y, message",
        [
            (np.array([b"a", b"b"]), r"got bytes such as .*a.*astype\(str\)"),
            (np.array([b"a", b"b"], dtype=object), "got bytes"),
            (np.array([1, "a"], dtype=object), "all text or all numbers, got int, str"),
        ],
    )
    def test_what_cannot_be_ordered_is_refused_with_the_remedy(self, y, message):
        with pytest.raises(ValueError, match=message):
            plain_labels(y, "fit")

    def test_every_door_takes_objects_that_hold_numbers(self):
        X = np.arange(40.0).reshape(20, 2)
        y = (np.arange(20) % 2).astype(object)
        learner = ActiveLearner(LogisticRegression(), X_training=X[:10], y_training=y[:10])
        learner.teach(X[10:12], y[10:12])
        assert learner.classes_.tolist() == [0, 1]
        ActiveLearningClassifier(LogisticRegression(), n_initial=4, n_instances=2, budget=8).fit(X, y)
        compare(X, y, LogisticRegression(), ["margin_sampling"], n_initial=4, n_instances=2, n_rounds=1, n_trials=1)
