"""Why these rows: a sheet that tells of every pick what spoke for it."""

from skal.explain._query import PARTS, Pick, QueryExplanation, explain_query

__all__ = ["PARTS", "Pick", "QueryExplanation", "explain_query"]
