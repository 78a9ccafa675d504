"""Experiments of papers, written down as settings: published setups."""

from skal.study.published.setup import PublishedSetup, Scale
from skal.study.published.setups import SETUPS, find_setup

__all__ = ["SETUPS", "PublishedSetup", "Scale", "find_setup"]
