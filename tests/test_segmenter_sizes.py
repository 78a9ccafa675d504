"""Images whose sizes differ, files on disk, Datasets, masks labelled in part, and what a block may cost."""

import pickle
import tracemalloc

import numpy as np
import pytest
import torch
from made_streets import streets

from skal.data import RowView, blocks, take
from skal.neural import EnsembleClassifier, LossPredictionSegmenter, NeuralSegmenter
from skal.outputs import committee_proba, embedding, predicted_loss, proba, sampled_proba
from skal.query import learning_loss_sampling
from skal.scores import entropy
from skal.study import make_estimator

X, y = streets(10)
SETTINGS = {"module__width": 4, "module__depth": 1, "module__stride": 1, "random_state": 0, "device": "cpu"}
SIZES = [(16, 24), (20, 18), (16, 24), (12, 30), (17, 23), (16, 24)]


def small(**options):
    return NeuralSegmenter(**{**SETTINGS, "max_epochs": 3, "batch_size": 4, **options})


def pictures():
    """Six images of four sizes, as a list."""
    pairs = [streets(1, size, seed) for seed, size in enumerate(SIZES)]
    return [images[0] for images, _ in pairs], [masks[0] for _, masks in pairs]


class Pictures(torch.utils.data.Dataset):
    def __init__(self, images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def __getitem__(self, row):
        return torch.from_numpy(self.images[row]), "something else"


@pytest.mark.parametrize(
    "wrap", [list, Pictures, lambda images: RowView(images, np.arange(6))], ids=["list", "Dataset", "view"]
)
def test_windows_of_one_size_teach_images_of_several(wrap):
    images, masks = pictures()
    model = small(crop_size=(10, 12), zoom=(0.7, 1.4), max_epochs=25, module__width=8).fit(wrap(images), masks)
    predicted = model.predict(wrap(images))
    assert [mask.shape for mask in predicted] == SIZES and predicted.dtype == object
    assert model.score(wrap(images), masks) > 0.5
    assert model.transform(wrap(images)).shape == (6, 8)
    with pytest.raises(ValueError, match=r"probabilities are read at one size.*Set size="):
        model.predict_proba(wrap(images))


@pytest.mark.parametrize("wrap", [list, Pictures], ids=["list", "Dataset"])
def test_one_size_for_all_gives_scores_that_can_be_compared(wrap):
    images, masks = pictures()
    model = small(size=(12, 16)).fit(wrap(images), [*masks[:4], None, None])
    assert model.predict_proba(wrap(images)).shape == (6, 3, 12, 16)
    assert proba(model, wrap(images), then=entropy).shape == (6,)
    assert [mask.shape for mask in model.predict(wrap(images))] == SIZES
    ensemble = EnsembleClassifier(small(size=(12, 16), max_epochs=1), 2, random_state=0).fit(wrap(images), masks)
    assert [mask.shape for mask in ensemble.predict(wrap(images))] == SIZES


def test_a_list_of_one_size_is_an_array():
    a, b = small().fit(X, y), small().fit(list(X), list(y))
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(list(X)))
    np.testing.assert_array_equal(b.predict(list(X)), b.predict(X))


def test_sizes_that_differ_need_a_word_on_how():
    images, masks = pictures()
    with pytest.raises(ValueError, match=r"need crop_size= .* or size="):
        small().fit(images, masks)
    with pytest.raises(ValueError, match=r"mask 1 must have the size of its image, \(20, 18\), got \(18, 20\)"):
        small(size=8).fit(images, [masks[0], masks[1].T, *masks[2:]])
    with pytest.raises(ValueError, match=r"got \(18, 23\) as image 4|channels first, got \(17, 23, 3\)"):
        small(size=8).fit([*images[:4], np.moveaxis(images[4], 0, -1), images[5]], masks)
    model = small(size=8).fit(images, masks)
    with pytest.raises(ValueError, match="expecting 3, as in fit"):
        model.predict(X[:, :1])


def test_memory_maps_are_read_where_they_are(tmp_path):
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    maps = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "Xy"]
    np.testing.assert_array_equal(small().fit(*maps).predict_proba(maps[0]), small().fit(X, y).predict_proba(X))


def test_a_few_labelled_pixels_teach():
    images, masks = streets(8)
    partly = np.full_like(masks, 255)
    for row in range(8):  # a polygon's worth: one window
        partly[row, 4:12, 6:18] = masks[row, 4:12, 6:18]
    model = small(max_epochs=40, module__width=8, zoom=(1.0, 1.5)).fit(images, partly)
    assert model.n_labeled_ == 8 and model.score(images, masks) > 0.6


def test_floats_of_several_kinds():
    for images in ((X / 255).astype(np.float64), (X / 255).astype(np.float16), torch.from_numpy(X)):
        assert np.isfinite(small(max_epochs=1).fit(images, y).predict_proba(images)).all()
    with pytest.raises(ValueError, match="NaN"):
        small().fit(np.full(X.shape, np.nan), y)


def test_blocks_are_cut_by_what_comes_out(monkeypatch):
    """Without it, a block would be 64 images, of 12 numbers a pixel each."""
    from skal.outputs import _reading

    model = small(module__dropout=0.2, classes=range(12)).fit(X, y)
    assert model.numbers_per_row(X) == 12 * 16 * 24
    seen = []
    monkeypatch.setattr(_reading, "_NUMBERS_A_BLOCK", 2 * 12 * 16 * 24 + 1)
    monkeypatch.setattr(_reading, "blocks", lambda X, most: seen.append(most) or blocks(X, most))
    assert proba(model, X, then=entropy).shape == (10,)
    sampled_proba(model, X, 2, then=lambda P: P.mean(axis=(0, 2, 3, 4)), random_state=0)
    committee_proba([model, model], X, then=lambda P: P.mean(axis=(0, 2, 3, 4)))
    embedding(model, X)
    assert seen[:3] == [2, 1, 1] and seen[3] > 64
    assert small(size=(8, 8)).fit(X, y).numbers_per_row(X) == 3 * 64


def test_scores_of_a_pool_cost_a_block_and_not_the_pool():
    """600 images of 48 x 64 with 12 classes are 88 MB of probabilities; a block is 32 MB."""
    model = small(max_epochs=1, classes=range(12), module__stride=4).fit(X, y)
    pool = np.zeros((600, 3, 48, 64), dtype=np.uint8)
    tracemalloc.start()
    proba(model, pool, then=entropy)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 75e6  # of NumPy's arrays: a block of probabilities, and what is made of it to check it


@pytest.fixture(scope="module")
def guesser():
    options = {**SETTINGS, "module__width": 8, "max_epochs": 6, "batch_size": 4}
    return LossPredictionSegmenter(**options).fit(X, [*y[:8], None, None])


def test_losses_of_images_are_predicted(guesser):
    predicted = guesser.predict_loss(X)
    assert predicted.shape == (10,) and np.ptp(predicted) > 0
    np.testing.assert_array_equal(predicted_loss(guesser, X), predicted)
    assert guesser.predict_proba(X).shape == (10, 3, 16, 24) and guesser.transform(X).shape == (10, 8)
    assert np.isfinite([row["pair_loss"] for row in guesser.history_]).all()
    chosen = np.asarray(learning_loss_sampling(guesser, X, 3, random_state=0))
    assert set(chosen.tolist()) == set(np.argsort(-predicted)[:3].tolist())
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(guesser)).predict_loss(X), predicted)


def test_the_loss_that_is_learnt_is_that_of_each_image(guesser, monkeypatch):
    from skal.neural import _loss_predicting

    seen = []
    real = _loss_predicting.pair_loss

    def spy(predicted, true, *others):
        seen.append((predicted.shape, true.detach()))
        return real(predicted, true, *others)

    monkeypatch.setattr(_loss_predicting, "pair_loss", spy)
    options = {**SETTINGS, "max_epochs": 1, "batch_size": 4, "zoom": (1, 1), "flip": False}
    partly = y[:4].copy()
    partly[0, 1:] = 255  # few pixels weigh as much as many
    LossPredictionSegmenter(**options).fit(X[:4], partly)
    assert seen[0][0] == (4,) and seen[0][1].shape == (4,) and (seen[0][1] > 0).all()


@pytest.mark.parametrize("name", ["unet", "loss_unet", "unet_ensemble"])
def test_presets_are_segmenters(name):
    model = make_estimator(name)
    inner = getattr(model, "estimator", model)
    inner.set_params(module__width=4, module__depth=1, max_epochs=1, device="cpu")
    assert model.fit(X, y).predict(X).shape == y.shape
    assert 0 <= model.score(X, y) <= 1


def test_datasets_give_lists_where_shapes_differ():
    images, _ = pictures()
    taken = take(Pictures(images), [0, 1])
    assert isinstance(taken, list) and [one.shape for one in taken] == [(3, 16, 24), (3, 20, 18)]
    assert take(Pictures(images), [0, 2]).shape == (2, 3, 16, 24)


def test_batches_are_cut_by_the_images_that_are_read_and_not_by_those_of_the_fit():
    model = small(max_epochs=1).fit(X, y)
    large = np.zeros((5, 3, 360, 480), dtype=np.uint8)
    seen = []
    model.net_.module_.register_forward_pre_hook(lambda module, args: seen.append(tuple(args[0].shape)))
    model.predict(large)
    assert seen == [(1, 3, 360, 480)] * 5
