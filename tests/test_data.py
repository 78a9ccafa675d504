import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy import sparse

from skal.data import RowView, block_rows, blocks, concatenate, n_rows, row_keys, take, to_numpy

N = 100
TABLE = np.random.default_rng(0).integers(0, 3, (N, 3)).astype(float)  # few values: zeros, and rows that repeat
IMAGES = np.random.default_rng(1).integers(0, 256, (N, 2, 3, 4), dtype=np.uint8)
WORDS = [f"word {row:.0f}" * int(1 + row) for row in TABLE[:, 0]]  # of different lengths
for array in (TABLE, IMAGES):
    array.setflags(write=False)


class Hidden:
    """A label that must not be looked at."""

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("the label of a Dataset was read")


class Inputs(torch.utils.data.Dataset):
    def __init__(self, with_label=False):
        self.with_label = with_label

    def __len__(self):
        return N

    def __getitem__(self, i):
        x = torch.tensor(IMAGES[i])
        return (x, Hidden()) if self.with_label else x


def memmap(folder):
    np.save(folder / "pool.npy", IMAGES)
    return np.load(folder / "pool.npy", mmap_mode="r")


def frame(**kwargs):
    return pd.DataFrame(TABLE.copy(), **kwargs)


shuffled = np.random.default_rng(2).permutation(N)

# name: (container, its rows as an array, the type of what `take` gives)
CONTAINERS = {
    "ndarray 2-D": (lambda _: TABLE, TABLE, np.ndarray),
    "ndarray 4-D": (lambda _: IMAGES, IMAGES, np.ndarray),
    "memmap": (memmap, IMAGES, np.ndarray),
    "csr matrix": (lambda _: sparse.csr_matrix(TABLE), TABLE, sparse.csr_matrix),
    "csr array": (lambda _: sparse.csr_array(TABLE), TABLE, sparse.csr_array),
    "csc matrix": (lambda _: sparse.csc_matrix(TABLE), TABLE, sparse.csr_matrix),
    "csc array": (lambda _: sparse.csc_array(TABLE), TABLE, sparse.csr_array),
    "coo matrix": (lambda _: sparse.coo_matrix(TABLE), TABLE, sparse.csr_matrix),
    "coo array": (lambda _: sparse.coo_array(TABLE), TABLE, sparse.csr_array),
    "dok matrix": (lambda _: sparse.dok_matrix(TABLE), TABLE, sparse.csr_matrix),
    "dok array": (lambda _: sparse.dok_array(TABLE), TABLE, sparse.csr_array),
    "frame, shuffled index": (lambda _: frame(index=shuffled, columns=list("abc")), TABLE, pd.DataFrame),
    "frame, duplicate index": (lambda _: frame(index=shuffled % 5, columns=list("abc")), TABLE, pd.DataFrame),
    "frame, integer columns": (lambda _: frame(index=shuffled, columns=[2, 0, 1]), TABLE, pd.DataFrame),
    "series": (lambda _: pd.Series(TABLE[:, 0].copy(), index=shuffled), TABLE[:, 0], pd.Series),
    "polars frame": (lambda _: pl.DataFrame(TABLE, schema=["a", "b", "c"]), TABLE, pl.DataFrame),
    "polars series": (lambda _: pl.Series(TABLE[:, 0]), TABLE[:, 0], pl.Series),
    "list of lists": (lambda _: TABLE.tolist(), TABLE, list),
    "list of strings": (lambda _: list(WORDS), np.array(WORDS), list),
    "dict of arrays": (lambda _: {"a": TABLE[:, 0], "b": TABLE[:, 1:]}, TABLE, dict),
    "tensor": (lambda _: torch.tensor(IMAGES), IMAGES, torch.Tensor),
    "Dataset of x": (lambda _: Inputs(), IMAGES, np.ndarray),
    "Dataset of (x, y)": (lambda _: Inputs(with_label=True), IMAGES, np.ndarray),
    "Dataset with a Dataset below": (
        lambda _: torch.utils.data.Subset(Inputs(with_label=True), shuffled),  # type: ignore[arg-type]
        IMAGES[shuffled],
        np.ndarray,
    ),
}

VIEWS = {
    "all": np.arange(N),
    "mostly full": np.delete(np.arange(N), [3, 50]),
    "few": np.array([2, 40, 41, 99]),
    "holes of whole blocks": np.r_[0:7, 90:100],
    "unsorted": np.random.default_rng(3).permutation(N)[:60],
    "repeated": np.array([5, 5, 0, 99, 0]),
    "empty": np.array([], dtype=int),
}


@pytest.fixture(params=CONTAINERS)
def container(request, tmp_path):
    build, rows, kind = CONTAINERS[request.param]
    return build(tmp_path), rows, kind


@pytest.fixture(params=VIEWS)
def rows(request):
    return VIEWS[request.param]


def dense(X):
    """What a test compares, by the container's own means."""
    if sparse.issparse(X):  # first: a dictionary-of-keys matrix is a dict too
        return X.toarray()
    if isinstance(X, dict):
        return np.column_stack([dense(column) for column in X.values()])
    return X.to_numpy() if hasattr(X, "to_numpy") else np.asarray(X)


def with_spare_entries():
    """The row [0, 3, 0], stored as 1 + 2 and with a zero."""
    return sparse.csr_matrix((np.array([1.0, 0.0, 2.0]), np.array([1, 0, 1]), np.array([0, 3])), shape=(1, 3))


def is_kind(X, kind):
    return isinstance(X, kind) if kind is np.ndarray else type(X) is kind  # a slice of a memmap is a memmap


def read(X):
    """All rows of X, through its blocks."""
    parts = [dense(block) if keep is None else dense(block)[keep] for block, keep in blocks(X)]
    return np.concatenate(parts) if parts else None


def test_n_rows_counts_rows(container):
    X, expected, _ = container
    assert n_rows(X) == len(expected)
    assert type(n_rows(X)) is int
    assert n_rows(RowView(X, [4, 1])) == 2


def test_no_rows_of_a_view_are_no_rows():
    assert take(RowView(np.zeros((4, 2)), [1, 2]), []).shape == (0, 2)


@pytest.mark.parametrize(
    "rows", [[7, 3, 7, 0, N - 1], np.array([1]), slice(10, 30), slice(90, 200), slice(0, None, 9)]
)
def test_take_is_by_position_and_keeps_the_kind(container, rows):
    X, expected, kind = container
    part = take(X, rows)
    assert is_kind(part, kind)
    np.testing.assert_array_equal(dense(part), expected[rows])


def test_take_of_one_position_is_that_row(container):
    X, expected, _ = container
    for row in (take(X, 3), RowView(X, [9, 3])[1]):
        row = dense({name: np.atleast_2d(value) for name, value in row.items()} if type(row) is dict else row)
        np.testing.assert_array_equal(row.ravel(), expected[3].ravel())


@pytest.mark.parametrize("rows", [[], np.array([]), slice(0, 0)], ids=["list", "float array", "slice"])
def test_take_of_no_rows_keeps_the_kind(container, rows):
    X, expected, kind = container
    part = take(X, rows)
    assert is_kind(part, kind)
    assert n_rows(part) == 0
    if kind is not list:  # an empty list has no width
        assert dense(part).shape == (0, *expected.shape[1:])


def test_take_keeps_the_labels_of_a_frame():
    part = take(frame(index=shuffled, columns=[2, 0, 1]), [9, 4])
    assert part.columns.tolist() == [2, 0, 1]
    assert part.index.tolist() == shuffled[[9, 4]].tolist()


def test_a_slice_of_an_array_is_a_view():
    assert np.shares_memory(take(IMAGES, slice(2, 9)), IMAGES)


def test_a_mask_is_never_read_as_positions(container):
    X, expected, _ = container
    mask = np.arange(N) % 2 == 0
    try:
        part = take(X, mask)
    except (TypeError, ValueError, IndexError):
        return  # refused
    np.testing.assert_array_equal(dense(part), expected[mask])


@pytest.mark.parametrize("rows", [[N], [0, N + 5]])
def test_take_refuses_rows_out_of_range(container, rows):
    with pytest.raises((IndexError, pl.exceptions.OutOfBoundsError)):
        take(container[0], rows)


@pytest.mark.parametrize("size", [1, 7, 97, N, 1000])
def test_blocks_in_order_are_the_whole(container, size):
    X, expected, kind = container
    with block_rows(size):
        np.testing.assert_array_equal(read(X), expected)
        parts = list(blocks(X))
    assert [n_rows(block) for block, _ in parts] == [min(size, N - start) for start in range(0, N, size)]
    assert all(keep is None and is_kind(block, kind) for block, keep in parts)


@pytest.mark.parametrize("size", [1, 7, 20, 1000])
def test_blocks_of_a_view_are_exactly_its_rows(container, rows, size):
    X, expected, _ = container
    with block_rows(size):
        together = read(RowView(X, rows))
    if len(rows):
        np.testing.assert_array_equal(together, expected[rows])
    else:
        assert together is None


@pytest.mark.parametrize("below", ["mostly full", "unsorted"])
@pytest.mark.parametrize("rising", [True, False])
def test_blocks_of_a_view_of_a_view_are_exactly_its_rows(container, below, rising):
    X, expected, _ = container
    outer = np.arange(1, 50) if rising else np.arange(50)[::-3]
    with block_rows(7):
        together = read(RowView(RowView(X, VIEWS[below]), outer))
    np.testing.assert_array_equal(together, expected[VIEWS[below]][outer])


@pytest.mark.parametrize("name", ["ndarray 2-D", "ndarray 4-D", "memmap"])
def test_a_mostly_full_view_is_read_in_place(name, tmp_path):
    X = CONTAINERS[name][0](tmp_path)
    with block_rows(20):
        parts = list(blocks(RowView(X, VIEWS["mostly full"])))
    assert [len(block) for block, _ in parts] == [20] * 5
    assert all(np.shares_memory(block, X) for block, _ in parts)
    # One row is missing in the first and in the third block; the others are wanted whole.
    assert [None if keep is None else len(keep) for _, keep in parts] == [19, None, 19, None, None]


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


@pytest.mark.parametrize("name", ["few", "unsorted", "repeated"])
def test_a_view_slices_and_converts_to_its_rows(container, name):
    X, expected, kind = container
    rows = VIEWS[name]
    view = RowView(X, rows)
    assert len(view) == len(rows)
    assert is_kind(view[:], kind)
    np.testing.assert_array_equal(dense(view[1:3]), expected[rows[1:3]])
    np.testing.assert_array_equal(dense(view[[2, 0]]), expected[rows[[2, 0]]])
    np.testing.assert_array_equal(np.asarray(view), expected[rows])


def test_a_view_has_the_shape_of_its_rows(rows):
    assert RowView(IMAGES, rows).shape == IMAGES[rows].shape
    assert RowView(WORDS, rows).shape == (len(rows),)


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


def test_concatenate_appends_rows_in_the_kind_of_the_first(container):
    X, expected, kind = container
    both = concatenate(X, take(X, [7, 3]))
    assert is_kind(both, type(X) if sparse.issparse(X) else kind)
    np.testing.assert_array_equal(dense(both), np.concatenate([expected, expected[[7, 3]]]))


def test_concatenate_reads_views(container):
    X, expected, _ = container
    both = concatenate(RowView(X, [5, 2]), RowView(X, [2, 9]))
    np.testing.assert_array_equal(dense(both), expected[[5, 2, 2, 9]])


@pytest.mark.parametrize(
    "name", ["ndarray 2-D", "csr matrix", "csr array", "list of lists", "tensor", "Dataset of x"]
)
@pytest.mark.parametrize("second", [np.array, np.ndarray.tolist], ids=["array", "list"])
def test_concatenate_takes_an_array_or_a_list_as_second(name, second, tmp_path):
    build, expected, _ = CONTAINERS[name]
    both = concatenate(build(tmp_path), second(expected[:2]))
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
        (pl.DataFrame(TABLE, schema=["a", "b", "c"]), pl.DataFrame(TABLE, schema=["a", "c", "b"])),
        (pl.DataFrame(TABLE, schema=["a", "b", "c"]), pl.DataFrame(TABLE[:, :2], schema=["a", "b"])),
        ({"a": TABLE}, {"b": TABLE}),
        ({"a": TABLE}, TABLE),
    ],
    ids=["2-D", "4-D", "csr", "tensor", "order", "no columns", "polars order", "polars width", "keys", "no dict"],
)
def test_concatenate_refuses_rows_of_another_kind(first, second):
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


def test_row_keys_are_equal_where_rows_are(container):
    X, expected, _ = container
    keys = row_keys(X)
    flat = expected.reshape(len(expected), -1)
    same = (flat[:, None] == flat[None]).all(axis=2)
    assert ((np.array(keys, dtype=object)[:, None] == np.array(keys, dtype=object)[None]) == same).all()


def test_row_keys_of_some_rows_are_the_keys_of_these_rows(container):
    X, _, _ = container
    keys = row_keys(X)
    rows = [7, 3, 99, 3]
    expected = [keys[row] for row in rows]
    assert row_keys(take(X, rows)) == expected
    assert row_keys(RowView(X, rows)) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["a"], ["a", "longer"]),
        ([["a", "b"]], [["a", "b"], ["longer", "b"]]),
        (np.array([[0.0, 1.0]]), np.array([[-0.0, 1.0]])),
        ([[1, 2]], np.array([[1.0, 2.0]], dtype=np.float32)),
        (sparse.csr_matrix([[0, 2]]), sparse.csr_matrix([[0.0, 2.0]])),
        (np.asfortranarray(TABLE), TABLE),
        (sparse.csr_matrix(TABLE), sparse.csc_matrix(TABLE)),
        (with_spare_entries(), sparse.csr_matrix([[0.0, 3.0, 0.0]])),
        ([[1, 2], [3]], [[1, 2], [3, 4, 5]]),
    ],
    ids=[
        "strings",
        "rows of strings",
        "zeros",
        "numbers",
        "sparse numbers",
        "memory order",
        "formats",
        "spare entries",
        "unequal lengths",
    ],
)
def test_row_keys_look_at_values_not_at_storage(first, second):
    assert row_keys(first)[0] == row_keys(second)[0]


def test_row_keys_leave_a_sparse_matrix_as_it_was():
    X = with_spare_entries()
    row_keys(X)
    assert X.data.tolist() == [1.0, 0.0, 2.0]


def test_row_keys_tell_swapped_columns_and_split_words_apart():
    assert row_keys([["ab", "c"]]) != row_keys([["a", "bc"]])
    assert row_keys(np.array([[1.0, 2.0]])) != row_keys(np.array([[2.0, 1.0]]))
    assert row_keys(sparse.csr_matrix([[1.0, 0.0]])) != row_keys(sparse.csr_matrix([[0.0, 1.0]]))
    assert row_keys({"a": [1], "b": [2]}) != row_keys({"a": [2], "b": [1]})


def test_row_keys_tell_whole_numbers_apart_that_float64_does_not():
    assert len(set(row_keys(np.array([[2**60], [2**60 + 1]])))) == 2


def test_to_numpy_gives_the_rows(container):
    X, expected, _ = container
    np.testing.assert_array_equal(to_numpy(X), expected)
    np.testing.assert_array_equal(to_numpy(RowView(X, [7, 3])), expected[[7, 3]])


def test_to_numpy_returns_an_array_as_it_is_and_detaches_a_tensor():
    assert to_numpy(TABLE) is TABLE
    assert to_numpy(torch.ones(2, requires_grad=True)).tolist() == [1.0, 1.0]


def test_reading_leaves_the_container_as_it_was(container):
    X, expected, _ = container
    index = X.index.copy() if isinstance(X, (pd.DataFrame, pd.Series)) else None
    form = X.format if sparse.issparse(X) else None
    with block_rows(7):
        read(X), read(RowView(X, VIEWS["mostly full"]))
    row_keys(X), take(X, [1, 0]), concatenate(X, take(X, [1]))
    np.testing.assert_array_equal(dense(take(X, slice(None))), expected)
    assert n_rows(X) == N
    assert index is None or X.index.equals(index)
    assert form is None or X.format == form
