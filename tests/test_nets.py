"""Nets: shapes, parameter counts against published and hand-derived ones, and what estimators rely on."""

import inspect
import io
import itertools
import pickle
from functools import partial
from urllib.error import URLError

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from skal import nets
from skal.nets._resize import Resize

SHAPES = [(30,), (1, 28, 28), (3, 32, 32), (3, 64, 64), (1, 8, 8)]
IMAGES = [shape for shape in SHAPES if len(shape) == 3]
FIVE = 5


@pytest.fixture(autouse=True)
def seeded():
    """Nets draw from the global generator: each test from the same state, which is put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


# Every task net, small enough for a CPU, with an input that it takes.
TASK_NETS = {
    "mlp": (nets.MLP, (30,)),
    "mlp_image": (partial(nets.MLP, hidden=(16,), dropout=0.5), (1, 8, 8)),
    "cnn": (partial(nets.SmallCNN, width=4), (1, 28, 28)),
    "cnn_wide": (partial(nets.SmallCNN, width=4), (2, 9, 40)),
    "resnet": (partial(nets.resnet18_cifar, width=4, dropout=0.2), (3, 32, 32)),
    "wide_resnet": (partial(nets.wide_resnet, depth=10, width=1, dropout=0.2), (3, 32, 32)),
    "vgg": (nets.vgg16, (1, 32, 32)),
}
VAES = {
    "conv": (partial(nets.ConvVAE, latent_dim=6, width=1 / 16), (3, 32, 32)),
    "conv_resized": (partial(nets.ConvVAE, latent_dim=6, width=1 / 16), (1, 28, 20)),
    "augmented": (partial(nets.AugmentedVAE, latent_dim=6, width=4), (1, 28, 28)),
    "mlp": (partial(nets.MLPVAE, latent_dim=6), (30,)),
    "mlp_image": (partial(nets.MLPVAE, latent_dim=6, hidden=(20, 10, 8)), (1, 8, 8)),
    "two_headed": (partial(nets.TwoHeadedVAE, n_outputs=3, latent_dim=6), (30,)),
    "two_headed_conv": (partial(nets.TwoHeadedVAE, n_outputs=3, latent_dim=6, width=1 / 16), (1, 8, 8)),
}
CONVOLUTIONAL_VAES = ["vae_conv", "vae_conv_resized", "vae_augmented", "vae_two_headed_conv"]


@pytest.fixture(params=TASK_NETS)
def task_net(request):
    make, shape = TASK_NETS[request.param]
    return make(input_shape=shape, n_outputs=3), torch.rand(FIVE, *shape)


@pytest.fixture(params=VAES)
def vae(request):
    make, shape = VAES[request.param]
    return make(input_shape=shape), torch.rand(FIVE, *shape)


@pytest.fixture(params=[*TASK_NETS, *(f"vae_{name}" for name in VAES)])
def any_net(request):
    make, shape = VAES[request.param[4:]] if request.param.startswith("vae_") else TASK_NETS[request.param]
    net = make(input_shape=shape) if request.param.startswith("vae_") else make(input_shape=shape, n_outputs=3)
    return net, torch.rand(FIVE, *shape)


def count(make, *args, **options):
    """How many parameters, without the memory for them."""
    with torch.device("meta"):
        return sum(weights.numel() for weights in make(*args, **options).parameters())


def answer(net, x):
    """What the net says of rows without drawing: logits, or mean, log variance and reconstruction of the mean."""
    if hasattr(net, "encode"):
        mu, logvar = net.encode(x)
        parts = [mu, logvar, net.decode(mu).flatten(1)]
        if hasattr(net, "classify"):
            parts.append(net.classify(mu))
        return torch.cat(parts, dim=1)
    return net(x)


# ---- shapes


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("make", [nets.MLP, nets.MLPVAE, partial(nets.TwoHeadedVAE, width=1 / 16, latent_dim=9)])
def test_nets_for_any_shape(make, shape):
    options = {} if make is nets.MLPVAE else {"n_outputs": 4}
    net, x = make(input_shape=shape, **options), torch.rand(2, *shape)
    if make is nets.MLP:
        assert net(x).shape == (2, 4)
    else:
        x_hat, mu, logvar = net(x)
        assert x_hat.shape == x.shape
        assert mu.shape == logvar.shape == (2, net.latent_dim)


@pytest.mark.parametrize("shape", [*IMAGES, (2, 7, 40), (3, 96, 50), (1, 1, 1)], ids=str)
@pytest.mark.parametrize("make", [partial(nets.ConvVAE, width=1 / 32), partial(nets.AugmentedVAE, width=2)])
def test_image_vaes_restore_any_size(make, shape):
    x_hat, mu, _ = make(shape, latent_dim=5)(torch.rand(2, *shape))
    assert x_hat.shape == (2, *shape)
    assert mu.shape == (2, 5)


@pytest.mark.parametrize(("side", "features"), [(8, 4), (28, 4), (32, 4), (48, 4), (49, 16), (64, 16), (224, 16)])
def test_conv_vae_sees_32_or_64_pixels(side, features):
    assert nets.ConvVAE((1, side, side // 2), width=1 / 8).trunk.n_features == 128 * features


@pytest.mark.parametrize(
    ("make", "shape", "stages"),
    [
        (
            nets.resnet18_cifar,
            (3, 32, 32),
            [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4)],
        ),
        (nets.wide_resnet, (3, 32, 32), [(16, 32, 32), (32, 32, 32), (64, 16, 16), (128, 8, 8)]),
        (nets.vgg16, (3, 32, 32), [(64, 16, 16), (128, 8, 8), (256, 4, 4), (512, 2, 2), (512, 1, 1)]),
        (nets.SmallCNN, (1, 8, 8), [(32, 4, 4), (64, 4, 4), (64, 4, 4)]),
        (nets.SmallCNN, (1, 28, 28), [(32, 14, 14), (64, 7, 7), (64, 4, 4)]),
        (nets.SmallCNN, (3, 32, 32), [(32, 16, 16), (64, 8, 8), (64, 4, 4)]),
        (nets.SmallCNN, (3, 64, 64), [(32, 32, 32), (64, 16, 16), (64, 8, 8)]),
        (nets.MLP, (30,), [(128,), (128,)]),
    ],
)
def test_stages(make, shape, stages):
    net = make(input_shape=shape, n_outputs=7).eval()
    x = torch.rand(1, *shape)
    logits, maps = net.forward_stages(x)
    assert [tuple(stage.shape[1:]) for stage in maps] == stages
    assert torch.equal(logits, net(x))
    assert logits.shape == (1, 7)


def test_head_is_the_last_linear_layer(task_net):
    net, x = task_net
    seen = {}
    net.head.register_forward_hook(lambda module, args, output: seen.update(logits=output))
    assert torch.equal(net.eval()(x), seen["logits"])
    assert [module for module in net.modules() if isinstance(module, nn.Linear)][-1] is net.head


# ---- parameter counts


def test_published_counts():
    assert count(nets.resnet18_cifar) == 11_173_962
    assert count(nets.vgg16) == 14_728_266  # convolutions with biases and batch norm, and one linear layer
    assert count(nets.vgg16, head="imagenet") == 134_309_962
    assert count(nets.vgg16, n_outputs=1000, head="imagenet", batch_norm=False) == 138_357_544
    assert count(nets.vgg16, n_outputs=1000, head="imagenet") == 138_365_992


def test_wide_resnet_count():
    def block(n_in, n_out):  # two norms, two convolutions, a shortcut where channels change
        return 2 * n_in + 9 * n_in * n_out + 2 * n_out + 9 * n_out * n_out + (n_in * n_out if n_in != n_out else 0)

    def published(depth, width, n_outputs=10):
        sizes, n_blocks = [16, 16 * width, 32 * width, 64 * width], (depth - 4) // 6
        stages = sum(
            block(n_in, n_out) + (n_blocks - 1) * block(n_out, n_out) for n_in, n_out in itertools.pairwise(sizes)
        )
        return 3 * 16 * 9 + stages + 2 * sizes[-1] + (sizes[-1] + 1) * n_outputs

    assert count(nets.wide_resnet) == published(28, 2) == 1_467_610
    assert count(nets.wide_resnet, depth=28, width=10) == published(28, 10) == 36_479_194
    assert count(nets.wide_resnet, depth=16, width=4, n_outputs=100) == published(16, 4, 100)


ENCODER = 16 * (3 * 128 + 128 * 256 + 256 * 512 + 512 * 1024) + 2 * (128 + 256 + 512 + 1024)
DECODER_CONVOLUTIONS = 16 * (1024 * 512 + 512 * 256 + 256 * 128) + 2 * (512 + 256 + 128) + 128 * 3 + 3


def test_conv_vae_count():
    def published(d, side):
        heads = 2 * (1024 * (side // 16) ** 2 + 1) * d
        return ENCODER + heads + (d + 1) * 1024 * (side // 8) ** 2 + DECODER_CONVOLUTIONS

    assert count(nets.ConvVAE, (3, 32, 32)) == published(32, 32) == 22_835_139  # the card's "about 23 million"
    assert count(nets.ConvVAE, (3, 64, 64), latent_dim=64) == published(64, 64)
    assert count(nets.ConvVAE, (3, 28, 28)) == published(32, 32)


def test_two_headed_count():
    heads = 2 * (4096 + 1) * 200
    decoder = (100 + 1) * 16_384 + DECODER_CONVOLUTIONS
    classifier = (100 + 1) * 1024 + (1024 + 1) * 256 + (256 + 1) * 100
    assert count(nets.TwoHeadedVAE, (3, 32, 32), 100) == ENCODER + heads + decoder + classifier == 25_717_367


def test_small_counts():
    assert count(nets.discriminator, 32) == 33 * 512 + 513 * 512 + 513 == 280_065
    assert count(nets.discriminator, 200, n_layers=5) == 201 * 512 + 3 * 513 * 512 + 513 == 891_393
    assert count(nets.MLP, (30,), 3) == 31 * 128 + 129 * 128 + 129 * 3
    assert count(nets.MLPVAE, (30,)) == 31 * 256 + 257 * 128 + 2 * 129 * 16 + 17 * 128 + 129 * 256 + 257 * 30
    assert count(nets.LossPrediction, (64, 128, 256, 512)) == (65 + 129 + 257 + 513) * 128 + 513
    upsampling = 32 * 32 * 28 * 28 + 32
    encoder = 10 * 32 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 128 + (9 * 128 + 1) * 256 + 2 * 1025 * 32
    assert count(nets.AugmentedVAE, (1, 28, 28)) == encoder + upsampling + 3 * (9 * 32 + 1) * 32 + 9 * 32 + 1


# ---- against other implementations


def test_resnet_equals_torchvision_behind_its_stem():
    from torchvision import models

    reference = models.resnet18(num_classes=10)
    reference.conv1, reference.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    net = nets.resnet18_cifar()
    weights, published = net.state_dict(), reference.state_dict()
    net.load_state_dict(dict(zip(weights, published.values(), strict=True)))
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(net(x), reference(x))  # batch statistics
    torch.testing.assert_close(net.eval()(x), reference.eval()(x))  # running ones


@pytest.mark.parametrize("batch_norm", [True, False])
def test_vgg_equals_torchvision_up_to_its_head(batch_norm):
    from torchvision import models

    with torch.device("meta"):
        features = (models.vgg16_bn if batch_norm else models.vgg16)().features
    net = nets.vgg16(batch_norm=batch_norm).eval()
    weights = net.stages.state_dict()
    features.load_state_dict(dict(zip(features.state_dict(), weights.values(), strict=True)), assign=True)
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(net.forward_stages(x)[1][-1], features.eval()(x))


def test_wide_block_by_hand():
    net = nets.wide_resnet(depth=10, width=1).eval()
    block = net.stages[1][0]  # 16 to 32 channels, half the size
    for norm in (block.before[0], block.residual[1]):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2.0)

    def normalised(x, norm):
        return F.relu(F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias))

    x = torch.randn(2, 16, 8, 8)
    h = normalised(x, block.before[0])
    inner = normalised(F.conv2d(h, block.residual[0].weight, stride=2, padding=1), block.residual[1])
    expected = F.conv2d(h, block.shortcut.weight, stride=2) + F.conv2d(inner, block.residual[4].weight, padding=1)
    torch.testing.assert_close(block(x), expected)
    same = net.stages[0][0]
    assert same.shortcut is None  # the row itself goes past a block that changes neither channels nor size
    torch.testing.assert_close(same(x) - same.residual(same.before(x)), x)


# ---- what estimators rely on


WITH_DROPOUT = [
    name
    for name in nets.__all__
    if isinstance(getattr(nets, name), type) and "dropout" in inspect.signature(getattr(nets, name)).parameters
]


@pytest.mark.parametrize("name", WITH_DROPOUT)
def test_dropout_is_as_it_was_asked_for(name):
    make = getattr(nets, name)
    small = {option: 1 for option in ("width", "widen_factor") if option in inspect.signature(make).parameters}
    sizes = (4,) if make is nets.MaskDiscriminator else ((3, 32, 32), 4)
    net = make(*sizes, dropout=0.375, **small)
    rates = [layer.p for layer in net.modules() if isinstance(layer, nn.modules.dropout._DropoutNd)]
    assert rates and set(rates) == {0.375}


def test_dropout_is_an_option_of_several_nets():
    assert len(WITH_DROPOUT) > 2


def test_gradients_reach_every_parameter(any_net):
    net, x = any_net
    if hasattr(net, "encode"):
        x_hat, mu, logvar = net(x)
        loss = F.mse_loss(x_hat, x) + mu.square().mean() + logvar.exp().mean()
        if hasattr(net, "classify"):
            loss = loss + F.cross_entropy(net.classify(mu), torch.arange(FIVE) % 3)
    else:
        loss = F.cross_entropy(net(x), torch.arange(FIVE) % 3)
    loss.backward()
    for name, weights in net.named_parameters():
        assert weights.grad is not None, name
        assert weights.grad.abs().sum() > 0, name


def test_rows_do_not_know_their_batch_mates_in_eval_mode(any_net):
    net, x = any_net
    net.train()
    answer(net, 3 * x - 1)  # running statistics that are not those of the batch below
    net.eval()
    with torch.no_grad():
        together = answer(net, x)
        alone = torch.cat([answer(net, row[None]) for row in x])
        again = answer(net, x)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
    assert torch.equal(together, again)


def test_pickles_and_loads_its_weights(any_net):
    net, x = any_net
    net.train()
    answer(net, x)
    expected = answer(net.eval(), x)
    assert torch.equal(answer(pickle.loads(pickle.dumps(net)), x), expected)
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    file.seek(0)
    for module in net.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    assert not torch.equal(answer(net, x), expected)
    net.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(answer(net, x), expected)


@pytest.mark.parametrize("any_net", ["cnn", "resnet", "wide_resnet", "vgg", *CONVOLUTIONAL_VAES], indirect=True)
def test_channels_last_changes_nothing(any_net):
    net, x = any_net
    net.eval()
    with torch.no_grad():
        expected = answer(net, x)
        found = answer(net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_same_seed_same_net():
    for make, shape in (*TASK_NETS.values(), *VAES.values()):
        options = {} if make in [make for make, _ in VAES.values()] else {"n_outputs": 3}
        states = []
        for _ in range(2):
            torch.manual_seed(3)
            states.append(make(input_shape=shape, **options).state_dict())
        assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_dropout_is_there_and_is_off_in_eval_mode(task_net):
    net, x = task_net
    for module in net.eval().modules():
        if isinstance(module, nn.Dropout):
            module.train()
    with torch.no_grad():
        assert not torch.equal(net(x), net(x))
        assert torch.equal(net.eval()(x), net(x))


def test_a_vae_without_batch_norm_trains_on_one_row():
    for shape in [(30,), (1, 8, 8)]:
        nets.MLPVAE(shape)(torch.rand(1, *shape))[0].sum().backward()
    nets.AugmentedVAE((1, 8, 8), width=2)(torch.rand(1, 1, 8, 8))[0].sum().backward()


def test_small_cnn_learns_digits_from_few_labels(digits):
    X, y = torch.tensor(digits[0], dtype=torch.float32).reshape(-1, 1, 8, 8) / 16, torch.tensor(digits[1])
    net = nets.SmallCNN((1, 8, 8), 10)
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(15):
        for start in range(0, 200, 50):
            optimizer.zero_grad()
            F.cross_entropy(net(X[start : start + 50]), y[start : start + 50]).backward()
            optimizer.step()
    with torch.no_grad():
        assert (net.eval()(X[1000:]).argmax(1) == y[1000:]).double().mean() > 0.85


# ---- variational autoencoders


def test_draws_have_the_encoded_mean_and_variance():
    vae = nets.MLPVAE((4,), latent_dim=2)
    mu, logvar = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, -2.0]])
    z = vae.reparameterize(mu.expand(20_000, 2), logvar.expand(20_000, 2))
    torch.testing.assert_close(z.mean(0), mu[0], atol=0.03, rtol=0)
    torch.testing.assert_close(z.var(0), logvar[0].exp(), atol=0.03, rtol=0.03)


def test_forward_decodes_a_draw_and_not_the_mean(vae):
    net, x = vae
    net.eval()
    with torch.no_grad():
        x_hat, mu, _ = net(x)
        assert x_hat.shape == x.shape
        assert not torch.allclose(x_hat, net.decode(mu))
        torch.manual_seed(5)
        first = net(x)[0]
        torch.manual_seed(5)
        assert torch.equal(net(x)[0], first)


def test_decoding_has_no_output_nonlinearity(vae):
    net, _ = vae
    last = [module for module in net.decoder.modules() if getattr(module, "bias", None) is not None][-1]
    for value in (-1000.0, 1000.0):
        nn.init.constant_(last.bias, value)
        assert net.eval().decode(torch.randn(2, net.latent_dim)).mean().item() == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize("shape", [(30,), (1, 8, 8)], ids=str)
def test_two_heads_read_two_parts_of_one_latent(shape):
    net = nets.TwoHeadedVAE(shape, 3, latent_dim=7, width=1 / 16).eval()
    z = torch.randn(FIVE, 7)
    z_r, z_s = net.split(z)
    assert torch.equal(z_r, z[:, :3])
    assert torch.equal(z_s, z[:, 3:])
    other = torch.randn(FIVE, 7)
    assert torch.equal(net.decode(torch.cat([z_r, other[:, 3:]], dim=1)), net.decode(z))
    assert not torch.allclose(net.decode(torch.cat([other[:, :3], z_s], dim=1)), net.decode(z))
    assert torch.equal(net.classify(torch.cat([other[:, :3], z_s], dim=1)), net.classify(z))
    assert not torch.allclose(net.classify(torch.cat([z_r, other[:, 3:]], dim=1)), net.classify(z))


def test_two_headed_sizes():
    with torch.device("meta"):
        assert nets.TwoHeadedVAE((3, 32, 32), 10).latent_dim == 200
        assert nets.TwoHeadedVAE((30,), 10).latent_dim == 32
        layers = nets.TwoHeadedVAE((3, 32, 32), 10).classifier
        assert [layer.out_features for layer in layers if isinstance(layer, nn.Linear)] == [1024, 256, 10]
        assert not any(isinstance(m, nn.Conv2d) for m in nets.TwoHeadedVAE((1, 8, 8), 10, trunk="mlp").modules())
        layers = nets.TwoHeadedVAE((30,), 10, classifier_hidden=(9, 7)).classifier
        assert [layer.out_features for layer in layers if isinstance(layer, nn.Linear)] == [9, 7, 10]


@pytest.mark.parametrize(("source", "target"), [((28, 20), (32, 32)), ((100, 70), (64, 64)), ((32, 32), (8, 8))])
def test_resize_is_antialiased_bilinear_interpolation(source, target):
    x = torch.rand(2, 3, *source)
    expected = F.interpolate(x, target, mode="bilinear", antialias=True)
    torch.testing.assert_close(Resize(source, target)(x), expected, rtol=1e-4, atol=1e-5)


def test_resize_passes_equal_sizes_on_and_saves_nothing():
    x = torch.rand(2, 3, 8, 8)
    assert Resize((8, 8), (8, 8))(x) is x
    assert Resize((8, 8), (32, 32)).state_dict() == {}
    torch.testing.assert_close(Resize((8, 8), (32, 32))(torch.ones(1, 1, 8, 8)), torch.ones(1, 1, 32, 32))


# ---- discriminator, loss prediction, initial weights


@pytest.mark.parametrize("n_layers", [3, 5])
def test_discriminator_returns_logits(n_layers):
    net = nets.discriminator(4, n_layers=n_layers, hidden=16)
    assert net(torch.randn(FIVE, 4)).shape == (FIVE,)
    assert net(torch.randn(1, 4)).shape == (1,)
    assert sum(isinstance(layer, nn.Linear) for layer in net) == n_layers
    logits = net(100 * torch.randn(500, 4))
    assert logits.min() < 0
    assert logits.max() > 1
    logits.sum().backward()
    assert all(weights.grad is not None for weights in net.parameters())


def test_loss_prediction_by_hand():
    net = nets.LossPrediction([2, 3], n_extra=1, hidden=2)
    maps, table, extra = torch.rand(FIVE, 2, 4, 5), torch.randn(FIVE, 3), torch.randn(FIVE, 1)
    (first, second), head = net.layers, net.head
    a = F.relu(torch.stack([maps[:, 0].mean((1, 2)), maps[:, 1].mean((1, 2))], 1) @ first[0].weight.T + first[0].bias)
    b = F.relu(table @ second[0].weight.T + second[0].bias)
    expected = torch.cat([a, b, extra], dim=1) @ head.weight[0] + head.bias
    found = net([maps, table], extra)
    assert found.shape == (FIVE,)
    torch.testing.assert_close(found, expected)


def test_loss_prediction_fits_every_task_net(task_net):
    net, x = task_net
    before = [buffer.clone() for buffer in net.buffers()]
    net.eval()
    net.head.train()
    sizes = nets.stage_channels(net, x.shape[1:])
    assert not net.training
    assert net.head.training
    assert all(torch.equal(old, new) for old, new in zip(before, net.buffers(), strict=True))
    _, stages = net.train().forward_stages(x)
    predictor = nets.LossPrediction(sizes)
    predictor(stages).sum().backward()
    assert all(weights.grad is not None for weights in predictor.parameters())
    assert sizes == tuple(stage.shape[1] for stage in stages)


def test_loss_prediction_says_what_is_missing():
    net = nets.LossPrediction([2], n_extra=3)
    with pytest.raises(ValueError, match=r"LossPrediction: extra must have shape \(n, 3\), got None"):
        net([torch.rand(1, 2)])
    with pytest.raises(ValueError, match="LossPrediction: stages must be 1 tensors, got 2"):
        net([torch.rand(1, 2), torch.rand(1, 2)], torch.rand(1, 3))
    with pytest.raises(TypeError, match="stage_channels: the net must have forward_stages.*Linear has not"):
        nets.stage_channels(nn.Linear(2, 2), (2,))


def test_initial_weights():
    net = nn.Sequential(nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64), nn.ConvTranspose2d(64, 8, 3), nn.Linear(400, 300))
    kept = net[2].weight.clone()
    net[1].weight.data.fill_(7.0)
    nets.kaiming_init(net)
    assert net[0].weight.std().item() == pytest.approx((2 / (32 * 9)) ** 0.5, rel=0.03)
    assert net[3].weight.std().item() == pytest.approx((2 / 400) ** 0.5, rel=0.03)
    assert net[1].weight.eq(1).all()
    assert not any(net[i].bias.any() for i in (0, 1, 3))
    assert torch.equal(net[2].weight, kept)
    nets.xavier_init(net)
    bound = (6 / 700) ** 0.5
    assert 0.99 * bound < net[3].weight.abs().max().item() <= bound
    with pytest.raises(ValueError, match="initialize: init must be 'kaiming' or 'xavier', got 'zeros'"):
        nets.initialize(net, "zeros")


@pytest.mark.parametrize(
    "make",
    [
        partial(nets.SmallCNN, (3, 32, 32), 10),
        nets.resnet18_cifar,
        nets.wide_resnet,
        nets.vgg16,
        partial(nets.ConvVAE, (3, 32, 32), width=0.5),
        partial(nets.TwoHeadedVAE, (3, 32, 32), 10, width=0.5),
        partial(nets.discriminator, 200),
    ],
)
def test_nets_of_rectifiers_start_from_kaimings_weights(make):
    layers = [m for m in make().modules() if isinstance(m, (nn.Conv2d, nn.Linear)) and m.weight.numel() > 5000]
    assert layers
    for layer in layers:
        fan_in = layer.weight[0].numel()
        assert layer.weight.std().item() == pytest.approx((2 / fan_in) ** 0.5, rel=0.05)
        assert layer.bias is None or not layer.bias.any()


def test_vgg_options():
    xavier = nets.vgg16(init="xavier")
    bound = (6 / (9 * 1024)) ** 0.5
    assert 0.99 * bound < xavier.stages[4][0].weight.abs().max().item() <= bound
    with torch.device("meta"):
        assert sum(isinstance(m, nn.Dropout) for m in nets.vgg16(head="imagenet").modules()) == 2


# ---- errors


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (partial(nets.SmallCNN, (30,), 3), r"SmallCNN: input_shape must be \(C, H, W\).*got \(30,\).*MLP"),
        (partial(nets.SmallCNN, (1, 3, 8), 3), r"SmallCNN: .* at least 4, got \(1, 3, 8\)"),
        (partial(nets.SmallCNN, (8, 8), 3), r"SmallCNN: .*got \(8, 8\). Reshape the rows to \(n, C, H, W\)"),
        (partial(nets.vgg16, (1, 28, 28)), r"vgg16: .*at least 32, got \(1, 28, 28\). Pad or resize"),
        (partial(nets.resnet18_cifar, (3, 4, 4)), r"resnet18_cifar: .*at least 8, got \(3, 4, 4\)"),
        (partial(nets.wide_resnet, (3,)), r"wide_resnet: .*got \(3,\)"),
        (partial(nets.wide_resnet, depth=27), "wide_resnet: depth must be 4 plus a multiple of 6.*got 27"),
        (partial(nets.vgg16, head="big"), "vgg16: head must be 'cifar' or 'imagenet', got 'big'"),
        (partial(nets.vgg16, init="zeros"), "vgg16: init must be 'kaiming' or 'xavier', got 'zeros'"),
        (partial(nets.ConvVAE, (30,)), r"ConvVAE: input_shape must be \(C, H, W\), got \(30,\).*MLPVAE"),
        (partial(nets.ConvVAE, (1, 0, 8)), "ConvVAE: every entry of input_shape .*at least 1, got 0"),
        (partial(nets.ConvVAE, (1, 8, 8), width=0), "ConvVAE: width must be a number greater than 0, got 0"),
        (partial(nets.AugmentedVAE, (30,)), r"AugmentedVAE: .*got \(30,\)"),
        (partial(nets.MLPVAE, (30,), latent_dim=0), "MLPVAE: latent_dim must be at least 1, got 0"),
        (partial(nets.MLPVAE, (30,), hidden=()), r"MLPVAE: hidden must have at least 1 entry, got \(\)"),
        (partial(nets.MLP, (), 3), r"MLP: input_shape .*at least 1 entry, got \(\)"),
        (partial(nets.MLP, (30,), 3, dropout=1.0), r"MLP: dropout must be in \[0, 1\), got 1.0"),
        (partial(nets.MLP, (30,), 0), "MLP: n_outputs must be at least 1, got 0"),
        (partial(nets.TwoHeadedVAE, (30,), 3, latent_dim=1), "TwoHeadedVAE: latent_dim must be at least 2, got 1"),
        (partial(nets.TwoHeadedVAE, (30,), 3, trunk="conv"), r"TwoHeadedVAE: .*\(C, H, W\), got \(30,\)"),
        (partial(nets.TwoHeadedVAE, (30,), 3, trunk="cnn"), "TwoHeadedVAE: trunk must be .* got 'cnn'"),
        (partial(nets.discriminator, 3, n_layers=1), "discriminator: n_layers must be at least 2, got 1"),
        (partial(nets.LossPrediction, []), r"LossPrediction: stage_channels .*at least 1 entry, got \[\]"),
        (partial(nets.torchvision_net, "resnet19", 3), "torchvision_net: name .*got 'resnet19'. Did you mean"),
    ],
)
def test_errors_say_who_what_and_what_came(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (partial(nets.MLP, 30, 3), "MLP: input_shape .*must be a sequence of ints.*got 30"),  # type: ignore[arg-type]
        (partial(nets.MLP, (30,), 3.0), "MLP: n_outputs must be an int, got 3.0"),  # type: ignore[arg-type]
        (partial(nets.MLP, (30,), 3, hidden=(12.5,)), "MLP: every entry of hidden must be an int, got 12.5"),  # type: ignore[arg-type]
        (partial(nets.SmallCNN, (1, 8, 8), True), "SmallCNN: n_outputs must be an int, got True"),
    ],
)
def test_errors_of_type(make, message):
    with pytest.raises(TypeError, match=message):
        make()


# ---- torchvision


@pytest.mark.parametrize(
    "name", ["resnet18", "vgg11", "densenet121", "mobilenet_v3_small", "squeezenet1_1", "googlenet", "swin_t"]
)
def test_torchvision_heads(name):
    with torch.device("meta"):
        net = nets.torchvision_net(name, 7, input_shape=(1, 64, 64)).eval()
        assert net(torch.zeros(2, 1, 64, 64)).shape == (2, 7)


@pytest.fixture
def cached_weights(tmp_path, monkeypatch):
    """A cache of pretrained weights with the file of one small net."""
    from torchvision import models

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    net = models.squeezenet1_1()
    (tmp_path / "checkpoints").mkdir()
    file = tmp_path / "checkpoints" / "squeezenet1_1-b8a52dc0.pth"
    torch.save(net.state_dict(), file)
    return net.eval(), file


def test_torchvision_pretrained_keeps_all_but_the_head(cached_weights):
    published, _ = cached_weights
    net = nets.torchvision_net("squeezenet1_1", 7, pretrained=True).eval()
    grey = nets.torchvision_net("squeezenet1_1", 7, pretrained=True, input_shape=(1, 64, 64)).eval()
    x = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        assert net(x.expand(2, 3, 64, 64)).shape == grey(x).shape == (2, 7)
        expected = published.features(x.expand(2, 3, 64, 64))
        torch.testing.assert_close(net.features(x.expand(2, 3, 64, 64)), expected)
        torch.testing.assert_close(grey.features(x), expected, rtol=1e-3, atol=1e-4)


class Stranger:
    """Something that is no weights."""


def test_torchvision_weights_run_no_code(cached_weights):
    _, file = cached_weights
    torch.save(Stranger(), file)
    with pytest.raises(pickle.UnpicklingError, match="[Ww]eights"):
        nets.torchvision_net("squeezenet1_1", 7, pretrained=True)


def test_torchvision_without_network_says_which_file_goes_where(tmp_path, monkeypatch):
    def no_network(*args, **kwargs):
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", no_network)
    with pytest.raises(OSError, match="resnet18 .*no route to host.*Put the file resnet18-f37072fd.pth") as caught:
        nets.torchvision_net("resnet18", 7, pretrained=True)
    assert str(tmp_path / "checkpoints") in str(caught.value)


def test_every_net_is_public():
    assert sorted(nets.__all__) == sorted(set(nets.__all__))
    assert all(hasattr(nets, name) for name in nets.__all__)
