"""The application that all commands belong to, its console, and how a command fails."""

from __future__ import annotations

import typer
from rich.console import Console

LABEL, COMPARE = "Label", "Compare"

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="rich")
console = Console()


@app.callback()
def _skal() -> None:
    """Tell which samples to label next, and measure whether it paid off."""


def failed(error: Exception) -> typer.Exit:
    """Print an error in one line, and return what ends the command."""
    Console(stderr=True).print(f"skal: {error}", style="bold red", markup=False, highlight=False)
    return typer.Exit(2)
