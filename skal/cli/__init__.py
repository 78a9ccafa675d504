"""The command line: a thin layer over the Python interface."""

import warnings

from skal.cli import compare, label, page, quality  # noqa: F401  (they register their commands, in this order)
from skal.cli._app import app, show_warning

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; a warning is one line, without the place in the code."""
    warnings.showwarning = show_warning
    app()
