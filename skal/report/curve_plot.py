"""Learning curves as a picture: one way to draw them, for files, displays and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.metrics import metric_in_words
from skal.pages import shortened
from skal.statistics import mean_interval
from skal.study.comparison import BASELINE, Comparison

# Colours that stay apart for colour-blind eyes (Okabe & Ito); the baseline is grey and dashed.
COLOURS = ("#74787f", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_DASHES = ("-", "-.", ":")

Interval = Literal["fill_between", "errorbar"]


def series_styles(names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Give every curve a colour and a dash pattern, by number.

    Parameters
    ----------
    names : iterable of str
        Of the curves.

    Returns
    -------
    dict of str to (int, int)
        Colour 0 is the baseline's alone; the others take 1 to 7 with dash pattern 0, then again with 1, and so on.
    """
    others = [name for name in dict.fromkeys(names) if name != BASELINE]
    n_colours = len(COLOURS) - 1
    return {BASELINE: (0, 0), **{name: (1 + k % n_colours, k // n_colours) for k, name in enumerate(others)}}


def draw_curves(
    axes: Any,
    n_labels: ArrayLike,
    scores: Mapping[str, NDArray[Any]],
    *,
    unit: str = "labels",
    labels: Mapping[str, str] | None = None,
    interval: Interval | None = "fill_between",
    level: float = 0.95,
    line_kw: Mapping[str, Any] | None = None,
    fill_between_kw: Mapping[str, Any] | None = None,
    errorbar_kw: Mapping[str, Any] | None = None,
) -> list[Any]:
    """Draw mean curves with their intervals over trials.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where.
    n_labels : array-like of shape (rounds,)
        Label counts, or what labels cost.
    scores : dict of str to ndarray of shape (trials, rounds)
        Values by name.
    unit : str, default="labels"
        Of the horizontal axis.
    labels : dict of str to str, default=None
        What the legend says; None: the names.
    interval : {"fill_between", "errorbar"} or None, default="fill_between"
        How the interval of the mean is shown; with a single trial there is none.
    level : float, default=0.95
        Coverage of the interval.
    line_kw, fill_between_kw, errorbar_kw : dict, default=None
        Passed to matplotlib.

    Returns
    -------
    list of matplotlib.lines.Line2D
        One a curve.
    """
    styles = series_styles(scores)
    counts = np.asarray(n_labels)
    lines = []
    for name, values in scores.items():
        mean, low, high = mean_interval(values, level)
        colour, dash = styles[name]
        look = {
            "color": COLOURS[colour],
            "linestyle": "--" if name == BASELINE else _DASHES[dash % len(_DASHES)],
            "label": spelled((labels or {}).get(name, name)),
            "zorder": 3,
            "marker": "o" if len(counts) == 1 else "",
            **(line_kw or {}),
        }
        (line,) = axes.plot(counts, mean, **look)
        lines.append(line)
        if interval is None or not np.isfinite(low).all():
            continue
        if interval == "fill_between":
            band = {
                "color": line.get_color(),
                "alpha": 0.12 if len(scores) <= 5 else 0.07,
                "linewidth": 0,
                **(fill_between_kw or {}),
            }
            axes.fill_between(counts, low, high, **band)
        else:
            bars = {"color": line.get_color(), "fmt": "none", "capsize": 2, "elinewidth": 1, **(errorbar_kw or {})}
            axes.errorbar(counts, mean, yerr=[mean - low, high - mean], **bars)
    axes.set_xlabel(unit)
    axes.set_xticks(counts[:: -(-len(counts) // 10)])
    axes.grid(color="0.5", alpha=0.2)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return lines


def spelled(text: str) -> str:
    """A text of the legend as it is: no formula, and not hidden, as matplotlib does with a leading underscore."""
    text = text.replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def labels_with_verdicts(comparison: Comparison) -> dict[str, str]:
    """Say of every strategy, after its name, what was found; random sampling first, the others best first."""
    return {
        line.name: shortened(line.name) + ("" if line.difference is None else f": {line.difference.verdict}")
        for line in comparison.summaries()
    }


def plot_curves(comparison: Comparison, path: str | Path, title: str = "") -> Any:
    """Draw mean learning curves with their 95 % intervals, and write them to a file.

    Parameters
    ----------
    comparison : Comparison
        What to draw.
    path : str or Path
        File to write; its ending gives the format.
    title : str, default=""
        Above the axes.

    Returns
    -------
    matplotlib.figure.Figure
        The picture; no window is opened.
    """
    from matplotlib.figure import Figure

    labels = labels_with_verdicts(comparison)
    widest = max(map(len, labels.values()))
    below = len(labels) > 6 or widest > 60  # inside, such a legend would cover the curves
    n_columns = 2 if widest <= 60 else 1
    figure = Figure(figsize=(8, 5 + 0.22 * below * len(labels) / n_columns), layout="constrained")
    axes = figure.subplots()
    scores = {name: comparison.scores[name] for name in labels}
    draw_curves(axes, comparison.axis, scores, unit=comparison.unit, labels=labels)
    axes.set_ylabel(f"{metric_in_words(comparison.metric)} on test data")
    if title:
        axes.set_title(spelled(title), loc="left", fontsize=11)
    where: dict[str, Any] = {"loc": "lower right"}
    if below:
        where = {"loc": "upper left", "bbox_to_anchor": (0, -0.12), "ncols": n_columns, "borderaxespad": 0}
    where |= {"fontsize": 8, "frameon": False, "title_fontsize": 8, "alignment": "left"}
    axes.legend(title="Mean over trials, 95 % intervals", **where)
    save_figure(figure, path)
    return figure


def save_figure(figure: Any, path: str | Path) -> None:
    """Write a figure; the same numbers give the same file."""
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "skal"}):
        figure.savefig(path, dpi=120, metadata={"Date": None} if Path(path).suffix == ".svg" else None)
