"""The benchmark card: tiny runs of the script that go on and are written, and its sums by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import _card_page as pages  # noqa: E402
import _card_studies as studies  # noqa: E402
import _card_tables as tables  # noqa: E402
import _halves as halves  # noqa: E402
import card  # noqa: E402

from skal.study import load_comparison  # noqa: E402


@pytest.fixture
def archives(tmp_path):
    """A made set in the place of one of each half, in folders of their own."""
    rng = np.random.default_rng(0)
    for folder, name in (("suite", "german"), ("ci", "magic")):
        X = rng.normal(size=(150, 3))
        y = (X[:, 0] + 0.3 * rng.normal(size=150) > 0).astype(int)
        (tmp_path / folder).mkdir()
        np.savez(tmp_path / folder / f"{name}.npz", X_train=X[:100], y_train=y[:100], X_test=X[100:], y_test=y[100:])
    return tmp_path


def test_halves_are_as_large_and_apart_and_keep_the_forms_of_a_set_together():
    design, report = halves.HALVES["design"], halves.HALVES["report"]
    assert len(set(design)) == len(set(report)) == 14 and not set(design) & set(report)
    assert {halves.TEXT, "banking77_minilm"} <= set(report)


@pytest.mark.pictures
def test_a_run_goes_on_and_its_page_keeps_what_was_written_by_hand(archives, monkeypatch, capsys):
    monkeypatch.setitem(studies.BUDGETS, "low", {"n_initial": 6, "n_instances": 4, "n_rounds": 1})
    out, page, picture = archives / "runs", archives / "card.md", archives / "images" / "card.png"
    mark = "<!-- What follows is written by benchmarks/card.py. -->"
    page.write_text(f"# Read by a person\n\n{mark}\n\nold\n")
    asked = ["--archives", archives, "--out", out, "--model", "naive_bayes", "--n-trials", 2]
    asked = [str(one) for one in (*asked, "--strategy", "margin_sampling", "--budget", "low", "--budget", "large")]
    card.main([*asked, "--minutes", "0"])
    assert not out.exists()  # the minutes were over
    card.main(asked)
    assert "2 trials of 4 settings" in capsys.readouterr().out
    assert sorted(one.name for one in out.iterdir()) == ["german-naive_bayes-low", "magic-naive_bayes-low"]
    card.main([*asked, "--strategy", "auto_sampling", "--page", str(page), "--picture", str(picture)])
    one = load_comparison(out / "magic-naive_bayes-low")
    assert {name: len(areas) for name, areas in one.areas().items()} == {
        name: 2 for name in ("random_sampling", "margin_sampling", "auto_sampling")
    }
    text = page.read_text()
    assert text.startswith("# Read by a person\n") and "old" not in text
    assert text.index("## The report half: 1 sets, 1 settings") < text.index("## The design half: 1 sets, 1 settings")
    gain = 100 * (one.areas()["auto_sampling"] - one.areas()["random_sampling"]).mean()
    report = text[text.index("## The report half") : text.index("## The design half")]
    assert f"worst mean difference of a setting: {gain:+.1f} points" in report
    assert report.count(f"| auto_sampling | 1 | {gain:+.2f} [") == 3  # its budget, all budgets, its model
    assert picture.stat().st_size > 1000


def test_a_budget_of_more_than_half_of_a_pool_is_left_out():
    assert [studies.pool_of(n) for n in (349, 900, 5000)] == [232, 600, 1000]
    assert [studies.fits("low", n) for n in (149, 153)] == [False, True]  # 50 labels: half of 100 or more


def test_rows_are_the_same_each_time_and_tiny_classes_are_left_out(archives):
    X, y = np.arange(40.0).reshape(20, 2), np.repeat([3, 5, 9], [11, 5, 4])
    np.savez(archives / "ci" / "letter.npz", X_train=X[:15], y_train=y[:15], X_test=X[15:], y_test=y[15:])
    rows, labels = halves.rows_of(archives, "letter", 100)
    assert rows.tolist() == X[:16].tolist() and labels.tolist() == [0] * 11 + [1] * 5
    some = [halves.rows_of(archives, "letter", 15)[0] for _ in range(2)]
    assert np.array_equal(*some)
    wide = np.random.default_rng(0).normal(size=(80, 130))
    np.savez(archives / "ci" / "letter.npz", X_train=wide, y_train=np.arange(80) % 2, X_test=wide[:0], y_test=[])
    assert halves.rows_of(archives, "letter", 100)[0].shape == (80, 64)


def setting(name, **gains):
    areas = {"random_sampling": np.array([70.0, 72.0])}
    areas |= {strategy: areas["random_sampling"] + np.array(gain) for strategy, gain in gains.items()}
    verdicts = {strategy: tables.BETTER if np.mean(gain) > 2 else tables.TOO_FEW for strategy, gain in gains.items()}
    return tables.Setting("report", name, "forest", "low", areas, verdicts, dict.fromkeys(areas, 0.5))


def test_sums_of_settings_are_those_by_hand():
    found = [setting("a", one=[1, 3], two=[5, 5]), setting("a", one=[-2, 0], two=[1, 1]), setting("b", one=[4, 6])]
    lines = {line.strategy: line for line in tables.lines_of(found)}
    one = lines["one"]
    assert (one.n_settings, one.above, one.better, one.worse, one.untold) == (3, 2 / 3, 1, 0, 2)
    assert (one.worst, one.worst_at) == (-1.0, "a, forest, low")
    by_set = np.array([(2 - 1) / 2, 5.0])
    half = t.ppf(0.975, 1) * by_set.std(ddof=1) / np.sqrt(2)
    assert [one.gain, one.low, one.high] == pytest.approx([2.75, 2.75 - half, 2.75 + half])
    assert one.rank == pytest.approx((1 + 2 + 1) / 3)  # of two: random sampling, and the one that all settings have
    assert lines["two"].n_settings == 2 and np.isnan(lines["two"].rank) and np.isnan(lines["two"].low)
    against = tables.lines_of(found, other="two", strategies=["one"])[0]
    assert (against.n_settings, against.gain) == (2, ((2 - 5) + (-1 - 1)) / 2)


def test_the_goal_is_told_as_it_came_out():
    found = [setting("a", auto_sampling=[3, 3], margin_sampling=[4, 4])]
    found.append(setting("b", auto_sampling=[-1, 0], margin_sampling=[-3, -3]))
    text = pages.page_of(found, "command")
    assert "above random's in 1 settings and below it in 1; after Holm better in 1 and worse in 0" in text
    assert "low +1.25 against +0.50 of `margin_sampling`" in text and "setting: -0.5 points" in text
