"""Studies grow: more strategies, trials, rounds, metrics and recipes equal a study that was run at once."""

import functools
import json
import sqlite3
import types

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skal.query import core_set, margin_sampling, random_sampling, score_strategy
from skal.study import (
    Store,
    StudyError,
    compare,
    compare_recipes,
    load_comparison,
    load_recipe_comparison,
    merge_studies,
)
from skal.study.store import FILE
from skal.study.strategies import named_strategies

LOSSES = {"scoring": "neg_log_loss"}
FEW = {"n_initial": 9, "n_instances": 5, "n_rounds": 2, "random_state": 3}
ALL = ["margin_sampling", "core_set", "entropy_sampling"]
MODEL = LogisticRegression(max_iter=500)


def rows_of(folder):
    """Every row without its wall times."""
    store = Store(folder)
    try:
        return [row.content() for row in store.rows()]
    finally:
        store.close()


def run(table, strategies, out, **changes):
    return compare(*table, MODEL, strategies, out=out, **{**FEW, "n_trials": 2, **changes})


@pytest.fixture(scope="module")
def at_once(table, tmp_path_factory):
    out = tmp_path_factory.mktemp("at_once")
    run(table, ALL, out, n_trials=6, n_rounds=3)
    return rows_of(out)


def test_a_study_grown_step_by_step_is_that_run_at_once(table, tmp_path, at_once):
    first = run(table, ALL[:1], tmp_path)
    assert first.kept == ""
    more = run(table, ALL[:1], tmp_path, n_trials=6)
    assert more.kept == (
        "Kept: 12 rounds of margin_sampling, random_sampling (trials 1-2); run now: 24 rounds of random_sampling, "
        "margin_sampling."
    )
    assert np.array_equal(more.scores["margin_sampling"][:2], first.scores["margin_sampling"])
    run(table, ALL[1:], tmp_path, n_trials=6, n_jobs=2)
    last = run(table, ALL, tmp_path, n_trials=6, n_rounds=3)
    assert rows_of(tmp_path) == at_once
    assert last.trials == tuple(range(6)) and last.axis.tolist() == [9, 14, 19, 24]
    assert "nothing was left to run" in run(table, ALL, tmp_path, n_trials=6, n_rounds=3).kept


def test_parts_run_elsewhere_are_merged_into_the_same_study(table, tmp_path, at_once):
    parts = {
        "a": (ALL, "1-2"),
        "b": (ALL[:2], [3, 5]),
        "c": (ALL, "4,6"),
        "d": (ALL[2:], "3,5"),
    }
    for name, (strategies, trials) in parts.items():
        found = run(table, strategies, tmp_path / name, trials=trials, n_rounds=3)
        assert found.n_labels.tolist() == [9, 14, 19, 24]
    merged = merge_studies([tmp_path / name for name in parts], tmp_path / "all")
    assert rows_of(tmp_path / "all") == at_once
    assert merged.n_rounds == 96 and merged.n_to_run == 0 and merged.n_twice == 8  # random sampling in trials 3 and 5
    assert str(merged).endswith("96 rounds; 8 rounds found in several folders, alike; complete.")
    whole = load_comparison(tmp_path / "all")
    assert whole.trials == tuple(range(6))
    for name in ("a", "c"):  # the classes of every pool are those of its trial
        part = load_comparison(tmp_path / name)
        np.testing.assert_array_equal(whole.pool_classes[list(part.trials)], part.pool_classes)
    half = merge_studies([tmp_path / "a"], tmp_path / "half")
    assert half.n_to_run == 0
    grown = run(table, ALL, tmp_path / "half", n_trials=6, n_rounds=3)
    assert rows_of(tmp_path / "half") == at_once and "Kept: 32 rounds" in grown.kept


def test_a_round_that_is_in_several_folders_has_the_metrics_of_all(table, tmp_path):
    run(table, ALL[:1], tmp_path / "a", scoring=["accuracy"])
    run(table, ALL[:1], tmp_path / "b", scoring=["accuracy", "f1_macro"])
    run(table, ALL[:1], tmp_path / "c", scoring=["neg_log_loss"])
    merged = merge_studies([tmp_path / name for name in "abc"], tmp_path / "all")
    assert (merged.n_rounds, merged.n_twice, merged.n_to_run) == (12, 24, 0)
    found = load_comparison(tmp_path / "all")
    assert set(found.metrics) == {"accuracy", "f1_macro", "neg_log_loss"}
    for name, metric in (("b", "accuracy"), ("b", "f1_macro"), ("c", "neg_log_loss")):
        own = load_comparison(tmp_path / name).metrics[metric]
        for strategy, values in own.items():
            np.testing.assert_array_equal(found.metrics[metric][strategy], values)


def test_what_does_not_agree_is_not_merged(table, tmp_path):
    run(table, ALL[:1], tmp_path / "a")
    run(table, ALL[:1], tmp_path / "b", n_instances=6)
    with pytest.raises(StudyError, match="n_instances: 5 before, 6 there"):
        merge_studies([tmp_path / "a", tmp_path / "b"], tmp_path / "all")
    with pytest.raises(StudyError, match="out must be another folder"):
        merge_studies([tmp_path / "a"], tmp_path / "a")
    run(table, {"margin_sampling": "core_set"}, tmp_path / "c")
    with pytest.raises(
        StudyError, match="margin_sampling is strategy = margin_sampling before, strategy = core_set there"
    ):
        merge_studies([tmp_path / "a", tmp_path / "c"], tmp_path / "all")
    with sqlite3.connect(tmp_path / "a" / FILE) as connection:
        connection.execute("UPDATE rounds SET n_labels = 15 WHERE round = 1 AND trial = 1")
    saved = merge_studies([tmp_path / "a"], tmp_path / "saved")  # what is not what was written is not copied
    assert saved.n_damaged == 2 and saved.n_to_run == 2 and "2 rounds damaged and left out" in str(saved)


def test_a_missing_or_damaged_round_in_the_middle_is_run_again(table, tmp_path):
    run(table, ALL[:1], tmp_path, n_rounds=3)
    whole = rows_of(tmp_path)
    connection = sqlite3.connect(tmp_path / FILE)
    with connection:
        connection.execute("DELETE FROM rounds WHERE round = 1 AND trial = 0")
        connection.execute("UPDATE rounds SET metrics = '{\"accuracy\": 0.99}' WHERE round = 2 AND trial = 1")
        connection.execute("UPDATE rounds SET picked = 'nonsense' WHERE round = 0 AND trial = 1")
    assert len(rows_of(tmp_path)) == 16 - 2 - 4
    with pytest.warns(UserWarning, match="4 of 14 stored rounds are damaged .* run again; the others are intact"):
        found = run(table, ALL[:1], tmp_path, n_rounds=3)
    assert rows_of(tmp_path) == whole
    assert any("damaged" in note for note in found.notes)


def test_a_new_metric_is_measured_on_the_stored_rounds(table, tmp_path):
    fits = []

    class Counted(LogisticRegression):
        def fit(self, X, y):
            fits.append(len(y))
            return super().fit(X, y)

    def one(**changes):
        return compare(*table, Counted(max_iter=500), ALL[:1], out=out, n_trials=2, **FEW, **changes)

    out = tmp_path / "one"
    assert one().stored.startswith(f"Stored in {out}: 12 rounds; test predictions take ")
    fits.clear()
    both = one(scoring=["f1_macro", "accuracy"])
    assert fits == [] and "nothing was left to run" in both.kept
    assert list(both.metrics) == ["f1_macro", "accuracy"] and both.protocol["metrics"] == ["f1_macro", "accuracy"]
    fresh = run(table, ALL[:1], None, scoring=["f1_macro", "accuracy"])
    for metric in ("f1_macro", "accuracy"):
        for name in fresh.scores:
            assert np.array_equal(both.metrics[metric][name], fresh.metrics[metric][name])
    assert list(load_comparison(out).metrics) == ["accuracy", "f1_macro"]
    close = one(scoring=["accuracy", "neg_log_loss"]).metrics["neg_log_loss"]["margin_sampling"]
    exact = run(table, ALL[:1], None, scoring=["accuracy", "neg_log_loss"]).metrics["neg_log_loss"]["margin_sampling"]
    assert np.allclose(close, exact, atol=2e-3) and fits == []
    # Neither a refit nor a strategy that begins with exact values is taken for a model that is not deterministic.
    more = compare(*table, Counted(max_iter=500), ALL[:2], out=out, n_trials=2, **{**FEW, "n_rounds": 3},
                   scoring=["accuracy", "neg_log_loss"])  # fmt: skip
    assert more.notes == [
        "f1_macro was added later and measured on stored predictions in 12 of 24 rounds: labels are exact there, "
        "probabilities are rounded.",
        "neg_log_loss was added later and measured on stored predictions in 12 of 24 rounds: labels are exact there, "
        "probabilities are rounded.",
    ]
    # Without predictions the models are fitted again: the same seeds and labels, so the same numbers.
    out = tmp_path / "without"
    assert one(predictions=False).stored.endswith("12 rounds; no test predictions.")
    fits.clear()
    again = one(scoring=["accuracy", "neg_log_loss"], predictions=False)
    assert np.array_equal(again.metrics["neg_log_loss"]["margin_sampling"], exact) and len(fits) == 12
    assert "fitted again for new metrics, since predictions were not kept: 12 rounds" in again.kept


def test_recipes_are_added_to_a_study_without_them(table, tmp_path):
    run(table, ALL[:1], tmp_path)
    found = compare_recipes(*table, MODEL, ALL[:1], ["pseudo_label"], out=tmp_path, **FEW, n_trials=2)
    assert found.recipes == ["supervised", "pseudo_label"] and "Kept: 12 rounds" in found.supervised.kept
    with pytest.raises(StudyError, match=r"2 training recipes \(supervised, pseudo_label\)"):
        load_comparison(tmp_path)
    assert load_comparison(tmp_path, "pseudo_label").protocol["recipe"] == {"recipe": "pseudo_label"}


def code_of(namespace, sign="-", C=1.0):
    """An own strategy and an own model, as typed into a session, with code that may be edited."""
    source = f"""
@score_strategy(reads=("proba",))
def my_idea(learner, X_pool):
    return {sign}learner.predict_proba(X_pool).max(axis=1)


class MyNet(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.model_ = LogisticRegression(C={C}, max_iter=300).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)

    def predict(self, X):
        return self.model_.predict(X)
"""
    names = {
        "score_strategy": score_strategy,
        "LogisticRegression": LogisticRegression,
        "ClassifierMixin": ClassifierMixin,
        "BaseEstimator": BaseEstimator,
        "__name__": namespace,
    }
    exec(source, names)
    return names["my_idea"], names["MyNet"]()


def test_edited_code_is_refused_and_named(table, tmp_path):
    def again(strategies=None, **edits):
        idea, net = code_of("typed", **edits)
        named = {"my_idea": idea} if strategies is None else {strategies: idea}
        return compare(*table, net, named, out=tmp_path, n_trials=2, **FEW)

    first = again()
    assert "nothing was left to run" in again().kept
    with pytest.raises(StudyError, match="The code of strategy my_idea is not that of the rows .*my_idea_2"):
        again(sign="")
    with pytest.raises(StudyError, match="The code of MyNet is not"):
        again(C=0.01)
    other = again("my_idea_2", sign="")
    assert np.array_equal(other.scores["my_idea"], first.scores["my_idea"])
    assert not np.array_equal(other.scores["my_idea_2"], first.scores["my_idea"])


# Studies of a model that nobody can seed may disagree in several places; which of them comes is chance.
NOISE = pytest.mark.filterwarnings("ignore:.*(begins with neg_log_loss|with the same seed and labels gave)")


class Unseeded(LogisticRegression):
    """Draws from a generator that nobody can seed: no two fits have the same loss, though they may the same hits."""

    def fit(self, X, y):
        super().fit(X, y)
        self.coef_ = self.coef_ + np.random.default_rng().normal(scale=0.8, size=self.coef_.shape)
        return self


@NOISE
def test_strategies_that_disagree_after_the_initial_labels_are_named(table, tmp_path):
    with pytest.warns(UserWarning, match="In trial 1 random_sampling begins with neg_log_loss .*not seeded"):
        found = compare(*table, Unseeded(), ALL[:2], out=tmp_path, n_trials=1, **FEW, **LOSSES)
    assert any("begins with neg_log_loss" in note for note in found.notes)
    assert any("begins with neg_log_loss" in note for note in load_comparison(tmp_path).notes)
    with pytest.warns(UserWarning, match="a fit with the same seed and labels gave neg_log_loss"):
        compare(*table, Unseeded(), ALL[:2], out=tmp_path, n_trials=1, **{**FEW, **LOSSES, "n_rounds": 3})
    assert any("is not deterministic" in note for note in load_comparison(tmp_path).notes)


def test_a_model_with_a_seed_agrees_and_has_no_notes(table, tmp_path):
    run(table, ALL, tmp_path)
    assert run(table, ALL, tmp_path, n_rounds=3).notes == []


def test_a_seed_that_is_none_is_drawn_and_stored(table, tmp_path):
    first = run(table, ALL[:1], tmp_path, random_state=None)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("DELETE FROM rounds WHERE trial = 1 AND strategy = 'random_sampling'")
    again = run(table, ALL[:1], tmp_path, random_state=None)
    assert isinstance(first.protocol["seed"], int) and again.protocol == first.protocol
    assert np.array_equal(again.scores["random_sampling"], first.scores["random_sampling"])
    for trial in range(2):
        firsts = [sorted(again.picks[name][trial][0]) for name in again.scores]
        assert firsts[0] == firsts[1]
    other = run(table, ALL[:1], tmp_path / "other", random_state=None)
    assert other.protocol["seed"] != first.protocol["seed"]


def test_trials_are_counted_from_one(table):
    whole = run(table, ALL[:1], None, n_trials=3)
    some = run(table, ALL[:1], None, trials="2-3")
    assert some.trials == (1, 2)
    assert np.array_equal(some.scores["margin_sampling"], whole.scores["margin_sampling"][1:])
    for wrong in ("0", "x", [], [0], "3-2"):
        with pytest.raises(ValueError, match="trials must be numbers of trials, counted from 1"):
            run(table, ALL[:1], None, trials=wrong)


def as_it_was_once(folder, recipe=None):
    """Write a study as it was stored before there were recipes and digests in it."""
    with sqlite3.connect(folder / FILE) as connection:
        (text,) = connection.execute("SELECT value FROM meta WHERE name = 'protocol'").fetchone()
        protocol = json.loads(text)
        del protocol["recipes"]
        if recipe is not None:
            protocol["recipe"] = recipe
        pools = connection.execute("SELECT classes FROM pools ORDER BY trial").fetchall()
        connection.executescript(
            "ALTER TABLE rounds RENAME TO newer; CREATE TABLE rounds AS SELECT strategy, trial, round, n_labels, "
            "cost, metrics, fit_seconds, query_seconds, picked, picked_classes, versions FROM newer; "
            "DROP TABLE newer; DROP TABLE pools; DROP TABLE predictions; DROP TABLE pictures; "
            "CREATE TABLE pictures (strategy TEXT, trial INTEGER, round INTEGER, png BLOB); "
            "DELETE FROM meta WHERE name IN ('code', 'asked_rounds'); "
            "PRAGMA user_version = 0;"
        )
        for name, value in (("protocol", protocol), ("pool_classes", [json.loads(one) for (one,) in pools])):
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value)))


def test_a_study_of_before_is_read_and_goes_on_as_a_copy(table, tmp_path):
    first = run(table, ALL[:1], tmp_path / "old")
    as_it_was_once(tmp_path / "old")
    read = load_comparison(tmp_path / "old")
    assert np.array_equal(read.scores["margin_sampling"], first.scores["margin_sampling"])
    assert np.array_equal(read.pool_classes, first.pool_classes) and read.protocol == first.protocol
    with pytest.raises(StudyError, match="earlier version of skal.*skal merge .* --out NEW_FOLDER"):
        run(table, ALL, tmp_path / "old")
    assert merge_studies([tmp_path / "old"], tmp_path / "new").n_rounds == 12
    assert "Kept: 12 rounds" in run(table, ALL, tmp_path / "new", n_trials=3).kept
    run(table, ALL, tmp_path / "at_once", n_trials=3)
    assert rows_of(tmp_path / "new") == rows_of(tmp_path / "at_once")


def test_recipes_in_folders_of_their_own_are_read_and_merged(table, tmp_path):
    whole = compare_recipes(*table, MODEL, ALL[:1], ["pseudo_label"], out=tmp_path / "whole", **FEW, n_trials=2)
    recipes = {"supervised": None, "pseudo_label": "pseudo_label"}
    for name, recipe in recipes.items():
        run(table, ALL[:1], tmp_path / "old" / name, recipe=recipe)
        as_it_was_once(tmp_path / "old" / name, None if recipe is None else {"recipe": recipe})
    (tmp_path / "old" / "recipes.json").write_text(json.dumps({name: name for name in recipes}))
    read = load_recipe_comparison(tmp_path / "old")
    assert read.recipes == list(recipes) and read.n_trials == 2
    for name in recipes:
        for strategy, values in whole.comparisons[name].scores.items():
            assert np.array_equal(read.comparisons[name].scores[strategy], values)
    with pytest.raises(StudyError, match="earlier version of skal"):
        compare_recipes(*table, MODEL, ALL[:1], ["pseudo_label"], out=tmp_path / "old", **FEW, n_trials=2)
    merge_studies([tmp_path / "old"], tmp_path / "new")
    assert rows_of(tmp_path / "new") == rows_of(tmp_path / "whole")


@pytest.mark.parametrize("name", ["random_sampling", "random"])
def test_reserved_names_are_random_sampling(name, table):
    for strategy in (margin_sampling, "margin_sampling", functools.partial(random_sampling)):
        with pytest.raises(ValueError, match=f"The name '{name}' is that of random sampling"):
            run(table, {name: strategy}, None)
    found = run(table, {name: random_sampling, "margin": margin_sampling}, None)
    assert list(found.scores) == ["random_sampling", "margin"]


def test_names_that_collide_are_refused_and_equal_ones_are_one():
    twice = [
        functools.partial(core_set, embedding=lambda Z: Z),
        functools.partial(core_set, embedding=lambda Z: Z[:, :1]),
    ]
    with pytest.raises(
        ValueError, match="Two strategies are called 'core_set:embedding=<lambda>': name them by a dict"
    ):
        named_strategies(twice)
    assert list(named_strategies(dict(zip("ab", twice, strict=True)))) == ["random_sampling", "a", "b"]
    same = ["margin_sampling", "margin_sampling", margin_sampling, "core_set:metric=euclidean"]
    same.append(functools.partial(core_set, metric="euclidean"))
    names = list(named_strategies(same))
    assert names == ["random_sampling", "margin_sampling", "core_set:metric=euclidean"]


def first_column_counts(model, X, y):
    """An own scorer that looks at the rows."""
    return float(np.average(model.predict(X) == y, weights=1 + np.abs(X[:, 0])))


def test_own_scorers_are_added_and_get_the_rows(table, tmp_path):
    run(table, ALL[:1], tmp_path, scoring=["accuracy", "ece"])
    scorers = {"accuracy": "accuracy", "weighted": first_column_counts, "ece": "ece"}
    grown = run(table, ALL[:1], tmp_path, scoring=scorers)
    fresh = run(table, ALL[:1], None, scoring=scorers)
    assert "nothing was left to run" in grown.kept and list(grown.metrics) == list(scorers)
    for metric in scorers:
        assert np.allclose(
            grown.metrics[metric]["margin_sampling"], fresh.metrics[metric]["margin_sampling"], atol=2e-3
        )


def test_of_a_damaged_file_all_that_can_be_read_is_saved(table, tmp_path):
    """Pages in the middle are overwritten, as by a failing disk."""
    run(table, ALL, tmp_path / "whole", n_trials=4)
    whole = rows_of(tmp_path / "whole")
    with sqlite3.connect(tmp_path / "whole" / FILE) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (n_pages,) = connection.execute("PRAGMA page_count").fetchone()
        try:
            query = "SELECT pageno FROM dbstat WHERE name = 'rounds' AND pagetype = 'leaf'"
            pages = connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite has no dbstat, to say where rows lie")
    connection.close()
    content = bytearray((tmp_path / "whole" / FILE).read_bytes())
    size = len(content) // n_pages
    for (page,) in pages[1:3]:
        content[(page - 1) * size : page * size] = b"\xff" * size
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / FILE).write_bytes(bytes(content))
    with pytest.raises(
        StudyError, match=r"The file is damaged.* \d+ of its rounds can be read: skal merge .*bad --out"
    ):
        run(table, ALL, tmp_path / "bad", n_trials=4)
    assert (tmp_path / "bad" / FILE).read_bytes() == bytes(content)
    saved = merge_studies([tmp_path / "bad"], tmp_path / "saved")
    assert 0 < saved.n_rounds < 48 and saved.n_to_run == 48 - saved.n_rounds
    assert all(row in whole for row in rows_of(tmp_path / "saved"))
    run(table, ALL, tmp_path / "saved", n_trials=4)
    assert rows_of(tmp_path / "saved") == whole


@pytest.mark.parametrize("predictions", [True, False])
def test_strategies_that_are_not_asked_for_now_are_taken_along_if_they_have_the_metrics(predictions, table, tmp_path):
    run(table, ALL[:1], tmp_path, predictions=predictions)
    found = run(table, ALL[1:2], tmp_path, scoring=["f1_macro", "accuracy"], predictions=predictions)
    names = ["random_sampling", "core_set", *(ALL[:1] if predictions else [])]
    assert list(found.scores) == names and list(found.metrics) == ["f1_macro", "accuracy"]
    both = load_comparison(tmp_path)
    assert list(both.scores) == ["random_sampling", "margin_sampling", "core_set"]
    assert list(both.metrics) == (["accuracy", "f1_macro"] if predictions else ["accuracy"])


def test_a_strategy_of_few_trials_is_told_and_does_not_hide_the_others(table, tmp_path):
    run(table, ALL[:1], tmp_path, n_trials=4)
    run(table, ALL[1:2], tmp_path, n_trials=2)
    found = load_comparison(tmp_path)
    assert found.trials == (0, 1) and found.notes == [
        "Shown are the 2 trials that all strategies have. Others have up to 4; core_set has fewer: n_trials=4 runs "
        "what is missing."
    ]


def test_metrics_of_ranks_that_are_added_read_what_they_read_in_the_run(table, tmp_path):
    """scikit-learn takes decision values where there are some: their order is not that of probabilities."""
    scoring = ["accuracy", "roc_auc_ovr", "average_precision:0", "roc_auc:1"]
    fresh = run(table, ALL[:1], None, scoring=scoring)
    run(table, ALL[:1], tmp_path)
    grown = run(table, ALL[:1], tmp_path, scoring=scoring)
    assert "nothing was left to run" in grown.kept
    for metric in scoring:
        for name in fresh.scores:
            assert np.allclose(grown.metrics[metric][name], fresh.metrics[metric][name], atol=2e-3)


def test_a_finished_study_is_read_by_workers_too(table, tmp_path):
    run(table, ALL[:1], tmp_path)
    assert "nothing was left to run" in run(table, ALL[:1], tmp_path, n_jobs=2).kept


@pytest.mark.parametrize("a_round", [2.5, 0.5])
def test_money_that_is_no_whole_number_is_not_rounded(a_round, table):
    found = run(table, ALL[:1], None, round_budget=a_round, n_rounds=4)
    assert found.axis.tolist() == [9 + a_round * k for k in range(5)]
    assert found.areas()["random_sampling"].shape == (2,) and f"{9 + a_round:g}" in str(found)
    assert any("counted in labels" in said for said in found.conditions) and found.unit == "labels"
    assert run(table, ALL[:1], None, round_budget=3, n_rounds=2).axis.tolist() == [9, 12, 15]


def square(X):
    return np.asarray(X) ** 2


def test_models_whose_representation_has_an_address_go_on(table, tmp_path):
    """A function as a parameter is shown with its place in memory, which another process does not share."""
    model = make_pipeline(FunctionTransformer(square), LogisticRegression(max_iter=500))
    scoring = {"a": make_scorer(accuracy_score)}
    first = compare(*table, model, ALL[:1], out=tmp_path, n_trials=1, scoring=scoring, **FEW)
    assert "0x" not in json.dumps(first.protocol)
    other = types.FunctionType(square.__code__, {"np": np, "__name__": __name__}, "square")
    other.__module__ = square.__module__
    again = make_pipeline(FunctionTransformer(other), LogisticRegression(max_iter=500))
    assert (
        "nothing was left" in compare(*table, again, ALL[:1], out=tmp_path, n_trials=1, scoring=scoring, **FEW).kept
    )


def test_rounds_without_their_settings_are_nobodys(table, tmp_path):
    run(table, ALL[:1], tmp_path)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("DELETE FROM meta")
    with pytest.raises(StudyError, match="holds 12 rounds, and not the settings they were run with"):
        run(table, ALL[:1], tmp_path, n_instances=7)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("INSERT INTO meta VALUES ('protocol', '{')")
    with pytest.raises(StudyError, match="its entry 'protocol' cannot be read"):
        run(table, ALL[:1], tmp_path)


def test_predictions_of_another_round_and_damaged_ones_are_not_believed(table, tmp_path):
    run(table, ALL[:1], tmp_path)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute(
            "UPDATE predictions SET (content, digest) = (SELECT content, digest FROM predictions WHERE round = 2 AND "
            "trial = 0 AND strategy = 'margin_sampling') WHERE round = 0 AND trial = 0"
        )
        connection.execute("UPDATE predictions SET content = zeroblob(40) WHERE round = 1 AND trial = 1")
        connection.execute("UPDATE rounds SET versions = CAST(x'7bfffe7d' AS TEXT) WHERE round = 2 AND trial = 1")
    with pytest.warns(UserWarning, match="2 of 12 stored rounds are damaged"):
        found = run(table, ALL[:1], tmp_path, scoring=["accuracy", "balanced_accuracy"])
    fresh = run(table, ALL[:1], None, scoring=["accuracy", "balanced_accuracy"])
    for name in fresh.scores:
        for metric in fresh.metrics:
            assert np.allclose(found.metrics[metric][name], fresh.metrics[metric][name])
    assert "since predictions were not kept: 4 rounds" in found.kept


def test_recipes_of_different_strategies_share_what_they_have(table, tmp_path):
    both = {"n_trials": 2, **FEW}
    compare_recipes(*table, MODEL, ALL[:2], ["pseudo_label"], out=tmp_path, **both)
    found = compare_recipes(*table, MODEL, ALL[:1], ["pseudo_label:threshold=0.8"], out=tmp_path, **both)
    assert found.recipes == ["supervised", "pseudo_label:threshold=0.8"]
    assert found.strategies == ["random_sampling", "margin_sampling"]
    read = load_recipe_comparison(tmp_path)
    assert read.recipes == ["supervised", "pseudo_label", "pseudo_label:threshold=0.8"]
    assert read.strategies == ["random_sampling", "margin_sampling"]


def test_what_is_stored_and_not_shown_is_told(table, tmp_path):
    run(table, ALL[:2], tmp_path, scoring=["accuracy", "f1_macro"])
    run(table, ALL[:1], tmp_path, n_rounds=4)
    assert load_comparison(tmp_path).notes == [
        "Shown are 2 rounds. margin_sampling, random_sampling went on to round 4: n_rounds=4 for all."
    ]
    run(table, ALL[2:], tmp_path, predictions=False)
    assert any(note.startswith("Not shown: f1_macro, which") for note in load_comparison(tmp_path).notes)


def test_studies_to_merge_are_named_in_their_order(table, tmp_path):
    run(table, ALL[:1], tmp_path / "a")
    run(table, ALL[:1], tmp_path / "b", random_state=5)
    with pytest.raises(StudyError, match="b is not of the same study as .*seed: 3 before, 5 there"):
        merge_studies([tmp_path / "a", tmp_path / "b"], tmp_path / "all")


def test_folders_that_disagree_on_a_round_are_not_merged(table, tmp_path):
    """Two runs of a model that nobody can seed: the same settings and code, other numbers."""
    for name in ("a", "b"):
        with pytest.warns(UserWarning, match="not seeded"):
            compare(*table, Unseeded(), ALL[:1], out=tmp_path / name, n_trials=1, **FEW, **LOSSES)
    with pytest.raises(StudyError, match="is in several folders and differs in .*Take this round from one folder"):
        merge_studies([tmp_path / "a", tmp_path / "b"], tmp_path / "all")
    assert rows_of(tmp_path / "all") == [], "nothing is written"


@NOISE
def test_rounds_that_do_not_follow_from_one_that_was_missing_are_run_again(table, tmp_path):
    """The picks after the gap came from a model that no fit gives again."""
    with pytest.warns(UserWarning, match="not seeded"):
        compare(*table, Unseeded(), ALL[:1], out=tmp_path, n_trials=1, **{**FEW, **LOSSES, "n_rounds": 4})
    before = {row["round"]: row["picked"] for row in rows_of(tmp_path) if row["strategy"] == "margin_sampling"}
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("DELETE FROM rounds WHERE strategy = 'margin_sampling' AND round = 1")
    with pytest.warns(UserWarning, match="asks for other rows now: the model is not deterministic. It was run again"):
        compare(*table, Unseeded(), ALL[:1], out=tmp_path, n_trials=1, **{**FEW, **LOSSES, "n_rounds": 4})
    after = {row["round"]: row["picked"] for row in rows_of(tmp_path) if row["strategy"] == "margin_sampling"}
    assert after[0] == before[0] and after[2] != before[2] and sorted(after) == list(range(5))
    asked = [pick for picked in after.values() for pick in picked]
    assert len(set(asked)) == len(asked), "no row is asked for twice"


def test_asking_for_less_does_not_make_a_study_smaller(table, tmp_path):
    run(table, ALL[:2], tmp_path, n_trials=3, n_rounds=3)
    less = run(table, ALL[:1], tmp_path, n_trials=2)
    assert less.trials == (0, 1) and less.n_labels.tolist() == [9, 14, 19]
    store = Store(tmp_path)
    assert (store.protocol["n_trials"], store.protocol["n_rounds"]) == (3, 3)
    store.close()
    whole = load_comparison(tmp_path)
    assert whole.trials == (0, 1, 2) and whole.n_labels.tolist() == [9, 14, 19, 24]
    assert list(whole.scores) == ["random_sampling", "margin_sampling", "core_set"] and whole.notes == []
