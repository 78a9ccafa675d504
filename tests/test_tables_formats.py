"""JSON lines, Parquet and arrays: round trips, and files that are damaged."""

import json

import numpy as np
import pandas as pd
import pytest

from skal.datasets import load_dataset
from skal.tables import read_array, read_table, typed

pytest.importorskip("pyarrow")


def mixed(n=60, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "n": rng.integers(-9, 9, n),
            "x": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "text": [f"wort {k}, 你\n" if k % 7 else None for k in range(n)],
            "code": [f"{k:03}" for k in range(n)],
            "is": rng.random(n) < 0.5,
        }
    )


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 2**62 + 1, -(2**62) - 1])
def test_whole_numbers_with_gaps_keep_their_last_digit(tmp_path, value):
    """A float would not: ids of sixteen digits and more, of either sign."""
    for ending in ("parquet", "jsonl"):
        frame = pd.DataFrame({"key": pd.array([value, None, 7], dtype="Int64"), "x": [0.5, 1.5, 2.5]})
        path = tmp_path / f"t.{ending}"
        if ending == "parquet":
            frame.to_parquet(path)
        else:
            path.write_text("".join(f'{{"key": {key}, "x": 1}}\n' for key in (value, "null", 7)))
        found = read_table(path).frame["key"]
        assert [None if pd.isna(cell) else int(cell) for cell in found] == [value, None, 7]


class TestJsonLines:
    def test_types_are_those_of_the_file(self, tmp_path):
        expected = mixed()
        lines = [
            {key: None if value is None or value != value else value for key, value in row.items()}
            for row in json.loads(expected.to_json(orient="records", double_precision=15))
        ]
        path = tmp_path / "t.jsonl"
        path.write_text("\n".join(json.dumps(line) for line in lines) + "\n")
        found = read_table(path)
        pd.testing.assert_frame_equal(found.frame, expected, check_exact=False)
        assert found.notes == () and found.frame["code"].tolist()[:2] == ["000", "001"]
        text = read_table(path, as_text=True)
        assert text.frame["is"].tolist() == [str(value).lower() for value in expected["is"]]
        pd.testing.assert_frame_equal(typed(text.frame), found.frame)
        pd.testing.assert_frame_equal(typed(text.frame.iloc[5:9]), found.frame.iloc[5:9])

    def test_what_was_decided_is_told(self, tmp_path):
        path = tmp_path / "t.ndjson"
        path.write_text('\ufeff{"a": 1, "b": "x"}\r\n\r\n{"b": 2, "c": [1, {"d": 2.50}], "a": 1.0}\r\n')
        table = read_table(path)
        assert table.frame["b"].tolist() == ["x", "2"] and table.frame["a"].tolist() == [1.0, 1.0]
        assert json.loads(table.frame["c"][1]) == [1, {"d": 2.5}]
        said = " ".join(table.notes)
        for part in (
            "byte order mark",
            "1 empty line",
            "not every row has c",
            "JSON text",
            "b holds values of several",
        ):
            assert part in said
        assert read_table(path, as_text=["a"]).frame["a"].tolist() == ["1", "1.0"]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ('{"a": 1}\n{"a": \n', "t.jsonl, line 2 is not a JSON object"),
            ('{"a": 1}\n[1]\n', "line 2 must be a JSON object"),
            ('{"a": 1, "a": 2}\n', "line 1 .* the key 'a' is there twice"),
            ("\n", "t.jsonl is empty"),
            ('{"a": 1}{"a": 2}\n', "line 1 is not a JSON object"),
        ],
    )
    def test_refused_by_line(self, tmp_path, content, message):
        (tmp_path / "t.jsonl").write_text(content)
        with pytest.raises(ValueError, match=message):
            read_table(tmp_path / "t.jsonl")

    def test_options_that_do_not_apply(self, tmp_path):
        (tmp_path / "t.jsonl").write_text('{"a": 1}\n')
        with pytest.raises(ValueError, match="separator does not apply to JSON lines"):
            read_table(tmp_path / "t.jsonl", separator=";")


class TestParquet:
    def test_types_are_those_of_the_file(self, tmp_path):
        expected = mixed().assign(
            when=pd.date_range("2024", periods=60, freq="h"),
            kind=pd.Categorical(["b", "a", "b"] * 20),
            maybe=pd.array([True, None, False] * 20, dtype="boolean"),
        )
        expected.to_parquet(tmp_path / "t.parquet")
        found = read_table(tmp_path / "t.parquet").frame
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)
        assert isinstance(found["kind"].dtype, pd.CategoricalDtype) and found["when"].dtype.kind == "M"
        text = read_table(tmp_path / "t.parquet", as_text=True).frame
        assert text["n"].tolist() == expected["n"].astype(str).tolist() and text["x"].isna().equals(
            expected["x"].isna()
        )
        pd.testing.assert_frame_equal(typed(text), found, check_dtype=False, check_categorical=False)
        assert typed(text)["x"].tolist()[:9] == pytest.approx(found["x"].tolist()[:9], nan_ok=True, abs=0)

    def test_large_numbers_with_gaps_lists_and_an_index(self, tmp_path):
        frame = pd.DataFrame({"id": pd.array([2**60 + 1, None], dtype="Int64"), "tags": [["a"], ["b", "c"]]})
        frame.index = pd.Index(["r", "s"])
        frame.to_parquet(tmp_path / "t.pq")
        table = read_table(tmp_path / "t.pq")
        assert table.frame["id"].tolist()[0] == 2**60 + 1 and table.frame["tags"].tolist() == ['["a"]', '["b", "c"]']
        assert isinstance(table.frame.index, pd.RangeIndex) and "index without a name" in table.notes[0]
        assert read_table(tmp_path / "t.pq", as_text=True).frame["id"].tolist()[0] == str(2**60 + 1)
        frame.rename_axis("row").to_parquet(tmp_path / "t.pq")
        assert read_table(tmp_path / "t.pq").frame["row"].tolist() == ["r", "s"]
        assert list(read_table(tmp_path / "t.pq", columns=["id"]).frame.columns) == ["id"]
        with pytest.raises(ValueError, match="no column 'ids'"):
            read_table(tmp_path / "t.pq", columns=["ids"])

    def test_digest_of_a_dataset_is_that_of_csv(self, tmp_path):
        """Strings of pandas, of Arrow or as objects are one text."""
        frame = mixed().drop(columns="is").assign(kind=["u", "v"] * 30)
        frame["text"] = frame["text"].str.strip()
        frame.to_parquet(tmp_path / "t.parquet")
        frame.to_csv(tmp_path / "t.csv", index=False)
        of_parquet, of_csv = (load_dataset(tmp_path / name, target="kind") for name in ("t.parquet", "t.csv"))
        as_objects = of_csv.X.astype({"text": object, "code": object})
        assert of_parquet.fingerprint() == of_csv.fingerprint()
        assert type(of_csv)("any", as_objects, of_csv.y).fingerprint() == of_csv.fingerprint()
        arrow = of_csv.X.astype({"text": "string[pyarrow]", "code": "string[pyarrow]"})
        assert type(of_csv)("any", arrow, of_csv.y).fingerprint() == of_csv.fingerprint()


class TestArrays:
    def test_rows_and_labels(self, tmp_path):
        X, y = np.arange(12.0).reshape(6, 2), np.array(["b", "a", "", "b", " ", "a"])
        np.save(tmp_path / "X.npy", X)
        np.save(tmp_path / "y.npy", y)
        data = load_dataset(f"{tmp_path}/X.npy?target=y.npy")
        assert data.classes == ("a", "b") and data.y.tolist() == [1, 0, 1, 0] and data.n_unlabeled == 2
        assert data.X.tolist() == X[[0, 1, 3, 5]].tolist() and data.X_unlabeled.tolist() == X[[2, 4]].tolist()
        np.save(tmp_path / "z.npy", np.array([0, 1, -1, 0, 1, 2]))
        with pytest.warns(UserWarning, match="-1, which is treated as a class"):
            assert load_dataset(tmp_path / "X.npy", target="z.npy").classes == ("-1", "0", "1", "2")
        named = load_dataset(f"{tmp_path}/X.npy?target=z.npy&missing_label=-1")
        assert named.classes == ("0", "1", "2") and named.n_unlabeled == 1
        np.save(tmp_path / "f.npy", np.array([0, 1, np.nan, 0, 1, 2.0]))
        assert load_dataset(tmp_path / "X.npy", target="f.npy").classes == ("0", "1", "2")
        np.save(tmp_path / "f.npy", np.arange(6))
        assert isinstance(load_dataset(tmp_path / "X.npy", target="f.npy").X, np.memmap)

    def test_mistakes(self, tmp_path):
        np.save(tmp_path / "X.npy", np.zeros((3, 2)))
        np.save(tmp_path / "y.npy", np.zeros(4))
        with pytest.raises(ValueError, match="X.npy needs target="):
            load_dataset(tmp_path / "X.npy")
        with pytest.raises(ValueError, match="one label for each of 3 rows"):
            load_dataset(tmp_path / "X.npy", target="y.npy")
        with pytest.raises(ValueError, match="at least two axes"):
            load_dataset(tmp_path / "y.npy", target="y.npy")
        with pytest.raises(FileNotFoundError):
            load_dataset(tmp_path / "X.npy", target="none.npy")
        np.save(tmp_path / "X.npy", np.array([None, {}]), allow_pickle=True)
        with pytest.raises(ValueError, match="X.npy is damaged, or is not an .npy file of plain values"):
            read_array(tmp_path / "X.npy")


@pytest.mark.parametrize("name", ["t.parquet", "t.npz", "t.npy"])
def test_damage_is_one_sentence_that_names_the_file(tmp_path, name):
    rng = np.random.default_rng(0)
    mixed().assign(kind=["u", "v"] * 30).to_parquet(tmp_path / "t.parquet")
    np.savez_compressed(
        tmp_path / "t.npz", X_train=rng.normal(size=(20, 5)), y_train=np.arange(20) % 2, classes=["a", "b"]
    )
    np.save(tmp_path / "t.npy", rng.normal(size=(20, 5)))
    np.save(tmp_path / "y.npy", np.arange(20) % 2)
    options = {"t.parquet": {"target": "kind"}, "t.npy": {"target": "y.npy"}}.get(name, {})
    good = (tmp_path / name).read_bytes()
    told = 0
    for attempt in range(300):
        content = bytearray(good)
        if attempt % 3:
            for place in rng.integers(0, len(content), 3):
                content[place] = rng.integers(256)
        else:
            content = content[: rng.integers(len(content))]
        (tmp_path / f"x{name}").write_bytes(content)
        try:
            load_dataset(tmp_path / f"x{name}", **options)
        except ValueError as error:  # anything else fails
            told += 1
            assert f"x{name}" in str(error) and "\n" not in str(error)
    assert told > 80
