"""The sheet of an explained query: a CSV file, and a page for those who label."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from skal.explain._explained import Explained
from skal.explain._images import as_images, data_url, to_bytes
from skal.markup import Markup, element, page
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
_STYLE = """
body { max-width: 1180px; } td, th { vertical-align: middle; } tbody tr { break-inside: avoid; }
thead th { white-space: normal; } img { display: block; image-rendering: pixelated; min-width: 56px; height: 56px;
  width: auto; border: 1px solid var(--rule); } .write { min-width: 110px; border: 1px solid var(--soft); }
.write + td { padding-left: 8px; } @media print { img { min-width: 46px; height: 46px; } }
.same { font-weight: 600; } dl { columns: 2; font-size: 13.5px; max-width: 900px; } dt { font-weight: 600; }
img.file { image-rendering: auto; height: auto; max-height: 240px; max-width: 320px; }
.text { white-space: pre-wrap; min-width: 320px; } .short { white-space: nowrap; }
dd { margin: 0 0 6px; color: var(--soft); break-inside: avoid; } td { overflow-wrap: anywhere; }
@page { size: landscape; }
"""
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
    """One line per pick as a DataFrame; see `QueryExplanation.to_frame`."""
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
    pictures = _pictures(found, image_shape)
    shown = [name for name in _HEADS if any(getattr(row, name) is not None for row in found.rows)]
    digits = {name: _digits([getattr(row, name) for row in found.rows]) for name in shown}
    head: list[Markup] = []
    for name in shown:
        text = name in ("nearest_label", "random_too")
        if name != "pool_index" or found.shown is None:
            head.append(element("th", _HEADS[name], class_=None if text else "number"))
        if name in pictures:
            head.append(element("th", ""))
        if name == "pool_index":
            head += [element("th", column) for column in _columns(found)]
            head.append(element("th", "label"))
    lines = []
    for k, row in enumerate(found.rows):
        cells: list[Markup] = []
        for name in shown:
            if name != "pool_index" or found.shown is None:
                cells.append(_cell(getattr(row, name), digits[name]))
            if name in pictures:
                cells.append(element("td", pictures[name][k]))
            if name == "pool_index":
                cells += [_shown_cell(column, found.shown[column].iloc[k]) for column in _columns(found)]
                cells.append(element("td", class_="write"))
        lines.append(element("tr", *cells))
    table = element("table", element("thead", element("tr", *head)), element("tbody", *lines))
    shared = sum(row.random_too for row in found.rows)
    count = len(found.rows)
    said = (
        f"{count} of {found.n_pool} rows of the pool by {found.strategy}, best first; random sampling with the same "
    )
    said += f"seed ({found.seed}) picks {shared} of them."
    meanings = [part for term, text in _MEANINGS.items() for part in (element("dt", term), element("dd", text))]
    body = [
        element("h1", f"To label: {count} {'row' if count == 1 else 'rows'}"),
        element("p", said),
        element("div", table, class_="scroll"),
        *(element("p", note, class_="note") for note in found.notes),
        element("h3", "What the columns mean"),
        element("dl", *meanings),
    ]
    if found.shown is None:  # rows that have ids are known by them, and not by their place
        picks = ", ".join(str(row) for row in found.random_picks)
        body += [
            element("h3", "What random sampling would have picked"),
            element("p", "Pool rows ", picks, class_="note"),
        ]
    Path(path).write_text(page(f"Query by {found.strategy}", _STYLE, element("main", *body)), encoding="utf-8")


def _columns(found: Explained) -> list[str]:
    return [] if found.shown is None else [str(name) for name in found.shown.columns]


def _shown_cell(column: str, value: Any) -> Markup:
    """A cell as a person reads it: line breaks stay, a file that is an image is shown."""
    text = "" if value is None or value != value else str(value)
    if column == "file" and text.lower().endswith(_IMAGES):
        link = element("a", element("img", src=quote(text), alt=text, class_="file"), href=quote(text))
        return element("td", link)
    return element("td", text, class_="text" if len(text) > _LONG else "short")


def _pictures(found: Explained, shape: tuple[int, ...] | None) -> dict[str, list[Markup]]:
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


def _tags(images: Any, alt: str) -> list[Markup]:
    return [element("img", src=data_url(image), alt=alt) for image in images]


def _digits(values: Sequence[Any]) -> int:
    """Digits after the point that tell the values apart: three of the largest, and at least three."""
    numbers = [abs(value) for value in values if isinstance(value, float) and value]
    return min(8, max(3, 2 - int(np.floor(np.log10(max(numbers)))))) if numbers else 3


def _cell(value: Any, digits: int) -> Markup:
    if isinstance(value, bool):
        return element("td", "yes" if value else "no", class_="same" if value else "note")
    if isinstance(value, float):
        return element("td", f"{value:.{digits}f}", class_="number")
    kind = "number" if isinstance(value, int) else "short" if isinstance(value, str) and len(value) <= _LONG else None
    return element("td", "" if value is None else value, class_=kind)
