"""The page of a comparison of recipes: curves, and every gain in its two parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skal.markup import Markup, breakable, element, page
from skal.report._charts import metric_limits, metric_tick
from skal.report._style import STYLE
from skal.report._svg import Curve, line_chart, whisker, whisker_axis
from skal.report._tables import SIDES, entries, limit_of, table
from skal.report._words import MARKS, Unit, floor_sentence, plural, signed_tick, told
from skal.report.recipe_plot import curve_styles
from skal.statistics import Difference, mean_interval
from skal.study.comparison import BASELINE
from skal.study.metrics import metric_in_words
from skal.study.recipe_comparison import Gain, RecipeComparison

_PARTS = ("total", "of_recipe", "of_strategy")


def recipes_page(found: RecipeComparison, title: str, links: Mapping[str, str]) -> str:
    """Return the page; links are those of the recipes' own pages."""
    gains = found.gains()
    protocol = found.supervised.protocol
    counts = found.axis
    facts = " · ".join(
        filter(
            None,
            [
                str(protocol.get("data", "")),
                f"{metric_in_words(found.metric)} on test data",
                plural(found.n_trials, "trial"),
                f"{counts[0]} to {counts[-1]} {found.supervised.unit}",
            ],
        )
    )
    unit = _unit(found)
    points = f", in {unit.name}" if unit.name else ""
    note = (
        f"Paired by trial{points}, with 95 % intervals. Total: from {BASELINE} with the supervised model. Recipe's "
        f"part: {BASELINE} under the recipe less {BASELINE} supervised, on the same labels. Strategy's part: the "
        f"strategy less {BASELINE}, both under the recipe. The parts add up to the total. Verdicts: paired t test, "
        "Holm's correction over each of the three columns by itself; intervals are not corrected. "
        f"{floor_sentence(found.n_trials)}"
    )
    body = [
        element("h1", title),
        element("p", facts, class_="note"),
        *(element("p", said, class_="note") for said in found.conditions),
        *(element("p", said, class_="lead") for said in sentences(found, gains)),
        _part(
            "Learning curves", element("figure", _chart(found)), "Means over trials. Colour: recipe; line: strategy."
        ),
        _part("What the recipe brings, and what the strategy", _gains(found, gains), note.strip()),
        _part("Each recipe by itself", _links(links), "Strategies against random sampling under the same recipe."),
        _part("Protocol", entries(protocol), ""),
    ]
    return page(title, STYLE, element("main", *body))


def sentences(found: RecipeComparison, gains: list[Gain]) -> list[str]:
    """Say of every recipe what it brings without a strategy, and which strategies bring more under it."""
    unit = _unit(found)
    said = []
    for recipe in found.recipes:
        own = [gain for gain in gains if gain.recipe == recipe]
        text = f"{recipe}: "
        if own[0].of_recipe is not None:
            verdict = _worded(own[0].of_recipe.verdict, f"supervised {BASELINE}")
            text += (
                f"random sampling is {verdict} ({unit.difference(own[0].of_recipe.mean)} {unit.name}".rstrip() + "); "
            )
        judged = [gain for gain in own if gain.of_strategy is not None]
        better, worse = (
            [
                gain.strategy
                for gain in judged
                if gain.of_strategy and gain.of_strategy.verdict == f"{side} than random"
            ]
            for side in ("better", "worse")
        )
        if not judged:
            text += "no strategy was compared."
        elif better or worse:
            parts = [f"{', '.join(names)} {word}" for names, word in ((better, "better"), (worse, "worse")) if names]
            text += f"{'; '.join(parts)} than {BASELINE} under it."
        else:
            text += f"no strategy can be told from {BASELINE} under it."
        said.append(text)
    return said


def _worded(verdict: str, baseline: str) -> str:
    return verdict.replace("random", baseline)


def _chart(found: RecipeComparison) -> Markup:
    styles = curve_styles(len(found.recipes), found.strategies)
    curves = [
        Curve(f"{recipe}, {strategy}", *_bandless(values, strategy), style[strategy])
        for (recipe, comparison), style in zip(found.comparisons.items(), styles, strict=True)
        for strategy, values in comparison.scores.items()
    ]
    everything = _everything(found)
    unit = Unit.of(everything)
    return line_chart(
        found.axis,
        curves,
        size=(900.0, 460.0),
        y_limits=metric_limits(everything, curves),
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


def _gains(found: RecipeComparison, gains: list[Gain]) -> Markup:
    unit = _unit(found)
    every = [part for gain in gains for name in _PARTS if (part := getattr(gain, name)) is not None]
    limit = limit_of([(part.mean, part.low, part.high) for part in every])
    axis = whisker_axis(limit, lambda tick: signed_tick(unit.factor * tick), (110, 20))
    rows = []
    for gain in gains:
        name = [*breakable(gain.recipe), element("br"), element("span", gain.strategy, class_="note")]
        if gain.total is None:
            name.append(element("span", ", the baseline", class_="note"))
        cells: list[Any] = [name, element("td", unit.value(gain.area), class_="number")]
        for part in _PARTS:
            cells += _difference(getattr(gain, part), unit, limit)
        rows.append(cells)
    head: list[Any] = ["recipe, strategy", element("th", "area", class_="number")]
    for word in ("total", "recipe's part", "strategy's part"):
        head += [element("th", word, class_="number"), axis]
    return table(head, rows)


def _difference(part: Difference | None, unit: Unit, limit: float) -> list[Any]:
    if part is None:
        return ["", ""]
    side = SIDES.get(part.verdict, "level")
    said = element("span", f"{MARKS[part.verdict]} {told(part.verdict)}", class_=f"verdict {side}")
    interval = element("span", unit.interval(part.low, part.high), class_="note")
    cell = element("td", unit.difference(part.mean), element("br"), interval, element("br"), said, class_="number")
    return [cell, whisker(part.mean, part.low, part.high, limit, side, (110, 20))]


def _links(links: Mapping[str, str]) -> Markup:
    return element("ul", *(element("li", element("a", name, href=link)) for name, link in links.items()))


def _unit(found: RecipeComparison) -> Unit:
    return Unit.of(_everything(found))


def _everything(found: RecipeComparison) -> dict[str, Any]:
    return {
        f"{recipe} {strategy}": values
        for recipe, comparison in found.comparisons.items()
        for strategy, values in comparison.scores.items()
    }


def _part(heading: str, content: Markup, note: str) -> Markup:
    return element(
        "div", element("h3", heading), content, element("p", note, class_="note") if note else None, class_="part"
    )
