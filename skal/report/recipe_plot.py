"""The picture of a comparison of recipes: colours are recipes, lines are strategies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skal.metrics import metric_in_words
from skal.pages import shortened
from skal.report.curve_plot import COLOURS, save_figure, spelled
from skal.statistics import mean_interval
from skal.study.comparison import BASELINE
from skal.study.recipe_comparison import RecipeComparison

# A dash pattern and a mark for each strategy, so that they stay apart where colours do not: on grey paper.
_LINES = ((0, ()), (0, (6, 2, 1, 2)), (0, (1, 1.5)), (0, (9, 2)), (0, (3, 1, 1, 1, 1, 1)))
_MARKS = "os^Dvx"


def plot_recipes(found: RecipeComparison, path: str | Path, title: str = "") -> Any:
    """Draw the mean curves of all recipes and strategies, and write them to a file.

    Parameters
    ----------
    found : RecipeComparison
        What to draw.
    path : str or Path
        File to write; its ending gives the format.
    title : str, default=""
        Above the axes.

    Returns
    -------
    matplotlib.figure.Figure
        The picture; no window is opened. Bands are 95 % intervals of random sampling under each recipe; those of all
        curves are in the report of each recipe.
    """
    from matplotlib.figure import Figure

    counts = found.axis
    n_lines = max(len(found.recipes), len(found.strategies)) + 1
    figure = Figure(figsize=(8, 4.6 + 0.2 * n_lines), layout="constrained")
    axes = figure.subplots()
    looks = {name: _look(position, len(counts)) for position, name in enumerate(found.strategies)}
    for position, comparison in enumerate(found.comparisons.values()):
        colour = _colour(position)
        for strategy, values in comparison.scores.items():
            mean, low, high = mean_interval(values)
            axes.plot(counts, mean, color=colour, zorder=3, **looks[strategy])
            if strategy == BASELINE and np.isfinite(low).all():
                axes.fill_between(counts, low, high, color=colour, alpha=0.13, linewidth=0)
    axes.set_xlabel(found.supervised.unit)
    axes.set_ylabel(f"{metric_in_words(found.metric)} on test data")
    axes.set_xticks(counts[:: -(-len(counts) // 10)])
    axes.grid(color="0.5", alpha=0.2)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if title:
        axes.set_title(spelled(title), loc="left", fontsize=11)
    colours = {name: {"color": _colour(k), "linewidth": 4} for k, name in enumerate(found.recipes)}
    lines = {name: {"color": "0.2", **look} for name, look in looks.items()}
    _legend(figure, "Recipe: colour", colours, "outside lower left")
    _legend(figure, "Strategy: line; band: 95 % interval of random sampling", lines, "outside lower right")
    save_figure(figure, path)
    return figure


def _legend(figure: Any, title: str, looks: dict[str, dict[str, Any]], place: str) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=spelled(shortened(name, 44)), **look) for name, look in looks.items()]
    figure.legend(
        handles=handles,
        title=title,
        frameon=False,
        fontsize=8,
        title_fontsize=8,
        alignment="left",
        handlelength=4,
        loc=place,
    )


def _colour(position: int) -> str:
    return COLOURS[position] if position < len(COLOURS) else COLOURS[1 + (position - 1) % (len(COLOURS) - 1)]


def _look(position: int, n_points: int) -> dict[str, Any]:
    """Line and mark of a strategy; random sampling is dashed and has no mark."""
    if position == 0:
        return {"linestyle": "--", "marker": "o" if n_points == 1 else ""}
    k = position - 1
    return {
        "linestyle": _LINES[k % len(_LINES)],
        "marker": _MARKS[k % len(_MARKS)],
        "markersize": 4,
        "markevery": max(1, n_points // 8),
    }


def curve_styles(n_recipes: int, strategies: Sequence[str]) -> list[dict[str, str]]:
    """Classes of the page's style by recipe and strategy: the colour of the recipe, the dashes of the strategy."""
    return [
        {
            name: f"s{k if k < 8 else 1 + (k - 1) % 7} {'d-base' if name == BASELINE else f'd{(j - 1) % 5}'}"
            for j, name in enumerate(strategies)
        }
        for k in range(n_recipes)
    ]
