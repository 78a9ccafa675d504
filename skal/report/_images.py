"""Pictures of rounds inside the page: it needs no other file."""

from __future__ import annotations

import base64

from skal.pages import Breakable
from skal.report._findings import Findings
from skal.report._parts import Album, Albums, Key, Picture, Sample
from skal.study.pictures import palette


def pictures(findings: Findings) -> Albums:
    """One line a strategy: its last round open, the others to be opened."""
    albums = []
    for name in findings.names:
        own = findings.comparison.pictures.get(name, {})
        if not own:
            continue
        last = max(own)
        earlier = tuple(_picture(own[k], f"{name}, round {k}") for k in sorted(own) if k != last)
        albums.append(Album(Breakable(name), _picture(own[last], f"{name}, round {last}"), earlier))
    return Albums(tuple(albums))


def class_key(classes: list[str]) -> Key:
    """Names of the classes with their colours."""
    colours = palette(len(classes)).tolist()
    return Key(
        tuple(
            Sample(name, fill=f"rgb({', '.join(map(str, colour))})")
            for name, colour in zip(classes, colours, strict=True)
        )
    )


def _picture(png: bytes, caption: str) -> Picture:
    return Picture(f"data:image/png;base64,{base64.b64encode(png).decode()}", caption)
