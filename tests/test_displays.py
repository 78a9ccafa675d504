"""Displays: scikit-learn's manner, and the numbers of the loop."""

import inspect
import warnings

import matplotlib
import numpy as np
import pytest
from made_comparison import make_comparison
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

from skal import ActiveLearner
from skal.adversarial import SRAAL, VAAL
from skal.displays import ActiveLearningCurveDisplay, QueryDisplay, active_learning_curve
from skal.displays._learning_curve import fold_seeds
from skal.displays._projection import project
from skal.loop import initial_pool, rounds
from skal.neural import VariationalAutoencoder
from skal.query import core_set, margin_sampling, random_sampling, select
from skal.report.curve_plot import shortened
from skal.statistics import mean_interval
from skal.study import StudyError, compare, plot_curves

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def no_window_and_no_open_figure(monkeypatch):
    from matplotlib import pyplot as plt

    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("a window was opened"))
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


MODEL = LogisticRegression(max_iter=500)
SMALL = {"n_initial": 8, "n_instances": 7, "budget": 25}


class TestLearningCurve:
    @pytest.mark.parametrize("strategy", [margin_sampling, core_set])
    def test_numbers_are_those_of_rounds_run_by_hand(self, iris, strategy):
        X, y = iris
        n_labels, train, test = active_learning_curve(
            MODEL, X, y, query_strategy=strategy, cv=3, random_state=5, scoring="balanced_accuracy", **SMALL
        )
        assert n_labels.tolist() == [8, 15, 22, 25] and train.shape == test.shape == (4, 3)
        seed = int(np.random.RandomState(5).randint(np.iinfo(np.int32).max))
        scorer = get_scorer("balanced_accuracy")
        assert len({word for fold in range(3) for word in fold_seeds(seed, fold)}) == 6
        for fold, (pool, left_out) in enumerate(StratifiedKFold(3).split(X, y)):
            first_seed, loop_seed = fold_seeds(seed, fold)
            first = initial_pool(X, y, 8, "random", first_seed, candidates=pool)
            loop = rounds(MODEL, X, y.__getitem__, strategy, first, 7, 25, loop_seed, candidates=pool)
            for k, round_ in enumerate(loop):
                assert not np.isin(round_.labeled, left_out).any()
                assert test[k, fold] == scorer(round_.learner, X[left_out], y[left_out])
                assert train[k, fold] == scorer(round_.learner, X[round_.labeled], y[round_.labeled])

    def test_a_seed_repeats_and_parallel_folds_are_the_same(self, iris):
        first, again, parallel, other = (
            active_learning_curve(MODEL, *iris, random_state=seed, n_jobs=n_jobs, **SMALL)[2]
            for seed, n_jobs in ((0, None), (0, None), (0, 2), (1, None))
        )
        assert (first == again).all() and (first == parallel).all() and (first != other).any()

    def test_names_splitters_and_groups_are_taken(self, iris):
        X, y = iris
        by_name = active_learning_curve(MODEL, X, y, query_strategy="margin_sampling", random_state=0, **SMALL)
        by_hand = active_learning_curve(MODEL, X, y, query_strategy=margin_sampling, random_state=0, **SMALL)
        assert (by_name[2] == by_hand[2]).all()
        groups = np.arange(150) % 4
        assert active_learning_curve(MODEL, X, y, groups=groups, cv=GroupKFold(4), **SMALL)[1].shape == (4, 4)

    def test_labels_may_be_words(self, iris):
        X, y = iris
        words = np.array(["ash", "birch", "cedar"])[y]
        numbers = active_learning_curve(MODEL, X, y, random_state=0, **SMALL)[2]
        assert (active_learning_curve(MODEL, X, words, random_state=0, **SMALL)[2] == numbers).all()

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"budget": 130}, r"budget must be at most 120, the smallest pool, got 130"),
            ({"n_initial": 0}, r"n_initial must be in \[1, budget\].*n_initial=0"),
            ({"n_instances": 0}, "n_instances=0"),
            ({"n_initial": 30}, "n_initial=30.*budget=25"),
            ({"n_initial": 1}, "hold a single class; .* Raise n_initial"),
            ({"query_strategy": "margn_sampling"}, "no strategy 'margn_sampling'. Did you mean margin_sampling"),
        ],
    )
    def test_what_cannot_be_is_refused(self, iris, settings, message):
        with pytest.raises(ValueError, match=message):
            active_learning_curve(MODEL, *iris, random_state=0, **{**SMALL, **settings})


class TestCurveDisplay:
    def test_from_predictions_draws_means_and_intervals(self):
        scores = {"a": np.random.default_rng(0).uniform(size=(5, 3)), "b": [0.1, 0.2, 0.3]}
        display = ActiveLearningCurveDisplay.from_predictions([10, 20, 30], scores, score_name="f1")
        assert display.figure_ is display.ax_.figure and display.ax_.get_ylabel() == "f1"
        assert [line.get_label() for line in display.lines_] == ["a", "b"]
        np.testing.assert_array_equal(display.lines_[0].get_xdata(), [10, 20, 30])
        np.testing.assert_allclose(display.lines_[0].get_ydata(), scores["a"].mean(axis=0))
        np.testing.assert_allclose(display.lines_[1].get_ydata(), scores["b"])
        (band,) = display.ax_.collections  # a single curve has no interval
        _, low, high = mean_interval(scores["a"])
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() == pytest.approx(low.min()) and heights.max() == pytest.approx(high.max())

    @pytest.mark.parametrize(("interval", "n_collections"), [("fill_between", 1), ("errorbar", 1), (None, 0)])
    def test_intervals_may_be_bands_bars_or_none(self, interval, n_collections):
        display = ActiveLearningCurveDisplay([1, 2], {"a": [[0.1, 0.2], [0.2, 0.4]]}).plot(interval=interval)
        assert len(display.ax_.collections) == n_collections

    def test_axes_and_looks_may_be_given(self):
        from matplotlib import pyplot as plt

        _, ax = plt.subplots()
        before = plt.get_fignums()
        display = ActiveLearningCurveDisplay([1, 2], {"a": [0.1, 0.2]})
        assert display.plot(ax, line_kw={"color": "red", "linewidth": 4}, score_name="s").ax_ is ax
        assert plt.get_fignums() == before
        assert display.lines_[0].get_color() == "red" and display.lines_[0].get_linewidth() == 4
        assert ax.get_ylabel() == "s"

    @pytest.mark.parametrize("values", [np.zeros((3, 2)), np.zeros((2, 4)), np.zeros((1, 2, 3))])
    def test_scores_of_another_shape_are_refused(self, values):
        with pytest.raises(ValueError, match=r"scores of a must have shape \(trials, 3\)"):
            ActiveLearningCurveDisplay([1, 2, 3], {"a": values})

    def test_from_estimator_draws_the_test_scores(self, iris):
        display = ActiveLearningCurveDisplay.from_estimator(
            MODEL, *iris, query_strategy=["margin_sampling", random_sampling], cv=4, random_state=3, **SMALL
        )
        assert list(display.scores) == ["margin_sampling", "random_sampling"]
        assert display.ax_.get_ylabel() == "accuracy on test folds"
        for line, strategy in zip(display.lines_, (margin_sampling, random_sampling), strict=True):
            seed = int(np.random.RandomState(3).randint(np.iinfo(np.int32).max))
            n_labels, _, test = active_learning_curve(
                MODEL, *iris, query_strategy=strategy, cv=4, random_state=seed, **SMALL
            )
            np.testing.assert_array_equal(line.get_xdata(), n_labels)
            np.testing.assert_allclose(line.get_ydata(), test.mean(axis=1))
        first = [values[:, 0] for values in display.scores.values()]
        assert (first[0] == first[1]).all()  # the same folds and first labels

    def test_from_estimator_may_walk_through_its_splits_once_a_strategy(self, iris):
        splits = KFold(3, shuffle=True, random_state=0).split(iris[0])
        strategies = {"m": margin_sampling, "r": random_sampling}
        display = ActiveLearningCurveDisplay.from_estimator(
            MODEL, *iris, query_strategy=strategies, cv=splits, random_state=0, **SMALL
        )
        assert [values.shape for values in display.scores.values()] == [(3, 4), (3, 4)]

    def test_from_study_draws_what_plot_curves_draws(self, tmp_path):
        made = make_comparison()
        display = ActiveLearningCurveDisplay.from_study(made)
        (axes,) = plot_curves(made, tmp_path / "curves.png").axes
        assert len(display.lines_) == 4
        for mine, other in zip(display.lines_, axes.get_lines(), strict=True):
            assert mine.get_label() == other.get_label() and mine.get_color() == other.get_color()
            np.testing.assert_array_equal(mine.get_ydata(), other.get_ydata())
        assert "margin: better than random" in [text.get_text() for text in display.ax_.get_legend().get_texts()]

    def test_from_study_draws_any_metric(self):
        made = make_comparison()
        display = ActiveLearningCurveDisplay.from_study(made, metric="ece")
        assert display.ax_.get_ylabel() == "ece on test data"
        for line in display.lines_:
            np.testing.assert_allclose(line.get_ydata(), made.metrics["ece"][line.get_label()].mean(axis=0))
        with pytest.raises(ValueError, match="no metric 'f1'; there are accuracy, ece"):
            ActiveLearningCurveDisplay.from_study(made, metric="f1")

    def test_from_study_reads_the_folder_of_a_study(self, iris, tmp_path):
        settings = {"n_initial": 9, "n_instances": 5, "n_rounds": 2, "n_trials": 3, "scoring": ["accuracy", "ece"]}
        found = compare(*iris, MODEL, ["margin_sampling", "core_set"], out=tmp_path, **settings)
        for metric in (None, "ece"):
            display = ActiveLearningCurveDisplay.from_study(tmp_path, metric=metric)
            drawn = {line.get_label().partition(":")[0]: line for line in display.lines_}
            assert set(drawn) == {"random_sampling", "margin_sampling", "core_set"}
            said = {line.get_label() for line in display.lines_}
            verdicts = {f"{x.name}: {x.difference.verdict}" for x in found.summaries() if x.difference}
            assert verdicts < said if metric is None else said == set(drawn)
            for name, line in drawn.items():
                assert line.get_xdata().tolist() == [9, 14, 19]
                np.testing.assert_allclose(line.get_ydata(), found.metrics[metric or "accuracy"][name].mean(axis=0))
        with pytest.raises(StudyError, match="There is no study in"):
            ActiveLearningCurveDisplay.from_study(tmp_path / "elsewhere")

    def test_names_that_matplotlib_would_hide_or_typeset_are_shown(self):
        names = ["_private", "costs $x^{$"]
        display = ActiveLearningCurveDisplay.from_predictions([1, 2], {name: [0.1, 0.2] for name in names})
        display.figure_.canvas.draw()
        texts = [text.get_text().replace("\\", "").strip() for text in display.ax_.get_legend().get_texts()]
        assert texts == names


class TestQueryDisplay:
    @pytest.fixture
    def learner(self, iris):
        X, y = iris
        return ActiveLearner(MODEL, margin_sampling, X_training=X[::10], y_training=y[::10])

    @pytest.mark.parametrize("method", ["pca", "tsne"])
    def test_every_row_has_one_mark_of_its_kind(self, learner, iris, method):
        display = QueryDisplay.from_learner(learner, iris[0], 7, method=method, random_state=0)
        counts = {kind: len(marks.get_offsets()) for kind, marks in display.marks_.items()}
        assert counts == {"pool": 143, "labeled": 15, "picked": 7}
        shapes = {tuple(map(tuple, marks.get_paths()[0].vertices.round(3))) for marks in display.marks_.values()}
        assert len(shapes) == 3  # told apart without colour
        texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
        assert texts == ["pool", "labelled (15)", "picked (7)"]
        assert ("perplexity 30" if method == "tsne" else "% of the variance") in display.ax_.get_xlabel()

    @pytest.mark.parametrize("method", ["pca", "tsne"])
    def test_a_seed_repeats_the_picture(self, learner, iris, method):
        first, again = (
            QueryDisplay.from_learner(learner, iris[0], 7, method=method, random_state=4) for _ in range(2)
        )
        assert len(first.marks_) > 2 and first.marks_.keys() == again.marks_.keys()
        for kind in first.marks_:
            np.testing.assert_array_equal(first.marks_[kind].get_offsets(), again.marks_[kind].get_offsets())

    def test_the_picks_are_those_of_the_query(self, learner, iris):
        display = QueryDisplay.from_learner(learner, iris[0], 7, random_state=4)
        picked, _ = select(margin_sampling, learner, iris[0], 7, random_state=4)
        same = QueryDisplay.from_indices(iris[0], picked, iris[0][::10], random_state=4)
        np.testing.assert_allclose(display.picked, same.picked)
        np.testing.assert_allclose(display.pool, same.pool)

    def test_the_plane_is_fitted_once_to_all_rows(self, iris):
        """A labelled row that equals a pool row falls on it; principal components of the union, by hand."""
        X = iris[0]
        display = QueryDisplay.from_indices(X, [0, 1], X[[5, 6]])
        np.testing.assert_allclose(display.labeled, display.pool[[3, 4]], atol=1e-9)
        union = np.concatenate([X[2:], X[[5, 6]], X[:2]])
        centred = union - union.mean(axis=0)
        _, _, axes = np.linalg.svd(centred, full_matrices=False)
        np.testing.assert_allclose(np.abs(display.picked), np.abs((centred @ axes[:2].T)[-2:]), atol=1e-9)

    def test_of_a_large_pool_some_rows_are_drawn_and_it_says_so(self, iris):
        display = QueryDisplay.from_indices(iris[0], [3], max_pool=40, random_state=0)
        assert display.pool.shape == (40, 2) and display.picked.shape == (1, 2) and display.labeled.shape == (0, 2)
        assert display.ax_.get_legend().get_texts()[0].get_text() == "pool, 40 drawn of 150"

    @pytest.mark.parametrize(
        "X", [np.random.default_rng(0).integers(0, 255, (30, 1, 4, 4), dtype=np.uint8), np.arange(30.0)[:, None]]
    )
    def test_images_and_single_columns_have_a_plane(self, X):
        assert QueryDisplay.from_indices(X, [3, 4], X[:5]).picked.shape == (2, 2)

    def test_all_rows_may_be_picked(self, iris):
        display = QueryDisplay.from_indices(iris[0][:6], np.arange(6), method="tsne", random_state=0)
        assert display.pool.shape == (0, 2) and display.picked.shape == (6, 2)

    def test_ranks_are_written_beside_the_picks(self, iris):
        display = QueryDisplay.from_indices(iris[0], [9, 4], numbered=True)
        assert [text.get_text() for text in display.ax_.texts] == ["1", "2"]

    def test_an_embedding_of_ones_own_is_used(self, learner, iris):
        display = QueryDisplay.from_learner(learner, iris[0], 2, embedding=lambda block: block[:, :2])
        span = np.concatenate([display.pool, display.picked]).var(axis=0).sum()
        assert span == pytest.approx(iris[0][:, :2].var(axis=0).sum(), rel=0.05)

    @pytest.mark.parametrize("made", [VAAL, SRAAL])
    def test_an_estimator_that_asks_is_drawn_in_its_latents(self, iris, made):
        X, y = iris
        asker = made(max_steps=3, judge_steps=3, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            asker.fit(X[::10], y[::10], X_unlabeled=X)
        display = QueryDisplay.from_estimator(asker, X, 7, X_labeled=X[::10], random_state=0)
        counts = {kind: len(marks.get_offsets()) for kind, marks in display.marks_.items()}
        assert counts == {"pool": 143, "labeled": 15, "picked": 7}
        by_hand = QueryDisplay.from_indices(X, asker.query(X, 7), X[::10], embedding=asker.transform, random_state=0)
        for kind in ("pool", "labeled", "picked"):
            np.testing.assert_array_equal(getattr(display, kind), getattr(by_hand, kind))
        raw = QueryDisplay.from_indices(X, asker.query(X, 7), X[::10], random_state=0)
        assert not np.allclose(display.pool, raw.pool, atol=0.1)

    @pytest.mark.parametrize("method", ["pca", "tsne"])
    def test_an_autoencoder_gives_the_plane_of_picks_made_elsewhere(self, method):
        images = np.random.default_rng(0).integers(0, 255, (40, 1, 8, 8), dtype=np.uint8)
        vae = VariationalAutoencoder("MLPVAE", latent_dim=3, max_epochs=1, random_state=0).fit(images)
        display = QueryDisplay.from_estimator(
            vae, images[10:], picked=[4, 2], X_labeled=images[:10], method=method, random_state=0
        )
        assert display.picked.shape == (2, 2) and display.labeled.shape == (10, 2) and display.pool.shape == (28, 2)
        if method == "pca":  # distances in the plane are at most those in the latent
            Z = vae.transform(images[10:])
            flat = np.linalg.norm(display.picked[0] - display.picked[1])
            assert flat <= np.linalg.norm(Z[4] - Z[2]) + 1e-6

    def test_an_estimator_needs_features_and_picks(self, iris):
        with pytest.raises(TypeError, match="LogisticRegression has no transform.*from_learner"):
            QueryDisplay.from_estimator(MODEL, iris[0])
        with pytest.raises(TypeError, match="PCA has no query to ask for rows; pass picked="):
            QueryDisplay.from_estimator(PCA().fit(iris[0]), iris[0])
        with pytest.raises(RuntimeError, match=r"positions in \[0, 149\]"):
            QueryDisplay.from_estimator(PCA().fit(iris[0]), iris[0], picked=[150])

    def test_a_learner_may_ask_by_an_estimator(self, iris):
        X, y = iris
        learner = ActiveLearner(MODEL, VAAL(max_steps=3, judge_steps=3), X_training=X[::10], y_training=y[::10])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            assert QueryDisplay.from_learner(learner, X, 7, random_state=0).picked.shape == (7, 2)

    def test_what_cannot_be_is_refused(self, iris):
        with pytest.raises(ValueError, match="method must be 'pca' or 'tsne', got 'umap'"):
            QueryDisplay.from_indices(iris[0], [0], method="umap")
        with pytest.raises(RuntimeError, match=r"positions in \[0, 149\]"):
            QueryDisplay.from_indices(iris[0], [150])
        with pytest.raises(TypeError, match="LogisticRegression has no query strategy"):
            QueryDisplay.from_learner(MODEL, iris[0])

    def test_parts_come_back_as_they_went_in(self):
        rng = np.random.default_rng(0)
        parts = [rng.normal(size=(n, 5)) for n in (4, 0, 7)]
        places, _ = project(parts, "pca", 0)
        assert [len(place) for place in places] == [4, 0, 7]


def test_plot_takes_axes_first_and_all_else_by_name():
    for display in (ActiveLearningCurveDisplay, QueryDisplay):
        _, ax, *others = inspect.signature(display.plot).parameters.values()
        assert ax.name == "ax" and ax.default is None
        assert all(p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in others)


def test_long_names_differ_still_where_their_last_parameters_do():
    start = "region_sampling:regions=superpixels,n_segments=60,region_strategy="
    short = [shortened(start + end) for end in ("entropy_area", "random")]
    assert all(len(name) == 60 and name.startswith("region_sampling:regions=super") for name in short)
    assert short[0].endswith("strategy=entropy_area") and short[1].endswith("strategy=random")
    assert shortened("a" * 60) == "a" * 60 and shortened("abcdefg", 6) == "abc…fg"
