"""Committee: several learners that are taught together or not at all, and vote.

Comments that begin with "modAL:" name what modAL's own committee does in the same place.
"""

from __future__ import annotations

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from made_learners import (
    FROM_NETS,
    NAN_ROW,
    QUICK,
    STAND_INS_ARE_UNDECIDED,
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
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skal import ActiveLearner, Committee
from skal.query import (
    consensus_entropy_sampling,
    core_set,
    info,
    random_sampling,
    strategies,
    uncertainty_batch_sampling,
    vote_entropy_sampling,
)

# Of one model too: a committee has probabilities and embeddings like any other learner.
COMMITTEE_STRATEGIES = {
    name: strategy
    for name, strategy in strategies().items()
    if not {"multilabel", *FROM_NETS} & set(info(strategy).reads) and name != "expected_error_reduction"
}


def members(*estimators, **parameters):
    models = estimators or (GaussianNB(), LogisticRegression(), LogisticRegression(C=0.01))
    return [ActiveLearner(model, random_state=seed, **parameters) for seed, model in enumerate(models)]


def taught(*estimators, bootstrap=False, query_strategy=vote_entropy_sampling, **parameters):
    return Committee(members(*estimators, **parameters), query_strategy).fit(X0, y0, bootstrap=bootstrap)


# --- teach, fit, rebag. modAL: every one of them is a TypeError on scikit-learn >= 1.8.


@pytest.mark.parametrize("only_new", [False, True])
def test_teach_reaches_every_member(fits, only_new):
    committee = taught(Recorder(), Recorder(), Recorder())
    assert committee.teach(X_pool[:5], y_pool[:5], only_new=only_new) is None
    trained_on = X_pool[:5] if only_new else X[:25]
    assert len(fits) == 6
    for X_fit, _, _ in fits[3:]:
        np.testing.assert_array_equal(X_fit, trained_on)
    for member in committee:
        np.testing.assert_array_equal(member.X_training, X[:25])
        np.testing.assert_array_equal(member.y_training, y[:25])


def test_teach_with_bootstrap_draws_a_sample_for_each_member(fits):
    committee = taught(Recorder(), Recorder(), Recorder())
    committee.teach(X_pool[:5], y_pool[:5], bootstrap=True)
    samples = [joblib.hash(X_fit) for X_fit, _, _ in fits[3:]]
    assert len(set(samples)) == 3
    assert all(len(np.unique(X_fit, axis=0)) < 25 for X_fit, _, _ in fits[3:])
    assert len(committee.X_training) == 25


def test_fit_replaces_what_was_taught_and_returns_the_committee():
    committee = taught()
    assert committee.fit(X_pool, y_pool) is committee
    assert all(member.X_training is X_pool for member in committee)


def test_rebag_trains_on_bootstrap_samples_of_what_each_member_knows(fits):
    committee = taught(Recorder(), Recorder())
    committee.rebag()
    for X_fit, _, _ in fits[2:]:
        assert {tuple(row) for row in X_fit} < {tuple(row) for row in X0}
    assert joblib.hash(fits[2][0]) != joblib.hash(fits[3][0])
    assert all(member.X_training is X0 for member in committee)


def test_rebag_needs_members_that_were_taught():
    with pytest.raises(ValueError, match="taught before"):
        Committee(members()).rebag()


def test_arguments_of_fit_reach_every_member(fits):
    committee = Committee(members(Recorder(), Recorder()))
    committee.fit(X0, y0, sample_weight=np.full(20, 2.0))
    committee.teach(X_pool[:1], y_pool[:1], sample_weight=np.full(21, 3.0))
    committee.rebag(sample_weight=None)
    assert [None if weights is None else weights[0] for _, _, weights in fits] == [2, 2, 3, 3, None, None]


def test_members_may_be_taught_before_they_meet():
    committee = Committee([ActiveLearner(GaussianNB(), X_training=X0, y_training=y0)])
    np.testing.assert_array_equal(committee.predict(X_pool), GaussianNB().fit(X0, y0).predict(X_pool))


def test_bootstraps_of_seeded_members_are_reproducible_and_leave_the_global_generator_alone():
    before = np.random.get_state()
    first, again = (taught(bootstrap=True, query_strategy=random_sampling) for _ in range(2))
    picks = first.query(X_pool, n_instances=5, random_state=0)[0]
    after = np.random.get_state()
    assert np.array_equal(before[1], after[1]) and before[2:] == after[2:]
    np.testing.assert_array_equal(first.vote_proba(X_pool), again.vote_proba(X_pool))
    np.testing.assert_array_equal(picks, again.query(X_pool, n_instances=5, random_state=0)[0])


def random_picks(random_state):
    committee = Committee(members(), random_sampling, random_state=random_state).fit(X0, y0)
    return [committee.query(X_pool, n_instances=5)[0].tolist() for _ in range(2)]


def test_random_state_makes_queries_reproducible_and_two_in_a_row_differ():
    first, second = random_picks(0)
    assert random_picks(0) == [first, second] and first != second
    assert random_picks(1)[0] != first


# --- All or nothing.


@pytest.mark.parametrize("error", [RuntimeError("no"), KeyboardInterrupt()], ids=["error", "interrupt"])
@pytest.mark.parametrize("method", ["teach", "fit", "rebag"])
def test_no_member_is_changed_when_the_last_one_fails(monkeypatch, method, error):
    committee = taught(Halting(last=False), Halting(last=False), Halting())
    monkeypatch.setattr(Halting, "halt", error)
    given = () if method == "rebag" else (X_pool[:5], y_pool[:5])
    with unchanged(*committee), pytest.raises(type(error)):
        getattr(committee, method)(*given)


def test_no_member_is_changed_when_the_last_one_knows_the_rows_already():
    committee = taught()
    committee.learner_list[-1].teach(X_pool[:2], y_pool[:2])
    with unchanged(*committee), pytest.raises(ValueError, match="2 of 3 rows were taught before"):
        committee.teach(X_pool[:3], y_pool[:3])


REFUSED = {
    "empty batch": (X_pool[:0], y_pool[:0], "at least one row"),
    "NaN in X": (NAN_ROW, [0], "X must be finite"),
    "NaN alone in y": (X_pool[:2], [np.nan, np.nan], "at least one row needs a label, got 2 missing"),
    "None alone in y": (X_pool[:1], [None], "at least one row needs a label, got 1 missing"),
    "1-D row": (X_pool[0], y_pool[:1], r"a single row is X.reshape\(1, -1\)"),
    "wrong width": (X_pool[:2, :3], y_pool[:2], r"rows of shape \(4,\) are needed"),
    "X longer than y": (X_pool[:3], y_pool[:2], "as many rows, got 3 and 2"),
    "labels of another type": (X_pool[:1], ["one"], "labels must be of the type of"),
    "rows taught before": (X0[:2], y0[:2], "2 of 2 rows were taught before"),
    "repeated rows": (X_pool[[3, 3]], y_pool[[3, 3]], "repeated within the batch"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taught_is_refused_and_changes_no_member(case):
    rows, labels, message = REFUSED[case]
    committee = taught()
    with unchanged(*committee), pytest.raises(ValueError, match=message):
        committee.teach(rows, labels)


def test_a_class_that_is_not_among_those_named_is_refused():
    committee = taught(classes=[0, 1, 2])
    with unchanged(*committee), pytest.raises(ValueError, match=r"among classes=\[0, 1, 2\], got \[7\]"):
        committee.teach(X_pool[:1], [7])


def test_an_unseen_class_is_taken_with_a_warning():
    two = y0 < 2
    committee = Committee(members()).fit(X0[two], y0[two])
    new = np.flatnonzero(y_pool == 2)[:2]
    with pytest.warns(UserWarning, match=r"new classes \[2\]"):
        committee.teach(X_pool[new], y_pool[new])
    assert committee.classes_.tolist() == [0, 1, 2]


def test_duplicates_are_taken_where_the_members_allow_them():
    committee = taught(duplicates="allow")
    committee.teach(X0[:2], y0[:2])
    assert [len(member.y_training) for member in committee] == [22, 22, 22]


# --- What the members say together.


def test_the_committee_predicts_by_the_mean_of_its_members():
    committee = taught()
    P = np.stack([member.predict_proba(X_pool) for member in committee])  # (T, n, C)
    np.testing.assert_allclose(committee.predict_proba(X_pool), P.mean(axis=0))
    np.testing.assert_array_equal(committee.predict(X_pool), P.mean(axis=0).argmax(axis=1))
    np.testing.assert_allclose(committee.vote_proba(X_pool), P.swapaxes(0, 1))
    np.testing.assert_array_equal(committee.vote(X_pool), P.argmax(axis=2).T)
    assert committee.score(X_pool, y_pool) == np.mean(P.mean(axis=0).argmax(axis=1) == y_pool)


def taught_different_classes(names):
    """Two members that have seen two classes each, of three."""
    labels = names[y]
    learners = members(GaussianNB(), GaussianNB())
    for learner, seen in zip(learners, ((1, 2), (0, 2)), strict=True):
        rows = np.isin(y0, seen)
        learner.fit(X0[rows], labels[:20][rows])
    return Committee(learners)


@pytest.mark.parametrize("names", [np.array([5, 7, 9]), np.array(["ant", "bee", "cat"])], ids=["ints", "strings"])
def test_members_that_know_different_classes_are_aligned(names):
    committee = taught_different_classes(names)
    first, second = committee
    P = committee.vote_proba(X_pool)
    assert P.shape == (40, 2, 3) and committee.classes_.tolist() == names.tolist() and committee.n_classes_ == 3
    np.testing.assert_array_equal(P[:, 0, 1:], first.predict_proba(X_pool))
    np.testing.assert_array_equal(P[:, 1, [0, 2]], second.predict_proba(X_pool))
    assert not P[:, 0, 0].any() and not P[:, 1, 1].any()
    np.testing.assert_allclose(committee.predict_proba(X_pool).sum(axis=1), 1.0)
    assert committee.vote(X_pool).shape == (40, 2) and set(committee.predict(X_pool)) <= set(names)
    assert 0 < committee.score(X_pool, names[y_pool]) <= 1


def test_an_unfitted_committee_has_no_classes_and_no_probabilities():
    committee = Committee(members())
    for ask in (committee.predict, committee.predict_proba):
        with pytest.raises(NotFittedError, match="not fitted"):
            ask(X_pool)
    assert committee.classes_ is None and committee.n_classes_ == 0  # as in modAL
    assert committee.X_training is None and committee.y_training is None


def test_what_was_taught_to_all_is_what_the_committee_was_taught():
    # modAL: X_training of a committee is always None.
    committee = taught(bootstrap=True)
    committee.teach(X_pool[:2], y_pool[:2])
    np.testing.assert_array_equal(committee.X_training, X[:22])
    np.testing.assert_array_equal(committee.y_training, y[:22])


def test_a_row_that_several_members_know_counts_once():
    committee = taught()
    committee.learner_list[0].teach(X_pool[:2], y_pool[:2])
    assert len(committee.X_training) == len(committee.y_training) == 22


def test_a_committee_is_as_long_as_its_members_and_iterates_over_them():
    learners = members()
    committee = Committee(learners)
    assert len(committee) == 3 and list(committee) == learners


@pytest.mark.parametrize(
    "learner_list",
    [[], (ActiveLearner(GaussianNB()),), None, [GaussianNB(), "gaussian"], [GaussianNB], [StandardScaler()]],
    ids=["empty", "tuple", "None", "a name", "a class", "no predict"],
)
def test_members_must_be_a_list_of_learners_or_estimators(learner_list):
    with pytest.raises(
        TypeError, match=r"Committee: (learner_list must be a list|members must be skal.ActiveLearner)"
    ):
        Committee(learner_list)


def test_a_regressor_among_the_members_is_told_where_it_belongs():
    for member in (Ridge(), ActiveLearner(Ridge()), make_pipeline(StandardScaler(), Ridge())):
        with pytest.raises(TypeError, match=r"Ridge\)? is a regressor. Take skal.CommitteeRegressor"):
            Committee([GaussianNB(), member])


# --- Members that are plain estimators.


class TestPlainMembers:
    def test_are_taught_in_learners_of_their_own_and_stay_as_they_are(self):
        models = [GaussianNB(), LogisticRegression()]
        committee = Committee(models, random_state=0).fit(X0, y0)
        committee.teach(X_pool[:3], y_pool[:3])
        assert [type(learner) for learner in committee] == [ActiveLearner] * 2
        assert committee.learner_list[0] is committee.learner_list[0]  # the same ones at every look
        assert committee.get_params()["learner_list"] is models
        assert not hasattr(models[0], "classes_") and committee.classes_.tolist() == [0, 1, 2]
        assert len(committee.X_training) == 23
        alone = [GaussianNB().fit(X[:23], y[:23]), LogisticRegression().fit(X[:23], y[:23])]
        for i, model in enumerate(alone):
            np.testing.assert_allclose(committee.vote_proba(X_pool)[:, i], model.predict_proba(X_pool))

    def test_that_are_fitted_can_vote_at_once(self):
        models = [GaussianNB().fit(X0, y0), LogisticRegression().fit(X0, y0)]
        committee = Committee(models)
        assert committee.vote(X_pool)[:, 0].tolist() == models[0].predict(X_pool).tolist()
        assert len(committee.query(X_pool, 3)[0]) == 3

    def test_may_stand_beside_learners_and_one_object_may_stand_twice(self):
        learner, model = ActiveLearner(GaussianNB()), DecisionTreeClassifier()
        committee = Committee([learner, model, model], random_state=0).fit(X0, y0, bootstrap=True)
        assert committee.learner_list[0] is learner
        first, second = committee.learner_list[1:]
        assert first is not second
        assert joblib.hash(first.estimator.tree_.threshold) != joblib.hash(second.estimator.tree_.threshold)

    def test_get_seeds_of_the_committees_one(self):
        def fitted(seed):
            return Committee([DecisionTreeClassifier(max_features=1)] * 3, random_state=seed).fit(
                X0, y0, bootstrap=True
            )

        votes = [fitted(seed).vote(X_pool).tolist() for seed in (0, 0, 1)]
        assert votes[0] == votes[1] != votes[2]
        again = fitted(0)
        assert again.fit(X0, y0, bootstrap=True).vote(X_pool).tolist() == votes[0]

    @pytest.mark.parametrize("pickled", [False, True])
    def test_keep_what_is_set_on_them_and_the_users_objects_stay(self, pickled):
        model = LogisticRegression(C=1.0)
        committee = Committee([model, GaussianNB()]).fit(X0, y0)
        if pickled:
            committee = pickle.loads(pickle.dumps(committee))
        committee.set_params(**{"0__estimator__C": 7.0})
        assert committee.learner_list[0].estimator.C == 7.0 and model.C == 1.0
        assert clone(committee).fit(X0, y0).learner_list[0].estimator.C == 7.0
        assert committee.get_params()["learner_list"][0].C == 7.0

    def test_are_found_anew_where_the_list_was_changed(self):
        models = [GaussianNB()]
        committee = Committee(models).fit(X0, y0)
        first = committee.learner_list[0]
        models.append(LogisticRegression())
        assert committee.learner_list[0] is first and len(committee) == 2
        assert not committee.__sklearn_is_fitted__()
        committee.learner_list = [LogisticRegression()]
        assert committee.classes_ is None


# --- Queries. modAL 0.4.2.1: two evaluations for an array, a pick lost at n_instances=2, a positional n swallowed.


FORMS = {
    "array": lambda indices, X: indices,
    "list": lambda indices, X: indices.tolist(),
    "metrics": lambda indices, X: (indices, np.ones(len(indices))),
    "rows": lambda indices, X: (indices, X[indices]),
    "int": lambda indices, X: int(indices[0]),
}


@pytest.mark.parametrize(
    ("form", "n_instances"),
    [(form, n) for form in FORMS for n in (1, 2, 3, len(X_pool)) if form != "int" or n == 1],
)
@pytest.mark.parametrize("positional", [False, True])
def test_a_query_evaluates_the_strategy_once_in_whatever_form_it_answers(form, n_instances, positional):
    strategy = Counting(FORMS[form])
    committee = taught(query_strategy=strategy)
    given = (n_instances,) if positional else ()
    indices, rows = committee.query(X_pool, *given, **({} if positional else {"n_instances": n_instances}))
    assert strategy.calls == 1
    np.testing.assert_array_equal(indices, np.arange(n_instances))
    np.testing.assert_array_equal(rows, X_pool[:n_instances])


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_an_error_in_a_strategy_goes_through_after_one_evaluation(error):
    strategy = Counting(error=error)
    with pytest.raises(type(error)) as raised:
        taught(query_strategy=strategy).query(X_pool)
    assert raised.value is error and strategy.calls == 1


@STAND_INS_ARE_UNDECIDED
@pytest.mark.parametrize("name", COMMITTEE_STRATEGIES)
def test_every_strategy_but_the_one_that_retrains_works_in_a_committee(name):
    committee = taught(bootstrap=True, query_strategy=QUICK.get(name, COMMITTEE_STRATEGIES[name]))
    indices, rows = committee.query(X_pool, n_instances=3, random_state=0)
    assert len(set(indices.tolist())) == 3
    np.testing.assert_array_equal(rows, X_pool[indices])


def test_return_metrics_gives_the_scores_of_the_picks():
    committee = taught(query_strategy=consensus_entropy_sampling)
    indices, _, scores = committee.query(X_pool, 3, return_metrics=True)
    P = committee.predict_proba(X_pool)
    np.testing.assert_allclose(scores, -(P * np.log(P)).sum(axis=1)[indices])


def test_an_unfitted_committee_asks_at_random_with_a_warning():
    with pytest.warns(UserWarning, match="cold start"):
        indices, _ = Committee(members()).query(X_pool, n_instances=5, random_state=0)
    assert indices.tolist() != list(range(5))


@pytest.mark.parametrize(("on_transformed", "pick"), [(None, 0), (True, 0), (False, 1)])
def test_on_transformed_of_the_members_says_where_distances_are_taken(on_transformed, pick):
    model = make_pipeline(FunctionTransformer(first_column), GaussianNB())
    committee = Committee(members(model, model, on_transformed=on_transformed), core_set)
    committee.fit(np.array([[0.0, 0.0], [1.0, 0.0]]), [0, 1])
    far_in_the_first, far_in_the_second = [9.0, 0.0], [0.0, 99.0]
    assert committee.query(np.array([far_in_the_first, far_in_the_second]))[0].tolist() == [pick]


def test_rows_as_the_last_steps_see_them_stand_side_by_side():
    committee = taught(make_pipeline(StandardScaler(), GaussianNB()), GaussianNB())
    seen = committee.transform_without_estimating(X_pool)
    np.testing.assert_allclose(seen, np.hstack([StandardScaler().fit(X0).transform(X_pool), X_pool]))


# --- repr, HTML, clone, get_params, model selection, pickle. modAL: no attribute 'bootstrap_init'.


def test_repr_and_html_name_the_members():
    committee = taught(GaussianNB())
    assert repr(committee) == ("Committee(learner_list=[ActiveLearner(estimator=GaussianNB(), random_state=0)])")
    assert "Committee" in committee._repr_html_()


def test_get_params_holds_the_parameters_and_no_data():
    parameters = set(taught().get_params())
    assert {"learner_list", "on_transformed", "query_strategy"} <= parameters
    assert not {"X_training", "y_training"} & parameters


def test_clone_has_the_members_without_their_data_and_does_not_train(fits):
    committee = taught(Recorder(), Recorder(), query_strategy=random_sampling)
    copy = clone(committee)
    assert len(fits) == 2 and len(copy) == 2 and copy.query_strategy is random_sampling
    assert copy.X_training is None and all(member.X_training is None for member in copy)
    assert committee.X_training is X0


def test_cross_val_score_of_equal_members_is_that_of_one():
    expected = cross_val_score(GaussianNB(), X, y)
    np.testing.assert_array_equal(cross_val_score(taught(GaussianNB(), GaussianNB()), X, y), expected)


def test_grid_search_tries_query_strategies():
    grid = {"query_strategy": [random_sampling, consensus_entropy_sampling]}
    search = GridSearchCV(Committee(members()), grid).fit(X, y)
    assert search.cv_results_["param_query_strategy"].tolist() == grid["query_strategy"]
    assert search.best_score_ > 0.5


def test_a_committee_pickles_with_what_it_was_taught():
    committee = taught()
    copy = pickle.loads(pickle.dumps(committee))
    np.testing.assert_array_equal(copy.predict_proba(X_pool), committee.predict_proba(X_pool))
    np.testing.assert_array_equal(copy.X_training, X0)


# --- Containers. modAL: as for a learner.


def frame(rows):
    labels = np.random.RandomState(0).permutation(len(rows)) + 100
    return pd.DataFrame(rows, columns=range(rows.shape[1]), index=labels)


def tensor(rows):
    return pytest.importorskip("torch").as_tensor(rows)


CONTAINERS = {
    "frame with integer columns": (frame, np.asarray),
    "sparse": (sparse.csr_matrix, lambda rows: rows.toarray()),
    "list": (np.ndarray.tolist, np.asarray),
    "tensor": (tensor, np.asarray),
}


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize("strategy", [consensus_entropy_sampling, uncertainty_batch_sampling])
def test_containers_are_queried_and_taught_by_position(kind, strategy):
    make, dense = CONTAINERS[kind]
    models = LogisticRegression(), LogisticRegression(C=0.1)
    expected, _ = Committee(members(*models), strategy).fit(X0, y0).query(X_pool, 3, random_state=0)
    committee = Committee(members(*models), strategy).fit(make(X0), y0)
    pool = make(X_pool)
    indices, rows = committee.query(pool, n_instances=3, random_state=0)
    np.testing.assert_array_equal(indices, expected)
    assert type(rows) is type(pool)
    np.testing.assert_array_equal(dense(rows), X_pool[indices])
    committee.teach(rows, y_pool[indices])
    assert [len(member.y_training) for member in committee] == [23, 23]


def test_labels_may_be_a_series_with_any_index():
    names = pd.Series(np.array(["ant", "bee", "cat"])[y], index=np.arange(60)[::-1])
    committee = Committee(members()).fit(X0, names.iloc[:20], bootstrap=True)
    committee.teach(X_pool[:2], names.iloc[20:22])
    assert committee.y_training.tolist() == names.tolist()[:22]
    assert set(committee.predict(X_pool)) <= {"ant", "bee", "cat"}


def test_images_in_nets_are_queried_and_taught():
    torch, skorch = pytest.importorskip("torch"), pytest.importorskip("skorch")

    def net():
        module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 3), torch.nn.Softmax(dim=-1))
        return skorch.NeuralNetClassifier(module, max_epochs=2, train_split=None, verbose=0)

    images = np.random.RandomState(0).rand(30, 1, 8, 8).astype(np.float32)
    labels = np.arange(30, dtype=np.int64) % 3
    committee = Committee(members(net(), net())).fit(images[:9], labels[:9])
    indices, rows = committee.query(images[9:], n_instances=4, random_state=0)
    committee.teach(rows, labels[9:][indices], bootstrap=True)
    assert committee.X_training.shape == (13, 1, 8, 8)


def test_missing_values_pass_where_the_members_say_so():
    holes = np.where(np.random.RandomState(0).rand(*X.shape) < 0.2, np.nan, X)
    model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=2)
    committee = Committee(members(model, model, force_all_finite=False)).fit(holes[:20], y0)
    indices, rows = committee.query(holes[20:], n_instances=2, random_state=0)
    committee.teach(rows, y_pool[indices])
    assert len(committee.X_training) == 22


def test_a_whole_loop_learns_without_a_warning():
    committee = Committee(members(), consensus_entropy_sampling)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        committee.fit(X0, y0)
        left = np.arange(20, 60)
        for _ in range(4):
            indices, rows = committee.query(X[left], n_instances=5, random_state=0)
            committee.teach(rows, y[left[indices]])
            left = np.delete(left, indices)
    assert len(committee.y_training) == 40
    assert committee.score(X, y) > 0.6


def test_sparse_rows_of_the_members_stand_side_by_side():
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, labels = ["good day", "bad day", "good night", "bad night"], [1, 0, 1, 0]
    members = [ActiveLearner(make_pipeline(TfidfVectorizer(), LogisticRegression())) for _ in range(2)]
    found = Committee(members).fit(texts, labels).transform_without_estimating(texts)
    alone = members[0].transform_without_estimating(texts).toarray()
    np.testing.assert_array_equal(found.toarray(), np.hstack([alone, alone]))
