"""Why these rows: a sheet that tells of every pick what spoke for it."""

from skal.explain._explained import Pick
from skal.explain._images import shape_of_columns
from skal.explain._query import PARTS, QueryExplanation, explain_query

__all__ = ["PARTS", "Pick", "QueryExplanation", "explain_query", "shape_of_columns"]
