"""Every strategy there is, through every check of the contract."""

from functools import partial

import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from made_contract import OF_OPTIONS, OF_PIXELS, OF_ROWS, OF_THE_DOOR, keeps_the_contract
from made_learners import QUICK, QUICK_ON_IMAGES, STAND_INS_ARE_UNDECIDED

from skal.query import (
    Strategy,
    adversarial_deepfool,
    as_strategy,
    bait,
    bald,
    batch_bald,
    combine,
    core_set,
    core_set_robust,
    entropy_sampling,
    expected_error_reduction,
    facility_location,
    information_density_sampling,
    learning_loss_sampling,
    margin_sampling,
    medal,
    prob_cover,
    qbc,
    strategies,
    suggestive_annotation,
    typiclust,
    uncertainty_herding,
    vae_core_set,
)
from skal.testing import CHECKS, check_query_strategy


class Farthest:
    """An estimator that queries: it asks for the rows farthest from the mean of the labelled ones."""

    def fit(self, X, y):
        self.center_ = X[~np.isnan(y)].mean(axis=0)
        return self

    def score_samples(self, X):
        return np.linalg.norm(X - self.center_, axis=1)

    def query(self, X_pool, n_instances):
        return np.argsort(-self.score_samples(X_pool))[:n_instances]


WITH_OPTIONS = {
    "adversarial_deepfool": partial(adversarial_deepfool, norm=np.inf, n_classes=None),
    "bald_of_three": partial(bald, n_samples=3),
    "core_set_robust_without_outliers": partial(core_set_robust, outlier_share=0.0, time_limit=None),
    "core_set_robust_with_outliers": partial(core_set_robust, outlier_share=0.2),
    "learning_loss_of_a_subset": partial(learning_loss_sampling, subset=24),
    "suggestive_annotation": partial(suggestive_annotation, n_candidates=24),
    "vae_core_set_without_vae": partial(vae_core_set, alpha=0.0),
    "combine_sum": combine("sum", margin_sampling, entropy_sampling, weights=(0.3, 0.7)),
    "combine_product": combine("product", margin_sampling, partial(information_density_sampling, beta=2.0)),
    "information_density_euclidean": partial(information_density_sampling, metric="euclidean"),
    "medal_prefilter": partial(medal, prefilter=24),
    "core_set_embedding": partial(core_set, embedding=abs),
    "bait_projected": partial(bait, max_dim=4),
    "batch_bald_drawn": partial(batch_bald, max_exact=4, n_draws=3),
    "facility_location_rbf": partial(facility_location, metric="rbf"),
    "prob_cover_without_lists": partial(prob_cover, radius=0.5, max_edges=0),
    "typiclust_of_three": partial(typiclust, max_clusters=3, normalize=False),
    "uncertainty_herding_of_a_width": partial(uncertainty_herding, width=0.5),
    "expected_error_reduction_log": partial(expected_error_reduction, loss="log", n_candidates=4),
}


# Each leads through the door by another way: scores of rows, a batch beside labelled rows, a committee.
THROUGH_THE_DOOR = {"entropy_sampling": entropy_sampling, "core_set": core_set, "qbc": qbc}
# Nets that are trained at every query: what their own code answers for. Their estimators have tests of their own.
OF_NETS = (
    *("check_docstring", "check_batch", "check_same_seed_same_picks", "check_containers"),
    *("check_pool_of_one", "check_model_untouched", "check_pool_untouched", "check_global_generators_untouched"),
    *("check_cold_start", "check_non_finite_features", "check_pixels"),
)


@pytest.mark.parametrize("check", OF_THE_DOOR)
@pytest.mark.parametrize("name", THROUGH_THE_DOOR)
def test_the_door_keeps_its_part_of_the_contract(name, check):
    keeps_the_contract(THROUGH_THE_DOOR[name], [check], name)


def test_every_strategy_goes_through_the_door():
    for name, strategy in strategies().items():
        assert isinstance(strategy, Strategy) and strategy.info.name == name


@pytest.mark.parametrize("name", [name for name in strategies() if name not in ("vaal_query", "sraal_query")])
def test_strategy_keeps_the_contract(name):
    keeps_the_contract(QUICK.get(name, strategies()[name]), name=name)


@STAND_INS_ARE_UNDECIDED
@pytest.mark.parametrize("check", OF_NETS)
@pytest.mark.parametrize("name", ["vaal_query", "sraal_query"])
def test_strategy_that_trains_nets_keeps_the_contract(name, check):
    keeps_the_contract((QUICK_ON_IMAGES if check in OF_PIXELS else QUICK)[name], [check], name)


@pytest.mark.nightly
def test_the_default_autoencoder_keeps_the_contract():
    """A copy that travelled picks as the strategy itself does: the seed decides, and nothing else."""
    keeps_the_contract(vae_core_set, ["check_pickles"], "vae_core_set")


@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_strategy_with_options_keeps_the_contract(name):
    keeps_the_contract(WITH_OPTIONS[name], OF_OPTIONS)


def test_an_estimator_that_queries_keeps_the_contract():
    """Equal rows are told apart by the estimator itself, not by skal's door, and this one knows tables alone."""
    keeps_the_contract(
        as_strategy(Farthest()),
        [name for name in OF_ROWS if name not in ("check_docstring", "check_ties_are_random")] + list(OF_THE_DOOR),
    )


def test_rows_are_named_as_they_stand_in_the_pool_behind_a_prefilter():
    checks = ["check_non_finite_features", "check_non_finite_proba", "check_containers"]
    assert set(check_query_strategy(partial(medal, prefilter=12), checks=checks).values()) == {"passed"}


def test_suite_is_as_large_as_promised():
    assert len(CHECKS) >= 15
    assert len(strategies()) >= 30
