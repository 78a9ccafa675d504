"""The page of a comparison of recipes: curves, and every gain in its two parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skal.metrics import metric_in_words
from skal.pages import Curve, LineChart, line_chart, render
from skal.report._charts import metric_limits, metric_tick
from skal.report._parts import Figure, Links, Section, Sentences
from skal.report._tables import entries
from skal.report.recipe_plot import curve_styles
from skal.statistics import mean_interval
from skal.study.comparison import BASELINE
from skal.study.recipe_comparison import RecipeComparison
from skal.summary import recipe_findings
from skal.summary.html import gain_table
from skal.summary.sentences import QUESTION, floor_sentence, recipe_facts, recipe_sentences, unit_of_recipes


def recipes_page(found: RecipeComparison, title: str, links: Mapping[str, str]) -> str:
    """Return the page; links are those of the recipes' own pages."""
    gains, odd = found.gains(), recipe_findings(found)
    unit = unit_of_recipes(found)
    points = f", in {unit.name}" if unit.name else ""
    note = (
        f"Paired by trial{points}, with 95 % intervals. Total: from {BASELINE} with the supervised model. Recipe's "
        f"part: {BASELINE} under the recipe less {BASELINE} supervised, on the same labels. Strategy's part: the "
        f"strategy less {BASELINE}, both under the recipe. The parts add up to the total. Verdicts: paired t test, "
        f"Holm's correction over each of the three columns by itself; intervals are not corrected. {QUESTION} "
        f"{floor_sentence(found.n_trials)}"
    )
    return render(
        "report/recipes.html",
        title=title,
        facts=recipe_facts(found),
        conditions=found.conditions,
        leads=recipe_sentences(found, gains),
        sections=[
            *([Section("What to look at first", (Sentences(tuple(odd)),))] if odd else []),
            Section(
                "Learning curves", (Figure(_chart(found)),), "Means over trials. Colour: recipe; line: strategy."
            ),
            Section("What the recipe brings, and what the strategy", (gain_table(gains, unit),), note.strip()),
            Section(
                "Each recipe by itself",
                (Links(links),),
                "Strategies against random sampling under the same recipe.",
            ),
            Section("Protocol", (entries(found.supervised.protocol),)),
        ],
    )


def _chart(found: RecipeComparison) -> LineChart:
    styles = curve_styles(len(found.recipes), found.strategies)
    curves = [
        Curve(f"{recipe}, {strategy}", *_bandless(values, strategy), style[strategy])
        for (recipe, comparison), style in zip(found.comparisons.items(), styles, strict=True)
        for strategy, values in comparison.scores.items()
    ]
    unit = unit_of_recipes(found)
    return line_chart(
        found.axis,
        curves,
        size=(900.0, 460.0),
        y_limits=metric_limits(unit, curves),
        y_text=metric_tick(unit),
        y_label=f"{metric_in_words(found.metric)} on test data{', %' if unit.sign else ''}",
        description=f"{metric_in_words(found.metric)} by {found.supervised.unit}, recipe and strategy",
        x_label=found.supervised.unit,
        named=True,
        n_ticks=6,
    )


def _bandless(values: Any, strategy: str) -> tuple[Any, Any, Any]:
    """Mean and interval; the interval of random sampling alone is drawn."""
    mean, low, high = mean_interval(values)
    return (mean, low, high) if strategy == BASELINE else (mean, low * float("nan"), high * float("nan"))
