"""Templates by room and name, and parts of a page that write themselves."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any, ClassVar


def render(template: str, **values: Any) -> str:
    """Fill in a template.

    Parameters
    ----------
    template : str
        ``room/file``: the file in the folder ``templates`` of ``skal.room``.
    **values
        What it is given; text is escaped, a `Part` is not. A name that the template uses and that is not given
        is an error.

    Returns
    -------
    str
        HTML, as markupsafe's Markup: put into another template it stays what it is.
    """
    from markupsafe import Markup

    return Markup(_templates().get_template(template).render(values))  # the template has escaped what was put in


class Part:
    """A part of a page: a dataclass whose template gets it as ``part``."""

    template: ClassVar[str]

    def __html__(self) -> str:
        """Return the part as HTML; Jinja2 and notebooks call this."""
        return render(self.template, part=self)


class Breakable(str):
    """A long name, which may be broken after an underscore, a bracket, a comma, a point or a slash."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the name with places at which it may be broken."""
        from markupsafe import Markup

        return Markup("<wbr>").join(re.split(r"(?<=[_(,/.])(?=.)", self))


@cache
def _templates() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["place"] = place
    return environment


def place(value: float) -> str:
    """Write a place in a drawing to a tenth: finer is not seen."""
    return f"{value:.1f}".removesuffix(".0")


def _source(name: str) -> str:
    room, _, file = name.partition("/")
    return (resources.files(f"skal.{room}") / "templates" / file).read_text(encoding="utf-8")
