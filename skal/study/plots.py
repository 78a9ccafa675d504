"""Learning curves as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from skal.study.comparison import BASELINE, Comparison

# Colours that stay apart for colour-blind eyes (Okabe & Ito); the baseline is grey and dashed.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_DASHES = ("-", "-.", ":")


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

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    lines = comparison.summaries()
    for number, line in enumerate(lines):
        is_baseline = line.name == BASELINE
        colour = "0.35" if is_baseline else _COLOURS[(number - 1) % len(_COLOURS)]
        dashes = "--" if is_baseline else _DASHES[(number - 1) // len(_COLOURS) % len(_DASHES)]
        verdict = "" if line.difference is None else f": {line.difference.verdict}"
        axes.plot(comparison.n_labels, line.mean, dashes, color=colour, label=line.name + verdict, zorder=3)
        if np.isfinite(line.low).all():
            axes.fill_between(comparison.n_labels, line.low, line.high, color=colour, alpha=0.12, linewidth=0)
    axes.set_xlabel("labels")
    axes.set_ylabel(f"{comparison.protocol['scoring']} on test data")
    axes.set_xticks(comparison.n_labels[:: max(1, len(comparison.n_labels) // 10)])
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    if title:
        axes.set_title(title, loc="left", fontsize=11)
    axes.legend(
        loc="lower right", fontsize=8, frameon=False, title="Mean over trials, 95 % intervals", title_fontsize=8
    )
    figure.savefig(path, dpi=120)
    return figure
