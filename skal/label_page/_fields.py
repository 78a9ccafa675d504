"""A row as fields: text, named values, images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from skal.image_files import IMAGE_ENDINGS
from skal.label_page._pictures import picture
from skal.label_page._problem import Problem
from skal.label_page._shown_rows import ShownRows, cached_rows, rows_of
from skal.labeling import Project, ProjectError

_LOOKED_AT = 500  # rows, for columns that hold paths of images
_LONG = 80  # letters; longer cells are shown as text
IMAGE = "image"


class Fields:
    """What is shown of a row.

    Parameters
    ----------
    rows : ShownRows
        The cells.
    data : Path
        The table or folder.
    places : mapping of str to int
        Place of a row by its id.
    uses : mapping of str to str
        What columns are used as.
    id_column : str
        Left out where nobody asks for it.
    show : sequence of str, default=()
        Columns, in this order; none: all.
    """

    def __init__(
        self,
        rows: ShownRows,
        data: Path,
        places: Mapping[str, int],
        uses: Mapping[str, str],
        id_column: str = "",
        show: Sequence[str] = (),
    ) -> None:
        self._rows = rows
        self._places = places
        self._uses = uses
        self._is_folder = data.is_dir()
        self._base = data if self._is_folder else data.parent
        self._names = self._chosen(list(show), id_column)
        self._pictures = self._with_pictures()

    @classmethod
    def of_project(cls, project: Project, show: Sequence[str] = ()) -> Fields:
        """Return the fields of a project's rows, from its cache where it has one."""
        data, settings = project.data_rows, project.settings
        rows = cached_rows(project.folder, data.stamp) or rows_of(data.rows.shown, settings.target)
        return cls(rows, data.path, data.places, settings.columns, settings.id, show)

    @property
    def names(self) -> list[str]:
        """Names of the fields."""
        return [self._named(name) for name in self._names]

    def of(self, row: str) -> list[dict[str, Any]]:
        """Return the fields of a row, as the page is told them."""
        cells = self._cells(row)
        return [self._field(row, name, cells[name]) for name in self._names]

    def beginning(self, row: str, n_letters: int = 120) -> str:
        """Return how the first text of a row begins."""
        if row not in self._places:
            return ""
        cells = self._cells(row)
        found = next((cell for name in self._names if name not in self._pictures and (cell := cells[name])), None)
        return " ".join((found or next(iter(cells.values())) or "")[: 4 * n_letters].split())[:n_letters]

    def text(self, row: str) -> str:
        """Return all that is shown of a row as one text, to be searched."""
        if row not in self._places:
            return ""
        cells = self._cells(row)
        return "\n".join(cells[name] or "" for name in self._names)

    def picture(self, row: str, field: str) -> tuple[bytes, str]:
        """Return the image of a field, and its media type."""
        names = [name for name in self._pictures if self._named(name) == field]
        if not names:
            raise Problem("no_picture", "This row has no such image.")
        cell = self._cells(row)[names[0]]
        path = self._path(cell) if cell else None
        if path is None:
            raise Problem("no_picture", "There is no image at this place.")
        return picture(path)

    def _cells(self, row: str) -> dict[str, str | None]:
        place = self._places.get(row)
        if place is None:
            raise Problem("unknown_row", "There is no such row in the data.")
        return self._rows.cells(place)

    def _field(self, row: str, name: str, cell: str | None) -> dict[str, Any]:
        if name in self._pictures:
            shown = self._path(cell) is not None if cell else False
            where = urlencode({"row": row, "field": self._named(name)})
            if shown:
                return {"name": self._named(name), "type": IMAGE, "value": None, "url": f"/api/image?{where}"}
        is_text = self._uses.get(name) == "text" or (cell is not None and (len(cell) > _LONG or "\n" in cell))
        if self._is_folder and name == "text":
            is_text = True
        return {"name": name, "type": "text" if is_text else "value", "value": cell, "url": None}

    def _named(self, name: str) -> str:
        return IMAGE if self._is_folder and name == "file" else name

    def _chosen(self, show: list[str], id_column: str) -> list[str]:
        there = self._rows.columns
        if self._is_folder:
            there = ["text"] if "text" in there else ["file"]
            known = {self._named(name): name for name in self._rows.columns}
            show = [known.get(name, name) for name in show]
        for name in show:
            if name not in self._rows.columns:
                shown = ", ".join(self._named(one) for one in there[:20])
                raise ProjectError(f"--show {name}: there is no such column; there are {shown}.")
        return show or [name for name in there if name != id_column] or there

    def _with_pictures(self) -> list[str]:
        """Columns whose cells are paths of images."""
        if self._is_folder:
            return ["file"] if "text" not in self._rows.columns else []
        some = [self._rows.cells(place) for place in range(min(self._rows.n_rows, _LOOKED_AT))]
        found = []
        for name in self._names:
            cells = [cell for row in some if (cell := row[name])]
            named = bool(cells) and all(cell.lower().endswith(IMAGE_ENDINGS) for cell in cells)
            if named and any(self._path(cell) is not None for cell in cells):
                found.append(name)
        return found

    def _path(self, cell: str) -> Path | None:
        """The file that a cell names; None if it is not there or, for cells of a table, not beside or below it."""
        if not cell.lower().endswith(IMAGE_ENDINGS):
            return None
        path = self._base / cell
        try:
            if not self._is_folder and not path.resolve().is_relative_to(self._base.resolve()):
                return None
            return path if path.is_file() else None
        except (OSError, ValueError):  # a name that no file can have
            return None
