"""What a comparison found, as tables of a terminal."""

from __future__ import annotations

from typing import Any

from rich.padding import Padding
from rich.table import Table

from skal.cli._app import console


def print_found(found: Any) -> None:
    from skal.study import RecipeComparison

    if isinstance(found, RecipeComparison):
        _print_gains(found)
    else:
        _print_tables(found)


def _print_gains(found: Any) -> None:
    """One table: every gain and its two parts, each with its interval below it."""
    from skal.report import floor_sentence
    from skal.study.metrics import metric_in_words

    gains = Table.grid(padding=(0, 2, 0, 0))
    gains.add_column(overflow="fold")
    gains.add_row("recipe, strategy", "area", "total", "recipe's part", "strategy's part", style="bold")
    for gain in found.gains():
        if gain.strategy == found.strategies[0]:
            gains.add_row(gain.recipe, style="bold")
        parts = [_part(part) for part in (gain.total, gain.of_recipe, gain.of_strategy)]
        if gain.total is None:
            parts[0] = "the baseline"
        gains.add_row(Padding(gain.strategy, (0, 0, 0, 2)), f"{100 * gain.area:.2f}", *parts)
    for said in found.conditions:
        console.print(f"\n{said}", highlight=False, markup=False)
    console.print(
        f"\nArea under the curve of {metric_in_words(found.metric)} (its mean height, %), paired by trial. Total: "
        "from random sampling, supervised. Recipe's part: random sampling under the recipe less that. Strategy's "
        "part: the strategy less random sampling, both under the recipe.\n",
        highlight=False,
    )
    console.print(gains, highlight=False)
    console.print(
        "\n+ better, - worse, = not distinguishable, ? too few trials (t test, Holm over each column); [95 %] each "
        f"by itself. {floor_sentence(found.n_trials)}".rstrip(),
        highlight=False,
        markup=False,
    )


def _part(difference: Any) -> str:
    if difference is None:
        return ""
    marks = {"better than random": "+", "worse than random": "-", "not distinguishable from random": "="}
    interval = f"{100 * difference.low:+.2f}, {100 * difference.high:+.2f}"
    return f"{100 * difference.mean:+.2f} {marks.get(difference.verdict, '?')}\n\\[{interval}]"


def _print_tables(found: Any) -> None:
    """Two narrow tables: they fit into 80 columns."""
    from skal.report import floor_sentence
    from skal.study.metrics import metric_in_words

    lines = found.summaries()
    # Names with parameters often begin alike: they are written whole, over several lines.
    overflow: Any = "fold" if any(":" in line.name for line in lines) else "ellipsis"
    curves = Table.grid(padding=(0, 1))
    curves.add_column(overflow=overflow)
    curves.add_row(found.unit, *(str(count) for count in found.axis), style="bold")
    for line in lines:
        curves.add_row(line.name, *(f"{100 * value:.1f}" for value in line.mean))
    verdicts = Table.grid(padding=(0, 2, 0, 0))
    verdicts.add_column(overflow=overflow)
    verdicts.add_row("strategy", "area", "difference [95 %]", "p, Holm", "against random", style="bold")
    for line in lines:
        verdicts.add_row(line.name, f"{100 * line.area:.2f}", *_against_random(line.difference))
    for said in found.conditions:
        console.print(f"\n{said}", highlight=False, markup=False)
    metric = metric_in_words(found.metric).removeprefix("mean ")
    console.print(f"\nMean {metric} (%) by number of {found.unit}\n", highlight=False)
    console.print(curves, highlight=False)
    console.print("\nArea under the curve (its mean height, %), difference from random by trial\n", highlight=False)
    console.print(verdicts, highlight=False)
    console.print(
        "\nVerdicts hold for all strategies together (t test, Holm); each interval stands alone. "
        f"{floor_sentence(len(found.scores['random_sampling']))}".rstrip(),
        highlight=False,
    )


def _against_random(difference: Any) -> tuple[str, str, str]:
    if difference is None:
        return "", "", "the baseline"
    interval = f"{100 * difference.mean:+.2f} [{100 * difference.low:+.2f}, {100 * difference.high:+.2f}]"
    verdict = difference.verdict.replace(" than random", "").replace(" from random", "")
    return interval, f"{difference.p_adjusted:.3f}", verdict
