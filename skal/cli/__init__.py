"""The command line: a thin layer over the Python interface."""

from skal.cli import label, compare  # noqa: F401, I001  (they register their commands, in this order)
from skal.cli._app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    app()
