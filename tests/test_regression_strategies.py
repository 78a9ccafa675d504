"""Strategies for numbers against values worked out by hand, independent references and the authors' own code."""

import numpy as np
import pytest
from sklearn.ensemble import BaggingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import BayesianRidge, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics.pairwise import euclidean_distances

from skal import ActiveLearner, query, scores
from skal.outputs import InvalidOutput, MissingOutput, embedding
from skal.query import select
from skal.selection import greedy_product, k_center, kmeans_plusplus, lcmd, max_det, max_diag
from skal.testing import CHECKS, check_query_strategy

_rng = np.random.default_rng(3)
X_known, X_pool = _rng.normal(size=(12, 4)), _rng.normal(size=(60, 4))
y_known = X_known @ [1.0, -1.0, 0.5, 2.0] + 0.1 * _rng.normal(size=12)
OF_NUMBERS = [
    name
    for name, strategy in query.strategies().items()
    if {"prediction", "std", "committee_prediction"} & set(strategy.info.reads)
]


def taught(model):
    return ActiveLearner(model, X_training=X_known, y_training=y_known)


# Greedy sampling


def test_gsx_is_core_set_once_something_is_labelled():
    learner = taught(Ridge())
    picks, distances = select("gsx", learner, X_pool, 20, random_state=0)
    expected = select("core_set", learner, X_pool, 20, random_state=0)
    np.testing.assert_array_equal(picks, expected[0])
    np.testing.assert_allclose(distances, expected[1])


def test_gsx_begins_with_the_row_nearest_to_the_mean():
    pool = np.array([[0.0], [9.0], [4.0], [12.0], [1.0]])  # the mean is 5.2
    assert query.gsx(Ridge(), pool, 3, X_labeled=pool[:0], random_state=0).tolist() == [2, 3, 0]
    assert query.gsx(Ridge(), pool, 1, X_labeled=pool[:0], random_state=0).tolist() == [2]


class Line:
    """f(x) = x of the first column: a model that needs no fit."""

    def predict(self, X):
        return np.asarray(X, dtype=float)[:, 0]


def test_gsy_by_hand():
    pool = np.array([[1.0], [4.0], [9.0], [5.2]])
    picks, distances = select("gsy", Line(), pool, 3, y_labeled=[0.0, 10.0], random_state=0)
    # |f - y| to the nearest of 0 and 10: 1, 4, 1, 4.8; then 5.2 is known, and 4 is 1.2 from it.
    assert picks.tolist()[:2] == [3, 1]
    np.testing.assert_allclose(distances, [4.8, 1.2, 1.0])


def test_igs_by_hand():
    """Of two known rows the smaller product counts; after a pick its own prediction counts as known."""
    pool = np.array([[1.0, 0.0], [4.0, 3.0], [8.0, 1.0]])
    known, values = np.array([[0.0, 0.0], [10.0, 0.0]]), [0.0, 8.0]
    # distances in x: 1, 9; 5, sqrt(45); sqrt(65), sqrt(5). In y: 1, 7; 4, 4; 8, 0. Products, the smaller: 1; 20; 0.
    picks, products = select(
        "igs", Line(), pool, 3, X_labeled=known, y_labeled=values, embedding=np.asarray, random_state=0
    )
    assert picks.tolist() == [1, 0, 2]
    np.testing.assert_allclose(products, [20.0, 1.0, 0.0])


def test_igs_against_all_pairs():
    f, values = _rng.normal(size=60), _rng.normal(size=12)
    Z, F, taken = np.vstack([X_known, X_pool]), np.concatenate([values, f]), []
    for _ in range(10):
        known = [*range(12), *(12 + row for row in taken)]
        products = (euclidean_distances(X_pool, Z[known]) * np.abs(f[:, None] - F[known])).min(axis=1)
        products[taken] = -1
        taken.append(int(products.argmax()))
    assert greedy_product(X_pool, f, 10, X_known, values, random_state=0)[0].tolist() == taken


# Spread


def test_the_widest_standard_deviation_and_the_largest_variance_of_members_are_asked_for():
    process = taught(GaussianProcessRegressor())
    std = process.estimator.predict(X_pool, return_std=True)[1]
    assert set(select("max_std_sampling", process, X_pool, 7, random_state=0)[0]) == set(np.argsort(-std)[:7])
    bag = taught(BaggingRegressor(Ridge(), n_estimators=6, random_state=0))
    F = np.stack([member.predict(X_pool) for member in bag.estimator.estimators_])
    picks, variances = select("committee_variance_sampling", bag, X_pool, 7, random_state=0)
    np.testing.assert_allclose(variances, np.sort(((F - F.mean(axis=0)) ** 2).mean(axis=0))[::-1][:7])
    np.testing.assert_array_equal(picks, select("max_std_sampling", bag, X_pool, 7, random_state=0)[0])


# Expected model change


def test_expected_change_is_the_mean_length_of_the_gradient():
    f, F, Z = _rng.normal(size=9), _rng.normal(size=(3, 9)), _rng.normal(size=(9, 4))
    with_one = np.column_stack([Z, np.ones(9)])
    gradients = (f[:, None] - F.T)[..., None] * with_one[:, None]  # (n, T, d + 1)
    np.testing.assert_allclose(scores.expected_change(f, F, Z), np.linalg.norm(gradients, axis=2).mean(axis=1))


def test_expected_model_change_trains_copies_on_bootstrap_samples_and_asks_a_committee_as_it_is():
    bag = taught(BaggingRegressor(LinearRegression(), n_estimators=3, random_state=0))
    F = np.stack([member.predict(X_pool) for member in bag.estimator.estimators_])
    expected = scores.expected_change(F.mean(axis=0), F, X_pool)
    np.testing.assert_allclose(query.pool_scores("expected_model_change", bag, X_pool, random_state=0), expected)
    rng, f = np.random.RandomState(5), LinearRegression().fit(X_known, y_known).predict(X_pool)
    F = np.empty((4, 60))
    for row in F:
        drawn = rng.randint(12, size=12)
        rng.randint(2**31 - 1)
        row[:] = LinearRegression().fit(X_known[drawn], y_known[drawn]).predict(X_pool)
    found = query.pool_scores("expected_model_change", taught(LinearRegression()), X_pool, random_state=5)
    np.testing.assert_allclose(found, scores.expected_change(f, F, X_pool))


# Kernels


def largest_cluster(K, n_pool, n):
    """LCMD on a kernel matrix of pool and known rows, written from the paper's words and from nothing of skal."""
    squared = np.diag(K)[:, None] + np.diag(K)[None] - 2 * K
    chosen, taken = list(range(n_pool, len(K))), []
    for _ in range(n):
        if not chosen:
            row = int(np.diag(K).argmax())
        else:
            nearest = squared[:n_pool, chosen].argmin(axis=1)
            distance = squared[np.arange(n_pool), np.array(chosen)[nearest]]
            sums = [distance[nearest == c].sum() for c in range(len(chosen))]
            row = int(np.where(nearest == np.argmax(sums), distance, -1.0).argmax())
        taken.append(row)
        chosen.append(row)
    return taken


def largest_determinant(K, n_pool, n, noise):
    chosen, taken = list(range(n_pool, len(K))), []
    for _ in range(n):
        logs = [
            np.linalg.slogdet(K[np.ix_([*chosen, row], [*chosen, row])] + noise**2 * np.eye(len(chosen) + 1))[1]
            for row in range(n_pool)
        ]
        logs = [-np.inf if row in taken else log for row, log in enumerate(logs)]
        taken.append(int(np.argmax(logs)))
        chosen.append(taken[-1])
    return taken


@pytest.mark.parametrize("n_known", [0, 12])
def test_lcmd_is_that_of_a_kernel_matrix(n_known):
    rows = np.vstack([X_pool, X_known[:n_known]])
    assert lcmd(X_pool, 25, X_known[:n_known], 0)[0].tolist() == largest_cluster(rows @ rows.T, 60, 25)


def test_a_single_far_row_does_not_draw_lcmd():
    """The farthest row is alone; the crowd around 5 is worse served in sum."""
    pool, known = np.concatenate([[[30.0]], 5 + 0.1 * np.arange(40)[:, None]]), [[0.0], [40.0]]
    assert k_center(pool, 1, known, random_state=0)[0] == [0]
    assert lcmd(pool, 1, known, random_state=0)[0] == [40]


@pytest.mark.parametrize("n_known", [0, 3, 12])
def test_max_det_is_the_greedy_for_the_determinant(n_known):
    rows = np.vstack([X_pool, X_known[:n_known]])
    expected = largest_determinant(rows @ rows.T, 60, 6, 0.3)
    assert max_det(X_pool, 6, X_known[:n_known], 0, noise=0.3)[0].tolist() == expected


def test_max_diag_is_the_variance_of_bayesian_linear_regression():
    variance = 0.09 * np.einsum("nd,de,ne->n", X_pool, np.linalg.inv(X_known.T @ X_known + 0.09 * np.eye(4)), X_pool)
    picks, scored = max_diag(X_pool, 10, X_known, 0, noise=0.3)
    assert picks.tolist() == np.argsort(-variance)[:10].tolist()
    np.testing.assert_allclose(scored, np.sort(variance)[::-1][:10])


@pytest.mark.parametrize("n_known", [0, 12])
def test_picks_are_those_of_the_authors_code_on_one_kernel_matrix(n_known, monkeypatch):
    """bmdal_reg, the code of the paper: LCMD, MaxDet and MaxDist with labelled rows among the chosen."""
    monkeypatch.setattr(np, "Inf", np.inf, raising=False)  # it was written for NumPy 1
    pytest.importorskip("bmdal_reg")
    torch = pytest.importorskip("torch")
    from bmdal_reg.bmdal import selection as theirs
    from bmdal_reg.bmdal.feature_data import TensorFeatureData
    from bmdal_reg.bmdal.feature_maps import IdentityFeatureMap
    from bmdal_reg.bmdal.features import Features

    root = np.linalg.cholesky(
        np.exp(-0.1 * euclidean_distances(np.vstack([X_pool, X_known]), squared=True)) + 1e-9 * np.eye(72)
    )  # features of an RBF kernel: as many as rows; of different lengths, so that no first pick is a tie
    root *= np.linspace(0.8, 1.2, 72)[:, None]
    pool, known = root[:60], root[60 : 60 + n_known]

    def picks_of(method, **options):
        features = [Features(IdentityFeatureMap(72), TensorFeatureData(torch.tensor(Z))) for Z in (pool, known)]
        return method(*features, sel_with_train=n_known > 0, verbosity=0, **options).select(15).tolist()

    assert lcmd(pool, 15, known, 0)[0].tolist() == picks_of(theirs.LargestClusterMaxDistSelectionMethod)
    ours = max_det(pool, 15, known, 0, noise=0.1)[0].tolist()
    assert ours == picks_of(theirs.MaxDetSelectionMethod, noise_sigma=0.1)
    if n_known:
        given = {"X_labeled": known, "selection": "max_dist", "embedding": np.asarray, "random_state": 0}
        assert query.bmdal(Line(), pool, 15, **given).tolist() == picks_of(theirs.MaxDistSelectionMethod)


def test_bmdal_selects_by_features_and_black_box_bmdal_by_the_covariance_of_predictions():
    learner = taught(Ridge())
    Z, known = embedding(learner, X_pool), embedding(learner, X_known)
    given = {"random_state": 0}
    np.testing.assert_array_equal(select("bmdal", learner, X_pool, 9, **given)[0], lcmd(Z, 9, known, 0)[0])
    drawn = select("bmdal:selection=kmeans++", learner, X_pool, 9, **given)[0]
    assert len(set(drawn)) == 9
    scale = np.sqrt((known**2).sum(axis=1).mean())
    np.testing.assert_array_equal(drawn, kmeans_plusplus(Z / scale, 9, known / scale, np.random.RandomState(0))[0])
    ones = [np.column_stack([rows / scale, np.ones(len(rows))]) for rows in (Z, known)]
    expected = max_det(ones[0], 9, ones[1], 0, noise=0.2)[0]
    found = select("bmdal:selection=max_det,noise=0.2", learner, X_pool, 9, **given)[0]
    np.testing.assert_array_equal(found, expected)
    bag = taught(BaggingRegressor(Ridge(), n_estimators=8, random_state=0))
    members = [np.stack([each.predict(rows) for each in bag.estimator.estimators_]) for rows in (X_pool, X_known)]
    K = np.cov(np.hstack(members).T, bias=True)
    assert select("black_box_bmdal", bag, X_pool, 9, **given)[0].tolist() == largest_cluster(K, 60, 9)
    largest = select("black_box_bmdal:selection=max_diag", bag, X_pool, 1, X_labeled=X_known[:0], **given)[0]
    np.testing.assert_array_equal(largest, select("committee_variance_sampling", bag, X_pool, 1, **given)[0])


# The contract, and wrong combinations


OF_CLASSES = ("cost_embedding_sampling", "epistemic_sampling", "mcpal", "quire")


@pytest.mark.parametrize("name", OF_CLASSES)
def test_strategies_of_features_and_classes_refuse_numbers_in_their_own_name(name):
    with pytest.raises(InvalidOutput, match=f"^{name}: y_labeled must hold classes, got numbers such as"):
        query.strategies()[name](taught(BayesianRidge()), X_pool, random_state=0)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, one in query.strategies().items()
        if set(one.info.reads) <= {"embedding", "labels"} and name not in OF_CLASSES
    ],
)
def test_strategies_of_features_serve_regressors(name):
    if name in ("discriminative_active_learning", "vae_core_set", "estimator_sampling", "vaal_query"):
        pytest.skip("it trains a model of its own, and reads nothing of the learner but its rows")
    checks = ["check_batch", "check_same_seed_same_picks", "check_model_untouched", "check_containers"]

    def make(X, y):
        return ActiveLearner(BayesianRidge(), X_training=X, y_training=X[:, 0] + 0.5, duplicates="allow")

    findings = check_query_strategy(query.strategies()[name], make_learner=make, checks=checks)
    assert set(findings.values()) == {"passed"}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_strategies_of_numbers_refuse_classifiers_in_their_own_name(name):
    classes = ActiveLearner(LogisticRegression(), X_training=X_known, y_training=(y_known > 0) * 1)
    with pytest.raises(MissingOutput, match=f"^{name}: .*LogisticRegression is a classifier"):
        query.strategies()[name](classes, X_pool, random_state=0)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, one in query.strategies().items()
        if {"proba", "committee"} & set(one.info.reads) and name != "sraal_query"  # it trains on the labels first
    ],
)
def test_strategies_of_classes_refuse_regressors_in_their_own_name(name):
    """Of a committee of regressors the members say it."""
    for model in (Ridge(), RandomForestRegressor(3, random_state=0)):
        said = (
            r"is a regressor and has no classes|y_labeled must hold classes, got numbers"  # whichever is read first
        )
        with pytest.raises((MissingOutput, InvalidOutput), match=rf"^{name}\b.*({said})"):
            query.strategies()[name](taught(model), X_pool, random_state=0)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (y_known[:, None], r"one number a row, \(m,\), got shape \(12, 1\). Pass y.ravel\(\)"),
        (np.where(np.arange(12) == 4, np.inf, y_known), "NaN or infinity in 1 of 12 rows, first row 4"),
        (np.array(["a", "b"] * 6), "must hold numbers, got .*a.*: classes have no distance"),
    ],
)
@pytest.mark.parametrize("name", ["gsy", "igs", "expected_model_change"])
def test_labels_that_are_no_numbers_are_refused(name, labels, said):
    with pytest.raises(InvalidOutput, match=f"^{name}: y_labeled .*{said}"):
        query.strategies()[name](taught(Ridge()), X_pool, X_labeled=X_known, y_labeled=labels, random_state=0) if (
            name != "gsy"
        ) else query.gsy(taught(Ridge()), X_pool, y_labeled=labels, random_state=0)


def test_a_selection_that_there_is_not_is_refused():
    for name in ("bmdal", "black_box_bmdal"):
        with pytest.raises(ValueError, match=f"{name}: selection must be one of lcmd, .*, got 'bait'"):
            query.strategies()[name](taught(Ridge()), X_pool, selection="bait", random_state=0)
    with pytest.raises(ValueError, match="max_det: noise must be a finite number above 0, got 0"):
        max_det(X_pool, 1, noise=0)
    with pytest.raises(ValueError, match="at least one point must be known"):
        greedy_product(X_pool, np.zeros(60), 1, np.empty((0, 4)), [])


def test_the_suite_finds_a_reversed_score():
    @query.score_strategy(reads=("std",))
    def surest(learner, X_pool):
        from skal.outputs import predicted_std

        return -predicted_std(learner, X_pool)

    findings = check_query_strategy(surest, checks=[name for name in CHECKS if name != "check_pickles"], on_fail=None)
    assert findings["check_prefers_the_unknown"].startswith("failed")
