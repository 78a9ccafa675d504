"""A comparison as plain text: what ``print`` shows, and the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from skal.summary.compared import Compared, RecipesCompared
from skal.summary.findings import findings, recipe_findings
from skal.summary.sentences import QUESTION, floor_sentence, power_sentence, trials_of, unit_of_recipes
from skal.summary.words import MINUS, Unit, plural, tick, told

_NARROWEST = 16  # letters that the names of strategies keep on a narrow terminal
_SIDES = ("better than random", "worse than random")
_SIGNS = {"better than random": "+", "worse than random": "-", "not distinguishable from random": "="}

Lines = Iterator[tuple[str, bool]]


def comparison_text(found: Compared, width: int = 100) -> str:
    """Return curves and verdicts as tables of plain text.

    Parameters
    ----------
    found : Compared
        A comparison of strategies.
    width : int, default=100
        Letters a line; names that leave no room are shortened, or written over several lines if they have options.

    Returns
    -------
    str
        Text without a line break at its end.
    """
    return "\n".join(line for line, _ in comparison_lines(found, width)).rstrip()


def recipes_text(found: RecipesCompared, width: int = 100) -> str:
    """Return every gain and its two parts as a table of plain text.

    Parameters
    ----------
    found : RecipesCompared
        A comparison of recipes.
    width : int, default=100
        Letters a line.

    Returns
    -------
    str
        Text without a line break at its end.
    """
    return "\n".join(line for line, _ in recipes_lines(found, width)).rstrip()


def comparison_lines(found: Compared, width: int) -> Lines:
    """Yield the lines of a comparison, and whether each is the head of a table."""
    lines, unit = found.summaries(), Unit.of(found.scores)
    for said in found.conditions:
        yield from paragraph(said, width)
    percent = " (%)" if unit.sign else ""
    yield from paragraph(
        f"Mean {found.metric_in_words.removeprefix('mean ')}{percent} by number of {found.unit}", width
    )
    curves = [[line.name, *(_curve_value(value, unit) for value in line.mean.tolist())] for line in lines]
    yield from aligned([found.unit, *map(tick, found.axis.tolist())], curves, width, gap=1)
    yield "", False
    of = "its mean height, %" if unit.sign else "its mean height"
    yield from paragraph(f"Area under the curve ({of}), difference from random by trial", width)
    head = ["strategy", "area", "difference [95 %]", "p, Holm", "against random"]
    verdicts = [[line.name, _plain(unit.value(line.area)), *_against_random(line.difference, unit)] for line in lines]
    yield from aligned(head, verdicts, width, gap=2)
    yield "", False
    yield from _noticed(findings(found, lines), width)
    if len(lines) < 2:  # nothing is compared, so nothing is promised
        return
    promise = "Verdicts hold for all strategies together (t test, Holm); each interval stands alone."
    undecided = any(line.difference and line.difference.verdict not in _SIDES for line in lines)
    power = power_sentence(found) if undecided else ""
    promises = filter(None, [promise, QUESTION, power, floor_sentence(trials_of(found))])
    yield from paragraph(" ".join(promises), width, blank=False)


def recipes_lines(found: RecipesCompared, width: int) -> Lines:
    """Yield the lines of a comparison of recipes, and whether each is the head of a table."""
    unit = unit_of_recipes(found)
    for said in found.conditions:
        yield from paragraph(said, width)
    of = "its mean height, %" if unit.sign else "its mean height"
    yield from paragraph(
        f"Area under the curve of {found.supervised.metric_in_words} ({of}), paired by trial. Total: from random "
        "sampling, supervised. Recipe's part: random sampling under the recipe less that. Strategy's part: the "
        "strategy less random sampling, both under the recipe.",
        width,
    )
    rows: list[list[str]] = []
    gains = found.gains()
    for gain in gains:
        if gain.strategy == found.strategies[0]:
            rows.append([gain.recipe, "", "", "", ""])
        parts = [_part(part, unit) for part in (gain.total, gain.of_recipe, gain.of_strategy)]
        if gain.total is None:
            parts[0] = "the baseline"
        rows.append([f"  {gain.strategy}", _plain(unit.value(gain.area)), *parts])
    head = ["recipe, strategy", "area", "total", "recipe's part", "strategy's part"]
    yield from aligned(head, rows, width, gap=2)
    yield "", False
    yield from _noticed(recipe_findings(found), width)
    if len(gains) < 2:
        return
    yield from paragraph(
        "+ better, - worse, = not distinguishable, ? too few trials (t test, Holm over each column); [95 %] each by "
        f"itself. {QUESTION} {floor_sentence(found.n_trials)}".rstrip(),
        width,
        blank=False,
    )


def _noticed(sentences: Sequence[str], width: int) -> Lines:
    if not sentences:
        return
    yield "What to look at first:", False
    for said in sentences:
        yield from ((line, False) for line in textwrap.wrap(_plain(f"- {said}"), width, subsequent_indent="  "))
    yield "", False


def one_line(found: Compared) -> str:
    """Say in a few words what a comparison is of."""
    n_others = len(found.scores) - 1
    return (
        f"{plural(n_others, 'strategy', 'strategies')} and random sampling, {found.metric_in_words}, "
        f"{tick(found.axis[0])} to {tick(found.axis[-1])} {found.unit}, {plural(trials_of(found), 'trial')}"
    )


def _curve_value(value: float, unit: Unit) -> str:
    return f"{100 * value:.1f}" if unit.sign else _plain(unit.value(value))


def _against_random(difference: Any, unit: Unit) -> tuple[str, str, str]:
    if difference is None:
        return "", "", "the baseline"
    interval = unit.interval(difference.low, difference.high)
    mean = unit.difference(difference.mean)
    return _plain(f"{mean} {interval}".rstrip()), f"{difference.p_adjusted:.3f}", told(difference.verdict)


def _part(difference: Any, unit: Unit) -> str:
    """A difference with the sign of its verdict, and its interval on a second line."""
    if difference is None:
        return ""
    sign = _SIGNS.get(difference.verdict, "?")
    interval = unit.interval(difference.low, difference.high)
    return _plain(f"{unit.difference(difference.mean)} {sign}\n{interval}").rstrip()


def _plain(text: str) -> str:
    """With the minus of a keyboard, which every terminal has."""
    return text.replace(MINUS, "-")


def paragraph(text: str, width: int, blank: bool = True) -> Lines:
    """Yield a text in lines, with a blank one after it."""
    yield from ((line, False) for line in textwrap.wrap(text, width))
    if blank:
        yield "", False


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], width: int, gap: int) -> Lines:
    """Yield a table in columns; those that find no room follow in a table of their own."""
    columns = list(zip(head, *rows, strict=True))
    widths = [max(_cells(line) for cell in column for line in cell.split("\n")) for column in columns]
    others = [gap + own for own in widths[1:]]
    room = width - sum(others)
    if room < min(widths[0], _NARROWEST):  # not all columns fit into one table
        room = min(max(_NARROWEST, width // 2), width - max(others))
    names = min(widths[0], max(room, 1))
    start = 1
    while start < len(columns) or start == 1:
        stop, used = start, names
        while stop < len(columns) and (stop == start or used + gap + widths[stop] <= width):
            used += gap + widths[stop]
            stop += 1
        if start > 1:
            yield "", False
        for number, row in enumerate([head, *rows]):
            cells = [_in_width(row[0], names), *(row[k].split("\n") for k in range(start, stop))]
            for line in zip_longest(*cells, fillvalue=""):
                padded = map(_padded, line, [names, *widths[start:stop]])
                yield (" " * gap).join(padded).rstrip(), number == 0
        start = stop


def _in_width(name: str, width: int) -> list[str]:
    """A name in lines of so many cells: folded if it has options, which often differ at its end, else cut short."""
    if _cells(name) <= width:
        return [name]
    if ":" in name or "(" in name:
        indent = name[: len(name) - len(name.lstrip())]
        lines, line = [], ""
        for letter in name:
            if _cells(line + letter) > width:
                lines.append(line)
                line = indent
            line += letter
        return [*lines, line]
    kept = name
    while _cells(kept) > width - 1:
        kept = kept[:-1]
    return [f"{kept}…"]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _cells(text))


def _cells(text: str) -> int:
    """Places that a text takes on a terminal: some letters take two."""
    from rich.cells import cell_len

    return cell_len(text)
