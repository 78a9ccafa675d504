"""Augmentations: hand-made cases, torchvision as the reference, rates, independence of rows and seeds."""

import math
import pickle

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.base import clone
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as reference

from skal.augment import (
    GEOMETRIC_OPERATIONS,
    OPERATIONS,
    Augmentation,
    AutoAugment,
    Chain,
    Crop,
    Cutout,
    Flip,
    GaussianNoise,
    RandAugment,
    Strong,
    SwapFeatures,
    Weak,
    make_augmentation,
)
from skal.augment._color import contrast
from skal.augment._operations import operated
from skal.augment.auto_augment import _table
from skal.augment.crop import shifted
from skal.training import SeededDraws

IMAGE_AUGMENTATIONS = [
    *(Flip(), Crop(), Crop(fill=0.0), Cutout(), RandAugment(), RandAugment(p=1.0, drawn=False), AutoAugment()),
    *(AutoAugment("svhn"), GaussianNoise(), Weak(), Strong(), Strong(flip=False), Chain((Flip(), Crop(), Cutout()))),
]
TABLE_AUGMENTATIONS = [GaussianNoise(), SwapFeatures(), Chain((GaussianNoise(), SwapFeatures()))]
AUGMENTATIONS = IMAGE_AUGMENTATIONS + TABLE_AUGMENTATIONS
SHAPES = [(1, 28, 28), (3, 32, 32), (1, 8, 8), (3, 20, 13), (2, 9, 9), (5, 6, 7), (1, 1, 1), (3, 2, 5)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def images(*shape, seed=0):
    """Random images of bytes over 255, as they come from a file."""
    return torch.randint(0, 256, shape, generator=generator(seed)).float() / 255


def table(n=50, d=6, seed=0):
    return torch.randn(n, d, generator=generator(seed))


def batch_for(augment, n=6, seed=0):
    return images(n, 3, 16, 16, seed=seed) if "images" in augment.kinds else table(n, seed=seed)


def one_operation(x, name, amount, fill=0.0):
    """All rows through one operation with one amount."""
    shape = (1, len(x))
    return operated(x, torch.full(shape, OPERATIONS.index(name)), torch.full(shape, float(amount)), fill)


# What every augmentation keeps.


@pytest.mark.parametrize("augment", IMAGE_AUGMENTATIONS, ids=repr)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_images_keep_shape_and_range_and_are_not_changed_in_place(augment, shape):
    x = images(12, *shape)
    before = x.clone()
    result = augment(x, generator())
    assert result.shape == x.shape and result.dtype == x.dtype and result.device == x.device
    assert 0 <= result.min() and result.max() <= 1
    assert torch.equal(x, before)


@pytest.mark.parametrize("augment", AUGMENTATIONS, ids=repr)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_dtype_is_kept(augment, dtype):
    x = batch_for(augment).to(dtype)
    result = augment(x, generator())
    assert result.dtype == dtype and result.isfinite().all()


@pytest.mark.parametrize("augment", AUGMENTATIONS, ids=repr)
def test_empty_batch_and_single_row(augment):
    x = batch_for(augment)
    assert augment(x[:0], generator()).shape == x[:0].shape
    assert augment(x[:1], generator()).shape == x[:1].shape


@pytest.mark.parametrize("augment", IMAGE_AUGMENTATIONS, ids=repr)
def test_memory_format_makes_no_difference(augment):
    x = images(6, 3, 16, 16)
    there = augment(x.contiguous(memory_format=torch.channels_last), generator())
    assert torch.allclose(there, augment(x, generator()), atol=1e-6)


@pytest.mark.parametrize("augment", AUGMENTATIONS, ids=repr)
def test_same_generator_same_result_and_another_seed_another(augment):
    x = batch_for(augment, n=40)
    assert torch.equal(augment(x, generator(1)), augment(x, generator(1)))
    assert not torch.equal(augment(x, generator(1)), augment(x, generator(2)))


@pytest.mark.parametrize("augment", AUGMENTATIONS, ids=repr)
def test_inside_an_estimators_draws_the_global_generator_is_neither_read_nor_moved(augment):
    x = batch_for(augment, n=40)
    results = []
    for global_seed in (0, 1):
        torch.manual_seed(global_seed)
        before = torch.get_rng_state()
        with SeededDraws(7):
            results.append(augment(x))
        assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(*results)


@pytest.mark.parametrize("augment", AUGMENTATIONS, ids=repr)
def test_given_a_generator_the_global_one_is_not_moved(augment):
    before = torch.get_rng_state()
    augment(batch_for(augment, n=40), generator())
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("augment", IMAGE_AUGMENTATIONS, ids=repr)
def test_every_row_has_draws_of_its_own(augment):
    x = images(1, 3, 16, 16).expand(60, -1, -1, -1)
    results = augment(x, generator()).flatten(1)
    assert len(torch.unique(results, dim=0)) >= (2 if isinstance(augment, Flip) else 8)


@pytest.mark.parametrize("augment", AUGMENTATIONS, ids=repr)
def test_clone_repr_and_pickle(augment):
    x = batch_for(augment)
    for again in (clone(augment), eval(repr(augment)), pickle.loads(pickle.dumps(augment))):
        assert repr(again) == repr(augment)
        assert torch.equal(again(x, generator()), augment(x, generator()))


def test_gradients_pass_through():
    x = images(20, 3, 16, 16).requires_grad_()
    Strong()(x, generator()).sum().backward()
    assert x.grad.isfinite().all() and x.grad.any()


# Parameters without effect.


@pytest.mark.parametrize(
    "augment",
    [
        *(Flip(p=0), Crop(padding=0), Cutout(size=0), RandAugment(p=0), RandAugment(n_ops=0), GaussianNoise(0)),
        *(Chain(()), RandAugment(operations=("identity",)), Strong(flip=False, padding=0, n_ops=0, cutout=0)),
    ],
    ids=repr,
)
def test_nothing_is_done_to_images(augment):
    x = images(30, 3, 16, 16)
    assert torch.equal(augment(x, generator()), x)


@pytest.mark.parametrize("augment", [GaussianNoise(scale=0), SwapFeatures(share=0)], ids=repr)
def test_nothing_is_done_to_tables(augment):
    x = table()
    assert torch.equal(augment(x, generator()), x)


def test_magnitude_zero_changes_nothing_where_an_operation_has_a_magnitude():
    names = tuple(name for name in OPERATIONS if name not in ("auto_contrast", "equalize", "invert"))
    x = torch.rand(200, 3, 16, 16, generator=generator())  # between the grey levels as well
    x[0] = 1.0  # solarize must leave white alone
    assert torch.equal(RandAugment(p=1.0, magnitude=0, operations=names)(x, generator()), x)


# Hand-made cases.


def test_flip_mirrors_left_to_right():
    x = images(4, 3, 5, 7)
    assert torch.equal(Flip(p=1)(x, generator()), reference.horizontal_flip(x))


def test_flip_by_hand_and_rate():
    x = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2).expand(2000, -1, -1, -1)
    flipped = int((Flip(p=0.3)(x, generator())[:, 0, 0, 0] == 1).sum())
    assert stats.binomtest(flipped, 2000, 0.3).pvalue > 1e-3


@pytest.mark.parametrize("fill", ["reflect", 0.0, 0.7])
@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, -1), (-3, 3), (0, 1), (-1, 0)])
def test_shift_is_padding_and_cutting_out(down, right, fill):
    x = images(2, 3, 6, 9)
    mode, value = ("reflect", None) if fill == "reflect" else ("constant", fill)
    padded = torch.nn.functional.pad(x, (3, 3, 3, 3), mode=mode, value=value)
    expected = padded[:, :, 3 - down : 9 - down, 3 - right : 12 - right]
    shifts = (torch.full((2,), down), torch.full((2,), right))
    assert torch.equal(shifted(x, *shifts, fill), expected)


def test_shift_by_hand():
    x = torch.tensor([[1.0, 2.0, 3.0]]).view(1, 1, 1, 3)
    none, one = torch.tensor([0]), torch.tensor([1])
    assert shifted(x, none, one, 0.0).flatten().tolist() == [0, 1, 2]
    assert shifted(x, none, -one, 0.0).flatten().tolist() == [2, 3, 0]
    assert shifted(x, none, one, "reflect").flatten().tolist() == [2, 1, 2]


@pytest.mark.parametrize(("side", "most"), [(32, 4), (28, 4), (8, 1), (3, 1)])
def test_crop_shifts_by_each_amount_equally_often(side, most):
    x = torch.zeros(3000, 1, side, side)
    x[:, 0, side // 2, side // 2] = 1
    row, column = np.unravel_index(Crop(fill=0.0)(x, generator()).flatten(1).argmax(1).numpy(), (side, side))
    shifts = np.stack([row, column]) - side // 2
    assert shifts.min() == -most and shifts.max() == most
    counts = np.bincount((shifts[0] + most) * (2 * most + 1) + shifts[1] + most, minlength=(2 * most + 1) ** 2)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_crop_of_a_single_pixel_has_nothing_to_mirror():
    x = images(5, 1, 1, 1)
    assert torch.equal(Crop()(x, generator()), x)


@pytest.mark.parametrize(("shape", "size", "side"), [((28, 28), 0.5, 14), ((8, 8), 0.01, 1), ((9, 30), 0.5, 4)])
def test_cutout_is_one_square_cut_at_the_border(shape, size, side):
    x = torch.ones(4000, 2, *shape)
    gone = Cutout(size=size, fill=0.0)(x, generator()) == 0
    assert torch.equal(gone[:, 0], gone[:, 1])
    rows, columns = gone[:, 0].any(2), gone[:, 0].any(1)
    assert torch.equal(gone[:, 0], rows[:, :, None] & columns[:, None, :])  # a rectangle ...
    for line in (rows, columns):
        assert int((line.int().diff(dim=1) == 1).sum(1).max()) <= 1  # ... in one piece ...
        assert int(line.sum(1).max()) == side and int(line.sum(1).min()) >= max(1, side // 2)
        # ... whose centre is any pixel, equally often.
        length = line.shape[1]
        first, last = line.int().argmax(1), length - 1 - line.int().flip(1).argmax(1)
        start = torch.where(first > 0, first, last + 1 - side)
        counts = torch.bincount(start + side // 2, minlength=length)
        assert len(counts) == length and stats.chisquare(counts.numpy()).pvalue > 1e-3


def test_cutout_fills_with_each_channels_mean():
    x = images(50, 3, 8, 8)
    result = Cutout(size=1.0)(x, generator())
    mean = x.mean((2, 3), keepdim=True)
    assert ((result == x) | (result == mean)).all() and (result == mean).any((1, 2, 3)).all()


def test_noise_has_the_scale_asked_for_in_a_table():
    x = torch.full((20_000, 1), 3.0)
    noise = GaussianNoise(scale=0.25)(x, generator()) - x
    assert float(noise.mean()) == pytest.approx(0, abs=0.01)
    assert float(noise.std()) == pytest.approx(0.25, rel=0.02)
    assert stats.kstest(noise.flatten().numpy() / 0.25, "norm").pvalue > 1e-3


def test_noise_of_standardised_images_is_not_cut_at_zero_and_one():
    x = torch.linspace(-3, 3, 256).view(1, 1, 16, 16)
    noisy = GaussianNoise(scale=0.1)(x, generator())
    assert noisy.min() < -2.5 and noisy.max() > 2.5 and noisy.min() >= -3 and noisy.max() <= 3


def test_swapped_values_come_from_the_same_column_of_another_row():
    n, d = 40, 5
    x = (torch.arange(n)[:, None] + 1000 * torch.arange(d)).float()
    result = SwapFeatures(share=1.0)(x, generator())
    assert (result != x).all()
    assert torch.equal(result // 1000, x // 1000)
    share = SwapFeatures(share=0.2)(x.repeat(1, 50) + 0.0, generator()) != x.repeat(1, 50)
    assert stats.binomtest(int(share.sum()), n * d * 50, 0.2).pvalue > 1e-3


def test_every_other_row_is_equally_likely_to_give_a_value():
    n = 8
    x = torch.arange(n).float()[:, None].expand(-1, 4000)
    ahead = ((SwapFeatures(share=1.0)(x, generator()) - x) % n).long().flatten()
    assert stats.chisquare(torch.bincount(ahead, minlength=n)[1:].numpy()).pvalue > 1e-3


def test_one_row_has_no_other_to_swap_with():
    assert torch.equal(SwapFeatures(share=1.0)(table(1), generator()), table(1))


# torchvision as the reference.


def geometric_reference(x, name, amount):
    """torchvision's own way from AutoAugment's names to `affine` and `rotate`; fill 0."""
    height, width = x.shape[2:]
    settings = {"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0], "fill": 0.0}
    settings["interpolation"] = InterpolationMode.NEAREST
    if name == "rotate":
        return reference.rotate(x, amount, interpolation=InterpolationMode.NEAREST, fill=0.0)
    if name.startswith("shear"):
        angle = math.degrees(math.atan(amount))
        settings |= {"shear": [angle, 0.0] if name == "shear_x" else [0.0, angle], "center": [0, 0]}
    else:
        pixels = int(amount * (width if name == "translate_x" else height))
        settings["translate"] = [pixels, 0] if name == "translate_x" else [0, pixels]
    return reference.affine(x, **settings)


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28), (3, 20, 13), (1, 8, 8)], ids=str)
@pytest.mark.parametrize(
    ("name", "amounts"),
    [
        *((name, (-0.3, -0.07, 0.0, 0.113, 0.29)) for name in ("shear_x", "shear_y", "translate_x", "translate_y")),
        ("rotate", (-30.0, -4.3, 0.0, 7.7, 29.0)),
    ],
)
def test_geometric_operations_agree_with_torchvision(name, amounts, shape):
    x = images(3, *shape)
    for amount in amounts:
        ours, theirs = one_operation(x, name, amount), geometric_reference(x, name, amount)
        # A place halfway between two pixels may be rounded either way.
        assert (ours != theirs).float().mean() < 0.01, amount


@pytest.mark.parametrize("factor", [0.0, 0.1, 0.55, 1.0, 1.3, 1.9])
@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("brightness", reference.adjust_brightness),
        ("color", reference.adjust_saturation),
        ("contrast", reference.adjust_contrast),
        ("sharpness", reference.adjust_sharpness),
    ],
)
def test_enhancements_agree_with_torchvision(name, kernel, factor):
    for channels in (3,) if name == "color" else (1, 3):  # grey images have no saturation
        x = images(4, channels, 20, 13)
        assert torch.allclose(one_operation(x, name, factor), kernel(x, factor), atol=1e-5), channels


def as_bytes(x):
    return (x * 255).round().to(torch.uint8)


@pytest.mark.parametrize("bits", [1, 4, 5, 7, 8])
def test_posterize_agrees_with_torchvision(bits):
    x = images(4, 3, 20, 13)
    assert torch.equal(as_bytes(one_operation(x, "posterize", bits)), reference.posterize(as_bytes(x), bits))


@pytest.mark.parametrize("threshold", [0, 1, 100, 255])
def test_solarize_agrees_with_torchvision(threshold):
    x = images(4, 3, 20, 13)
    assert torch.equal(as_bytes(one_operation(x, "solarize", threshold)), reference.solarize(as_bytes(x), threshold))


def test_solarize_at_256_inverts_nothing():
    assert torch.equal(one_operation(torch.ones(1, 1, 4, 4), "solarize", 256), torch.ones(1, 1, 4, 4))


def narrow_images():
    """Channels of few grey levels, one of a single one."""
    x = torch.cat([images(4, 3, 28, 28) * 0.3 + 0.2, images(4, 3, 28, 28)])
    x[0, 1] = 0.4
    x[1] = (x[1] > 0.35).float()
    return as_bytes(x).float() / 255


def test_auto_contrast_agrees_with_torchvision():
    x = narrow_images()
    assert torch.allclose(one_operation(x, "auto_contrast", 0), reference.autocontrast(x), atol=1e-5)


@pytest.mark.parametrize("side", [8, 15, 16, 28])
def test_equalize_agrees_with_torchvision(side):
    x = narrow_images()[:, :, :side, :side]
    assert torch.equal(as_bytes(one_operation(x, "equalize", 0)), reference.equalize(as_bytes(x)))


def test_invert_agrees_with_torchvision():
    x = images(4, 3, 8, 8)
    assert torch.equal(one_operation(x, "invert", 0), reference.invert(x))


def test_contrast_of_other_channels_is_around_the_mean_of_all():
    x = images(2, 5, 8, 8)
    mean = x.mean((1, 2, 3), keepdim=True)
    assert torch.allclose(contrast(x, torch.tensor([0.5, 0.5])), (x + mean) / 2, atol=1e-6)


def test_each_row_gets_its_own_operations_in_their_order():
    n = 300
    x = images(n, 3, 16, 16)
    operations = torch.randint(0, len(OPERATIONS), (3, n), generator=generator())
    amounts = torch.rand(3, n, generator=generator()) * 0.3 + 0.1
    together = operated(x, operations, amounts, 0.25)
    for row in range(n):
        alone = x[row : row + 1]
        for operation, amount in zip(operations[:, row], amounts[:, row], strict=True):
            alone = one_operation(alone, OPERATIONS[operation], amount, fill=0.25)
        assert torch.allclose(together[row], alone[0], atol=1e-6), row


def test_what_comes_in_is_the_mean_of_the_image():
    x = images(5, 3, 10, 10)
    moved = one_operation(x, "translate_x", 0.3, fill="mean")
    assert torch.allclose(moved[..., :3], x.mean((2, 3), keepdim=True).expand(-1, -1, 10, 3))
    assert torch.equal(moved[..., 3:], x[..., :7])


# RandAugment.


def test_operations_are_drawn_equally_often_and_carried_out_at_the_rate():
    x = torch.zeros(8000, 1, 1, 2)
    x[..., 1] = 1.0
    names = ("invert", "translate_x")  # to 10, and to two means
    result = RandAugment(1, p=0.5, drawn=False, operations=names, fill=0.5)(x, generator())[:, 0, 0]
    inverted = int((result == torch.tensor([1.0, 0.0])).all(1).sum())
    assert stats.binomtest(inverted, 8000, 0.25).pvalue > 1e-3


@pytest.mark.parametrize("drawn", [True, False])
def test_strengths_are_fixed_or_uniform_up_to_the_magnitude(drawn):
    x = torch.full((4000, 1, 2, 2), 0.4)
    result = RandAugment(1, 5, p=1.0, drawn=drawn, operations=("brightness",))(x, generator())[:, 0, 0, 0] / 0.4
    lighter = int((result > 1).sum())
    assert stats.binomtest(lighter, 4000, 0.5).pvalue > 1e-3
    if drawn:
        assert stats.kstest(result.numpy(), "uniform", (0.55, 0.9)).pvalue > 1e-3
    else:
        assert torch.unique((result * 100).round()).tolist() == [55, 145]


def test_at_most_strength_solarize_inverts_all_and_posterize_keeps_four_bits():
    x = images(3, 1, 8, 8)
    fixed = {"p": 1.0, "drawn": False}
    assert torch.allclose(RandAugment(1, 10, operations=("solarize",), **fixed)(x, generator()), 1 - x)
    kept = RandAugment(1, 10, operations=("posterize",), **fixed)(x, generator())
    assert torch.equal(as_bytes(kept), reference.posterize(as_bytes(x), 4))


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_without_three_channels_color_is_left_out_or_refused(channels):
    x = images(20, channels, 9, 9)
    assert "color" in RandAugment()._names(3) and "color" not in RandAugment()._names(channels)
    with pytest.raises(ValueError, match="color needs three channels"):
        RandAugment(operations=("color", "rotate"))(x, generator())


# AutoAugment.


def test_policies_are_the_published_ones():
    cifar10 = [[(OPERATIONS[int(o)], p) for o, p, _ in pair] for pair in _table("cifar10")]
    assert len(cifar10) == 25 and len(_table("svhn")) == 25
    assert cifar10[:3] == [  # the first of the authors' code too
        [("invert", 0.1), ("contrast", 0.2)],
        [("rotate", 0.7), ("translate_x", 0.3)],
        [("sharpness", 0.8), ("sharpness", 0.9)],
    ]
    amounts = [[amount for _, _, amount in pair] for pair in _table("cifar10")]
    assert amounts[0] == [0.0, pytest.approx(0.1 + 1.8 * 0.6)]
    assert amounts[1] == [pytest.approx(6.0), pytest.approx(9 / 32)]
    assert amounts[5] == [pytest.approx(0.21), pytest.approx(5.2)]  # shear_y at 7, posterize at 7
    assert amounts[14][0] == pytest.approx(256 * 0.8)  # solarize at 2


def test_pairs_are_applied_as_often_as_the_policy_says(monkeypatch):
    """A policy of one pair: invert in 30 %, then translate in 60 %, to either side."""
    pair = [[float(OPERATIONS.index("invert")), 0.3, 0.0], [float(OPERATIONS.index("translate_x")), 0.6, 0.5]]
    monkeypatch.setattr("skal.augment.auto_augment._table", lambda policy: [pair])
    x = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2).expand(5000, -1, -1, -1)
    result = AutoAugment(fill=0.5)(x, generator())[:, 0, 0]
    expected = {
        (0.0, 1.0): 0.7 * 0.4,
        (1.0, 0.0): 0.3 * 0.4,
        (0.5, 0.0): 0.7 * 0.3,  # to the right
        (1.0, 0.5): 0.7 * 0.3,
        (0.5, 1.0): 0.3 * 0.3,
        (0.0, 0.5): 0.3 * 0.3,
    }
    counts = [int((result == torch.tensor(row)).all(1).sum()) for row in expected]
    assert sum(counts) == 5000
    assert stats.chisquare(counts, 5000 * np.array(list(expected.values()))).pvalue > 1e-3


def test_color_of_auto_augment_does_nothing_to_grey_images(monkeypatch):
    pair = [[float(OPERATIONS.index("color")), 1.0, 0.1]] * 2
    monkeypatch.setattr("skal.augment.auto_augment._table", lambda policy: [pair])
    for channels in (1, 4):
        x = images(5, channels, 8, 8)
        assert torch.equal(AutoAugment()(x, generator()), x)
    x = images(5, 3, 8, 8)
    assert not torch.equal(AutoAugment()(x, generator()), x)


# Names.


def test_names_are_read():
    assert make_augmentation(None, (3, 8, 8)) is None and make_augmentation("off", (5,)) is None
    assert repr(make_augmentation("weak", (3, 8, 8))) == "Weak()"
    assert repr(make_augmentation("strong", (1, 8, 8))) == "Strong()"
    assert repr(make_augmentation("weak", (5,))) == "GaussianNoise()"
    assert [repr(step) for step in make_augmentation("strong", (5,)).steps] == ["GaussianNoise()", "SwapFeatures()"]
    steps = make_augmentation("autoaugment", (3, 8, 8)).steps
    assert [repr(step) for step in steps] == ["Weak()", "AutoAugment()", "Cutout()"]
    for name, shape in [("weak", (1, 8, 8)), ("strong", (3, 32, 32)), ("autoaugment", (3, 8, 8)), ("strong", (5,))]:
        x = images(4, *shape)
        assert make_augmentation(name, shape)(x, generator()).shape == x.shape


def test_instances_and_functions_are_passed_on():
    flip = Flip(p=0.1)
    assert make_augmentation(flip, (1, 8, 8)) is flip
    assert make_augmentation(torch.relu, (5,)) is torch.relu


@pytest.mark.parametrize(
    ("augment", "shape", "error", "message"),
    [
        ("wek", (3, 8, 8), ValueError, 'must be None, "off", "weak".*\'wek\''),
        (True, (3, 8, 8), TypeError, "got True"),
        (Flip, (3, 8, 8), TypeError, r"Pass Flip\(\)"),
        ("autoaugment", (5,), ValueError, "'autoaugment' is not for tables.*SwapFeatures"),
        (Cutout(), (5,), ValueError, r"Cutout\(\) is not for tables"),
        (SwapFeatures(), (1, 8, 8), ValueError, "not for images.*strong"),
        (Chain((GaussianNoise(), SwapFeatures())), (1, 8, 8), ValueError, "not for images"),
        (Flip(p=2), (1, 8, 8), ValueError, r"Flip: p must be in \[0, 1\], got 2"),
        ("weak", (8, 8), ValueError, r"\(C, H, W\) or \(d,\), got \(8, 8\)"),
    ],
)
def test_what_make_augmentation_refuses(augment, shape, error, message):
    with pytest.raises(error, match=message):
        make_augmentation(augment, shape)


def test_without_flip_a_two_stays_a_two():
    """One bright pixel at the left edge of a wide image never comes to the right half."""
    x = torch.zeros(500, 1, 8, 32)
    x[:, 0, :, 2] = 1
    for weak, is_mirrored in ((Weak(), True), (Weak(flip=False), False)):
        assert bool(weak(x, generator())[..., 16:].any()) is is_mirrored
    assert all(not isinstance(step, Flip) for step in Strong(flip=False)._steps().steps[0]._steps().steps)


# Refusals.


@pytest.mark.parametrize(
    ("augment", "x", "error", "message"),
    [
        (Flip(), torch.zeros(2, 1, 4, 4, dtype=torch.uint8), TypeError, r"Divide bytes by 255"),
        (Flip(), np.zeros((2, 1, 4, 4)), TypeError, "must be a torch tensor, got ndarray"),
        (Flip(), torch.zeros(2, 4), ValueError, r"Flip takes images of shape \(b, C, H, W\), got shape \(2, 4\)"),
        (Flip(), torch.zeros(2, 4, 4), ValueError, r"Reshape grey images to \(b, 1, H, W\)"),
        (SwapFeatures(), torch.zeros(2, 1, 4, 4), ValueError, r"tables of shape \(b, d\)"),
        (Chain((Flip(), SwapFeatures())), torch.zeros(2, 4), ValueError, "fit no batch together"),
        (RandAugment(), torch.full((2, 3, 4, 4), 2.0), ValueError, "from 2 to 2.*GEOMETRIC_OPERATIONS"),
        (RandAugment(), torch.full((2, 3, 4, 4), float("nan")), ValueError, "from nan"),
        (AutoAugment(), -torch.ones(2, 3, 4, 4), ValueError, r"in \[0, 1\], got values from -1 to -1"),
        (RandAugment(magnitude=11), images(2, 3, 4, 4), ValueError, r"magnitude must be in \[0, 10\], got 11"),
        (RandAugment(n_ops=1.5), images(2, 3, 4, 4), TypeError, "n_ops must be an int"),  # type: ignore[arg-type]
        (RandAugment(n_ops=-1), images(2, 3, 4, 4), ValueError, "n_ops must be at least 0"),
        (RandAugment(operations=("swirl",)), images(2, 3, 4, 4), ValueError, "no operation 'swirl'; there are"),
        (RandAugment(operations=[]), images(2, 3, 4, 4), ValueError, "names in a tuple"),
        (RandAugment(operations=()), images(2, 3, 4, 4), ValueError, "names in a tuple"),
        (RandAugment(operations="rotate"), images(2, 3, 4, 4), ValueError, "names in a tuple"),
        (AutoAugment("imagenet"), images(2, 3, 4, 4), ValueError, "'cifar10', 'svhn', got 'imagenet'"),
        (Crop(fill="mirror"), images(2, 3, 4, 4), ValueError, "fill must be 'reflect' or a number"),
        (Cutout(fill=None), images(2, 3, 4, 4), ValueError, "fill must be 'mean' or a number"),  # type: ignore[arg-type]
        (GaussianNoise(scale=-1), table(), ValueError, "at least 0, got -1"),
        (GaussianNoise(scale=float("inf")), table(), ValueError, "finite"),
        (SwapFeatures(share="half"), table(), TypeError, "share must be a number"),  # type: ignore[arg-type]
        (Strong(cutout=2), images(2, 3, 4, 4), ValueError, r"Cutout: size must be in \[0, 1\], got 2"),
        (Chain(Flip()), images(2, 3, 4, 4), TypeError, "steps must be a sequence"),
        (Chain((Flip,)), images(2, 3, 4, 4), TypeError, r"Pass Flip\(\)"),
        (Chain((lambda x: x[:, :1],)), images(2, 3, 4, 4), ValueError, r"must return \(2, 3, 4, 4\)"),
        (Chain((lambda x: None,)), images(2, 3, 4, 4), ValueError, "got NoneType"),  # type: ignore[arg-type, return-value]
    ],
)
def test_what_is_refused(augment, x, error, message):
    with pytest.raises(error, match=message):
        augment(x)


def test_standardised_images_go_through_geometric_operations():
    x = torch.randn(30, 3, 16, 16, generator=generator())
    steps = (Flip(), Crop(), RandAugment(p=1.0, operations=GEOMETRIC_OPERATIONS), Cutout(), GaussianNoise())
    result = Chain(steps)(x, generator())
    assert result.isfinite().all() and not torch.equal(result, x)


def test_an_augmentation_of_ones_own():
    class Dim(Augmentation):
        kinds = frozenset({"images"})

        def _augment(self, x, generator):
            return x / 2

    x = images(2, 1, 4, 4)
    assert torch.equal(Dim()(x), x / 2)
    assert make_augmentation(Dim(), (1, 4, 4)) is not None
    with pytest.raises(TypeError, match="abstract method '?_augment"):
        Augmentation()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("augment", AUGMENTATIONS, ids=repr)
def test_on_a_gpu(augment):
    x = batch_for(augment, n=40).cuda()
    first, second = (augment(x, torch.Generator("cuda").manual_seed(0)) for _ in range(2))
    assert first.device == x.device and torch.equal(first, second)
