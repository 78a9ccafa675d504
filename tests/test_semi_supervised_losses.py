"""Losses of consistency training against values computed by hand."""

import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from skal.semi_supervised._average import WeightAverage
from skal.semi_supervised._losses import annealed_threshold, consistency_loss, guess, labeled_loss
from skal.semi_supervised._thresholds import ClassThresholds, FixedThreshold

LOG3 = math.log(3.0)  # logits (log 3, 0) are probabilities (3/4, 1/4)


def logits_of(*P):
    return torch.tensor(P).log()


# Guesses.


def test_a_guess_is_sharpened_and_its_confidence_is_not():
    found = guess(torch.tensor([[LOG3, 0.0]]), temperature=0.5)
    assert_close(found.target, torch.tensor([[0.9, 0.1]]))  # 9 to 1: the odds squared
    assert_close(found.confidence, torch.tensor([0.75]))
    assert found.label.tolist() == [0]


def test_temperature_one_leaves_a_guess_as_it_is():
    assert_close(guess(torch.tensor([[LOG3, 0.0]]), temperature=1.0).target, torch.tensor([[0.75, 0.25]]))


@pytest.mark.parametrize("temperature", [0.0, 1e-3])
def test_a_guess_at_temperature_zero_is_one_class(temperature):
    found = guess(torch.tensor([[0.1, 0.3, 0.2], [2.0, -1.0, 0.0]]), temperature)
    assert_close(found.target, torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))


def test_no_gradient_reaches_the_teacher():
    teacher = torch.tensor([[1.0, 0.0]], requires_grad=True)
    student = torch.tensor([[0.0, 1.0]], requires_grad=True)
    found = guess(teacher, temperature=0.4)
    consistency_loss(student, found.target, found.confidence > 0.5).backward()
    assert teacher.grad is None
    assert student.grad.abs().sum() > 0


# Consistency.


def test_the_mean_is_over_all_rows_and_those_not_trusted_count_as_zeros():
    student = logits_of((0.5, 0.5)).repeat(4, 1)
    target = torch.tensor([[1.0, 0.0]]).repeat(4, 1)
    for n_trusted in range(5):
        trusted = torch.arange(4) < n_trusted
        assert_close(consistency_loss(student, target, trusted), torch.tensor(n_trusted * math.log(2.0) / 4))


def test_the_divergence_is_that_of_kullback_and_leibler_from_target_to_student():
    # 0.9 log(0.9 / 0.75) + 0.1 log(0.1 / 0.25)
    loss = consistency_loss(logits_of((0.75, 0.25)), torch.tensor([[0.9, 0.1]]), torch.tensor([True]))
    assert loss.item() == pytest.approx(0.9 * math.log(1.2) + 0.1 * math.log(0.4), rel=1e-5)


def test_a_student_that_agrees_costs_nothing():
    P = torch.tensor([[0.7, 0.2, 0.1], [1.0, 0.0, 0.0]])
    loss = consistency_loss(P.clamp(min=1e-30).log(), P, torch.tensor([True, True]))
    assert loss.item() == pytest.approx(0.0, abs=1e-6)


def test_a_hard_target_makes_it_a_cross_entropy():
    student = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    target = torch.arange(6) % 4
    loss = consistency_loss(student, torch.nn.functional.one_hot(target, 4).float(), torch.ones(6, dtype=torch.bool))
    assert_close(loss, torch.nn.functional.cross_entropy(student, target))


# Labels and their annealing.


def test_the_labelled_loss_is_the_cross_entropy():
    assert labeled_loss(logits_of((0.75, 0.25), (0.5, 0.5)), torch.tensor([0, 1])).item() == pytest.approx(
        (math.log(4 / 3) + math.log(2)) / 2
    )


def test_labels_that_are_known_too_well_are_left_out():
    logits, targets = logits_of((0.75, 0.25), (0.5, 0.5)), torch.tensor([0, 1])
    assert labeled_loss(logits, targets, 0.6).item() == pytest.approx(math.log(2))  # a mean over what is kept
    assert labeled_loss(logits, targets, 0.4).item() == 0.0  # none is kept: no division by zero
    wrong = torch.tensor([1, 1])  # the true class has 1/4: still counts, however confident the net
    assert labeled_loss(logits, wrong, 0.6).item() == pytest.approx((math.log(4) + math.log(2)) / 2)


def test_no_gradient_reaches_the_choice_of_labels():
    logits = torch.tensor([[3.0, 0.0]], requires_grad=True)
    labeled_loss(logits, torch.tensor([0]), 0.5).backward()
    assert logits.grad.abs().sum() == 0


@pytest.mark.parametrize(
    "schedule, start, end",
    [
        ("linear", 0.1, 1.0),
        ("exp", 0.1 + 0.9 * math.exp(-5), 1.0),
        ("log", 0.1, 0.1 + 0.9 * (1 - math.exp(-5))),
        (None, 1.0, 1.0),
    ],
)
def test_the_threshold_of_annealing_grows_from_chance(schedule, start, end):
    values = [annealed_threshold(schedule, share, 10) for share in np.linspace(0, 1, 11)]
    assert values[0] == pytest.approx(start)
    assert values[-1] == pytest.approx(end)
    assert np.all(np.diff(values) >= 0)


def test_schedules_lie_in_the_order_that_the_paper_draws():
    linear, exp, log = (annealed_threshold(name, 0.5, 10) for name in ("linear", "exp", "log"))
    assert exp < linear < log


# Thresholds.


def test_equal_to_the_threshold_is_not_enough():
    found = guess(logits_of((0.75, 0.25), (0.5, 0.5)), 1.0)
    assert FixedThreshold(0.5).trusted(found, torch.arange(2)).tolist() == [True, False]


def test_thresholds_of_classes_follow_how_often_they_were_given():
    thresholds = ClassThresholds(0.8, n_rows=10, n_classes=2, device=torch.device("cpu"))
    assert thresholds.of_classes().tolist() == [0.0, 0.0]  # nothing was given: ten rows without, at most
    sure = guess(logits_of(*[(0.9, 0.1)] * 6), 0.0)
    assert thresholds.trusted(sure, torch.arange(6)).all()
    # Class 0 has 6 rows, 4 have none: the largest count is 6.
    assert_close(thresholds.of_classes(), torch.tensor([0.8, 0.0]))
    few = guess(logits_of(*[(0.1, 0.9)] * 3), 0.0)
    thresholds.trusted(few, torch.tensor([6, 7, 8]))
    assert_close(thresholds.of_classes(), torch.tensor([0.8, 0.8 * 0.5 / 1.5]))
    unsure = guess(logits_of((0.7, 0.3), (0.3, 0.7), (0.8, 0.2)), 0.0)
    # 0.7 is below 0.8 for class 0 and above 0.267 for class 1, and is not remembered in either.
    assert thresholds.trusted(unsure, torch.tensor([9, 9, 9])).tolist() == [False, True, False]
    assert_close(thresholds.of_classes(), torch.tensor([0.8, 0.8 * 0.5 / 1.5]))


def test_a_row_that_changes_its_class_is_counted_once():
    thresholds = ClassThresholds(0.8, n_rows=2, n_classes=2, device=torch.device("cpu"))
    for P in ((0.9, 0.1), (0.1, 0.9)):
        thresholds.trusted(guess(logits_of(P), 0.0), torch.tensor([0]))
    assert_close(thresholds.of_classes(), torch.tensor([0.0, 0.8]))


# Averages of weights.


def test_the_average_is_short_at_first_and_long_later():
    net = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        net.weight.fill_(0.0)
    average = WeightAverage(net, decay=0.5)
    expected, seen = 0.0, []
    for step in range(20):
        with torch.no_grad():
            net.weight.fill_(float(step))
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
        average.update(net)
        seen.append(average.module.weight.item())
        assert seen[-1] == pytest.approx(expected, rel=1e-5)
    average.into(net)
    assert net.weight.item() == pytest.approx(seen[-1])
    assert net.weight.requires_grad


def test_running_means_are_copied_and_not_averaged():
    net = torch.nn.BatchNorm1d(2)
    average = WeightAverage(net, decay=0.9)
    net(torch.full((4, 2), 8.0) + torch.eye(4)[:, :2])
    average.update(net)
    assert_close(average.module.running_mean, net.running_mean)
    assert average.module.num_batches_tracked.item() == 1
