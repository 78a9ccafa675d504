"""The command line: a thin layer over the Python interface."""

from skal.cli import compare  # noqa: F401  (registers its commands)
from skal.cli._app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    app()
