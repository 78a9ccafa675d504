"""Nets for segmentation: sizes, parameter counts, what they keep to."""

import pytest
import torch
from made_streets import streets

from skal.nets import (
    DeepLabV2,
    LossPrediction,
    MaskDiscriminator,
    UNet,
    drn_c_26,
    drn_d_22,
    stage_channels,
    torchvision_segmentation_net,
)
from skal.nets.drn import DilatedBlock
from skal.nets.torchvision_segmentation import replace_heads
from skal.neural import NeuralSegmenter


@pytest.fixture(autouse=True)
def seeded():
    """The same weights and images each time; the generator goes back to where it was."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def n_parameters(net):
    return sum(p.numel() for p in net.parameters())


def unet_parameters(channels, n_outputs, width, depth):
    """Counted by hand: two 3 x 3 convolutions with batch norm a block, 2 x 2 up-convolutions with biases."""

    def block(n_in, n_out):
        return 9 * n_in * n_out + 9 * n_out * n_out + 4 * n_out

    total = block(channels, width) + width * n_outputs + n_outputs
    for level in range(depth):
        above, below = width * 2**level, width * 2 ** (level + 1)
        total += block(above, below) + (4 * below * above + above) + block(2 * above, above)
    return total


@pytest.mark.parametrize(("width", "depth"), [(16, 3), (4, 1), (64, 4)])
def test_unet_has_the_parameters_of_its_drawing(width, depth):
    with torch.device("meta"):
        assert n_parameters(UNet((3, 64, 64), 11, width, depth)) == unet_parameters(3, 11, width, depth)


def test_the_papers_unet_is_31_million():
    """The paper's levels with padded convolutions and batch norm, one channel in and two out."""
    with torch.device("meta"):
        assert n_parameters(UNet((1, 64, 64), 2, width=64, depth=4, stride=1)) == pytest.approx(31.0e6, rel=0.01)


@pytest.mark.parametrize("size", [(16, 24), (17, 23), (1, 5), (180, 240)])
@pytest.mark.parametrize("stride", [1, 2, 4])
def test_unet_takes_images_of_any_size(size, stride):
    net = UNet((3, 8, 8), 5, width=4, depth=2, stride=stride).eval()
    assert net(torch.rand(2, 3, *size)).shape == (2, 5, *size)


def test_filling_up_does_not_move_the_picture():
    """Away from the edge, logits of an image are those of a larger one that holds it, at whole steps."""
    net = UNet((1, 8, 8), 2, width=4, depth=1, stride=2).eval()
    x = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        whole, part = net(x), net(x[:, :, :50, :50])
    assert torch.allclose(whole[:, :, :26, :26], part[:, :, :26, :26], atol=1e-5)


def test_stages_are_for_the_loss_prediction():
    net = UNet((3, 16, 24), 3, width=4, depth=2)
    assert stage_channels(net, (3, 16, 24)) == (4, 8, 16)
    logits, stages = net.forward_stages(torch.rand(2, 3, 16, 24))
    assert LossPrediction([4, 8, 16])(stages).shape == (2,)
    assert torch.equal(net.eval()(torch.ones(1, 3, 16, 24)), net.forward_stages(torch.ones(1, 3, 16, 24))[0])


def test_dropout_is_of_channels_and_off_in_evaluation():
    net = UNet((3, 16, 24), 3, width=4, depth=1, dropout=0.5)
    x = torch.rand(1, 3, 16, 24)
    assert not torch.equal(net(x), net(x))
    assert torch.equal(net.eval()(x), net(x))


@pytest.mark.parametrize(
    ("options", "message"), [({"stride": 3}, "stride must be 1, 2 or 4"), ({"depth": 0}, "depth must be at least 1")]
)
def test_bad_sizes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        UNet((3, 16, 24), 3, **options)


@pytest.mark.parametrize(
    ("net", "published", "at_19"), [(drn_d_22, 16.4, 15_890_499), (drn_c_26, 21.1, 20_623_331)], ids=["d22", "c26"]
)
def test_drn_has_the_published_parameters(net, published, at_19):
    """Published with a head of 1000 classes; the convolution of 1 x 1 over 512 maps is all that differs."""
    with torch.device("meta"):
        assert round(n_parameters(net((3, 8, 8), 1000)) / 1e6, 1) == published
        assert n_parameters(net((3, 8, 8), 19)) == at_19
        assert n_parameters(net((3, 8, 8), 1000)) - at_19 == 513 * (1000 - 19)


@pytest.mark.parametrize("net", [drn_d_22, drn_c_26])
@pytest.mark.parametrize("size", [(32, 40), (33, 47), (8, 8)])
def test_drn_works_at_an_eighth_and_takes_any_size(net, size):
    drn = net((3, 8, 8), 5, width=0.0625).eval()
    logits, stages = drn.forward_stages(torch.rand(1, 3, *size))
    assert logits.shape == (1, 5, *size)
    assert [stage.shape[1] for stage in stages] == [4, 8, 16, 32]
    assert [stage.shape[2] for stage in stages] == [-(-size[0] // step) for step in (4, 8, 8, 8)]


def test_drn_d_has_no_blocks_outside_the_stages_and_drn_c_no_shortcuts_after():
    d, c = drn_d_22((3, 8, 8), 2, 0.0625), drn_c_26((3, 8, 8), 2, 0.0625)
    assert not any(isinstance(module, DilatedBlock) for module in [*d.before.modules(), *d.after.modules()])
    blocks = [module for module in c.after.modules() if isinstance(module, DilatedBlock)]
    assert len(blocks) == 2 and all(block.shortcut is None for block in blocks)
    dilations = [m.dilation[0] for m in c.modules() if isinstance(m, torch.nn.Conv2d) and m.kernel_size == (3, 3)]
    # 1 for levels 1 to 4 (two convolutions a block), then 2, 4, 2, 1.
    assert dilations == [1] * 4 + [1] * 8 + [2] * 4 + [4] * 4 + [2] * 2 + [1] * 2


def test_deeplab_is_resnet_101_and_four_classifiers():
    from torchvision.models import resnet101

    with torch.device("meta"):
        net = DeepLabV2((3, 8, 8), 21)
        backbone = resnet101(num_classes=1)
        expected = n_parameters(backbone) - 2049 + 4 * (9 * 2048 * 21 + 21)
    assert n_parameters(net) == expected == 44_048_532


@pytest.mark.parametrize("size", [(32, 40), (33, 47), (321, 17)])
def test_deeplab_works_at_an_eighth_and_takes_any_size(size):
    net = DeepLabV2((3, 8, 8), 5, blocks=(1, 1, 2, 1), width=4).eval()
    logits, stages = net.forward_stages(torch.rand(1, 3, *size))
    assert logits.shape == (1, 5, *size)
    assert [stage.shape[1] for stage in stages] == [16, 32, 64, 128]
    assert stages[1].shape[2:] == stages[2].shape[2:] == stages[3].shape[2:]
    assert abs(stages[3].shape[2] - size[0] / 8) <= 1.5


def test_deeplab_sums_all_four_dilations():
    net = DeepLabV2((3, 8, 8), 2, blocks=(1, 1, 1, 1), width=4).eval()
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        before = net(x)
        for layer in net.head:
            changed = layer.bias.clone()
            layer.bias += 1.0
            assert torch.allclose(net(x), before + 1.0, atol=1e-5)
            layer.bias.copy_(changed)


def test_deeplab_freezes_scale_and_shift_of_batch_norm_and_not_its_means():
    net = DeepLabV2((3, 8, 8), 2, blocks=(1, 1, 1, 1), width=4)
    norms = [module for module in net.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert norms and not any(p.requires_grad for norm in norms for p in norm.parameters())
    net.train()(torch.rand(2, 3, 32, 32))
    assert norms[0].running_mean.abs().max() > 0
    free = DeepLabV2((3, 8, 8), 2, blocks=(1, 1, 1, 1), width=4, frozen_norm=False)
    assert all(p.requires_grad for p in free.parameters())


def test_the_discriminator_has_the_public_codes_parameters_and_window():
    """For 321 pixels the public code averages 20 x 20 maps, which is all of them."""
    with torch.device("meta"):
        assert n_parameters(MaskDiscriminator(21)) == 2_778_561
    net = MaskDiscriminator(4, width=4).eval()
    x = torch.rand(2, 7, 321, 321)
    logits, features = net(x)
    maps = net.layers(x)
    assert maps.shape == (2, 32, 20, 20)
    expected = torch.nn.functional.avg_pool2d(maps, 20).flatten(1)
    assert torch.allclose(features, expected, atol=1e-6)
    assert torch.allclose(logits, net.head(expected)[:, 0], atol=1e-6)


@pytest.mark.parametrize("size", [(16, 16), (3, 50), (100, 17)])
def test_the_discriminator_takes_any_size(size):
    assert MaskDiscriminator(4, width=2)(torch.rand(2, 7, *size))[0].shape == (2,)


@pytest.mark.parametrize("name", ["lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large"])
def test_nets_of_torchvision_by_name(name):
    net = torchvision_segmentation_net(name, 5, input_shape=(4, 40, 56)).eval()
    with torch.inference_mode():
        assert net(torch.rand(1, 4, 40, 56))["out"].shape == (1, 5, 40, 56)


def test_unknown_nets_of_torchvision_are_named():
    with pytest.raises(ValueError, match="Did you mean 'deeplabv3_resnet50'"):
        torchvision_segmentation_net("deeplab_resnet50", 5)


def test_heads_are_replaced_where_weights_are_kept():
    net = torchvision_segmentation_net("lraspp_mobilenet_v3_large", 21)
    replace_heads(net, 21, 3)
    assert net.eval()(torch.rand(1, 3, 32, 32))["out"].shape == (1, 3, 32, 32)


def test_a_net_of_torchvision_is_trained_as_a_segmenter():
    X, y = streets(4, (32, 40))
    model = NeuralSegmenter(
        "torchvision_segmentation_net",
        module__name="lraspp_mobilenet_v3_large",
        max_epochs=1,
        device="cpu",
        random_state=0,
    ).fit(X, y)
    assert model.predict_proba(X).shape == (4, 3, 32, 40)
    assert model.transform(X).shape[0] == 4
