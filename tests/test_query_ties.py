"""Rows of equal scores: one seed gives one order of them, other seeds give others, for whatever has a `query`."""

import numpy as np
import pytest
from made_adversarial import QUICK, undiagnosed  # noqa: F401
from made_effects import public_estimators
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB

from skal import ActiveLearner, BayesianOptimizer, Committee, CommitteeRegressor
from skal.adversarial import SRAAL, VAAL
from skal.query import margin_sampling, max_EI, max_std_sampling, vote_entropy_sampling

X = np.repeat(np.eye(3), 4, axis=0) + np.arange(12)[:, None] / 100
y = np.array([0, 1, 2, 0, 1, 2, -1, -1, -1, -1, -1, -1])
SAME = np.repeat(X[:1], 30, axis=0)


class EqualVAAL(VAAL):
    """Its rows look all alike: equal ones have equal scores but for the last digits otherwise."""

    def score_samples(self, X):
        return np.full(len(X), 0.5)


class EqualSRAAL(SRAAL):
    """As `EqualVAAL`."""

    def score_samples(self, X):
        return np.full(len(X), 0.5)


def picks_of_adversary(make, seed, **options):
    model = make(**{**QUICK, "random_state": seed, "missing_label": -1, "max_steps": 1, "judge_steps": 1}, **options)
    return model.fit(X, y).query(SAME, 8)


def picks_of_learner(seed):
    learner = ActiveLearner(GaussianNB(), margin_sampling, X[:6], y[:6], random_state=seed)
    return learner.query(SAME, n_instances=8)[0]


def picks_of_committee(seed):
    members = [ActiveLearner(GaussianNB(), X_training=X[:6], y_training=y[:6]) for _ in range(2)]
    return Committee(members, vote_entropy_sampling, random_state=seed).query(SAME, n_instances=8)[0]


def picks_of_regressors(seed):
    members = [ActiveLearner(Ridge(alpha), X_training=X[:6], y_training=y[:6] / 3) for alpha in (0.1, 1.0)]
    return CommitteeRegressor(members, max_std_sampling, random_state=seed).query(SAME, n_instances=8)[0]


def picks_of_optimizer(seed):
    model = GaussianProcessRegressor(alpha=0.1, optimizer=None)
    return BayesianOptimizer(model, max_EI, X[:6], y[:6] / 3, random_state=seed).query(SAME, n_instances=8)[0]


PICKS = {
    VAAL: lambda seed: picks_of_adversary(EqualVAAL, seed),
    SRAAL: lambda seed: picks_of_adversary(EqualSRAAL, seed, estimator=GaussianNB()),
    ActiveLearner: picks_of_learner,
    BayesianOptimizer: picks_of_optimizer,
    Committee: picks_of_committee,
    CommitteeRegressor: picks_of_regressors,
}


def test_whatever_has_a_query_is_here():
    assert set(PICKS) == {one for one in public_estimators() if hasattr(one, "query")}


@pytest.mark.filterwarnings("ignore:.*the model gives the same probabilities")
@pytest.mark.parametrize("make", PICKS, ids=lambda make: make.__name__)
def test_the_seed_alone_says_which_of_equal_rows_are_asked_for(make):
    of_seeds = {tuple(PICKS[make](seed).tolist()) for seed in (0, 1, 2)}
    assert len(of_seeds) > 1
    for seed in (0, 1):
        assert PICKS[make](seed).tolist() == PICKS[make](seed).tolist()
