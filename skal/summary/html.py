"""The head of a report as a piece of HTML: facts, conditions, verdicts, table. Notebooks show it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from skal.pages import Breakable, Cell, Line, Table, Whisker, WhiskerAxis, in_lines, number, render, table
from skal.statistics import Difference
from skal.summary.compared import Compared, RecipeGain, RecipesCompared, SummaryLine
from skal.summary.findings import findings, recipe_findings
from skal.summary.sentences import QUESTION, facts, recipe_facts, recipe_sentences, unit_of_recipes, verdict_sentence
from skal.summary.words import MARKS, Unit, p_value, signed, signed_tick, told

SIDES = {"better than random": "up", "worse than random": "down"}
_NARROW = (110, 20)


def comparison_html(found: Compared) -> str:
    """Return the head of the report as HTML with a style of its own, for a notebook.

    Parameters
    ----------
    found : Compared
        A comparison of strategies.

    Returns
    -------
    str
        One div.
    """
    lines = found.summaries()
    return _notebook(
        facts=facts(found),
        conditions=found.conditions,
        leads=[verdict_sentence(found, lines)],
        findings=findings(found, lines),
        table=verdict_table(lines, Unit.of(found.scores)) if len(lines) > 1 else None,
    )


def recipes_html(found: RecipesCompared) -> str:
    """Return the head of the report of recipes as HTML with a style of its own, for a notebook.

    Parameters
    ----------
    found : RecipesCompared
        A comparison of recipes.

    Returns
    -------
    str
        One div.
    """
    gains = found.gains()
    return _notebook(
        facts=recipe_facts(found),
        conditions=found.conditions,
        leads=recipe_sentences(found, gains),
        findings=recipe_findings(found),
        table=gain_table(gains, unit_of_recipes(found)),
    )


def _notebook(**values: Any) -> str:
    """Plain text: with markupsafe's, ``"<p>" + html`` would escape the other side."""
    return str.__str__(render("summary/notebook.html", question=QUESTION, **values))


def verdict_table(
    lines: Sequence[SummaryLine], unit: Unit, saved: Mapping[str, str] | None = None, of: str = "labels"
) -> Table:
    """One line a strategy: verdict, area, difference from random sampling, p, effect, and what it saves."""
    differences = [line.difference for line in lines if line.difference is not None]
    limit = limit_of([(d.mean, d.low, d.high) for d in differences])
    rows: list[list[Any]] = []
    for line in lines:
        found, area = line.difference, number(unit.value(line.area))
        if found is None:
            name = in_lines(Breakable(line.name), Line("the baseline", "note"))
            rows.append([name, area, *[""] * (5 if saved is None else 6)])
            continue
        side = SIDES.get(found.verdict, "level")
        verdict = Line(f"{MARKS[found.verdict]} {told(found.verdict)}", f"verdict {side}")
        row = [
            in_lines(Breakable(line.name), verdict),
            area,
            number(unit.difference(found.mean), Line(unit.interval(found.low, found.high), "note")),
            Whisker(found.mean, found.low, found.high, limit, side),
            number(p_or_dash(found.p_value)),
            number(p_or_dash(found.p_adjusted)),
            number(signed(found.effect_size, 2)),
        ]
        rows.append(row if saved is None else [*row, number(saved[line.name])])
    axis = WhiskerAxis(limit, lambda tick: signed_tick(unit.factor * tick))
    head: list[Any] = ["strategy", number("area"), number("difference"), axis]
    head += map(number, ["p", "p, Holm", "effect size"])
    return table(head if saved is None else [*head, number(f"{of} saved")], rows)


def gain_table(gains: Sequence[RecipeGain], unit: Unit) -> Table:
    """One line a recipe and strategy: the gain and its two parts."""
    every = [part for gain in gains for part in (gain.total, gain.of_recipe, gain.of_strategy) if part is not None]
    limit = limit_of([(part.mean, part.low, part.high) for part in every])
    axis = WhiskerAxis(limit, lambda tick: signed_tick(unit.factor * tick), _NARROW)
    rows: list[list[Any]] = []
    for gain in gains:
        strategy = f"{gain.strategy}, the baseline" if gain.total is None else gain.strategy
        cells: list[Any] = [in_lines(Breakable(gain.recipe), Line(strategy, "note")), number(unit.value(gain.area))]
        for part in (gain.total, gain.of_recipe, gain.of_strategy):
            cells += _difference(part, unit, limit)
        rows.append(cells)
    head: list[Any] = ["recipe, strategy", number("area")]
    for word in ("total", "recipe's part", "strategy's part"):
        head += [number(word), axis]
    return table(head, rows)


def limit_of(numbers: Sequence[tuple[float, float, float]]) -> float:
    """Half width of an axis of whiskers: holds the intervals, but no more than four times the largest mean."""
    means = [abs(mean) for mean, _, _ in numbers if math.isfinite(mean)]
    ends = [abs(end) for _, low, high in numbers for end in (low, high) if math.isfinite(end)]
    largest = max(means, default=0.0)
    return 1.08 * max(largest, min(max(ends, default=0.0), 4 * largest or math.inf)) or 1.0


def p_or_dash(p: float) -> str:
    """Write a p-value; a dash if there is none."""
    return "–" if math.isnan(p) else p_value(p)


def _difference(part: Difference | None, unit: Unit, limit: float) -> list[Any]:
    if part is None:
        return ["", ""]
    side = SIDES.get(part.verdict, "level")
    lines = (
        Line(unit.difference(part.mean)),
        Line(unit.interval(part.low, part.high), "note"),
        Line(f"{MARKS[part.verdict]} {told(part.verdict)}", f"verdict {side}"),
    )
    return [Cell(lines, class_="number"), Whisker(part.mean, part.low, part.high, limit, side, _NARROW)]
