"""The application that all commands belong to, its console, and how a command fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

LABEL, COMPARE = "Label your own data", "Compare strategies"


# Commands whose options are made of declarations that take seconds to import: made when they are called or explained.
MADE_LATER: dict[str, Callable[[], Any]] = {}


class _Groups(TyperGroup):
    """Help that lists the commands under what they are for, and commands that are made when they are needed."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command with all its options."""
        make = MADE_LATER.get(cmd_name)
        return super().get_command(ctx, cmd_name) if make is None else make()

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list."""
        for group in (LABEL, COMPARE):
            found = {
                name: command
                for name, command in self.commands.items()
                if _group_of(command) == group and not command.hidden
            }
            with formatter.section(group):
                formatter.write_dl([(name, command.get_short_help_str(200)) for name, command in found.items()])


def _group_of(command: Any) -> str | None:
    return getattr(command, "rich_help_panel", None)


app = typer.Typer(cls=_Groups, add_completion=False, no_args_is_help=True, rich_markup_mode=None)
console = Console(emoji=False)


@app.callback()
def _skal() -> None:
    """Tell which samples to label next, and measure whether it paid off."""


def read_folder(text: str | Path) -> Path:
    """Read the path of a folder; an empty text would be the folder where the command is run."""
    if not str(text).strip():
        raise typer.BadParameter(f"out must be the path of a folder, got {str(text)!r}. For this folder write a dot.")
    return Path(text)


def failed(error: Exception) -> typer.Exit:
    """Print an error unbroken, so that its paths can be copied, and return what ends the command."""
    Console(stderr=True, emoji=False).print(
        f"skal: {error}", style="bold red", markup=False, highlight=False, soft_wrap=True
    )
    return typer.Exit(2)


def show_warning(message: Warning | str, *place: Any, **more: Any) -> None:
    """Print a warning as people read it."""
    Console(stderr=True, emoji=False).print(f"Warning: {message}", markup=False, highlight=False, soft_wrap=True)
