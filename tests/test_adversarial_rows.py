"""Rows of any container give the same scores, a row's score is its own, and a pool on disk is read batch by batch."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from made_adversarial import MAKERS, QUICK_IMAGES, partly, undiagnosed  # noqa: F401
from made_numbers import ROUNDING
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from torch.utils.data import Dataset

from skal.adversarial import SRAAL, VAAL, _diagnostics, _estimator
from skal.data import RowView
from skal.training import Rows


@pytest.fixture(scope="module")
def images(digits):
    X, y = digits
    return (X[:40] * 15).astype(np.uint8).reshape(-1, 1, 8, 8), partly(y[:40], 15)


def of_images(kind, **settings):
    settings = {**QUICK_IMAGES, **settings}
    return VAAL(**settings) if kind == "VAAL" else SRAAL(estimator=DummyClassifier(), **settings)


class Pool(Dataset):
    """Images one by one; counts what is asked for."""

    def __init__(self, X):
        self.X = X
        self.read = []

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        self.read.append(int(i))
        return torch.tensor(self.X[i])


@pytest.mark.parametrize("kind", MAKERS)
class TestContainers:
    def test_tables_of_any_kind(self, kind, table):
        X, y = table
        y = partly(y, 40)
        model = MAKERS[kind]()
        expected = model.fit(X, y).score_samples(X)
        frame = pd.DataFrame(X, columns=list("abcdef"))
        for rows in (
            frame,
            X.tolist(),
            torch.from_numpy(X.copy()),
            RowView(X, np.arange(len(X))),
            np.asfortranarray(X),
        ):
            found = model.fit(rows, y).score_samples(rows)
            np.testing.assert_array_equal(found, expected, err_msg=str(type(rows)))
        assert model.fit(frame, y).feature_names_in_.tolist() == list("abcdef")

    def test_images_of_any_kind(self, kind, images, tmp_path):
        X, y = images
        np.save(tmp_path / "X.npy", X)
        model = of_images(kind)
        expected = model.fit(X, y).score_samples(X)
        on_disk = np.load(tmp_path / "X.npy", mmap_mode="r")
        for rows in (on_disk, torch.from_numpy(X), Pool(X), RowView(X, np.arange(len(X)))):
            found = model.fit(rows, y).score_samples(rows)
            np.testing.assert_array_equal(found, expected, err_msg=str(type(rows)))

    def test_bytes_are_floats_in_0_to_1(self, kind, images):
        X, y = images
        floats = X.astype(np.float32) / 255
        expected = of_images(kind).fit(X, y).score_samples(X)
        np.testing.assert_array_equal(of_images(kind).fit(floats, y).score_samples(floats), expected)
        mixed = of_images(kind).fit(X[:15], y[:15], X_unlabeled=floats[15:])
        apart = of_images(kind).fit(X[:15], y[:15], X_unlabeled=X[15:])
        np.testing.assert_array_equal(mixed.score_samples(X), apart.score_samples(X))

    def test_pools_together_and_apart(self, kind, table):
        X, y = table
        together = MAKERS[kind]().fit(X, partly(y, 40))
        apart = MAKERS[kind]().fit(X[:40], y[:40], X_unlabeled=X[40:])
        np.testing.assert_array_equal(together.score_samples(X), apart.score_samples(X))
        shuffled = np.random.RandomState(0).permutation(300)
        again = MAKERS[kind]().fit(X[shuffled], partly(y, 40)[shuffled])
        assert again.score_samples(X).shape == (300,)

    def test_streamed_is_the_same_as_kept(self, kind, table, images):
        for make, (X, y) in ((MAKERS[kind], table), (lambda **given: of_images(kind, **given), images)):
            y = partly(y, 15)
            scores = [make(keep_on_device=keep).fit(X, y).score_samples(X) for keep in (True, False)]
            np.testing.assert_array_equal(scores[0], scores[1])

    def test_rows_and_labels_are_left_alone(self, kind, table):
        X, y = table
        y = partly(y, 40)
        copies = X.copy(), y.copy()
        X, y = X.copy(), y
        MAKERS[kind]().fit(X, y).query(X, 3)
        np.testing.assert_array_equal(X, copies[0])
        np.testing.assert_array_equal(y, copies[1])

    def test_a_row_s_score_is_its_own(self, kind, table, images):
        for make, (X, y) in ((MAKERS[kind], table), (lambda **given: of_images(kind, **given), images)):
            model = make().fit(X, partly(y, 15))
            scores, Z = model.score_samples(X), model.transform(X)
            assert ((scores >= 0) & (scores <= 1)).all()
            assert Z.shape == (len(X), 4)
            order = np.random.RandomState(0).permutation(len(X))
            np.testing.assert_allclose(model.score_samples(X[order]), scores[order], **ROUNDING)
            alone = np.concatenate([model.score_samples(X[i : i + 1]) for i in range(0, len(X), 13)])
            np.testing.assert_allclose(alone, scores[::13], **ROUNDING)
            np.testing.assert_allclose(model.transform(X[order[:5]]), Z[order[:5]], **ROUNDING)

    def test_reading_moves_nothing(self, kind, images):
        X, y = images
        model = of_images(kind).fit(X, y)
        parts = [model.net_.module_, model.net_.discriminator_]
        before = [{name: value.clone() for name, value in part.state_dict().items()} for part in parts]
        model.score_samples(X), model.transform(X), model.query(X, 2)
        for part, state in zip(parts, before, strict=True):
            assert not any(layer.training for layer in part.modules())
            assert all(torch.equal(state[name], value) for name, value in part.state_dict().items())

    def test_rows_that_are_no_numbers(self, kind, table):
        X, y = table
        holes = X.copy()
        holes[3, 2] = np.nan
        with pytest.raises(ValueError, match="NaN"):
            MAKERS[kind]().fit(holes, partly(y, 40))
        with pytest.raises(ValueError, match="NaN"):
            MAKERS[kind]().fit(X, y.astype(float), X_unlabeled=holes)
        with pytest.raises(ValueError, match="NaN"):
            MAKERS[kind]().fit(X, partly(y, 40)).score_samples(holes)

    def test_another_shape_than_in_fit(self, kind, images):
        X, y = images
        model = of_images(kind).fit(X, y)
        with pytest.raises(ValueError, match=r"rows must have shape \(1, 8, 8\), as in fit, got \(1, 4, 4\)"):
            model.score_samples(X[:, :, :4, :4])
        with pytest.raises(ValueError, match=r"rows must have shape \(1, 8, 8\)"):
            of_images(kind).fit(X[:15], y[:15], X_unlabeled=X[:, :, :4, :4])

    @pytest.mark.parametrize("n_instances", [0, 301, -1, 2.0, True, None])
    def test_more_rows_than_there_are(self, kind, n_instances, table):
        X, y = table
        model = MAKERS[kind]().fit(X, partly(y, 40))
        with pytest.raises(ValueError, match=r"n_instances must be an int in \[1, 300\] \(the pool size\), got"):
            model.query(X, n_instances)


class TestOnDisk:
    @pytest.fixture
    def on_disk(self, tmp_path):
        """3000 images."""
        rng = np.random.RandomState(0)
        np.save(tmp_path / "images.npy", rng.randint(0, 255, (3000, 1, 8, 8), dtype=np.uint8))
        return np.load(tmp_path / "images.npy", mmap_mode="r")

    def test_a_pool_is_read_by_batches(self, on_disk, monkeypatch):
        """6 + 6 steps of 8 rows and the sample of the diagnostics: no more rows, whatever the pool."""
        pool = Pool(np.asarray(on_disk))
        monkeypatch.setattr(_estimator, "diagnose", _diagnostics.diagnose)
        monkeypatch.setattr(_diagnostics, "_SAMPLE", 50)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            of_images("VAAL").fit(np.asarray(on_disk[:20]), np.zeros(20), X_unlabeled=pool)
        assert len(pool.read) <= 12 * 8 + 2 * 50 + 2
        assert len(set(pool.read)) > 60

    def test_a_memory_map_is_not_kept(self, on_disk, monkeypatch):
        made = []
        original = Rows.__init__

        def remembered(self, *args):
            original(self, *args)
            made.append(self)

        monkeypatch.setattr(Rows, "__init__", remembered)
        y = np.where(np.arange(3000) < 20, 0, np.nan)
        of_images("VAAL").fit(on_disk, y)
        assert [(len(rows), rows.kept) for rows in made] == [(20, None), (2980, None)]
        assert not on_disk.flags.writeable
