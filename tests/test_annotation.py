"""Annotators and first labels: wrong as often as was asked for, and always in the same way."""

import pickle
from functools import partial

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from skal import ActiveLearningClassifier
from skal.annotation import CIFAR100_SUPERCLASSES, NoisyOracle, Oracle, biased_pool, groups_by_position
from skal.loop import initial_pool
from skal.query import random_sampling

SIBLINGS = [[0, 1, 2, 3, 4], [5, 6], [7, 8, 9]]
GROUP_OF = np.array([0, 0, 0, 0, 0, 1, 1, 2, 2, 2])


@pytest.fixture(scope="module")
def y():
    return np.random.RandomState(3).randint(10, size=997)


def everything(oracle):
    return oracle(np.arange(len(oracle.y)))


class TestOracle:
    def test_answers_come_in_the_order_of_the_question(self):
        oracle = Oracle(["a", "b", "c"])
        assert oracle([2, 0, 2]).tolist() == ["c", "a", "c"]
        assert Oracle(np.arange(12).reshape(3, 2, 2))([1]).shape == (1, 2, 2)

    def test_it_keeps_a_record_of_its_own(self):
        oracle = Oracle(np.arange(9))
        assert oracle.n_questions == 0 and oracle.asked_indices.tolist() == []
        asked = np.array([5, 2])
        oracle(asked)
        asked[:] = 0
        oracle([])
        oracle([7, 5])
        assert oracle.n_questions == 4 and oracle.asked_indices.tolist() == [5, 2, 7]
        assert repr(oracle) == "Oracle(9 rows, 4 questions)"

    @pytest.mark.parametrize(
        ("indices", "error", "says"),
        [
            ([True, False, True], TypeError, r"whole numbers of shape \(m,\), got bool.*flatnonzero"),
            ([0.0], TypeError, "got float64"),
            ([[0]], TypeError, r"got int64 of shape \(1, 1\)"),
            ([0, -1], IndexError, r"in \[0, 2\], got -1 to 0"),
            ([3], IndexError, "got 3 to 3"),
        ],
    )
    def test_masks_and_rows_that_are_not_there_are_refused(self, indices, error, says):
        with pytest.raises(error, match=says):
            Oracle([1, 2, 3])(indices)
        with pytest.raises(ValueError, match="one label a row"):
            Oracle(3)


class TestNoisyOracle:
    @pytest.mark.parametrize(
        "groups", [None, SIBLINGS, dict(enumerate(GROUP_OF.tolist()))], ids=["all", "lists", "map"]
    )
    @pytest.mark.parametrize(("rate", "n_wrong"), [(0.0, 0), (0.1, 100), (0.2, 199), (0.3, 299), (1, 997)])
    def test_the_rate_is_exact_the_label_another_of_its_group(self, y, rate, n_wrong, groups):
        """997 rows: 0.2 of them are 199.4."""
        for seed in range(3):
            answers = everything(NoisyOracle(y, rate, groups=groups, random_state=seed))
            assert (answers != y).sum() == n_wrong and answers.dtype == y.dtype
            assert groups is None or (GROUP_OF[answers] == GROUP_OF[y]).all()

    def test_every_other_class_of_the_group_is_as_likely_and_every_row(self):
        """Class 0 has four siblings and class 7 two: 12,000 answers, all wrong, each within 5 standard deviations."""
        y = np.repeat([0, 7, *range(10)], [12000, 12000, *[1] * 10])
        answers = everything(NoisyOracle(y, 1.0, groups=SIBLINGS, random_state=0))
        for true, others in ((0, [1, 2, 3, 4]), (7, [8, 9])):
            counts = np.bincount(answers[y == true], minlength=10)[others]
            mean = counts.sum() / len(others)
            assert counts.sum() >= 12000 and (np.abs(counts - mean) < 5 * np.sqrt(mean)).all()
        wrong = sum(everything(NoisyOracle(np.arange(100) % 5, 0.2, random_state=seed)) != np.arange(100) % 5
                    for seed in range(400))  # fmt: skip
        assert np.abs(wrong - 80).max() < 5 * np.sqrt(400 * 0.2 * 0.8)

    def test_the_order_and_number_of_questions_change_no_answer(self, y):
        whole = everything(NoisyOracle(y, 0.3, random_state=5))
        oracle = NoisyOracle(y, 0.3, random_state=5)
        backwards = np.concatenate([oracle([row]) for row in range(len(y))[::-1]])[::-1]
        assert (backwards == whole).all() and (oracle([4, 4, 4]) == whole[4]).all()
        assert (everything(oracle) == whole).all() and oracle.n_questions == 2 * len(y) + 3
        assert (everything(pickle.loads(pickle.dumps(oracle))) == whole).all()
        assert (everything(NoisyOracle(y, 0.3, random_state=6)) != whole).any()

    def test_without_a_seed_it_does_not_change_its_mind_either(self, y):
        oracle = NoisyOracle(y, 0.3)
        assert (everything(oracle) == everything(oracle)).all()

    def test_nothing_is_drawn_before_the_first_question(self, y):
        rng = np.random.RandomState(0)
        oracle = NoisyOracle(y, 0.3, random_state=rng)
        assert rng.randint(10**6) == np.random.RandomState(0).randint(10**6)
        oracle([0])
        state = rng.get_state()[1].copy()
        oracle([1])
        assert (rng.get_state()[1] == state).all()

    def test_the_truth_is_left_as_it_is(self, y):
        before = y.copy()
        oracle = NoisyOracle(y, 0.5, random_state=0)
        answers = everything(oracle)
        assert (y == before).all() and (oracle.y == before).all()
        assert oracle.wrong_indices.tolist() == np.flatnonzero(answers != y).tolist()

    def test_the_rate_is_that_of_the_candidates(self, y):
        candidates, initial = np.arange(100, 400)[::-1], np.arange(100, 160)
        wrong = NoisyOracle(y, 0.2, candidates=candidates, initial=initial, random_state=0).wrong_indices
        assert len(wrong) == 60 and wrong.min() >= 100 and wrong.max() < 400 and (wrong < 160).any()
        choices = {"candidates": candidates, "initial": initial, "noisy_initial": False, "random_state": 0}
        wrong = NoisyOracle(y, 0.2, **choices).wrong_indices
        assert len(wrong) == 48 and wrong.min() >= 160 and wrong.max() < 400

    def test_labels_are_needed_of_the_candidates_alone(self):
        labels = np.array(["a", "b", None, "a"], dtype=object)
        assert NoisyOracle(labels, 1.0, candidates=[0, 1, 3])([0, 1, 2, 3]).tolist() == ["b", "a", None, "b"]
        with pytest.raises(ValueError, match="must be known, 1 are missing.*candidates="):
            NoisyOracle(labels, 1.0)

    def test_a_longer_word_is_not_cut(self):
        assert NoisyOracle(["ox", "ox"], 1.0, classes=["ox", "elephant"])([1, 0]).tolist() == ["elephant"] * 2

    @pytest.mark.parametrize(
        ("choices", "says"),
        [
            ({}, "either rate or confusion, got neither"),
            ({"rate": 0.1, "confusion": np.eye(3)}, "got both"),
            ({"rate": 1.5}, r"rate must be a number in \[0, 1\].*got 1.5"),
            ({"rate": float("nan")}, "rate must be"),
            ({"rate": True}, "got True"),
            ({"rate": "0.1"}, "got '0.1'"),
            ({"rate": 0.1, "groups": [["a", "b"]]}, "'c' is in none"),
            ({"rate": 0.1, "groups": [["a", "b"], ["c"]]}, "'c' is alone in its group.*confusion matrix"),
            ({"rate": 0.1, "groups": {"a": 0, "b": 0, "c": 1}}, "'c' is alone"),
            ({"rate": 0.1, "groups": [["a", "b"], ["b", "c"]]}, "'b' is there twice"),
            ({"rate": 0.1, "groups": [["a", "b", "c", "d"]]}, "groups hold 'd', which is no class"),
            ({"rate": 0.1, "groups": ["abc"]}, "list of lists of classes"),
            ({"confusion": np.eye(3), "groups": [["a", "b", "c"]]}, "groups go with rate"),
            ({"confusion": np.eye(2)}, r"shape \(3, 3\).*got \(2, 2\)"),
            ({"confusion": "x"}, "table of numbers, got 'x'"),
            ({"confusion": [[1, 0, 0], [0, 0.5, 0.4], [0, 0, 1]]}, r"got \[0.0, 0.5, 0.4\] for class 'b'"),
            ({"confusion": [[1, 0, 0], [0, 1.5, -0.5], [0, 0, 1]]}, "for class 'b'"),
            ({"confusion": [[1, 0, 0], [0, 1, 0], [0, np.nan, 1]]}, "for class 'c'"),
            ({"rate": 0.1, "classes": ["a", "b"]}, r"among classes=\['a', 'b'\], got \['c'\]"),
            ({"rate": 0.1, "candidates": [0]}, "needs a second class|"),
            ({"rate": 1.0, "candidates": [0]}, "needs a second class, got"),
            ({"rate": 0.1, "candidates": [True, False, True]}, "flatnonzero"),
            ({"rate": 0.1, "noisy_initial": False}, "noisy_initial=False needs initial"),
            ({"rate": 0.1, "noisy_initial": 1}, "must be True or False, got 1"),
        ],
    )
    def test_settings_are_checked_at_the_door(self, choices, says):
        if says.endswith("|"):  # round(0.1 * 1) is no wrong label, so that one class will do
            assert NoisyOracle(["a", "b", "c"], **choices).wrong_indices.tolist() == []
            return
        with pytest.raises((ValueError, TypeError), match=says):
            NoisyOracle(["a", "b", "c"], **choices)

    def test_a_mask_of_labels_has_no_class_to_be_taken_for(self):
        with pytest.raises(ValueError, match=r"shape \(n,\), got shape \(2, 2\)"):
            NoisyOracle([[0, 1], [1, 0]], 0.1)


class TestConfusion:
    def test_counts_are_the_shares_by_hand(self):
        """Of 10 rows 0.7, 0.3, 0.0 are 7, 3, 0; of 20 rows 0.25, 0.5, 0.25 are 5, 10, 5; none of 5 is mistaken."""
        y = np.repeat([0, 1, 2], [10, 20, 5])
        M = [[0.7, 0.3, 0.0], [0.25, 0.5, 0.25], [0, 0, 1]]
        for seed in range(5):
            answers = everything(NoisyOracle(y, confusion=M, random_state=seed))
            counts = [np.bincount(answers[y == true], minlength=3).tolist() for true in range(3)]
            assert counts == [[7, 3, 0], [5, 10, 5], [0, 0, 5]]

    def test_counts_that_are_no_whole_numbers_are_right_to_a_row_and_in_the_mean(self):
        """Of 3 rows 0.5 are 1.5, 0.3 are 0.9, 0.2 are 0.6."""
        y = np.repeat([0, 1, 2], [3, 1, 1])
        M = np.array([[0.5, 0.3, 0.2], [0, 1, 0], [0, 0, 1]])
        found = np.array([np.bincount(everything(NoisyOracle(y, confusion=M, random_state=seed))[:3], minlength=3)
                          for seed in range(2000)])  # fmt: skip
        assert (np.abs(found - 3 * M[0]) < 1).all() and (found.sum(axis=1) == 3).all()
        assert np.abs(found.mean(axis=0) - 3 * M[0]).max() < 5 * 0.5 / np.sqrt(2000)

    def test_which_rows_are_mistaken_is_drawn(self):
        y = np.repeat([0, 1], [10, 10])
        M = [[0.5, 0.5], [0, 1]]
        wrong = [NoisyOracle(y, confusion=M, random_state=seed).wrong_indices.tolist() for seed in range(400)]
        assert np.abs(np.bincount(np.concatenate(wrong), minlength=10) - 200).max() < 50 and len(wrong[0]) == 5

    def test_rows_and_columns_go_by_classes(self):
        M = [[0, 1], [0, 1]]  # "b" is always taken for "a"
        assert NoisyOracle(["a", "b"], confusion=M, classes=["b", "a"])([0, 1]).tolist() == ["a", "a"]
        assert NoisyOracle(["a", "b"], confusion=M)([0, 1]).tolist() == ["b", "b"]


# The coarse label of each fine one, in the order of the fine labels, as the files of CIFAR-100 have them.
COARSE = """
4 1 14 8 0 6 7 7 18 3 3 14 9 18 7 11 3 9 7 11 6 11 5 10 7 6 13 15 3 15 0 11 1 10 12 14 16 9 11 5
5 19 8 8 15 13 14 17 18 10 16 4 17 4 2 0 17 4 18 17 10 3 2 12 12 16 12 1 9 19 2 10 0 1 16 12 9 13 15 13
16 19 2 4 6 19 5 5 8 19 18 1 2 15 6 0 17 8 14 13
"""


class TestGroups:
    def test_superclasses_of_cifar_100(self):
        names = sorted(name for group in CIFAR100_SUPERCLASSES.values() for name in group)
        assert len(set(names)) == 100 and {len(group) for group in CIFAR100_SUPERCLASSES.values()} == {5}
        positions = groups_by_position(CIFAR100_SUPERCLASSES.values(), names)
        coarse = np.array(COARSE.split(), dtype=int)
        assert positions == [np.flatnonzero(coarse == group).tolist() for group in range(20)]

    def test_names_become_labels_and_labels_stay(self):
        assert groups_by_position({"x": 1, "y": 2, "z": 1}, ["z", "y", "x"]) == [[2, 0], [1]]
        assert groups_by_position([[0, "y"], [2]], ["z", "y", "x"]) == [[0, 1], [2]]
        with pytest.raises(ValueError, match="hold 'w', which is no class; there are z, y"):
            groups_by_position([["w", "y"]], ["z", "y"])


class TestBiasedPool:
    @pytest.mark.parametrize("n_left_out", [0, 1, 3, 8])
    def test_so_many_classes_are_absent_and_all_rows_of_the_others_there(self, y, n_left_out):
        rows = biased_pool(y, n_left_out, random_state=0)
        present = np.unique(y[rows])
        assert len(present) == 10 - n_left_out
        assert rows.tolist() == np.flatnonzero(np.isin(y, present)).tolist()

    def test_classes_are_drawn_by_the_seed(self, y):
        left_out = [tuple(np.setdiff1d(y, y[biased_pool(y, 3, random_state=seed)])) for seed in range(40)]
        again = tuple(np.setdiff1d(y, y[biased_pool(y, 3, random_state=7)]))
        assert again == left_out[7] and len(set(left_out)) > 20 and len(np.unique(left_out)) == 10

    def test_candidates_are_kept_to_in_their_order(self, y):
        candidates = np.arange(500, 900)[::-1]
        rows = biased_pool(y, 2, candidates=candidates, random_state=0)
        assert (np.diff(rows) < 0).all() and rows.min() >= 500 and rows.max() < 900

    @pytest.mark.parametrize("n_left_out", [-1, 9, 1.0, True, None])
    def test_two_classes_must_be_left(self, y, n_left_out):
        with pytest.raises(ValueError, match=r"int in \[0, 8\], so that two of 10 classes are left"):
            biased_pool(y, n_left_out)

    @pytest.mark.parametrize("initial", ["random", "k_center", "stratified", "class_balanced"])
    def test_any_initial_pool_can_be_biased(self, digits, initial):
        X, y = digits
        chosen = initial_pool(X, y, 30, initial, 0, biased_pool(y, 4, random_state=1))
        assert len(chosen) == 30 and len(np.unique(y[chosen])) <= 6


class TestClassBalancedPool:
    def test_classes_have_the_same_number_or_one_more(self):
        y = np.repeat([0, 1, 2], [80, 15, 5])
        for n, counts in ((3, [1, 1, 1]), (9, [3, 3, 3]), (13, [4, 4, 5]), (15, [5, 5, 5]), (21, [5, 8, 8])):
            found = np.bincount(y[initial_pool(np.zeros((100, 1)), y, n, "class_balanced", 0)], minlength=3)
            assert sorted(found.tolist()) == counts
        assert np.bincount(y[initial_pool(np.zeros((100, 1)), y, 100, "class_balanced", 0)]).tolist() == [80, 15, 5]

    def test_which_class_has_one_more_is_drawn_and_which_rows(self):
        y = np.repeat([0, 1], 50)
        pools = [initial_pool(np.zeros((100, 1)), y, 3, "class_balanced", seed) for seed in range(200)]
        ones = sum(int((y[pool] == 1).sum() == 2) for pool in pools)
        assert 60 < ones < 140 and len(set(np.concatenate(pools))) == 100

    def test_stratified_is_something_else(self):
        y = np.repeat([0, 1], [90, 10])
        found = [np.bincount(y[initial_pool(np.zeros((100, 1)), y, 10, way, 0)]).tolist()
                 for way in ("stratified", "class_balanced")]  # fmt: skip
        assert found == [[9, 1], [5, 5]]


class Memory(LogisticRegression):
    def fit(self, X, y):
        self.y_ = y
        return super().fit(X, y)


class TestClassifier:
    def test_the_model_is_trained_on_the_answers(self, table):
        X, y = table
        model = ActiveLearningClassifier(
            Memory(), random_sampling, oracle=partial(NoisyOracle, rate=0.2), budget=300, random_state=0
        ).fit(X, y)
        assert len(model.labeled_indices_) == 300
        assert (model.estimator_.y_ != y[model.labeled_indices_]).sum() == 60

    def test_no_noise_is_no_oracle_and_noise_has_its_own_seed(self, table):
        X, y = table
        plain, quiet, noisy = (
            ActiveLearningClassifier(LogisticRegression(), random_sampling, oracle=oracle, random_state=0).fit(X, y)
            for oracle in (None, partial(NoisyOracle, rate=0.0), partial(NoisyOracle, rate=0.5))
        )
        assert (plain.labeled_indices_ == quiet.labeled_indices_).all()
        assert (plain.labeled_indices_ == noisy.labeled_indices_).all(), "random picks know no labels"
        assert (plain.predict_proba(X) == quiet.predict_proba(X)).all()
        assert (plain.predict_proba(X) != noisy.predict_proba(X)).any()

    def test_labels_that_are_missing_are_not_asked_for(self, table):
        X, y = table
        partly = y.astype(object)
        partly[::3] = None
        choices = {"oracle": partial(NoisyOracle, rate=0.1, noisy_initial=False), "n_initial": 20, "budget": 200}
        model = ActiveLearningClassifier(Memory(), random_sampling, random_state=0, **choices).fit(X, partly)
        wrong = model.estimator_.y_ != y[model.labeled_indices_]
        assert wrong.sum() == 18 and not wrong[:20].any() and (model.labeled_indices_ % 3 > 0).all()

    def test_an_annotator_that_all_fits_would_share_is_refused(self, table):
        X, y = table
        for oracle in (NoisyOracle(y, 0.1), 0.1):
            with pytest.raises(TypeError, match="must make the annotator of a fit, such as partial"):
                ActiveLearningClassifier(oracle=oracle).fit(X, y)

    def test_noise_is_trained_on_and_not_tested_on(self, table):
        """By cross-validation: the test fold has its true labels, so that little noise costs little."""
        X, y = table
        model = ActiveLearningClassifier(LogisticRegression(), random_sampling, budget=200, random_state=0)
        plain, noisy = (
            cross_val_score(clone(model).set_params(oracle=oracle), X, y).mean()
            for oracle in (None, partial(NoisyOracle, rate=0.3))
        )
        assert plain - 0.2 < noisy < plain + 0.02


@pytest.mark.nightly  # those of the loop are run each time: test_loop.py
@parametrize_with_checks([ActiveLearningClassifier(oracle=partial(NoisyOracle, rate=0.0), random_state=0)])
def test_scikit_learns_own_checks_pass_with_an_oracle(estimator, check):
    check(estimator)
