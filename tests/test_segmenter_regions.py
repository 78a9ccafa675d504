"""Masks labelled in part: regions of many images do not crowd the whole masks out of a training."""

import numpy as np
import pytest
from made_streets import streets
from skorch.callbacks import Callback
from skorch.dataset import ValidSplit

from skal.neural import LossPredictionSegmenter, NeuralSegmenter
from skal.semi_supervised import S4GANSegmenter
from skal.training import draw_weights

N_WHOLE, N_REGIONS = 4, 40
SMALL = {
    "module__width": 4,
    "module__depth": 1,
    "module__stride": 1,
    "random_state": 0,
    "device": "cpu",
    "flip": False,
}


@pytest.fixture(scope="module")
def regions():
    """Images whose first pixel says which they are; four whole masks, and forty of which a sixteenth is labelled."""
    X, masks = streets(N_WHOLE + N_REGIONS)
    X[:, :, 0, 0] = np.arange(len(X))[:, None]
    partly = masks.copy()
    partly[N_WHOLE:] = 255
    partly[N_WHOLE:, 4:8, 8:14] = masks[N_WHOLE:, 4:8, 8:14]  # 24 of 384 pixels
    return X, masks, partly


class Watch:
    """An augmentation that changes nothing and counts how often it sees each image."""

    def __init__(self, n):
        self.counts = np.zeros(n, dtype=int)

    def __call__(self, images):
        np.add.at(self.counts, (images[:, 0, 0, 0] * 255).round().long().numpy(), 1)
        return images

    def __deepcopy__(self, memo):
        return self


def test_weights_by_hand():
    np.testing.assert_allclose(draw_weights(np.array([1.0, 0.5, 0.25, 0.01])), [1, 1, 0.5, 0.02])
    np.testing.assert_allclose(draw_weights(np.array([0.8, 0.1])), [1, 0.25])  # in relation to the fullest


@pytest.mark.parametrize("shares", [[1.0], [0.01], [1.0, 0.7, 0.5], [0.02, 0.02, 0.015]])
def test_images_that_are_labelled_alike_are_drawn_alike(shares):
    assert draw_weights(np.array(shares)) is None


# Weights 1 and 1/8: a pass draws 4 + 40 / 8 = 9 images, each whole one once.
@pytest.mark.parametrize(
    ("segmenter", "options", "n_passes"),
    [
        (NeuralSegmenter, {"max_epochs": 10, "batch_size": 4}, 10),
        (LossPredictionSegmenter, {"max_epochs": 10, "batch_size": 4}, 10),
        pytest.param(
            S4GANSegmenter,
            {"max_steps": 20, "batch_size": 9, "discriminator_width": 4},
            20,
            marks=pytest.mark.filterwarnings("ignore:S4GANSegmenter. there is no unlabelled row"),
        ),
    ],
)
def test_whole_masks_come_in_every_pass_and_regions_now_and_then(regions, segmenter, options, n_passes):
    X, _, partly = regions
    watch = Watch(len(X))
    model = segmenter(augment=watch, **SMALL, **options).fit(X, partly)
    assert model.n_labeled_ == len(X)
    assert watch.counts[:N_WHOLE].tolist() == [n_passes] * N_WHOLE
    assert watch.counts[N_WHOLE:].sum() == 5 * n_passes
    assert watch.counts[N_WHOLE:].max() <= n_passes / 2


def test_s4gan_shows_its_discriminator_whole_masks_as_often(regions):
    X, _, partly = regions
    watch = Watch(len(X) + 6)
    more = streets(6, seed=1)[0]
    more[:, :, 0, 0] = np.arange(len(X), len(X) + 6)[:, None]
    options = {"max_steps": 20, "batch_size": 9, "discriminator_width": 4}
    S4GANSegmenter(augment=watch, **SMALL, **options).fit(np.concatenate([X, more]), [*partly, *[None] * 6])
    assert watch.counts[:N_WHOLE].tolist() == [2 * 20] * N_WHOLE  # to learn from, and to be shown
    assert watch.counts[len(X) :].tolist() == [30] * 6


def test_steps_are_counted_by_what_is_labelled(regions):
    """400 steps of the default: a pass of 9 images is three steps, one of all 44 would be eleven."""
    X, _, partly = regions
    assert NeuralSegmenter(batch_size=4, **SMALL).fit(X, partly).n_iter_ == 134


def test_void_borders_change_nothing(regions):
    """What is void in any mask is no region: weights are None, and the training is that of equal images."""
    X, masks, _ = regions
    bordered = masks[:6].copy()
    bordered[:3, :4] = 255
    watch = Watch(len(X))
    NeuralSegmenter(augment=watch, max_epochs=3, **SMALL).fit(X[:6], bordered)
    assert watch.counts[:6].tolist() == [3] * 6


def test_a_held_out_part_is_read_whole(regions):
    X, _, partly = regions
    model = NeuralSegmenter(max_epochs=2, batch_size=4, train_split=ValidSplit(4), **SMALL).fit(X, partly)
    valid = [batch["valid_batch_size"] for batch in model.net_.history[-1, "batches"] if "valid_batch_size" in batch]
    assert sum(valid) == 11


def test_a_class_that_only_regions_show_is_learnt(regions):
    X, masks, partly = regions
    partly = np.where(masks == 2, 255, partly)
    partly[N_WHOLE:][masks[N_WHOLE:] == 2] = 2
    model = NeuralSegmenter(max_epochs=60, batch_size=4, **SMALL).fit(X, partly)
    assert (model.predict(X)[masks == 2] == 2).mean() > 0.8


class Rates(Callback):
    """Remembers the learning rate of every training step, as a share of that of the parameter."""

    def __init__(self):
        self.seen = []

    def on_batch_end(self, net, training=False, **kwargs):
        if training:
            self.seen.append(net.optimizer_.param_groups[0]["lr"] / net.lr)


def rates(*args, **options):
    model = NeuralSegmenter(max_epochs=5, batch_size=4, schedule="poly", callbacks=[Rates()], **SMALL, **options)
    return np.array(model.fit(*args).net_.callbacks_[-1][1].seen)


@pytest.mark.parametrize(
    ("n", "options", "n_steps"),
    [
        (8, {}, 10),
        (5, {}, 5),  # a batch of four and one of one are one
        (9, {"train_split": ValidSplit(3)}, 10),  # six to train on
        (44, {}, 10),  # masks in part: nine a pass, two batches
    ],
)
def test_the_rate_falls_to_the_end_of_the_training(regions, n, options, n_steps):
    X, masks, partly = regions
    found = rates(X[:n], partly if n == 44 else masks[:n], **options)
    np.testing.assert_allclose(found, (1 - np.arange(n_steps) / n_steps) ** 0.9)
