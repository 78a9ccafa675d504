"""What is said of a comparison in short: printed, in a notebook, and what is odd about it."""

import dataclasses
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from made_comparison import make_comparison
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from test_report import Page

import skal
from skal.query import margin_sampling
from skal.report import write_report
from skal.statistics import detectable_difference, paired_t_test, sign_flip_test
from skal.study import RecipeComparison
from skal.study.notes import notes_of
from skal.study.rows import Row
from skal.summary import QUESTION, comparison_text, findings, power_sentence, recipe_findings, verdict_sentence
from skal.warning import noting, warn


@pytest.fixture(scope="module")
def made():
    return make_comparison()


@pytest.fixture(scope="module")
def recipes(made):
    uda = make_comparison(shifts=(0.05, 0.06, 0.05, 0.0))
    uda.picks.update(made.picks)
    return RecipeComparison({"supervised": made, "uda": uda})


def rows_of(text, first):
    """Cells by name of the table whose head begins so."""
    lines = text.split("\n")
    start = next(k for k, line in enumerate(lines) if line.startswith(first))
    stop = next((k for k in range(start, len(lines)) if not lines[k]), len(lines))
    cells = [re.split(r"  +", line) if "area" in lines[start] else line.split() for line in lines[start:stop]]
    return {row[0]: row[1:] for row in cells}


class TestPrinted:
    def test_the_tables_hold_the_numbers_of_the_comparison(self, made):
        text = str(made)
        curves, verdicts = rows_of(text, "labels"), rows_of(text, "strategy")
        assert curves["labels"] == [str(count) for count in made.n_labels]
        for line in made.summaries():
            assert curves[line.name] == [f"{100 * value:.1f}" for value in line.mean]
            area, *rest = verdicts[line.name]
            assert area == f"{100 * line.area:.2f}"
            found = line.difference
            if found is None:
                assert rest == ["the baseline"]
                continue
            interval = f"[{100 * found.low:+.2f}, {100 * found.high:+.2f}]"
            assert rest[:2] == [f"{100 * found.mean:+.2f} {interval}", f"{found.p_adjusted:.3f}"]
            assert found.verdict.startswith(rest[2])
        assert list(verdicts)[1:] == [line.name for line in made.summaries()]
        assert " ".join(QUESTION.split()) in " ".join(text.split())

    def test_its_columns_stand_below_each_other(self, made):
        lines = str(made).split("\n")
        start = next(k for k, line in enumerate(lines) if line.startswith("strategy"))
        at = lines[start].index("area")
        assert all(line[at - 1] == " " and line[at].isdigit() for line in lines[start + 1 : start + 5])
        assert not any(line.endswith(" ") for line in lines)

    def test_repr_is_one_line_and_says_what_it_is_of(self, made, recipes):
        expected = "<Comparison: 3 strategies and random sampling, accuracy, 20 to 70 labels, 6 trials;"
        assert repr(made).startswith(expected) and "\n" not in repr(made)
        assert repr(recipes).startswith("<RecipeComparison: supervised, uda; 3 strategies") and "\n" not in repr(
            recipes
        )

    def test_numbers_that_are_no_shares_are_written_as_they_are(self):
        made = make_comparison(metrics=("neg_log_loss",))
        made.metrics["neg_log_loss"] = {name: -9 * values for name, values in made.scores.items()}
        text = str(made)
        assert "%)" not in text and "height, %" not in text
        area = float(rows_of(text, "strategy")["margin"][0])
        assert area == pytest.approx(made.areas()["margin"].mean(), abs=0.01)

    @pytest.mark.parametrize("width", [40, 60, 80])
    def test_narrow_terminals_get_all_columns_and_no_long_line(self, width):
        names = (
            "random_sampling",
            "a_strategy_with_a_long_name",
            "one:with=options,that=end,n=1",
            "one:with=options,that=end,n=2",
        )
        made = make_comparison(names, n_rounds=20)
        text = comparison_text(made, width)
        lines = text.split("\n")
        assert all(len(line) <= width for line in lines)
        heads = [line.removeprefix("labels") for line in lines if re.match(r"labels +\d", line)]
        counts = " ".join(heads).split()
        assert counts == [str(count) for count in made.n_labels]
        assert text.count("not distinguishable") == text.count("better") == text.count("worse") == 1
        assert text.count("n=1") >= 2 and text.count("n=2") >= 2

    def test_names_that_take_two_places_a_letter_keep_the_columns(self):
        made = make_comparison(("random_sampling", "\u4e3b\u52a8", "b", "c"))
        lines = str(made).split("\n")
        start = next(k for k, line in enumerate(lines) if line.startswith("labels"))
        named = {line.split()[0]: line for line in lines[start : start + 5]}
        assert named["\u4e3b\u52a8"].index(".") == named["b"].index(".") - 2

    def test_the_table_of_recipes_holds_gains_and_parts(self, recipes):
        text = str(recipes)
        found = {(gain.recipe, gain.strategy): gain for gain in recipes.gains()}
        lines = text.split("\n")
        for recipe in recipes.recipes:
            start = lines.index(recipe)
            for strategy in recipes.strategies:
                line = next(line for line in lines[start + 1 :] if line.startswith(f"  {strategy} "))
                gain = found[recipe, strategy]
                assert f"{100 * gain.area:.2f}" in line
                for part in (gain.total, gain.of_recipe, gain.of_strategy):
                    assert part is None or f"{100 * part.mean:+.2f} " in line
        assert lines[lines.index("supervised") + 1].endswith("the baseline")


class TestPower:
    def test_the_sentence_has_the_spread_and_what_it_can_find(self, made, tmp_path):
        areas = made.areas()
        base = areas.pop("random_sampling")
        spread = np.median([np.std(area - base, ddof=1) for area in areas.values()])
        said = power_sentence(made)
        now, more = (detectable_difference(100 * spread, n, n_strategies=3) for n in (6, 50))
        assert f"scatters by {100 * spread:.2f} points" in said
        assert said.endswith(
            f"6 trials find a true difference of {now:.2f} points in 80 of 100 studies, 50 would find "
            f"{more:.2f} points."
        )
        assert said in " ".join(str(made).split())  # core_set cannot be told from random sampling
        assert said in write_report(made, tmp_path).read_text()

    def test_nothing_is_said_where_nothing_is_undecided_or_known(self):
        clear = make_comparison(shifts=(0.0, 0.1, 0.1, -0.1))
        assert power_sentence(clear) and "scatters" not in str(clear)
        assert power_sentence(make_comparison(n_trials=1)) == ""
        assert power_sentence(make_comparison(("random_sampling",), (0.0,))) == ""
        assert "would find" not in power_sentence(make_comparison(n_trials=50))


class TestNotebook:
    def test_the_head_of_the_report_is_shown_and_changes_no_other_cell(self, made):
        html = made._repr_html_()
        page = Page(html)
        text = " ".join(page.text)
        assert verdict_sentence(made) in text and QUESTION in text and "6 trials" in text
        rows = {row[0].split("|")[0]: row for row in page.table("strategy")[1:]}
        assert list(rows) == [line.name for line in made.summaries()]
        style = re.search(r"<style>(.*?)</style>", html, re.S).group(1)
        assert all(rule.strip().startswith(".skal-found ") for rule in style.split("\n") if rule.strip())

    def test_it_is_plain_text_that_may_be_put_together(self, made, recipes):
        assert type(made._repr_html_()) is type(recipes._repr_html_()) is str

    def test_recipes_too(self, recipes):
        page = Page(recipes._repr_html_())
        text = " ".join(page.text)
        assert "supervised: " in text and "uda: random sampling is better than supervised random_sampling" in text
        assert len(page.table("recipe, strategy")) == 1 + 8

    def test_texts_are_escaped(self):
        made = make_comparison(("random_sampling", "<b>", '"><script>'), (0, 0, 0), data="<u>")
        page = Page(made._repr_html_())
        assert not {"b", "u", "script"} & set(page.tags)

    def test_one_trial_and_one_strategy_have_one(self):
        for settings in ({"n_trials": 1}, {"names": ("random_sampling",), "shifts": (0.0,)}, {"n_rounds": 0}):
            made = make_comparison(**settings)
            assert "nan" not in made._repr_html_().lower() and "nan" not in str(made).replace("p, Holm", "").lower()


def constant(made, value=0.5):
    for values in made.metrics.values():
        for curve in values.values():
            curve[:] = value
    return made


class TestFindings:
    def test_there_are_none_for_an_ordinary_comparison(self, made):
        assert findings(made) == []
        assert "What to look at first" not in str(made)

    def test_a_metric_that_is_the_same_everywhere(self):
        made = constant(make_comparison(metrics=("accuracy",)))
        (said,) = findings(made)
        assert said.startswith("Accuracy is 50.00 % for every strategy, in every trial and round. A model that gives")
        assert said in " ".join(str(made).split()).replace("- Acc", "Acc") and "What to look at first" in str(made)

    def test_curves_that_more_labels_do_not_move(self):
        made = make_comparison()
        made.scores["core_set"][:] = made.scores["core_set"][:, :1]
        (said,) = findings(made)
        assert said.startswith(
            "core_set: accuracy does not change from the first label count to the last, in any trial"
        )
        for curve in made.scores.values():
            curve[:] = curve[:, :1]
        assert any(said.startswith("Every strategy: accuracy does not change") for said in findings(made))

    def test_a_strategy_with_the_numbers_of_random_sampling(self):
        made = make_comparison()
        for values in made.metrics.values():
            values["core_set"] = values["random_sampling"].copy()
            values["side"] = values["margin"].copy()
        first, second = findings(made)
        assert first.startswith("core_set has the numbers of random_sampling in every trial and round.")
        assert second.startswith("margin, side have the same numbers in every trial and round")

    def test_trials_that_repeat_each_other(self):
        made = make_comparison()
        for curve in made.scores.values():
            curve[:] = curve[:1]
        assert any(said.startswith("All 6 trials gave the same numbers") for said in findings(made))

    def test_picks_of_one_class(self):
        made = make_comparison()
        made.picked_classes["margin"][:, 1:] = [0, 7, 0]
        (said,) = findings(made)
        assert said == "margin: all rows that were asked for are of one class, class 1."

    def test_those_of_recipes_are_said_once_after_their_names(self, made):
        other = dataclasses.replace(constant(make_comparison(metrics=("accuracy",))), picks=made.picks)
        found = RecipeComparison({"supervised": other, "uda": other})
        (said,) = recipe_findings(found)
        assert said.startswith("supervised: Accuracy is 50.00 %")
        assert said in " ".join(Page(found._repr_html_()).text) and "What to look at first" in str(found)

    def test_notes_of_the_comparison_come_first(self):
        made = dataclasses.replace(make_comparison(), notes=["The model is not deterministic."])
        made.picked_classes["margin"][:, 1:] = [0, 7, 0]
        first, second = findings(made)
        assert first == "The model is not deterministic." and "are of one class, class 1" in second

    def test_what_was_remarked_on_rounds_is_counted(self):
        def row(strategy, round_, *notes):
            return Row(strategy, 0, round_, 10, 10.0, {"accuracy": 0.5}, 0, 0, [], [], {}, notes=list(notes))

        rows = [
            row("random_sampling", 0),
            row("random_sampling", 1),
            row("margin", 0),
            row("margin", 1, "equal rows"),
        ]
        rows += [row("margin", 2, "equal rows", "something else"), row("margin", 3)]
        assert notes_of(rows, {}, []) == [
            "margin: the model told no two rows of the pool apart, so that picks by its answers were drawn at "
            "random, in 2 of 4 rounds.",
            "margin: something else, in 1 of 4 rounds.",
        ]

    @staticmethod
    def with_differences(differences):
        """A comparison whose areas differ from random sampling's by these, trial by trial."""
        made = make_comparison(("random_sampling", "margin"), (0.0, 0.0), n_trials=len(differences))
        made.scores["margin"][:] = made.scores["random_sampling"] + np.asarray(differences)[:, None]
        return made

    def test_skewed_differences_are_said_and_normal_ones_are_not(self):
        rng = np.random.default_rng(0)
        skewed = self.with_differences(0.01 * (rng.exponential(size=20) - 1))
        assert any(
            "margin: its differences from random_sampling are skewed (skewness" in said for said in findings(skewed)
        )
        found = [findings(self.with_differences(0.01 * rng.normal(size=20))) for _ in range(60)]
        assert sum(any("skewed" in said for said in one) for one in found) <= 4

    def test_a_verdict_that_depends_on_the_test(self):
        differences = None
        rng = np.random.default_rng(1)
        while differences is None:
            drawn = 0.01 * (rng.standard_t(2, size=8) + 0.8)
            t, flips = paired_t_test(drawn).p_value, sign_flip_test(drawn).p_value
            if (t <= 0.04) != (flips <= 0.04) and (t > 0.06) != (flips > 0.06):
                differences, t_finds = drawn, t <= 0.05
        (said,) = [said for said in findings(self.with_differences(differences)) if "depends on the test" in said]
        words = ("better", "not distinguishable") if t_finds else ("not distinguishable", "better")
        assert f"the t test says {words[0]} (p" in said and f"nothing to be normal, {words[1]} (p" in said


def test_all_templates_are_in_the_package():
    """Each file that is no code matches a pattern of package-data, as wheels and source archives take them."""
    root = Path(__file__).parents[1]
    patterns = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["skal"]
    files = [path.relative_to(root / "skal") for path in (root / "skal").rglob("*") if path.is_file()]
    other = [path for path in files if path.suffix != ".py" and "__pycache__" not in path.parts]
    assert len([path for path in other if path.parent.name == "templates"]) > 15
    assert [path for path in other if not any(path.match(pattern) for pattern in patterns)] == []


def test_what_compare_returns_is_printed_as_the_table():
    X, y = load_iris(return_X_y=True)
    settings = {"n_initial": 9, "n_instances": 5, "n_rounds": 2, "n_trials": 2}
    found = skal.compare(X, y, LogisticRegression(max_iter=500), [margin_sampling], random_state=0, **settings)
    assert str(found).startswith("Mean accuracy (%) by number of labels\n\nlabels          9    14   19\n")
    assert "array(" not in repr(found) + str(found)
    assert "margin_sampling" in found._repr_html_()


@pytest.mark.filterwarnings("ignore:margin_sampling:UserWarning")
@pytest.mark.parametrize("constant", ["model", "features"])
def test_a_model_that_says_the_same_of_all_rows_is_a_finding(constant):
    X, y = load_iris(return_X_y=True)
    model = DummyClassifier() if constant == "model" else LogisticRegression()
    X = X if constant == "model" else np.ones_like(X)
    settings = {"n_initial": 9, "n_instances": 5, "n_rounds": 2, "n_trials": 2}
    found = skal.compare(X, y, model, [margin_sampling], random_state=0, **settings)
    said = " ".join(findings(found))
    assert "margin_sampling: the model told no two rows of the pool apart" in said and "in 4 of 6 rounds" in said
    assert "random_sampling: the model told" not in said  # it does not ask
    assert re.search(r"random_sampling, margin_sampling: the model says the same of all .* in 6 of 6 rounds\.", said)


def test_one_trial_is_not_promised_a_t_test():
    text = " ".join(str(make_comparison(n_trials=1)).split())
    assert "With 1 trial the sign-flip test and Wilcoxon's cannot give less than p = 1" in text
    assert "the t test can" not in text and "the t test can" in " ".join(str(make_comparison(n_trials=5)).split())


@pytest.mark.parametrize("n_trials", [1, 6])
def test_where_nothing_is_compared_nothing_is_said_of_verdicts(n_trials):
    alone = make_comparison(("random_sampling",), (0.0,), n_trials=n_trials)
    for said in (str(alone), alone._repr_html_(), str(RecipeComparison({"supervised": alone}))):
        plain_text = " ".join(said.split())
        assert not any(
            words in plain_text for words in ("Verdicts hold", "p-values", "Holm's correction", "sign-flip")
        )
        assert "verdicts are" not in plain_text and not said.endswith("\n")
    assert "p-values" in make_comparison()._repr_html_()


@pytest.mark.parametrize(("value", "one_answer"), [(1.0, False), (0.5, True)])
def test_what_is_always_right_does_not_come_from_one_answer(value, one_answer):
    made = make_comparison(metrics=("accuracy",))
    made.metrics["accuracy"] = {name: np.full_like(values, value) for name, values in made.scores.items()}
    (said,) = [one for one in findings(made) if one.startswith("Accuracy is")]
    assert ("gives all rows one answer" in said) == one_answer and "too easy" in said


def test_notes_of_warnings_are_collected_inside_alone():
    with pytest.warns(UserWarning, match="outside"):
        warn("outside", note="a")
    with noting() as notes, pytest.warns(UserWarning):
        warn("inside", note="b")
        with noting() as inner:
            warn("further inside", note="c")
        warn("inside", note="b")
        warn("without a note")
    assert (notes, inner) == (["b"], ["c"])


def test_printing_a_comparison_of_old_fields_works(made):
    """Comparisons that users make with `dataclasses.replace` print as well."""
    assert str(dataclasses.replace(made, classes=["a", "b", "c"])) == str(made)
