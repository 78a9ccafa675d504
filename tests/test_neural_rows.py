"""Rows of any container give a net the same numbers, and a pool on disk is read batch by batch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from made_optional import polars as pl
from torch.utils.data import Dataset

from skal.data import RowView
from skal.neural import NeuralClassifier, VariationalAutoencoder
from skal.training import Inputs, Rows

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def images(digits):
    X, y = digits
    return (X[:70] * 15).astype(np.uint8).reshape(-1, 1, 8, 8), y[:70]


class Pool(Dataset):
    """Images and labels one by one; counts what is asked for."""

    def __init__(self, X, y):
        self.X, self.y = X, y
        self.read = []

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        self.read.append(i)
        return torch.from_numpy(self.X[i]), int(self.y[i])


def test_bytes_are_floats_in_0_to_1(images):
    X, y = images
    as_bytes = NeuralClassifier(max_epochs=2, random_state=0).fit(X, y)
    as_floats = NeuralClassifier(max_epochs=2, random_state=0).fit(X.astype(np.float32) / 255, y)
    np.testing.assert_array_equal(as_bytes.predict_proba(X), as_floats.predict_proba(X.astype(np.float32) / 255))
    np.testing.assert_array_equal(as_bytes.predict_proba(X), as_bytes.predict_proba(X / np.float32(255)))


def test_tables_of_any_kind(table):
    X, y = table
    model = NeuralClassifier(max_epochs=2, module__hidden=(8,), random_state=0)
    expected = model.fit(X, y).predict_proba(X)
    frame = pd.DataFrame(X, columns=list("abcdef"))
    kinds = [frame, X.tolist(), torch.from_numpy(X.copy()), RowView(X, np.arange(len(X)))]
    kinds += [pl.DataFrame(frame)] if pl else []
    for rows in kinds:
        np.testing.assert_array_equal(model.fit(rows, y).predict_proba(rows), expected, err_msg=str(type(rows)))
    assert model.fit(frame, y).feature_names_in_.tolist() == list("abcdef")


def test_images_of_any_kind(images, tmp_path):
    X, y = images
    np.save(tmp_path / "X.npy", X)
    model = NeuralClassifier(max_epochs=2, random_state=0)
    expected = model.fit(X, y).predict_proba(X)
    kinds = [
        np.load(tmp_path / "X.npy", mmap_mode="r"),
        torch.from_numpy(X),
        Pool(X, y),
        RowView(X, np.arange(len(X))),
    ]
    for rows in kinds:
        np.testing.assert_array_equal(model.fit(rows, y).predict_proba(rows), expected, err_msg=str(type(rows)))


def test_a_dataset_is_read_where_it_is_needed(images):
    """Of the unlabelled rows of an image pool only the first row's shape is looked at."""
    X, y = images
    pool = Pool(X, y)
    partly = [int(v) if i in (5, 6, 7, 8) else None for i, v in enumerate(y)]
    NeuralClassifier(max_epochs=2, batch_size=2).fit(pool, partly)
    assert set(pool.read) <= {0, 5, 6, 7, 8}


def test_a_pool_on_disk_is_not_kept(images, tmp_path):
    X, _ = images
    np.save(tmp_path / "X.npy", X)
    on_disk = np.load(tmp_path / "X.npy", mmap_mode="r")
    rows = Rows(on_disk, Inputs.of(on_disk), CPU)
    assert rows.kept is None
    batch = rows.batch(torch.tensor([3, 1]))
    assert batch.dtype == torch.uint8
    np.testing.assert_array_equal(batch.numpy(), X[[3, 1]])


def test_blocks_are_of_one_size_whatever_is_asked(images, monkeypatch):
    X, y = images
    model = NeuralClassifier(max_epochs=1, random_state=0).fit(X, y)
    sizes = []
    forward = type(model.net_.module_).forward
    monkeypatch.setattr(type(model.net_.module_), "forward", lambda self, x: sizes.append(len(x)) or forward(self, x))
    model.predict_proba(X)
    model.predict_proba(X[:1])
    assert len(set(sizes)) == 1


def test_columns_are_standardised_over_all_rows(table):
    X, _ = table
    inputs = Inputs.of(X * 3 + 7)
    Z = inputs.tensor(X * 3 + 7).numpy()
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(Z.std(axis=0), 1, atol=1e-6)
    assert Inputs.of(X, standardize=False).mean is None


def test_read_only_and_fortran_rows_are_copied(images):
    X, y = images
    frozen = np.asfortranarray(X)
    frozen.setflags(write=False)
    model = NeuralClassifier(max_epochs=1, random_state=0)
    np.testing.assert_array_equal(model.fit(frozen, y).predict_proba(frozen), model.fit(X, y).predict_proba(X))
    VariationalAutoencoder("MLPVAE", max_epochs=1).fit(frozen)
