"""Which values a setting may have: in words, as a check, and as they are written on the command line.

Every kind has ``words`` ("a whole number >= 1"), a ``metavar`` for the command line, ``read(value)``, which returns
the value in its plain form or raises, and ``from_text(text)``, the value that a text on the command line stands for.
`NotAllowed` asks for the usual sentence, "NAME must be WORDS, got VALUE"; the text of any other ValueError or
TypeError is the whole sentence.
"""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from skal.spec import near_names, number_of_text, value_of_text

__all__ = [
    "Allowed",
    "ByName",
    "Flag",
    "Follows",
    "Label",
    "Metrics",
    "NotAllowed",
    "Number",
    "OneOf",
    "Read",
    "Several",
    "TaskModel",
    "Text",
    "Whole",
]


class NotAllowed(Exception):
    """A value that a setting may not have; with a remedy, if there is one beside the words."""


class Allowed(Protocol):
    """What the kinds of values have in common."""

    @property
    def words(self) -> str:
        """What is allowed, after "must be"."""

    @property
    def metavar(self) -> str:
        """What stands for a value in the help of the command line."""

    def read(self, value: Any) -> Any:
        """Return a value in its plain form, or raise `NotAllowed`, or an error with a sentence of its own."""

    def from_text(self, text: str) -> Any:
        """Return the value that a text of the command line stands for."""


@dataclass(frozen=True)
class Whole:
    """Whole numbers from one to another; bools are not numbers."""

    least: int
    most: int = 10**12
    metavar: str = "<int>"

    @property
    def words(self) -> str:
        """What is allowed."""
        return f"a whole number >= {self.least} and <= {self.most}"

    def read(self, value: Any) -> int:
        """Return the number as an int."""
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
            raise NotAllowed
        if not self.least <= int(value) <= self.most:
            raise NotAllowed
        return int(value)

    def from_text(self, text: str) -> Any:
        """Return the number that is written."""
        return number_of_text(text)


@dataclass(frozen=True)
class Number:
    """Finite numbers above one end and below the other."""

    above: float
    below: float = math.inf
    metavar: str = "<number>"

    @property
    def words(self) -> str:
        """What is allowed."""
        if math.isinf(self.below):
            return f"a finite number > {self.above:g}"
        return f"a number > {self.above:g} and < {self.below:g}"

    def read(self, value: Any) -> int | float:
        """Return the number as an int or a float."""
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
            raise NotAllowed
        try:
            number = int(value) if isinstance(value, numbers.Integral) else float(value)
            finite = math.isfinite(number)
        except OverflowError as error:
            raise NotAllowed from error
        if not finite or not self.above < number < self.below:
            raise NotAllowed
        return number

    def from_text(self, text: str) -> Any:
        """Return the number that is written."""
        return number_of_text(text)


@dataclass(frozen=True)
class Text:
    """Texts that are not blank, and paths."""

    words: str = "a text that is not blank"
    metavar: str = "<text>"

    def read(self, value: Any) -> str:
        """Return the text as a str."""
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        if not isinstance(value, str) or not value.strip():
            raise NotAllowed
        return str(value)

    def from_text(self, text: str) -> Any:
        """Return the text itself."""
        return text


@dataclass(frozen=True)
class OneOf:
    """A few words."""

    choices: tuple[str, ...]
    metavar: str = "<name>"

    @property
    def words(self) -> str:
        """What is allowed."""
        return f"one of {', '.join(self.choices)}"

    def read(self, value: Any) -> str:
        """Return the word; a near one is suggested."""
        if not isinstance(value, str):
            raise NotAllowed
        if value not in self.choices:
            near = near_names(value, self.choices, 1)
            raise NotAllowed(f"Did you mean {near[0]}?" if near else "")
        return str(value)

    def from_text(self, text: str) -> Any:
        """Return the text itself."""
        return text


@dataclass(frozen=True)
class Flag:
    """True or False."""

    words: str = "true or false"
    metavar: str = ""

    def read(self, value: Any) -> bool:
        """Return the bool."""
        if not isinstance(value, (bool, np.bool_)):
            raise NotAllowed
        return bool(value)

    def from_text(self, text: str) -> Any:
        """Return what is written."""
        return value_of_text(text)


@dataclass(frozen=True)
class Label:
    """The label of a class, as a text: a number stands for its digits, since the command line knows nothing else."""

    words: str = "the label of a class: a text or a number"
    metavar: str = "<label>"

    def read(self, value: Any) -> str:
        """Return the label as a text."""
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, (bool, int, float)):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            raise NotAllowed
        return str(value)

    def from_text(self, text: str) -> Any:
        """Return the text itself."""
        return text


@dataclass(frozen=True)
class TaskModel:
    """An estimator, or its name, which is looked up where it is made."""

    words: str = "an estimator with fit, or the name of one, such as 'logistic'"
    metavar: str = "<name>"

    def read(self, value: Any) -> Any:
        """Return the name, or the estimator as it is."""
        if isinstance(value, str) and value.strip():
            return str(value)
        if isinstance(value, (str, type)) or not hasattr(value, "fit"):
            raise NotAllowed
        return value

    def from_text(self, text: str) -> Any:
        """Return the text itself."""
        return text


@dataclass(frozen=True)
class ByName:
    """What a reader of specs takes: a text, a dict, or something made in Python."""

    reader: Callable[[Any], Any]
    words: str
    metavar: str = "<name>"

    def read(self, value: Any) -> Any:
        """Return the value as it is, if the reader takes it; the reader has its own sentences."""
        if isinstance(value, str) and not value.strip():
            raise NotAllowed
        self.reader(value)
        return dict(value) if isinstance(value, Mapping) else value

    def from_text(self, text: str) -> Any:
        """Return the text itself, which the reader takes."""
        return text


@dataclass(frozen=True)
class Read:
    """A value that a function reads into its plain form."""

    reader: Callable[[Any], Any]
    words: str
    metavar: str = "<text>"

    def read(self, value: Any) -> Any:
        """Return what the function returns."""
        return self.reader(value)

    def from_text(self, text: str) -> Any:
        """Return the text itself, which the function takes."""
        return text


@dataclass(frozen=True)
class Several:
    """Several things, each a text, a dict or something made in Python, in a list or by name."""

    words: str
    metavar: str = "<name>"
    reader: Callable[[Any], Any] | None = None

    def read(self, value: Any) -> Any:
        """Return a list, or a dict by name."""
        if isinstance(value, str) or callable(value):
            value = [value]
        if isinstance(value, Mapping):
            value = dict(value)
        elif isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
            value = list(value)
        else:
            raise NotAllowed
        if self.reader is not None:
            self.reader(value)
        return value

    def from_text(self, text: str) -> Any:
        """Return the text itself."""
        return text


@dataclass(frozen=True)
class Metrics:
    """Names of metrics, or scorers; at least one, and each once."""

    words: str = "one name or several, each once"
    metavar: str = "<name>"

    def read(self, value: Any) -> Any:
        """Return a list, or a dict of scorers by name."""
        if isinstance(value, str) or callable(value):
            value = [value]
        named = isinstance(value, Mapping)
        if not named and (not isinstance(value, Sequence) or isinstance(value, (bytes, bytearray))):
            raise NotAllowed
        names = list(value)
        if not names or not all(callable(name) or (isinstance(name, str) and name.strip()) for name in names):
            raise NotAllowed
        texts = [name for name in names if isinstance(name, str)]
        if len(set(texts)) < len(texts):
            raise NotAllowed
        return dict(value) if named else names

    def from_text(self, text: str) -> Any:
        """Return the text itself."""
        return text


@dataclass(frozen=True)
class Follows:
    """Which published setup the settings come from."""

    words: str = "a table with the name and the scale of a published setup"
    metavar: str = ""

    def read(self, value: Any) -> dict[str, Any]:
        """Return name, scale and what was changed."""
        if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
            raise NotAllowed
        if not isinstance(value.get("scale", ""), str):
            raise NotAllowed
        return dict(value)

    def from_text(self, text: str) -> Any:
        """Return the text itself; there is no option for it."""
        return text
