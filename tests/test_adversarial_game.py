"""The game step by step: who moves, by which loss, and who rests.

A published toolkit shipped a VAAL whose autoencoder was never updated; another whose discriminator had one target for
both pools. Each step is compared with the same arithmetic written out.
"""

from __future__ import annotations

import copy
import signal
from functools import partial

import numpy as np
import pytest
import torch
from made_adversarial import QUICK_IMAGES, sraal, undiagnosed, vaal  # noqa: F401
from skorch.callbacks import Callback, EarlyStopping, LRScheduler

from skal import nets
from skal.adversarial import VAAL
from skal.adversarial._game import GameBatches, GameData, GameNet, Weights
from skal.training import Inputs, Rows, SeededDraws

LR, D_LR, N, DIM = 0.1, 0.2, 5, 6


class WithoutNoise(nets.TwoHeadedVAE):
    def reparameterize(self, mu, logvar):
        return mu


def made_net(weights, target_learner=True, module=None, **settings):
    draws = SeededDraws(0)
    if module is None:
        with draws:
            module = WithoutNoise((DIM,), n_outputs=3, latent_dim=4, hidden=(8,))
    settings = {"lr": LR, "discriminator_lr": D_LR, "optimizer": torch.optim.SGD, "verbose": 0, **settings}
    make = partial(nets.discriminator, module.latent_dim, hidden=8)
    net = GameNet(module, make, weights=weights, target_learner=target_learner, **settings)
    net.draws = draws
    return net.initialize()


def made_batch(shape=(DIM,)):
    with SeededDraws(1):
        return torch.randn(N, *shape), torch.randint(3, (N,)), torch.randn(N, *shape), torch.rand(N)


def weights_of(module):
    return {name: value.clone() for name, value in module.state_dict().items()}


def moved(before, module):
    return {name for name, value in module.state_dict().items() if not torch.equal(before[name], value)}


def by_hand(module, discriminator, batch, weights, target_learner):
    """Both nets after a step, each on its own loss, and the losses."""
    labeled, targets, unlabeled, u = batch
    module, discriminator = copy.deepcopy(module), copy.deepcopy(discriminator)
    x = torch.cat([labeled, unlabeled])
    features = module.trunk(x)
    mu, logvar = module.mean(features), module.log_variance(features)
    squares = (module.decoder(mu[:, :2]) - x) ** 2
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum() / len(x)
    if weights.likelihood == "calibrated":
        reconstruction = 0.5 * DIM * torch.log(2 * np.pi * squares.mean()) + 0.5 * DIM
        adversarial_weight = weights.adversarial * DIM / 64
    elif weights.likelihood == "unit":
        reconstruction = 0.5 * squares.sum() / len(x) + 0.5 * DIM * np.log(2 * np.pi)
        adversarial_weight = weights.adversarial
    else:
        reconstruction, adversarial_weight = squares.mean(), weights.adversarial
    D = torch.sigmoid(discriminator(mu))
    adversarial = -torch.log(1 - D[:N]).mean() - torch.log(1 - D[N:]).mean()
    target = -torch.log_softmax(module.classifier(mu[:N, 2:]), dim=1)[torch.arange(N), targets].mean()
    total = weights.reconstruction * reconstruction + weights.kl * kl + adversarial_weight * adversarial
    total = total + weights.target * target * target_learner
    parameters = dict(module.named_parameters())
    gradients = torch.autograd.grad(total, list(parameters.values()), allow_unused=True)

    D = torch.sigmoid(discriminator(mu.detach()))
    told = -torch.log(1 - D[:N]).mean() - (u * torch.log(D[N:]) + (1 - u) * torch.log(1 - D[N:])).mean()
    of_discriminator = torch.autograd.grad(told, list(discriminator.parameters()))
    with torch.no_grad():
        for value, gradient in zip(parameters.values(), gradients, strict=True):
            value -= 0 if gradient is None else LR * gradient
        for value, gradient in zip(discriminator.parameters(), of_discriminator, strict=True):
            value -= D_LR * gradient
    losses = {"reconstruction": reconstruction, "kl": kl, "adversarial": adversarial, "target": target}
    losses = {"loss": total, "discriminator": told, **losses}
    return module, discriminator, {name: value.item() for name, value in losses.items()}


@pytest.mark.parametrize("likelihood", ["calibrated", "unit", "mean"])
@pytest.mark.parametrize("target_learner", [True, False])
def test_a_step_is_the_arithmetic_of_the_papers(likelihood, target_learner):
    weights = Weights(reconstruction=0.7, kl=1.3, adversarial=2.0, target=0.4, likelihood=likelihood)
    net, batch = made_net(weights, target_learner), made_batch()
    module, discriminator, losses = by_hand(net.module_, net.discriminator_, batch, weights, target_learner)
    step = net.train_step(batch)
    for name in step.keys() - {"accuracy"}:
        assert step[name].item() == pytest.approx(losses[name], rel=1e-5), name
    assert ("target" in step) is target_learner
    for found, expected in ((net.module_, module), (net.discriminator_, discriminator)):
        torch.testing.assert_close(found.state_dict(), expected.state_dict())


def test_every_weight_of_both_players_moves():
    net = made_net(Weights())
    before = weights_of(net.module_), weights_of(net.discriminator_)
    for _ in range(3):
        net.train_step(made_batch())
    assert moved(before[0], net.module_) == set(before[0])
    assert moved(before[1], net.discriminator_) == set(before[1])


@pytest.mark.parametrize(
    ("loss", "part"),
    [("reconstruction", "decoder"), ("kl", "log_variance"), ("target", "classifier"), ("adversarial", "mean")],
)
def test_each_loss_moves_its_part_and_goes_down(loss, part):
    """With one weight alone: nothing else is trained."""
    alone = {"reconstruction": 0.0, "kl": 0.0, "target": 0.0, "adversarial": 0.0, loss: 1.0}
    net, batch = made_net(Weights(likelihood="unit", **alone), lr=0.05, discriminator_lr=1e-9), made_batch()
    before = weights_of(net.module_)
    values = [net.train_step(batch)[loss].item() for _ in range(20)]
    assert values[-1] < values[0] - 0.05
    names = moved(before, net.module_)
    assert any(name.startswith(part) for name in names)
    if loss in ("kl", "adversarial"):
        assert not any(name.startswith(("decoder", "classifier")) for name in names)


def test_the_step_of_the_autoencoder_leaves_the_discriminator_alone():
    net, batch = made_net(Weights()), made_batch()
    before = weights_of(net.discriminator_)
    net._play(torch.cat([batch[0], batch[2]]), N, batch[1])
    assert not moved(before, net.discriminator_)
    assert all(weights.grad is None for weights in net.discriminator_.parameters())
    assert all(weights.requires_grad for weights in net.discriminator_.parameters())


def test_the_step_of_the_discriminator_leaves_the_autoencoder_alone():
    net, batch = made_net(Weights(adversarial=0.0), target_learner=False), made_batch()
    losses, mu = net._play(torch.cat([batch[0], batch[2]]), N, batch[1])
    assert "adversarial" not in losses  # no game at all
    before = weights_of(net.module_)
    gradients = {name: None if w.grad is None else w.grad.clone() for name, w in net.module_.named_parameters()}
    net._tell_apart(mu.detach(), N, batch[3])
    assert not moved(before, net.module_)
    for name, w in net.module_.named_parameters():
        assert (w.grad is None) == (gradients[name] is None)
        assert w.grad is None or torch.equal(w.grad, gradients[name])


def image_data(n=12):
    with SeededDraws(2):
        X = torch.rand(2 * n, 1, 8, 8).numpy()
    rows = [Rows(part, Inputs.of(part), torch.device("cpu")) for part in (X[:n], X[n:] + 1)]
    return GameData(rows[0], torch.zeros(n, dtype=torch.int64), rows[1], torch.ones(n))


def image_net(**settings):
    with SeededDraws(0):
        module = nets.ConvVAE((1, 8, 8), latent_dim=4, width=1 / 64)
    return made_net(Weights(), False, module, batch_size=4, n_steps=3, max_epochs=1, **settings)


def test_batch_norm_sees_both_pools_in_one_batch(monkeypatch):
    net, seen = image_net(), []
    encode = net.module_.encode
    monkeypatch.setattr(net.module_, "encode", lambda x: seen.append(x.clone()) or encode(x))
    net.fit(image_data(), None)
    assert [len(x) for x in seen] == [8, 8, 8]
    for x in seen:  # the unlabelled are brighter by 1
        assert (x.flatten(1).amin(dim=1) >= 1).tolist() == [False] * 4 + [True] * 4


def test_the_encoder_rests_in_the_judgement():
    net, data = image_net(), image_data()
    net.fit(data, None)
    before, game_discriminator = weights_of(net.module_), net.discriminator_
    net.judge(data, n_epochs=2, n_steps=3)
    assert any("running_mean" in name for name in before)
    assert not moved(before, net.module_)
    assert net.discriminator_ is not game_discriminator
    fresh = weights_of(net.discriminator_)
    net.train_step(next(iter(net.get_iterator(data, training=True))))
    assert moved(fresh, net.discriminator_)
    assert [row["phase"] for row in net.history] == ["game", "judgement", "judgement"]


def test_batches_hold_as_many_rows_of_either_pool_and_miss_none():
    data = image_data(n=7)
    data.targets, data.states = torch.arange(7), torch.arange(7.0)
    batches = list(GameBatches(data, 3, 7, torch.Generator().manual_seed(0)))
    assert [(len(x), len(u)) for x, _, u, _ in batches] == [(3, 3)] * 7
    states = torch.cat([states for *_, states in batches]).tolist()
    assert sorted(states) == sorted(list(range(7)) * 3)
    for labeled, targets, unlabeled, states in batches:  # rows belong to their classes and states
        torch.testing.assert_close(labeled, data.labeled.batch(targets))
        torch.testing.assert_close(unlabeled, data.unlabeled.batch(states.long()))


@pytest.mark.parametrize("make", [vaal, sraal])
def test_the_history_names_what_was_trained(make, table):
    X, y = table
    model = make(max_steps=101, judge_steps=60, warmup=0.0, missing_label=0).fit(X[:60], y[:60])
    phases = [row["phase"] for row in model.history_]
    assert phases == ["game"] * 3 + ["judgement"] * 2
    game = {"train_loss", "reconstruction", "kl", "adversarial", "discriminator", "accuracy", "dur"}
    assert game | ({"target"} if make is sraal else set()) <= model.history_[0].keys()
    assert not {"reconstruction", "kl", "adversarial", "target"} & model.history_[-1].keys()
    assert model.history_[2]["reconstruction"] < model.history_[0]["reconstruction"]
    assert all(0 <= row["accuracy"] <= 1 for row in model.history_)
    assert model.n_iter_ == 5


class TestSteps:
    def test_are_at_most_as_many_as_epochs_make(self, table):
        X, y = table
        model = vaal(max_epochs=2, max_steps=10**6, missing_label=0, judge_steps=1).fit(X[:60], y[:60])
        assert model.net_.n_played == 2 * -(-int((y[:60] == 0).sum()) // 8)
        assert vaal(max_epochs=100, missing_label=0).fit(X[:60], y[:60]).net_.n_played == 6

    def test_without_a_judge_the_player_scores(self, table):
        X, y = table
        model = vaal(judge_steps=0, missing_label=0).fit(X[:60], y[:60])
        assert [row["phase"] for row in model.history_] == ["game"]
        judged = vaal(missing_label=0).fit(X[:60], y[:60])
        np.testing.assert_array_equal(model.transform(X), judged.transform(X))
        assert not np.array_equal(model.score_samples(X), judged.score_samples(X))

    @pytest.mark.parametrize("judge_steps", [-1, True, 2.5])
    def test_of_the_judge_are_counted(self, judge_steps, table):
        with pytest.raises(ValueError, match="judge_steps must be an int >= 0, got"):
            vaal(judge_steps=judge_steps, missing_label=0).fit(*table)


class Watch(Callback):
    """Remembers the epochs and trainings it saw, and what the rates were."""

    def __init__(self):
        self.epochs, self.trainings, self.rates = [], 0, []

    def on_train_begin(self, net, **kwargs):
        self.trainings += 1

    def on_epoch_end(self, net, **kwargs):
        self.epochs.append(net.history[-1]["phase"])
        self.rates.append(net.optimizer_.param_groups[0]["lr"])


class Impatient(Callback):
    def on_epoch_end(self, net, **kwargs):
        if net.history[-1]["phase"] == "game":
            raise KeyboardInterrupt


class TestCallbacks:
    def seen(self, table, *callbacks, **settings):
        X, y = table
        watch = Watch()
        settings = {"max_steps": 120, "judge_steps": 100, "missing_label": 0, **settings}
        model = vaal(callbacks=[watch, *callbacks], **settings).fit(X[:60], y[:60])
        assert watch.epochs == []  # a parameter stays as it was given
        return dict(model.net_.callbacks_)["Watch"], model

    def test_see_every_epoch_of_two_trainings(self, table):
        watch, _ = self.seen(table)
        assert watch.epochs == ["game"] * 3 + ["judgement"] * 2
        assert watch.trainings == 2

    def test_one_that_ends_the_game_leaves_the_judgement(self, table):
        watch, model = self.seen(table, Impatient())
        assert [row["phase"] for row in model.history_] == ["game", "judgement", "judgement"]

    def test_early_stopping_compares_within_a_training(self, table):
        """The bound falls below zero and a discriminator's loss does not."""
        watch, _ = self.seen(table, EarlyStopping("train_loss", patience=2, threshold=0), likelihood="mean")
        assert watch.epochs.count("judgement") == 2

    def test_a_schedule_of_rates(self, table):
        schedule = LRScheduler("StepLR", step_size=1, gamma=0.5)
        watch, _ = self.seen(table, schedule)
        assert watch.rates[:3] == [1e-3, 5e-4, 2.5e-4]

    def test_a_line_an_epoch(self, table, capsys):
        self.seen(table, verbose=1)
        assert "reconstruction" in capsys.readouterr().out

    @pytest.fixture
    def ctrl_c(self):
        """A process in the background of a shell ignores Ctrl-C: here it is heard."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        signal.signal(signal.SIGINT, before)

    def test_ctrl_c_within_a_callback_is_no_wish_to_stop(self, table, ctrl_c):
        class Interrupted(Callback):
            def on_epoch_end(self, net, **kwargs):
                signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            self.seen(table, Interrupted())


def test_a_custom_optimizer_is_both_players(table):
    X, y = table
    model = vaal(optimizer=torch.optim.SGD, optimizer__momentum=0.5, missing_label=0, lr=0.01).fit(X[:60], y[:60])
    for optimizer in (model.net_.optimizer_, model.net_.discriminator_optimizer_):
        assert isinstance(optimizer, torch.optim.SGD)
        assert (optimizer.param_groups[0]["momentum"], optimizer.param_groups[0]["lr"]) == (0.5, 0.01)


@pytest.mark.parametrize("lr", [1e30, 1e10])
def test_divergence_is_said(lr, table):
    X, y = table
    with pytest.raises(ValueError, match="training diverged: the loss is .* Lower lr"):
        vaal(lr=lr, optimizer=torch.optim.SGD, missing_label=0, max_steps=100).fit(X[:60], y[:60])


def test_precision_and_memory_format(digits):
    X, y = digits
    images = (X[:24] * 15).astype(np.uint8).reshape(-1, 1, 8, 8)
    scores = []
    for settings in ({"channels_last": False}, {"channels_last": True}, {"bf16": True}):
        model = VAAL(**QUICK_IMAGES, missing_label=-1, **settings)
        scores.append(model.fit(images, np.where(np.arange(24) < 12, y[:24], -1)).score_samples(images))
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-3)
    np.testing.assert_allclose(scores[0], scores[2], atol=0.1)
    assert not np.array_equal(scores[1], scores[2])
