"""Whatever the container: rows by position, views, blocks and appended rows are those of an array of these rows."""

import numpy as np
import pytest
from hypothesis import currently_in_test_context, example, given, note, settings
from hypothesis import strategies as st
from made_containers import IMAGES, TABLE, WORDS, containers, dense, is_kind
from made_optional import polars as pl
from scipy import sparse

from skal.data import (
    RowBuffer,
    RowView,
    block_rows,
    blocks,
    concatenate,
    n_rows,
    non_finite_rows,
    row_keys,
    take,
    to_numpy,
)

fewer = settings(max_examples=settings().max_examples // 4)  # each of them goes over all containers
SIZES = st.sampled_from([1, 12, 47])  # rows


@pytest.fixture(scope="module", autouse=True)
def containers_are_left_as_they_were():
    yield
    for n in (1, 12, 47):
        for name, (X, expected, _) in containers(n).items():
            np.testing.assert_array_equal(dense(take(X, slice(None))), expected, err_msg=name)
            assert n_rows(X) == n and getattr(X, "format", name[:3]) == name[:3]  # sparse ones keep their format
            if hasattr(X, "iloc"):
                assert X.index.tolist() == [(n - 1 - row) % (5 if "repeated" in name else n) for row in range(n)]


def of_all_kinds(n):
    for name, (X, expected, kind) in containers(n).items():
        if currently_in_test_context():
            note(name)  # the last one that is written down is the one that failed
        yield X, expected, kind


def positions(n, **sizes):
    return st.lists(st.integers(0, n - 1), max_size=12, **sizes)


def read(X):
    """All rows of X, through its blocks."""
    parts = [dense(block) if keep is None else dense(block)[keep] for block, keep in blocks(X)]
    return np.concatenate(parts) if parts else None


@st.composite
def with_holes(draw):
    """A number of rows, of a block, and the rows that are left where some at the edges of blocks are taken out."""
    n = draw(SIZES)
    size = draw(st.integers(1, n + 2))
    edges = [row for start in range(0, n + size, size) for row in (start - 1, start, start + 1) if 0 <= row < n]
    holes = draw(st.lists(st.sampled_from(edges), max_size=4, unique=True))
    return n, size, np.delete(np.arange(n), holes)


@fewer
@given(st.data())
def test_taken_rows_are_those_of_the_array_in_the_same_kind(data):
    n = data.draw(SIZES)
    one = data.draw(st.integers(0, n - 1))
    rows = data.draw(st.one_of(positions(n), positions(n).map(lambda rows: np.array(rows)[::-1]), st.slices(n)))
    for X, expected, kind in of_all_kinds(n):
        part = take(X, rows)
        wanted = expected[rows if isinstance(rows, slice) else np.asarray(rows, dtype=int)]
        assert is_kind(part, kind) and n_rows(part) == len(wanted) and type(n_rows(part)) is int
        if len(wanted) or kind is not list:  # an empty list has no width
            np.testing.assert_array_equal(dense(part), wanted)
        row = take(X, one)
        row = {name: np.atleast_2d(value) for name, value in row.items()} if type(row) is dict else row
        np.testing.assert_array_equal(dense(row).ravel(), expected[one].ravel())


@fewer
@given(st.data())
def test_a_view_and_a_view_of_it_are_their_rows(data):
    n = data.draw(SIZES)
    rows = np.array(data.draw(positions(n, min_size=1)))
    inner = data.draw(positions(len(rows), min_size=1))
    size = data.draw(st.integers(1, n))
    for X, expected, kind in of_all_kinds(n):
        view = RowView(X, rows)
        assert len(view) == n_rows(view) == len(rows) and is_kind(view[:], kind)
        for again in (view[inner], RowView(view, inner), take(view, inner)):
            np.testing.assert_array_equal(to_numpy(again), expected[rows[inner]])
        with block_rows(size):
            np.testing.assert_array_equal(read(view), expected[rows])
            np.testing.assert_array_equal(read(RowView(view, inner)), expected[rows[inner]])


@fewer
@given(SIZES, st.integers(1, 60))
def test_blocks_in_order_are_the_whole(n, size):
    for X, expected, kind in of_all_kinds(n):
        with block_rows(size):
            parts = list(blocks(X))
            np.testing.assert_array_equal(read(X), expected)
        assert [n_rows(block) for block, _ in parts] == [min(size, n - start) for start in range(0, n, size)]
        assert all(keep is None and is_kind(block, kind) for block, keep in parts)


@fewer
@given(with_holes())
@example((47, 12, np.delete(np.arange(47), [0, 12, 35])))
def test_blocks_of_all_rows_but_some_at_the_edges_of_blocks_are_exactly_these(drawn):
    n, size, rows = drawn
    for X, expected, _ in of_all_kinds(n):
        with block_rows(size):
            together = read(RowView(X, rows))
        if len(rows):
            np.testing.assert_array_equal(together, expected[rows])
        else:
            assert together is None


@fewer
@given(st.data())
def test_rows_are_appended_in_the_kind_of_the_first(data):
    n = data.draw(SIZES)
    first, second = data.draw(positions(n, min_size=1)), data.draw(positions(n, min_size=1))
    for X, expected, kind in of_all_kinds(n):
        wanted = np.concatenate([expected[first], expected[second]])
        both = concatenate(X, take(X, second))
        assert is_kind(both, type(X) if sparse.issparse(X) else kind)
        np.testing.assert_array_equal(dense(both), np.concatenate([expected, expected[second]]))
        np.testing.assert_array_equal(dense(concatenate(RowView(X, first), RowView(X, second))), wanted)


@fewer
@given(st.data())
def test_keys_are_equal_where_rows_are_and_those_of_some_rows_are_theirs(data):
    n = data.draw(SIZES)
    rows = data.draw(positions(n))
    for X, expected, _ in of_all_kinds(n):
        keys = row_keys(X)
        flat = expected.reshape(n, -1)
        same = (flat[:, None] == flat[None]).all(axis=2)
        assert (np.array([[a == b for b in keys] for a in keys]) == same).all()
        assert row_keys(take(X, rows)) == row_keys(RowView(X, rows)) == [keys[row] for row in rows]


@fewer
@given(SIZES, st.data())
def test_all_rows_of_a_container_and_of_a_view_become_an_array(n, data):
    rows = data.draw(positions(n, min_size=1))
    for X, expected, _ in of_all_kinds(n):
        np.testing.assert_array_equal(to_numpy(X), expected)
        np.testing.assert_array_equal(to_numpy(RowView(X, rows)), expected[rows])
    assert RowView(IMAGES, rows).shape == IMAGES[rows].shape
    assert RowView(WORDS, rows).shape == (len(rows),)


@given(with_holes(), st.data())
def test_rows_that_are_not_finite_are_found_by_their_place_in_the_view(drawn, data):
    n, size, rows = drawn
    bad = data.draw(positions(n))
    X = TABLE[:n].copy()
    X[bad, data.draw(st.integers(0, 2))] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    expected = [place for place, row in enumerate(rows) if row in bad]
    for pool in (X, sparse.csr_matrix(X), X.tolist()):
        with block_rows(size):
            assert non_finite_rows(RowView(pool, rows)).tolist() == expected
            assert non_finite_rows(pool).tolist() == sorted(set(bad))


@given(st.data())
def test_a_buffer_appends_to_whatever_it_is_given_and_what_it_gave_stays(data):
    buffer = RowBuffer()
    arrays = [np.arange(float(data.draw(st.integers(0, 3))))]
    copies = [arrays[0].copy()]
    for step in range(data.draw(st.integers(1, 6))):
        first = arrays[data.draw(st.integers(0, len(arrays) - 1))]
        first = data.draw(st.sampled_from([first, first[::-1], first[1:], first[: len(first) // 2]]))
        second = np.arange(float(data.draw(st.integers(0, 3)))) + 10 * step
        wanted = np.concatenate([first, second])
        arrays.append(buffer.extend(first, second))
        copies.append(wanted)
        for array, copy in zip(arrays, copies, strict=True):
            assert array.tolist() == copy.tolist()


def test_no_rows_are_no_rows_of_the_same_kind():
    for X, expected, kind in of_all_kinds(12):
        for rows in ([], np.array([]), slice(0, 0)):
            part = take(X, rows)
            assert is_kind(part, kind) and n_rows(part) == 0
            if kind is not list:  # an empty list has no width
                assert dense(part).shape == (0, *expected.shape[1:])


def test_a_mask_is_never_read_as_positions():
    mask = np.arange(12) % 2 == 0
    for X, expected, _ in of_all_kinds(12):
        try:
            part = take(X, mask)
        except (TypeError, ValueError, IndexError):
            continue  # refused
        np.testing.assert_array_equal(dense(part), expected[mask])


@pytest.mark.parametrize("rows", [[12], [0, 17]])
def test_rows_out_of_range_are_refused(rows):
    for X, _, _ in of_all_kinds(12):
        with pytest.raises((IndexError, pl.exceptions.OutOfBoundsError) if pl else IndexError):
            take(X, rows)
