import numpy as np
import pandas as pd
import pytest
import torch
from made_containers import IMAGES, TABLE, containers, dense
from made_containers import MOST as N
from made_optional import needs_polars
from made_optional import polars as pl
from scipy import sparse

from skal.data import RowView, block_rows, blocks, concatenate, n_rows, take, to_numpy

VIEWS = {
    "mostly full": np.delete(np.arange(N), [3, 30]),
    "few": np.array([2, 20, 21, N - 1]),
    "holes of whole blocks": np.r_[0:7, 40:N],
    "unsorted": np.random.default_rng(3).permutation(N)[:30],
}


def frame(**labels):
    return pd.DataFrame(TABLE.copy(), **labels)


def test_no_rows_of_a_view_are_no_rows():
    assert take(RowView(np.zeros((4, 2)), [1, 2]), []).shape == (0, 2)


def test_take_keeps_the_labels_of_a_frame():
    part = take(frame(index=np.arange(N)[::-1], columns=[2, 0, 1]), [9, 4])
    assert part.columns.tolist() == [2, 0, 1]
    assert part.index.tolist() == [N - 10, N - 5]


def test_a_slice_of_an_array_is_a_view():
    assert np.shares_memory(take(IMAGES, slice(2, 9)), IMAGES)


@pytest.mark.parametrize("name", ["ndarray 2-D", "ndarray 4-D", "memmap"])
def test_a_mostly_full_view_is_read_in_place(name):
    X = containers(N)[name][0]
    with block_rows(20):
        parts = list(blocks(RowView(X, VIEWS["mostly full"])))
    assert [len(block) for block, _ in parts] == [20, 20, 7]
    assert all(np.shares_memory(block, X) for block, _ in parts)
    # One row is missing in the first and in the second block; the last is wanted whole.
    assert [None if keep is None else len(keep) for _, keep in parts] == [19, 19, None]


def test_a_mostly_full_view_of_a_tensor_is_read_in_place():
    X = torch.tensor(IMAGES)
    with block_rows(20):
        starts = [block.data_ptr() for block, _ in blocks(RowView(X, VIEWS["mostly full"]))]
    assert starts == [X[start:].data_ptr() for start in range(0, N, 20)]


@pytest.mark.parametrize("name", ["few", "unsorted", "holes of whole blocks"])
def test_a_view_of_few_or_unsorted_rows_reads_no_other_row(name):
    with block_rows(20):
        parts = list(blocks(RowView(TABLE, VIEWS[name])))
    assert all(keep is None for _, keep in parts)
    assert sum(len(block) for block, _ in parts) == len(VIEWS[name])
    assert max(len(block) for block, _ in parts) <= 20


@pytest.mark.parametrize(
    ("shape", "least", "most"),
    [((200, 2**20), 64, 64), ((10_000, 1000), 2**18 // 1000, 2**23 // 1000), ((200_000, 2), 65536, 65536)],
    ids=["huge rows", "rows of 4 kB", "tiny rows"],
)
def test_a_default_block_is_a_few_megabytes_and_a_multiple_of_64_rows(shape, least, most):
    X = np.broadcast_to(np.float32(0.0), shape)  # all rows are one number in memory
    *whole, last = [len(block) for block, _ in blocks(X)]
    assert len(set(whole)) == 1
    assert whole[0] % 64 == 0 and least <= whole[0] <= most
    assert sum(whole) + last == len(X)


def test_block_rows_is_undone_by_the_end_of_its_with_and_by_an_error():
    def first_block():
        return len(next(blocks(TABLE))[0])

    with block_rows(5):
        with block_rows(2):
            assert first_block() == 2
        assert first_block() == 5
        with pytest.raises(KeyError), block_rows(3):
            raise KeyError
        assert first_block() == 5
    assert first_block() == N


@pytest.mark.parametrize("rows", [0, -3, 2.0, "7", None])
def test_block_rows_refuses_what_is_no_count(rows):
    with pytest.raises(ValueError, match=r"int >= 1"), block_rows(rows):
        pass


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (np.arange(N) > 3, TypeError, "flatnonzero"),
        ([0.0, 1.0], TypeError, "float64"),
        ([[0, 1]], TypeError, r"\(1, 2\)"),
        (["a"], TypeError, "integer positions"),
        ([0, N], IndexError, rf"\[0, {N - 1}\], got 0\.\.{N}"),
        ([-1, 2], IndexError, r"got -1\.\.2"),
    ],
)
def test_a_view_refuses_what_is_no_position(rows, error, message):
    with pytest.raises(error, match=message):
        RowView(TABLE, rows)


@pytest.mark.parametrize(
    "X", [(row for row in TABLE), 3, np.array(2.0), Ellipsis], ids=["generator", "int", "0-d", "..."]
)
def test_what_has_no_rows_is_refused_by_name(X):
    with pytest.raises(TypeError, match=type(X).__name__):
        n_rows(X)
    with pytest.raises(TypeError):
        next(blocks(X))


def test_an_iterable_dataset_is_refused():
    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            yield from TABLE

    with pytest.raises(TypeError, match="Stream"):
        n_rows(Stream())


@pytest.mark.parametrize(
    "name", ["ndarray 2-D", "csr matrix", "csr array", "list of lists", "tensor", "Dataset of x"]
)
@pytest.mark.parametrize("second", [np.array, np.ndarray.tolist], ids=["array", "list"])
def test_concatenate_takes_an_array_or_a_list_as_second(name, second):
    X, expected, _ = containers(N)[name]
    both = concatenate(X, second(expected[:2]))
    np.testing.assert_array_equal(dense(both), np.concatenate([expected, expected[:2]]))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TABLE, TABLE[:, :2]),
        (IMAGES, IMAGES[:, :1]),
        (sparse.csr_matrix(TABLE), sparse.csr_matrix(TABLE[:, :2])),
        (torch.tensor(TABLE), torch.tensor(TABLE[:, :2])),
        (frame(columns=list("abc")), frame(columns=list("acb"))),
        (frame(columns=list("abc")), TABLE),
        ({"a": TABLE}, {"b": TABLE}),
        ({"a": TABLE}, TABLE),
    ],
    ids=["2-D", "4-D", "csr", "tensor", "order", "no columns", "keys", "no dict"],
)
def test_concatenate_refuses_rows_of_another_kind(first, second):
    with pytest.raises(ValueError, match="concatenate"):
        concatenate(first, second)


@needs_polars
def test_concatenate_refuses_polars_frames_of_other_columns():
    first = pl.DataFrame(TABLE, schema=["a", "b", "c"])
    for second in (pl.DataFrame(TABLE, schema=["a", "c", "b"]), pl.DataFrame(TABLE[:, :2], schema=["a", "b"])):
        with pytest.raises(ValueError, match="concatenate"):
            concatenate(first, second)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (np.array([1, 2]), [3], [1, 2, 3]),
        ([1, None], np.array([3]), [1, None, 3]),
        (pd.Series([1, 2], index=[5, 5], name="y"), [3], [1, 2, 3]),
        (pd.Series(["a", None], dtype="str"), np.array(["b"]), ["a", None, "b"]),
        (np.array(["a"]), ["longer"], ["a", "longer"]),
        (torch.tensor([1, 2]), np.array([3]), [1, 2, 3]),
    ],
)
def test_concatenate_takes_labels(first, second, expected):
    both = concatenate(first, second)
    assert type(both) is type(first)
    values = both.to_numpy() if hasattr(both, "to_numpy") else np.asarray(both, dtype=object)
    assert [None if value != value else value for value in values.tolist()] == expected


def test_to_numpy_returns_an_array_as_it_is_and_detaches_a_tensor():
    assert to_numpy(TABLE) is TABLE
    assert to_numpy(torch.ones(2, requires_grad=True)).tolist() == [1.0, 1.0]
