"""The sheet of an explained query: a CSV file, and a page for those who label."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import numpy as np

from skal.explain._explained import Explained
from skal.explain._images import as_images, data_url, to_bytes
from skal.pages import Cell, Line, Part, Row, Table, number, render, table
from skal.sheet_cells import safe_cell, safe_frame

_HEADS = {
    "rank": "rank",
    "pool_index": "pool row",
    "score": "score",
    "entropy": "entropy",
    "margin": "margin",
    "least_confident": "least confident",
    "density": "density",
    "distance": "distance",
    "nearest_labeled": "nearest labelled row",
    "nearest_label": "its label",
    "represents": "represents",
    "random_too": "random too",
}
_IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp")  # that a browser shows
_LONG = 40  # letters from which a cell is a text
_MEANINGS = {
    "score": "What the strategy ranks by; higher is asked first.",
    "entropy, margin, least confident": "Uncertainty of the model; higher is less certain.",
    "density": "Mean similarity to all rows of the pool, 0 to 1; higher is more typical.",
    "distance": "To the nearest labelled row, in the space in which the model sees rows.",
    "represents": "Rows of the pool that are nearer to this pick than to any other.",
    "random too": "Whether random sampling with the same seed picks it.",
}


def sheet_frame(found: Explained, label: str = "label") -> Any:
    """One line per pick as a DataFrame; see `Explained.to_frame`."""
    import pandas as pd

    reasons = pd.DataFrame([dataclasses.asdict(row) for row in found.rows])
    if found.shown is None:
        return reasons.assign(**{label: ""})
    shown = found.shown.reset_index(drop=True).drop(columns=[label], errors="ignore")
    reasons = reasons.rename(columns={name: f"skal_{name}" for name in reasons if name in shown})
    return pd.concat([shown.assign(**{label: ""}), reasons], axis=1)


def write_csv(found: Explained, path: str | Path) -> None:
    """Write one line per pick; what is not known is empty, and so is the label.

    Cells that a spreadsheet would take for formulas are written so that it shows them.
    """
    if found.shown is not None:
        safe_frame(sheet_frame(found))[0].to_csv(path, index=False, encoding="utf-8-sig")
        return
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*_HEADS, "label"])
        for row in found.rows:
            writer.writerow([*map(safe_cell, dataclasses.astuple(row)), ""])


def write_html(found: Explained, path: str | Path, image_shape: tuple[int, ...] | None) -> None:
    """Write the page."""
    count, shared = len(found.rows), sum(row.random_too for row in found.rows)
    text = render(
        "explain/sheet.html",
        title=f"Query by {found.strategy}",
        heading=f"To label: {count} {'row' if count == 1 else 'rows'}",
        said=f"{count} of {found.n_pool} rows of the pool by {found.strategy}, best first; random sampling with the "
        f"same seed ({found.seed}) picks {shared} of them.",
        table=_table(found, image_shape),
        notes=found.notes,
        meanings=_MEANINGS,
        # Rows that have ids are known by them, and not by their place.
        random_picks=None if found.shown is not None else ", ".join(str(row) for row in found.random_picks),
    )
    Path(path).write_text(text, encoding="utf-8")


def _table(found: Explained, image_shape: tuple[int, ...] | None) -> Table:
    pictures = _pictures(found, image_shape)
    shown = [name for name in _HEADS if any(getattr(row, name) is not None for row in found.rows)]
    digits = {name: _digits([getattr(row, name) for row in found.rows]) for name in shown}
    head: list[Any] = []
    for name in shown:
        if name != "pool_index" or found.shown is None:
            head.append(_HEADS[name] if name in ("nearest_label", "random_too") else number(_HEADS[name]))
        if name in pictures:
            head.append("")
        if name == "pool_index":
            head += [*_columns(found), "label"]
    rows = []
    for k, row in enumerate(found.rows):
        cells: list[Cell] = []
        for name in shown:
            if name != "pool_index" or found.shown is None:
                cells.append(_reason(getattr(row, name), digits[name]))
            if name in pictures:
                cells.append(Cell((Line(pictures[name][k]),)))
            if name == "pool_index":
                cells += [_shown_cell(column, found.shown[column].iloc[k]) for column in _columns(found)]
                cells.append(Cell(class_="write"))
        rows.append(Row(None, tuple(cells)))
    return table(head, rows)


def _columns(found: Explained) -> list[str]:
    return [] if found.shown is None else [str(name) for name in found.shown.columns]


@dataclass(frozen=True)
class _Image(Part):
    """An image, in the page or in a file beside it."""

    source: str
    alt: str
    class_: str = ""
    template: ClassVar[str] = "explain/image.html"


def _shown_cell(column: str, value: Any) -> Cell:
    """A cell as a person reads it: line breaks stay, a file that is an image is shown."""
    text = "" if value is None or value != value else str(value)
    if column == "file" and text.lower().endswith(_IMAGES):
        return Cell((Line(_Image(quote(text), text, "file"), href=quote(text)),))
    return Cell((Line(text),), class_="text" if len(text) > _LONG else "short")


def _pictures(found: Explained, shape: tuple[int, ...] | None) -> dict[str, list[_Image]]:
    """Images of picks and of their neighbours by the column they follow; none if the rows are no images."""
    picked = as_images(found.X_picked, shape)
    if picked is None:
        return {}
    near = None if found.X_nearest is None else as_images(found.X_nearest, shape)
    pictures = {}
    if "file" not in _columns(found):  # whose images are shown whole
        pictures["pool_index"] = _tags(to_bytes(picked, [] if near is None else [near]), "pool row")
    if near is not None:
        pictures["nearest_labeled"] = _tags(to_bytes(near, [picked]), "labelled row")
    return pictures


def _tags(images: Any, alt: str) -> list[_Image]:
    return [_Image(data_url(image), alt) for image in images]


def _digits(values: Sequence[Any]) -> int:
    """Digits after the point that tell the values apart: three of the largest, and at least three."""
    numbers = [abs(value) for value in values if isinstance(value, float) and value]
    return min(8, max(3, 2 - int(np.floor(np.log10(max(numbers)))))) if numbers else 3


def _reason(value: Any, digits: int) -> Cell:
    if isinstance(value, bool):
        return Cell((Line("yes" if value else "no"),), class_="same" if value else "note")
    if isinstance(value, float):
        return number(f"{value:.{digits}f}")
    kind = "number" if isinstance(value, int) else "short" if isinstance(value, str) and len(value) <= _LONG else ""
    return Cell((Line("" if value is None else value),), class_=kind)
