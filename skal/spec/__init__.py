"""Texts such as ``name:option=value,option=value``, and things as plain data."""

from skal.spec._described import described, plain, representation
from skal.spec._options import parse_options

__all__ = ["described", "parse_options", "plain", "representation"]
