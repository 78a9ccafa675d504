"""ActiveLearner: modAL's surface, with every row of what breaks there on today's stack as a test.

Comments that begin with "modAL:" name the row: what its own learner does in the same place.
"""

from __future__ import annotations

import contextlib
import functools
import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from made_learners import (
    FROM_NETS,
    NAN_ROW,
    POOL,
    QUICK,
    STAND_INS_ARE_UNDECIDED,
    START,
    X0,
    Counting,
    Halting,
    Recorder,
    X,
    X_pool,
    first_column,
    unchanged,
    y,
    y0,
    y_pool,
)
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC

from skal import ActiveLearner
from skal.query import (
    core_set,
    entropy_sampling,
    info,
    margin_sampling,
    random_sampling,
    strategies,
    uncertainty_batch_sampling,
    uncertainty_sampling,
)

SINGLE_MODEL = {
    name: strategy
    for name, strategy in strategies().items()
    if not {"committee", "multilabel", *FROM_NETS} & set(info(strategy).reads)
}


def taught(estimator=None, **parameters):
    parameters = {"X_training": X0, "y_training": y0, **parameters}
    return ActiveLearner(LogisticRegression() if estimator is None else estimator, **parameters)


def same_generator(before, after):
    return np.array_equal(before[1], after[1]) and before[2:] == after[2:]


# --- teach and fit. modAL: every one of them is a TypeError on scikit-learn >= 1.8.


@pytest.mark.parametrize("only_new", [False, True])
def test_teach_remembers_all_rows_and_trains_on_those_asked_for(fits, only_new):
    learner = taught(Recorder())
    assert learner.teach(X_pool[:5], y_pool[:5], only_new=only_new) is None
    np.testing.assert_array_equal(learner.X_training, X[:25])
    np.testing.assert_array_equal(learner.y_training, y[:25])
    trained_on = X_pool[:5] if only_new else X[:25]
    np.testing.assert_array_equal(fits[-1][0], trained_on)
    assert len(fits) == 2


def test_teach_with_bootstrap_trains_on_rows_drawn_with_replacement(fits):
    learner = taught(Recorder(), random_state=0)
    learner.teach(X_pool[:10], y_pool[:10], bootstrap=True)
    X_fit, y_fit, _ = fits[-1]
    rows = [np.flatnonzero((X == row).all(axis=1))[0] for row in X_fit]
    assert len(rows) == 30 and len(set(rows)) < 30 and max(rows) < 30
    np.testing.assert_array_equal(y_fit, y[rows])
    assert len(learner.X_training) == 30


def test_teach_of_an_untaught_learner_is_its_first_fit():
    learner = ActiveLearner(LogisticRegression())
    learner.teach(X0, y0)
    assert learner.score(X0, y0) == LogisticRegression().fit(X0, y0).score(X0, y0)
    assert learner.X_training is X0


def test_fit_forgets_what_was_taught_and_returns_the_learner(fits):
    learner = taught(Recorder())
    assert learner.fit(X_pool, y_pool) is learner
    assert learner.X_training is X_pool and learner.y_training is y_pool
    np.testing.assert_array_equal(fits[-1][0], X_pool)


def test_bootstrap_init_bootstraps_the_first_fit_alone(fits):
    learner = taught(Recorder(), bootstrap_init=True, random_state=1)
    learner.teach(X_pool[:1], y_pool[:1])
    assert len(np.unique(fits[0][0], axis=0)) < 20
    np.testing.assert_array_equal(fits[1][0], X[:21])


@pytest.mark.parametrize("labels", [[0, 1], ["no", "yes"]])
def test_a_bootstrap_holds_two_classes_where_there_are_two(fits, labels):
    rare = np.array([labels[0]] * 9 + [labels[1]], dtype=object if isinstance(labels[0], str) else int)
    for seed in range(20):
        ActiveLearner(Recorder(), random_state=seed).fit(X[:10], rare, bootstrap=True)
    assert all(len(np.unique(y_fit)) == 2 for _, y_fit, _ in fits)


def test_predict_predict_proba_and_score_are_the_estimators():
    learner, model = taught(), LogisticRegression().fit(X0, y0)
    np.testing.assert_array_equal(learner.predict(X_pool), model.predict(X_pool))
    np.testing.assert_array_equal(learner.predict_proba(X_pool), model.predict_proba(X_pool))
    assert learner.score(X_pool, y_pool) == model.score(X_pool, y_pool)
    np.testing.assert_array_equal(learner.classes_, model.classes_)


def test_predict_proba_is_there_only_if_the_estimator_has_it():
    assert not hasattr(taught(LinearSVC()), "predict_proba")


def test_a_regressor_can_be_taught():
    learner = ActiveLearner(Ridge(), random_sampling, X_training=X0, y_training=X0[:, 0] * 1.5)
    learner.teach(X_pool[:2], X_pool[:2, 0] * 1.5)
    assert learner.score(X_pool, X_pool[:, 0] * 1.5) > 0.9


# --- construction, query, built-in strategies, on_transformed, ranked batch, pickle. modAL: OK, and here.


@STAND_INS_ARE_UNDECIDED
@pytest.mark.parametrize("name", SINGLE_MODEL)
@pytest.mark.parametrize("n_instances", [1, 3])
def test_every_strategy_for_a_single_model_works_in_a_learner(name, n_instances):
    if name == "expected_error_reduction":
        strategy = functools.partial(SINGLE_MODEL[name], n_candidates=3)
    else:
        strategy = QUICK.get(name, SINGLE_MODEL[name])
    learner = taught(query_strategy=strategy, random_state=0)
    indices, rows = learner.query(X_pool, n_instances=n_instances)
    assert indices.shape == (n_instances,) and indices.dtype == np.intp
    np.testing.assert_array_equal(rows, X_pool[indices])


def test_ranked_batch_spreads_where_uncertainty_alone_does_not():
    # Two rows that no one can tell apart are equally uncertain; a ranked batch takes one of them only.
    pool = np.vstack([X_pool[:10], X_pool[:10] + 1e-9])
    learner = taught(query_strategy=uncertainty_batch_sampling, random_state=0)
    ranked, _ = learner.query(pool, n_instances=4)
    assert len(set(ranked % 10)) == 4


@pytest.mark.parametrize(("on_transformed", "pick"), [(None, 0), (True, 0), (False, 1)])
def test_on_transformed_says_in_which_space_distances_are_taken(on_transformed, pick):
    model = make_pipeline(FunctionTransformer(first_column), LogisticRegression())
    learner = ActiveLearner(model, core_set, [[0.0, 0.0], [1.0, 0.0]], [0, 1], on_transformed=on_transformed)
    far_in_the_first, far_in_the_second = [9.0, 0.0], [0.0, 99.0]
    indices, _ = learner.query(np.array([far_in_the_first, far_in_the_second]))
    assert indices.tolist() == [pick]
    np.testing.assert_array_equal(learner.transform_without_estimating([[5.0, 7.0]]), [[5.0]])


def test_a_learner_pickles_with_what_it_was_taught():
    learner = taught(query_strategy=margin_sampling, random_state=0)
    copy = pickle.loads(pickle.dumps(learner))
    np.testing.assert_array_equal(copy.predict_proba(X_pool), learner.predict_proba(X_pool))
    np.testing.assert_array_equal(copy.X_training, X0)
    copy.teach(X_pool[:1], y_pool[:1])
    assert len(copy.y_training) == 21 and len(learner.y_training) == 20


@pytest.mark.parametrize("seed", [3, 2024])
def test_a_pickled_learner_goes_on_with_its_random_numbers(seed):
    learner = taught(query_strategy=random_sampling, random_state=seed)
    learner.query(X_pool)
    copy = pickle.loads(pickle.dumps(learner))
    np.testing.assert_array_equal(copy.query(X_pool, n_instances=9)[0], learner.query(X_pool, n_instances=9)[0])


def test_fitted_takes_a_trained_estimator_without_training_again(fits):
    model = Recorder().fit(X0, y0)
    learner = ActiveLearner.fitted(model, X0, y0, query_strategy=margin_sampling)
    assert learner.estimator is model and learner.query_strategy is margin_sampling and len(fits) == 1
    learner.teach(X_pool[:1], y_pool[:1])
    assert len(fits[-1][0]) == 21


# --- repr, HTML, clone, get_params, model selection. modAL: no attribute 'bootstrap_init'.


def test_repr_names_what_differs_from_the_defaults_and_no_data():
    assert repr(taught(retrain="warm", estimator=SGDClassifier())) == (
        "ActiveLearner(estimator=SGDClassifier(), retrain='warm')"
    )
    assert repr(ActiveLearner(GaussianNB(), priors=None)) == "ActiveLearner(estimator=GaussianNB(), priors=None)"


def test_a_notebook_can_show_a_learner():
    assert "LogisticRegression" in taught()._repr_html_()


def test_get_params_holds_the_parameters_and_not_the_data():
    parameters = taught(classes=[0, 1, 2]).get_params()
    assert parameters["classes"] == [0, 1, 2] and parameters["estimator__C"] == 1.0
    assert not {"X_training", "y_training"} & set(parameters)


def test_clone_has_the_parameters_without_the_data_and_does_not_train(fits):
    learner = taught(Recorder(), query_strategy=margin_sampling, duplicates="allow", random_state=3)
    copy = clone(learner)
    assert len(fits) == 1
    assert copy.X_training is None and not hasattr(copy.estimator, "theta_")
    assert (copy.query_strategy, copy.duplicates, copy.random_state) == (margin_sampling, "allow", 3)


def test_cross_val_score_is_that_of_the_estimator():
    expected = cross_val_score(LogisticRegression(), X, y)
    np.testing.assert_array_equal(cross_val_score(taught(), X, y), expected)


def test_grid_search_tunes_the_estimator():
    search = GridSearchCV(taught(), {"estimator__C": [1e-6, 1.0]}).fit(X, y)
    assert search.best_params_ == {"estimator__C": 1.0}
    assert search.best_estimator_.estimator.C == 1.0


def test_grid_search_tries_query_strategies():
    grid = {"query_strategy": [random_sampling, margin_sampling]}
    search = GridSearchCV(taught(), grid).fit(X, y)
    assert search.cv_results_["param_query_strategy"].tolist() == [random_sampling, margin_sampling]
    assert len(search.best_estimator_.query(X_pool, n_instances=2)[0]) == 2


def test_set_params_reaches_the_arguments_of_fit(fits):
    learner = ActiveLearner(Recorder(), sample_weight=None)
    learner.set_params(sample_weight=np.full(20, 2.0)).fit(X0, y0)
    np.testing.assert_array_equal(fits[-1][2], np.full(20, 2.0))
    np.testing.assert_array_equal(learner.get_params()["sample_weight"], np.full(20, 2.0))


# --- Containers. modAL: see each test.


def shuffled_frame(rows, columns):
    """Positions and index labels that disagree, so that taking rows by label shows."""
    labels = np.random.RandomState(0).permutation(len(rows)) + 100
    return pd.DataFrame(rows, columns=columns, index=labels)


@pytest.mark.parametrize("columns", [["a", "b", "c", "d"], [0, 1, 2, 3]], ids=["names", "integers"])
def test_data_frames_are_queried_and_taught_by_position(columns):
    # modAL: teach needs DataFrame.append, gone since pandas 2; 0.4.2.1 takes integer COLUMNS for rows.
    start, pool = shuffled_frame(X0, columns), shuffled_frame(X_pool, columns)
    learner = taught(X_training=start)
    indices, rows = learner.query(pool, n_instances=3)
    pd.testing.assert_frame_equal(rows, pool.iloc[indices])
    np.testing.assert_array_equal(indices, taught().query(X_pool, n_instances=3)[0])
    learner.teach(rows, y_pool[indices])
    pd.testing.assert_frame_equal(learner.X_training, pd.concat([start, rows]))


@pytest.mark.parametrize("bootstrap", [False, True])
def test_labels_may_be_a_series_with_any_index(bootstrap):
    # modAL: TypeError in data_vstack.
    names = pd.Series(np.array(["ant", "bee", "cat"])[y], index=np.arange(60)[::-1])
    learner = taught(X_training=X0, y_training=names.iloc[START], random_state=0)
    learner.teach(X_pool[:2], names.iloc[20:22], bootstrap=bootstrap)
    assert isinstance(learner.y_training, pd.Series) and learner.y_training.tolist() == names.tolist()[:22]
    assert set(learner.predict(X_pool)) <= {"ant", "bee", "cat"}


def test_tensors_are_queried_and_taught():
    # modAL: TypeError in 0.4.1.
    torch = pytest.importorskip("torch")
    learner = taught(X_training=torch.as_tensor(X0), y_training=torch.as_tensor(y0))
    pool = torch.as_tensor(X_pool)
    indices, rows = learner.query(pool, n_instances=3)
    assert isinstance(rows, torch.Tensor) and torch.equal(rows, pool[indices])
    np.testing.assert_array_equal(indices, taught().query(X_pool, n_instances=3)[0])
    learner.teach(rows, torch.as_tensor(y_pool)[indices])
    assert learner.X_training.shape == (23, 4) and learner.y_training.shape == (23,)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_array, sparse.coo_matrix, sparse.lil_matrix,
                                  sparse.dok_matrix])  # fmt: skip
def test_sparse_rows_are_queried_and_taught(kind):
    learner = taught(X_training=kind(X0))
    indices, rows = learner.query(kind(X_pool), n_instances=3)
    np.testing.assert_allclose(rows.toarray(), X_pool[indices])
    learner.teach(rows, y_pool[indices])
    assert sparse.issparse(learner.X_training) and learner.X_training.shape == (23, 4)


def test_lists_are_queried_and_taught():
    learner = taught(X_training=X0.tolist(), y_training=y0.tolist())
    indices, rows = learner.query(X_pool.tolist(), n_instances=3)
    assert rows == X_pool[indices].tolist()
    learner.teach(rows, y_pool[indices].tolist())
    assert len(learner.X_training) == 23 and learner.y_training == [*y0.tolist(), *y_pool[indices].tolist()]


def image_net():
    torch = pytest.importorskip("torch")
    skorch = pytest.importorskip("skorch")
    nn = torch.nn
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(3), nn.Softmax(dim=-1))
    module(torch.zeros(1, 1, 8, 8))  # the lazy layer takes its size
    return skorch.NeuralNetClassifier(module, max_epochs=2, train_split=None, verbose=0, batch_size=8)


def test_four_dimensional_images_in_a_net_are_queried_and_taught():
    # modAL: query works, teach does not.
    images = np.random.RandomState(0).rand(30, 1, 8, 8).astype(np.float32)
    labels = np.arange(30, dtype=np.int64) % 3
    learner = ActiveLearner(image_net(), X_training=images[:9], y_training=labels[:9])
    indices, rows = learner.query(images[9:], n_instances=4)
    np.testing.assert_array_equal(rows, images[9:][indices])
    learner.teach(rows, labels[9:][indices])
    assert learner.X_training.shape == (13, 1, 8, 8) and learner.X_training.dtype == np.float32
    assert learner.y_training.dtype == np.int64
    with pytest.raises(ValueError, match=r"rows of shape \(1, 8, 8\)"), unchanged_data(learner):
        learner.teach(np.zeros((1, 1, 9, 9), np.float32), [0])


@contextlib.contextmanager
def unchanged_data(learner):
    """As `unchanged`, for estimators whose content has no hash."""
    before = (learner.estimator, learner.X_training, learner.y_training)
    yield
    assert all(
        a is b for a, b in zip(before, (learner.estimator, learner.X_training, learner.y_training), strict=True)
    )


def test_missing_values_pass_where_force_all_finite_is_false():
    # modAL: 0.4.2.1 hands force_all_finite on to the estimator's fit.
    holes = np.where(np.random.RandomState(0).rand(*X.shape) < 0.2, np.nan, X)
    model = HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=2)
    learner = ActiveLearner(model, X_training=holes[START], y_training=y0, force_all_finite=False)
    indices, rows = learner.query(holes[POOL], n_instances=3)
    learner.teach(rows, y_pool[indices])
    np.testing.assert_array_equal(rows, holes[POOL][indices])
    assert len(learner.X_training) == 23


def test_inputs_may_be_read_only():
    frozen = [np.array(part) for part in (X0, y0, X_pool, y_pool)]
    for part in frozen:
        part.setflags(write=False)
    learner = ActiveLearner(LogisticRegression(), X_training=frozen[0], y_training=frozen[1])
    indices, rows = learner.query(frozen[2], n_instances=2)
    learner.teach(rows, frozen[3][indices], bootstrap=True)
    assert len(learner.X_training) == 22


# --- What is refused. modAL: duplicates and unseen classes pass in silence, a 1-D row fails with a riddle.


def same(rows):
    return rows


def as_integers(rows):
    return rows.astype(int)


@pytest.mark.parametrize("kind", [same, np.ndarray.tolist, as_integers])
def test_rows_taught_before_are_refused_in_whatever_form_they_come(kind):
    learner = taught(X_training=np.round(X0))
    with unchanged(learner), pytest.raises(ValueError, match=r"2 of 3 rows were taught before, first row 1"):
        learner.teach(kind(np.round(np.vstack([X_pool[:1], X0[4:6]]))), [0, 0, 0])


def test_rows_repeated_within_a_batch_are_refused():
    learner = taught()
    with unchanged(learner), pytest.raises(ValueError, match=r"repeated within the batch.*duplicates='allow'"):
        learner.teach(X_pool[[3, 3]], y_pool[[3, 3]])


def test_duplicates_are_taken_where_they_are_allowed():
    learner = taught(duplicates="allow")
    learner.teach(X0[:2], y0[:2])
    assert len(learner.X_training) == 22


def test_an_unseen_class_is_taken_with_a_warning_at_the_line_that_taught_it():
    two = y0 < 2
    learner = taught(X_training=X0[two], y_training=y0[two])
    new = np.flatnonzero(y_pool == 2)[:1]
    with pytest.warns(UserWarning, match=r"new classes \[2\]") as caught:
        learner.teach(X_pool[new], y_pool[new])
    assert learner.classes_.tolist() == [0, 1, 2]
    assert caught[0].filename == __file__


def test_an_unseen_class_is_refused_where_all_classes_are_named():
    learner = taught(classes=[0, 1, 2])
    with unchanged(learner), pytest.raises(ValueError, match=r"among classes=\[0, 1, 2\], got \[7\]"):
        learner.teach(X_pool[:1], [7])


def test_a_named_class_that_was_not_seen_yet_needs_no_warning():
    two = y0 < 2
    learner = taught(X_training=X0[two], y_training=y0[two], classes=np.array([0, 1, 2]))
    new = np.flatnonzero(y_pool == 2)[:1]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        learner.teach(X_pool[new], y_pool[new])


def test_minus_one_is_a_class_like_any_other():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        learner = taught(y_training=y0 - 1)
    assert learner.classes_.tolist() == [-1, 0, 1]


@pytest.mark.parametrize(("known", "new"), [(y0, ["one"]), (y0.astype(str), [1])], ids=["to text", "to number"])
def test_labels_of_another_type_are_refused(known, new):
    learner = taught(y_training=known)
    with unchanged(learner), pytest.raises(ValueError, match=r"labels must be of the type of"):
        learner.teach(X_pool[:1], new)


REFUSED = {
    "empty batch": (X_pool[:0], y_pool[:0], "at least one row"),
    "NaN in X": (np.vstack([X_pool[:1], NAN_ROW]), [0, 1], "1 of 2 rows, first row 1.*force_all_finite=False"),
    "infinity in X": (np.full((1, 4), np.inf), [0], "X must be finite"),
    "NaN in a frame": (pd.DataFrame(NAN_ROW), [0], "X must be finite"),
    "NaN in sparse X": (sparse.csr_matrix(NAN_ROW), [0], "X must be finite"),
    "NaN alone in y": (X_pool[:2], [np.nan, np.nan], "at least one row needs a label, got 2 missing"),
    "None alone in y": (X_pool[:1], [None], "at least one row needs a label, got 1 missing"),
    "NA alone in y": (X_pool[:1], pd.Series([None], dtype="Int64"), "at least one row needs a label, got 1 missing"),
    "1-D row": (X_pool[0], y_pool[:1], r"a single row is X.reshape\(1, -1\)"),
    "wrong width": (X_pool[:2, :3], y_pool[:2], r"rows of shape \(4,\) are needed.*got \(3,\)"),
    "wrong width in a list": (X_pool[:2, :3].tolist(), [0, 1], r"rows of shape \(4,\) are needed.*got \(3,\)"),
    "X longer than y": (X_pool[:3], y_pool[:2], "as many rows, got 3 and 2"),
    "no labels": (X_pool[:3], None, "got no labels"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taught_is_refused_and_changes_nothing(case):
    rows, labels, message = REFUSED[case]
    learner = taught()
    with unchanged(learner), pytest.raises(ValueError, match=message):
        learner.teach(rows, labels)


@pytest.mark.parametrize("case", [case for case in REFUSED if "1-D" not in case and "width" not in case])
def test_what_cannot_be_fitted_is_refused_and_changes_nothing(case):
    rows, labels, message = REFUSED[case]
    learner = taught()
    with unchanged(learner), pytest.raises(ValueError, match=message):
        learner.fit(rows, labels)


def test_a_frame_with_other_columns_is_refused_and_changes_nothing():
    learner = taught(X_training=pd.DataFrame(X0, columns=list("abcd")))
    with unchanged(learner), pytest.raises(ValueError, match="columns"):
        learner.teach(pd.DataFrame(X_pool[:1], columns=list("abdc")), y_pool[:1])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"query_strategy": 3}, TypeError, "query_strategy must be callable"),
        ({"retrain": "cold"}, ValueError, "retrain must be one of"),
        ({"duplicates": "drop"}, ValueError, "duplicates must be one of"),
        ({"y_training": None}, ValueError, "got no labels"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_at_once(parameters, error, message):
    with pytest.raises(error, match=message):
        taught(**parameters)


# --- Failing and interrupted fits and queries. modAL: a bare except swallows Ctrl-C and runs the query again.


@pytest.mark.parametrize("error", [RuntimeError("no"), KeyboardInterrupt()], ids=["error", "interrupt"])
@pytest.mark.parametrize("method", ["teach", "fit"])
def test_a_fit_that_fails_leaves_the_learner_as_it_was(monkeypatch, method, error):
    learner = taught(Halting())
    monkeypatch.setattr(Halting, "halt", error)
    with unchanged(learner), pytest.raises(type(error)):
        getattr(learner, method)(X_pool[:5], y_pool[:5])


def test_a_warm_fit_that_fails_leaves_the_estimator_as_it_was(monkeypatch):
    learner = taught(SGDClassifier(random_state=0), retrain="warm")
    whole_fit = SGDClassifier.fit

    def interrupted(self, X, y, **options):
        whole_fit(self, X, y, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(SGDClassifier, "fit", interrupted)
    with unchanged(learner), pytest.raises(KeyboardInterrupt):
        learner.teach(X_pool[:5], y_pool[:5])


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), MemoryError()], ids=repr)
def test_an_error_in_a_strategy_goes_through_after_one_evaluation(error):
    strategy = Counting(error=error)
    with pytest.raises(type(error)) as raised:
        taught(query_strategy=strategy).query(X_pool)
    assert raised.value is error and strategy.calls == 1


# --- One evaluation a query. modAL 0.4.2.1: two of them for an array, and a pick lost at n_instances=2.


FORMS = {
    "array": lambda indices, X: indices,
    "list": lambda indices, X: indices.tolist(),
    "tuple": lambda indices, X: tuple(indices.tolist()),
    "metrics": lambda indices, X: (indices, np.ones(len(indices))),
    "rows": lambda indices, X: (indices, X[indices]),
    "list and rows": lambda indices, X: (indices.tolist(), X[indices]),
}
SINGLE_FORMS = {
    "int": lambda indices, X: 0,
    "numpy int": lambda indices, X: np.int64(0),
    "int and rows": lambda indices, X: (0, X[[0]]),
    "int and row": lambda indices, X: (0, X[0]),  # the custom strategy of modAL's own documentation
}


@pytest.mark.parametrize(
    ("form", "n_instances"),
    [(form, n) for form in FORMS for n in (1, 2, 3, len(X_pool))] + [(form, 1) for form in SINGLE_FORMS],
)
@pytest.mark.parametrize("positional", [False, True])
def test_a_query_evaluates_the_strategy_once_in_whatever_form_it_answers(form, n_instances, positional):
    strategy = Counting({**FORMS, **SINGLE_FORMS}[form])
    learner = taught(query_strategy=strategy)
    indices, rows = (
        learner.query(X_pool, n_instances) if positional else learner.query(X_pool, n_instances=n_instances)
    )
    assert strategy.calls == 1
    np.testing.assert_array_equal(indices, np.arange(n_instances))
    np.testing.assert_array_equal(rows, X_pool[:n_instances])


def test_return_metrics_gives_the_scores_of_the_picks():
    indices, rows, scores = taught(query_strategy=entropy_sampling).query(X_pool, 3, return_metrics=True)
    P = taught().predict_proba(X_pool)
    np.testing.assert_allclose(scores, -(P * np.log(P)).sum(axis=1)[indices])
    np.testing.assert_array_equal(rows, X_pool[indices])


def test_return_metrics_is_empty_where_a_strategy_gives_no_scores():
    assert len(taught(query_strategy=Counting()).query(X_pool, return_metrics=True)[2]) == 0


@pytest.mark.parametrize("picks", [[1.5], [-1], [40], [2, 2], [True], [[1, 2]]], ids=str)
def test_picks_that_are_no_positions_are_refused(picks):
    with pytest.raises(RuntimeError, match="must return"):
        taught(query_strategy=lambda learner, X_pool: picks).query(X_pool)


def test_an_unfitted_learner_asks_at_random_with_a_warning():
    learner = ActiveLearner(LogisticRegression(), random_state=0)
    with pytest.warns(UserWarning, match="cold start"):
        indices, _ = learner.query(X_pool, n_instances=5)
    assert indices.tolist() != list(range(5))


def test_an_option_that_the_strategy_does_not_have_is_an_error():
    with pytest.raises(TypeError, match="n_instance"):
        taught().query(X_pool, n_instance=3)


# --- The user's estimator, and how training goes on.


@pytest.mark.parametrize("retrain", ["scratch", "warm"])
@pytest.mark.parametrize("fitted", [False, True])
def test_the_users_estimator_is_never_fitted_in_place(retrain, fitted):
    model = SGDClassifier(random_state=0)
    if fitted:
        model.fit(X_pool, y_pool)
    before = joblib.hash(model)
    learner = taught(model, retrain=retrain)
    learner.teach(X_pool[:5], y_pool[:5])
    learner.fit(X0, y0)
    assert joblib.hash(model) == before and learner.estimator is not model


STILL = 1e-12  # a step so small that training ends where it began
SGD = SGDClassifier(learning_rate="constant", eta0=0.1, random_state=0)
MLP = MLPClassifier((5,), solver="sgd", learning_rate_init=0.1, max_iter=20, random_state=0)
GOES_ON = {
    "SGDClassifier": (SGD, "estimator__eta0", lambda model: model.coef_),
    "MLPClassifier": (MLP, "estimator__learning_rate_init", lambda model: model.coefs_[0]),
    "Pipeline": (
        make_pipeline(StandardScaler(), SGD),
        "estimator__sgdclassifier__eta0",
        lambda model: model[-1].coef_,
    ),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("retrain", ["scratch", "warm"])
@pytest.mark.parametrize("name", GOES_ON)
def test_only_a_warm_learner_goes_on_from_where_it_was(name, retrain):
    model, rate, weights = GOES_ON[name]
    learner = taught(model, retrain=retrain)
    before = weights(learner.estimator).copy()
    learner.set_params(**{rate: STILL})
    learner.teach(X_pool[:5], y_pool[:5])
    assert np.allclose(weights(learner.estimator), before, atol=1e-6) == (retrain == "warm")


@pytest.mark.parametrize("warm_start", [False, True])
def test_a_warm_learner_gives_warm_start_back_as_it_was(warm_start):
    learner = taught(SGDClassifier(warm_start=warm_start, random_state=0), retrain="warm")
    learner.teach(X_pool[:5], y_pool[:5])
    assert learner.estimator.warm_start is warm_start


def test_a_warm_learner_fits_from_scratch_when_it_is_fitted():
    learner = taught(SGDClassifier(random_state=0), retrain="warm").fit(X_pool, y_pool)
    expected = SGDClassifier(random_state=0).fit(X_pool, y_pool)
    np.testing.assert_array_equal(learner.estimator.coef_, expected.coef_)


@pytest.mark.parametrize("only_new", [False, True])
def test_a_warm_learner_counts_each_row_once(only_new):
    # A naive Bayes adds up what partial_fit is given.
    learner = taught(GaussianNB(), retrain="warm")
    learner.teach(X_pool[:5], y_pool[:5], only_new=only_new)
    np.testing.assert_array_equal(learner.estimator.class_count_, np.bincount(y[:25]))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("model", [SGDClassifier(random_state=0), MLP], ids=["SGDClassifier", "MLPClassifier"])
def test_a_warm_learner_goes_on_with_a_single_new_row(model):
    learner = taught(model, retrain="warm")
    learner.teach(X_pool[:1], y_pool[:1], only_new=True)
    assert learner.classes_.tolist() == [0, 1, 2] and len(learner.y_training) == 21


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (RandomForestClassifier(5), "would add no tree"),
        (make_pipeline(StandardScaler(), RandomForestClassifier(5)), "would add no tree"),
        (HistGradientBoostingClassifier(max_iter=5), "would add no tree"),  # its warm start only grows max_iter
        (KNeighborsClassifier(), "warm_start or partial_fit"),
    ],
    ids=["forest", "forest in a Pipeline", "histogram boosting", "neighbours"],
)
def test_a_warm_learner_refuses_what_cannot_go_on(model, reason):
    with pytest.raises(TypeError, match=reason):
        taught(model, retrain="warm")


# --- Random numbers.


def run_of(learner):
    """A bootstrap, two queries, and the state of an estimator without a seed of its own."""
    learner.fit(X0, y0, bootstrap=True)
    picks = [learner.query(X_pool, n_instances=5)[0].tolist() for _ in range(2)]
    return picks, learner.predict_proba(X_pool).tolist()


def forest_learner(random_state):
    return ActiveLearner(RandomForestClassifier(5), random_sampling, random_state=random_state)


def test_random_state_makes_bootstraps_estimators_and_queries_reproducible():
    first, again, other = (run_of(forest_learner(seed)) for seed in (0, 0, 1))
    assert first == again
    assert first[0] != other[0] and first[1] != other[1]


def test_random_state_may_be_a_generator():
    assert run_of(forest_learner(np.random.RandomState(0))) == run_of(forest_learner(np.random.RandomState(0)))


def test_two_random_queries_in_a_row_differ():
    (first, second), _ = run_of(forest_learner(0))
    assert first != second


@pytest.mark.parametrize(
    "fix", [lambda s: functools.partial(s, random_state=0), lambda s: s], ids=["partial", "call"]
)
def test_a_seed_of_the_query_comes_before_that_of_the_learner(fix):
    learner = taught(query_strategy=fix(random_sampling), random_state=1)
    given = {} if isinstance(learner.query_strategy, functools.partial) else {"random_state": 0}
    picks = [learner.query(X_pool, n_instances=5, **given)[0].tolist() for _ in range(2)]
    assert picks[0] == picks[1] == random_sampling(learner.estimator, X_pool, 5, random_state=0).tolist()


def test_the_global_generator_is_untouched_when_the_learner_is_seeded():
    before = np.random.get_state()
    run_of(forest_learner(0))
    assert same_generator(before, np.random.get_state())


def test_the_global_generator_is_untouched_when_a_seeded_learner_goes_on():
    model = SGDClassifier().fit(X0, y0)
    before = np.random.get_state()
    ActiveLearner.fitted(model, X0, y0, retrain="warm", random_state=0).teach(X_pool[:5], y_pool[:5])
    assert same_generator(before, np.random.get_state())


# --- Arguments of fit.


def test_arguments_of_fit_are_passed_to_every_fit_and_survive_clone(fits):
    weights = np.linspace(1, 2, 20)
    learner = clone(taught(Recorder(), sample_weight=weights))
    learner.fit(X0, y0)
    np.testing.assert_array_equal(fits[-1][2], weights)
    assert list(learner.fit_kwargs) == ["sample_weight"]


def test_arguments_of_a_call_come_before_those_of_the_learner(fits):
    learner = taught(Recorder(), sample_weight=np.ones(20))
    learner.teach(X_pool[:1], y_pool[:1], sample_weight=np.full(21, 3.0))
    np.testing.assert_array_equal(fits[-1][2], np.full(21, 3.0))


def test_weights_of_rows_follow_their_rows_into_a_bootstrap(fits):
    ActiveLearner(Recorder(), random_state=0).fit(X0, y0, bootstrap=True, sample_weight=np.abs(X0[:, 0]))
    X_fit, _, weights = fits[-1]
    np.testing.assert_array_equal(weights, np.abs(X_fit[:, 0]))


def test_a_failed_first_fit_leaves_nothing_behind():
    learner = ActiveLearner(LogisticRegression())
    with pytest.raises(TypeError, match="no_such"):
        learner.fit(X0, y0, no_such=1)
    assert learner.X_training is None and not hasattr(learner.estimator, "coef_")


def test_a_whole_loop_learns():
    learner = ActiveLearner(LogisticRegression(), uncertainty_sampling, X0[:10], y0[:10], random_state=0)
    left = np.arange(10, 60)
    for _ in range(5):
        indices, rows = learner.query(X[left], n_instances=4)
        learner.teach(rows, y[left[indices]])
        left = np.delete(left, indices)
    expected = LogisticRegression().fit(learner.X_training, learner.y_training)
    assert len(learner.y_training) == 30
    np.testing.assert_array_equal(learner.predict_proba(X), expected.predict_proba(X))
