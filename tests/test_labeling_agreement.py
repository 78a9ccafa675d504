"""Do people agree: alpha by hand, against another implementation, and in a project; consensus and annotators."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skal.labeling import agreement_of


def by_row(table):
    """Votes of a table with a line per row and a column per annotator; a dot is no answer."""
    return {
        str(row): {str(who): label for who, label in enumerate(line.split()) if label != "."}
        for row, line in enumerate(table.strip().splitlines())
    }


def names(text):
    return [] if text == "(none)" else text.split("; ")


def test_alpha_by_hand():
    # 3 rows, 6 answers: a 3, b 3. Pairs that differ within rows: 2 ordered ones of 1 answer less one.
    # Observed 2 / 6; expected (36 - 9 - 9) / (6 * 5) = 18 / 30. Alpha = 1 - (1 / 3) / 0.6 = 4 / 9.
    found = agreement_of(by_row("a a\nb b\na b"))
    assert found.alpha == pytest.approx(4 / 9)
    assert (found.n_rows, found.n_annotators, found.same) == (3, 2, pytest.approx(2 / 3))
    assert found.low is None


def test_alpha_by_class_by_hand():
    # "c or not": both agree on every row, so 1; "a or not": rows a a, -, b a, c c: as in two values.
    found = agreement_of(by_row("a a\nb b\nb a\nc c"))
    assert found.by_class["c"] == pytest.approx(1.0)
    # a or not: yes yes, no no, no yes, no no: observed 2 / 8, expected (64 - 9 - 25) / (8 * 7) = 30 / 56.
    assert found.by_class["a"] == pytest.approx(1 - (2 / 8) / (30 / 56))


def test_distance_of_sets_by_hand():
    # Two rows: {x, y} and {x}: Jaccard distance 1 / 2; {z} twice: 0.
    found = agreement_of({"1": {"ann": "x; y", "ben": "x"}, "2": {"ann": "z", "ben": "z"}}, "labels", parts=names)
    # Observed (1/2 + 1/2) / 4. Values: xy, x, z, z; ordered pairs: xy-x 1/2, xy-z 1 (two z), x-z 1 (two z):
    # sum 2 * (1/2 + 2 + 2) = 9, over 4 * 3.
    assert found.alpha == pytest.approx(1 - (1 / 4) / (9 / 12))
    assert set(found.by_class) == {"x", "y", "z"}
    assert found.by_class["x"] == pytest.approx(1.0)


def test_an_empty_set_is_an_answer():
    found = agreement_of(
        {"1": {"ann": "(none)", "ben": "(none)"}, "2": {"ann": "x", "ben": "(none)"}}, "labels", parts=names
    )
    assert found.same == 0.5
    assert set(found.by_class) == {"x"}


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(2, 25), st.integers(2, 5), st.floats(0, 0.7))
def test_alpha_is_that_of_another_implementation(seed, n_people, n_rows, n_values, missing):
    krippendorff = pytest.importorskip("krippendorff")
    rng = np.random.RandomState(seed)
    table = rng.randint(0, n_values, (n_people, n_rows)).astype(float)
    table[rng.random_sample(table.shape) < missing] = np.nan
    votes = {
        str(row): {str(who): str(int(table[who, row])) for who in range(n_people) if table[who, row] >= 0}
        for row in range(n_rows)
    }
    for answer, level in [("class", "nominal"), ("number", "interval")]:
        found = agreement_of(votes, answer)
        pairs = (~np.isnan(table)).sum(axis=0) > 1
        if found is None:
            assert not pairs.any()
        elif found.alpha is None:
            assert len(np.unique(table[:, pairs][~np.isnan(table[:, pairs])])) == 1
        else:
            assert found.alpha == pytest.approx(krippendorff.alpha(table, level_of_measurement=level), abs=1e-9)
            assert found.n_rows == pairs.sum()


def test_all_answers_the_same_say_nothing_of_chance():
    found = agreement_of(by_row("a a\na a"))
    assert found.alpha is None
    assert found.same == 1.0
    assert "answers that differ" in str(found)


def test_no_row_with_two_answers():
    assert agreement_of(by_row("a .\n. b")) is None


def test_the_interval_covers_the_truth_and_shrinks_with_rows():
    """Two people who answer right in 9 of 10 rows, one of three classes: known share of chance."""
    rng = np.random.RandomState(0)
    right, wrong = 0.9, 0.1
    same = right**2 + wrong**2 / 2  # wrong ones fall on the same of two classes half the time
    truth = 1 - (1 - same) / (2 / 3)

    def drawn(n):
        true = rng.randint(0, 3, n)
        answers = [np.where(rng.random_sample(n) < right, true, (true + rng.randint(1, 3, n)) % 3) for _ in "ab"]
        return agreement_of({str(i): {"a": str(answers[0][i]), "b": str(answers[1][i])} for i in range(n)})

    covered = [found.low <= truth <= found.high for found in (drawn(100) for _ in range(30))]
    assert np.mean(covered) >= 0.8
    small, large = drawn(50), drawn(3000)
    assert large.high - large.low < (small.high - small.low) / 4
    assert abs(large.alpha - truth) < 0.05
