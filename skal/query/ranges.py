"""Ranges of numeric options, for the ``ranges=`` of `skal.query.query_strategy` and `skal.query.score_strategy`."""

from skal.query._ranges import FINITE, Range, above, at_least, between, one_of, whole

__all__ = ["FINITE", "Range", "above", "at_least", "between", "one_of", "whole"]
