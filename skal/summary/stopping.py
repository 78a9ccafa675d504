"""Where criteria would have stopped, as a table of plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from skal.summary.text import Lines, aligned, paragraph
from skal.summary.words import Unit

__all__ = ["Stopped", "stopping_lines"]


class Stopped(Protocol):
    """What one criterion would have done to one strategy, as `skal.study.StoppedArms` has it."""

    criterion: str
    strategy: str
    n_labels: Any
    stopped: Any
    lost: Any


def stopping_lines(found: Sequence[Stopped], metric: str, values: Any, width: int) -> Lines:
    """Yield the lines of a table, and whether each is its head.

    Parameters
    ----------
    found : sequence of Stopped
        Criterion by criterion.
    metric : str
        The first metric, in words.
    values : dict of str to ndarray
        Its values by strategy: whether they are told in percent.
    width : int
        Letters a line.
    """
    if not found:
        return
    unit = Unit.of(values)
    in_points = " (points)" if unit.sign else ""
    yield "", False
    yield from paragraph(
        f"Where criteria would have stopped, and what of {metric}{in_points} the last round has more: criteria read "
        "half of the test rows, losses are those of the other half",
        width,
    )
    head = ["criterion", "strategy", "labels", "stopped", "lost", "worst trial"]
    rows = [
        [
            one.criterion,
            one.strategy,
            f"{one.n_labels.mean():.0f}",
            f"{int(one.stopped.sum())} of {len(one.stopped)}",
            _loss(one.lost.mean(), unit),
            _loss(one.lost.max(), unit),
        ]
        for one in found
    ]
    yield from aligned(head, rows, width, gap=2)


def _loss(value: float, unit: Unit) -> str:
    return f"{round(100 * value, 1) + 0.0:.1f}" if unit.sign else f"{value:.3g}"
