"""The tables of a report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from skal.markup import Markup, breakable, element
from skal.report._findings import Findings, balance, most_telling_classes
from skal.report._svg import whisker, whisker_axis
from skal.report._words import MARKS, Unit, fixed, interval, p_value, seconds_format, signed, signed_tick, told
from skal.statistics import Ranks
from skal.study.comparison import BASELINE, Summary

SIDES = {"better than random": "up", "worse than random": "down"}
_MOST_CLASSES = 20
LEVEL = 0.95


def verdicts(findings: Findings) -> Markup:
    """One line a strategy: verdict, area, difference from random sampling, p, effect, labels saved."""
    unit, of = Unit.of(findings.comparison.scores), findings.comparison.unit
    limit = limit_of(
        [(x.difference.mean, x.difference.low, x.difference.high) for x in findings.others if x.difference]
    )
    rows = []
    for line in findings.lines:
        found, area = line.difference, _number(unit.value(line.area))
        if found is None:
            name = _two_lines(breakable(line.name), element("span", "the baseline", class_="note"))
            rows.append([name, area, *[""] * 6])
            continue
        side = SIDES.get(found.verdict, "level")
        verdict = element("span", f"{MARKS[found.verdict]} {told(found.verdict)}", class_=f"verdict {side}")
        interval_ = element("span", unit.interval(found.low, found.high), class_="note")
        rows.append(
            [
                _two_lines(breakable(line.name), verdict),
                area,
                element("td", _two_lines(unit.difference(found.mean), interval_), class_="number"),
                whisker(found.mean, found.low, found.high, limit, side),
                _number(_p(found.p_value)),
                _number(_p(found.p_adjusted)),
                _number(signed(found.effect_size, 2)),
                _number(signed(findings.saved[line.name].mean, 0)),
            ]
        )
    axis = whisker_axis(limit, lambda tick: signed_tick(unit.factor * tick))
    head = ["strategy", _head("area"), _head("difference"), axis]
    return table([*head, _head("p"), _head("p, Holm"), _head("effect size"), _head(f"{of} saved")], rows)


def pairs(findings: Findings) -> Markup:
    """Difference of every strategy from every other, coloured by size."""
    found, unit = findings.pairs, Unit.of(findings.comparison.scores)
    largest = float(np.abs(found.mean).max()) or 1.0
    rows = []
    for i, name in enumerate(found.names):
        cells: list[Markup] = []
        for j in range(len(found.names)):
            if i == j:
                cells.append(element("td", class_="cell self"))
                continue
            mean = float(found.mean[i, j])
            told_apart = found.verdicts[i][j] in ("better", "worse")
            title = f"{name} less {found.names[j]}: {unit.difference(mean)} " + unit.interval(
                float(found.low[i, j]), float(found.high[i, j])
            )
            cells.append(
                element(
                    "td",
                    unit.difference(mean),
                    title=f"{title}, {found.verdicts[i][j]}",
                    class_=f"cell {'up' if mean > 0 else 'down'}{' told' if told_apart else ''}",
                    style=f"--a: {0.55 * abs(mean) / largest:.2f}",
                )
            )
        rows.append(element("tr", element("th", _numbered(i, name), scope="row"), *cells))
    head = [element("th", "row less column"), *(element("th", i + 1, class_="cell") for i in range(len(found.names)))]
    return _framed(element("thead", element("tr", *head)), element("tbody", *rows), class_="matrix")


def other_answers(findings: Findings) -> Markup:
    """The differences from random sampling by other intervals and tests."""
    unit = Unit.of(findings.comparison.scores)
    rows = []
    for line in findings.others:
        if line.difference is None:
            continue
        asked = findings.others_asked[line.name]
        rows.append(
            [
                line.name,
                _number(unit.interval(line.difference.low, line.difference.high)),
                _number(unit.interval(asked.low, asked.high)),
                _number(_p(asked.sign_flip)),
                _number(_p(asked.wilcoxon)),
                _number(_p(asked.bh)),
                _number(f"{100 * asked.superiority:.0f} %"),
            ]
        )
    words = ("t interval", "bootstrap interval", "p, sign flips", "p, Wilcoxon", "p of t, BH", "trials won")
    return table(["asked otherwise", *map(_head, words)], rows)


def by_round(findings: Findings) -> Markup:
    """Difference from random sampling at each label count, coloured by size."""
    unit, counts = Unit.of(findings.comparison.scores), findings.comparison.axis[1:]
    of = findings.comparison.unit
    largest = max((abs(d.mean) for found in findings.by_round.values() for d in found), default=0.0) or 1.0
    rows = []
    for line in findings.others:
        cells = []
        for count, found in zip(counts.tolist(), findings.by_round[line.name], strict=True):
            side = "up" if found.mean > 0 else "down"
            apart = found.verdict in SIDES
            title = f"{line.name} at {count} {of}: {unit.interval(found.low, found.high)}, p {_p(found.p_adjusted)}"
            style = f"--a: {0.55 * abs(found.mean) / largest:.2f}"
            told_class = f"cell {side}{' told' * apart}"
            cells.append(element("td", unit.difference(found.mean), title=title, class_=told_class, style=style))
        rows.append(element("tr", element("th", breakable(line.name), scope="row"), *cells))
    head = [element("th", f"less random, at {of}"), *(element("th", count, class_="cell") for count in counts)]
    return _framed(element("thead", element("tr", *head)), element("tbody", *rows), class_="matrix")


def ranks(found: Ranks) -> Markup:
    """Mean ranks over studies, best first, and what each cannot be told from."""
    rows = []
    for position, (name, mean) in enumerate(zip(found.names, found.mean_ranks.tolist(), strict=True)):
        alike = [
            other for k, other in enumerate(found.names) if k != position and found.p_apart[position, k] > 1 - LEVEL
        ]
        rows.append([name, _number(fixed(mean, 2)), ", ".join(alike) or "none"])
    return table(["ranked", _head("mean rank"), "cannot be told from"], rows)


def labels_saved(findings: Findings) -> Markup:
    """Labels that each strategy needs for the last mean score of random sampling, and what that saves."""
    saved = findings.saved
    limit = limit_of([(x.mean, x.low, x.high) for x in saved.values()])
    rows = []
    baseline = next(iter(saved.values()))
    for line in findings.lines:
        found = saved.get(line.name)
        if found is None:
            reached = f"{baseline.n_baseline_reached} of {baseline.n_trials}"
            rows.append([line.name, _number(fixed(baseline.baseline_needed, 0)), _number(reached), "", "", ""])
            continue
        side = "up" if found.low > 0 else "down" if found.high < 0 else "level"
        rows.append(
            [
                line.name,
                _number(fixed(found.needed, 0)),
                _number(f"{found.n_reached} of {found.n_trials}"),
                _number(signed(found.mean, 0)),
                element("span", interval(found.low, found.high, 0), class_="note number"),
                whisker(found.mean, found.low, found.high, limit, side),
            ]
        )
    axis = whisker_axis(limit, signed_tick)
    head = [
        "strategy",
        _head(f"{findings.comparison.unit} needed"),
        _head("trials that got there"),
        _head("saved"),
        "95 % interval",
        axis,
    ]
    return table(head, rows)


def spent(findings: Findings, unit: str) -> Markup:
    """What each strategy bought in a trial, and at what price."""
    found = findings.comparison
    rows = []
    for name in findings.names:
        bought = (found.n_bought or {})[name][:, -1] - (found.n_bought or {})[name][:, 0]
        paid = (found.spent or {})[name][:, -1] - (found.spent or {})[name][:, 0]
        each = paid.sum() / bought.sum() if bought.sum() else math.nan
        rows.append([name, _number(fixed(bought.mean(), 1)), _number(fixed(paid.mean(), 0)), _number(fixed(each, 1))])
    return table(["paid", _head("labels bought"), _head(unit), _head(f"{unit} a label")], rows)


def times(findings: Findings) -> Markup:
    """Mean fit and query time of a round, and their sum over a trial."""
    mean = {
        name: [
            float(np.mean(s[name])) if len(s[name]) else math.nan
            for s in (findings.fit_seconds, findings.query_seconds)
        ]
        for name in findings.names
    }
    total = {name: float(findings.fit_seconds[name].sum() + findings.query_seconds[name].sum()) for name in mean}
    factor, digits, unit = seconds_format(
        max(value for values in mean.values() for value in values if value == value)
    )
    rows = [
        [name, *(_number(fixed(factor * value, digits)) for value in values), _number(fixed(total[name], 2))]
        for name, values in mean.items()
    ]
    return table(["strategy", _head(f"fit, {unit}"), _head(f"query, {unit}"), _head("a trial, s")], rows)


def classes(findings: Findings) -> Markup:
    """Share of each class in the pool and among what was asked for, coloured by its distance from the pool's."""
    names = list(findings.class_shares)
    shown = most_telling_classes(findings, _MOST_CLASSES)
    base = findings.pool_shares
    known = findings.comparison.pool_classes is not None  # else random sampling's picks stand for the pool
    largest = max(float(np.abs(findings.class_shares[name] - base)[shown].max(initial=0.0)) for name in names) or 1.0
    rows = []
    for c in shown:
        cells = [_cell(fixed(100 * float(base[c]), 1))] if known else []
        for name in names:
            share = float(findings.class_shares[name][c])
            gap = share - float(base[c])
            plain = name == BASELINE and not known
            style = None if plain else f"--a: {0.55 * abs(gap) / largest:.2f}"
            side = "" if plain else " up" if gap > 0 else " down"
            title = f"{name}: {fixed(100 * share, 1)} % of {findings.comparison.classes[c]}"
            cells.append(element("td", fixed(100 * share, 1), title=title, class_=f"cell{side}", style=style))
        rows.append(element("tr", element("th", findings.comparison.classes[c], scope="row"), *cells))
    balances = [balance(base)] if known else []
    balances += [findings.balance[name] for name in names]
    cells = [_cell(fixed(value, 3)) for value in balances]
    rows.append(element("tr", element("th", "balance", scope="row"), *cells, class_="sum"))
    head = [
        element("th", f"{findings.comparison.kind.part}, % of the picks"),
        *([element("th", "pool", class_="cell")] if known else []),
    ]
    head += [element("th", findings.names.index(name) + 1, title=name, class_="cell") for name in names]
    return _framed(element("thead", element("tr", *head)), element("tbody", *rows), class_="matrix")


def n_classes_shown(findings: Findings) -> int:
    """How many classes `classes` shows."""
    return min(_MOST_CLASSES, len(findings.comparison.classes))


def overview(findings: Mapping[str, Findings], anchors: Mapping[str, str]) -> Markup:
    """Verdicts of several comparisons: one line a strategy, one column a comparison."""
    names = list(dict.fromkeys(line.name for found in findings.values() for line in found.others))
    rows = []
    for name in names:
        lines = {study: _line(found, name) for study, found in findings.items()}
        cells = [_overview_cell(line, findings[study]) for study, line in lines.items()]
        verdicts = [line.difference.verdict for line in lines.values() if line and line.difference]
        counts = [sum(verdict == side for verdict in verdicts) for side in SIDES]
        rows.append(
            element("tr", element("th", breakable(name), scope="row"), *cells, *(_cell(count) for count in counts))
        )
    head = [element("th", "strategy")]
    for study in findings:
        head.append(element("th", element("a", study, href=f"#{anchors[study]}"), class_="cell study"))
    head += [element("th", word, class_="cell") for word in ("better", "worse")]
    return _framed(element("thead", element("tr", *head)), element("tbody", *rows), class_="matrix overview")


def entries(content: Mapping[str, Any]) -> Markup:
    """Every entry of a nested dict, one a line."""
    rows = [[name, element("span", value, class_="value")] for name, value in _flat(content)]
    body = element("tbody", *(element("tr", element("th", n, scope="row"), element("td", v)) for n, v in rows))
    return _framed(body, class_="entries")


def table(head: list[Any], rows: list[list[Any]]) -> Markup:
    """Return a table; the first column names its lines."""
    cells = [part if _is(part, "th") else element("th", part) for part in head]
    lines = [
        element(
            "tr",
            element("th", breakable(row[0]) if isinstance(row[0], str) else row[0], scope="row"),
            *(part if _is(part, "td") else element("td", part) for part in row[1:]),
        )
        for row in rows
    ]
    return _framed(element("thead", element("tr", *cells)), element("tbody", *lines))


def _framed(*parts: Markup, class_: str | None = None) -> Markup:
    return element("div", element("table", *parts, class_=class_), class_="scroll")


def _is(part: Any, name: str) -> bool:
    return isinstance(part, Markup) and part.startswith(f"<{name}")


def _number(text: str) -> Markup:
    return element("td", text, class_="number")


def _two_lines(above: Any, below: Any) -> list[Any]:
    return [above, element("br"), below]


def _head(text: str) -> Markup:
    return element("th", text, class_="number")


def _cell(content: Any) -> Markup:
    return element("td", content, class_="cell")


def _numbered(position: int, name: str) -> list[Any]:
    return [element("span", position + 1, class_="rank"), " ", *breakable(name)]


def _p(p: float) -> str:
    return "–" if math.isnan(p) else p_value(p)


def _line(found: Findings, name: str) -> Summary | None:
    return next((line for line in found.others if line.name == name), None)


def _overview_cell(line: Summary | None, found: Findings) -> Markup:
    if line is None or line.difference is None:
        return _cell("")
    verdict = line.difference.verdict
    unit = Unit.of(found.comparison.scores)
    side = SIDES.get(verdict, "level")
    text = f"{MARKS[verdict]} {unit.difference(line.difference.mean)}"
    style = "--a: 0.28" if side != "level" else None
    return element("td", text, title=verdict, class_=f"cell {side}{' told' * (side != 'level')}", style=style)


def limit_of(numbers: list[tuple[float, float, float]]) -> float:
    """Half width of an axis of whiskers: holds the intervals, but no more than four times the largest mean."""
    means = [abs(mean) for mean, _, _ in numbers if mean == mean]
    ends = [abs(end) for _, low, high in numbers for end in (low, high) if end == end]
    largest = max(means, default=0.0)
    return 1.08 * max(largest, min(max(ends, default=0.0), 4 * largest or math.inf)) or 1.0


def _flat(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping) and value:
            if all(not isinstance(part, (Mapping, list, tuple)) for part in value.values()):
                yield f"{before}{name}", ", ".join(f"{key} = {part}" for key, part in value.items())
            else:
                yield from _flat(value, f"{before}{name} / ")
        elif isinstance(value, (list, tuple)):
            yield f"{before}{name}", ", ".join(str(part) for part in value)
        else:
            yield f"{before}{name}", str(value)
