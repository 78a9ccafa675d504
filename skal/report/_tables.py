"""The tables of a report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from skal.pages import Breakable, Cell, Line, Row, Table, Whisker, WhiskerAxis, number, shaded, table
from skal.report._findings import Findings, balance, most_telling_classes
from skal.report._parts import NumberedName
from skal.statistics import LabelsSaved, Ranks
from skal.study.comparison import BASELINE, Summary
from skal.summary.html import SIDES, limit_of, p_or_dash, verdict_table
from skal.summary.words import MARKS, Unit, fixed, interval, seconds_format, signed, signed_tick, told

_MOST_CLASSES = 20
LEVEL = 0.95


def verdicts(findings: Findings) -> Table:
    """One line a strategy: verdict, area, difference from random sampling, p, effect, labels saved."""
    saved = {name: _saved(found) for name, found in findings.saved.items()}
    unit, of = Unit.of(findings.comparison.scores), findings.comparison.unit
    return verdict_table(findings.lines, unit, saved, of)


def pairs(findings: Findings) -> Table:
    """Difference of every strategy from every other, coloured by size."""
    found, unit = findings.pairs, Unit.of(findings.comparison.scores)
    largest = float(np.abs(found.mean).max()) or 1.0
    rows = []
    for i, name in enumerate(found.names):
        cells: list[Cell] = []
        for j, other in enumerate(found.names):
            if i == j:
                cells.append(Cell(class_="cell self"))
                continue
            mean, verdict = float(found.mean[i, j]), found.verdicts[i][j]
            ends = unit.interval(float(found.low[i, j]), float(found.high[i, j]))
            title = f"{name} less {other}: {unit.difference(mean)} {ends}, {verdict}"
            side = "up" if mean > 0 else "down"
            told_apart = verdict in ("better", "worse")
            cells.append(shaded(unit.difference(mean), side, 0.55 * abs(mean) / largest, title, told_apart))
        rows.append(Row(_numbered(i, name), tuple(cells)))
    return table(["row less column", *(shaded(k + 1) for k in range(len(found.names)))], rows, "matrix")


def other_answers(findings: Findings) -> Table:
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
                number(unit.interval(line.difference.low, line.difference.high)),
                number(unit.interval(asked.low, asked.high)),
                number(p_or_dash(asked.sign_flip)),
                number(p_or_dash(asked.wilcoxon)),
                number(p_or_dash(asked.bh)),
                number(f"{100 * asked.superiority:.0f} %"),
                told(asked.flip_verdict).removesuffix(" to tell"),
            ]
        )
    words = ("t interval", "bootstrap interval", "p, sign flips", "p, Wilcoxon", "p of t, BH", "trials won")
    return table(["asked otherwise", *map(number, words), "by sign flips"], rows)


def by_round(findings: Findings) -> Table:
    """Difference from random sampling at each label count, coloured by size."""
    unit, counts = Unit.of(findings.comparison.scores), findings.comparison.axis[1:]
    of = findings.comparison.unit
    largest = max((abs(d.mean) for found in findings.by_round.values() for d in found), default=0.0) or 1.0
    rows: list[list[Any]] = []
    for line in findings.others:
        row: list[Any] = [line.name]
        for count, found in zip(counts.tolist(), findings.by_round[line.name], strict=True):
            ends = unit.interval(found.low, found.high)
            title = f"{line.name} at {count} {of}: {ends}, p {p_or_dash(found.p_adjusted)}"
            side = "up" if found.mean > 0 else "down"
            weight = 0.55 * abs(found.mean) / largest
            row.append(shaded(unit.difference(found.mean), side, weight, title, found.verdict in SIDES))
        rows.append(row)
    return table([f"less random, at {of}", *map(shaded, counts)], rows, "matrix")


def ranks(found: Ranks) -> Table:
    """Mean ranks over studies, best first, and what each cannot be told from."""
    rows = []
    for position, (name, mean) in enumerate(zip(found.names, found.mean_ranks.tolist(), strict=True)):
        alike = [
            other for k, other in enumerate(found.names) if k != position and found.p_apart[position, k] > 1 - LEVEL
        ]
        rows.append([name, number(fixed(mean, 2)), ", ".join(alike) or "none"])
    return table(["ranked", number("mean rank"), "cannot be told from"], rows)


def labels_saved(findings: Findings) -> Table:
    """Labels that each strategy and random sampling need for one score, and what that saves."""
    comparison, saved = findings.comparison, findings.saved
    unit, last = Unit.of(comparison.scores), comparison.axis[-1]
    limit = limit_of([(x.mean, x.low, x.high) for x in saved.values()])
    rows = []
    for line in findings.others:
        found = saved[line.name]
        side = "up" if found.low > 0 else "down" if found.high < 0 else "level"
        rows.append(
            [
                line.name,
                number(f"{unit.value(found.target)}{unit.sign}"),
                number(_needed(found.needed, last)),
                number(_needed(found.baseline_needed, last)),
                number(_saved(found)),
                Cell((Line(interval(found.low, found.high, 0), "note number"),)),
                Whisker(found.mean, found.low, found.high, limit, side),
                number(f"{found.n_reached}, {found.n_baseline_reached} of {found.n_trials}"),
            ]
        )
    head = [
        "strategy",
        number("score"),
        number(f"{comparison.unit} needed"),
        number(f"{BASELINE} needs"),
        number("saved"),
        "95 % interval",
        WhiskerAxis(limit, signed_tick),
        number("trials that got there, of each"),
    ]
    return table(head, rows)


def _saved(found: LabelsSaved) -> str:
    return f"{found.bound} {signed(found.mean, 0)}".strip()


def _needed(count: float, last: Any) -> str:
    return f"> {last}" if math.isnan(count) else fixed(count, 0)


def spent(findings: Findings, unit: str) -> Table:
    """What each strategy bought in a trial, and at what price."""
    found = findings.comparison
    rows = []
    for name in findings.names:
        bought = (found.n_bought or {})[name][:, -1] - (found.n_bought or {})[name][:, 0]
        paid = (found.spent or {})[name][:, -1] - (found.spent or {})[name][:, 0]
        each = paid.sum() / bought.sum() if bought.sum() else math.nan
        rows.append([name, number(fixed(bought.mean(), 1)), number(fixed(paid.mean(), 0)), number(fixed(each, 1))])
    return table(["paid", number("labels bought"), number(unit), number(f"{unit} a label")], rows)


def times(findings: Findings) -> Table:
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
        [name, *(number(fixed(factor * value, digits)) for value in values), number(fixed(total[name], 2))]
        for name, values in mean.items()
    ]
    return table(["strategy", number(f"fit, {unit}"), number(f"query, {unit}"), number("a trial, s")], rows)


def classes(findings: Findings) -> Table:
    """Share of each class in the pool and among what was asked for, coloured by its distance from the pool's."""
    names = list(findings.class_shares)
    shown = most_telling_classes(findings, _MOST_CLASSES)
    base = findings.pool_shares
    known = findings.comparison.pool_classes is not None  # else random sampling's picks stand for the pool
    largest = max(float(np.abs(findings.class_shares[name] - base)[shown].max(initial=0.0)) for name in names) or 1.0
    rows = []
    for c in shown:
        own = findings.comparison.classes[c]
        cells = [shaded(fixed(100 * float(base[c]), 1))] if known else []
        for name in names:
            share = float(findings.class_shares[name][c])
            gap, text = share - float(base[c]), fixed(100 * share, 1)
            title = f"{name}: {text} % of {own}"
            if name == BASELINE and not known:
                cells.append(shaded(text, title=title))
            else:
                cells.append(shaded(text, "up" if gap > 0 else "down", 0.55 * abs(gap) / largest, title))
        rows.append(Row(Cell((Line(own),)), tuple(cells)))
    balances = [balance(base)] if known else []
    balances += [findings.balance[name] for name in names]
    rows.append(Row(Cell((Line("balance"),)), tuple(shaded(fixed(value, 3)) for value in balances), "sum"))
    head: list[Any] = [f"{findings.comparison.kind.part}, % of the picks", *([shaded("pool")] if known else [])]
    head += [shaded(findings.names.index(name) + 1, title=name) for name in names]
    return table(head, rows, "matrix")


def n_classes_shown(findings: Findings) -> int:
    """How many classes `classes` shows."""
    return min(_MOST_CLASSES, len(findings.comparison.classes))


def overview(findings: Mapping[str, Findings], anchors: Mapping[str, str]) -> Table:
    """Verdicts of several comparisons: one line a strategy, one column a comparison."""
    names = list(dict.fromkeys(line.name for found in findings.values() for line in found.others))
    rows = []
    for name in names:
        lines = {study: _line(found, name) for study, found in findings.items()}
        cells = [_overview_cell(line, findings[study]) for study, line in lines.items()]
        verdicts = [line.difference.verdict for line in lines.values() if line and line.difference]
        rows.append([name, *cells, *(shaded(sum(verdict == side for verdict in verdicts)) for side in SIDES)])
    head: list[Any] = ["strategy"]
    head += [Cell((Line(study, href=f"#{anchors[study]}"),), class_="cell study") for study in findings]
    return table([*head, shaded("better"), shaded("worse")], rows, "matrix overview")


def entries(content: Mapping[str, Any]) -> Table:
    """Every entry of a nested dict, one a line."""
    rows = [Row(Cell((Line(name),)), (Cell((Line(value, "value"),)),)) for name, value in _flat(content)]
    return table([], rows, "entries")


def _numbered(position: int, name: str) -> Cell:
    return Cell((Line(NumberedName(position + 1, Breakable(name))),))


def _line(found: Findings, name: str) -> Summary | None:
    return next((line for line in found.others if line.name == name), None)


def _overview_cell(line: Summary | None, found: Findings) -> Cell:
    if line is None or line.difference is None:
        return shaded("")
    verdict = line.difference.verdict
    unit = Unit.of(found.comparison.scores)
    side = SIDES.get(verdict, "level")
    text = f"{MARKS[verdict]} {unit.difference(line.difference.mean)}"
    apart = side != "level"
    return shaded(text, side, 0.28 if apart else None, verdict, apart)


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
