"""Critical-difference picture: mean ranks over studies, with a bar over what cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skal.pages import shortened
from skal.report.curve_plot import save_figure, spelled
from skal.statistics import Ranks, nemenyi_difference, rank_strategies
from skal.statistics.ranks import Apart
from skal.study.comparison import Comparison

_ROW = 0.27  # inches


def rank_studies(comparisons: Mapping[str, Comparison], method: Apart = "wilcoxon") -> Ranks:
    """Rank the strategies that several studies share, by their mean areas under the curve.

    Parameters
    ----------
    comparisons : dict of str to Comparison
        Each counts as one data set: give one study a data set, since two of the same are not independent.
    method : {"wilcoxon", "nemenyi"}, default="wilcoxon"
        See `skal.statistics.rank_strategies`.

    Returns
    -------
    Ranks
        Of the strategies that are in all of them.

    Raises
    ------
    ValueError
        With fewer than two studies or two strategies that all of them have, or with different metrics.
    """
    if len(comparisons) < 2:
        raise ValueError(f"rank_studies: at least two studies are needed, got {len(comparisons)}.")
    if len(metrics := {found.metric for found in comparisons.values()}) > 1:
        raise ValueError(f"rank_studies: studies must have one first metric, got {', '.join(sorted(metrics))}.")
    first, *others = comparisons.values()
    names = [name for name in first.scores if all(name in other.scores for other in others)]
    if len(names) < 2:
        raise ValueError(f"rank_studies: at least two strategies must be in all studies, got {len(names)}.")
    areas = [found.areas() for found in comparisons.values()]
    return rank_strategies({name: [float(area[name].mean()) for area in areas] for name in names}, method=method)


def ranks_of(comparisons: Mapping[str, Comparison]) -> Ranks | None:
    """Return the ranks over studies, or None where there is nothing to rank."""
    try:
        return rank_studies(comparisons)
    except ValueError:
        return None


def plot_ranks(
    comparisons: Mapping[str, Comparison] | Ranks, path: str | Path, *, method: Apart = "wilcoxon", title: str = ""
) -> Any:
    """Draw mean ranks over studies, and join strategies that cannot be told apart.

    Parameters
    ----------
    comparisons : dict of str to Comparison, or Ranks
        Studies by name, one a data set.
    path : str or Path
        File to write; its ending gives the format.
    method : {"wilcoxon", "nemenyi"}, default="wilcoxon"
        How pairs are told apart; see `skal.statistics.rank_strategies`.
    title : str, default=""
        Above the picture.

    Returns
    -------
    matplotlib.figure.Figure
        The picture; no window is opened. The best stand on the left. A bar joins a run of neighbours of which no pair
        is told apart; two that are not neighbours may be alike without a bar, and `Ranks.p_apart` has every pair.

    References
    ----------
    .. [1] Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006, figure 1.
    """
    from matplotlib.figure import Figure

    ranks = comparisons if isinstance(comparisons, Ranks) else rank_studies(comparisons, method)
    k, n_left = len(ranks.names), -(-len(ranks.names) // 2)
    bars_end = 0.9 + 0.6 * len(ranks.groups)  # in rows below the axis
    depth = bars_end + n_left + 0.6
    said = conclusion(ranks)
    figure = Figure(figsize=(8, _ROW * (depth + 4.4)), layout="constrained")
    axes = figure.subplots()
    width = k - 1
    axes.set_xlim(1 - 0.62 * width, k + 0.62 * width)
    axes.set_ylim(depth, -2.4)
    axes.axis("off")
    axes.plot([1, k], [0, 0], color="black", linewidth=1)
    for rank in range(1, k + 1):
        axes.plot([rank, rank], [0, -0.35], color="black", linewidth=1)
        axes.text(rank, -0.55, str(rank), ha="center", va="bottom", fontsize=9)
    for position, (name, mean) in enumerate(zip(ranks.names, ranks.mean_ranks.tolist(), strict=True)):
        left = position < n_left
        row = bars_end + (position if left else k - 1 - position) + 0.5
        edge, align, beyond = (1 - 0.08 * width, "right", -1) if left else (k + 0.08 * width, "left", 1)
        axes.plot([mean, mean, edge], [0, row, row], color="0.35", linewidth=0.9)
        parts = (spelled(shortened(name, 32)), f"{mean:.2f}")
        label = "  ".join(parts if left else parts[::-1])
        axes.text(edge + beyond * 0.015 * width, row, label, ha=align, va="center", fontsize=9)
    for number, group in enumerate(ranks.groups):
        ends = ranks.mean_ranks[group[0]] - 0.02 * width, ranks.mean_ranks[group[-1]] + 0.02 * width
        axes.plot(ends, [0.7 + 0.6 * number] * 2, color="black", linewidth=4, solid_capstyle="butt")
    if ranks.method == "nemenyi":
        gap = nemenyi_difference(k, ranks.n_sets)
        axes.plot([1, 1 + gap], [-1.9, -1.9], color="black", linewidth=1.5, marker="|")
        axes.text(1 + gap + 0.02 * width, -1.9, f"critical difference {gap:.2f}", va="center", fontsize=8)
    if title:
        axes.set_title(spelled(title), loc="left", fontsize=11)
    figure.supxlabel(said, fontsize=8, x=0.01, ha="left", wrap=True)
    save_figure(figure, path)
    return figure


def conclusion(ranks: Ranks) -> str:
    """Say what the ranks are of, and what they can show."""
    how = {"wilcoxon": "Wilcoxon's signed ranks, Holm over all pairs", "nemenyi": "Nemenyi's test"}[ranks.method]
    text = (
        f"Mean ranks over {ranks.n_sets} studies, 1 is best. Friedman with Iman and Davenport's F: p = "
        f"{ranks.p_value:.3g}.\nBars join neighbours that cannot be told apart at 5 % ({how})."
    )
    if not ranks.reachable:
        text += f"\n{ranks.n_sets} studies are too few to tell any pair apart, however clear."
    return text
