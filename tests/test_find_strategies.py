"""Strategies that search: the likeliest rows of some classes, by a model and by what was found."""

from functools import partial

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skal import compare
from skal.outputs import InvalidOutput
from skal.query import find_sampling, most_likely_sampling, pool_scores, subsample


class Given:
    """Gives the probabilities that it was made with."""

    def __init__(self, P):
        self.P = P

    def predict_proba(self, X):
        return self.P[: len(X)]


class Named(Given):
    """Gives the probabilities that it was made with, and names its classes."""

    classes_ = np.array(["a", "b", "c"])


P = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.2, 0.6, 0.2], [0.3, 0.3, 0.4]])
ROWS = np.arange(4)[:, None].astype(float)
LABELED = {"y_labeled": np.array(["a", "a", "b", "b", "c"])}


def scores(find, **options):
    given = partial(most_likely_sampling, find=find, **{**LABELED, **options})
    return pool_scores(given, Named(P), ROWS).tolist()


def test_the_score_is_the_probability_of_the_sought_classes():
    assert scores("c") == pytest.approx(P[:, 2])
    assert scores(["a", "b"]) == pytest.approx(P[:, 0] + P[:, 1])
    assert scores(None) == pytest.approx(P[:, 2])  # c has the fewest labels
    assert scores("d") == [0, 0, 0, 0]  # nobody has seen one


def test_ranks_of_three_opinions_by_hand():
    # On a line: found at 0, another at 10. The model ranks rows 1, 3, 2, 4; nearness and the linear model 1 to 4.
    X = np.array([[1.0], [2.0], [3.0], [9.0]])
    model = Named(np.array([[0.0, 0.1, 0.9], [0.6, 0.2, 0.2], [0.3, 0.3, 0.4], [1.0, 0.0, 0.0]]))
    known = {"X_labeled": np.array([[0.0], [10.0]]), "y_labeled": np.array(["c", "a"])}
    ask = partial(find_sampling, model, X, 4, find="c", normalize=False, random_state=0, random_tie_break=False)
    assert ask(linear=0, near=0, **known).tolist() == [0, 2, 1, 3]
    assert ask(linear=1, near=1, **known).tolist() == [0, 1, 2, 3]
    assert ask(linear=0, near=0.2, **known).tolist() == [0, 2, 1, 3]


def test_a_group_that_the_model_does_not_know_is_found_by_its_neighbours():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (100, 2)), rng.normal(9, 0.3, (10, 2))])
    blind = Given(np.tile([0.9, 0.1], (110, 1)))
    known = {"X_labeled": np.array([[9.0, 9.0], [0.0, 0.0], [1.0, -1.0]]), "y_labeled": np.array([1, 0, 0])}
    picks = find_sampling(blind, X, 10, find=1, linear=0.0, normalize=False, random_state=0, **known)
    assert set(picks.tolist()) == set(range(100, 110))


def test_while_nothing_is_found_it_asks_rows_that_stand_for_many():
    X = np.repeat([[1.0, 0.0], [0.0, 1.0], [0.7, 0.7]], [30, 20, 2], axis=0)
    model = Given(np.tile([1.0, 0.0], (52, 1)))
    known = {"X_labeled": np.array([[0.7, 0.7]]), "y_labeled": np.array([0])}
    picks = find_sampling(model, X, 2, find=1, random_state=0, **known)
    assert sorted(pick // 30 for pick in picks) == [0, 1]


def test_it_finds_more_rare_rows_than_chance():
    rng = np.random.default_rng(2)
    X = np.concatenate([rng.normal(0, 1, (300, 3)), rng.normal(2.5, 0.6, (15, 3))])
    y = np.repeat(["ok", "fraud"], [300, 15])
    known, left = [0, 1, 2, 3, 310], np.setdiff1d(np.arange(315), [0, 1, 2, 3, 310])
    for _ in range(4):
        model = LogisticRegression().fit(X[known], y[known])
        picks = find_sampling(model, X[left], 6, X_labeled=X[known], y_labeled=y[known], find="fraud", random_state=0)
        known, left = [*known, *left[picks]], np.delete(left, picks)
    assert (y[known] == "fraud").sum() >= 12  # chance: two


def test_all_classes_or_one_of_them_twice_are_refused():
    known = {"X_labeled": ROWS[:2], "y_labeled": np.array(["a", "b"])}
    with pytest.raises(InvalidOutput, match="find names all classes"):
        find_sampling(Named(P), ROWS, find=["a", "b", "c"], **known)
    with pytest.raises(ValueError, match="find must name different classes"):
        find_sampling(Named(P), ROWS, find=["a", "a"], **known)
    with pytest.raises(InvalidOutput, match="must hold classes, got numbers such as"):
        find_sampling(Named(P), ROWS, find="a", X_labeled=ROWS[:2], y_labeled=np.array([0.5, 0.7]))


def test_a_comparison_takes_the_class_by_its_name_and_refuses_one_that_is_not_there():
    rng = np.random.default_rng(3)
    X = np.concatenate([rng.normal(0, 1, (120, 2)), rng.normal(4, 0.5, (12, 2))])
    y = np.repeat([0, 1], [120, 12])
    about = {"n_initial": 20, "n_instances": 4, "n_rounds": 1, "n_trials": 2, "class_names": ["ok", "fraud"]}
    searches = ["find_sampling:find=fraud", subsample(partial(find_sampling, find="fraud"), 100)]
    named = dict(zip(("plain", "part"), [partial(find_sampling, find="fraud"), searches[1]], strict=True))
    found = compare(X, y, LogisticRegression(), named, **about)
    for name in ("plain", "part"):
        assert (found.picked_classes[name][:, 1, found.classes.index("fraud")] >= 3).all()
    for wrong, said in (("froud", "Did you mean 'fraud'"), ('["ok","fraud"]', "find all classes")):
        with pytest.raises(ValueError, match=said):
            compare(X, y, LogisticRegression(), f"find_sampling:find={wrong}", **about)
