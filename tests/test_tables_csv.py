"""CSV: what is written is what is read, or the line is named; nothing is shifted, cut, or filled up."""

import csv
import io
import threading

import numpy as np
import pandas as pd
import pytest

from skal.datasets import load_dataset
from skal.tables import Table, read_table, typed

SEPARATORS = [",", ";", "\t", "|"]
NASTY = [
    'a "quoted" word',
    "two\nlines",
    "two\r\nlines",
    "semi;colon, comma\tand | bar",
    " blanks ",
    "Grüße, 你好",
    "'",
    "=1+1",
    "#",
    "\\",
    "NA",
    "007",
    "1e5",
    "",
]


def written(frame, separator=",", **options):
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, sep=separator, lineterminator="\n", **options)
    return buffer.getvalue()


@pytest.fixture
def read(tmp_path):
    def save_and_read(content, name="t.csv", **options):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return read_table(tmp_path / name, **options)

    return save_and_read


def text_frame(n=200, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({f"c{k}": rng.choice(NASTY, n) for k in range(4)}).replace("", None)


def cells(frame):
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.itertuples(index=False)]


class TestRoundTrips:
    @pytest.mark.parametrize("separator", SEPARATORS)
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    def test_text_as_it_was_written(self, read, separator, encoding):
        expected = text_frame()
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
            content = written(expected, separator, quoting=quoting).encode(encoding)
            found = read(content, as_text=True)
            assert cells(found.frame) == cells(expected)
            assert any("byte order mark" in note for note in found.notes) == (encoding != "utf-8")

    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16-le", "shift_jis"])
    def test_an_encoding_that_is_said(self, read, encoding):
        words = ["日本"] if encoding == "shift_jis" else ["Grüße", "é;"]
        content = written(pd.DataFrame({"a": words, "b": words}), ";").encode(encoding)
        assert read(content, encoding=encoding).frame["a"].tolist() == words
        if encoding != "utf-16-le":
            with pytest.raises(ValueError, match=r't.csv, line 2: byte \d+ .* encoding="latin-1"'):
                read(content)

    @pytest.mark.parametrize("separator", SEPARATORS)
    @pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
    def test_numbers_as_pandas_reads_them(self, read, separator, ends):
        rng = np.random.default_rng(0)
        expected = pd.DataFrame(
            {
                "x": rng.normal(size=500) * 10.0 ** rng.integers(-200, 200, 500),
                "gaps": np.where(rng.random(500) < 0.3, np.nan, rng.normal(size=500)),
                "n": rng.integers(-(2**62), 2**62, 500),
                "word": rng.choice(["red", "blue"], 500),
                "is": rng.random(500) < 0.5,
            }
        )
        found = read(written(expected, separator).replace("\n", ends)).frame
        pd.testing.assert_frame_equal(found, expected)
        assert isinstance(found.index, pd.RangeIndex)

    def test_types_given_later_are_those_given_at_once(self, read):
        frame = text_frame().assign(n=range(200), x=np.linspace(0, 1, 200), b=[True, None, False, True] * 50)
        table = read(written(frame), as_text=True)
        at_once = read(written(frame)).frame
        pd.testing.assert_frame_equal(typed(table.frame), at_once)
        some = table.frame.iloc[50:60]
        assert typed(some[["n"]]).index.tolist() == list(range(50, 60)) and typed(some)["n"].tolist() == list(
            range(50, 60)
        )
        assert at_once["b"].dtype == "boolean" and at_once["b"].isna().sum() == 50

    def test_fields_longer_than_python_s_limit_leave_the_limit_as_it_was(self, read):
        before = csv.field_size_limit()
        long = "word " * 100_000
        assert read(f"a,b\n1,{long}\n").frame["b"].tolist() == [long]
        assert csv.field_size_limit() == before

    def test_threads_read_alike(self, read, tmp_path):
        (tmp_path / "a.csv").write_text(written(text_frame()))
        found = []
        workers = [
            threading.Thread(target=lambda: found.append(read_table(tmp_path / "a.csv", as_text=True).frame))
            for _ in range(4)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(found) == 4 and all(frame.equals(found[0]) for frame in found)


class TestCells:
    def test_codes_stay_what_they_are(self, read):
        frame = read("zip,id,n,x\n01234,12345678901234567,1,0.5\n99999,,2,00.5\n").frame
        assert frame["zip"].tolist() == ["01234", "99999"]
        assert frame["id"].tolist()[0] == "12345678901234567"  # as a float it would be another number
        assert frame["n"].dtype == "int64" and frame["x"].tolist() == [0.5, 0.5]

    def test_columns_as_text_and_words_for_missing_cells(self, read):
        content = "id,label,n\n007,NA,NA\n1.0,None,2\n,x,3\n"
        table = read(content, as_text=["id", "label"])
        assert table.frame["id"].tolist()[:2] == ["007", "1.0"] and table.frame["id"].isna().tolist() == [0, 0, 1]
        assert table.frame["label"].tolist() == ["NA", "None", "x"] and table.frame["n"].isna().sum() == 1
        assert table.notes == ()
        (note,) = read(content).notes
        assert note.startswith("t.csv: 2 cells of 'label' with the word NA or None were read as missing")
        kept = read(content, keep_default_na=False).frame
        assert kept["label"].tolist() == ["NA", "None", "x"] and kept["id"].isna().tolist() == [0, 0, 1]
        assert read(content, as_text="id").frame["id"].tolist()[0] == "007"
        with pytest.raises(ValueError, match="no column 'ids'; the columns are id, label, n. Did you mean id"):
            read(content, as_text=["ids"])

    def test_options_of_pandas_and_unknown_ones(self, read):
        frame = read("a;d;w\n1,5;01.02.2020;-\n2;03.02.2020;x\n", decimal=",", na_values=["-"]).frame
        assert frame["a"].tolist() == [1.5, 2.0] and frame["w"].isna().tolist() == [True, False]
        with pytest.raises(ValueError, match="t.csv: there is no option skiprows; there are as_text, encoding"):
            read("a,b\n1,2\n", skiprows=1)

    def test_decimal_commas_are_told(self, read):
        (_, note) = read("a;b;c\n1,5;x,1;2\n2;y;3\n").notes
        assert "'a' look like numbers with a decimal comma; decimal=',' reads them" in note and "'b'" not in note

    def test_a_table_shows_what_it_is(self, read):
        table = read("a,b\n1,x\n")
        assert isinstance(table, Table) and table.notes == () and table.frame.attrs == {}
        with pytest.raises(AttributeError):
            table.notes = ("other",)


class TestSeparators:
    @pytest.mark.parametrize(
        ("content", "columns", "said"),
        [
            ("a,b\n1,2\n", ["a", "b"], None),
            ("a;b\n1;2\n", ["a", "b"], "a semicolon, as the header shows"),
            ("a\tb\n1\t2\n", ["a", "b"], "a tab, as the header shows"),
            ("a|b\n1|2\n", ["a", "b"], "a vertical bar, as the header shows"),
            ('"a,x";b\n1;2\n', ["a,x", "b"], "a semicolon, as the header shows"),
            ("a, in EUR;b;c\n1,5;2;3\n2;2;3\n", ["a, in EUR", "b", "c"], "a semicolon, as the header shows"),
            ("sep=;\na;b\n1;2\n", ["a", "b"], "a semicolon, as its first line says"),
            ("text\nhello; you\n", ["text"], None),
        ],
    )
    def test_found(self, read, content, columns, said):
        table = read(content)
        assert list(table.frame.columns) == columns
        assert not table.notes if said is None else said in table.notes[0]

    def test_given_or_asked_for(self, read):
        content = "a,b;c\n1,2;3\n"
        with pytest.raises(ValueError, match="by a comma or by a semicolon; .* Say which: separator=','"):
            read(content)
        assert list(read(content, separator=";").frame.columns) == ["a,b", "c"]
        with pytest.raises(ValueError, match="separator must be one character"):
            read(content, separator="::")
        assert list(read("a b\n1 2\n", separator=" ").frame.columns) == ["a", "b"]
        assert read("a\tb\n1\t2\n", "t.tsv").notes == ()


class TestLines:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("a,b\n1,2\n3\n", r"one row has another number: line 3 \(1 field\)"),
            ("sep=;\na;b\n1;2\n3\n", r"one row has another number: line 4 \(1 field\)"),
            ('sep=;\na;b\n1;2\n3;"4\n', r"line 4: a quote"),
            ("a,b\n1,2,3\n3,4\n5\n", r"2 of 3 rows have another number: line 2 \(3 fields\), line 4 \(1 field\)"),
            ('a,b\n"x\ny",2\n3,4,5\n', r"line 4 \(3 fields\)"),
            ("a,b\n" + "1\n" * 9, r"line 6 \(1 field\) and 4 more"),
            ("a,b\n1,2,\n3,4\n", r"line 2 \(3 fields\)"),  # a comma at the end of one line only
            ('a,b\n1,"x\n2,y\n', r"line 2: a quote .* never closed"),
            ('a,b\n1,2\n3,"x"y\n', r"begins in line 3: .* a quote within it is doubled"),
            ("a,b\n1,x\0y\n", "line 2 has a NUL character"),
            ("a,b,a\n1,2,3\n", r"2 columns named 'a' \(columns 1, 3\)"),
            ("", "t.csv is empty"),
            ("\n \n\n", "t.csv is empty"),
        ],
    )
    def test_refused_by_line(self, read, content, message):
        with pytest.raises(ValueError, match=message):
            read(content)

    def test_a_separator_at_the_end_of_every_line_moves_nothing(self, read):
        for content in ("t,a,b\ncat,1,2,\ndog,3,4,\n", "t,a,b,\ncat,1,2,\ndog,3,4,\n"):
            table = read(content)
            assert table.frame.to_dict("list") == {"t": ["cat", "dog"], "a": [1, 3], "b": [2, 4]}
            assert len(table.notes) == 1

    def test_lines_left_out_and_columns_without_a_name_are_told(self, read):
        table = read("\n,b\n1,2\n\n  \n3,4\n\n")
        assert table.frame.to_dict("list") == {"Unnamed: 0": [1, 3], "b": [2, 4]}
        assert "4 empty lines were left out, the first line 1" in table.notes[0] and "'Unnamed: 0'" in table.notes[1]
        assert "the empty line 3 was left out" in read("a\n1\n\n2\n").notes[0]
        assert read("a,b\n").frame.shape == (0, 2)

    def test_bytes_of_another_encoding_are_named(self, read):
        content = "a,b\n1,x\n2,ü\n".encode("latin-1")
        with pytest.raises(ValueError, match=r"line 3: byte 10 \(0xfc\) is not valid UTF-8: .*encoding=\"latin-1\""):
            read(content)
        with pytest.raises(ValueError, match="no encoding 'klingon'"):
            read(content, encoding="klingon")
        with pytest.raises(ValueError, match="byte order mark of UTF-8, but encoding='latin-1'"):
            read("\ufeffa,b\n", encoding="latin-1")
        with pytest.raises(ValueError, match="line 2 has a NUL|may be UTF-16|line 1 has a NUL"):
            read("a,b\n1,x\n".encode("utf-16-le"))

    def test_a_cut_file_never_gives_another_row(self, read):
        """Whatever is cut off: an error, or rows that are the first ones of the whole, but for the last."""
        content = written(text_frame(20), quoting=csv.QUOTE_ALL)
        whole = cells(read(content, as_text=True).frame)
        for end in range(30, len(content), 7):
            try:
                found = cells(read(content[:end], as_text=True).frame)
            except ValueError:
                continue
            assert found[:-1] == whole[: len(found) - 1]


class TestSpecs:
    def test_options_are_part_of_the_path(self, tmp_path):
        path = tmp_path / "people.csv"
        path.write_bytes("code|näme|kind\n007|a;b|x\n010|NA|y\n".encode("latin-1"))
        data = load_dataset(f"{path}?target=kind&encoding=latin-1&separator=|&as_text=code,näme")
        assert data.X.to_dict("list") == {"code": ["007", "010"], "näme": ["a;b", "NA"]}
        assert load_dataset(path, target="kind", encoding="latin-1").notes[0].endswith("as the header shows.")
        with pytest.raises(ValueError, match="no option 'colour'; there are target, resize"):
            load_dataset(path, colour=1)
        path.write_text("x\tkind\n1,5\tNA\n2\tb\n")
        kept = load_dataset(f"{path}?target=kind&separator=tab&decimal=,&keep_default_na=false")
        assert kept.classes == ("NA", "b") and kept.X["x"].tolist() == [1.5, 2.0]
        with pytest.raises(ValueError, match="must be true or false, got 'no'"):
            load_dataset(f"{path}?target=kind&keep_default_na=no")
