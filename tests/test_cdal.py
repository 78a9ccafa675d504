"""Contextual diversity: divergences by hand, k-center by brute force, rows and class matrices alike."""

import numpy as np
import pytest
from scipy.special import rel_entr, softmax
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner
from skal.data import block_rows
from skal.outputs import proba
from skal.query import cdal
from skal.selection import class_mixtures, contextual_k_center


def divergence(M, N, smoothing):
    """Sum over the classes that both matrices have, each row smoothed and made a distribution again."""
    total = 0.0
    for p, q in zip(M, N, strict=True):
        if p.sum() > 0 and q.sum() > 0:
            p, q = ((row + smoothing) / (row + smoothing).sum() for row in (p, q))
            total += 0.5 * (rel_entr(p, q).sum() + rel_entr(q, p).sum())
    return total


def greedy_by_hand(P, n, centers, smoothing, first=None):
    picks, distances = ([] if first is None else [first]), []
    while len(picks) < n:
        known = [*centers, *P[picks]]
        nearest = np.array([min(divergence(row, other, smoothing) for other in known) for row in P])
        nearest[picks] = -1
        picks.append(int(nearest.argmax()))
        distances.append(nearest.max())
    return picks, distances


def class_matrices(n, n_classes, seed):
    rng = np.random.default_rng(seed)
    return softmax(2 * rng.normal(size=(n, n_classes, n_classes)), axis=2) * (rng.random((n, n_classes, 1)) < 0.6)


@pytest.mark.parametrize("smoothing", [1e-6, 0.1])
@pytest.mark.parametrize("pixels", [False, True])
def test_picks_are_those_of_the_definition(pixels, smoothing):
    P = class_matrices(25, 4, 0) if pixels else softmax(np.random.default_rng(0).normal(size=(25, 1, 5)), axis=2)
    centers = P[:3]
    given, known = (P, centers) if pixels else (P[:, 0], centers[:, 0])
    options = {"random_state": 0, "smoothing": smoothing, "random_tie_break": False}
    picks, distances = contextual_k_center(given, 8, known, **options)
    expected = greedy_by_hand(P, 8, centers, smoothing)
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(distances, expected[1], rtol=1e-9)
    picks, distances = contextual_k_center(given, 6, **options)
    expected = greedy_by_hand(P, 6, [], smoothing, first=int(picks[0]))
    assert picks.tolist() == expected[0]
    np.testing.assert_allclose(distances[1:], expected[1], rtol=1e-9)


def test_values_by_hand():
    """(0.9, 0.1) and (0.1, 0.9): half of twice 0.8 ln 9."""
    _, distances = contextual_k_center([[0.1, 0.9]], 1, [[0.9, 0.1]], random_state=0, smoothing=1e-12)
    np.testing.assert_allclose(distances, 0.8 * np.log(9))


def test_probabilities_of_zero_are_at_a_finite_distance():
    P = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, 0.0]]
    picks, distances = contextual_k_center(P, 3, [[1.0, 0.0, 0.0]], random_state=0)
    assert picks.tolist() == [1, 2, 0] and np.isfinite(distances).all() and distances[2] == 0


def test_classes_that_only_one_image_has_add_nothing():
    M = np.array([[[0.9, 0.1], [0.0, 0.0]], [[0.0, 0.0], [0.2, 0.8]]])
    _, distances = contextual_k_center(M[1:], 1, M[:1], random_state=0)
    assert distances.tolist() == [0.0]


@pytest.mark.parametrize(
    ("P", "options", "message"),
    [
        (np.ones(5), {}, r"P must have shape \(n, C\) or \(n, K, C\), got \(5,\)"),
        (
            np.ones((5, 2)),
            {"centers": np.ones((1, 3))},
            r"centers must have shape \(n, 2\) or \(n, 1, 2\), got \(1, 3\)",
        ),
        (np.ones((5, 2)), {"smoothing": 0.0}, "smoothing must be positive, got 0.0"),
        (np.full((5, 2), np.nan), {}, "P must be finite, got NaN or infinity in 5 of 5 rows, first row 0"),
        (-np.ones((5, 2)), {}, "P must be at least 0, got -1.0"),
    ],
)
def test_what_does_not_fit_is_refused(P, options, message):
    with pytest.raises(ValueError, match=f"contextual_k_center: {message}"):
        contextual_k_center(P, 1, **options)


def test_the_strategy_counts_labeled_rows(table):
    X, y = table
    learner = ActiveLearner(LogisticRegression(), X_training=X[:30], y_training=y[:30])
    P, known = proba(learner, X[30:]), proba(learner, X[:30])
    picks, _ = cdal(learner, X[30:], 5, random_state=0)
    assert picks.tolist() == greedy_by_hand(P[:, None], 5, known[:, None], 1e-6)[0]


class Pixels:
    """A model of images that are their own probabilities (n, C, H, W)."""

    def predict_proba(self, X):
        return np.asarray(X)


def test_pixels_are_averaged_by_their_predicted_class():
    image = np.array([[0.9, 0.7, 0.2, 0.4], [0.1, 0.3, 0.8, 0.6]]).reshape(2, 2, 2)  # classes 0, 0, 1, 1
    certain = np.array([[1.0, 0.8, 0.6, 1.0], [0.0, 0.2, 0.4, 0.0]]).reshape(2, 2, 2)  # class 0 throughout
    tie = np.full((2, 2, 2), 0.5)  # of equals the first class
    found = class_mixtures(np.stack([image, certain, tie]))
    expected = [[[0.8, 0.2], [0.3, 0.7]], [[0.85, 0.15], [0, 0]], [[0.5, 0.5], [0, 0]]]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    with pytest.raises(
        ValueError, match=r"class_mixtures: P must have shape \(n, C, ...\) with pixels, got \(3, 2\)"
    ):
        class_mixtures(np.ones((3, 2)))


def test_images_are_picked_by_the_pixels_that_are_taken_for_the_same_class():
    """Class 0 of the labelled image is at (0.8, 0.2), class 1 at (0.3, 0.7); J is half their sum."""
    pool = np.array(
        [
            [[0.9, 0.7, 0.2, 0.4], [0.1, 0.3, 0.8, 0.6]],  # the same mixtures: 0
            [[0.6, 0.6, 0.6, 0.6], [0.4, 0.4, 0.4, 0.4]],  # class 0 alone: J(0.6, 0.8) = 0.1 ln(8/3)
            [[0.8, 0.8, 0.1, 0.1], [0.2, 0.2, 0.9, 0.9]],  # class 0 the same, class 1: J(0.1, 0.3) = 0.1 ln(27/7)
        ]
    ).reshape(3, 2, 2, 2)
    learner = Pixels()
    picks, distances = cdal.select(learner, pool, 3, X_labeled=pool[:1], random_state=0, smoothing=1e-12)
    assert picks.tolist() == [2, 1, 0]
    np.testing.assert_allclose(distances, [0.1 * np.log(27 / 7), 0.1 * np.log(8 / 3), 0.0], atol=1e-9)
    with block_rows(1):
        assert cdal(learner, pool, 3, X_labeled=pool[:1], random_state=0).tolist() == [2, 1, 0]
