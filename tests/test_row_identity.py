"""A row is known by its values: not by their type, nor by its container, nor by the rows that come with it."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_optional import polars as pl
from scipy import sparse

from skal.data import row_keys, take

NAN = float("nan")
TABLE = np.random.default_rng(0).integers(0, 3, (20, 3)).astype(float)
CLOSE = [  # numbers that one step of precision too few would merge
    *(0.0, 1e-9, 1 + 1e-9, 1.0, -1.0, 1e-300, NAN, math.inf, 2.0**60),
    *(2**24, 2**24 + 1, 2**53, 2**53 + 1, 2**60 + 1, 2**63 - 1, -(2**63), -(2**60) - 1),
]
numbers = st.sampled_from(CLOSE)
FLOATS = [number for number in CLOSE if isinstance(number, float)]
WHOLE = [number for number in CLOSE if isinstance(number, int)]


def one(X):
    (key,) = row_keys(X)
    return key


def same(first, second):
    """Equality of rows, by hand: Python compares whole numbers and floats exactly; one NaN is as another."""
    return all(a == b or (a != a and b != b) for a, b in zip(first, second, strict=True))


def assert_keys_say_what_rows_are_equal(X, rows):
    keys = row_keys(X)
    for first, key in zip(rows, keys, strict=True):
        for second, other in zip(rows, keys, strict=True):
            assert (key == other) == same(first, second), (first, second)


def objects(rows):
    array = np.empty((len(rows), len(rows[0])), dtype=object)
    array[:] = rows
    return array


IN_FORMS = {
    "lists": lambda rows: [list(row) for row in rows],
    "objects": objects,
    "columns": lambda rows: dict(zip("ab", objects(rows).T, strict=True)),
    "frame of objects": lambda rows: pd.DataFrame(objects(rows)),
}


@pytest.mark.parametrize("form", IN_FORMS)
def test_numbers_that_are_close_are_different_rows(form):
    rows = [(number, other) for number in CLOSE for other in (number, 0.5)]
    assert_keys_say_what_rows_are_equal(IN_FORMS[form](rows), rows)


@pytest.mark.parametrize("numbers", [FLOATS, WHOLE, [2**63, 2**63 + 1, 2**63 + 1024, 2**64 - 1], [2**53, 2**53 + 1]])
def test_numbers_of_an_array_that_are_close_are_different_rows(numbers):
    array = np.array(numbers)[:, None]
    assert len(set(row_keys(array))) == len(set(row_keys(sparse.csr_array(array)))) == len(numbers)
    assert row_keys(array) == row_keys(array.astype(object))


@given(st.lists(st.tuples(st.sampled_from(WHOLE), st.sampled_from(FLOATS)), min_size=1, max_size=6))
def test_a_column_of_large_numbers_beside_one_of_floats_is_not_rounded(rows):
    frame = pd.DataFrame(rows, columns=["id", "value"]).astype({"id": np.int64})
    same = {"id": frame["id"].to_numpy(), "value": frame["value"].to_numpy()}
    for X in (frame, *([pl.DataFrame(same)] if pl else ())):
        assert_keys_say_what_rows_are_equal(X, rows)
        assert row_keys(X) == row_keys([list(row) for row in rows])
    assert row_keys(frame["id"].astype("Int64")) == row_keys(frame["id"].to_numpy())


DTYPES = [np.float16, np.float32, np.float64, np.int8, np.int32, np.int64, np.uint8, np.uint64, np.bool_]


@given(st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, st.tuples(st.integers(1, 6), st.just(2)))))
def test_arrays_of_any_dtype_are_known_by_their_values(array):
    rows = array.tolist()
    assert_keys_say_what_rows_are_equal(array, rows)
    keys = row_keys(array)
    assert keys == row_keys(array.astype(object)) == row_keys(rows)
    assert keys == row_keys(np.asfortranarray(array))
    if array.dtype.kind == "f":
        other_bits = np.where(np.isnan(array) | (array == 0), -array, array)  # of NaN, and of zero
        assert keys == row_keys(other_bits)
    if array.dtype != np.float16 and not np.isnan(array.astype(float)).any():  # scipy has no half precision
        stored = sparse.csr_array(array)
        assert_keys_say_what_rows_are_equal(stored, rows)
        assert row_keys(stored) == row_keys(sparse.csc_matrix(array))


@given(st.lists(st.lists(numbers, min_size=1, max_size=3), min_size=1, max_size=6), st.data())
def test_a_row_has_one_key_in_whatever_company(rows, data):
    some = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1))
    objects = np.empty(len(rows), dtype=object)
    objects[:] = [np.array(row, dtype=object) for row in rows]
    keys = row_keys(rows)  # lists of several lengths, or of one
    assert (
        keys
        == row_keys(objects)
        == [one([row]) for row in rows]
        == [one(take(objects, [i])) for i in range(len(rows))]
    )
    assert row_keys(take(rows, some)) == [keys[row] for row in some]


def test_images_of_one_content_and_several_shapes_are_different():
    wide, tall = np.zeros((2, 3)), np.zeros((3, 2), dtype=np.uint8)
    assert len(set(row_keys([wide, tall]))) == 2
    assert row_keys([wide, tall]) == [one(wide[None]), one(torch.tensor(tall)[None])]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["a"], ["a", "longer"]),
        ([["a", "b"]], [["a", "b"], ["longer", "b"]]),
        (np.array([[1, "a"]], dtype=object), np.array([[np.float64(1.0), np.str_("a")]], dtype=object)),
        (np.array([[-0.0, "a"]], dtype=object), np.array([[0, "a"]], dtype=object)),
        (np.array([[NAN, "a"]], dtype=object), np.array([[np.float32("nan"), "a"]], dtype=object)),
        (pd.DataFrame({"a": [1], "b": ["x"]}), pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})),
        (pd.Series([2**60 + 1, None], dtype="Int64"), [2**60 + 1]),
        *([(pl.Series([2**60 + 1, None]), [2**60 + 1])] if pl else []),
        (np.array([[0.0, 1.0]]), np.array([[-0.0, 1.0]])),
        ([[1, "a"]], pd.DataFrame({"a": [1.0], "b": ["a"]})),
        (np.array([b"a"]), [b"a"]),
        ([[1, 2]], np.array([[1.0, 2.0]], dtype=np.float32)),
        (sparse.csr_matrix([[0, 2]]), sparse.csr_matrix([[0.0, 2.0]])),
        (sparse.csr_matrix([[0, 2], [0, 2**60]]), sparse.csr_matrix([[0.0, 2.0]])),
        (np.asfortranarray(TABLE), TABLE),
        ([[1, 2], [3]], [[1, 2], [3, 4, 5]]),
    ],
)
def test_keys_look_at_values_not_at_storage(first, second):
    assert row_keys(first)[0] == row_keys(second)[0]


def test_spare_entries_of_a_sparse_row_are_summed_and_left_in_place():
    X = sparse.csr_matrix((np.array([1.0, 0.0, 2.0]), np.array([1, 0, 1]), np.array([0, 3])), shape=(1, 3))
    assert row_keys(X) == row_keys(sparse.csr_matrix([[0.0, 3.0, 0.0]]))
    assert X.data.tolist() == [1.0, 0.0, 2.0]


def test_swapped_columns_and_split_words_are_different_rows():
    assert row_keys([["ab", "c"]]) != row_keys([["a", "bc"]])
    assert row_keys(np.array([[1.0, 2.0]])) != row_keys(np.array([[2.0, 1.0]]))
    assert row_keys(sparse.csr_matrix([[1.0, 0.0]])) != row_keys(sparse.csr_matrix([[0.0, 1.0]]))
    assert row_keys({"a": [1], "b": [2]}) != row_keys({"a": [2], "b": [1]})
    assert row_keys([[1, "1"]]) != row_keys([["1", "1"]])  # though NumPy makes text of such a list
    assert row_keys(np.array([[1, "1"]], dtype=object)) != row_keys([["1", "1"]])


def test_a_number_is_not_its_text():
    assert row_keys([[1, "a"]]) != row_keys([["1", "a"]])
    assert row_keys([["1", "a"]]) == row_keys(np.array([["1", "a"]]))
