"""The losses of the game, by hand: values, gradients, and where the discriminator's is least."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import tensor

from skal import nets
from skal.adversarial import VAAL
from skal.adversarial._game import Weights
from skal.adversarial._losses import bound_terms, discriminator_loss, generator_loss, states_told_apart
from skal.training import SeededDraws

LOG2, LOG_2PI = np.log(2), np.log(2 * np.pi)
X, X_HAT = tensor([[1.0, 2.0], [0.0, 1.0]]), tensor([[0.0, 0.0], [0.0, 0.0]])  # squares 5 and 1
MU, LOGVAR = tensor([[1.0, 0.0], [0.0, 0.0]]), tensor([[0.0, np.log(4.0)], [0.0, 0.0]]).float()
KL = (0.5 + 0.5 * (4 - 1 - np.log(4))) / 2


@pytest.mark.parametrize(
    ("likelihood", "reconstruction"),
    [
        ("unit", 0.5 * 3 + LOG_2PI),  # mean of the rows' sums; two inputs
        ("calibrated", 1 + LOG_2PI + np.log(1.5)),  # variance 6 / 4
        ("mean", 1.5),
    ],
)
def test_the_bound(likelihood, reconstruction):
    found = bound_terms(X, X_HAT, MU, LOGVAR, likelihood)
    np.testing.assert_allclose([value.item() for value in found], [reconstruction, KL], rtol=1e-6)


def test_calibrated_steps_do_not_depend_on_the_scale_of_inputs():
    def gradient(scale, likelihood):
        x_hat = (X_HAT * scale).requires_grad_()
        bound_terms(X * scale, x_hat, MU, LOGVAR, likelihood)[0].backward()
        return x_hat.grad * scale

    torch.testing.assert_close(gradient(1.0, "calibrated"), gradient(1e-2, "calibrated"))
    # d/2 log(mean of squares), as if the variance were not held fixed
    x_hat = X_HAT.clone().requires_grad_()
    (0.5 * 2 * (X - x_hat).square().mean().log()).backward()
    torch.testing.assert_close(gradient(1.0, "calibrated"), x_hat.grad)
    assert not torch.allclose(gradient(1.0, "unit"), gradient(1e-2, "unit"))


def test_the_divergence_is_a_sum_over_the_latent_and_a_mean_over_rows():
    for repeats in (1, 3):
        rows = bound_terms(
            X.repeat(repeats, 1), X_HAT.repeat(repeats, 1), MU.repeat(repeats, 1), LOGVAR.repeat(repeats, 1), "unit"
        )
        assert rows[1].item() == pytest.approx(KL)
        wide = bound_terms(X, X_HAT, MU.repeat(1, repeats), LOGVAR.repeat(1, repeats), "mean")
        assert wide[1].item() == pytest.approx(KL * repeats)


def test_rows_reproduced_exactly_cost_a_finite_number():
    assert all(torch.isfinite(value) for value in bound_terms(X, X, MU, LOGVAR, "calibrated"))


def test_the_encoder_wants_every_row_to_look_labelled():
    logits = tensor([np.log(3.0)]).float()  # state 3/4
    assert generator_loss(logits, logits).item() == pytest.approx(2 * np.log(4))
    assert generator_loss(logits, -logits).item() == pytest.approx(np.log(4) + np.log(4 / 3))
    assert generator_loss(tensor([-50.0]), tensor([-50.0])).item() == pytest.approx(0, abs=1e-9)
    assert generator_loss(tensor([50.0]), tensor([-50.0])).item() == pytest.approx(50)
    assert generator_loss(tensor([-50.0]), tensor([50.0])).item() == pytest.approx(50)


def test_the_discriminator_wants_0_for_labelled_and_the_state_for_others():
    half = tensor([0.0])
    for u in (0.0, 0.3, 1.0):
        assert discriminator_loss(half, half, tensor([u])).item() == pytest.approx(2 * LOG2)
    labeled, unlabeled = tensor([-np.log(3.0)]).float(), tensor([np.log(3.0)]).float()  # 1/4 and 3/4
    by_hand = -np.log(3 / 4) - 0.3 * np.log(3 / 4) - 0.7 * np.log(1 / 4)
    assert discriminator_loss(labeled, unlabeled, tensor([0.3])).item() == pytest.approx(by_hand)
    assert discriminator_loss(tensor([-50.0]), tensor([50.0]), tensor([1.0])).item() == pytest.approx(0, abs=1e-9)


def test_pools_of_different_sizes_count_the_same():
    one, many = tensor([0.4]), tensor([0.4] * 7)
    assert discriminator_loss(one, many, torch.ones(7)).item() == pytest.approx(
        discriminator_loss(one, one, torch.ones(1)).item()
    )
    assert generator_loss(many, one).item() == pytest.approx(generator_loss(one, one).item())


def test_the_mirror_form_is_the_same():
    """As published for VAAL: D is the probability of being labelled, and the smallest is asked for."""
    with SeededDraws(0):
        labeled, unlabeled, u = torch.randn(9), torch.randn(9), torch.rand(9)
    ones = torch.ones(9)
    mirrored = F.binary_cross_entropy_with_logits(-labeled, ones) + F.binary_cross_entropy_with_logits(
        -unlabeled, 1 - u
    )
    torch.testing.assert_close(discriminator_loss(labeled, unlabeled, u), mirrored)
    generator = F.binary_cross_entropy_with_logits(-labeled, ones) + F.binary_cross_entropy_with_logits(
        -unlabeled, ones
    )
    torch.testing.assert_close(generator_loss(labeled, unlabeled), generator)
    assert torch.sigmoid(unlabeled).argsort(descending=True).tolist() == torch.sigmoid(-unlabeled).argsort().tolist()


def test_the_share_told_apart():
    labeled, unlabeled = tensor([-1.0, -1.0, 1.0, -1.0]), tensor([1.0, -1.0])
    assert states_told_apart(labeled, unlabeled).item() == pytest.approx(0.5 * (3 / 4 + 1 / 2))
    assert states_told_apart(tensor([0.0]), tensor([0.0])).item() == 0.5


COUNTS_L, COUNTS_U, U = [2, 10, 6, 2], [10, 2, 6, 2], [0.9, 0.6, 0.3, 1.0]  # of four latents, 20 rows a pool


@pytest.mark.parametrize("u", [U, [1.0] * 4], ids=["soft", "hard"])
def test_a_trained_discriminator_is_u_p_u_over_p_l_plus_p_u(u):
    latents = torch.eye(4)
    labeled, unlabeled = (latents.repeat_interleave(tensor(counts), 0) for counts in (COUNTS_L, COUNTS_U))
    states = tensor(u).repeat_interleave(tensor(COUNTS_U))
    with SeededDraws(0):
        net = nets.discriminator(4, hidden=16)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(300):
        optimizer.zero_grad()
        discriminator_loss(net(labeled), net(unlabeled), states).backward()
        optimizer.step()
    p_l, p_u = np.array(COUNTS_L), np.array(COUNTS_U)
    expected = np.array(u) * p_u / (p_l + p_u)
    np.testing.assert_allclose(torch.sigmoid(net(latents)).detach(), expected, atol=0.02)


def test_so_are_the_scores_of_an_estimator():
    """Drawn in batches, by the judge, on rows that are latents."""
    rows = np.eye(4)
    X_labeled, X_unlabeled = np.repeat(rows, COUNTS_L, axis=0), np.repeat(rows, COUNTS_U, axis=0)
    model = VAAL(
        ablation="no_vae", standardize=False, discriminator__hidden=16, judge_steps=500, lr=3e-3, random_state=0
    ).fit(X_labeled, np.zeros(20), X_unlabeled=X_unlabeled)
    expected = np.array(COUNTS_U) / (np.array(COUNTS_L) + np.array(COUNTS_U))
    np.testing.assert_allclose(model.score_samples(rows), expected, atol=0.1)


def test_the_adversarial_weight_grows_over_the_warm_up_and_with_the_inputs():
    weights = Weights(adversarial=2.0, n_warmup=10)
    assert [weights.adversarial_at(step, 64) for step in (0, 5, 10, 99)] == [0, 1, 2, 2]
    assert weights.adversarial_at(10, 128) == 4
    assert Weights(adversarial=2.0, likelihood="unit", n_warmup=10).adversarial_at(10, 128) == 2
    assert Weights(adversarial=2.0).adversarial_at(0, 32) == 1
