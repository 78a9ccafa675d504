"""Dropout that is inside a larger operation: between recurrent layers, in attention, of SELU nets, in TorchScript."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from skal.neural import NeuralClassifier
from skal.training import SharedDropout

# Kept entries are divided by 1 - p, which is 1 in float32: nothing is dropped, and all must be as torch has it.
NO_DROP = 1e-9


def made(layer, seed=0):
    """The layer with weights of its own, at rest."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in layer.parameters():
            weights.copy_(torch.randn(weights.shape, generator=generator) / 2)
    return layer.eval()


def numbers(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def flat(out):
    """All tensors of what a layer gives, of a packed sequence its data."""
    if isinstance(out, torch.Tensor) or out is None:
        return [] if out is None else [out]
    if isinstance(out, nn.utils.rnn.PackedSequence):
        return [out.data]
    return [tensor for part in out for tensor in flat(part)]


def under_masks(seed, run):
    with torch.inference_mode(), SharedDropout(seed) as masks:
        out = run()
    return out, masks.n_dropouts


def check_same(run, n_dropouts):
    with torch.inference_mode():
        plain = flat(run())
    out, n = under_masks(0, run)
    assert n == n_dropouts
    for one, other in zip(flat(out), plain, strict=True):
        torch.testing.assert_close(one, other)


PACKED = nn.utils.rnn.pack_sequence([numbers(n, 4, seed=n) for n in (5, 3, 2)])
RECURRENT = {
    "lstm": lambda p: nn.LSTM(4, 3, 3, dropout=p, batch_first=True, bidirectional=True),
    "projected lstm": lambda p: nn.LSTM(4, 5, 2, dropout=p, proj_size=2),
    "gru": lambda p: nn.GRU(4, 3, 2, dropout=p, bias=False),
    "rnn": lambda p: nn.RNN(4, 3, 2, dropout=p, nonlinearity="relu", batch_first=True),
    "tanh rnn": lambda p: nn.RNN(4, 3, 2, dropout=p, bidirectional=True),
}


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("name", RECURRENT)
def test_layer_by_layer_is_the_layer(name):
    layer, x = made(RECURRENT[name](NO_DROP)), numbers(3, 5, 4)
    check_same(lambda: layer(x), 1)
    check_same(lambda: layer(PACKED), 1)
    none = made(RECURRENT[name](0.0))
    check_same(lambda: none(x), 0)


@pytest.mark.filterwarnings("ignore:dropout option")
def test_one_recurrent_layer_has_no_dropout():
    layer, x = made(nn.GRU(4, 3, 1, dropout=0.5)), numbers(3, 5, 4)
    check_same(lambda: layer(x), 0)


@pytest.mark.parametrize("batch_first", [True, False])
def test_rows_of_a_recurrent_net_share_the_mask_and_steps_do_not(batch_first):
    layer = made(nn.LSTM(4, 6, 2, dropout=0.5, batch_first=batch_first))
    row = numbers(1, 5, 4)
    twins = torch.cat([row, row]) if batch_first else torch.cat([row, row]).transpose(0, 1).contiguous()
    (out, _), _ = under_masks(0, lambda: layer(twins))
    out = out if batch_first else out.transpose(0, 1)
    torch.testing.assert_close(out[0], out[1])
    alone, _ = under_masks(0, lambda: layer(row if batch_first else row.transpose(0, 1).contiguous()))
    torch.testing.assert_close(flat(alone)[0].reshape(5, 6), out[0])


def test_packed_rows_share_the_mask_of_each_step():
    layer = made(nn.GRU(4, 6, 2, dropout=0.5))
    row = numbers(4, 4)
    together = nn.utils.rnn.pack_sequence([row, row, row[:2]])
    out, _ = nn.utils.rnn.pad_packed_sequence(under_masks(3, lambda: layer(together))[0][0], batch_first=True)
    torch.testing.assert_close(out[0], out[1])
    torch.testing.assert_close(out[0, :2], out[2, :2])


def test_a_recurrent_mask_is_bernoulli_and_scaled():
    """The second layer passes on what it is given (its gates are open), so that the mask is seen."""
    layer = nn.RNN(1, 40, 2, dropout=0.25, nonlinearity="relu")
    with torch.no_grad():
        for weights in layer.parameters():
            weights.zero_()
        layer.bias_ih_l0.fill_(1.0)
        layer.weight_ih_l1.copy_(torch.eye(40))
    seen = torch.stack([under_masks(seed, lambda: layer(torch.zeros(5, 1, 1)))[0][0] for seed in range(20)])
    dropped = seen == 0
    torch.testing.assert_close(seen[~dropped], torch.full_like(seen[~dropped], 4 / 3))
    assert abs(float(dropped.float().mean()) - 0.25) < 4 * (0.25 * 0.75 / seen.numel()) ** 0.5
    assert (seen[:, 0] != seen[:, 1]).any()


ATTENTION = {
    "plain": {},
    "no bias": {"bias": False},
    "rows of its own": {"add_bias_kv": True, "add_zero_attn": True},
    "other widths": {"kdim": 3, "vdim": 5},
}
PADDING = torch.tensor([[False] * 5, [False] * 3 + [True] * 2])


@pytest.mark.parametrize("name", ATTENTION)
def test_attention_from_its_weights_is_attention(name):
    layer = made(nn.MultiheadAttention(4, 2, dropout=NO_DROP, batch_first=True, **ATTENTION[name]))
    q, k, v = numbers(2, 3, 4), numbers(2, 5, layer.kdim), numbers(2, 5, layer.vdim, seed=2)
    wanted = ({}, {"need_weights": False}, {"average_attn_weights": False}, {"key_padding_mask": PADDING})
    for options in (*wanted, {"attn_mask": torch.eye(3, 5) > 0, "key_padding_mask": PADDING}):
        check_same(lambda options=options: layer(q, k, v, **options), 1)


def test_attention_of_one_sequence():
    layer, x = made(nn.MultiheadAttention(4, 2, dropout=NO_DROP)), numbers(5, 4)
    check_same(lambda: layer(x, x, x), 1)


@pytest.mark.parametrize("options", [{}, {"is_causal": True}, {"scale": 0.3}, {"attn_mask": torch.eye(4, 5) < 1}])
def test_scaled_attention(options):
    q, k, v = numbers(2, 4, 4, 3), numbers(2, 2, 5, 3), numbers(2, 2, 5, 6, seed=2)
    with torch.inference_mode():
        plain = F.scaled_dot_product_attention(q, k, v, enable_gqa=True, **options)
    call = F.scaled_dot_product_attention
    out, n = under_masks(0, lambda: call(q, k, v, dropout_p=NO_DROP, enable_gqa=True, **options))
    torch.testing.assert_close(out, plain)
    assert n == 1


def test_attention_drops_weights_for_all_rows_alike():
    """Values are unit vectors and the projections are the identity, so what comes out is the weights."""
    layer = nn.MultiheadAttention(4, 1, bias=False, dropout=0.5, batch_first=True).eval()
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.cat([torch.zeros(8, 4), torch.eye(4)]))
        layer.out_proj.weight.copy_(torch.eye(4))
    x = torch.eye(4).expand(3, 4, 4)
    outs = []
    for seed in range(50):
        (out, weights), n = under_masks(seed, lambda: layer(x, x, x))
        assert n == 1
        torch.testing.assert_close(out, weights)
        assert torch.equal(out[0], out[1])
        outs.append(out[0])
    seen = torch.stack(outs)
    assert set(seen.unique().tolist()) == {0.0, 0.5}  # a quarter each, doubled or dropped
    assert abs(float(seen.mean()) - 0.25) < 4 * 0.25 / seen.numel() ** 0.5


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_transformer_has_all_its_dropouts_in_evaluation():
    def encoder(p):
        return made(nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, p, batch_first=True), 2))

    layer, x = encoder(NO_DROP), numbers(2, 5, 4)
    check_same(lambda: layer(x), 8)  # in each of two layers: of the weights, after attention, in and after the net
    dropping = encoder(0.5)
    one, other = (under_masks(seed, lambda: dropping(x))[0] for seed in (0, 1))
    assert not torch.equal(one, other)


@pytest.mark.parametrize("kind", [nn.AlphaDropout, nn.FeatureAlphaDropout])
def test_alpha_dropout_keeps_mean_and_variance(kind):
    layer, x = kind(0.3).eval(), numbers(2000, 30, 2)
    out, n = under_masks(0, lambda: layer(x))
    assert n == 1
    dropped = (out == out[:1]).all(dim=0)  # in all rows, to the same number
    assert 0.05 < float(dropped.float().mean()) < 0.6
    assert torch.equal(dropped[:, 0], dropped[:, 1]) == (kind is nn.FeatureAlphaDropout)
    many = torch.stack([under_masks(seed, lambda: layer(x[:20]))[0] for seed in range(200)])
    assert abs(float(many.mean() - x[:20].mean())) < 0.1
    assert abs(float(many.var() / x[:20].var()) - 1) < 0.1
    same = kind(0.0).eval()
    check_same(lambda: same(x), 0)


class Net(nn.Module):
    """Rows of 8 numbers as 4 steps of 2, through a layer, to 3 classes."""

    def __init__(self, layer, p=0.0):
        super().__init__()
        self.layer, self.drop, self.head = layer, nn.Dropout(p), nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.drop(self.layer(x.reshape(-1, 4, 2))[0][:, -1]))


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 8)).astype(np.float32), rng.integers(3, size=40)


@pytest.mark.parametrize("p", [0.0, 0.01])
def test_an_estimator_samples_the_dropout_of_its_lstm(rows, p):
    X, y = rows
    net = Net(nn.LSTM(2, 6, 2, dropout=0.7, batch_first=True), p)
    model = NeuralClassifier(net, max_epochs=3, lr=0.05, random_state=0).fit(X, y)
    P = model.sampled_proba(X, 30, random_state=0)
    assert P.std(axis=0).mean() > 0.003
    np.testing.assert_allclose(model.sampled_proba(X[7:8], 30, random_state=0)[:, 0], P[:, 7], atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script")
def test_dropout_in_torchscript_is_refused_by_name(rows):
    X, y = rows

    def model(p):
        body = nn.Sequential(nn.Linear(8, 6), torch.jit.script(nn.Dropout(p)))
        return NeuralClassifier(nn.Sequential(body, nn.Dropout(0.1), nn.Linear(6, 3)), max_epochs=1, random_state=0)

    with pytest.raises(TypeError, match=r"sampled_proba: the layer '0.1' \(Dropout\) is compiled to TorchScript"):
        model(0.5).fit(X, y).sampled_proba(X, 2)
    assert model(0.0).fit(X, y).sampled_proba(X, 2).shape == (2, 40, 3)
