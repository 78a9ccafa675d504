"""``python -m skal.cli``."""

from skal.cli import main

main()
