"""Charts as inline SVG: places and paths. Colours come from the page, by class, so they follow light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skal.pages.rendering import Part, place

_LETTER = 6.5  # width of a letter of a label
_LINE = 15.0  # height of a line of labels
_LONGEST = 34  # letters of a name at the end of a curve


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


@dataclass(frozen=True)
class Tick:
    """A number on an axis and its place."""

    at: float
    text: Any


@dataclass(frozen=True)
class Drawn:
    """A curve in places of the drawing: a path with a band, or a point with a whisker for a single label count."""

    name: str
    style: str
    path: str = ""
    band: str = ""
    point: tuple[float, float] | None = None
    whisker: tuple[float, float] | None = None  # heights of its ends


@dataclass(frozen=True)
class EndName:
    """The name at the end of a curve, and the line that leads to it."""

    name: str
    shown: str
    style: str
    leader: str
    x: float
    y: float


@dataclass(frozen=True)
class LineChart(Part):
    """Curves in a frame, in places of the drawing: see `line_chart`."""

    size: tuple[float, float]
    frame: Frame
    description: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[Drawn, ...]
    names: tuple[EndName, ...]
    template: ClassVar[str] = "pages/chart.svg"


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
) -> LineChart:
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
    LineChart
        A part of a page: an svg element.
    """
    width, height = size
    names = [shortened(" ".join(curve.name.split()), _LONGEST) for curve in curves]
    margin = 34 + _LETTER * max(map(len, names)) if named else 14
    if named:
        height = max(height, 70 + _LINE * len(curves))
    y_ticks = _decades(y_limits) if log else ticks(*y_limits, about=n_ticks)
    left = 14 + _LETTER * max((len(y_text(tick)) for tick in y_ticks), default=1)
    frame = Frame(left, 26 if y_label else 6, width - margin, height - 38, (float(x[0]), float(x[-1])), y_limits, log)
    most = max(2, int((frame.right - frame.left) / (14 + _LETTER * len(str(x[-1])))))
    return LineChart(
        size=(width, height),
        frame=frame,
        description=description,
        x_label=x_label,
        y_label=y_label,
        x_ticks=tuple(Tick(frame.x(c), c) for c in x[:: -(-len(x) // min(most, 10 if width > 400 else 5))]),
        y_ticks=tuple(Tick(frame.y(tick), y_text(tick)) for tick in y_ticks),
        curves=tuple(_drawn(frame, x, curve) for curve in curves),
        names=_names(frame, curves, names) if named else (),
    )


@dataclass(frozen=True)
class Whisker(Part):
    """A mean and its interval on an axis from minus to plus the limit; what is beyond runs to the edge.

    Attributes
    ----------
    mean, low, high : float
        NaN: not drawn.
    limit : float
        Half width of the axis.
    style : str
        Class of the page's style: "up", "down" or "level".
    size : (width, height), default=(150, 20)
        In pixels.
    """

    mean: float
    low: float
    high: float
    limit: float
    style: str
    size: tuple[float, float] = (150, 20)
    template: ClassVar[str] = "pages/whisker.svg"

    def at(self, value: float) -> float:
        """Place of a value on the axis."""
        return _axis(self.limit, self.size).x(min(max(value, -self.limit), self.limit))

    @property
    def has_mean(self) -> bool:
        """Whether there is a mean to draw."""
        return math.isfinite(self.mean)

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval to draw; an end of it may be infinite."""
        return not (math.isnan(self.low) or math.isnan(self.high))


@dataclass(frozen=True)
class WhiskerAxis(Part):
    """The numbers above a column of whiskers; `text` writes one."""

    limit: float
    text: Callable[[float], str]
    size: tuple[float, float] = (150, 20)
    template: ClassVar[str] = "pages/whisker_axis.svg"

    @property
    def ticks(self) -> list[Tick]:
        """Numbers with their places, all inside the drawing."""
        frame, found = _axis(self.limit, self.size), []
        for value in ticks(-self.limit, self.limit, 4):
            room = 0.5 * _LETTER * len(self.text(value))
            found.append(Tick(min(max(frame.x(value), room), self.size[0] - room), self.text(value)))
        return found


def shortened(name: str, most: int = 60) -> str:
    """Leave out the middle of a name that is too long: names of one strategy often differ in their last parameter."""
    if len(name) <= most:
        return name
    end = (most - 1) // 2
    return f"{name[: most - 1 - end]}…{name[len(name) - end :]}"


def _axis(limit: float, size: tuple[float, float]) -> Frame:
    width, height = size
    return Frame(6, 0, width - 6, height, (-limit, limit), (0, 1))


def _names(frame: Frame, curves: Sequence[Curve], names: Sequence[str]) -> tuple[EndName, ...]:
    ends = [frame.y(curve.y[-1]) for curve in curves]
    heights = spread(ends, _LINE, frame.top, frame.bottom)
    x0, turn, x1 = (place(frame.right + step) for step in (3, 16, 26))
    return tuple(
        EndName(
            curve.name,
            name,
            curve.style,
            leader=f"M{x0} {place(end)}L{turn} {place(height)}L{x1} {place(height)}",
            x=frame.right + 30,
            y=height + 4,
        )
        for curve, name, end, height in zip(curves, names, ends, heights, strict=True)
    )


def _drawn(frame: Frame, x: NDArray[Any], curve: Curve) -> Drawn:
    banded = bool(np.isfinite(curve.low).all())
    if len(x) == 1:
        ends = (frame.y(curve.low[0]), frame.y(curve.high[0])) if banded else None
        return Drawn(curve.name, curve.style, point=(frame.x(x[0]), frame.y(curve.y[0])), whisker=ends)
    band = f"M{_path(frame, x, curve.high)}L{_path(frame, x[::-1], curve.low[::-1])}Z" if banded else ""
    return Drawn(curve.name, curve.style, path=f"M{_path(frame, x, curve.y)}", band=band)


def _path(frame: Frame, x: NDArray[Any], y: NDArray[Any]) -> str:
    return "L".join(f"{place(frame.x(a))} {place(frame.y(b))}" for a, b in zip(x, y, strict=True))


def _decades(y_limits: tuple[float, float]) -> list[float]:
    low, high = (round(math.log10(limit)) for limit in y_limits)
    return [10.0**k for k in range(low, high + 1)]
