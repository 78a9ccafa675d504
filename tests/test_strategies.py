"""Every strategy there is, through every check of the contract."""

from functools import partial

import pytest

from skal.query import (
    combine,
    core_set,
    entropy_sampling,
    expected_error_reduction,
    information_density_sampling,
    margin_sampling,
    medal,
    strategies,
)
from skal.testing import CHECKS

WITH_OPTIONS = {
    "combine_sum": combine("sum", margin_sampling, entropy_sampling, weights=(0.3, 0.7)),
    "combine_product": combine("product", margin_sampling, partial(information_density_sampling, beta=2.0)),
    "information_density_euclidean": partial(information_density_sampling, metric="euclidean"),
    "medal_prefilter": partial(medal, prefilter=24),
    "core_set_embedding": partial(core_set, embedding=abs),
    "expected_error_reduction_log": partial(expected_error_reduction, loss="log", n_candidates=4),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
@pytest.mark.parametrize("name", strategies())
def test_strategy_keeps_the_contract(name, check):
    check(strategies()[name], None)


OPTION_CHECKS = (
    "check_distinct",
    "check_in_range",
    "check_count",
    "check_same_seed_same_picks",
    "check_pickles",
    "check_ties_are_random",
    "check_model_untouched",
    "check_block_size",
)


@pytest.mark.parametrize("check", OPTION_CHECKS)
@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_strategy_with_options_keeps_the_contract(name, check):
    CHECKS[check](WITH_OPTIONS[name], None)


@pytest.mark.parametrize("check", ["check_non_finite_features", "check_non_finite_proba", "check_containers"])
def test_rows_are_named_as_they_stand_in_the_pool_behind_a_prefilter(check):
    CHECKS[check](partial(medal, prefilter=12), None)


def test_suite_is_as_large_as_promised():
    assert len(CHECKS) >= 15
    assert len(strategies()) >= 20
