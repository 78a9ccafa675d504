"""NeuralSegmenter: what it learns and tells, what void and missing are to it, seeds, sizes, files, bad input."""

import pickle
import warnings

import numpy as np
import pytest
import torch
from made_streets import streets
from sklearn.base import clone
from torch import nn

from skal import ActiveLearner
from skal.data import block_rows
from skal.masks import Confusion
from skal.neural import NeuralSegmenter
from skal.outputs import embedding, proba, sampled_proba
from skal.query import entropy_sampling
from skal.scores import entropy
from skal.training import VOID, MaskedImages, Rows, class_weights, pixel_loss, pixel_losses

X, y = streets(12)
SMALL = {"module__width": 8, "module__depth": 1, "module__stride": 1, "random_state": 0, "device": "cpu"}


def small(**options):
    return NeuralSegmenter(**{**SMALL, "max_epochs": 12, "batch_size": 4, **options})


@pytest.fixture(scope="module")
def fitted():
    return small(max_epochs=40, module__dropout=0.1).fit(X, [*y[:8], None, None, None, None])


def test_it_learns_where_the_classes_are(fitted):
    X_test, y_test = streets(6, seed=1)
    assert fitted.n_labeled_ == 8
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert fitted.score(X_test, y_test) > 0.75
    predicted = fitted.predict(X_test)
    assert predicted.shape == y_test.shape and predicted.dtype == np.uint8
    assert fitted.score(X_test, y_test) == Confusion(3).add(y_test, predicted).mean_iou()


def test_probabilities_are_over_the_class_axis(fitted):
    P = fitted.predict_proba(X)
    assert P.shape == (12, 3, 16, 24) and P.dtype == np.float32
    np.testing.assert_allclose(P.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(P.argmax(axis=1), fitted.predict(X))
    with torch.inference_mode():
        logits = fitted.net_.module_(torch.from_numpy(X[:1]).float() / 255)
    np.testing.assert_allclose(P[:1], torch.softmax(logits, dim=1).numpy(), atol=1e-5)


def test_features_are_means_of_what_goes_into_the_head(fitted):
    Z = fitted.transform(X)
    seen = []
    handle = fitted.net_.module_.head.register_forward_hook(lambda module, args, out: seen.append(args[0]))
    with torch.inference_mode():
        fitted.net_.module_(torch.from_numpy(X[:2]).float() / 255)
    handle.remove()
    assert Z.shape == (12, 8)
    np.testing.assert_allclose(Z[:2], seen[0].mean(dim=(2, 3)).numpy(), atol=1e-5)
    np.testing.assert_array_equal(embedding(fitted, X), Z)


def test_dropout_samples_share_their_masks(fitted):
    samples = fitted.sampled_proba(X, 3, random_state=1)
    assert samples.shape == (3, 12, 3, 16, 24)
    assert np.abs(samples[0] - samples[1]).max() > 1e-3
    np.testing.assert_allclose(fitted.sampled_proba(X[5:], 3, random_state=1), samples[:, 5:], atol=1e-6)
    assert sampled_proba(fitted, X, 2, then=lambda P: P.mean(axis=(0, 2, 3, 4)), random_state=0).shape == (12,)
    with pytest.raises(TypeError, match="sampled_proba needs dropout"):
        small(max_epochs=1).fit(X, y).sampled_proba(X)


def test_scores_do_not_depend_on_blocks_or_on_what_else_is_read(fitted):
    whole = proba(fitted, X, then=entropy)
    with block_rows(5):
        np.testing.assert_allclose(proba(fitted, X, then=entropy), whole, atol=1e-6)
    np.testing.assert_allclose(proba(fitted, X[7:8], then=entropy), whole[7:8], atol=1e-6)


def test_void_pixels_teach_nothing():
    """Labels under void may be anything: the fit is the same, to the bit."""
    void = np.random.default_rng(0).random(y.shape) < 0.3
    one, other = y.copy(), np.where(void, 255, y)
    one[void] = 200  # void under another name
    a = small(max_epochs=3).fit(X, other)
    b = small(max_epochs=3, ignore_label=200).fit(X, one)
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))
    assert not np.array_equal(small(max_epochs=3).fit(X, y).predict_proba(X), a.predict_proba(X))


def test_losses_by_hand():
    logits = torch.tensor([[[[0.0, 0.0]], [[0.0, np.log(3.0)]]], [[[0.0, 0.0]], [[0.0, 0.0]]]])  # (2, 2, 1, 2)
    masks = torch.tensor([[[0, 1]], [[VOID, 0]]], dtype=torch.int16)
    ln2, ln43 = np.log(2.0), np.log(4.0 / 3.0)
    assert pixel_loss(logits, masks).item() == pytest.approx((ln2 + ln43 + ln2) / 3)
    np.testing.assert_allclose(pixel_losses(logits, masks).numpy(), [(ln2 + ln43) / 2, ln2], rtol=1e-6)
    void = torch.full_like(masks, VOID)
    assert pixel_loss(logits, void).item() == 0.0 and pixel_losses(logits, void).tolist() == [0.0, 0.0]


def test_missing_masks_are_not_trained_on():
    partly = [mask if row < 6 else None for row, mask in enumerate(y)]
    nan = np.where(np.arange(12)[:, None, None] < 6, y.astype(float), np.nan)
    a = small(max_epochs=2).fit(X, partly).predict_proba(X)
    np.testing.assert_array_equal(small(max_epochs=2).fit(X, nan).predict_proba(X), a)
    np.testing.assert_array_equal(small(max_epochs=2).fit(X[:6], y[:6]).predict_proba(X), a)


def test_labels_need_not_be_positions():
    names = np.array([3, 40, 7])[y]
    model = small(max_epochs=2).fit(X, names)
    assert model.classes_.tolist() == [3, 7, 40]
    assert set(np.unique(model.predict(X))) <= {3, 7, 40}
    told = small(max_epochs=2, classes=[0, 1, 2, 3]).fit(X, y)
    assert told.predict_proba(X).shape[1] == 4
    assert told.score(X, y) <= 1.0


def test_classes_that_nobody_learnt_count_as_wrong():
    model = small(max_epochs=2).fit(X, np.where(y == 2, 255, y))
    assert model.classes_.tolist() == [0, 1]
    truth = Confusion(3).add(y, model.predict(X))
    assert model.score(X, y) == truth.mean_iou() and truth.iou()[2] == 0.0


def test_seeds_fix_everything_and_touch_nothing():
    state = torch.get_rng_state()
    a = small(max_epochs=2, module__dropout=0.2).fit(X, y)
    b = clone(a).fit(X, y)
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))
    assert torch.equal(state, torch.get_rng_state())
    assert not np.array_equal(small(max_epochs=2, random_state=1).fit(X, y).predict_proba(X), a.predict_proba(X))


def test_files_and_pickles_predict_the_same(fitted, tmp_path):
    fitted.save(tmp_path / "weights.safetensors")
    loaded = small(module__dropout=0.1).load(tmp_path / "weights.safetensors")
    for other in (loaded, pickle.loads(pickle.dumps(fitted))):
        np.testing.assert_array_equal(other.predict_proba(X), fitted.predict_proba(X))
    with pytest.raises(ValueError, match="weights do not fit"):
        small(module__width=5).load(tmp_path / "weights.safetensors")


def test_floats_are_taken_as_they_are_and_bytes_are_divided(fitted):
    np.testing.assert_allclose(fitted.predict_proba((X / 255).astype(np.float32)), fitted.predict_proba(X), atol=1e-5)


def test_warm_start_goes_on():
    model = small(max_epochs=2, warm_start=True).fit(X, y)
    net = model.net_
    model.fit(X, y)
    assert model.net_ is net and model.n_iter_ == 4
    with pytest.warns(UserWarning, match="starts anew"):
        model.fit(X, np.where(y == 2, 255, y))


def test_sizes_read_smaller_and_tell_labels_of_all_pixels():
    model = small(size=(8, 12), max_epochs=20).fit(X, y)
    assert model.predict_proba(X).shape == (12, 3, 8, 12)
    assert model.predict(X).shape == y.shape
    assert model.score(X, y) > 0.5
    assert proba(model, X, then=entropy).shape == (12,)


def test_modules_of_ones_own_and_dicts_of_torchvision():
    class Dotted(nn.Module):
        def __init__(self, n_outputs):
            super().__init__()
            self.layer = nn.Conv2d(3, n_outputs, 1)

        def forward(self, x):
            return {"out": self.layer(x)}

    model = NeuralSegmenter(Dotted, max_epochs=20, lr=0.1, random_state=0, device="cpu").fit(X, y)
    assert model.score(X, y) > 0.5
    assert model.transform(X).shape == (12, 3)  # the pixels' own mean colours


def test_an_active_learner_teaches_masks(fitted):
    pool = X[4:]
    learner = ActiveLearner(small(max_epochs=2), entropy_sampling, X[:4], y[:4], random_state=0)
    chosen, _ = learner.query(pool, n_instances=2)
    learner.teach(pool[chosen], y[4:][chosen])
    assert learner.estimator.n_labeled_ == 6


BAD = [
    (X, y[:, :8], {}, r"mask 0 must have the size of its image, \(16, 24\), got \(8, 24\)"),
    (X, y[:5], {}, "got 5 masks for 12 images"),
    (X, np.where(y == 2, 9, y), {"classes": [0, 1, 2]}, r"among classes=\[0, 1, 2\] or ignore_label=255, got \[9\]"),
    (X, np.full_like(y, 255), {}, "every mask is void throughout"),
    (X, [None] * 12, {}, "at least one image must have a mask"),
    (X, y[:, 0, 0], {}, r"a mask \(H, W\) for each image"),
    (X, None, {}, "requires y to be passed"),
    (X, y + 0.5, {}, "must be whole numbers"),
    (X[:, :, :, 0], y, {}, r"images must have shape \(C, H, W\)"),
    (X, y, {"classes": [0, 1, 255]}, "ignore_label=255 not among them"),
    (X, y, {"size": (8,)}, "size must be a number of pixels"),
    (X, y, {"crop_size": 0}, "crop_size must be a number of pixels"),
    (X, y, {"schedule": "steps"}, "schedule must be one of"),
    (X, y, {"zoom": (2.0, 1.0)}, "zoom must be"),
    (X, y, {"batch_size": 0}, "batch_size must be an int"),
    (X, y, {"class_weight": "even"}, "class_weight must be one of"),
    (X, y, {"class_weight": [1.0, 2.0]}, "class_weight must be 3 positive numbers"),
]


@pytest.mark.parametrize(("X_bad", "y_bad", "options", "message"), BAD)
def test_bad_input_is_named_and_nothing_is_lost(X_bad, y_bad, options, message, fitted):
    model = pickle.loads(pickle.dumps(fitted)).set_params(**options)
    before = {"classes_": model.classes_.tolist(), "net_": model.net_}
    with pytest.raises(ValueError, match=message):
        model.fit(X_bad, y_bad)
    assert model.net_ is before["net_"] and model.classes_.tolist() == before["classes_"]


def test_some_void_masks_are_left_out_with_a_warning():
    partly = y.copy()
    partly[3] = 255
    with pytest.warns(UserWarning, match=r"masks \[3\] are void throughout"):
        model = small(max_epochs=1).fit(X, partly)
    assert model.n_labeled_ == 11
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(max_epochs=1).fit(X, y)


def test_augmentations_that_mix_colours_and_places_are_refused():
    with pytest.raises(TypeError, match="not known what becomes of masks"):
        small(augment="strong").fit(X, y)
    darker = small(max_epochs=1, augment=lambda x: x * 0.5).fit(X, y)
    assert darker.n_iter_ == 1


def test_training_steps_change_images_and_masks_alike():
    """A net of one pixel can only be right if a pixel and its label stay together."""
    images = np.repeat(y[:, None] * 100, 3, axis=1).astype(np.uint8)
    model = NeuralSegmenter(
        lambda n_outputs: nn.Sequential(nn.Conv2d(3, 16, 1), nn.ReLU(), nn.Conv2d(16, n_outputs, 1)),
        crop_size=(10, 14),
        zoom=(1.0, 1.0),
        augment="weak",
        max_epochs=40,
        batch_size=4,
        lr=0.05,
        random_state=0,
        device="cpu",
    ).fit(images, y)
    assert model.history_[-1]["train_loss"] < 0.2
    assert model.score(images, y) > 0.95


def test_weights_of_classes_by_hand():
    masks = np.array([[[0, 0, 0, 0], [1, 1, 1, 255]], [[0, 0, 0, 0], [0, 255, 255, 255]]])  # 9 pixels and 3
    images = Rows(X[:2], small(max_epochs=1).fit(X, y).inputs_, torch.device("cpu"))
    data = MaskedImages(images, masks, np.array([0, 1, 5]))
    np.testing.assert_array_equal(data.pixels_of_classes(), [9, 3, 0])
    np.testing.assert_allclose(class_weights("balanced", data, "me").numpy(), [0.5, 1.5, 1.0])
    root = np.array([1 / 3, 1 / np.sqrt(3)])
    np.testing.assert_allclose(class_weights("sqrt", data, "me").numpy(), [*root / root.mean(), 1.0], rtol=1e-6)
    assert class_weights(None, data, "me") is None
    logits, codes = torch.randn(2, 3, 2, 4), torch.tensor(np.where(masks == 255, VOID, masks), dtype=torch.int16)
    weight = torch.tensor([0.5, 1.5, 1.0])
    theirs = torch.nn.functional.cross_entropy(logits, codes.long(), weight, ignore_index=VOID)
    torch.testing.assert_close(pixel_loss(logits, codes, weight), theirs)


def test_weights_of_classes_change_what_is_learnt():
    plain, weighted = small(max_epochs=2), small(max_epochs=2, class_weight="balanced")
    P, W = plain.fit(X, y).predict_proba(X), weighted.fit(X, y).predict_proba(X)
    assert W[:, 2].mean() > P[:, 2].mean()  # the box is the rarest
