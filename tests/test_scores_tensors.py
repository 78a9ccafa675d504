"""Scores and top_k of torch tensors: on their device, without a way through NumPy, equal to those of arrays."""

import re

import numpy as np
import pytest
import torch

from skal import scores
from skal.scores import _common
from skal.selection import top_k

SINGLE = ["least_confident", "margin", "entropy", "oui", "std"]
COMMITTEE = [
    "vote_entropy",
    "consensus_entropy",
    "max_disagreement",
    "variation_ratio",
    "bald",
    "mean_std",
    "mean_variance",
]
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA"))]


@pytest.fixture(params=SINGLE + COMMITTEE)
def name(request):
    return request.param


@pytest.fixture(params=DEVICES)
def device(request):
    return request.param


@pytest.fixture
def stays_there(monkeypatch):
    """Refuse to bring a tensor of more than a few numbers to NumPy, to a list or to another device."""

    def guarded(original):
        def method(self, *args, **kwargs):
            assert self.numel() <= 64, f"a tensor of shape {tuple(self.shape)} left torch"
            return original(self, *args, **kwargs)

        return method

    for method in ("numpy", "__array__", "tolist", "cpu"):
        monkeypatch.setattr(torch.Tensor, method, guarded(getattr(torch.Tensor, method)))


def table(name, n=700, C=10, spatial=(), T=5, dtype=np.float64, seed=0):
    members = (T,) if name in COMMITTEE else ()
    P = np.random.default_rng(seed).dirichlet(np.full(C, 0.5), size=(*members, n, *spatial)).astype(dtype)
    P.reshape(-1, C)[:7] = np.eye(C, dtype=dtype)[0]
    return np.ascontiguousarray(np.moveaxis(P, -1, len(members) + 1))


def test_the_guard_catches_a_conversion(stays_there):
    with pytest.raises(AssertionError, match="left torch"):
        np.asarray(torch.zeros(100))
    with pytest.raises(AssertionError, match="left torch"):
        scores.density(torch.zeros(50, 2))  # which is for arrays


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tensors_score_like_arrays_and_stay_on_their_device(name, device, dtype, stays_there, monkeypatch):
    monkeypatch.setattr(_common, "_BLOCK_ELEMENTS", 3000)
    monkeypatch.setattr(_common, "_DEVICE_BLOCK_ELEMENTS", 3000)
    rtol, atol = (3e-6, 1e-6) if dtype == np.float32 else (1e-11, 1e-13)
    for C, spatial in [(1, ()), (2, ()), (10, ()), (60, ()), (4, (6, 5)), (60, (3,))]:
        P = table(name, 600 if not spatial else 30, C, spatial, dtype=dtype)
        expected = getattr(scores, name)(P)
        found = getattr(scores, name)(torch.from_numpy(P).to(device))
        assert isinstance(found, torch.Tensor) and found.device.type == device
        assert str(found.dtype) == f"torch.{expected.dtype}"
        torch.testing.assert_close(found.to("cpu"), torch.from_numpy(expected), rtol=rtol, atol=atol)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_scored_in_float32(name, dtype):
    P = torch.from_numpy(table(name)).to(dtype)
    found = getattr(scores, name)(P)
    assert found.dtype == (
        torch.float32 if name in {"least_confident", "margin", "entropy", "consensus_entropy"} else torch.float64
    )
    if name != "oui":  # which knows how coarse its numbers are
        torch.testing.assert_close(found, getattr(scores, name)(P.float()), rtol=0, atol=0)


@pytest.mark.parametrize("reduction", ["mean", "max", lambda pixels: pixels.median(dim=1).values])
def test_pixels_of_tensors_are_reduced(name, reduction):
    P = table(name, 20, 4, (3, 5))
    by_numpy = reduction if isinstance(reduction, str) else lambda pixels: np.median(pixels, axis=1)
    expected = getattr(scores, name)(P, reduction=by_numpy)
    found = getattr(scores, name)(torch.from_numpy(P), reduction=reduction)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("spatial", [(), (2, 3)])
def test_tensors_that_are_not_finite_are_refused_by_row(name, device, spatial, stays_there):
    for value in (np.nan, np.inf, -np.inf):
        P = table(name, 90, spatial=spatial)
        for row in (40, 77):
            (P[-1, row] if name in COMMITTEE else P[row])[..., 0] = value
        with pytest.raises(ValueError, match=rf"^{name}: P must be finite, .* 2 of 90 rows, first row 40\.$"):
            getattr(scores, name)(torch.from_numpy(P).to(device))


def test_tensors_of_a_wrong_shape_are_refused_with_their_shape(name):
    shape = (3, 5) if name in COMMITTEE else (5,)
    with pytest.raises(ValueError, match=f"^{name}: P must have shape .* got {re.escape(str(shape))}"):
        getattr(scores, name)(torch.ones(shape))


def test_an_empty_tensor_has_no_scores(name):
    found = getattr(scores, name)(torch.from_numpy(table(name)[..., :0, :]))
    assert found.shape == (0,)


def test_whole_numbers_and_tensors_with_a_gradient(name):
    P = table(name, 20)
    expected = getattr(scores, name)(P)
    found = getattr(scores, name)(torch.from_numpy(P).requires_grad_())
    assert not found.requires_grad
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-11, atol=1e-13)
    certain = (P == P.max(axis=-1, keepdims=True)).astype(int)
    np.testing.assert_allclose(
        getattr(scores, name)(torch.from_numpy(certain)).numpy(), getattr(scores, name)(certain), atol=1e-13
    )


def test_tensors_are_left_as_they_were(name):
    P = torch.from_numpy(table(name, C=60))
    before = P.clone()
    getattr(scores, name)(P)
    torch.testing.assert_close(P, before, rtol=0, atol=0)


def test_negative_numbers_in_tensors_are_scored_as_in_arrays():
    P = table("bald", 30)
    P[1, 4, 2] = -0.1
    for name in ("bald", "max_disagreement", "consensus_entropy"):
        np.testing.assert_allclose(
            getattr(scores, name)(torch.from_numpy(P)), getattr(scores, name)(P), rtol=1e-11, atol=1e-13
        )
    np.testing.assert_allclose(scores.entropy(torch.from_numpy(P[1])), scores.entropy(P[1]), rtol=1e-12)


@pytest.mark.parametrize("entropy_ties", [False, True])
@pytest.mark.parametrize("C", [1, 4, 60])
def test_ties_of_votes_in_tensors(entropy_ties, C):
    P = table("variation_ratio", C=C).round(1)
    found = scores.variation_ratio(torch.from_numpy(P), entropy_ties=entropy_ties)
    np.testing.assert_allclose(found, scores.variation_ratio(P, entropy_ties=entropy_ties), rtol=1e-12)


def test_options_of_single_scores():
    P = table("entropy")
    for found, expected in (
        (scores.entropy(torch.from_numpy(P), normalized=True), scores.entropy(P, normalized=True)),
        (scores.oui(torch.from_numpy(P), rescale=True), scores.oui(P, rescale=True)),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


# top_k.


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool]
)
@pytest.mark.parametrize("n", [1, 5, 300])
@pytest.mark.parametrize("random_tie_break", [False, True])
def test_top_k_of_a_tensor_picks_what_it_picks_of_the_array(device, dtype, n, random_tie_break):
    for seed in range(5):
        values = torch.from_numpy(np.random.default_rng(seed).integers(0, 40, 300) / 8).to(dtype)
        array = values.double().numpy()
        for given in (int, np.random.RandomState):
            expected = top_k(array, n, given(seed), random_tie_break=random_tie_break)
            picks, best = top_k(values.to(device), n, given(seed), random_tie_break=random_tie_break)
            assert isinstance(picks, np.ndarray) and picks.dtype == np.intp
            np.testing.assert_array_equal(picks, expected[0])
            np.testing.assert_array_equal(best, expected[1])


def test_top_k_brings_only_the_candidates_to_numpy(device, stays_there):
    values = torch.from_numpy(np.random.default_rng(0).permutation(5000) / 5000.0).to(device)
    picks, best = top_k(values, 50, 0)
    assert picks.tolist() == values.argsort(descending=True)[:50].to("cpu").tolist()


def test_top_k_refuses_a_tensor_as_it_refuses_an_array(device):
    values = torch.arange(10.0)
    values[[3, 7]] = torch.tensor([float("nan"), float("inf")])
    with pytest.raises(
        ValueError, match="top_k: scores must be finite, got NaN or infinity in 2 of 10 rows, first row 3"
    ):
        top_k(values.to(device), 2)
    with pytest.raises(ValueError, match=r"top_k: scores must have shape \(n_pool,\), got \(4, 3\)"):
        top_k(torch.zeros(4, 3), 2)
    with pytest.raises(ValueError, match=r"top_k: n must be in \[1, 5\]"):
        top_k(torch.zeros(5), 6)


def test_a_tensor_is_scored_and_picked_from_without_leaving_torch(device, stays_there):
    P = torch.rand(3000, 20, generator=torch.Generator().manual_seed(0)).to(device)
    P /= P.sum(dim=1, keepdim=True)
    picks, best = top_k(scores.entropy(P), 10, 0)
    expected = top_k(scores.entropy(P.double()), 10, 0)
    assert picks.tolist() == expected[0].tolist()
