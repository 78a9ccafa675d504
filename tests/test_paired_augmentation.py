"""Images and masks are changed alike: each image by draws of its own, masks by the nearest pixel."""

import numpy as np
import pytest
import torch

from skal.augment import AutoAugment, Chain, Crop, Cutout, Flip, RandAugment, ResizedCrop, Strong, Weak


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def pair(b=16, height=12, width=20):
    """Images whose every pixel has a value of its own, and masks that say which."""
    masks = torch.arange(b * height * width).reshape(b, height, width) % 251
    return masks[:, None].float() / 250, masks.to(torch.int16)


@pytest.mark.parametrize("augment", [Flip(), Crop(0.3), Weak(), Chain((Flip(1.0), Crop(0.2)))], ids=repr)
def test_moves_keep_a_pixel_and_its_label_together(augment):
    x, masks = pair()
    moved, labels = augment.with_masks(x, masks, generator())
    np.testing.assert_array_equal((moved[:, 0] * 250).round().short(), labels)
    assert labels.dtype == torch.int16
    assert not torch.equal(labels, masks)
    alone = augment(x, generator())
    np.testing.assert_array_equal(alone, moved)  # the same draws as without masks


def test_a_number_at_the_border_is_void_in_the_mask():
    x, masks = pair()
    moved, labels = Crop(0.3, fill=-1.0).with_masks(x, masks, generator(), void=255)
    np.testing.assert_array_equal(moved[:, 0] == -1.0, labels == 255)
    assert (labels == 255).any()


def test_colours_and_squares_leave_masks_alone():
    x, masks = pair()
    augment = Chain((lambda x: 1 - x, Cutout(0.5)))
    changed, labels = augment.with_masks(x, masks, generator())
    assert torch.equal(labels, masks) and not torch.equal(changed, x)


@pytest.mark.parametrize("augment", [Strong(), RandAugment(), AutoAugment(), Chain((Strong(),))], ids=repr)
def test_what_mixes_both_is_refused(augment):
    with pytest.raises(TypeError, match="not known what becomes of masks"):
        augment.with_masks(*pair(), generator())


def test_windows_are_each_images_own_and_hold_what_the_image_holds():
    x, masks = pair(b=64)
    cut, labels = ResizedCrop((6, 10), zoom=(0.5, 2.0)).with_masks(x, masks, generator())
    assert cut.shape == (64, 1, 6, 10) and labels.shape == (64, 6, 10)
    same, same_labels = pair(b=1)
    many, many_labels = ResizedCrop((6, 10), zoom=(0.5, 2.0)).with_masks(
        same.expand(64, -1, -1, -1), same_labels.expand(64, -1, -1), generator()
    )
    assert len({tuple(one.flatten().tolist()) for one in many_labels}) > 50
    present = set(same_labels.flatten().tolist())
    assert set(many_labels.flatten().tolist()) <= present


def test_a_window_of_zoom_one_is_a_piece_of_the_image():
    """Without zoom and at an even size the grid may fall between pixels, but never off by more than one."""
    columns = torch.arange(20.0).expand(32, 1, 12, 20)
    cut, labels = ResizedCrop((6, 10), zoom=(1.0, 1.0)).with_masks(columns, columns[:, 0].long(), generator())
    steps = labels[:, :, 1:] - labels[:, :, :-1]
    assert steps.min() >= 0 and steps.max() <= 2
    assert torch.allclose(cut[..., 1:] - cut[..., :-1], torch.ones(()), atol=1e-3)
    assert (cut[:, 0] - labels).abs().max() <= 0.51


def test_zoom_is_how_large_things_come_out():
    columns = torch.arange(40.0).expand(400, 1, 40, 40)
    cut = ResizedCrop(8, zoom=(0.5, 2.0))(columns, generator())
    step = (cut[..., 1:] - cut[..., :-1]).mean(dim=(1, 2, 3))  # pixels of the image a pixel of the window: 1 / zoom
    assert 0.5 - 1e-3 <= step.min() < 0.6 and 1.8 < step.max() <= 2.0 + 1e-3
    assert abs(float(step.log().mean())) < 0.06


def test_whole_images_come_back_as_they_were():
    x, masks = pair()
    cut, labels = ResizedCrop(zoom=(0.5, 1.0)).with_masks(x, masks, generator())  # windows end at the image
    assert torch.allclose(cut, x, atol=1e-4)
    assert torch.equal(labels, masks)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size must be at least 1"),
        ({"size": (1, 2, 3)}, "size must be a number or"),
        ({"zoom": 2.0}, "zoom must be a pair"),
        ({"zoom": (2.0, 1.0)}, "smallest, largest"),
        ({"zoom": (0.0, 1.0)}, "zoom must be in"),
    ],
)
def test_bad_windows_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        ResizedCrop(**options)(torch.rand(2, 3, 8, 8))
