"""Strategies for several labels a row, against values worked out by hand and loops that follow the papers."""

import inspect
import itertools
from functools import partial

import numpy as np
import pytest
from made_contract import OF_OPTIONS
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from skal import ActiveLearner, query
from skal.outputs import InvalidOutput, MissingOutput
from skal.query import pool_scores, select
from skal.scores import multilabel as scores
from skal.selection import GradientEmbedding, kmeans_plusplus
from skal.testing import check_query_strategy

NEW = (
    *("adaptive_multilabel", "cvirs", "label_cardinality_inconsistency", "max_margin_uncertainty", "mmc"),
    "multilabel_badge",
)
rng = np.random.default_rng(0)
SHIFTS = rng.normal(size=(5, 3))
X_KNOWN, X_POOL = rng.normal(size=(20, 5)), rng.normal(size=(30, 5))
Y_KNOWN = (X_KNOWN @ SHIFTS + rng.normal(size=(20, 3)) > 0).astype(int)


class Said(ClassifierMixin, BaseEstimator):
    """Says the probabilities that its rows are."""

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict_proba(self, X):
        return np.asarray(X, dtype=float)


def learner(model=None):
    return ActiveLearner(model or OneVsRestClassifier(LogisticRegression()), X_training=X_KNOWN, y_training=Y_KNOWN)


def said(P, Y):
    """Scores of a pool with such probabilities beside labelled rows with such sets."""
    model = ActiveLearner(Said(), X_training=np.full((len(Y), np.shape(P)[1]), 0.5), y_training=np.asarray(Y))
    return lambda strategy: np.asarray(pool_scores(strategy, model, np.asarray(P)))


@pytest.mark.parametrize("name", NEW)
def test_the_contract_is_kept_with_a_model_that_gives_a_list_of_probabilities(name):
    forest = RandomForestClassifier(5, max_depth=3, random_state=0)
    strategy = (
        partial(query.adaptive_multilabel, n_weights=2) if name == "adaptive_multilabel" else getattr(query, name)
    )
    found = check_query_strategy(
        strategy,
        checks=[check for check in OF_OPTIONS if check != "check_block_size"],
        make_learner=lambda X, y: ActiveLearner(forest, X_training=X, y_training=y, duplicates="allow"),
    )
    assert not [said for said in found.values() if said.startswith("skipped")]


# Labels 1 and 2 are predicted of the first row, none of the second, all of the third.
P = np.array([[0.9, 0.6, 0.2], [0.3, 0.4, 0.1], [0.8, 0.7, 1.0]])


def test_margins_are_those_between_predicted_labels_and_others():
    # f = 0.8, 0.2 | -0.6; -0.2 is the nearest to the threshold; 0.4 is.
    np.testing.assert_allclose(scores.separation_margin(P), [-0.8, -0.2, -0.4])
    np.testing.assert_allclose(said(P, [[1, 0, 0]])(query.max_margin_uncertainty), [-0.8, -0.2, -0.4])


def test_the_cardinality_is_that_of_the_labelled_rows():
    # Two, no and three labels are predicted, and labelled rows have 1.5 on the mean, one of them none.
    Y = [[0, 0, 0], [1, 1, 1]]
    assert said(P, Y)(query.label_cardinality_inconsistency).tolist() == [0.5, 1.5, 1.5]


def test_cvirs_by_hand():
    # Margins: .8 .2 .6 | .4 .2 .8 | .6 .4 1: places by label 3 1.5 1 | 1 1.5 2 | 2 3 3.
    np.testing.assert_allclose(scores.margin_ranking(P), [3.5 / 6, 4.5 / 6, 1 / 6])
    # Sets 110, 000, 111, and the known 110 and 001. H(1/3) = 0.9183; the joint entropy of 110 with itself is that,
    # and 001 differs in all labels. 000 and 111 have no entropy: the distance is the whole joint one, 1.
    np.testing.assert_allclose(scores.set_inconsistency(P, [[1, 1, 0], [0, 0, 1]]), [0.5, 1.0, 1.0])
    found = said(P, [[1, 1, 0], [0, 0, 1]])(query.cvirs)
    np.testing.assert_allclose(found, [3.5 / 12, 4.5 / 6, 1 / 6])
    # 1100 and 1010 of four labels are independent; 1110 and 1100: cells 2, 1, 0, 1 of 4.
    joint, one = 1.5, 2 - 0.75 * np.log2(3)
    expected = (2 * joint - 1 - one) / joint
    Q = [[0.9, 0.1, 0.9, 0.1], [0.9, 0.9, 0.9, 0.1]]
    np.testing.assert_allclose(scores.set_inconsistency(Q, [[1, 1, 0, 0]]), [1.0, expected])


def entropy_distance(u, v):
    def bits(*counts):
        shares = [count / sum(counts) for count in counts if count]
        return -sum(share * np.log2(share) for share in shares)

    if all(a != b for a, b in zip(u, v, strict=True)):
        return 1.0
    pairs = list(zip(u, v, strict=True))
    joint = bits(*(pairs.count(way) for way in itertools.product((0, 1), repeat=2)))
    return 0.0 if joint == 0 else (2 * joint - bits(sum(u), len(u) - sum(u)) - bits(sum(v), len(v) - sum(v))) / joint


def test_sets_are_compared_as_a_loop_over_them_does():
    draws = np.random.default_rng(1)
    P, Y = draws.random((40, 5)), draws.integers(0, 2, (25, 5))
    P[:2], Y[:2] = [[0.0], [1.0]], [[0], [1]]
    sets = (P > 0.5).astype(int).tolist()
    expected = [np.mean([entropy_distance(u, v) for v in Y.tolist()]) for u in sets]
    np.testing.assert_allclose(scores.set_inconsistency(P, Y), expected, atol=1e-12)
    places = np.array([[sum(m < row) + (sum(m == row) + 1) / 2 for row in m] for m in np.abs(P - 0.5).T])
    np.testing.assert_allclose(scores.margin_ranking(P), ((40 - places) / 39).mean(axis=0), atol=1e-12)


def test_a_pool_of_one_row_has_the_first_place():
    assert scores.margin_ranking([[0.2, 0.9]]).tolist() == [1.0]


def test_mmc_by_hand():
    # If the first row has two labels: 0.1 + 0.4 + 0.2; the second none: 0.3 + 0.4 + 0.1; the third one: 0.8 + 0.7.
    np.testing.assert_allclose(scores.loss_reduction(P, [2, 0, 1]), [0.7, 0.8, 1.5])
    # Labelled rows have all one label, so that this is how many every row is thought to have: no model is needed.
    found = said(P, [[1, 0, 0], [0, 1, 0]])(query.mmc)
    np.testing.assert_allclose(found, [0.1 + 0.6 + 0.2, 0.3 + 0.6 + 0.1, 0.8 + 0.7])


def test_mmc_follows_the_paper_step_by_step():
    model = learner()
    P, P_known = (np.asarray(model.estimator.predict_proba(X)) for X in (X_POOL, X_KNOWN))
    rank = [np.sort(Q)[:, ::-1] / Q.sum(axis=1, keepdims=True) for Q in (P_known, P)]
    numbers = LogisticRegression(max_iter=1000).fit(rank[0], Y_KNOWN.sum(axis=1)).predict(rank[1])
    assert len(set(numbers.tolist())) > 1
    expected = []
    for p, m in zip(P, numbers, strict=True):
        y = -np.ones(3)
        y[np.argsort(-p)[:m]] = 1
        expected.append(((1 - y * (2 * p - 1)) / 2).sum())
    np.testing.assert_allclose(pool_scores(query.mmc, model, X_POOL), expected, rtol=1e-9)


def test_adaptive_takes_the_weight_whose_copy_is_surest():
    model, cardinality = learner(), Y_KNOWN.sum(axis=1).mean()
    P = np.asarray(model.estimator.predict_proba(X_POOL))
    u = 1 / np.maximum(-scores.separation_margin(P), 0.01)
    c = np.abs((P > 0.5).sum(axis=1) - cardinality) + 1e-9 * np.arange(30)  # as good as the strategy's, without ties
    best, least = None, np.inf
    for weight in np.linspace(0, 1, 5):
        q = u**weight * c ** (1 - weight)
        row = int(q.argmax())
        copy = OneVsRestClassifier(LogisticRegression()).fit(
            np.vstack([X_KNOWN, X_POOL[row]]), np.vstack([Y_KNOWN, P[row] > 0.5])
        )
        loss = 0.0
        for f in 2 * np.asarray(copy.predict_proba(X_POOL)) - 1:
            loss += max((1 - one for one in f if one > 0), default=0) + max(
                (1 + one for one in f if one <= 0), default=0
            )
        if loss < least:
            best, least = (weight, np.sort(q)[::-1][:4]), loss
    _, found = select(query.adaptive_multilabel, model, X_POOL, 4, n_weights=5, random_state=0)
    assert 0 < best[0] < 1  # so that a weight is chosen by what its copy says
    np.testing.assert_allclose(found, best[1], rtol=1e-6)


def test_one_weight_trains_nothing():
    model = learner()
    P = np.asarray(model.estimator.predict_proba(X_POOL))
    u = 1 / np.maximum(-scores.separation_margin(P), 0.01)
    c = scores.cardinality_inconsistency(P, Y_KNOWN.sum(axis=1).mean())
    found = select(query.adaptive_multilabel, model, X_POOL, 3, n_weights=1, random_state=0)[1]
    np.testing.assert_allclose(found, np.sort(np.sqrt(u * c))[::-1][:3])


def test_badge_draws_by_the_gradients_of_binary_cross_entropy():
    torch = pytest.importorskip("torch")
    model = learner()
    P = np.asarray(model.estimator.predict_proba(X_POOL))
    logits = torch.tensor(np.log(P / (1 - P)))
    gradients = []
    for row, said, x in zip(logits, P > 0.5, torch.tensor(X_POOL), strict=True):
        W = torch.zeros((3, 5), dtype=torch.float64, requires_grad=True)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            row + W @ x, torch.tensor(said.astype(float)), reduction="sum"
        )
        loss.backward()
        gradients.append(W.grad.ravel().numpy())
    expected = kmeans_plusplus(np.array(gradients), 8, first="largest", random_state=3)
    found = select(query.multilabel_badge, model, X_POOL, 8, random_state=3)
    assert found[0].tolist() == expected[0].tolist()
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-9)


def test_gradients_of_several_labels_stay_what_they_are_beside_centres():
    P, Z = np.random.default_rng(2).random((12, 3)), np.random.default_rng(3).normal(size=(12, 2))
    rows = np.einsum("nl,nd->nld", P - (P > 0.5), Z).reshape(12, 6)
    ours = GradientEmbedding(P[3:], Z[3:], several_labels=True), GradientEmbedding(P[:3], Z[:3], several_labels=True)
    found, expected = kmeans_plusplus(*ours[:1], 5, ours[1], 0), kmeans_plusplus(rows[3:], 5, rows[:3], 0)
    assert found[0].tolist() == expected[0].tolist()
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-9)
    with pytest.raises(ValueError, match="both be of several labels"):
        kmeans_plusplus(ours[0], 2, GradientEmbedding(P[:3], Z[:3]))


@pytest.mark.parametrize("name", ["cvirs", "mmc", "adaptive_multilabel", "label_cardinality_inconsistency"])
def test_label_sets_that_do_not_fit_are_refused(name):
    strategy, model = getattr(query, name), learner()
    for y, message in (
        (Y_KNOWN[:, 0], r"\(m, 3\), got shape \(20,\)"),
        (Y_KNOWN[:, :2], r"\(m, 3\), got shape \(20, 2\)"),
        (Y_KNOWN + 0.5, "0 where a label does not apply"),
        (np.full((20, 3), "yes"), "0 where a label does not apply"),
    ):
        with pytest.raises(InvalidOutput, match=message):
            strategy(model, X_POOL, y_labeled=y)


@pytest.mark.parametrize("counts", [[1], [4, 0, 0], [0.5, 1, 1], [-1, 0, 0]])
def test_impossible_numbers_of_labels_are_refused(counts):
    with pytest.raises(ValueError, match="from 0 to 3 for each of 3 rows"):
        scores.loss_reduction(P, counts)


def test_known_sets_that_do_not_fit_are_refused():
    for Y in ([[1, 0]], np.empty((0, 3)), [1, 0, 1]):
        with pytest.raises(ValueError, match=r"shape \(m, 3\)"):
            scores.set_inconsistency(P, Y)


def test_rows_without_labels_count():
    # A labelled row of zeros is a set like others: it brings the mean down, and is one of those compared with.
    with_none, without = said(P, [[1, 1, 0], [0, 0, 0]]), said(P, [[1, 1, 0]])
    strategy = query.label_cardinality_inconsistency
    assert with_none(strategy).tolist() == [1.0, 1.0, 2.0]
    assert without(strategy).tolist() == [0.0, 2.0, 1.0]
    assert with_none(query.cvirs)[1] < without(query.cvirs)[1]


# Strategies for anything, and those for one class a row, with a model of several labels

TRAINED = ("vaal_query", "sraal_query", "vae_core_set")
OF_FEATURES = [
    name
    for name, one in query.strategies().items()
    if set(one.info.reads) <= {"embedding", "labels"} and name not in TRAINED
]
OF_CLASSES = [name for name, one in query.strategies().items() if "proba" in one.info.reads and name not in TRAINED]


def taught_sets(X, y):
    """A learner of two labels a row, made of the classes of the suite."""
    sets = np.column_stack([np.asarray(y) > 0, np.asarray(y) != 1]).astype(int)
    return ActiveLearner(OneVsRestClassifier(LogisticRegression()), X_training=X, y_training=sets, duplicates="allow")


@pytest.mark.parametrize("name", OF_FEATURES)
def test_strategies_of_features_keep_the_contract_with_models_of_several_labels(name):
    checks = ["check_batch", "check_same_seed_same_picks"]
    found = check_query_strategy(getattr(query, name), checks=checks, make_learner=taught_sets)
    assert not [said for said in found.values() if said.startswith("skipped")]


@pytest.mark.parametrize("name", OF_CLASSES)
def test_strategies_of_classes_refuse_models_of_several_labels_in_their_own_name(name):
    model, strategy = RandomForestClassifier(5, random_state=0).fit(X_KNOWN, Y_KNOWN), getattr(query, name)
    taken = inspect.signature(strategy).parameters
    labeled = {key: rows for key, rows in (("X_labeled", X_KNOWN), ("y_labeled", Y_KNOWN)) if key in taken}
    with pytest.raises((InvalidOutput, MissingOutput), match=name):
        strategy(model, X_POOL, 3, **labeled)
