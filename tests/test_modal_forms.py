"""`skal.modal`: modAL's names and forms, with skal's answers; and modAL's own tests, where they are at hand."""

import importlib
import os
import pickle
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy
from sklearn.datasets import make_blobs
from sklearn.exceptions import NotFittedError
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import skal.modal as modAL
from skal import query
from skal.query import Strategy

ROOT = Path(__file__).parents[1]
X, y = make_blobs(n_samples=60, centers=3, n_features=3, cluster_std=3.0, random_state=0)
X0, y0, POOL = X[:20], y[:20], X[20:]
MODULES = [importlib.import_module(found.name) for found in pkgutil.walk_packages(modAL.__path__, "skal.modal.")]
PUBLIC = [module for module in MODULES if not module.__name__.rpartition(".")[2].startswith("_")]


def learner(*arguments, model=None, **options):
    return modAL.ActiveLearner(model or LogisticRegression(), *arguments, X_training=X0, y_training=y0, **options)


def committee(fitted=True):
    members = [
        modAL.ActiveLearner(model) for model in (GaussianNB(), LogisticRegression(), LogisticRegression(C=0.01))
    ]
    whole = modAL.Committee(members)
    return whole.fit(X0, y0) if fitted else whole


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_public_names_are_there_and_pickle_by_name(module):
    for name in module.__all__:
        found = getattr(module, name)
        assert found.__doc__
        if callable(found) and found.__module__ == module.__name__ and not name.endswith("_similarity"):
            assert pickle.loads(pickle.dumps(found)) is found


STRATEGIES = {
    "uncertainty": ["uncertainty_sampling", "margin_sampling", "entropy_sampling"],
    "disagreement": ["vote_entropy_sampling", "consensus_entropy_sampling", "max_disagreement_sampling"],
}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in STRATEGIES.items() for name in names]
)
def test_strategies_give_the_pair_to_every_caller_with_ties_in_row_order(module, name):
    strategy, ours = getattr(getattr(modAL, module), name), getattr(query, name)
    model = committee() if module == "disagreement" else LogisticRegression().fit(X0, y0)
    twice = np.repeat(POOL, 2, axis=0)  # ties
    indices, scores = strategy(model, twice, n_instances=5)
    expected = ours.select(model, twice, 5, False)
    assert indices.tolist() == expected[0].tolist() and scores.tolist() == expected[1].tolist()
    drawn = [strategy(model, twice, 5, random_tie_break=True, random_state=seed)[0].tolist() for seed in range(20)]
    assert len(set(map(tuple, drawn))) > 1
    with pytest.raises(TypeError, match=f"{name} has no option 'n_instance'"):
        strategy(model, twice, n_instance=2)
    assert not isinstance(strategy, Strategy) and strategy.__doc__ == ours.__doc__


def test_learners_ask_by_them_and_reproducibly():
    for strategy in (modAL.uncertainty.margin_sampling, modAL.batch.uncertainty_batch_sampling):
        asked = [learner(strategy, random_state=0).query(POOL, n_instances=4) for _ in range(2)]
        assert asked[0][0].tolist() == asked[1][0].tolist()
        np.testing.assert_array_equal(asked[0][1], POOL[asked[0][0]])


class TestMeasures:
    def test_of_a_classifier_are_those_of_its_probabilities(self):
        model = LogisticRegression().fit(X0, y0)
        P = np.sort(model.predict_proba(POOL), axis=1)
        for who in (model, learner()):
            np.testing.assert_allclose(modAL.uncertainty.classifier_uncertainty(who, POOL), 1 - P[:, -1])
            np.testing.assert_allclose(
                modAL.uncertainty.classifier_margin(who, POOL), P[:, -1] - P[:, -2], atol=1e-12
            )
            np.testing.assert_allclose(modAL.uncertainty.classifier_entropy(who, POOL), entropy(P, axis=1))

    def test_of_a_committee_are_those_of_votes_and_distributions(self):
        whole = committee()
        votes, P = whole.vote(POOL), whole.vote_proba(POOL)
        shares = np.stack([(votes == label).mean(axis=1) for label in range(3)], axis=1)
        np.testing.assert_allclose(modAL.disagreement.vote_entropy(whole, POOL), entropy(shares, axis=1), atol=1e-12)
        np.testing.assert_allclose(modAL.disagreement.consensus_entropy(whole, POOL), entropy(P.mean(axis=1), axis=1))
        far = [entropy(P[:, k], P.mean(axis=1), axis=1) for k in range(3)]
        np.testing.assert_allclose(modAL.disagreement.KL_max_disagreement(whole, POOL), np.max(far, axis=0))

    def test_of_what_is_not_fitted_are_the_same_for_all_rows_as_in_modal(self):
        model, whole = modAL.ActiveLearner(LogisticRegression()), committee(fitted=False)
        measures = modAL.uncertainty
        assert measures.classifier_uncertainty(model, POOL).tolist() == [1.0] * 40
        assert measures.classifier_margin(model, POOL).tolist() == measures.classifier_entropy(model, POOL).tolist()
        for name in ("vote_entropy", "consensus_entropy", "KL_max_disagreement"):
            assert getattr(modAL.disagreement, name)(whole, POOL).tolist() == [0.0] * 40

    def test_of_an_optimizer_are_those_of_its_mean_and_deviation(self):
        optimizer = modAL.models.BayesianOptimizer(
            GaussianProcessRegressor(alpha=0.1), X_training=X0, y_training=X0[:, 0]
        )
        mean, std = optimizer.predict(POOL, return_std=True)
        best = X0[:, 0].max()
        acquisition = modAL.acquisition
        np.testing.assert_array_equal(
            acquisition.optimizer_EI(optimizer, POOL, 0.1), acquisition.EI(mean, std, best, 0.1)
        )
        np.testing.assert_array_equal(
            acquisition.optimizer_PI(optimizer, POOL, 0.1), acquisition.PI(mean, std, best, 0.1)
        )
        np.testing.assert_allclose(acquisition.optimizer_UCB(optimizer, POOL, 2.0), mean + 2 * std)
        assert acquisition.max_EI(optimizer, POOL)[0] == [acquisition.optimizer_EI(optimizer, POOL).argmax()]


class TestSelectors:
    values = np.array([0.3, 0.9, 0.1, 0.9, 0.5])

    def test_pick_the_largest_or_the_smallest(self):
        select = modAL.utils.selection
        assert [part.tolist() for part in select.multi_argmax(self.values, 3)] == [[1, 3, 4], [0.9, 0.9, 0.5]]
        assert [part.tolist() for part in select.multi_argmin(self.values, 2)] == [[2, 0], [0.1, 0.3]]
        assert [part.tolist() for part in select.shuffled_argmin(self.values, 2)] == [
            [0, 2],
            [0.3, 0.1],
        ]  # modAL's order
        firsts = {int(select.shuffled_argmax(self.values, 1, seed)[0][0]) for seed in range(20)}
        assert firsts == {1, 3}

    def test_draw_by_weight_without_a_row_twice(self):
        weights = np.array([0.0, 1.0, 3.0, 4.0])
        rng = np.random.RandomState(0)
        draws = np.array([modAL.utils.weighted_random(weights, 2, rng) for _ in range(3000)])
        assert (draws[:, 0] != draws[:, 1]).all() and 0 not in draws
        np.testing.assert_allclose(np.bincount(draws[:, 0], minlength=4) / 3000, weights / 8, atol=0.03)
        with pytest.raises(ValueError, match="at most the 3 weights above 0, got 4"):
            modAL.utils.weighted_random(weights, 4)


class TestHelpers:
    def test_functions_are_combined_with_functions(self):
        total = modAL.utils.make_linear_combination(np.sin, np.cos, weights=[2, -1])
        product = modAL.utils.make_product(np.exp, np.square, exponents=[0.5, 2])
        v = np.linspace(-1, 1, 5)
        np.testing.assert_allclose(total(v), 2 * np.sin(v) - np.cos(v))
        np.testing.assert_allclose(product(v), np.exp(v / 2) * v**4)
        for make, options in (
            (modAL.utils.make_linear_combination, "weights"),
            (modAL.utils.make_product, "exponents"),
        ):
            with pytest.raises(ValueError, match=f"{options} must have one number a function, got 1 for 2"):
                make(np.sin, np.cos, **{options: [1]})
        strategy = modAL.utils.make_query_strategy(modAL.uncertainty.classifier_entropy, modAL.utils.multi_argmax)
        assert learner(strategy).query(POOL)[0] == learner(modAL.uncertainty.entropy_sampling).query(POOL)[0]

    def test_rows_are_joined_taken_and_dropped_by_position(self):
        frame = pd.DataFrame(X[:3], index=[7, 8, 9])
        joined = modAL.utils.data_vstack([frame, frame, frame])
        assert joined.shape == (9, 3)
        assert modAL.utils.data.retrieve_rows(frame, [2, 0]).index.tolist() == [9, 7]
        assert modAL.utils.data.drop_rows(frame, [0]).index.tolist() == [8, 9]
        with pytest.raises(TypeError, match="containers of rows are needed, got 1"):
            modAL.utils.data_vstack((1, 1))

    def test_classes_are_compared_and_probabilities_spread(self):
        known = [GaussianNB().fit(X0, y0), LogisticRegression().fit(X0, y0), GaussianNB().fit(X0[y0 > 0], y0[y0 > 0])]
        assert modAL.utils.check_class_labels(*known[:2]) and not modAL.utils.check_class_labels(*known)
        with pytest.raises(NotFittedError, match="GaussianNB is not fitted"):
            modAL.utils.check_class_labels(known[0], GaussianNB())
        P = np.array([[0.25, 0.75]])
        assert modAL.utils.check_class_proba(P, ["c", "a"], ["a", "b", "c"]).tolist() == [[0.75, 0.0, 0.25]]
        with pytest.raises(ValueError, match="must be among all_labels"):
            modAL.utils.check_class_proba(P, ["c", "d"], ["a", "b", "c"])

    def test_batches_are_of_twenty_rows_or_of_the_whole_pool(self):
        sampling = modAL.batch.uncertainty_batch_sampling
        assert [len(sampling(learner(), POOL[:n])[0]) for n in (3, 30)] == [3, 20]

    def test_expected_error_is_tried_on_a_share_of_the_pool(self):
        reduction = modAL.expected_error.expected_error_reduction
        whole, part = (reduction(learner(), POOL[:6], "log", p, 2, random_state=0)[0] for p in (1.0, 0.4))
        assert len(whole) == len(part) == 2
        with pytest.raises(ValueError, match=r"p_subsample must be in \[0, 1\], got 1.5"):
            reduction(learner(), POOL, p_subsample=1.5)

    def test_what_is_not_there_is_named(self):
        with pytest.raises(AttributeError, match="a net is an estimator"):
            _ = modAL.models.learners.DeepActiveLearner


def test_modals_own_tests_come_out_as_the_list_says():
    folder = os.environ.get("SKAL_MODAL_TESTS")
    if folder is None or not Path(folder, "core_tests.py").is_file():
        pytest.skip("SKAL_MODAL_TESTS is not the folder of modAL's tests: git clone its repository")
    command = [sys.executable, str(ROOT / "tools" / "modal_tests.py"), folder]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.run(command, capture_output=True, text=True, timeout=1200, env=environment)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "46 of 69 pass" in process.stdout
