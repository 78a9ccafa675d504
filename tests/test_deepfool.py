"""DeepFool's distances: exact for linear classifiers, sound for others."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from skal.neural._deepfool import deepfool_distances  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def linear(C=5, d=4, seed=0):
    rng = np.random.default_rng(seed)
    W, b = torch.as_tensor(rng.normal(size=(C, d))), torch.as_tensor(rng.normal(size=C))
    return W, b, lambda x: x.flatten(1) @ W.T + b


def rows(n=40, d=4, seed=1):
    return torch.as_tensor(np.random.default_rng(seed).normal(size=(n, d)))


def closed_form(W, b, x, norm):
    """Distance of each row to the nearest hyperplane between its class and another."""
    logits = x @ W.T + b
    own = logits.argmax(1)
    found = []
    for i, k in enumerate(own):
        others = [j for j in range(len(W)) if j != k]
        dual = 2 if norm == 2 else 1
        found.append(
            min(float((logits[i, k] - logits[i, j]) / torch.linalg.vector_norm(W[k] - W[j], dual)) for j in others)
        )
    return np.array(found)


@pytest.mark.parametrize("norm", [2, math.inf])
def test_distance_to_a_linear_boundary_is_exact(norm):
    W, b, logits_fn = linear()
    x = rows()
    np.testing.assert_allclose(deepfool_distances(logits_fn, x, norm=norm), closed_form(W, b, x, norm), rtol=1e-9)


def test_two_classes_by_hand():
    """f = (0, x1 - 2): the row (5, 9) is three away from the boundary, (2, 0) is on it."""
    found = deepfool_distances(
        lambda x: torch.stack([0 * x[:, 0], x[:, 0] - 2], 1), torch.tensor([[5.0, 9.0], [2.0, 0.0]])
    )
    assert found.tolist() == pytest.approx([3.0, 0.0])


def bent(x):
    """Logits that are no linear function, smooth enough for DeepFool."""
    return torch.stack([x[:, 0] ** 2 + x[:, 1], 2 * x[:, 1] ** 2 - x[:, 0], x[:, 0] * x[:, 1] + 0.5], 1)


def test_a_bent_boundary_is_bounded_by_the_nearest_point_found_by_search():
    x = rows(12, 2)
    found = deepfool_distances(bent, x).numpy()
    angles = torch.linspace(0, 2 * math.pi, 721, dtype=x.dtype)[:-1]
    circle = torch.stack([angles.cos(), angles.sin()], 1)
    for i in range(len(x)):
        radii = np.linspace(0, 4, 801)[1:]
        own = bent(x[i : i + 1]).argmax(1)
        nearest = next(r for r in radii if (bent(x[i] + r * circle).argmax(1) != own).any())
        assert nearest - 0.01 <= found[i] * 1.02 <= 2 * nearest + 0.01


def test_rows_do_not_know_of_each_other():
    x = rows(30, 2)
    whole = deepfool_distances(bent, x)
    np.testing.assert_allclose(torch.cat([deepfool_distances(bent, part) for part in x.split(7)]), whole, rtol=1e-12)


def test_what_never_flips_is_infinitely_far():
    x = rows(6, 3)
    assert torch.isinf(deepfool_distances(lambda x: torch.stack([x.sum(1) * 0 + 1, x.sum(1) * 0], 1), x)).all()
    assert torch.isinf(deepfool_distances(lambda x: x[:, :1], x)).all()  # one class
    # Class 0 stays ahead however far one goes, though there is a gradient.
    ahead = deepfool_distances(lambda x: torch.stack([x[:, 0] * 0, -1 - x[:, 0] ** 2], 1), x, max_iter=10)
    assert torch.isinf(ahead).all()


def test_too_few_steps_do_not_pass_for_a_flip():
    x = torch.tensor([[3.0, 0.0]], dtype=torch.float64)

    def slow(x):
        return torch.stack([x[:, 0] ** 5, torch.zeros_like(x[:, 0]) + 1], 1)  # a step covers a fifth of the way

    assert torch.isinf(deepfool_distances(slow, x, max_iter=1))
    assert deepfool_distances(slow, x, max_iter=50).item() == pytest.approx(2.0, rel=0.03)


def test_fewer_classes_are_those_of_the_largest_logits():
    W, b, logits_fn = linear(C=8)
    x = rows()
    some, all_ = deepfool_distances(logits_fn, x, n_classes=2), deepfool_distances(logits_fn, x, n_classes=None)
    assert (some >= all_ - 1e-12).all() and (some > all_ + 1e-6).any()
    np.testing.assert_allclose(deepfool_distances(logits_fn, x, n_classes=99), all_)


def test_images_and_single_precision():
    W, b, logits_fn = linear(C=3, d=12)
    x = rows(9, 12)
    images = x.reshape(9, 3, 2, 2)
    np.testing.assert_allclose(deepfool_distances(logits_fn, images), closed_form(W, b, x, 2), rtol=1e-9)
    single = deepfool_distances(lambda x: x @ W.T.float() + b.float(), x.float())
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single, closed_form(W, b, x, 2), rtol=1e-3)


def test_rows_weights_and_generators_are_left_alone():
    net = torch.nn.Linear(4, 3).double()
    x = rows()
    before, state = x.clone(), torch.get_rng_state()
    deepfool_distances(net, x)
    assert torch.equal(x, before) and not x.requires_grad
    assert all(p.grad is None for p in net.parameters())
    assert torch.equal(torch.get_rng_state(), state)
    with torch.no_grad():
        assert torch.isfinite(deepfool_distances(net, x)).all()


def test_no_rows_have_no_distances():
    assert deepfool_distances(linear()[2], rows(0)).shape == (0,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_iter": 0}, "max_iter must be an int >= 1, got 0"),
        ({"overshoot": -0.1}, "overshoot must be at least 0, got -0.1"),
        ({"n_classes": 1}, "n_classes must be None or an int >= 2, got 1"),
        ({"norm": 1}, "norm must be 2 or infinity, got 1"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        deepfool_distances(linear()[2], rows(), **options)
