"""Pictures of rounds inside the page: it needs no other file."""

from __future__ import annotations

import base64

from skal.markup import Markup, breakable, element
from skal.report._findings import Findings
from skal.study.pictures import palette


def pictures(findings: Findings) -> Markup:
    """One line a strategy: its last round open, the others to be opened."""
    blocks = []
    for name in findings.names:
        own = findings.comparison.pictures.get(name, {})
        if not own:
            continue
        last = max(own)
        earlier = [_figure(own[number], f"{name}, round {number}") for number in sorted(own) if number != last]
        folded = element("details", element("summary", "Earlier rounds"), *earlier) if earlier else None
        blocks.append(
            element("div", element("h4", breakable(name)), _figure(own[last], f"{name}, round {last}"), folded)
        )
    return element("div", *blocks)


def class_key(classes: list[str]) -> Markup:
    """Names of the classes with their colours."""
    items = []
    for name, colour in zip(classes, palette(len(classes)).tolist(), strict=True):
        square = element("rect", width=14, height=12, fill=f"rgb({', '.join(map(str, colour))})")
        sample = element("svg", square, width=14, height=12, viewBox="0 0 14 12", aria_hidden="true")
        items.append(element("li", sample, element("span", name)))
    return element("ul", *items, class_="key")


def _figure(png: bytes, caption: str) -> Markup:
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    image = element("img", src=source, alt=caption, style="max-width: 100%")
    return element("figure", image, element("figcaption", caption, class_="note"))
