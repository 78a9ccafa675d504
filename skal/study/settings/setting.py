"""A setting of a comparison: everything that is known of it, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from skal.spec import shown
from skal.study.settings.allowed import Allowed, NotAllowed

__all__ = ["Setting", "SettingError"]


def _as_it_is(value: Any) -> Any:
    return value


class SettingError(ValueError, TypeError):
    """A setting has a value that it may not have: of whatever type, and wherever it came from."""


@dataclass(frozen=True)
class Setting:
    """A setting of a comparison.

    The options of the command line, the entries of a TOML file, the defaults, the checks, what `skal.compare` is
    given, the protocol, how a study differs from a published setup, and the table of the documentation are made of
    this.

    Attributes
    ----------
    name : str
        In TOML files, protocols and messages.
    default : object
        In its plain form; None also stands for "left out".
    allowed : Allowed
        Which values it may have, in words and as a check.
    help : str
        What it is, in one sentence without its default: for the command line and the table of the documentation.
    option : str or None, default=None
        On the command line, without dashes; None: the name. "": it has none.
    repeated : bool, default=False
        Whether the option may be repeated, so that the value is a list.
    keyword : str or None, default=None
        In the signature of `skal.compare`; None: the name. "": it is not there.
    older_keyword : str, default=""
        What the keyword was called before; it comes first if it is given and not None.
    given : bool, default=True
        Whether `skal.compare` is given the value as it is, where it is called by the name of things.
    none_is_a_value : bool, default=False
        Whether None may be said although it is not the default.
    protocol : {"always", "unless default", "no"}, default="unless default"
        Whether a protocol has it. What came after the first release is left out where it has its default, so that
        studies that were written before are still the same studies.
    written : callable, default=identity
        From the value to plain data, for the protocol.
    followed : bool, default=True
        Whether a study that follows a published setup says so if its value is another one.
    tell : callable or None, default=None
        From a protocol (a dict) to a sentence for the report, or to None if there is nothing out of the ordinary.
    """

    name: str
    default: Any
    allowed: Allowed
    help: str
    option: str | None = None
    repeated: bool = False
    keyword: str | None = None
    older_keyword: str = ""
    given: bool = True
    none_is_a_value: bool = False
    protocol: str = "unless default"
    written: Callable[[Any], Any] = _as_it_is
    followed: bool = True
    tell: Callable[[Mapping[str, Any]], str | None] | None = None

    @property
    def flag(self) -> str:
        """The option with its dashes; "" if there is none."""
        option = self.name.replace("_", "-") if self.option is None else self.option
        return f"--{option}" if option else ""

    @property
    def argument(self) -> str:
        """The keyword of `skal.compare`; "" if there is none."""
        return self.name if self.keyword is None else self.keyword

    def read(self, value: Any) -> Any:
        """Return a value in its plain form.

        Parameters
        ----------
        value : object
            From Python, from TOML, or as `from_text` gives it.

        Returns
        -------
        object

        Raises
        ------
        SettingError
            With the name of the setting, what is allowed, and what came.
        """
        if value is None and (self.default is None or self.none_is_a_value):
            return None
        try:
            return self.allowed.read(value)
        except NotAllowed as refused:
            remedy = f" {refused}" if str(refused) else ""
            raise SettingError(f"{self.called} must be {self.allowed.words}, got {shown(value)}.{remedy}") from None
        except (TypeError, ValueError) as error:
            raise SettingError(str(error)) from error

    def from_text(self, texts: Any) -> Any:
        """Return what a text of the command line stands for, not checked yet; several texts if it may be repeated."""
        if self.repeated:
            return list(texts)
        return self.allowed.from_text(texts) if isinstance(texts, str) else texts

    @property
    def called(self) -> str:
        """The name, and the keyword of `skal.compare` where it has another one."""
        return f"{self.name} (in Python: {self.argument})" if self.argument not in ("", self.name) else self.name
