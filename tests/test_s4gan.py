"""s4GAN: its losses by hand, what the discriminator can know, no dependence on batch mates, and a training."""

import pickle

import numpy as np
import pytest
import torch
from made_streets import streets
from sklearn.base import clone

from skal import ActiveLearner
from skal.labels import learns_from_unlabeled
from skal.nets import DeepLabV2, MaskDiscriminator
from skal.query import entropy_sampling
from skal.semi_supervised import S4GANSegmenter
from skal.semi_supervised import _s4gan_net as s4gan_net
from skal.semi_supervised._s4gan_losses import (
    discriminator_loss,
    drawn_maps,
    feature_matching,
    self_training,
    shown,
    unit_scaled,
)
from skal.training import VOID

X, y = streets(12)
PARTLY = [*y[:5], *[None] * 7]
SMALL = {
    "module__width": 8,
    "module__depth": 1,
    "module__stride": 1,
    "discriminator_width": 4,
    "batch_size": 3,
    "device": "cpu",
    "random_state": 0,
}


def small(**options):
    return S4GANSegmenter(**{**SMALL, "max_steps": 4, **options})


@pytest.fixture(scope="module")
def fitted():
    return small(max_steps=60).fit(X, PARTLY)


# Losses


def test_feature_matching_is_zero_on_identical_features_and_by_hand():
    features = torch.randn(6, 8)
    assert feature_matching(features, features).item() == 0.0
    assert feature_matching(features, features[torch.randperm(6)]).item() == pytest.approx(0.0, abs=1e-6)
    drawn, predicted = torch.tensor([[1.0, 2.0], [3.0, 2.0]]), torch.tensor([[0.0, 5.0]])
    assert feature_matching(drawn, predicted).item() == pytest.approx((2.0 + 3.0) / 2)


def test_self_training_by_hand():
    logits = torch.zeros(2, 2, 1, 1)
    logits[0, 1] = np.log(3.0)
    assert self_training(logits, torch.tensor([True, False])).item() == pytest.approx(np.log(4 / 3))
    both = (np.log(4 / 3) + np.log(2)) / 2
    assert self_training(logits, torch.tensor([True, True])).item() == pytest.approx(both)


def test_self_training_is_skipped_when_none_is_trusted():
    logits = torch.randn(3, 4, 5, 5, requires_grad=True)
    loss = self_training(logits, torch.zeros(3, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0.0 and logits.grad.abs().max() == 0.0


def test_discriminator_loss_by_hand():
    drawn, predicted = torch.tensor([0.0, np.log(3.0)]), torch.tensor([0.0])
    expected = 0.5 * ((np.log(2) + np.log(4 / 3)) / 2 + np.log(2))
    assert discriminator_loss(drawn, predicted).item() == pytest.approx(expected)


def test_maps_of_masks_have_no_class_where_they_are_void():
    masks = torch.tensor([[[0, 2, VOID]]], dtype=torch.int16)
    assert drawn_maps(masks, 3)[0, :, 0].T.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_images_are_scaled_each_by_itself():
    x = torch.rand(3, 3, 4, 4) * torch.tensor([1.0, 5.0, 100.0]).view(3, 1, 1, 1)
    scaled = unit_scaled(x)
    assert scaled.amin((1, 2, 3)).tolist() == [0, 0, 0] and scaled.amax((1, 2, 3)).tolist() == [1, 1, 1]
    assert torch.equal(unit_scaled(x[1:2]), scaled[1:2])
    assert torch.isfinite(unit_scaled(torch.ones(1, 3, 2, 2))).all()


def test_void_is_hidden_on_both_sides():
    masks = torch.from_numpy(y[:2].astype(np.int16))
    masks[0, :4], masks[1, :, 20:] = VOID, VOID
    images = torch.rand(2, 3, 16, 24) + 1
    seen = masks != VOID
    drawn = shown(drawn_maps(masks, 3), images, seen)
    predicted = shown(torch.full((2, 3, 16, 24), 1 / 3), images.flip(0), seen)
    for one, other in zip(drawn, predicted, strict=True):
        np.testing.assert_array_equal((one[:3].sum(0) == 0), (other[:3].sum(0) == 0))
    assert drawn[0, :, :4].abs().max() == 0 and predicted[1, :, :, 20:].abs().max() == 0


def tell_apart(hide, steps=60):
    """Train a discriminator on drawn maps against predictions that are right: only void can tell them apart."""
    torch.manual_seed(0)
    discriminator = MaskDiscriminator(3, width=4, dropout=0.0)
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=3e-3)
    images, masks = (torch.from_numpy(part) for part in streets(64, seed=3))
    images = images.float() / 255
    predictions = drawn_maps(masks.short(), 3)  # a net that is right everywhere
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        rows, others = torch.randperm(64, generator=generator)[:32].split(16)
        void = torch.rand(16, 4, 6, generator=generator) < 0.3
        codes = torch.where(void.repeat_interleave(4, 1).repeat_interleave(4, 2), VOID, masks[rows].short())
        seen = codes != VOID
        real = shown(drawn_maps(codes, 3), images[rows], seen if hide else None)
        fake = shown(predictions[others], images[others], seen if hide else None)
        loss = discriminator_loss(discriminator(real)[0], discriminator(fake)[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def test_void_that_is_not_hidden_lets_the_discriminator_cheat():
    """The sabotage: a right prediction is told from a drawn map by the void pixels alone, unless they are hidden."""
    assert tell_apart(hide=False) < 0.2
    assert tell_apart(hide=True) > 0.55  # chance is ln 2


# Training


def test_it_learns_and_says_how(fitted):
    assert learns_from_unlabeled(fitted)
    assert fitted.n_labeled_ == 5
    assert fitted.score(X, y) > 0.5
    last = fitted.history_[-1]
    assert {
        "train_loss",
        "labeled_loss",
        "feature_matching",
        "self_training",
        "discriminator_loss",
        "trusted",
    } <= set(last)
    assert all(np.isfinite(value) for key, value in last.items() if isinstance(value, float))


def test_the_sum_of_the_losses_is_that_of_the_card():
    model = small(max_steps=3, threshold=0.0).fit(X, PARTLY)
    row = model.history_[-1]
    total = row["labeled_loss"] + 0.1 * row["feature_matching"] + 1.0 * row["self_training"]
    assert row["train_loss"] == pytest.approx(total, rel=1e-5)
    assert row["trusted"] == pytest.approx(2 / 3)  # every map in two steps, none in the first


def test_nothing_is_trusted_in_the_first_step_or_below_the_threshold():
    first = small(max_steps=1, threshold=0.0).fit(X, PARTLY).history_[-1]
    assert first["trusted"] == 0.0 and first["self_training"] == 0.0
    never = small(max_steps=3, threshold=0.999).fit(X, PARTLY).history_[-1]
    assert never["trusted"] == 0.0 and never["self_training"] == 0.0


def test_scores_do_not_depend_on_batch_mates(fitted):
    scores = fitted.discriminator_score(X)
    assert scores.shape == (12,) and ((scores > 0) & (scores < 1)).all()
    strange = np.concatenate([X[3:4], np.full_like(X[:2], 255), np.zeros_like(X[:1])])
    np.testing.assert_allclose(fitted.discriminator_score(strange)[0], scores[3], atol=1e-6)
    np.testing.assert_allclose(fitted.discriminator_score(X[3:4]), scores[3:4], atol=1e-6)
    np.testing.assert_array_equal(fitted.discriminator_score(X), scores)  # no dropout
    assert np.ptp(scores) > 0


def test_judging_leaves_the_discriminator_in_training():
    net = small(max_steps=1).fit(X, PARTLY).net_
    net.module_.train()
    x = torch.rand(4, 3, 16, 24)
    maps = torch.softmax(torch.randn(4, 3, 16, 24), dim=1)
    first = net.predicted_scores(maps, x)
    assert torch.equal(first, net.predicted_scores(maps, x)) and net.module_.discriminator.training
    assert torch.allclose(net.predicted_scores(maps[:1], x[:1]), first[:1], atol=1e-6)


def test_each_optimizer_moves_its_own_net(monkeypatch):
    steps = []
    real = s4gan_net.S4GANNet._step

    def watched(optimizer, loss):
        before = {name: value.clone() for name, value in module.state_dict().items() if "running" not in name}
        real(optimizer, loss)
        moved = {
            name.split(".")[0] for name, value in module.named_parameters() if not torch.equal(value, before[name])
        }
        steps.append(moved)

    def train_step(self, batch, original=s4gan_net.S4GANNet.train_step, **kw):
        nonlocal module
        module = self.module_
        return original(self, batch, **kw)

    module = None
    monkeypatch.setattr(s4gan_net.S4GANNet, "_step", staticmethod(watched))
    monkeypatch.setattr(s4gan_net.S4GANNet, "train_step", train_step)
    small(max_steps=2).fit(X, PARTLY)
    assert steps == [{"segmenter"}, {"discriminator"}] * 2


def test_without_unlabelled_images_it_is_supervised():
    with pytest.warns(UserWarning, match="no unlabelled row"):
        model = small(max_steps=3).fit(X, y)
    assert "discriminator_loss" not in model.history_[-1]


def test_unlabelled_images_may_come_apart():
    a = small(max_steps=3).fit(X[:5], y[:5], X_unlabeled=X[5:])
    b = small(max_steps=3).fit(X, PARTLY)
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))
    with pytest.raises(ValueError, match="every label in y is needed"):
        small().fit(X, PARTLY, X_unlabeled=X)


def test_unlabelled_images_make_a_difference_and_seeds_fix_it():
    state = torch.get_rng_state()
    a = small(max_steps=3).fit(X, PARTLY)
    np.testing.assert_array_equal(clone(a).fit(X, PARTLY).predict_proba(X), a.predict_proba(X))
    assert torch.equal(state, torch.get_rng_state())
    other = small(max_steps=3).fit(X[:5], y[:5], X_unlabeled=255 - X[5:])
    assert not np.array_equal(other.predict_proba(X), a.predict_proba(X))


def test_fewer_labels_than_a_batch_train_and_void_images_are_unlabelled():
    void = np.full_like(y[0], 255)
    with pytest.warns(UserWarning, match="void throughout"):
        model = small(batch_size=8).fit(X, [y[0], void, *[None] * 10])
    assert model.n_labeled_ == 1 and model.history_[-1]["discriminator_loss"] > 0


def test_images_of_several_sizes():
    sizes = [(16, 24), (20, 18), (18, 26), (16, 24)]
    pairs = [streets(1, size, seed) for seed, size in enumerate(sizes)]
    images = [image[0] for image, _ in pairs]
    model = small(crop_size=(16, 16), max_steps=2).fit(images, [pairs[0][1][0], pairs[1][1][0], None, None])
    assert model.discriminator_score(images).shape == (4,)
    assert [mask.shape for mask in model.predict(images)] == sizes


def test_files_and_pickles_keep_the_discriminator(fitted, tmp_path):
    fitted.save(tmp_path / "weights.safetensors")
    loaded = small().load(tmp_path / "weights.safetensors")
    for other in (loaded, pickle.loads(pickle.dumps(fitted))):
        np.testing.assert_array_equal(other.discriminator_score(X), fitted.discriminator_score(X))
        np.testing.assert_array_equal(other.predict_proba(X), fitted.predict_proba(X))


def test_rates_fall_by_the_power_and_come_back():
    model = small(max_steps=4, lr=1e-2)
    rates = []

    class Watch(s4gan_net.S4GANNet):
        def train_step(self, batch, **kw):
            out = super().train_step(batch, **kw)
            rates.append([o.param_groups[0]["lr"] for o in (self.optimizer_, self.discriminator_optimizer_)])
            return out

    import skal.semi_supervised.s4gan as room

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "S4GANNet", Watch)
        model.fit(X, PARTLY)
    expected = [(1 - k / 4) ** 0.9 for k in range(4)]
    np.testing.assert_allclose(rates, np.outer(expected, [1e-2, 1e-4]), rtol=1e-6)
    assert model.net_.optimizer_.param_groups[0]["lr"] == 1e-2


@pytest.mark.parametrize(
    ("paper", "steps", "threshold"), [("voc", 40_000, 0.6), ("cityscapes", 40_000, 0.7), ("mittal", 10_000, 0.6)]
)
def test_published_settings(paper, steps, threshold):
    model = S4GANSegmenter.published(paper, random_state=0)
    assert (model.max_steps, model.threshold, model.module) == (steps, threshold, "DeepLabV2")
    assert (model.lr, model.batch_size, model.feature_matching, model.self_training) == (2.5e-4, 8, 0.1, 1.0)
    assert model.discriminator_lr == (1e-5 if paper == "cityscapes" else 1e-4)
    with pytest.raises(ValueError, match="paper must be one of"):
        S4GANSegmenter.published("other")


def test_the_published_classifier_learns_ten_times_as_fast():
    net = {"module": DeepLabV2, "module__blocks": (1, 1, 1, 1), "module__width": 4, "crop_size": 16, "max_steps": 1}
    model = S4GANSegmenter.published(device="cpu", batch_size=2, discriminator_width=4, **net).fit(X, PARTLY)
    groups = model.net_.optimizer_.param_groups
    assert sorted(group["lr"] for group in groups) == pytest.approx([2.5e-4, 2.5e-3])
    fast = next(group for group in groups if group["lr"] > 1e-3)
    assert sum(p.numel() for p in fast["params"]) == 4 * (9 * 128 * 3 + 3)


def test_a_loop_hands_over_the_pool():
    learner = ActiveLearner(small(max_steps=2), entropy_sampling, random_state=0)
    learner.teach(X[:5], y[:5], X_unlabeled=X[5:])
    chosen, _ = learner.query(X[5:], n_instances=2)
    assert len(set(np.asarray(chosen).tolist())) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.0}, r"threshold must be a number in \[0, 1\)"),
        ({"feature_matching": -1}, "feature_matching must be a number >= 0"),
        ({"self_training": "much"}, "self_training must be a number >= 0"),
        ({"max_steps": 0}, "max_steps must be an int"),
        ({"schedule": "cosine"}, "schedule must be one of"),
        ({"discriminator_lr": 0}, "discriminator_lr must be a positive number"),
    ],
)
def test_bad_settings_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        small(**options).fit(X, PARTLY)
