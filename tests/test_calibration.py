"""ECE of a learner, beside a count by hand: classes that the model lacks, that nobody has, and in any order."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from skal.metrics import expected_calibration_error

NAMES = [
    np.array(["ash", "birch", "cedar", "dogwood", "elm"]),
    np.array([-1, 0, 1, 5, 9]),
    np.array([0.5, 1.5, 2.0, 7.25, 8.0]),
    np.array(["ash", "b", "cedar tree", "d", "e"], dtype=object),
]


class Given:
    """A model that says what it is told."""

    def __init__(self, classes, weights):
        self.classes_, self.weights = classes, weights

    def predict_proba(self, X):
        weights = np.array(self.weights, dtype=float)
        return weights / weights.sum(axis=1, keepdims=True)


def by_hand(classes, weights, y):
    """Equation 3 of Guo et al., in whole numbers: rows of a bin, right ones less what was promised."""
    gaps = {}
    for row, label in zip(weights, y, strict=True):
        confidence = Fraction(max(row), sum(row))
        right = classes[row.index(max(row))] == label
        number = math.ceil(confidence * 15)  # bins are open on the left and closed on the right
        gaps[number] = gaps.get(number, 0) + int(right) - confidence
    return float(sum(abs(gap) for gap in gaps.values()) / len(y))


@given(st.data())
def test_the_error_is_that_of_a_count_by_hand(data):
    names = data.draw(st.sampled_from(NAMES))
    known = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True))
    if data.draw(st.booleans()):
        known = sorted(known)
    n = data.draw(st.integers(1, 12))
    row = st.lists(st.integers(0, 7), min_size=len(known), max_size=len(known)).filter(any)
    weights = data.draw(st.lists(row, min_size=n, max_size=n))
    y = names[data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))]
    found = expected_calibration_error(Given(names[known], weights), np.zeros((n, 1)), y)
    assert found == pytest.approx(by_hand(names[known], weights, y), abs=1e-12)


@pytest.mark.parametrize("absent", [0, 1, 2, 3])
def test_a_class_that_the_model_has_not_seen_is_missed_by_every_row_of_it(absent):
    rng = np.random.default_rng(absent)
    X, y = rng.normal(size=(80, 2)), np.repeat([0, 1, 2, 3], 20)
    X[:, 0] += 2 * y
    seen = y != absent
    model = LogisticRegression().fit(X[seen], y[seen])
    P = model.predict_proba(X[~seen])
    assert expected_calibration_error(model, X[~seen], y[~seen]) == pytest.approx(P.max(axis=1).mean())
