"""The explanation of a query, against brute force."""

import base64
import csv
import io
import re
from functools import partial

import numpy as np
import pytest
from scipy.stats import entropy as shannon
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC
from test_report import Page

from skal import ActiveLearner, Committee
from skal.explain import PARTS, explain_query
from skal.explain._geometry import nearest, represented
from skal.explain._images import as_images, shape_of_columns, to_bytes
from skal.query import core_set, margin_sampling, random_sampling, select


@pytest.fixture(scope="module")
def problem():
    X, y = load_digits(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    learner = ActiveLearner(model, margin_sampling, X_training=X[:50], y_training=y[:50])
    return learner, X[50:350], X[:50], y[:50]


@pytest.fixture(scope="module")
def found(problem):
    learner, X_pool, *_ = problem
    return explain_query(learner, X_pool, "margin_sampling", 6, random_state=3)


def test_picks_and_scores_are_those_of_the_query(problem, found):
    learner, X_pool, *_ = problem
    picked, scores = select(margin_sampling, learner, X_pool, 6, random_state=3)
    assert [row.pool_index for row in found.rows] == picked.tolist()
    assert [row.score for row in found.rows] == scores.tolist()
    assert [row.rank for row in found.rows] == [1, 2, 3, 4, 5, 6] and found.strategy == "margin_sampling"


def test_numbers_agree_with_brute_force(problem, found):
    learner, X_pool, X_labeled, y_labeled = problem
    P = learner.predict_proba(X_pool)
    scaler = learner.estimator[0]
    Z, known = scaler.transform(X_pool), scaler.transform(X_labeled)
    picked = [row.pool_index for row in found.rows]
    to_picks = np.linalg.norm(Z[:, None] - Z[picked], axis=2)
    units = Z / np.linalg.norm(Z, axis=1, keepdims=True)
    owners = to_picks.argmin(axis=1)
    for k, row in enumerate(found.rows):
        p = np.sort(P[row.pool_index])
        assert row.entropy == pytest.approx(shannon(p))
        assert row.margin == pytest.approx(1 - (p[-1] - p[-2])) and row.margin == pytest.approx(row.score)
        assert row.least_confident == pytest.approx(1 - p[-1])
        assert row.density == pytest.approx(((1 + units @ units[row.pool_index]) / 2).mean())
        distances = np.linalg.norm(known - Z[row.pool_index], axis=1)
        assert row.nearest_labeled == distances.argmin() and row.distance == pytest.approx(distances.min())
        assert row.nearest_label == y_labeled[distances.argmin()]
        assert row.represents == (owners == k).sum()
    assert sum(row.represents for row in found.rows) == len(X_pool)


def test_random_picks_are_those_of_the_same_seed(problem, found):
    learner, X_pool, *_ = problem
    expected, _ = select(random_sampling, learner, X_pool, 6, random_state=3)
    assert found.random_picks.tolist() == expected.tolist() and found.seed == 3
    for row in found.rows:
        assert row.random_too == (row.pool_index in expected)
    itself = explain_query(learner, X_pool, random_sampling, 6, random_state=3)
    assert all(row.random_too for row in itself.rows)


def test_a_query_may_be_named_called_partial_given_or_the_learners(problem):
    learner, X_pool, *_ = problem
    pair = select(margin_sampling, learner, X_pool, 4, random_state=0)
    queries = ["margin_sampling", margin_sampling, partial(margin_sampling), None, pair, pair[0], pair[0].tolist()]
    answers = [explain_query(learner, X_pool, query, 4, random_state=0) for query in queries]
    for answer in answers:
        assert [row.pool_index for row in answer.rows] == pair[0].tolist()
    assert [answer.rows[0].score is None for answer in answers] == [False] * 5 + [True] * 2
    assert [answer.strategy for answer in answers] == ["margin_sampling"] * 4 + ["given picks"] * 3


def test_unseeded_and_generators_are_taken(problem):
    learner, X_pool, *_ = problem
    first, again = (
        explain_query(learner, X_pool, "core_set", 3, random_state=np.random.RandomState(1)) for _ in range(2)
    )
    assert first.rows == again.rows and first.random_picks.tolist() == again.random_picks.tolist()
    assert len(explain_query(learner, X_pool, "core_set", 3).rows) == 3


def test_what_cannot_be_read_is_left_out_and_said(problem):
    _, X_pool, X_labeled, y_labeled = problem
    margins = ActiveLearner(LinearSVC(), core_set, X_training=X_labeled, y_training=y_labeled)
    found = explain_query(margins, X_pool, None, 3, random_state=0)
    assert all(row.entropy is row.margin is row.least_confident is None for row in found.rows)
    assert all(row.density is not None and row.represents for row in found.rows)
    assert "needs predict_proba: LinearSVC" in found.notes[0]

    words = make_pipeline(FunctionTransformer(len_of), LogisticRegression()).fit(list("abc"), [0, 1, 0])
    found = explain_query(words, list("abcdefgh"), [2, 5])
    assert all(row.nearest_label is row.distance is None for row in found.rows)
    assert any("No labelled rows are known" in note for note in found.notes)

    raw = LogisticRegression().fit(X_labeled, y_labeled)
    raw.predict_proba = lambda block: np.full((len(block), 2), 0.5)
    found = explain_query(raw, np.zeros((9, 1, 4, 4)), [2, 5])
    assert all(row.density is row.represents is None for row in found.rows)
    assert "needs embeddings" in found.notes[0]


def len_of(rows):
    return np.array([[float(ord(row))] for row in rows])


@pytest.mark.parametrize("kind", ["forest", "committee", "list"])
def test_committees_have_the_uncertainty_of_their_consensus(problem, kind):
    _, X_pool, X_labeled, y_labeled = problem
    if kind == "forest":
        model = RandomForestClassifier(5, random_state=0).fit(X_labeled, y_labeled)
        P = model.predict_proba(X_pool)
    else:
        members = [LogisticRegression(C=c, max_iter=2000).fit(X_labeled, y_labeled) for c in (0.01, 1.0)]
        P = np.mean([member.predict_proba(X_pool) for member in members], axis=0)
        model = members
        if kind == "committee":
            model = Committee([ActiveLearner.fitted(member, X_labeled, y_labeled) for member in members])
    found = explain_query(model, X_pool, [4, 9], X_labeled=X_labeled, y_labeled=y_labeled)
    assert [row.entropy for row in found.rows] == pytest.approx(shannon(P[[4, 9]], axis=1).tolist())


def test_labels_may_be_words_and_labelled_rows_may_be_given(problem):
    learner, X_pool, X_labeled, y_labeled = problem
    words = np.array([f"digit {label}" for label in y_labeled])
    found = explain_query(learner, X_pool, [0, 1, 2], X_labeled=X_labeled[:9], y_labeled=words[:9])
    for row in found.rows:
        assert row.nearest_labeled < 9 and row.nearest_label == words[row.nearest_labeled]
        assert isinstance(row.nearest_label, str)
    no_labels = explain_query(learner, X_pool, [0], X_labeled=X_labeled[:9])
    assert no_labels.rows[0].nearest_label is None and no_labels.rows[0].distance is not None


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ([], ValueError, "at least one pick is needed"),
        ([0, 0], RuntimeError, "distinct"),
        ([300], RuntimeError, r"in \[0, 299\]"),
        ("margn_sampling", ValueError, "Did you mean margin_sampling"),
    ],
)
def test_what_is_no_query_is_refused(problem, query, error, message):
    with pytest.raises(error, match=message):
        explain_query(problem[0], problem[1], np.array(query, dtype=int) if query == [] else query)


def test_a_model_without_a_strategy_is_refused(problem):
    with pytest.raises(TypeError, match="LinearSVC has no query strategy; pass one, or its picks"):
        explain_query(LinearSVC(), problem[1])


def test_repeated_rows_represent_themselves():
    Z = np.array([[0.0], [0.0], [0.0], [5.0]])
    assert represented(Z, np.array([1, 0])).tolist() == [3, 1]
    rows, distances = nearest(Z[[3, 0]], np.array([[1.0], [0.0], [0.0]]))
    assert rows.tolist() == [0, 1] and distances.tolist() == [4.0, 0.0]


def test_the_csv_holds_every_number_and_a_place_for_the_label(found, tmp_path):
    found.to_csv(tmp_path / "query.csv")
    with (tmp_path / "query.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 6 and list(lines[0])[-1] == "label"
    for row, line in zip(found.rows, lines, strict=True):
        for name in (*PARTS, "score", "distance"):
            assert float(line[name]) == getattr(row, name)
        assert int(line["pool_index"]) == row.pool_index and int(line["represents"]) == row.represents
        assert line["label"] == "" and line["random_too"] == str(row.random_too)


def test_csv_survives_commas_quotes_and_newlines(problem, tmp_path):
    learner, X_pool, X_labeled, _ = problem
    label = 'a "b", c\nd; é'
    given = explain_query(learner, X_pool, [0], X_labeled=X_labeled[:1], y_labeled=[label])
    given.to_csv(tmp_path / "query.csv")
    with (tmp_path / "query.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.DictReader(file))["nearest_label"] == label


def test_the_sheet_loads_nothing_and_shows_every_pick(found, tmp_path):
    found.to_html(tmp_path / "query.html")
    page = Page((tmp_path / "query.html").read_text(encoding="utf-8"))
    assert not {"script", "link", "img", "iframe"} & set(page.tags) and "http" not in page.html
    head, *rows = page.tables[0]
    assert len(rows) == 6
    for row, cells in zip(found.rows, rows, strict=True):
        line = dict(zip(head, cells, strict=True))
        assert (line["rank"], line["pool row"]) == (str(row.rank), str(row.pool_index))
        for name in ("score", "entropy", "margin", "density", "distance"):
            assert float(line[name]) == pytest.approx(getattr(row, name), abs=0.00051)
        assert line["its label"] == str(row.nearest_label) and line["label"] == ""
    text = " ".join(page.text)
    assert "by margin_sampling" in text and ", ".join(map(str, found.random_picks)) in text


def test_labels_of_the_sheet_are_escaped(problem, tmp_path):
    learner, X_pool, X_labeled, _ = problem
    found = explain_query(learner, X_pool, [0], X_labeled=X_labeled[:1], y_labeled=["<script>x</script>"])
    found.to_html(tmp_path / "query.html")
    page = Page((tmp_path / "query.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags and "<script>x</script>" in " ".join(page.text)


def images_of(html):
    from matplotlib.image import imread

    urls = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    assert html.count("src=") == len(urls)
    return [np.round(255 * imread(io.BytesIO(base64.b64decode(url)))[..., :3]) for url in urls]


@pytest.mark.parametrize("channels", [1, 3])
def test_small_images_are_shown_inline(tmp_path, channels):
    X = np.random.default_rng(0).integers(0, 256, (20, channels, 6, 5), dtype=np.uint8)
    flat = FunctionTransformer(lambda block: np.asarray(block).reshape(len(block), -1))
    model = make_pipeline(flat, LogisticRegression(max_iter=5000)).fit(X[:6], [0, 1] * 3)
    found = explain_query(model, X[6:], [3, 1], X_labeled=X[:6], y_labeled=[0, 1] * 3)
    found.to_html(tmp_path / "query.html")
    pictures = images_of((tmp_path / "query.html").read_text())
    assert len(pictures) == 4  # pick and neighbour, pick and neighbour
    for k, row in enumerate(found.rows):
        pick, near = (np.moveaxis(rows, 0, -1) for rows in (X[6 + row.pool_index], X[row.nearest_labeled]))
        np.testing.assert_array_equal(pictures[2 * k], np.broadcast_to(pick, (6, 5, 3)))
        np.testing.assert_array_equal(pictures[2 * k + 1], np.broadcast_to(near, (6, 5, 3)))


def test_flat_rows_are_shown_as_images_where_the_shape_is_given(found, tmp_path):
    found.to_html(tmp_path / "query.html", image_shape=(8, 8))
    pictures = images_of((tmp_path / "query.html").read_text())
    assert len(pictures) == 12 and pictures[0].shape == (8, 8, 3)
    pixels = found.X_picked[0].reshape(8, 8)
    np.testing.assert_allclose(pictures[0][..., 0], 255 * pixels / 16, atol=0.51)


def test_only_small_images_are_images():
    assert as_images(np.zeros((3, 5))) is None and as_images(["a", "b"]) is None
    assert as_images(np.zeros((3, 4, 5, 6))) is None and as_images(np.zeros((3, 300, 300))) is None
    assert as_images(np.zeros((3, 1, 4, 5))).shape == (3, 4, 5) and as_images(np.zeros((3, 4, 5, 3))).shape[-1] == 3
    assert to_bytes(np.zeros((2, 3, 3))).max() == 0
    assert to_bytes(np.array([[[0.0, 0.5]]]), [np.array([[[1.0]]])]).tolist() == [[[0, 128]]]


def test_columns_that_are_pixels_are_told_from_others():
    grid = [f"pixel_{row}_{column}" for row in range(3) for column in range(2)]
    assert shape_of_columns(grid) == (3, 2) and shape_of_columns(grid[:2]) == (1, 2)
    assert shape_of_columns(load_digits().feature_names) == (8, 8)
    for names in ((), grid[::-1], grid[1:], [*grid, "age"], ["age", *grid], [*grid, grid[-1]], ["pixel_0_0x"]):
        assert shape_of_columns(names) is None


def test_a_known_shape_is_used_and_another_comes_before_it(problem, tmp_path):
    learner, X_pool, *_ = problem
    found = explain_query(learner, X_pool, "margin_sampling", 2, image_shape=(8, 8), random_state=3)
    sizes = []
    for shape in (None, (4, 16)):
        found.to_html(tmp_path / "query.html", image_shape=shape)
        sizes += {picture.shape[:2] for picture in images_of((tmp_path / "query.html").read_text())}
    assert sizes == [(8, 8), (4, 16)]
