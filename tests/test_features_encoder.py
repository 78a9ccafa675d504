"""Tables as numbers: gaps, new categories, dates, texts; what is sparse, what is short, and what is kept."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skal.features import TableEncoder, column_uses
from skal.features._texts import TextReader, _PieceVectorizer
from skal.outputs import embedding

GOOD, BAD = ["wonderful", "great", "lovely"], ["awful", "dull", "boring"]


def reviews(n=300, seed=0):
    """The text says the class; the other columns say nothing."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    text = [
        f"film number {i} was {rng.choice((BAD, GOOD)[label])} and {rng.choice(['long', 'short'])}"
        for i, label in enumerate(y)
    ]
    table = pd.DataFrame(
        {
            "review_id": [f"R{i:05d}x" for i in range(n)],
            "text": text,
            "when": pd.date_range("2022-01-01", periods=n, freq="11h").strftime("%d.%m.%Y %H:%M"),
            "stars": np.where(rng.random(n) < 0.2, np.nan, rng.integers(1, 6, n)),
            "site": rng.choice(["web", "app", "mail"], n),
            "edited": rng.choice(["yes", "no"], n),
        }
    )
    return table, y


@pytest.mark.parametrize("kind", ["linear", "dense", "tree"])
class TestAnyKind:
    def test_what_the_fit_did_not_see_does_not_break_transform(self, kind):
        table, _ = reviews(60)
        few = table.iloc[:20].assign(stars=3.0, site="web", edited="yes")
        columns = {name: use.kind for name, use in column_uses(table).items()}
        new = pd.DataFrame({name: [None] * 4 for name in table}).assign(site=["fax", None, "web", "app"])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            encoder = TableEncoder(columns, kind).fit(few)
            Z = encoder.transform(new)
            E = encoder.embed(new)
        values = Z.data if sparse.issparse(Z) else Z
        assert Z.shape[0] == len(E) == 4 and np.isfinite(values).all() and np.isfinite(E).all()

    def test_it_is_cloned_pickled_and_named(self, kind):
        table, _ = reviews(80)
        encoder = clone(TableEncoder({"stars": "category"}, kind, random_state=0)).fit(table)
        Z, again = (one.transform(table) for one in (encoder, pickle.loads(pickle.dumps(encoder))))
        assert (abs(Z - again) > 0).sum() == 0
        names = encoder.get_feature_names_out()
        assert len(names) == len(set(names)) == Z.shape[1]
        assert not any("review_id" in name for name in names)
        assert encoder.feature_names_in_.tolist() == list(table.columns)

    def test_the_order_of_columns_and_further_ones_do_not_matter(self, kind):
        table, _ = reviews(50)
        encoder = TableEncoder(kind=kind, random_state=0).fit(table)
        other = table[table.columns[::-1]].assign(more=1)
        assert (abs(encoder.transform(table) - encoder.transform(other)) > 0).sum() == 0
        with pytest.raises(ValueError, match="columns that are not there: site, text"):
            encoder.transform(table.drop(columns=["text", "site"]))

    def test_the_same_rows_have_the_same_numbers_wherever_they_stand(self, kind):
        table, _ = reviews(120)
        encoder = TableEncoder(kind=kind, random_state=0).fit(table)
        rows = [70, 3, 3, 119]
        whole, some = encoder.transform(table), encoder.transform(table.iloc[rows])
        assert np.allclose(np.asarray(whole[rows].todense() if sparse.issparse(whole) else whole[rows]),
                           np.asarray(some.todense() if sparse.issparse(some) else some))  # fmt: skip


@pytest.mark.parametrize("n", [9_999, 10_000, 10_001, 20_000, 20_003])
def test_a_table_that_is_read_in_parts_has_every_row_once(n):
    """Ten thousand rows at a time; a part may be a single row."""
    table = pd.DataFrame({"n": np.arange(n) % 977 / 7, "kind": np.array(["a", "b", "c"])[np.arange(n) % 3]})
    encoder = TableEncoder(kind="tree").fit(table.iloc[:977])
    found = encoder.transform(table)
    assert found.shape == (n, 2)
    np.testing.assert_array_equal(found, np.column_stack([table["n"], np.arange(n) % 3]))


def test_gaps_become_the_median_and_are_marked():
    table = pd.DataFrame({"x": [1.0, 2.0, 9.0, None], "z": [0.5, 1.5, 2.5, 4.0]})
    encoder = TableEncoder(kind="tree").fit(table)
    assert encoder.get_feature_names_out().tolist() == ["x", "z", "x is missing"]
    assert encoder.transform(table)[3].tolist() == [2.0, 4.0, 1.0]
    assert encoder.transform(pd.DataFrame({"x": [None], "z": [None]})).tolist() == [[2.0, 2.0, 1.0]]


def test_numbers_of_a_linear_model_are_standardised_by_the_rows_of_the_fit():
    X = np.random.default_rng(0).normal(5, 3, (50, 2))
    Z = TableEncoder().fit(pd.DataFrame(X)).transform(pd.DataFrame(X))
    assert np.allclose(Z, (X - X.mean(axis=0)) / X.std(axis=0))
    assert np.allclose(TableEncoder().fit(X).transform(X), Z)


def test_rare_and_new_categories_count_as_one():
    colours = ["red"] * 5 + ["blue"] * 4 + ["pink", "grey", "teal"]
    table = pd.DataFrame({"colour": colours, "x": range(12)})
    encoder = TableEncoder({"colour": "category", "x": "drop"}, max_categories=2).fit(table)
    assert encoder.get_feature_names_out().tolist() == ["colour=blue", "colour=red", "colour: another"]
    new = pd.DataFrame({"colour": ["red", "pink", "violet", None], "x": 0})
    assert encoder.transform(new).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    all_known = TableEncoder({"colour": "category", "x": "drop"}).fit(table)
    assert all_known.transform(new)[2].tolist() == [0] * 5


def test_of_categories_that_are_as_frequent_the_first_in_the_alphabet_stay():
    """Whatever the order of the rows: else a shuffled table would be another one."""
    counts = np.where(np.arange(100) % 7 == 0, 3, 2)  # 15 are more frequent than the others
    words = np.repeat([f"c{k:02}" for k in range(100)], counts)
    kept = sorted([*range(0, 100, 7), *[k for k in range(100) if k % 7][:15]])
    for seed in range(3):
        table = pd.DataFrame({"c": np.random.RandomState(seed).permutation(words)})
        encoder = TableEncoder({"c": "category"}, max_categories=30).fit(table)
        assert encoder.get_feature_names_out().tolist() == [*(f"c=c{k:02}" for k in kept), "c: another"]


def test_the_short_form_of_texts_is_drawn_from_the_seed():
    table, _ = reviews(80)
    first, again, other = (
        TableEncoder({"text": "text"}, n_components=3, random_state=seed).fit(table[["text"]]).embed(table[["text"]])
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert first.shape == (80, 3) and not np.array_equal(first, other)


def test_dates_are_a_line_and_places_in_year_and_week():
    days = pd.Series(["2023-01-01", "2023-01-08", "2024-01-01", "2023-07-02"])
    trees = TableEncoder({"d": "date"}, "tree").fit(pd.DataFrame({"d": days}))
    names = ["d: days", "d: year", "d: day of year", "d: weekday"]
    assert trees.get_feature_names_out().tolist() == names
    assert trees.transform(pd.DataFrame({"d": days}))[:, 1:].tolist() == [
        [2023, 0, 6], [2023, 7, 6], [2024, 0, 0], [2023, 182, 6]
    ]  # fmt: skip
    noon = pd.DataFrame({"d": [*days, "2023-01-01"]}).assign(e=pd.to_datetime(["1970-01-03 12:00"] * 5))
    since_1970 = TableEncoder({"d": "date", "e": "date"}, "tree").fit(noon).transform(noon)[:, [0, 4]]
    assert since_1970.tolist() == [[19358, 2.5], [19365, 2.5], [19723, 2.5], [19540, 2.5], [19358, 2.5]]
    linear = TableEncoder({"d": "date"}).fit(pd.DataFrame({"d": days}))
    assert not any("hour" in name for name in linear.get_feature_names_out())
    hours = pd.DataFrame({"d": pd.date_range("2023-01-01", periods=30, freq="h")})
    assert any("hour" in name for name in TableEncoder().fit(hours).get_feature_names_out())
    with pytest.raises(ValueError, match="'d' cannot be read as dates: its values are like 'soon'"):
        TableEncoder({"d": "date"}).fit(pd.DataFrame({"d": ["soon", "later"]}))


def test_a_missing_date_is_one_gap():
    days = pd.DataFrame({"d": ["2023-01-01", None, "2024-01-01", "2023-07-02"], "z": [1.0, 2.0, 3.0, 5.0]})
    names = TableEncoder({"d": "date", "z": "number"}).fit(days).get_feature_names_out().tolist()
    assert [name for name in names if "missing" in name] == ["d is missing"]


def test_pieces_of_words_are_those_of_scikit_learn():
    table, _ = reviews(250)
    texts = [*table["text"], "", "Ünïcode  WORDS\nand\ttabs"]
    ours, theirs = (
        _PieceVectorizer(2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=2, sublinear_tf=True),
    )
    Z, expected = ours.fit_transform(texts), theirs.fit_transform(texts)
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    assert np.allclose(Z.toarray(), expected.toarray())
    new = ["lovely films", "", "qqq"]
    assert np.allclose(ours.transform(new).toarray(), theirs.transform(new).toarray())
    assert ours.transform(["", " "]).shape == (2, Z.shape[1])


def test_text_teaches_where_categories_of_texts_teach_nothing():
    table, y = reviews(300)
    model = make_pipeline(TableEncoder(), LogisticRegression()).fit(table[:60], y[:60])
    assert model.score(table[60:], y[60:]) > 0.9
    ids = table[["review_id"]].assign(site=table["site"])
    assert make_pipeline(TableEncoder(), LogisticRegression()).fit(ids[:60], y[:60]).score(ids[60:], y[60:]) < 0.65


def test_wide_text_is_sparse_for_the_model_and_short_for_distances():
    table, y = reviews(400)
    model = make_pipeline(TableEncoder(n_components=10, random_state=0), LogisticRegression()).fit(table, y)
    Z = model[0].transform(table)
    E = embedding(model, table)
    assert sparse.issparse(Z) and Z.shape[1] > 256
    n_text = sum(name.startswith("text:") for name in model[0].get_feature_names_out())
    assert E.shape == (400, Z.shape[1] - n_text + 10)
    plain = TableEncoder({"x": "number"}).fit(pd.DataFrame({"x": [1.0, 2.0]}))
    assert (plain.embed(pd.DataFrame({"x": [3.0]})) == plain.transform(pd.DataFrame({"x": [3.0]}))).all()


def test_the_short_form_keeps_like_texts_together():
    texts = pd.Series([f"{word} film {i}" for i in range(50) for word in ("wonderful lovely", "boring dull")])
    E = TextReader("t", 5, dense=True).fit(texts, seed=0).embed(texts)
    E = E / np.linalg.norm(E, axis=1, keepdims=True)
    same, other = (E[::2] @ E[::2].T).mean(), (E[::2] @ E[1::2].T).mean()
    assert same > other + 0.3


def test_longer_texts_are_read_by_words_and_pairs_alone():
    texts = pd.Series([f"{'the ticket says that nothing works ' * 8} {i}" for i in range(30)])
    names = TextReader("t", 5, dense=False).fit(texts, 0).feature_names_
    assert "t: word ticket says" in names and not any("characters" in name for name in names)


def test_texts_alone_are_rows():
    texts, y = reviews(200)[0]["text"], reviews(200)[1]
    for rows in (texts, texts.tolist(), texts.to_numpy(dtype=object), texts.to_numpy(dtype="U")):
        model = make_pipeline(TableEncoder({"text": "text"}), LogisticRegression()).fit(rows[:80], y[:80])
        assert model.score(rows[80:], y[80:]) > 0.85, type(rows)


def test_arrays_of_objects_with_words_are_tables():
    rows = np.array([["a", 1.5], ["b", 2.0], ["a", None], ["b", 7.0]] * 10, dtype=object)
    encoder = TableEncoder(kind="tree").fit(rows)
    assert [use.kind for use in encoder.uses_.values()] == ["category", "number"]


ODD = {
    "arrow text": lambda n: pd.array([f"a word {i}" for i in range(n)], dtype="string[pyarrow]"),
    "arrow numbers": lambda n: pd.array([i % 7 if i % 4 else None for i in range(n)], dtype="int64[pyarrow]"),
    "arrow dates": lambda n: pd.Series(pd.date_range("2020", periods=n)).astype("timestamp[ns][pyarrow]"),
    "arrow days": lambda n: pd.Series(pd.date_range("2020", periods=n)).astype("date32[day][pyarrow]"),
    "arrow truth": lambda n: pd.array([i % 2 == 0 if i % 5 else None for i in range(n)], dtype="bool[pyarrow]"),
    "periods": lambda n: pd.period_range("2020-01", periods=n, freq="M"),
    "lists": lambda n: [[i % 3] for i in range(n)],
    "bytes": lambda n: [b"a%d" % (i % 3) for i in range(n)],
    "sparse": lambda n: pd.arrays.SparseArray(np.where(np.arange(n) % 5, 0.0, 1.5)),
    "long ago and far ahead": lambda n: ["1600-01-01", "9999-12-31"] * (n // 2),
    "zones": lambda n: [pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020", tz="Asia/Tokyo")] * (n // 2),
    "large": lambda n: [2**62 + i * i for i in range(n)],
}


@pytest.mark.parametrize("case", ODD)
def test_odd_types_of_columns_become_finite_numbers(case):
    if "arrow" in case:
        pytest.importorskip("pyarrow")
    table = pd.DataFrame({"odd": ODD[case](40), "z": np.arange(40) ** 2 / 7})
    for kind in ("linear", "dense", "tree"):
        encoder = TableEncoder(kind=kind, random_state=0).fit(table[:30])
        Z = encoder.transform(table)
        Z = Z.toarray() if sparse.issparse(Z) else Z
        assert np.isfinite(Z).all() and Z.shape == (40, len(encoder.get_feature_names_out()))


def test_infinite_numbers_and_values_that_are_none_are_named():
    with pytest.raises(ValueError, match="Column 'x' has 2 infinite numbers"):
        TableEncoder().fit(pd.DataFrame({"x": [np.inf, 1.0, -np.inf]}))
    with pytest.raises(ValueError, match="'x' cannot be read as numbers: its values are like 'red'"):
        TableEncoder({"x": "number"}).fit(pd.DataFrame({"x": ["red", "blue"]}))


def test_mistakes_are_named():
    table, _ = reviews(30)
    with pytest.raises(ValueError, match="no column 'txt' .did you mean text"):
        TableEncoder({"txt": "text"}).fit(table)
    with pytest.raises(ValueError, match="no column is left to learn from: review_id are used as id"):
        TableEncoder().fit(table[["review_id"]])
    with pytest.raises(ValueError, match="columns= names columns of a table, and the rows are ndarray of shape"):
        TableEncoder({"a": "text"}).fit(np.zeros((4, 2)))
    with pytest.raises(ValueError, match="n_components must be an int >= 1, got 0"):
        TableEncoder(n_components=0).fit(table)
    with pytest.raises(ValueError, match="fitted to a table of the columns review_id, text.*got ndarray of shape"):
        TableEncoder().fit(table).transform(np.zeros((4, 2)))
    with pytest.raises(ValueError, match="'site' cannot be boolean: it has 3 different values"):
        TableEncoder({"site": "boolean"}).fit(table)
