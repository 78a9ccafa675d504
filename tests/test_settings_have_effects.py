"""Every setting of every public estimator changes something that can be seen, or says why it does not."""

import made_effects_of_learners
import made_effects_of_nets
import made_effects_of_stopping
import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from made_effects import NoEffect, public_estimators, settings_of
from made_learners import first_column
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skal import ActiveLearner, Committee
from skal.augment import Augmentation
from skal.neural.loss_prediction import LossPredictionNet
from skal.neural.loss_segmenter import LossPredictionSegmenterNet
from skal.query import core_set
from skal.stopping import Criterion

CASES = [*made_effects_of_nets.CASES, *made_effects_of_learners.CASES, *made_effects_of_stopping.CASES]
# Bases, and skorch nets that estimators make and set.
NOT_SET_BY_USERS = {Augmentation, Criterion, LossPredictionNet, LossPredictionSegmenterNet}


def test_every_setting_of_every_public_estimator_has_a_second_value():
    bases = {one for one in public_estimators() if one.__module__.startswith("skal.training.")}
    assert {case.make for case in CASES} == public_estimators() - NOT_SET_BY_USERS - bases
    for case in CASES:
        said = {name if "__" not in name else name.split("__")[0] + "__" for name in case.others}
        said -= {"sample_weight"}  # of the keywords that a learner hands to its estimator's fit
        assert said == settings_of(case.make), case.make.__name__
        assert all(other.reason for other in case.others.values() if isinstance(other, NoEffect))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.make.__name__)
def test_a_second_value_of_each_setting_changes_something(case):
    assert case.without_effect() == []


@pytest.mark.parametrize(("of_committee", "pick"), [(None, 0), (True, 1), (False, 0)])
def test_where_distances_are_taken_is_the_committees_to_say_before_its_members(of_committee, pick):
    model = make_pipeline(FunctionTransformer(first_column), GaussianNB())
    members = [ActiveLearner(model, on_transformed=False) for _ in range(2)]
    committee = Committee(members, core_set, on_transformed=of_committee)
    committee.fit(np.array([[0.0, 0.0], [1.0, 0.0]]), [0, 1])
    far_in_the_second, far_in_the_first = [0.0, 99.0], [9.0, 0.0]
    assert committee.query(np.array([far_in_the_second, far_in_the_first]))[0].tolist() == [pick]
