"""The charts of a report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.metrics import LOWER_IS_BETTER, metric_in_words
from skal.pages import Breakable, Curve, LineChart, limits, line_chart
from skal.report._findings import Findings
from skal.report._parts import Figure, Key, Panels, Sample
from skal.statistics import mean_interval
from skal.study.comparison import BASELINE, Comparison
from skal.summary.words import MARKS, Unit, seconds_format, short, tick

Styles = Mapping[str, tuple[int, int]]
_SMALL = (300.0, 190.0)


def learning_curves(findings: Findings, styles: Styles) -> Figure:
    """All strategies in one chart, by the first metric."""
    found = findings.comparison
    curves = _metric_curves(found.scores, findings.names, styles)
    # The baseline last, on top of the others.
    return Figure(_metric_chart(found, found.metric, found.scores, curves[::-1], named=True))


def against_random(findings: Findings, styles: Styles) -> Panels:
    """One small chart a strategy, with random sampling in each, on common axes."""
    found = findings.comparison
    unit = Unit.of(found.scores)
    curves = {curve.name: curve for curve in _metric_curves(found.scores, findings.names, styles)}
    y_limits = metric_limits(unit, list(curves.values()))
    panels = []
    for line in findings.others:
        chart = line_chart(
            found.axis,
            [curves[BASELINE], curves[line.name]],
            size=_SMALL,
            y_limits=y_limits,
            y_text=metric_tick(unit),
            y_label="",
            description=f"{metric_in_words(found.metric)} of {line.name} and {BASELINE} by {found.unit}",
            x_label=found.unit,
            n_ticks=5,
        )
        verdict = "" if line.difference is None else line.difference.verdict
        mean = 0.0 if line.difference is None else line.difference.mean
        below = f"{MARKS.get(verdict, '')} {unit.difference(mean)}"
        panels.append(Figure(chart, Breakable(short(line.name, 60)), below))
    return Panels(tuple(panels))


def further_metrics(findings: Findings, styles: Styles) -> Panels:
    """One small chart a metric after the first, with all strategies."""
    found = findings.comparison
    panels = []
    for metric, values in list(found.metrics.items())[1:]:
        curves = _metric_curves(values, findings.names, styles)
        note = "lower is better" if metric in LOWER_IS_BETTER else ""
        chart = _metric_chart(found, metric, values, curves[::-1], named=False)
        panels.append(Figure(chart, metric_in_words(metric), beside=note))
    return Panels(tuple(panels), "panels wide")


def times(findings: Findings, styles: Styles) -> Panels:
    """Fit and query time by round."""
    counts, x_label = findings.comparison.axis, findings.comparison.unit
    panels = []
    for title, seconds, x in (
        ("Fit", findings.fit_seconds, counts),
        (f"Query ({x_label}: those before it)", findings.query_seconds, counts[:-1]),
    ):
        if len(x) == 0:
            continue
        low = min(float(values.min()) for values in seconds.values())
        high = max(float(values.max()) for values in seconds.values())
        floor = 1e-5  # a clock tells no less
        y_limits = (
            10.0 ** math.floor(math.log10(max(low, floor))),
            10.0 ** math.ceil(math.log10(max(high, 2 * floor))),
        )
        none = np.full(len(x), np.nan)
        curves = [
            Curve(name, np.maximum(seconds[name], floor), none, none, style_class(styles[name], name))
            for name in findings.names
        ]
        chart = line_chart(
            x,
            curves[::-1],
            size=(440.0, 240.0),
            y_limits=y_limits,
            y_text=_duration,
            y_label="seconds a round, mean over trials",
            description=f"{title} time by {x_label}",
            x_label=x_label,
            log=True,
            n_ticks=4,
        )
        panels.append(Figure(chart, title))
    return Panels(tuple(panels), "panels wide")


def key(findings: Findings, styles: Styles) -> Key:
    """Names of all strategies with their lines."""
    return Key(tuple(Sample(Breakable(short(name, 60)), style_class(styles[name], name)) for name in findings.names))


def style_class(style: tuple[int, int], name: str) -> str:
    """Classes of the page's style for a curve."""
    colour, dash = style
    return f"s{colour} {'d-base' if name == BASELINE else f'd{dash % 3}'}"


def _metric_curves(values: Mapping[str, NDArray[Any]], names: list[str], styles: Styles) -> list[Curve]:
    return [Curve(name, *mean_interval(values[name]), style_class(styles[name], name)) for name in names]


def _metric_chart(
    found: Comparison, metric: str, values: Mapping[str, NDArray[Any]], curves: list[Curve], named: bool
) -> LineChart:
    unit = Unit.of(values)
    return line_chart(
        found.axis,
        curves,
        size=(900.0, 420.0) if named else (440.0, 240.0),
        y_limits=metric_limits(unit, curves),
        y_text=metric_tick(unit),
        y_label=f"{metric_in_words(metric)} on test data{', %' if unit.sign else ''}"
        if named
        else "%"
        if unit.sign
        else "",
        description=f"{metric_in_words(metric)} by {found.unit}",
        x_label=found.unit,
        named=named,
        n_ticks=6 if named else 4,
    )


def metric_limits(unit: Unit, curves: list[Curve]) -> tuple[float, float]:
    """Limits of a chart of a metric; a share stays between 0 and 1."""
    shares = unit.factor == 100
    return limits(curves, 0.0 if shares else None, 1.0 if shares else None)


def metric_tick(unit: Unit) -> Callable[[float], str]:
    """What writes a tick of a metric."""
    return lambda value: tick(unit.factor * value)


def _duration(seconds: float) -> str:
    factor, _, name = seconds_format(seconds)
    return f"{factor * seconds:g} {name}"
