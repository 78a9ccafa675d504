"""What columns are used as: the kinds, the hard cases, what is said, and small tables."""

import numpy as np
import pandas as pd
import pytest

from skal.features import LEFT_OUT, TableEncoder, column_uses, uses_as_text

N = 400
WORDS = np.array(["my", "card", "late", "please", "why", "app", "money", "top", "fee", "refund", "transfer", "bank"])


def kind(values, name="x", **more):
    return column_uses(pd.DataFrame({name: values}), **more)[name].kind


def rng():
    return np.random.default_rng(0)


def dates(fmt, n=N):
    return pd.Series(pd.date_range("2021-01-01", periods=n, freq="31h")).dt.strftime(fmt)


def sentences(n=N):
    return [" ".join(rng_.choice(WORDS, 8)) for rng_ in [rng()] for _ in range(n)]


HARD = {
    "measurement": (lambda: rng().normal(size=N), "number"),
    "whole measurement, all different": (lambda: rng().permutation(10**6)[:N], "number"),
    "numbers of the rows": (lambda: np.arange(1, N + 1), "id"),
    "numbers of the rows, shuffled": (lambda: rng().permutation(N), "id"),
    "number with gaps": (lambda: np.where(np.arange(N) % 5, np.arange(N) / 7, np.nan), "number"),
    "0 and 1": (lambda: rng().integers(0, 2, N), "boolean"),
    "0 and 1 with gaps": (lambda: np.where(np.arange(N) % 5, np.arange(N) % 2, np.nan), "boolean"),
    "rating": (lambda: rng().integers(1, 6, N), "number"),
    "true": (lambda: np.arange(N) % 3 == 0, "boolean"),
    "yes": (lambda: np.where(np.arange(N) % 3, "yes", "No"), "boolean"),
    "yes with gaps": (lambda: np.array(["yes", "no", None], dtype=object)[np.arange(N) % 3], "boolean"),
    "numbers as text": (lambda: [f"{x:.3f}" for x in rng().normal(size=N)], "number"),
    "numbers and n/a": (lambda: [f"{x:.3f}" if x > -1 else "n/a" for x in rng().normal(size=N)], "number"),
    "ZIP codes": (lambda: [f"{x:05d}" for x in rng().integers(100, 400, N)], "category"),
    "categories": (lambda: rng().choice(["red", "blue"], N), "category"),
    "long categories": (
        lambda: rng().choice(["Complaint about billing and fees", "Return of goods we sold"], N),
        "category",
    ),
    "many categories": (lambda: [f"City{x}" for x in rng().integers(0, 120, N)], "category"),
    "category dtype": (lambda: pd.Categorical(rng().choice(["S", "M", "L"], N)), "category"),
    "mixed types": (lambda: np.array([1, "a", None, True, 2.5], dtype=object)[np.arange(N) % 5], "category"),
    "one value or none": (lambda: np.array(["new", None], dtype=object)[np.arange(N) % 2], "category"),
    "UUIDs": (lambda: [f"{x * 7919:08x}-0000-4000-8000-{x:012x}" for x in range(N)], "id"),
    "codes": (lambda: [f"AB-{x * 37}" for x in range(N)], "id"),
    "mail addresses": (lambda: [f"user{x}@example.com" for x in range(N)], "id"),
    "file names": (lambda: [f"img_{x:05d}.png" for x in range(N)], "id"),
    "sentences": (sentences, "text"),
    "sentences with gaps": (lambda: [text if i % 4 else None for i, text in enumerate(sentences())], "text"),
    "names": (
        lambda: [
            f"{a} {b}".title()
            for a, b in zip(
                rng().choice(WORDS, N), map("".join, rng().choice(list("abcdefghij"), (N, 7))), strict=True
            )
        ],
        "text",
    ),
    "single words": (
        lambda: [
            "".join(rng().permuted(list("abcdefghij")))[: 3 + i % 5] + chr(97 + i % 26) + chr(97 + i // 26)
            for i in range(N)
        ],
        "text",
    ),
    "URLs": (lambda: [f"https://shop.example/{WORDS[x % 12]}/{x}" for x in range(N)], "text"),
    "Chinese": (
        lambda: [
            "".join(chr(0x4E00 + int(c)) for c in rng_.integers(0, 800, 12)) for rng_ in [rng()] for _ in range(N)
        ],
        "text",
    ),
    "nothing": (lambda: [None] * N, "constant"),
    "blanks": (lambda: ["", "  "] * (N // 2), "constant"),
    "one number": (lambda: [3.5] * N, "constant"),
    "dates": (lambda: pd.date_range("2020-01-01", periods=N), "date"),
    "dates with zones": (lambda: pd.date_range("2020-01-01", periods=N, tz="Europe/Berlin"), "date"),
    "dates with gaps": (lambda: dates("%Y-%m-%d").where(np.arange(N) % 6 > 0), "date"),
    "two formats": (lambda: [*dates("%Y-%m-%d", 200), *dates("%d.%m.%Y", 200)], "date"),
    "durations": (lambda: pd.to_timedelta(np.arange(N) ** 2, unit="s"), "number"),
    "versions": (lambda: [f"{x % 7}.{x % 5}.{x % 3}" for x in range(N)], "category"),
    "phone numbers": (lambda: [f"555-{x % 997:03d}-{x * 7 % 9973:04d}" for x in range(N)], "id"),
}


@pytest.mark.parametrize("case", HARD)
def test_hard_cases(case):
    make, expected = HARD[case]
    assert kind(make()) == expected


FORMATS = (
    *("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y/%m/%d", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y"),
    *("%d %b %Y", "%B %d, %Y", "%b %d, %Y %I:%M %p", "%a, %d %b %Y %H:%M:%S +0000", "%d-%b-%y", "%m/%d/%y %H:%M:%S"),
)


@pytest.mark.parametrize("fmt", FORMATS)
def test_dates_are_read_in_the_format_they_have(fmt):
    from skal.features._dates import date_formats, parsed_dates

    texts = dates(fmt)
    found = date_formats(texts)
    assert kind(texts) == "date" and found.also == ""
    there = pd.Series(pd.date_range("2021-01-01", periods=N, freq="31h", tz="UTC"))
    read = parsed_dates(texts, found.formats)
    assert (read.dt.date == there.dt.date).all()


def test_an_order_of_day_and_month_that_cannot_be_told_is_said():
    use = column_uses(pd.DataFrame({"day": ["03/04/2021", "05/06/2021", "07/08/2021"] * 10}))["day"]
    assert use.kind == "date" and "%m/%d/%Y (%d/%m/%Y would fit as well)" in use.why
    assert "also" not in column_uses(pd.DataFrame({"day": dates("%d/%m/%Y")}))["day"].why


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1.5", "-2", "3e3"], [1.5, -2, 3000]),
        (["12%", "7 %", "1,000 %"], [12, 7, 1000]),
        (["$1,234.50", "$20.00", "-$3"], [1234.5, 20, -3]),
        (["1.234,50 €", "20,00 €", "3 €"], [1234.5, 20, 3]),
        (["13,5", "0,25", "7"], [13.5, 0.25, 7]),
        (["CHF 1'000.00", "CHF 7.10", "CHF 3"], [1000, 7.1, 3]),
    ],
)
def test_numbers_are_read_as_they_are_written(texts, numbers):
    table = pd.DataFrame({"x": texts * 10})
    assert column_uses(table)["x"].kind == "number"
    read = TableEncoder(kind="tree").fit(table).transform(table)
    assert read[:3, 0].tolist() == numbers


def test_commas_that_may_be_thousands_or_decimals_are_told():
    use = column_uses(pd.DataFrame({"x": ["1,234", "5,678", "9,012"] * 5}))["x"]
    assert use.why == "numbers written like 1,234.5 (commas could be decimals as well)"
    assert "could be" not in column_uses(pd.DataFrame({"x": ["1,234", "5,678.5", "9,012"] * 5}))["x"].why


@pytest.mark.parametrize("name", ["id", "ticket_id", "ticketId", "UUID", "index", "Unnamed: 0"])
def test_a_number_with_the_name_of_an_id_is_one_and_a_repeated_one_is_not(name):
    values = rng().permutation(10**6)[:N]
    assert kind(values, name) == "id"
    assert kind(np.repeat(values[:40], 10), name) == "number"
    assert kind(values, "paid") == kind(values, "width") == "number"


def test_nearly_unique_strings_are_never_categories():
    """Whatever they look like: one-hot columns of them say nothing about another row."""
    letters = np.array(list("abcdefgh0123 -_/.@"))
    for seed in range(30):
        draw = np.random.default_rng(seed)
        alphabet = draw.choice(letters, draw.integers(3, 12), replace=False)
        values = ["".join(draw.choice(alphabet, draw.integers(6, 20))) + f"{place}" for place in range(60)]
        assert kind(values) != "category", values[:3]


def test_small_tables_where_all_is_different():
    table = pd.DataFrame(
        {
            "body": sentences(12),
            "size": rng().normal(size=12),
            "count": rng().permutation(500)[:12],
            "code": [f"K{place}7" for place in range(12)],
            "plan": ["free", "team", "free"] * 4,
        }
    )
    kinds = {name: use.kind for name, use in column_uses(table).items()}
    assert kinds == {"body": "text", "size": "number", "count": "number", "code": "id", "plan": "category"}


def test_what_is_said_comes_first_and_the_target_is_left_out():
    table = pd.DataFrame({"a": sentences(20), "b": range(20), "c": ["x", "y"] * 10})
    uses = column_uses(table, {"b": "category"}, leave_out=["c"])
    assert {name: use.kind for name, use in uses.items()} == {"a": "text", "b": "category", "c": "drop"}
    assert uses["b"].why == "as you said" and uses["c"].kind in LEFT_OUT


def test_unknown_columns_and_kinds_are_refused_together_with_near_names():
    table = pd.DataFrame({"body": sentences(5), "ticket_id": range(5)})
    with pytest.raises(ValueError, match="no column 'bodi' .did you mean body.*'ticket_id' cannot be 'txt' .*text"):
        column_uses(table, {"bodi": "text", "ticket_id": "txt"})


def test_columns_of_one_name_are_refused():
    with pytest.raises(ValueError, match="different names, got 'a' more than once"):
        column_uses(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_polars_and_pandas_agree():
    pl = pytest.importorskip("polars")
    table = pd.DataFrame(
        {
            "body": sentences(40),
            "n": [1.5, None] * 20,
            "whole": [1, 2, 3, 4, None] * 8,
            "ok": [True, False, None, True] * 10,
            "day": pd.date_range("2020-01-01", periods=40),
            "plan": ["a", "b", None, "a"] * 10,
        }
    )
    frame = pl.DataFrame(
        {name: column.astype(object).where(column.notna(), None).tolist() for name, column in table.items()}
    )
    assert [use.kind for use in column_uses(frame).values()] == [use.kind for use in column_uses(table).values()]


def test_the_table_that_is_printed():
    table = pd.DataFrame({"body": sentences(30), "n": 1, "x": rng().normal(size=30)})
    lines = uses_as_text(column_uses(table)).splitlines()
    assert lines[0].split() == ["column", "used", "as", "why"] and len(lines) == 4
    assert lines[2].split() == ["n", "constant", "one", "value", "in", "all", "rows;", "left", "out"]
    wide = pd.DataFrame(rng().normal(size=(30, 100)))
    assert len(uses_as_text(column_uses(wide)).splitlines()) == 2
