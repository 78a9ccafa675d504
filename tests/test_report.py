"""The report: complete, true to its numbers, safe to open anywhere."""

import dataclasses
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from made_comparison import make_comparison
from scipy import stats

from skal.pages import Breakable, Curve, Whisker, limits, line_chart, render, spread, table, ticks
from skal.report import write_report
from skal.statistics import (
    bootstrap_interval,
    differences_by_round,
    hedges_gz,
    holm,
    labels_saved,
    sign_flip_test,
)
from skal.study import plot_curves
from skal.summary.words import Unit, fixed, p_value, signed

VOID = ("br", "img", "meta", "wbr")


class Page(HTMLParser):
    """Tags, attributes, text, and tables as lists of rows of cell texts."""

    def __init__(self, html):
        super().__init__()
        self.html, self.open, self.attributes, self.text, self.tables, self.tags = html, [], [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag == "br":
            self.handle_data("|")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += data

    def table(self, first_cell):
        """The first table whose head begins so."""
        return next(table for table in self.tables if table[0][0] == first_cell)


def read(comparisons, folder):
    return Page(write_report(comparisons, folder).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made():
    return make_comparison()


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    return read(made, tmp_path_factory.mktemp("report"))


def html(part):
    return part.__html__()


def number(text):
    return float(text.replace("−", "-").replace("<", ""))


def area(values):
    return np.trapezoid(values, dx=1.0, axis=1) / (values.shape[1] - 1)


def test_files_are_written_and_nothing_else(made, tmp_path):
    path = write_report(made, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "report.html"
    assert sorted(p.name for p in path.parent.iterdir()) == ["curves.png", "curves.svg", "report.html"]


@pytest.mark.pictures
def test_the_same_comparison_gives_the_same_files(made, tmp_path):
    first, again = write_report(made, tmp_path / "a"), write_report(made, tmp_path / "b")
    for name in ("report.html", "curves.svg", "curves.png"):
        assert (first.parent / name).read_bytes() == (again.parent / name).read_bytes()


def test_the_page_needs_nothing_but_itself(page):
    links = [value for _, key, value in page.attributes if key in ("href", "src", "xlink:href", "action", "data")]
    assert all(link.startswith("#") for link in links)
    assert not {"script", "link", "iframe", "img", "object", "embed", "form"} & set(page.tags)
    assert "http" not in page.html and "url(" not in page.html and "@import" not in page.html
    assert not any(key.startswith("on") for _, key, _ in page.attributes)


def test_the_style_knows_light_dark_and_print(page):
    assert "prefers-color-scheme: dark" in page.html and "@media print" in page.html
    colours = set(re.findall(r"var\((--[a-z0-9]+)", page.html)) - {"--c", "--a"}
    light, dark = page.html.split("prefers-color-scheme: dark")
    assert all(f"{name}:" in light and f"{name}:" in dark.split("} }")[0] for name in colours)


def test_every_strategy_metric_class_and_entry_is_named(made, page):
    text = " ".join(page.text)
    for name in [*made.scores, *made.metrics, *made.classes, *made.versions.values(), *made.protocol]:
        assert str(name) in text
    assert "strategy = margin, beta = 2" in text


@pytest.mark.parametrize("shifts", [(0.0, 0.04, 0.0, -0.05), (0.0, 0.006, 0.004, -0.005)])
def test_verdicts_show_the_numbers_of_the_comparison(shifts, tmp_path):
    made = make_comparison(shifts=shifts)
    page = read(made, tmp_path)
    rows = {row[0].split("|")[0]: row for row in page.table("strategy")[1:]}
    base = area(made.scores["random_sampling"])
    differences = {name: area(made.scores[name]) - base for name in made.scores if name != "random_sampling"}
    p_values = {name: stats.ttest_1samp(d, 0).pvalue for name, d in differences.items()}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    assert rows["random_sampling"][1] == f"{100 * base.mean():.2f}"
    for name, d in differences.items():
        _, mean_area, difference, _, p, p_adjusted, effect, saved = rows[name]
        half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
        mean, interval = difference.split("|")
        assert number(mean_area) == pytest.approx(100 * area(made.scores[name]).mean(), abs=0.0051)
        assert number(mean) == pytest.approx(100 * d.mean(), abs=0.0051)
        low, high = (number(end) for end in interval.strip("[]").split(","))
        assert (low, high) == (
            pytest.approx(100 * (d.mean() - half), abs=0.0051),
            pytest.approx(100 * (d.mean() + half), abs=0.0051),
        )
        assert number(p) == pytest.approx(p_values[name], abs=0.0001)
        assert number(p_adjusted) == pytest.approx(adjusted[name], abs=0.0001)
        assert number(effect) == pytest.approx(hedges_gz(d), abs=0.0051)
        expected = labels_saved(made.n_labels, made.scores[name], made.scores["random_sampling"])
        assert number(saved) == pytest.approx(expected.mean, abs=0.51)


def test_verdicts_are_said_in_words(page):
    verdicts = dict(row[0].split("|") for row in page.table("strategy")[1:])
    assert verdicts == {
        "random_sampling": "the baseline",
        "margin": "▲ better",
        "core_set": "· not distinguishable",
        "side": "▼ worse",
    }


def test_pairs_are_antisymmetric_and_agree_with_the_areas(made, page):
    head, *rows = page.table("row less column")
    names = [row[0].split(" ", 1)[1] for row in rows]
    assert head[1:] == ["1", "2", "3", "4"] and sorted(names) == sorted(made.scores)
    matrix = np.array([[0.0 if cell == "" else number(cell) for cell in row[1:]] for row in rows])
    np.testing.assert_array_equal(matrix, -matrix.T)
    means = np.array([100 * area(made.scores[name]).mean() for name in names])
    np.testing.assert_allclose(matrix, means[:, None] - means, atol=0.0051)


def test_labels_saved_times_and_classes_are_those_of_the_comparison(made, page):
    saved = {row[0]: row for table in page.tables if table[0][1:2] == ["score"] for row in table}
    for name in ("margin", "side"):
        found = labels_saved(made.n_labels, made.scores[name], made.scores["random_sampling"])
        _, score, needed, random_needs, mean, interval, _, reached = saved[name]
        assert number(score.removesuffix(" %")) == pytest.approx(100 * found.target, abs=0.0051)
        assert number(needed) == pytest.approx(found.needed, abs=0.51)
        assert number(random_needs) == pytest.approx(found.baseline_needed, abs=0.51)
        assert number(mean) == pytest.approx(found.mean, abs=0.51)
        ends = [number(end) for end in interval.strip("[]").split(", ")]
        assert ends == pytest.approx([found.low, found.high], abs=0.51)
        assert reached == f"{found.n_reached}, {found.n_baseline_reached} of 6"
    assert number(saved["margin"][4]) > 0 > number(saved["side"][4])
    assert saved["margin"][3] == saved["side"][2] == str(made.n_labels[-1])
    times = {row[0]: row for table in page.tables if table[0][1:2] == ["fit, ms"] for row in table}
    for name in made.scores:
        assert number(times[name][1]) == pytest.approx(1000 * made.fit_seconds[name].mean(), abs=0.051)
        assert number(times[name][2]) == pytest.approx(1000 * made.query_seconds[name][:, 1:].mean(), abs=0.051)
    classes = page.table("class, % of the picks")
    order = [row[0].split(" ", 1)[1] for row in page.table("row less column")[1:]]
    for c, row in enumerate(classes[1:-1]):
        counts = [made.picked_classes[name][:, 1:].sum(axis=(0, 1)) for name in order]
        np.testing.assert_allclose(list(map(number, row[1:])), [100 * k[c] / k.sum() for k in counts], atol=0.051)


def test_what_labels_cost_is_counted_from_the_first_ones_on(made, tmp_path):
    rng = np.random.default_rng(5)
    grown = {name: rng.integers(1, 9, (2, 6, 6)).cumsum(axis=2) for name in made.scores}
    spent, bought = ({name: values[k] + 100 for name, values in grown.items()} for k in (0, 1))
    protocol = {**made.protocol, "cost": {"cost": "clicks"}, "round_budget": 10.0}
    found = dataclasses.replace(made, protocol=protocol, spent=spent, n_bought=bought)
    rows = {row[0]: list(map(number, row[1:])) for row in read(found, tmp_path).table("paid")[1:]}
    for name in made.scores:
        paid, labels = (values[name][:, -1] - values[name][:, 0] for values in (spent, bought))
        expected = [labels.mean(), paid.mean(), paid.sum() / labels.sum()]
        assert rows[name] == pytest.approx(expected, abs=0.51) and rows[name][0] == pytest.approx(
            expected[0], abs=0.051
        )


def test_summaries_count_the_time_of_queries_from_the_first_one_on(made):
    """Before the first round nothing is asked."""
    for line in made.summaries():
        assert line.query_seconds == pytest.approx(made.query_seconds[line.name][:, 1:].mean())


def test_picks_per_class_stand_beside_the_shares_of_the_pool(made, page, tmp_path):
    pools = np.array([[50, 30, 20]] * 3 + [[40, 40, 20]] * 3)
    other = read(dataclasses.replace(made, pool_classes=pools), tmp_path)
    rows = other.table("class, % of the picks")
    assert rows[0][1:3] == ["pool", "1"] and [row[1] for row in rows[1:-1]] == ["45.0", "35.0", "20.0"]
    balance = stats.entropy([0.45, 0.35, 0.2]) / np.log(3)
    assert number(rows[-1][1]) == pytest.approx(balance, abs=0.0005)
    assert [row[2:] for row in rows[1:]] == [row[1:] for row in page.table("class, % of the picks")[1:]]
    assert "estimate the pool's" in " ".join(page.text) and "estimate the pool's" not in " ".join(other.text)
    titles = dict(re.findall(r'title="([^"]*)" class="cell (up|down)"', other.html))
    for name in made.scores:
        counts = made.picked_classes[name][:, 1:].sum(axis=(0, 1))
        for c, share in enumerate((0.45, 0.35, 0.2)):
            (side,) = [s for title, s in titles.items() if title.startswith(f"{name}: ") and f"class {c}" in title]
            assert side == ("up" if counts[c] / counts.sum() > share else "down")


def test_the_sentence_names_all_with_their_amounts(made, page):
    text = " ".join(page.text)
    found = {line.name: 100 * abs(line.difference.mean) for line in made.summaries()[1:]}
    assert (
        f"Over 6 trials, in accuracy averaged over the curve, margin (by {found['margin']:.2f} points) beats" in text
    )
    assert f"side (by {found['side']:.2f} points) is worse; core_set (" in text
    assert "cannot be told from it." in text


def test_texts_are_escaped(tmp_path):
    names = ("random_sampling", "<b>", "\"><script>alert('x')</script>", "a & b")
    made = make_comparison(names, metrics=("accuracy", "<i>"), data="<u>&amp;")
    made = dataclasses.replace(made, classes=["<s>", "]]>", "<!--"], versions={"<em>": "<svg onload=x>"})
    page = read({"<h1>": made, "'\"": made}, tmp_path)
    assert not {"b", "i", "u", "s", "em", "script"} & set(page.tags) and page.tags.count("h1") == 1
    text = " ".join(page.text)
    for name in (*names, "<i>", "<u>&amp;", "<s>", "]]>", "<!--", "<em>", "<svg onload=x>", "<h1>"):
        assert name in text
    assert all(path.parent == tmp_path for path in tmp_path.rglob("*"))


LONG = "a_strategy_with_a_very_long_name_and_options(embedding=some_function, beta=0.123456789)" * 2


@pytest.mark.parametrize(
    "settings",
    [
        {"n_trials": 1},
        {"n_trials": 2},
        {"names": ("random_sampling",), "shifts": (0.0,)},
        {"names": ("random_sampling",), "shifts": (0.0,), "n_trials": 1, "n_rounds": 0, "n_classes": 1},
        {"n_rounds": 0},
        {"n_rounds": 1},
        {"n_rounds": 60},
        {"n_classes": 150},
        {"names": ("random_sampling", LONG, LONG + "2", "x"), "data": LONG, "estimator": LONG},
        {"names": ("random_sampling", *(f"strategy_{k}" for k in range(24))), "shifts": tuple(np.zeros(25))},
        {"metrics": ("neg_log_loss", "r2", "accuracy")},
    ],
    ids=lambda settings: ", ".join(f"{key}" for key in settings),
)
@pytest.mark.pictures
def test_unusual_comparisons_have_a_page(settings, tmp_path):
    made = make_comparison(**settings)
    if made.metric == "neg_log_loss":
        made.metrics["neg_log_loss"] = {name: -9.0 * values for name, values in made.scores.items()}
    page = read(made, tmp_path)
    text = " ".join(page.text)
    assert all(name in text for name in made.scores)
    assert "nan" not in page.html.lower()
    if settings.get("n_trials") == 1 and len(made.scores) > 1:
        assert "1 trial cannot tell any strategy from random_sampling" in text
    if len(made.scores) == 1:
        assert "there is nothing to compare it with" in text
    if settings.get("n_classes") == 150:
        assert len(page.table("class, % of the picks")) == 1 + 20 + 1 and "20 of 150 classes" in text
    if settings.get("metrics"):
        assert "%" not in page.table("strategy")[1][1] and number(page.table("strategy")[1][1]) < -5


def test_constant_scores_have_a_page(tmp_path):
    made = make_comparison()
    for values in made.metrics.values():
        for curve in values.values():
            curve[:] = 1.0
    page = read(made, tmp_path)
    text = " ".join(page.text)
    assert "cannot be told from random_sampling" in text and "nan" not in page.html.lower()
    assert "What to look at first" in text
    assert "Accuracy is 100.00 % for every strategy, in every trial and round." in text
    assert "ece is 100.00 % for every strategy" in text or "Ece is 100.00 % for every strategy" in text


def test_a_strategy_that_ends_where_random_begins_has_a_bound(tmp_path):
    made = make_comparison()
    made.scores["side"][:] = made.scores["random_sampling"][:, :1] - 0.2 + 0.001 * np.arange(6)
    page = read(made, tmp_path)
    saved = {row[0]: row for table in page.tables if table[0][1:2] == ["score"] for row in table}["side"]
    assert saved[2] == "> 70" and saved[3] == "20" and saved[4] == "at most −50"
    assert "nan" not in page.html.lower()


def test_several_comparisons_have_contents_and_an_overview(made, tmp_path):
    other = make_comparison(("random_sampling", "margin"), (0.0, 0.0), seed=1, n_trials=4)
    page = read({"digits": made, "Digits": other, "a/b: c": other}, tmp_path)
    ids = {value for _, key, value in page.attributes if key == "id"}
    links = [value[1:] for _, key, value in page.attributes if key == "href"]
    assert set(links) == ids == {"study-1", "study-2", "study-3"}
    overview = {row[0]: row[1:] for row in page.tables[0]}
    assert overview["strategy"] == ["digits", "Digits", "a/b: c", "better", "worse"]
    mean = next(line.difference.mean for line in made.summaries() if line.name == "margin")
    assert overview["margin"][0] == f"▲ +{100 * mean:.2f}" and overview["margin"][3:] == ["1", "0"]
    assert overview["side"][1:3] == ["", ""] and overview["side"][3:] == ["0", "1"]
    pictures = sorted(path.name for path in tmp_path.iterdir())
    assert pictures == sorted(
        ["report.html"]
        + [
            f"{stem}.{ending}"
            for stem in ("curves-digits", "curves-Digits-2", "curves-a-b-c", "ranks")
            for ending in ("png", "svg")
        ]
    )


def test_a_strategy_keeps_its_colour_over_the_page(made, tmp_path):
    fewer = make_comparison(("random_sampling", "side"), (0.0, 0.1))
    html = write_report({"one": made, "two": fewer}, tmp_path).read_text()
    colours = set(re.findall(r'class="line (s\d d\S+)"><title>side<', html))
    assert len(colours) == 1


def test_a_study_that_has_not_ended_says_so(tmp_path):
    page = read(make_comparison(n_trials=3), tmp_path / "a")
    assert "has not ended" not in " ".join(page.text)
    made = make_comparison(n_trials=3)
    made.protocol["n_trials"] = 10
    assert "3 trials of 10 planned: the study has not ended" in " ".join(read(made, tmp_path / "b").text)


def test_no_comparison_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one comparison"):
        write_report({}, tmp_path)


def test_curves_of_the_chart_are_the_means():
    """Places in the drawing are a straight-line map of values: two numbers, found from two points, give all."""
    x, y = np.array([10, 20, 40, 80]), np.array([0.5, 0.7, 0.65, 0.9])
    curve = Curve("c", y, y - 0.05, y + 0.05, "s1 d0")
    chart = line_chart(
        x, [curve], size=(400, 300), y_limits=limits([curve]), y_text=str, y_label="y", description="", named=True
    )
    path = re.search(r'd="M([^"]*)" class="line', html(chart))
    points = np.array([list(map(float, point.split())) for point in path.group(1).split("L")])
    for places, values in ((points[:, 0], x), (points[:, 1], y)):
        slope, offset = np.polyfit(values, places, 1)
        np.testing.assert_allclose(slope * values + offset, places, atol=0.11)
    assert points[0, 1] > points[3, 1]


@pytest.mark.parametrize("seed", range(20))
def test_labels_are_moved_apart_in_order_and_inside(seed):
    rng = np.random.default_rng(seed)
    wanted = rng.uniform(0, 100, rng.integers(1, 8)).round(seed % 2)
    places = np.array(spread(wanted, 12.0, 0.0, 100.0))
    assert (np.diff(np.sort(places)) >= 12 - 1e-9).all()
    assert places.min() >= -1e-9 and places.max() <= 100 + 1e-9
    assert (np.diff(places[np.argsort(wanted, kind="stable")]) > 0).all()
    if (np.diff(np.sort(wanted)) >= 12).all():
        np.testing.assert_allclose(places, wanted)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.53, 0.97), (-3, 4), (1e-6, 2e-6), (999, 1000.5), (-0.02, 0.02)])
def test_ticks_are_round_and_inside(low, high):
    found = ticks(low, high)
    assert 3 <= len(found) <= 7 and low - 1e-9 <= found[0] and found[-1] <= high + 1e-9
    steps = np.diff(found)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-4)
    leading = steps[0] / 10 ** np.floor(np.log10(steps[0]) + 1e-6)
    assert min(abs(leading - round_) for round_ in (1, 2, 2.5, 5)) < 1e-3


def test_numbers_are_written_plainly():
    assert [fixed(-0.001, 2), fixed(-1.5, 1), fixed(float("nan"), 2)] == ["0.00", "−1.5", "–"]
    assert [signed(0.004, 2), signed(1.0, 2), signed(-1.0, 0), signed(float("inf"), 1)] == [
        "0.00",
        "+1.00",
        "−1",
        "+∞",
    ]
    assert [p_value(0.0), p_value(0.04999), p_value(1.0)] == ["<0.0001", "0.0500", "1.0000"]
    assert Unit.of({"a": np.array([0.1, 1.0])}).amount(-0.0123) == "1.23 points"
    assert Unit.of({"a": np.array([-3.0, -1.0])}).difference(0.5) == "+0.50"


def test_tables_escape_what_they_are_given_and_not_what_they_hold():
    whisker = Whisker(0.1, -0.1, float("inf"), 0.5, "up")
    found = html(table(["<i>", "b"], [["<b>&", whisker]], class_='"x"'))
    assert "&lt;i&gt;" in found and "&lt;b&gt;&amp;" in found and 'class="&#34;x&#34;"' in found
    assert html(whisker).strip() in found


def test_a_template_that_is_given_too_little_says_so():
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError, match="'title' is undefined"):
        render("pages/base.html")


def test_infinite_ends_of_an_interval_run_to_the_edge():
    found = html(Whisker(0.1, float("-inf"), float("inf"), 0.5, "up"))
    assert 'x1="6" x2="144"' in found and "inf" not in found and "nan" not in found
    assert "circle" not in html(Whisker(float("nan"), float("-inf"), float("inf"), 0.5, "up"))


def test_names_may_be_broken_and_stay_whole():
    assert html(Breakable("core_set(a=<b>,_)")) == "core_<wbr>set(<wbr>a=&lt;b&gt;,<wbr>_<wbr>)"
    assert html(Breakable("")) == "" and html(Breakable("plain")) == "plain"


@pytest.mark.pictures
def test_the_picture_of_many_strategies_hides_no_curve_under_its_legend(tmp_path):
    names = ("random_sampling", *(f"strategy_{k}" for k in range(12)))
    figure = plot_curves(make_comparison(names, tuple(np.zeros(13))), tmp_path / "curves.png")
    (axes,) = figure.axes
    legend = axes.get_legend()
    assert len(legend.get_texts()) == 13
    assert legend.get_window_extent().y1 < axes.get_window_extent().y0


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "is_dark"), [("0", True), ("1", False)], ids=["dark", "light"])
def test_a_browser_draws_it_in_light_and_dark(tmp_path, scheme, is_dark):
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("needs chromium (apt-get install chromium)")
    from matplotlib.image import imread

    path = write_report(make_comparison(), tmp_path)
    picture = tmp_path / "page.png"
    command = [
        browser,
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"),
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--blink-settings=preferredColorScheme={scheme}",
        "--hide-scrollbars",
        "--window-size=900,1600",
        f"--screenshot={picture}",
        path.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    pixels = imread(picture)[..., :3]
    ground = np.median(pixels.reshape(-1, 3), axis=0)
    assert (ground.max() < 0.2) if is_dark else (ground.min() > 0.95)
    ink = np.abs(pixels - ground).max(axis=2) > 0.25
    assert ink.mean() > 0.01, "nothing is drawn"
    assert not ink[:, -12:].any(), "something runs over the right edge"


def test_the_same_differences_by_other_tests(made, page):
    """Intervals and p-values of the table are those of the statistics, strategy by strategy."""
    shown = {row[0]: row[1:] for row in page.table("asked otherwise")[1:]}
    base = area(made.scores["random_sampling"])
    assert list(shown) == [line.name for line in made.summaries()[1:]]
    t = {name: float(stats.ttest_rel(area(made.scores[name]), base).pvalue) for name in shown}
    corrected = dict(zip(t, stats.false_discovery_control(list(t.values())), strict=True))
    by_flips = {line.name: line.difference for line in made.summaries(test="sign_flip")[1:]}
    for name, (_, bootstrap, flips, wilcoxon, bh, won, verdict) in shown.items():
        assert by_flips[name].verdict.startswith(verdict)
        difference = area(made.scores[name]) - base
        _, low, high = bootstrap_interval(area(made.scores[name]), base)
        assert [number(end) for end in bootstrap.strip("[]").split(", ")] == pytest.approx(
            [100 * low, 100 * high], abs=0.006
        )
        assert number(flips) == pytest.approx(float(sign_flip_test(difference).p_value), abs=1e-4)
        assert number(wilcoxon) == pytest.approx(float(stats.wilcoxon(difference).pvalue), abs=1e-4)
        assert number(bh) == pytest.approx(corrected[name], abs=2e-4)
        assert won == f"{100 * np.mean(difference > 0):.0f} %"


def test_differences_at_every_label_count(made, page):
    rows = page.table("less random, at labels")
    assert rows[0][1:] == [str(count) for count in made.n_labels[1:]]
    for name, *cells in rows[1:]:
        means = (made.scores[name] - made.scores["random_sampling"]).mean(axis=0)[1:]
        assert [number(cell) for cell in cells] == pytest.approx(100 * means, abs=0.006)
    found = [
        differences_by_round(made.scores[row[0]][:, 1:], made.scores["random_sampling"][:, 1:]) for row in rows[1:]
    ]
    clear = sum(
        difference.verdict in ("better than random", "worse than random") for line in found for difference in line
    )
    assert 0 < clear < sum(map(len, found))
    section = page.html[page.html.index("By label count") :]
    assert section[: section.index("</table>")].count(" told") == clear


@pytest.mark.parametrize(("n_trials", "said"), [(5, True), (6, False)])
def test_what_five_trials_cannot_show_is_said(n_trials, said, tmp_path):
    text = " ".join(read(make_comparison(n_trials=n_trials), tmp_path).text)
    assert ("With 5 trials the sign-flip test and Wilcoxon's cannot give less than p = 0.0625" in text) == said
