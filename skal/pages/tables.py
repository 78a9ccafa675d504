"""Tables of a page: cells of one or more lines, shaded cells, and charts among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from skal.pages.rendering import Breakable, Part


@dataclass(frozen=True)
class Line:
    """A line of a cell.

    Attributes
    ----------
    text : str or Part
        What it says.
    class_ : str, default=""
        Class of the page's style.
    href : str, default=""
        Where it leads.
    """

    text: Any
    class_: str = ""
    href: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    lines : tuple of Line
        One below the other.
    class_, title : str, default=""
        Class of the page's style; text that is shown when the pointer rests on it.
    weight : float, default=None
        How strongly it is coloured, 0 to 1; None: not at all.
    """

    lines: tuple[Line, ...] = ()
    class_: str = ""
    title: str = ""
    weight: float | None = None


@dataclass(frozen=True)
class Row:
    """A row of a table: its first cell names it; None: it has no name."""

    name: Cell | None
    cells: tuple[Cell, ...]
    class_: str = ""


@dataclass(frozen=True)
class Table(Part):
    """A table with a head, or without one.

    Attributes
    ----------
    head : tuple of Cell
        None for a table without a head.
    rows : tuple of Row
        Below it.
    class_ : str, default=""
        Class of the page's style.
    """

    head: tuple[Cell, ...]
    rows: tuple[Row, ...]
    class_: str = ""
    template: ClassVar[str] = "pages/table.html"


def table(head: Iterable[Any], rows: Iterable[Sequence[Any] | Row], class_: str = "") -> Table:
    """Return a table; what is no `Cell` becomes one.

    Parameters
    ----------
    head : iterable of Cell, str or Part
        Empty: no head.
    rows : iterable of Row, or of sequence of Cell, str or Part
        The first of each names the row; as text it may be broken.
    class_ : str, default=""
        Class of the page's style.

    Returns
    -------
    Table
        A part of a page.
    """
    return Table(tuple(map(_cell, head)), tuple(map(_row, rows)), class_)


def number(text: Any, below: Line | None = None) -> Cell:
    """Return a cell with a number, on the right, and perhaps a line below it."""
    return Cell((Line(text), *([below] if below else [])), class_="number")


def shaded(text: Any, side: str = "", weight: float | None = None, title: str = "", told: bool = False) -> Cell:
    """Return a cell of a matrix, coloured by side ("up", "down", "level") and weight; bold if it is told apart."""
    return Cell((Line(text),), " ".join(filter(None, ["cell", side, "told" * told])), title, weight)


def in_lines(*lines: Any) -> Cell:
    """Return a cell of several lines."""
    return Cell(tuple(line if isinstance(line, Line) else Line(line) for line in lines))


def _cell(content: Any) -> Cell:
    return content if isinstance(content, Cell) else Cell((Line(content),))


def _row(content: Sequence[Any] | Row) -> Row:
    if isinstance(content, Row):
        return content
    name, *cells = content
    return Row(_cell(Breakable(name) if type(name) is str else name), tuple(map(_cell, cells)))
