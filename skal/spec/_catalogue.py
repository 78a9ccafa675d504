"""What can be asked for by name: one engine for strategies, estimators, recipes, oracles and costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from skal.spec._spec import Spec
from skal.spec._words import no_name, no_option


@dataclass(frozen=True)
class Entry:
    """One thing that has a name.

    Attributes
    ----------
    make : callable
        ``make(**options)`` returns the object.
    options : collection of str or None, default=None
        What it may be called with; None: `make` decides, and raises ValueError for anything else.
    about : str, default=""
        What it is, in a few words.
    """

    make: Callable[..., Any]
    options: Collection[str] | None = None
    about: str = ""


class Catalogue:
    """Things of one kind by name: a text or a dict is read, checked, and made into the object.

    Parameters
    ----------
    kind : str
        Such as "cost": begins every message, and is the key of the name in a dict.
    entries : dict of str to Entry, or callable that returns one
        A callable is asked anew each time, for what others may add to.
    listing : str, default=""
        How to see all names, where they are too many for a message.
    remedy : str, default=""
        A sentence that follows "There is no ...".

    Examples
    --------
    >>> numbers = Catalogue("number", {"complex": Entry(complex, ("real", "imag"))})
    >>> numbers.make("complex:real=2,imag=1")
    (2+1j)
    >>> numbers.make("complex:reel=2")
    Traceback (most recent call last):
        ...
    ValueError: The number complex has no option reel; it has real, imag. Did you mean real?
    """

    def __init__(
        self,
        kind: str,
        entries: Mapping[str, Entry] | Callable[[], Mapping[str, Entry]],
        *,
        listing: str = "",
        remedy: str = "",
    ) -> None:
        self.kind = kind
        self._entries = entries
        self._listing, self._remedy = listing, remedy

    @property
    def entries(self) -> dict[str, Entry]:
        """All there is, by name."""
        return dict(self._entries() if callable(self._entries) else self._entries)

    def entry(self, name: str) -> Entry:
        """Return the entry of a name; ValueError with the nearest names if there is none."""
        found = self.entries
        if name not in found:
            raise ValueError(no_name(self.kind, name, found, self._listing, self._remedy))
        return found[name]

    def spec(self, given: str | Mapping[str, Any] | Spec) -> Spec:
        """Read what is asked for, and refuse names and options that do not exist.

        Parameters
        ----------
        given : str, dict or Spec
            ``"name:option=value"`` or ``{kind: name, option: value}``.

        Returns
        -------
        Spec
            Name and options. Its text and its dict are read as an equal one.

        Raises
        ------
        ValueError
            If it cannot be read, or there is no such name or option.
        """
        spec = given if isinstance(given, Spec) else Spec.of(given, self.kind)
        options = self.entry(spec.name).options
        if options is not None and (unknown := [name for name in spec.options if name not in options]):
            raise ValueError(no_option(self.kind, spec.name, unknown, options))
        return spec

    def make(self, given: str | Mapping[str, Any] | Spec) -> Any:
        """Make the object that is asked for.

        Parameters
        ----------
        given : str, dict or Spec
            As for `spec`.

        Returns
        -------
        object

        Raises
        ------
        ValueError
            As for `spec`, or if the value of an option is refused: with what was asked for, and the reason.
        """
        spec = self.spec(given)
        try:
            return self.entry(spec.name).make(**spec.options)
        except (TypeError, ValueError) as error:
            about = f"The {self.kind} {spec.name}"
            raise ValueError(str(error) if str(error).startswith(about) else f"{about}: {error}") from error
