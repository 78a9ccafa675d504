"""What a published setup is: two scales of settings, its source, and what of it could not be verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import tomli_w

from skal.study.strategies import describe_strategy, parse_strategy

Scale = Literal["full", "small"]


@dataclass(frozen=True)
class PublishedSetup:
    """The settings of a published experiment, and what of them could be verified.

    Attributes
    ----------
    name, summary, source : str
        Name for the command line, one line of what it is, and the paper.
    needs : str
        The data of the full scale, and what to pass where they are not found.
    full, small : dict
        Choices of `skal compare` by name; strategies and recipes as texts.
    notes : tuple of str
        What differs from the paper, or should be known.
    unverified : tuple of str
        What is recalled or derived rather than read in the paper.
    """

    name: str
    summary: str
    source: str
    needs: str
    full: Mapping[str, Any] = field(repr=False)
    small: Mapping[str, Any] = field(repr=False)
    notes: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    def choices(self, scale: Scale = "full") -> dict[str, Any]:
        """Return the choices of a scale.

        Parameters
        ----------
        scale : {"full", "small"}, default="full"
            Of the paper, or scaled down for CPUs.

        Returns
        -------
        dict
            A copy, by the names of ``skal compare --config``; strategies and recipes as lists of texts.
        """
        if scale not in get_args(Scale):
            raise ValueError(f"scale must be one of {', '.join(get_args(Scale))}, got {scale!r}.")
        return {name: list(v) if isinstance(v, tuple) else v for name, v in getattr(self, scale).items()}

    def to_toml(self, scale: Scale = "full") -> str:
        """Return a scale as a file for ``skal compare --config``.

        Parameters
        ----------
        scale : {"full", "small"}, default="full"
            Of the paper, or scaled down for CPUs.

        Returns
        -------
        str
            TOML.
        """
        content = self.choices(scale)
        by_name = {text: describe_strategy(parse_strategy(text)[1]) for text in content.pop("strategies")}
        follows = {"name": self.name, "scale": scale}
        return tomli_w.dumps({**content, "follows": follows, "strategies": by_name})
