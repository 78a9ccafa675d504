"""Parts of a report beside tables and charts: figures, panels, keys, pictures, lists of links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from skal.pages import Part


@dataclass(frozen=True)
class Figure(Part):
    """A chart, perhaps with a title and a line below it."""

    chart: Part
    title: Any = ""
    below: str = ""
    beside: str = ""
    template: ClassVar[str] = "report/figure.html"


@dataclass(frozen=True)
class Panels(Part):
    """Small figures in a grid."""

    figures: tuple[Figure, ...]
    class_: str = "panels"
    template: ClassVar[str] = "report/panels.html"


@dataclass(frozen=True)
class Sample:
    """An entry of a key: a line of a curve, or a square of a colour."""

    name: Any
    line: str = ""
    fill: str = ""


@dataclass(frozen=True)
class Key(Part):
    """Names with what they look like."""

    samples: tuple[Sample, ...]
    template: ClassVar[str] = "report/key.html"


@dataclass(frozen=True)
class Picture:
    """A PNG as text, with its caption."""

    source: str
    caption: str


@dataclass(frozen=True)
class Album:
    """Pictures of one strategy: the last one, and those before it."""

    name: Any
    last: Picture
    earlier: tuple[Picture, ...]


@dataclass(frozen=True)
class Albums(Part):
    """Pictures of all strategies."""

    albums: tuple[Album, ...]
    template: ClassVar[str] = "report/albums.html"


@dataclass(frozen=True)
class Sentences(Part):
    """Sentences, one below the other with a mark before each."""

    said: tuple[str, ...]
    template: ClassVar[str] = "report/sentences.html"


@dataclass(frozen=True)
class Links(Part):
    """Links, one below the other."""

    links: Mapping[str, str]
    template: ClassVar[str] = "report/links.html"


@dataclass(frozen=True)
class NumberedName(Part):
    """A name with the number that stands for it above a column."""

    number: int
    name: Any
    template: ClassVar[str] = "report/numbered_name.html"


@dataclass(frozen=True)
class Section:
    """A heading, what stands below it, and a note at the end."""

    heading: str
    content: tuple[Part, ...]
    note: str = ""
