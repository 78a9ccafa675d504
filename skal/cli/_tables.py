"""What a comparison found, as tables of a terminal."""

from __future__ import annotations

from typing import Any

from skal.cli._app import console


def print_found(found: Any) -> None:
    """Print the text of a comparison, as wide as the terminal, with the heads of its tables in bold."""
    from skal.study import RecipeComparison
    from skal.summary import stopping_lines
    from skal.summary.text import comparison_lines, recipes_lines

    by_recipe = isinstance(found, RecipeComparison)
    lines = recipes_lines if by_recipe else comparison_lines
    one = found.supervised if by_recipe else found
    console.print()
    stopped = stopping_lines(one.stopping, one.metric_in_words, one.scores, console.width)
    for line, is_head in (*lines(found, console.width), *stopped):
        console.print(line, style="bold" if is_head else None, highlight=False, markup=False, soft_wrap=True)
