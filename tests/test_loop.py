"""The loop: initial labels, rounds, and the whole of it as one estimator."""

import itertools

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator

from skal import ActiveLearningClassifier, LabeledKFold, masked_scorer
from skal.annotation import Budget, Oracle, PricedOracle
from skal.loop import RegionRound, Round, initial_pool, rounds
from skal.query import core_set, entropy_sampling, margin_sampling, random_sampling, score_strategy

MODELS = {
    "default": ActiveLearningClassifier(),
    "random_sampling": ActiveLearningClassifier(
        DecisionTreeClassifier(), random_sampling, initial="stratified", random_state=0
    ),
}


def scikit_learns_own_checks():
    """As `parametrize_with_checks`, whose names of tests hold addresses of functions, other ones in every process."""
    for name, model in MODELS.items():
        for estimator, check in estimator_checks_generator(model):
            if "sample_weight_equivalence" in check.func.__name__ and name == "random_sampling":
                continue  # rows drawn at random are others where rows are repeated
            what = ",".join(f"{key}={value}" for key, value in check.keywords.items())
            yield pytest.param(estimator, check, id=f"{name}-{check.func.__name__}({what})")


@pytest.mark.parametrize(("estimator", "check"), list(scikit_learns_own_checks()))
def test_scikit_learns_own_checks_pass_without_exception(estimator, check):
    check(estimator)


class Forgetful(ClassifierMixin, BaseEstimator):
    """Remembers what it was fitted to, and predicts nothing much."""

    def fit(self, X, y):
        self.X_, self.y_, self.classes_ = np.array(X), np.array(y), np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


class TestInitialPool:
    def test_random_is_a_seeded_draw_without_repetition(self, table):
        X, y = table
        first, again, other = (initial_pool(X, y, 20, random_state=seed) for seed in (0, 0, 1))
        assert (first == again).all() and (first != other).any() and len(set(first)) == 20

    def test_stratified_follows_the_shares_with_one_of_each(self):
        y = np.repeat([0, 1, 2], [80, 19, 1])
        counts = np.bincount(y[initial_pool(np.zeros((100, 1)), y, 10, "stratified", 0)])
        assert counts.tolist() in ([7, 2, 1], [8, 1, 1])

    def test_k_center_covers_the_rows(self, table):
        X, y = table
        chosen = initial_pool(X, y, 20, "k_center", 0)
        spread = np.linalg.norm(X[:, None] - X[chosen], axis=2).min(axis=1).max()
        random = [initial_pool(X, y, 20, random_state=seed) for seed in range(5)]
        assert all(spread < np.linalg.norm(X[:, None] - X[r], axis=2).min(axis=1).max() for r in random)

    @pytest.mark.parametrize("initial", ["random", "k_center"])
    def test_rows_are_added_until_a_second_class_is_seen(self, initial):
        X = np.random.RandomState(0).normal(size=(200, 2))
        y = np.zeros(200, dtype=int)
        y[137] = 1
        chosen = initial_pool(X, y, 5, initial, 3)
        assert len(set(chosen)) == len(chosen) and chosen[-1] == 137 and (y[chosen[:-1]] == 0).all()

    def test_a_single_class_in_all_is_taken_as_it_is(self):
        assert len(initial_pool(np.zeros((9, 1)), np.zeros(9), 4, random_state=0)) == 4

    def test_candidates_are_kept_to(self, table):
        X, y = table
        for initial in ("random", "k_center", "stratified"):
            assert (initial_pool(X, y, 10, initial, 0, np.arange(50, 80)) // 10).min() >= 5

    def test_unknown_way_is_refused(self, table):
        with pytest.raises(ValueError, match="initial must be one of"):
            initial_pool(*table, 5, "best")


class TestRounds:
    def test_every_label_is_bought_once_and_the_model_sees_no_other(self, table):
        X, y = table
        asked = []

        def oracle(rows):
            asked.extend(rows.tolist())
            return y[rows]

        found = list(rounds(Forgetful(), X, oracle, random_sampling, [3, 1, 4], 5, 20, 0))
        assert [len(r.labeled) for r in found] == [3, 8, 13, 18, 20]
        assert len(asked) == len(set(asked)) == 20
        for r in found:
            model = r.learner.estimator
            assert (model.X_ == X[r.labeled]).all() and (model.y_ == y[r.labeled]).all()
        assert (np.concatenate([r.picked for r in found]) == found[-1].labeled).all()

    def test_the_pool_runs_out_before_the_budget(self, table):
        X, y = table
        found = list(rounds(Forgetful(), X[:10], y.__getitem__, random_sampling, [0, 1], 3, 99, 0))
        assert sorted(found[-1].labeled) == list(range(10))

    def test_fits_share_their_seeds_over_strategies(self, table):
        X, y = table
        forest = RandomForestClassifier(5)
        first, second = (
            [r.learner.estimator.random_state for r in rounds(forest, X, y.__getitem__, s, [0, 1, 2, 3], 4, 12, 7)]
            for s in (random_sampling, entropy_sampling)
        )
        assert first == second and len(set(first)) == 3

    def test_the_strategy_meets_no_label_of_the_pool(self, table):
        """What it gets is a view of rows, and the labels already paid for."""
        X, y = table
        seen = []

        @score_strategy
        def nosy(learner, X_pool, *, y_labeled=None):
            seen.append((np.asarray(X_pool).shape, len(y_labeled)))
            return np.zeros(len(X_pool))

        list(rounds(Forgetful(), X, y.__getitem__, nosy, [0, 1], 2, 6, 0))
        assert seen == [((298, 6), 2), ((296, 6), 4)]

    def test_the_pool_may_be_a_memory_map(self, table, tmp_path):
        X, y = table
        np.save(tmp_path / "X.npy", X)
        on_disk = np.load(tmp_path / "X.npy", mmap_mode="r")
        runs = [list(rounds(LogisticRegression(), data, y.__getitem__, margin_sampling, range(9), 5, 30, 0))
                for data in (X, on_disk)]  # fmt: skip
        assert (runs[0][-1].labeled == runs[1][-1].labeled).all()

    def test_labels_are_counted_by_n_labels_and_money_is_a_budget(self, table):
        X, y = table
        loop = Forgetful(), X, y.__getitem__, random_sampling, [3, 1, 4]
        with pytest.raises(ValueError, match="n_labels=, or what a round may cost, budget=; got neither"):
            rounds(*loop, n_instances=5)
        with pytest.raises(ValueError, match="got both"):
            rounds(*loop, n_instances=5, n_labels=20, budget=Budget(3.0))
        with pytest.raises(ValueError, match="n_instances is needed"):
            rounds(*loop, n_labels=20)
        with pytest.raises(ValueError, match="n_rounds is needed"):
            rounds(*loop, budget=Budget(3.0))

    def test_arguments_work_under_the_names_they_had(self, table):
        X, y = table
        shop = PricedOracle(Oracle(y), lambda label: 1.0)
        loop = Forgetful(), X, shop, random_sampling
        new = list(rounds(*loop, [3, 1, 4], 5, 20, 0))
        with pytest.warns(FutureWarning, match="a number of labels as n_labels=") as caught:
            old = list(rounds(*loop, [3, 1, 4], n_instances=5, budget=20, random_state=0))
        assert caught[0].filename == __file__
        with pytest.warns(FutureWarning, match="initial= is called initial_rows= now"):
            named = list(rounds(*loop, initial=[3, 1, 4], n_instances=5, n_labels=20, random_state=0))
        for one, other, third in zip(new, old, named, strict=True):
            assert one.picked.tolist() == other.picked.tolist() == third.picked.tolist()
        new = list(rounds(*loop, [3, 1, 4], budget=Budget(4.0), n_rounds=2, random_state=0))
        with pytest.warns(FutureWarning, match="a Budget as budget="):
            old = list(rounds(*loop, [3, 1, 4], None, Budget(4.0), 0, n_rounds=2))
        assert [one.picked.tolist() for one in new] == [one.picked.tolist() for one in old]
        assert len(new[-1].labeled) == 11
        with pytest.raises(TypeError, match="given twice"), pytest.warns(FutureWarning):
            rounds(*loop, [3, 1, 4], initial_rows=[1], initial=[2], n_instances=5, n_labels=20)

    def test_a_round_knows_its_money_and_what_it_labelled(self, table):
        X, y = table
        shop = PricedOracle(Oracle(y), lambda label: 2.0)
        found = list(rounds(Forgetful(), X, shop, random_sampling, [3, 1, 4], budget=Budget(5.0), n_rounds=3))
        # 5 pay for two at 2 and leave 1; 6 for three; 5 for two.
        assert [len(r.picked) for r in found] == [3, 2, 3, 2]
        assert [r.spent for r in found] == [6.0, 4.0, 6.0, 4.0]
        assert [r.left for r in found] == [0.0, 1.0, 0.0, 1.0]
        assert [r.cost for r in found] == [r.total for r in found] == [6.0, 10.0, 16.0, 20.0]
        assert [r.n_labels for r in found] == [3, 5, 8, 10]
        for r in found:
            X_known, y_known = r.known()
            assert r.rows.tolist() == r.picked.tolist()
            assert (X_known == X[r.picked]).all() and y_known == y[r.picked].tolist()

    def test_rows_and_regions_give_one_and_the_same_round(self, table):
        assert RegionRound is Round
        X, y = table
        assert isinstance(next(rounds(Forgetful(), X, y.__getitem__, random_sampling, [0, 1], 3, 9, 0)), Round)


class TestClassifier:
    def test_budget_is_kept_and_history_adds_up(self, table):
        X, y = table
        settings = {"n_initial": 7, "n_instances": 4, "budget": 20, "random_state": 0}
        model = ActiveLearningClassifier(Forgetful(), random_sampling, **settings).fit(X, y)
        assert [h["n_labels"] for h in model.history_] == [7, 11, 15, 19, 20]
        assert (np.concatenate([h["picked"] for h in model.history_]) == model.labeled_indices_).all()
        assert len(set(model.labeled_indices_)) == 20
        assert (model.estimator_.X_ == X[model.labeled_indices_]).all()

    def test_the_same_seed_gives_the_same_labels_for_an_unseeded_model(self, table):
        X, y = table
        model = ActiveLearningClassifier(RandomForestClassifier(5), budget=30, random_state=3)
        first, again = (clone(model).fit(X, y) for _ in range(2))
        assert (first.labeled_indices_ == again.labeled_indices_).all()
        assert (first.predict_proba(X) == again.predict_proba(X)).all()

    def test_rows_without_a_label_are_never_asked_for(self, table):
        X, y = table
        partly = y.astype(float)
        partly[::3] = np.nan
        model = ActiveLearningClassifier(budget=60, random_state=0).fit(X, partly)
        assert (model.labeled_indices_ % 3 != 0).all()
        assert model.classes_.tolist() == [0, 1, 2] and model.predict(X).dtype.kind == "i"
        scores = cross_val_score(model, X, partly, cv=LabeledKFold(3), scoring=masked_scorer())
        assert scores.mean() > 0.6

    def test_it_stands_in_a_pipeline_and_a_search_over_strategies(self, table):
        X, y = table
        pipeline = make_pipeline(StandardScaler(), ActiveLearningClassifier(budget=40, random_state=0))
        grid = {
            "activelearningclassifier__query_strategy": [random_sampling, margin_sampling],
            "activelearningclassifier__n_initial": [10, 20],
            "activelearningclassifier__estimator": [LogisticRegression(C=0.1), LogisticRegression()],
        }
        search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(X, y)
        serial = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
        assert search.best_params_["activelearningclassifier__query_strategy"] in (random_sampling, margin_sampling)
        for key in ("mean_test_score", "split0_test_score"):
            assert (search.cv_results_[key] == serial.cv_results_[key]).all()

    def test_texts_sparse_rows_and_images_are_pools_too(self, table):
        X, y = table
        words = np.array(["alpha", "beta", "gamma"])
        texts = [f"{words[label]} {words[label - row % 2]} text" for row, label in enumerate(y)]
        reader = make_pipeline(TfidfVectorizer(), LogisticRegression())
        assert ActiveLearningClassifier(reader, budget=60, random_state=0).fit(texts, y).score(texts, y) > 0.4
        assert ActiveLearningClassifier(budget=60, random_state=0).fit(sparse.csr_matrix(X), y).score(X, y) > 0.4
        flat = make_pipeline(Flatten(), LogisticRegression())
        assert (
            ActiveLearningClassifier(flat, core_set, budget=60, random_state=0)
            .fit(X.reshape(300, 1, 2, 3), y)
            .n_features_in_
            == 6
        )

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"budget": 0}, "budget must be an int >= 1, got 0"),
            ({"n_instances": 2.5}, "n_instances must be an int"),
            ({"n_initial": True}, "n_initial must be an int"),
            ({"n_initial": 50, "budget": 20}, "budget=20 must be at least n_initial=50"),
            ({"initial": "best"}, "initial must be one of"),
        ],
    )
    def test_bad_parameters_are_named(self, parameters, message, table):
        with pytest.raises(ValueError, match=message):
            ActiveLearningClassifier(**parameters).fit(*table)
        with pytest.raises(TypeError, match="query_strategy must be callable"):
            ActiveLearningClassifier(query_strategy=3).fit(*table)

    def test_what_the_model_lacks_the_classifier_lacks(self, table):
        assert not hasattr(ActiveLearningClassifier(Forgetful()), "decision_function")
        assert hasattr(ActiveLearningClassifier(), "decision_function")
        assert not hasattr(ActiveLearningClassifier(), "transform")

    def test_bad_numbers_anywhere_in_the_pool_are_refused(self, table):
        X, y = table
        for row, bad in itertools.product((0, 299), (np.nan, np.inf)):
            spoilt = X.copy()
            spoilt[row, 2] = bad
            with pytest.raises(ValueError, match="NaN|infinity"):
                ActiveLearningClassifier(budget=20).fit(spoilt, y)


class Flatten(BaseEstimator):
    """Images to rows."""

    def fit(self, X, y=None):
        self.n_features_in_ = int(np.prod(X.shape[1:]))
        return self

    def transform(self, X):
        return X.reshape(len(X), -1)
