"""Pages that need nothing but themselves: templates that escape what they are given, tables and charts.

Templates are Jinja2's and stand beside the code that fills them, in a folder ``templates`` of its room. Whatever is
put in is escaped; a `Part` writes itself. Jinja2 is loaded when the first page is written.
"""

from skal.pages.charts import Curve, LineChart, Whisker, WhiskerAxis, limits, line_chart, shortened, spread, ticks
from skal.pages.rendering import Breakable, Part, render
from skal.pages.tables import Cell, Line, Row, Table, in_lines, number, shaded, table

__all__ = [
    "Breakable",
    "Cell",
    "Curve",
    "Line",
    "LineChart",
    "Part",
    "Row",
    "Table",
    "Whisker",
    "WhiskerAxis",
    "in_lines",
    "limits",
    "line_chart",
    "number",
    "render",
    "shaded",
    "shortened",
    "spread",
    "table",
    "ticks",
]
