"""Every kind of container that skal.data reads, of the same rows, for tests that go over all of them."""

import functools
import io
import tempfile

import numpy as np
import pandas as pd
import torch
from made_optional import h5py
from made_optional import polars as pl
from scipy import sparse

MOST = 47  # rows
TABLE = np.random.default_rng(0).integers(0, 3, (MOST, 3)).astype(float)  # few values: zeros, and rows that repeat
IMAGES = np.random.default_rng(1).integers(0, 2, (MOST, 2, 1, 2), dtype=np.uint8)
WORDS = [f"word {row:.0f}" * int(1 + row) for row in TABLE[:, 0]]  # of different lengths
for array in (TABLE, IMAGES):
    array.setflags(write=False)


class Hidden:
    """A label that must not be looked at."""

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("the label of a Dataset was read")


class Inputs(torch.utils.data.Dataset):
    def __init__(self, images, with_label=False):
        self.images = images
        self.with_label = with_label

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        x = torch.tensor(self.images[i])
        return (x, Hidden()) if self.with_label else x


class OnDisk:
    """An array with shape, dtype and slices; each request is written down. `takes` are the kinds of keys it knows."""

    def __init__(self, array, takes=(slice, np.ndarray)):
        self._array, self.takes = array, takes
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim
        self.reads = []

    def __len__(self):
        return len(self._array)

    def __getitem__(self, key):
        self.reads.append(key)
        if not isinstance(key, self.takes):
            raise TypeError(f"no such key: {type(key)}")
        if isinstance(key, np.ndarray) and not (np.diff(key) > 0).all():
            raise TypeError("Indexing elements must be in increasing order")  # as h5py
        return self._array[key].copy()


def memmap(array):
    with tempfile.TemporaryFile() as file:  # the map keeps it
        mapped = np.memmap(file, array.dtype, "w+", shape=array.shape)
    mapped[:] = array
    return mapped


def in_hdf5(array):
    return h5py.File(io.BytesIO(), "w").create_dataset("X", data=array)


@functools.lru_cache
def containers(n):
    """Return {name: (container of n rows, its rows as an array, the kind of what `take` gives)}."""
    table, images, words = TABLE[:n], IMAGES[:n], WORDS[:n]
    backwards = np.arange(n)[::-1]

    def frame(**labels):
        return pd.DataFrame(table.copy(), **labels)

    found = {
        "ndarray 2-D": (table, table, np.ndarray),
        "ndarray 4-D": (images, images, np.ndarray),
        "memmap": (memmap(images), images, np.ndarray),
        "of slices alone": (OnDisk(images, slice), images, np.ndarray),
        "csr matrix": (sparse.csr_matrix(table), table, sparse.csr_matrix),
        "csr array": (sparse.csr_array(table), table, sparse.csr_array),
        "csc matrix": (sparse.csc_matrix(table), table, sparse.csr_matrix),
        "csc array": (sparse.csc_array(table), table, sparse.csr_array),
        "coo matrix": (sparse.coo_matrix(table), table, sparse.csr_matrix),
        "coo array": (sparse.coo_array(table), table, sparse.csr_array),
        "dok matrix": (sparse.dok_matrix(table), table, sparse.csr_matrix),
        "dok array": (sparse.dok_array(table), table, sparse.csr_array),
        "frame, index backwards": (frame(index=backwards, columns=list("abc")), table, pd.DataFrame),
        "frame, index repeated": (frame(index=backwards % 5, columns=list("abc")), table, pd.DataFrame),
        "frame, columns of numbers": (frame(index=backwards, columns=[2, 0, 1]), table, pd.DataFrame),
        "series": (pd.Series(table[:, 0].copy(), index=backwards), table[:, 0], pd.Series),
        "list of lists": (table.tolist(), table, list),
        "list of strings": (list(words), np.array(words), list),
        "dict of arrays": ({"a": table[:, 0], "b": table[:, 1:]}, table, dict),
        "tensor": (torch.tensor(images), images, torch.Tensor),
        "Dataset of x": (Inputs(images), images, np.ndarray),
        "Dataset of (x, y)": (Inputs(images, with_label=True), images, np.ndarray),
        "Dataset with a Dataset below": (
            torch.utils.data.Subset(Inputs(images, with_label=True), backwards),
            images[backwards],
            np.ndarray,
        ),
    }
    if h5py is not None:
        found["HDF5"] = in_hdf5(images), images, np.ndarray
    if pl is not None:
        found["polars frame"] = pl.DataFrame(table, schema=["a", "b", "c"]), table, pl.DataFrame
        found["polars series"] = pl.Series(table[:, 0]), table[:, 0], pl.Series
    return found


def dense(X):
    """What a test compares, by the container's own means."""
    if sparse.issparse(X):  # first: a dictionary-of-keys matrix is a dict too
        return X.toarray()
    if isinstance(X, dict):
        return np.column_stack([dense(column) for column in X.values()])
    return X.to_numpy() if hasattr(X, "to_numpy") else np.asarray(X)


def is_kind(X, kind):
    return isinstance(X, kind) if kind is np.ndarray else type(X) is kind  # a slice of a memmap is a memmap
