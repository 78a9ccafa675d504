"""What costs too much for every run: scikit-learn's checks of more nets, the contract of strategies as they come."""

import pytest
from made_checks import not_of_nets
from made_contract import keeps_the_contract
from made_learners import STAND_INS_ARE_UNDECIDED
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from skal import ActiveLearningClassifier
from skal.adversarial import SRAAL
from skal.neural import EnsembleClassifier, NeuralClassifier
from skal.query import core_set, expected_error_reduction, strategies
from skal.semi_supervised import FixMatchClassifier
from skal.testing import CHECKS

pytestmark = pytest.mark.nightly


# scikit-learn hands over labels of all rows.
@pytest.mark.filterwarnings("ignore:.*every row is labelled", "ignore:.*no unlabelled row:UserWarning")
@parametrize_with_checks(
    [
        EnsembleClassifier(NeuralClassifier(max_epochs=15, lr=2e-2), 2, random_state=0),
        FixMatchClassifier(max_steps=150, lr=1e-2, random_state=0),
        SRAAL(max_steps=4, judge_steps=4, random_state=0),
        ActiveLearningClassifier(LogisticRegression(), core_set, n_initial=5, initial="k_center"),
    ],
    expected_failed_checks=lambda estimator: (
        not_of_nets(estimator) if isinstance(estimator, FixMatchClassifier) else {}
    ),
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


# A game over so few labelled rows tells two pools apart no better with more steps.
@STAND_INS_ARE_UNDECIDED
@pytest.mark.parametrize(
    "check", ["check_same_seed_same_picks", "check_global_generators_untouched", "check_pickles"]
)
@pytest.mark.parametrize("name", ["vaal_query", "sraal_query"])
def test_a_strategy_that_trains_nets_keeps_the_contract_with_its_defaults(name, check):
    CHECKS[check](strategies()[name], None)


@pytest.mark.parametrize("check", CHECKS)
def test_expected_error_reduction_keeps_the_contract_with_all_its_candidates(check):
    keeps_the_contract(expected_error_reduction, [check], "expected_error_reduction")
