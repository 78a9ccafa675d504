"""HTML as text: what is put in is escaped, what was made here is not, and a page needs nothing but itself."""

from __future__ import annotations

import html
import re
from typing import Any

__all__ = ["Markup", "breakable", "element", "page"]

# Colours by role, once for light and once for dark. The series are those of Okabe & Ito, which stay apart for
# colour-blind eyes; in the dark the deep ones are lifted.
STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #1a1c1f; --soft: #5c6068; --rule: #d9dce1; --faint: #f3f4f6;
  --up: 0 114 178; --down: 213 94 0;
  --s0: #74787f; --s1: #0072b2; --s2: #d55e00; --s3: #009e73; --s4: #b4589a; --s5: #c98a00; --s6: #3fa2dc;
  --s7: #1a1c1f; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15171a; --ink: #e7e9ec; --soft: #a0a6af; --rule: #363a41; --faint: #1e2125;
    --up: 64 156 222; --down: 234 124 48;
    --s0: #9aa0a8; --s1: #4ba6e6; --s2: #f08a4b; --s3: #2cc295; --s4: #d990c4; --s5: #e8b53c; --s6: #8fd0f5;
    --s7: #e7e9ec; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 40px 28px 72px; max-width: 980px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 22px; line-height: 1.25; margin: 56px 0 4px; padding-top: 20px; border-top: 2px solid var(--ink);
  overflow-wrap: anywhere; }
h3 { font-size: 16px; margin: 36px 0 4px; }
p { margin: 6px 0 12px; max-width: 76ch; }
.note { color: var(--soft); font-size: 13.5px; }
.lead { font-size: 18px; line-height: 1.45; max-width: 64ch; margin: 14px 0 8px; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13.5px; margin: 10px 0 6px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px 4px 0; text-align: left; vertical-align: middle; border-bottom: 1px solid var(--rule); }
thead th { color: var(--soft); font-weight: 600; font-size: 12.5px; vertical-align: bottom;
  border-bottom: 1px solid var(--ink); }
tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 200px; }
.number { text-align: right; white-space: nowrap; } thead .number { white-space: normal; }
caption { caption-side: bottom; text-align: left; color: var(--soft); padding-top: 6px; }
a { color: inherit; text-underline-offset: 2px; }
@media print { body { padding: 0; max-width: none; font-size: 11pt; } h2, h3 { break-after: avoid; }
  figure, tr { break-inside: avoid; } .scroll { overflow: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
@page { margin: 14mm; }
"""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, *children: Any, **attributes: Any) -> Markup:
    """Return one element with its children.

    Parameters
    ----------
    name : str
        Of the element: "td", "path", ...
    *children : Markup, str, number, list of these, or None
        Anything that is not `Markup` is escaped; None is left out.
    **attributes
        A trailing underscore is dropped, others become hyphens (``class_``, ``stroke_width``). None and False
        are left out.

    Returns
    -------
    Markup
        HTML.

    Examples
    --------
    >>> print(element("td", "a < b", class_="number"))
    <td class="number">a &lt; b</td>
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in ("br", "img", "meta", "wbr"):
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{_text(children)}</{name}>")


def breakable(name: str) -> list[Any]:
    """Let a long name be broken after an underscore, a bracket or a comma."""
    parts = re.split(r"(?<=[_(,/.])(?=.)", name)
    return [piece for part in parts for piece in (part, element("wbr"))][:-1]


def page(title: str, style: str, *body: Any) -> str:
    """Return a whole document that loads nothing.

    Parameters
    ----------
    title : str
        Of the window.
    style : str
        Rules of style beside the common ones.
    *body
        Children of the body.

    Returns
    -------
    str
        HTML, readable in light and dark.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(STYLE + style)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', *body), lang='en')}\n"


def _text(child: Any) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, (list, tuple)):
        return "".join(_text(part) for part in child)
    return html.escape(str(child))
