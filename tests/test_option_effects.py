"""Every option of public functions and strategies changes something, or says why it does not."""

import made_effects_of_functions as functions
import made_effects_of_strategies as of_strategies
import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from made_effects import NoEffect

from skal.query import strategies
from skal.selection import batch_bald

CASES = [case for cases in functions.ROOMS.values() for case in cases]


def name_of(case):
    return case.make.__name__


@pytest.mark.parametrize("room", functions.ROOMS, ids=lambda room: room.__name__)
def test_every_option_of_every_public_function_has_a_second_value(room):
    cases = functions.ROOMS[room]
    assert {case.make: set(case.others) for case in cases} == functions.functions_with_options(room)
    assert all(other.reason for case in cases for other in case.others.values() if isinstance(other, NoEffect))


@pytest.mark.parametrize("name", strategies())
def test_every_option_of_every_strategy_has_a_second_value_that_changes_something(name):
    case = of_strategies.CASES[name]
    assert set(case.others) == of_strategies.options_of(case.make)
    assert all(other.reason for other in case.others.values() if isinstance(other, NoEffect))
    assert case.without_effect() == []


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_second_value_of_each_option_changes_something(case):
    assert case.without_effect() == []


@pytest.mark.parametrize("n_draws", [27, 1000])
def test_as_many_draws_as_there_are_joint_labels_keep_them_all(n_draws):
    P = np.random.default_rng(0).dirichlet([0.5] * 3, (4, 12))
    exact, drawn = batch_bald(P, 4, random_state=0), batch_bald(P, 4, random_state=0, max_exact=2, n_draws=n_draws)
    np.testing.assert_array_equal(drawn[0], exact[0])
    np.testing.assert_allclose(drawn[1], exact[1])
