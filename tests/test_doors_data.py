"""Arrays of other houses at every door: read in few reads, with the labels' type kept, or refused by name."""

import warnings

import numpy as np
import pandas as pd
import pytest
from made_containers import OnDisk
from made_learners import X0, X_pool, y0, y_pool
from made_optional import needs_polars
from made_optional import polars as pl
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner, ActiveLearningClassifier, Committee, compare
from skal.data import RowView, blocks, concatenate, n_rows, row_keys, take, to_numpy
from skal.query import entropy_sampling, margin_sampling

X, y = np.vstack([X0, X_pool]), np.concatenate([y0, y_pool])
NAMES = np.array(["ash", "birch", "cedar tree"], dtype=object)[y]
BUILT = {
    "text": pd.Series(NAMES).values,
    "string": pd.array(NAMES, dtype="string"),
    "category": pd.Categorical(NAMES),
    "Int64": pd.array(y, dtype="Int64"),
    "Arrow text": pd.array(NAMES, dtype="string[pyarrow]"),
    "Arrow numbers": pd.Series(y).convert_dtypes(dtype_backend="pyarrow").values,
    "object text": NAMES,
}
if pl is not None:
    BUILT["polars text"] = pl.Series("y", list(NAMES))
    BUILT["polars numbers"] = pl.Series("y", y)
    BUILT["polars category"] = pl.Series("y", list(NAMES), dtype=pl.Categorical)


def h5py_file(folder, array):
    h5py = pytest.importorskip("h5py")
    return h5py.File(folder / "rows.h5", "w").create_dataset("X", data=array, chunks=(16, *array.shape[1:]))


def zarr_file(folder, array):
    zarr = pytest.importorskip("zarr")
    made = zarr.create_array(
        folder / "rows.zarr", shape=array.shape, chunks=(16, *array.shape[1:]), dtype=array.dtype
    )
    made[:] = array
    return made


def dask_graph(folder, array):
    return pytest.importorskip("dask.array").from_array(array, chunks=(16, *array.shape[1:]))


DISKS = {"h5py": h5py_file, "zarr": zarr_file, "dask": dask_graph, "slices alone": lambda _, a: OnDisk(a, slice)}


@pytest.fixture(params=DISKS)
def on_disk(request, tmp_path):
    return lambda array: DISKS[request.param](tmp_path, array)


@pytest.mark.parametrize("kind", BUILT)
def test_labels_of_any_array_are_taught_and_asked_of_every_door(kind):
    labels = BUILT[kind]
    plain = np.asarray(labels.to_list() if hasattr(labels, "to_list") else list(labels), dtype=object)
    expected = LogisticRegression().fit(X[:30], list(plain[:30]))
    learner = ActiveLearner(LogisticRegression(), margin_sampling, X[:20], take(labels, slice(0, 20)))
    committee = Committee([ActiveLearner(LogisticRegression())]).fit(X[:20], take(labels, slice(0, 20)))
    for one in (learner, committee):
        one.teach(X[20:30], take(labels, np.arange(20, 30)))
        assert one.classes_.tolist() == expected.classes_.tolist()
        assert one.predict(X).tolist() == expected.predict(X).tolist()
    loop = ActiveLearningClassifier(n_initial=8, n_instances=6, budget=20, random_state=0).fit(X, labels)
    assert set(loop.predict(X).tolist()) <= set(plain.tolist())
    study = compare(X, labels, LogisticRegression(), ["margin_sampling"], n_rounds=1, n_trials=2, n_initial=9)
    assert len(study.class_names) == 3 if hasattr(study, "class_names") else study is not None


@pytest.mark.parametrize("dtype", ["Float64", "float64[pyarrow]"])
def test_rows_of_nullable_numbers_are_numbers_with_nan(dtype):
    table = pd.DataFrame(X).astype(dtype)
    assert to_numpy(table).dtype == np.float64
    column = table[0].values.copy()
    column[2] = pd.NA
    assert np.isnan(to_numpy(column)[2]) and to_numpy(column).dtype == np.float64
    assert to_numpy(take(column, [5, 3])).tolist() == X[[5, 3], 0].tolist()
    assert len(row_keys(column)) == n_rows(column) == len(X)


def test_labels_keep_their_dtype_through_teach():
    learner = ActiveLearner(LogisticRegression(), X_training=X[:20], y_training=NAMES[:20])
    learner.teach(X[20:22], NAMES[20:22].astype(str))
    assert learner.y_training.dtype == object and learner.classes_.dtype == object
    loop = ActiveLearningClassifier(n_initial=8, budget=20, random_state=0).fit(X, NAMES)
    assert loop.classes_.dtype == loop.predict(X).dtype == object
    numbers = ActiveLearner(LogisticRegression(), X_training=X[:20], y_training=y[:20])
    numbers.teach(X[20:22], y[20:22].astype(float))
    assert numbers.y_training.dtype == y.dtype


MASKED = np.ma.masked_array(X, mask=np.eye(len(X), 4, dtype=bool))


@pytest.mark.parametrize(
    "door",
    [
        lambda: ActiveLearner(LogisticRegression(), X_training=MASKED, y_training=y),
        lambda: ActiveLearner(LogisticRegression(), X_training=X, y_training=np.ma.masked_equal(y, 0)),
        lambda: ActiveLearner(LogisticRegression(), X_training=X0, y_training=y0).teach(MASKED[20:22], y[20:22]),
        lambda: entropy_sampling(LogisticRegression().fit(X, y), MASKED),
        lambda: ActiveLearningClassifier().fit(MASKED, y),
        lambda: ActiveLearningClassifier().fit(X, np.ma.masked_equal(y, 0)),
        lambda: compare(MASKED, y, LogisticRegression(), ["margin_sampling"], n_rounds=1, n_trials=2, n_initial=9),
        lambda: compare(X, np.ma.array(y), LogisticRegression(), ["margin_sampling"], n_rounds=1, n_trials=2),
    ],
)
def test_masked_arrays_are_refused_by_name(door):
    with pytest.raises(TypeError, match=r"MaskedArray.*X\.filled.*X\.compressed"):
        door()


def test_a_pool_on_disk_is_read_in_one_read():
    pool = OnDisk(np.random.default_rng(0).standard_normal((20_000, 4)))
    model = LogisticRegression().fit(X, y)
    picks = entropy_sampling(model, pool, 3, random_state=0)
    assert len(pool.reads) == 1
    assert (picks == entropy_sampling(model, pool._array, 3, random_state=0)).all()
    pool.reads.clear()
    rest = RowView(pool, np.delete(np.arange(20_000), picks))
    entropy_sampling(model, rest, 3, random_state=0)
    assert len(pool.reads) <= 2


def test_rows_on_disk_are_those_of_the_array(on_disk):
    pool = on_disk(X)
    for rows in ([3], [5, 2, 5, 59], [-1, 0], [], np.arange(59, -1, -1), slice(50, 3, -7), 4):
        found = take(pool, rows)
        assert isinstance(found, np.ndarray)
        np.testing.assert_array_equal(found, take(X, rows))


def test_scattered_rows_are_asked_for_once_and_rising():
    rows = OnDisk(np.arange(10_000.0)[:, None])
    assert take(rows, [9000, 5, 9000, 70])[:, 0].tolist() == [9000.0, 5.0, 9000.0, 70.0]
    assert len(rows.reads) == 1
    with pytest.raises(IndexError, match=r"rows must be in \[0, 9999\]"):
        take(rows, [10_000])


def test_rows_on_disk_go_through_every_door(on_disk):
    pool = on_disk(X)
    assert np.concatenate([block for block, _ in blocks(pool)]).tolist() == X.tolist()
    learner = ActiveLearner(LogisticRegression(), margin_sampling, X_training=pool, y_training=y)
    plain = ActiveLearner(LogisticRegression(), margin_sampling, X_training=X, y_training=y)
    assert isinstance(learner.X_training, np.ndarray)
    indices, rows = learner.query(pool, 4, random_state=0)
    assert indices.tolist() == plain.query(X, 4, random_state=0)[0].tolist()
    np.testing.assert_array_equal(rows, X[indices])
    loop = ActiveLearningClassifier(n_initial=8, budget=20, random_state=0)
    picked = loop.fit(pool, y).labeled_indices_.tolist()
    assert picked == loop.fit(X, y).labeled_indices_.tolist()


def test_levels_of_two_columns_are_united():
    first = pd.DataFrame({"city": pd.Categorical(["Rome", "Oslo"]), "n": [1.0, 2.0]})
    second = pd.DataFrame({"city": pd.Categorical(["Lima", "Rome"]), "n": [3.0, 4.0]})
    both = concatenate(first, second)
    assert both["city"].tolist() == ["Rome", "Oslo", "Lima", "Rome"]
    assert sorted(both["city"].cat.categories) == ["Lima", "Oslo", "Rome"]
    assert list(first["city"].cat.categories) == ["Oslo", "Rome"]  # the first is left alone
    assert concatenate(first["city"], second["city"]).dtype == both["city"].dtype
    text = concatenate(first, second.astype({"city": "str"}))
    assert text["city"].tolist() == both["city"].tolist() and hasattr(text["city"], "cat")


def test_ordered_levels_are_united_where_one_order_holds_the_other():
    def sizes(levels, values):
        return pd.Series(pd.Categorical(values, categories=levels, ordered=True), name="size")

    small, large = sizes(["S", "L"], ["L"]), sizes(["S", "M", "L"], ["M"])
    assert list(concatenate(small, large).cat.categories) == ["S", "M", "L"]
    with pytest.raises(ValueError, match=r"ordered levels of column 'size'.*set_categories"):
        concatenate(small, sizes(["L", "S"], ["S"]))


@needs_polars
@pytest.mark.parametrize("name", ["Categorical", "Enum"])
def test_levels_of_polars_are_united(name):
    kind = getattr(pl, name)

    def column(values):
        return pl.Series("city", values, dtype=kind(values) if kind is pl.Enum else kind)

    both = concatenate(column(["Rome", "Oslo"]), column(["Lima", "Rome"]))
    assert both.to_list() == ["Rome", "Oslo", "Lima", "Rome"] and both.dtype.base_type() is kind


def test_a_model_of_categories_is_taught_rows_with_other_levels():
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(0)

    def made(cities, n):
        return pd.DataFrame({"a": rng.normal(size=n), "city": pd.Categorical(rng.choice(cities, n))})

    A, B = made(["Rome", "Oslo"], 60), made(["Rome", "Lima"], 20)
    model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1)
    learner = ActiveLearner(model, X_training=A, y_training=(A.a > 0).to_numpy(), random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        indices, rows = learner.query(B, n_instances=2)
    learner.teach(rows, (B.a > 0).to_numpy()[indices])
    assert sorted(learner.X_training["city"].cat.categories) == ["Lima", "Oslo", "Rome"]
