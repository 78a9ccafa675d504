"""k-center and k-means++ on tensors: the picks are those of arrays, and the rows stay where they are."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import test_k_center
import torch
from test_k_center import KINDS, METRICS, plain_greedy

from skal.selection import GradientEmbedding, _k_center_nearest, _k_center_rows, _k_center_tensors, k_center
from skal.selection._k_center_nearest import Nearest
from skal.selection._k_center_rows import Points, distinct, lower_bounds, margin, prepare
from skal.selection.gradient_embedding import Gradients
from skal.selection.kmeans_plusplus import kmeans_plusplus

# Kinds of data with rows that are parallel, or nearly: their cosine distances are nothing but rounding.
PARALLEL = ("clusters far apart", "a huge offset", "a sphere, all at near the same distance")
TYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool)


@pytest.fixture(params=["as they are", "small"])
def blocks(request, monkeypatch):
    if request.param == "small":
        monkeypatch.setattr(sys.modules[k_center.__module__], "_BLOCK", 5)
        monkeypatch.setattr(sys.modules[k_center.__module__], "_MOST", 17)
        monkeypatch.setattr(_k_center_nearest, "_CENTERS", 3)
        monkeypatch.setattr(_k_center_nearest, "_FIRST", 2)
        monkeypatch.setattr(_k_center_rows, "_BLOCK", 23)


def same(found, expected):
    assert all(isinstance(part, np.ndarray) for part in found)
    assert found[0].dtype == np.intp and found[1].dtype == np.float64
    assert found[0].tolist() == expected[0].tolist()
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)


# Sums as those of tensors: cosine distances of near-parallel rows are rounding, and greedy in that of this sum.


def folded(a, b):
    terms = a * b
    while terms.shape[1] > 1:
        half = (terms.shape[1] + 1) // 2
        other = terms[:, half:]
        terms = terms[:, :half].copy()
        terms[:, : other.shape[1]] += other
    return terms[:, 0]


def folded_directions(rows):
    largest = np.abs(rows).max(axis=1, keepdims=True)
    rows = rows / np.where(largest > 0, largest, 1.0)
    norms = np.sqrt(folded(rows, rows))[:, None]
    return np.hstack([rows / np.where(norms > 0, norms, 1.0), norms == 0])


def folded_distances(rows, point, metric):
    squared = folded(rows - point, rows - point)
    return {"euclidean": np.sqrt(squared), "sqeuclidean": squared, "cosine": squared / 2}[metric]


@pytest.fixture
def greedy(monkeypatch):
    monkeypatch.setattr(test_k_center, "directions", folded_directions)
    monkeypatch.setattr(test_k_center, "distances", folded_distances)
    return lambda *arguments, **options: tuple(map(np.array, plain_greedy(*arguments, **options)))


def probabilities(rng, n, n_classes=4):
    return rng.dirichlet(np.full(n_classes, 0.5), size=n)


# The same picks.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])  # squares lie on the way to the first
def test_k_center_picks_as_the_plain_greedy_and_as_from_an_array(kind, metric, blocks, greedy):
    of_rounding = metric == "cosine" and kind in PARALLEL
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        n_pool, d, m = int(rng.integers(1, 60)), int(rng.integers(1, 6)), int(rng.choice([0, 1, 9]))
        rows = KINDS[kind](rng, n_pool + m, d)
        Z, centers = rows[:n_pool], rows[n_pool:]
        weights = rng.integers(0, 3, n_pool).astype(float) if seed % 3 == 2 else None
        options = {"metric": metric, "weights": weights, "random_tie_break": seed != 1}
        found = k_center(torch.tensor(Z), n_pool, torch.tensor(centers), seed, **options)
        if not of_rounding:
            same(found, k_center(Z, n_pool, centers, seed, **options))
        if not kind.startswith("very"):  # squares leave the range of the reference
            same(found, greedy(Z, n_pool, centers, seed, metric, weights, ties=seed != 1))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "very large"])
@pytest.mark.parametrize("options", [{}, {"origin": True, "first": "largest"}], ids=str)
def test_kmeans_plusplus_draws_as_from_an_array(kind, options, blocks):
    for seed in (6,):
        rng = np.random.default_rng(seed)
        n_pool, d, m = int(rng.integers(1, 40)), int(rng.integers(1, 6)), int(rng.choice([0, 1, 9]))
        rows, P = KINDS[kind](rng, n_pool + m, d), probabilities(rng, n_pool + m)
        Z, centers = rows[:n_pool], rows[n_pool:]
        found = kmeans_plusplus(torch.tensor(Z), n_pool, torch.tensor(centers), seed, **options)
        same(found, kmeans_plusplus(Z, n_pool, centers, seed, **options))
        pool, given = GradientEmbedding(P[:n_pool], Z), GradientEmbedding(P[n_pool:], centers)
        far = GradientEmbedding(torch.tensor(pool.P), torch.tensor(pool.Z))
        same(
            kmeans_plusplus(far, n_pool, given, seed, **options),
            kmeans_plusplus(pool, n_pool, given, seed, **options),
        )


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_every_type_is_read_as_it_is(dtype, greedy):
    rng = np.random.default_rng(0)
    rows = torch.tensor(3 * rng.normal(size=(400, 7))).abs().to(dtype)
    exact = rows.to(torch.float64).numpy()
    for centers in (0, 20):
        found = k_center(rows[centers:], 100, rows[:centers], 0)
        same(found, k_center(exact[centers:], 100, exact[:centers], 0))
        found = k_center(rows[centers:], 100, rows[:centers], 0, metric="cosine")
        same(found, greedy(exact[centers:], 100, exact[:centers], 0, metric="cosine"))
        found = kmeans_plusplus(rows[centers:], 100, rows[:centers], 0)
        same(found, kmeans_plusplus(exact[centers:], 100, exact[:centers], 0))
    if dtype.is_floating_point:
        P = torch.tensor(probabilities(rng, 400)).to(dtype)
        found = kmeans_plusplus(GradientEmbedding(P, rows), 100, None, 0, first="largest")
        same(found, kmeans_plusplus(GradientEmbedding(P.double().numpy(), exact), 100, None, 0, first="largest"))


@pytest.mark.parametrize("kind", ["random", "float32", "clusters", "clusters far apart", "duplicates", "an outlier"])
def test_the_picks_are_the_same_over_many_blocks(kind):
    rows = KINDS[kind](np.random.default_rng(0), 3300, 24)
    Z, centers = rows[:3000], rows[3000:]
    same(k_center(torch.tensor(Z), 150, torch.tensor(centers), 1), k_center(Z, 150, centers, 1))
    if kind != "an outlier":  # bounds in float32 differ there, and with them what is proposed: the law is the same
        same(kmeans_plusplus(torch.tensor(Z), 150, torch.tensor(centers), 1), kmeans_plusplus(Z, 150, centers, 1))


def test_a_distance_does_not_depend_on_the_block_it_is_taken_in():
    rng = np.random.default_rng(0)
    for d in (1, 2, 3, 513, 70001):
        a, b = torch.tensor(rng.normal(size=(5, d))), torch.tensor(rng.normal(size=(5, d)))
        together = _k_center_tensors.dots(a.clone(), b)
        alone = torch.cat([_k_center_tensors.dots(a[i : i + 1].clone(), b[i : i + 1]) for i in range(5)])
        assert torch.equal(together, alone)
        np.testing.assert_allclose(together, (a.numpy() * b.numpy()).sum(axis=1), rtol=1e-9, atol=1e-12 * d)
    assert _k_center_tensors.dots(torch.ones(3, 0), torch.ones(3, 0)).tolist() == [0.0, 0.0, 0.0]


def test_rows_without_numbers_are_all_equal():
    for metric in METRICS:
        found = k_center(torch.ones(6, 0), 4, random_state=0, metric=metric)
        same(found, k_center(np.ones((6, 0)), 4, random_state=0, metric=metric))


def test_centers_that_repeat_are_one_center():
    rows = torch.tensor(np.random.default_rng(0).normal(size=(50, 3)))
    many = rows[np.random.default_rng(1).integers(0, 4, 300)]
    assert len(distinct(many)) == 4


# Tensors of all kinds.


def rows_and_centers():
    rng = np.random.default_rng(0)
    return rng.normal(size=(200, 6)), rng.normal(size=(9, 6))


def in_inference_mode(Z):
    with torch.inference_mode():
        return torch.tensor(Z) + 0.0


@pytest.mark.parametrize(
    "made",
    [
        lambda Z: torch.tensor(Z, requires_grad=True),
        lambda Z: torch.nn.Parameter(torch.tensor(Z)) * 1.0,
        lambda Z: torch.tensor(Z.T.copy()).T,
        lambda Z: torch.tensor(np.repeat(Z, 2, axis=0))[::2],
        in_inference_mode,
    ],
    ids=["requires_grad", "of a graph", "transposed", "strided", "inference"],
)
def test_the_form_of_a_tensor_does_not_matter_and_it_stays_as_it_is(made):
    Z, centers = rows_and_centers()
    tensor = made(Z)
    same(k_center(tensor, 50, made(centers), 0), k_center(Z, 50, centers, 0))
    same(kmeans_plusplus(tensor, 50, made(centers), 0), kmeans_plusplus(Z, 50, centers, 0))
    np.testing.assert_array_equal(tensor.detach().numpy(), Z)


def test_centers_and_weights_may_be_of_the_other_kind():
    Z, centers = rows_and_centers()
    weights = np.arange(200.0)
    expected = k_center(Z, 50, centers, 0, weights=weights)
    centers.setflags(write=False)
    for pool in (Z, torch.tensor(Z)):
        for given in (centers, centers[::-1][::-1], centers.astype(">f8"), torch.tensor(centers), centers.tolist()):
            for heavy in (weights, torch.tensor(weights, requires_grad=True)):
                same(k_center(pool, 50, given, 0, weights=heavy), expected)
            same(kmeans_plusplus(pool, 50, given, 0), kmeans_plusplus(Z, 50, centers, 0))
    half = torch.tensor(centers).bfloat16()
    same(k_center(Z, 50, half, 0), k_center(Z, 50, half.double().numpy(), 0))
    P = probabilities(np.random.default_rng(0), 209)
    arrays = GradientEmbedding(P[9:], Z), GradientEmbedding(P[:9], centers)
    tensors = [GradientEmbedding(torch.tensor(part.P), torch.tensor(part.Z)) for part in arrays]
    for pool in (arrays[0], tensors[0]):
        for given in (arrays[1], tensors[1]):
            same(kmeans_plusplus(pool, 50, given, 0), kmeans_plusplus(*arrays[:1], 50, arrays[1], 0))


def test_defaults_of_torch_do_not_matter():
    Z, centers = rows_and_centers()
    tensor = torch.tensor(Z)
    try:
        torch.set_default_dtype(torch.float16)
        torch.set_default_device("meta")
        found = k_center(tensor, 50, centers, 0)
        empty = k_center(torch.ones(6, 0, dtype=torch.float64, device="cpu"), 4, random_state=0, metric="cosine")
        draws = kmeans_plusplus(GradientEmbedding(tensor.abs() / 10, tensor), 50, None, 0)
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
    same(found, k_center(Z, 50, centers, 0))
    same(draws, kmeans_plusplus(GradientEmbedding(np.abs(Z) / 10, Z), 50, None, 0))
    same(empty, k_center(np.ones((6, 0)), 4, random_state=0, metric="cosine"))


# Products that are coarser than float32.


def cut(values, bits):
    """Numbers in float32 of which only some bits after the point are read."""
    return (values.view(torch.int32) & -(1 << (23 - bits))).view(torch.float32)


def coarse_product(bits):
    def product(a, b):
        if a.dtype == torch.float32:
            a, b = cut(a, bits), cut(b, bits)
        return a @ b.T

    return product


# All numbers lose most of what can be lost, and always upwards.
WORST = 1.0 + np.random.default_rng(0).integers(0, 2, (300, 40)) + (2.0**-10 - 2.0**-20)


@pytest.mark.parametrize("bits", [7, 10])
@pytest.mark.parametrize("rows", [WORST, np.random.default_rng(0).normal(size=(300, 40))], ids=["worst", "random"])
def test_a_coarse_product_is_noticed_and_the_picks_stay(bits, rows, monkeypatch):
    Z, centers = rows[:250], rows[250:]
    P = probabilities(np.random.default_rng(0), 250)
    expected = k_center(Z, 100, centers, 0), kmeans_plusplus(GradientEmbedding(P, Z), 100, None, 0)
    monkeypatch.setattr(_k_center_tensors, "product", coarse_product(bits))
    tensor = torch.tensor(Z)
    same(k_center(tensor, 100, centers, 0), expected[0])
    same(kmeans_plusplus(GradientEmbedding(torch.tensor(P), tensor), 100, None, 0), expected[1])


@pytest.mark.parametrize("bits", [7, 10])
def test_the_bounds_hold_for_a_coarse_product_and_would_not_without_its_margin(bits, monkeypatch):
    monkeypatch.setattr(_k_center_tensors, "product", coarse_product(bits))
    signs = np.where(np.random.default_rng(1).random((300, 1)) < 0.5, -1.0, 1.0)
    points, others = Points(torch.tensor(signs[:200] * WORST[:200])), Points(torch.tensor(signs[200:] * WORST[200:]))
    i, j = np.indices((200, 100)).reshape(2, -1)
    exact = points.squared(i, others, j).reshape(200, 100)
    works = [table.work(slice(None), np.float32) for table in (points, others)]
    assert (lower_bounds(*works, points.margin(np.float32)).numpy() <= exact).all()
    assert not (lower_bounds(*works, margin(40, np.float32)).numpy() <= exact).all()
    P = torch.tensor(probabilities(np.random.default_rng(0), 300))
    rows = Gradients(GradientEmbedding(P, torch.tensor(WORST)))
    work = rows.work(slice(None), np.float32)
    i, j = np.indices((300, 300)).reshape(2, -1)
    assert (lower_bounds(work, work, rows.margin(np.float32)).numpy().ravel() <= rows.squared(i, rows, j)).all()


def test_a_product_that_loses_its_factors_altogether_leaves_the_picks_to_float64(monkeypatch):
    Z, centers = rows_and_centers()
    expected = k_center(Z, 50, centers, 0)
    monkeypatch.setattr(_k_center_tensors, "product", coarse_product(1))
    same(k_center(torch.tensor(Z), 50, centers, 0), expected)


@pytest.mark.parametrize(("setting", "least"), [("highest", 0.0), ("high", 2.0**-9), ("medium", 2.0**-6)])
def test_the_settings_of_torch_widen_the_margin_and_stay(setting, least):
    Z, centers = rows_and_centers()
    try:
        torch.set_float32_matmul_precision(setting)
        coarseness = _k_center_tensors.coarseness(torch.tensor(Z))
        found = k_center(torch.tensor(Z), 50, centers, 0)
        assert torch.get_float32_matmul_precision() == setting
    finally:
        torch.set_float32_matmul_precision("highest")
    assert least <= coarseness <= 2 * least
    same(found, k_center(Z, 50, centers, 0))


@pytest.mark.parametrize(("name", "cut"), [("highest", 0.0), ("high", 2.0**-10), ("medium", 2.0**-7), ("?", 2.0**-7)])
def test_an_older_torch_has_one_setting_and_an_unknown_one_is_taken_for_the_worst(name, cut, monkeypatch):
    monkeypatch.setattr(torch.backends, "mkldnn", object())
    monkeypatch.setattr(torch, "get_float32_matmul_precision", lambda: name)
    for device in ("cpu", "cuda", "xpu"):
        assert _k_center_tensors._allowed_cut(torch.device(device)) == cut


NEWER_SETTINGS = [
    ("torch.backends.fp32_precision = 'tf32'", (2.0**-10, 2.0**-10, 2.0**-10)),
    ("torch.backends.mkldnn.fp32_precision = 'bf16'", (2.0**-7, 0.0, 2.0**-7)),
    ("torch.backends.cuda.matmul.fp32_precision = 'tf32'", (0.0, 2.0**-10, 2.0**-10)),
    ("torch.backends.cuda.matmul.allow_tf32 = True", (0.0, 2.0**-10, 2.0**-10)),
    ("torch.set_float32_matmul_precision('high')", (2.0**-10, 2.0**-10, 2.0**-10)),
]
FORKS = """
import os, sys, torch
from skal.selection import _k_center_tensors as room
for setting in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        exec(setting)
        print(*(room._allowed_cut(torch.device(name)) for name in ("cpu", "cuda", "xpu")), flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.nightly
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_the_newer_settings_hold_for_their_devices():
    """Each in a process of its own: torch does not forget that settings of the old and the new kind were mixed."""
    if not hasattr(torch.backends, "fp32_precision"):
        pytest.skip("this torch has one setting")
    command = [sys.executable, "-c", FORKS, *(setting for setting, _ in NEWER_SETTINGS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
    assert found == [cuts for _, cuts in NEWER_SETTINGS]


def test_autocast_does_not_touch_the_products():
    rows = torch.tensor(np.random.default_rng(0).normal(size=(60, 40)).astype(np.float32))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.mm(rows, rows.T).dtype == torch.bfloat16  # so autocast is on
        found = _k_center_tensors.product(rows, rows)
        picks = k_center(rows, 30, None, 0)
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found, rows.double() @ rows.double().T, atol=1e-4)
    same(picks, k_center(rows.numpy(), 30, None, 0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("very")])
def test_the_bounds_hold(kind, dtype):
    rows = torch.tensor(KINDS[kind](np.random.default_rng(0), 300, 40))
    points, others = Points(rows[:200]), Points(rows[200:])
    prepare(points, others)
    low = lower_bounds(points.work(slice(None), dtype), others.work(slice(None), dtype), points.margin(dtype)).numpy()
    i, j = np.indices(low.shape).reshape(2, -1)
    assert (low.ravel() <= points.squared(i, others, j)).all()
    nearest = Nearest(points, others)
    nearest.bound()
    assert (nearest.squared >= points.squared(i, others, j).reshape(low.shape).min(axis=1)).all()


# The rows stay where they are.


def test_no_row_becomes_an_array(monkeypatch):
    rng = np.random.default_rng(0)
    rows = torch.tensor(rng.normal(size=(4000, 37)).astype(np.float32))
    P = torch.tensor(probabilities(rng, 4000, 5))
    shapes, numpy = [], torch.Tensor.numpy

    def refuse(*arguments, **keywords):
        raise AssertionError("a tensor became an array another way")

    monkeypatch.setattr(torch.Tensor, "numpy", lambda t, **k: (shapes.append(tuple(t.shape)), numpy(t, **k))[1])
    monkeypatch.setattr(torch.Tensor, "__array__", refuse)
    monkeypatch.setattr(torch.Tensor, "tolist", refuse)
    for centers in (None, rows[:100]):
        for metric in METRICS:
            k_center(rows, 40, centers, 0, metric=metric)
        kmeans_plusplus(rows, 40, centers, 0, origin=True)
    kmeans_plusplus(GradientEmbedding(P, rows), 40, None, 0, first="largest")
    assert len(shapes) > 100
    for shape in shapes:  # a number a row or a pair; pairs; or bounds between the few rows of a shortlist
        assert len(shape) < 2 or shape[1] == 2 or (shape[0] == shape[1] <= 512), shape


@pytest.mark.nightly
def test_a_device_that_is_not_the_host():
    """In a process of its own: torch gets to know a new backend there."""
    program = Path(__file__).with_name("made_device.py")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr[-3000:]
    if "no Python backend" in done.stdout:
        pytest.skip(done.stdout.strip())
    assert done.stdout.strip().endswith("all is well")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("tf32", [False, True])
def test_a_cuda_device(tf32):
    rng = np.random.default_rng(0)
    rows, P = rng.normal(size=(6000, 64)).astype(np.float32), probabilities(rng, 5000)
    Z, centers = rows[:5000], rows[5000:]
    far, known = torch.tensor(Z, device="cuda"), torch.tensor(centers, device="cuda")
    try:
        torch.set_float32_matmul_precision("high" if tf32 else "highest")
        for metric in METRICS:
            same(k_center(far, 300, known, 0, metric=metric), k_center(Z, 300, centers, 0, metric=metric))
        same(k_center(far, 300, centers, 0), k_center(Z, 300, known, 0))
        draws = kmeans_plusplus(GradientEmbedding(torch.tensor(P, device="cuda"), far), 300, None, 0)
        with torch.autocast("cuda", dtype=torch.float16):
            same(k_center(far, 300, known, 0), k_center(Z, 300, centers, 0))
    finally:
        torch.set_float32_matmul_precision("highest")
    same(draws, kmeans_plusplus(GradientEmbedding(P, Z), 300, None, 0))


# Errors.


NAN = torch.tensor([[1.0, 2.0], [float("nan"), 0.0], [float("inf"), 1.0]])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: k_center(NAN, 1), ValueError, "k_center: Z must be finite, .* 2 of 3 rows, first row 1"),
        (lambda: k_center(NAN.half(), 1), ValueError, "k_center: Z must be finite, .* 2 of 3 rows, first row 1"),
        (
            lambda: k_center(torch.eye(3), 1, NAN[:, :1]),
            ValueError,
            r"centers must have shape \(n, 3\), got \(3, 1\)",
        ),
        (lambda: k_center(torch.eye(2), 1, NAN), ValueError, "k_center: centers must be finite"),
        (lambda: k_center(torch.ones(3), 1), ValueError, r"k_center: Z must have shape \(n, d\), got \(3,\)"),
        (lambda: k_center(torch.ones(2, 3, 4), 1), ValueError, r"Z must have shape \(n, d\), got \(2, 3, 4\)"),
        (lambda: k_center(torch.eye(3).to_sparse(), 1), TypeError, r"Z must be a dense .*Z\.to_dense\(\) is dense"),
        (lambda: k_center(torch.eye(3) * 1j, 1), TypeError, r"real numbers, got torch\.complex64 .*Z\.real is real"),
        (lambda: k_center(torch.ones(3, 2, device="meta"), 1), ValueError, r"computes in float64, .* got meta"),
        (lambda: k_center(torch.eye(3), 4), ValueError, r"n must be in \[1, 3\]"),
        (lambda: k_center(torch.eye(3), 1, weights=torch.ones(2)), ValueError, r"weights must have shape \(3,\)"),
        (lambda: kmeans_plusplus(NAN, 1), ValueError, "kmeans_plusplus: Z must be finite"),
        (
            lambda: kmeans_plusplus(torch.eye(3), 1, GradientEmbedding(torch.eye(3), torch.eye(3))),
            TypeError,
            "must be an array as Z is, got a GradientEmbedding",
        ),
        (
            lambda: GradientEmbedding(torch.eye(3), np.eye(3)),
            TypeError,
            "P and Z must both be tensors or both be arrays, got Tensor and ndarray",
        ),
        (
            lambda: GradientEmbedding(torch.eye(3), torch.ones(3, 2, device="meta")),
            ValueError,
            r"P and Z must be on one device, got cpu and meta: P\.to\(Z\.device\) is",
        ),
        (
            lambda: GradientEmbedding(2 * torch.eye(3), torch.eye(3)),
            ValueError,
            r"P must be probabilities in \[0, 1\]",
        ),
        (lambda: GradientEmbedding(torch.eye(3), torch.eye(2)), ValueError, "the same rows, got 3 and 2"),
        (
            lambda: GradientEmbedding(torch.ones(3, 0), torch.eye(3)),
            ValueError,
            r"a column a class, got shape \(3, 0\)",
        ),
    ],
)
def test_wrong_input_raises(make, error, message):
    with pytest.raises(error, match=message):
        make()
