"""The charts of a report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.markup import Markup, breakable, element
from skal.report._findings import Findings
from skal.report._svg import Curve, limits, line_chart
from skal.report._words import MARKS, Unit, seconds_format, short, tick
from skal.statistics import mean_interval
from skal.study.comparison import BASELINE, Comparison
from skal.study.metrics import metric_in_words

Styles = Mapping[str, tuple[int, int]]
_SMALL = (300.0, 190.0)
_LOWER_IS_BETTER = ("ece",)


def learning_curves(findings: Findings, styles: Styles) -> Markup:
    """All strategies in one chart, by the first metric."""
    found = findings.comparison
    curves = _metric_curves(found.scores, findings.names, styles)
    # The baseline last, on top of the others.
    return element("figure", _metric_chart(found, found.metric, found.scores, curves[::-1], named=True))


def against_random(findings: Findings, styles: Styles) -> Markup:
    """One small chart a strategy, with random sampling in each, on common axes."""
    found = findings.comparison
    unit = Unit.of(found.scores)
    curves = {curve.name: curve for curve in _metric_curves(found.scores, findings.names, styles)}
    y_limits = metric_limits(found.scores, list(curves.values()))
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
        caption = element(
            "figcaption",
            element("strong", breakable(short(line.name, 60))),
            element("span", f"{MARKS.get(verdict, '')} {unit.difference(mean)}", class_="note line-below"),
        )
        panels.append(element("figure", caption, chart))
    return element("div", *panels, class_="panels")


def further_metrics(findings: Findings, styles: Styles) -> Markup:
    """One small chart a metric after the first, with all strategies."""
    found = findings.comparison
    panels = []
    for metric, values in list(found.metrics.items())[1:]:
        curves = _metric_curves(values, findings.names, styles)
        note = " lower is better" if metric in _LOWER_IS_BETTER else ""
        caption = element(
            "figcaption", element("strong", metric_in_words(metric)), element("span", note, class_="note")
        )
        chart = _metric_chart(found, metric, values, curves[::-1], named=False)
        panels.append(element("figure", caption, chart))
    return element("div", *panels, class_="panels wide")


def times(findings: Findings, styles: Styles) -> Markup:
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
        panels.append(element("figure", element("figcaption", element("strong", title)), chart))
    return element("div", *panels, class_="panels wide")


def key(findings: Findings, styles: Styles) -> Markup:
    """Names of all strategies with their lines."""
    items = []
    for name in findings.names:
        stroke = element("path", d="M0 6H26", class_=f"line {style_class(styles[name], name)}")
        sample = element("svg", stroke, width=26, height=12, viewBox="0 0 26 12", aria_hidden="true")
        items.append(element("li", sample, element("span", breakable(short(name, 60)))))
    return element("ul", *items, class_="key")


def style_class(style: tuple[int, int], name: str) -> str:
    """Classes of the page's style for a curve."""
    colour, dash = style
    return f"s{colour} {'d-base' if name == BASELINE else f'd{dash % 3}'}"


def _metric_curves(values: Mapping[str, NDArray[Any]], names: list[str], styles: Styles) -> list[Curve]:
    return [Curve(name, *mean_interval(values[name]), style_class(styles[name], name)) for name in names]


def _metric_chart(
    found: Comparison, metric: str, values: Mapping[str, NDArray[Any]], curves: list[Curve], named: bool
) -> Markup:
    unit = Unit.of(values)
    return line_chart(
        found.axis,
        curves,
        size=(900.0, 420.0) if named else (440.0, 240.0),
        y_limits=metric_limits(values, curves),
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


def metric_limits(values: Mapping[str, NDArray[Any]], curves: list[Curve]) -> tuple[float, float]:
    """Limits of a chart of a metric; a share stays between 0 and 1."""
    shares = Unit.of(values).factor == 100
    return limits(curves, 0.0 if shares else None, 1.0 if shares else None)


def metric_tick(unit: Unit) -> Callable[[float], str]:
    """What writes a tick of a metric."""
    return lambda value: tick(unit.factor * value)


def _duration(seconds: float) -> str:
    factor, _, name = seconds_format(seconds)
    return f"{factor * seconds:g} {name}"
