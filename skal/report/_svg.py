"""Charts as inline SVG: places and paths. Colours come from the page, by class, so they follow light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.markup import Markup, element
from skal.report._words import short

_LETTER = 6.5  # width of a letter of a label
_LINE = 15.0  # height of a line of labels


@dataclass(frozen=True)
class Curve:
    """A line with its band.

    Attributes
    ----------
    name : str
        Written at its end.
    y, low, high : ndarray of shape (n,)
        Mean and interval; NaN where there is no interval.
    style : str
        Classes: colour and dashes.
    """

    name: str
    y: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]
    style: str


@dataclass(frozen=True)
class Frame:
    """Plot area of a chart, and the map from values to places in it."""

    left: float
    top: float
    right: float
    bottom: float
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    log: bool = False

    def x(self, value: float) -> float:
        """Place of a value on the horizontal axis."""
        low, high = self.x_limits
        return self.left + (self.right - self.left) * (0.5 if high == low else (value - low) / (high - low))

    def y(self, value: float) -> float:
        """Place of a value on the vertical axis; outside the frame, at its edge."""
        (low, high), v = self.y_limits, float(value)
        if self.log:
            low, high, v = math.log10(low), math.log10(high), math.log10(max(v, low))
        share = min(max((v - low) / (high - low), 0.0), 1.0)
        return self.bottom - (self.bottom - self.top) * share


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers inside the limits, about so many."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart to at least a gap, in their order, near where they want to be and inside the limits."""
    order = np.argsort(wanted, kind="stable")
    gap = min(gap, (high - low) / max(len(order) - 1, 1))
    # Groups of labels that touch: their mean place, kept inside the limits, as in isotonic regression.
    groups: list[list[float]] = []  # [sum of (wanted - offset), size]
    for rank, k in enumerate(order):
        groups.append([wanted[k] - rank * gap, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, size = groups.pop()
            groups[-1] = [groups[-1][0] + total, groups[-1][1] + size]
    base = np.repeat([total / size for total, size in groups], [int(size) for _, size in groups])
    base = np.clip(base, low, high - (len(order) - 1) * gap)
    places = [0.0] * len(order)
    for rank, k in enumerate(order):
        places[k] = float(base[rank] + rank * gap)
    return places


def limits(curves: Sequence[Curve], floor: float | None = None, ceiling: float | None = None) -> tuple[float, float]:
    """Limits that hold all means, and bands up to once the range of the means beyond them."""
    means = np.concatenate([curve.y for curve in curves])
    low, high = float(means.min()), float(means.max())
    room = max(high - low, 1e-3 * max(abs(high), abs(low)), 1e-9)
    bands = np.concatenate([band for curve in curves for band in (curve.low, curve.high)])
    bands = bands[np.isfinite(bands)]
    if bands.size:
        low, high = max(low - room, min(low, float(bands.min()))), min(high + room, max(high, float(bands.max())))
    low, high = low - 0.04 * room, high + 0.04 * room
    if floor is not None:
        low = max(low, floor)
    if ceiling is not None:
        high = min(high, ceiling)
    return low, high


def line_chart(
    x: NDArray[Any],
    curves: Sequence[Curve],
    *,
    size: tuple[float, float],
    y_limits: tuple[float, float],
    y_text: Callable[[float], str],
    y_label: str,
    description: str,
    x_label: str = "labels",
    named: bool = False,
    log: bool = False,
    n_ticks: int = 5,
) -> Markup:
    """Draw curves over label counts, or over what labels cost.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Label counts.
    curves : sequence of Curve
        Drawn in this order.
    size : (width, height)
        In units of the drawing; it is scaled to the page.
    y_limits : (low, high)
        Of the vertical axis.
    y_text : callable
        Writes a tick of the vertical axis.
    y_label : str
        Above the vertical axis.
    description : str
        For those who do not see it.
    x_label : str, default="labels"
        Below the horizontal axis.
    named : bool, default=False
        Write names at the ends of the curves.
    log : bool, default=False
        Logarithmic vertical axis.
    n_ticks : int, default=5
        About how many on the vertical axis.

    Returns
    -------
    Markup
        An svg element.
    """
    width, height = size
    names = [short(curve.name, 34) for curve in curves]
    margin = 34 + _LETTER * max(map(len, names)) if named else 14
    if named:
        height = max(height, 70 + _LINE * len(curves))
    y_ticks = _decades(y_limits) if log else ticks(*y_limits, about=n_ticks)
    left = 14 + _LETTER * max((len(y_text(tick)) for tick in y_ticks), default=1)
    frame = Frame(left, 26 if y_label else 6, width - margin, height - 38, (float(x[0]), float(x[-1])), y_limits, log)
    parts = [element("text", y_label, x=0, y=13, class_="axis")] if y_label else []
    for tick in y_ticks:
        at = frame.y(tick)
        parts.append(element("line", x1=_n(frame.left), x2=_n(frame.right), y1=_n(at), y2=_n(at), class_="grid"))
        text = element("text", y_text(tick), x=_n(frame.left - 6), y=_n(at + 4), text_anchor="end", class_="tick")
        parts.append(text)
    most = max(2, int((frame.right - frame.left) / (14 + _LETTER * len(str(x[-1])))))
    for count in x[:: -(-len(x) // min(most, 10 if width > 400 else 5))]:
        at = frame.x(count)
        parts.append(element("line", x1=_n(at), x2=_n(at), y1=frame.bottom, y2=frame.bottom + 4, class_="rule"))
        parts.append(element("text", count, x=_n(at), y=frame.bottom + 17, text_anchor="middle", class_="tick"))
    parts.append(
        element("line", x1=_n(frame.left), x2=_n(frame.right), y1=frame.bottom, y2=frame.bottom, class_="rule")
    )
    parts.append(element("text", x_label, x=_n(frame.right), y=frame.bottom + 33, text_anchor="end", class_="axis"))
    bands = [_band(frame, x, curve) for curve in curves if np.isfinite(curve.low).all()]
    parts.append(element("g", *bands, class_="bands many" if len(curves) > 4 else "bands"))
    parts += [_line(frame, x, curve) for curve in curves]
    if named:
        parts += _names(frame, curves, names)
    return element(
        "svg", *parts, viewBox=f"0 0 {_n(width)} {_n(height)}", role="img", aria_label=description, class_="chart"
    )


def whisker(
    mean: float, low: float, high: float, limit: float, style: str, size: tuple[float, float] = (150, 20)
) -> Markup:
    """Draw a mean and its interval on an axis from minus to plus the limit; what is beyond runs to the edge."""
    width, height = size
    frame = Frame(6, 0, width - 6, height, (-limit, limit), (0, 1))
    middle = height / 2

    def at(value: float) -> float:
        return frame.x(min(max(value, -limit), limit))

    parts = [element("line", x1=_n(at(0)), x2=_n(at(0)), y1=0, y2=height, class_="rule")]
    if math.isfinite(low):
        parts.append(
            element("line", x1=_n(at(low)), x2=_n(at(high)), y1=middle, y2=middle, class_=f"whisker {style}")
        )
    if math.isfinite(mean):
        parts.append(element("circle", cx=_n(at(mean)), cy=middle, r=4, class_=f"dot {style}"))
    return element("svg", *parts, width=width, height=height, viewBox=f"0 0 {width} {height}", aria_hidden="true")


def whisker_axis(limit: float, text: Callable[[float], str], size: tuple[float, float] = (150, 20)) -> Markup:
    """Draw the numbers above a column of whiskers."""
    width, height = size
    frame = Frame(6, 0, width - 6, height, (-limit, limit), (0, 1))
    parts = []
    for tick in ticks(-limit, limit, 4):
        room = 0.5 * _LETTER * len(text(tick))
        at = min(max(frame.x(tick), room), width - room)
        parts.append(element("text", text(tick), x=_n(at), y=height - 5, text_anchor="middle", class_="tick"))
    return element("svg", *parts, width=width, height=height, viewBox=f"0 0 {width} {height}", aria_hidden="true")


def _names(frame: Frame, curves: Sequence[Curve], names: Sequence[str]) -> list[Markup]:
    ends = [frame.y(curve.y[-1]) for curve in curves]
    parts = []
    for curve, name, end, place in zip(
        curves, names, ends, spread(ends, _LINE, frame.top, frame.bottom), strict=True
    ):
        x0, x1 = _n(frame.right + 3), _n(frame.right + 26)
        leader = f"M{x0} {_n(end)}L{_n(frame.right + 16)} {_n(place)}L{x1} {_n(place)}"
        label = element("text", element("title", curve.name), name, x=_n(frame.right + 30), y=_n(place + 4))
        parts.append(element("g", element("path", d=leader, class_="leader"), label, class_=f"name {curve.style}"))
    return parts


def _line(frame: Frame, x: NDArray[Any], curve: Curve) -> Markup:
    title = element("title", curve.name)
    if len(x) == 1:
        return element(
            "circle", title, cx=_n(frame.x(x[0])), cy=_n(frame.y(curve.y[0])), r=4, class_=f"dot {curve.style}"
        )
    return element("path", title, d=f"M{_path(frame, x, curve.y)}", class_=f"line {curve.style}")


def _band(frame: Frame, x: NDArray[Any], curve: Curve) -> Markup:
    if len(x) == 1:
        at = _n(frame.x(x[0]))
        low, high = _n(frame.y(curve.low[0])), _n(frame.y(curve.high[0]))
        return element("line", x1=at, x2=at, y1=low, y2=high, class_=f"whisker {curve.style}")
    there, back = _path(frame, x, curve.high), _path(frame, x[::-1], curve.low[::-1])
    return element("path", d=f"M{there}L{back}Z", class_=f"band {curve.style}")


def _path(frame: Frame, x: NDArray[Any], y: NDArray[Any]) -> str:
    return "L".join(f"{_n(frame.x(a))} {_n(frame.y(b))}" for a, b in zip(x, y, strict=True))


def _decades(y_limits: tuple[float, float]) -> list[float]:
    low, high = (round(math.log10(limit)) for limit in y_limits)
    return [10.0**k for k in range(low, high + 1)]


def _n(value: float) -> str:
    """A place to a tenth: finer is not seen."""
    return f"{value:.1f}".removesuffix(".0")
