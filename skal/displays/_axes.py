"""Axes to draw on."""

from __future__ import annotations

from typing import Any


def axes_or_new(ax: Any) -> Any:
    """Return the axes given, or those of a new figure, which is not shown."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    return plt.subplots(layout="constrained")[1]
