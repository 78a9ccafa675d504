"""The old place of `skal.statistics`."""

from skal.statistics import *  # noqa: F403
