"""The protocol of a comparison: every choice, written down before the first fit."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from skal.spec import check_depth, shown
from skal.study.settings import SETTINGS, checked_settings, unknown_settings

__all__ = ["Protocol", "read_config"]

# Entries that are not chosen but found out, with their defaults: the digest of the data; the number of rows without a
# label, which were left out; the kind of the targets, but for classes and masks, which metrics tell apart; and what
# scorers of the user's own are, by the names of their metrics.
_FOUND_OUT = {"fingerprint": dataclasses.MISSING, "n_unlabeled": 0, "kind": None, "scorers": None}
_NO_LONGER = ("estimator_digest",)  # of protocols that were printed before code was known by its content
_ALWAYS = [setting for setting in SETTINGS.values() if setting.protocol == "always"]
_LATER = [setting for setting in SETTINGS.values() if setting.protocol == "unless default"]
_DEFAULTS = {
    **{setting.name: dataclasses.MISSING for setting in _ALWAYS},
    **{setting.name: setting.default for setting in _LATER},
    "columns": None,  # the task model does not read columns
    **_FOUND_OUT,
}
_Entries: Any = dataclasses.make_dataclass(
    "_Entries",
    [(name, Any, dataclasses.field(default=default)) for name, default in _DEFAULTS.items()],
    frozen=True,
    kw_only=True,
)


@dataclass(frozen=True, kw_only=True)
class Protocol(_Entries):
    """Everything that decides what a comparison finds.

    Its entries are the settings of `skal.study.settings` that a protocol has, as plain data, and what was found out:
    the fingerprint of the data, the number of rows without a label, the kind of the targets, and own scorers.
    """

    @classmethod
    def of(cls, settings: Mapping[str, Any], **found_out: Any) -> Protocol:
        """Make a protocol of checked settings.

        Parameters
        ----------
        settings : dict of str to object
            As `skal.study.settings.checked_settings` or `checked_arguments` returns them; those that a protocol does
            not have are left out, and the others are turned into plain data.
        **found_out
            ``fingerprint``, ``n_unlabeled``, ``kind``, ``scorers``, and settings that are known better by now, such
            as the metrics by name; they come before those of `settings`.

        Returns
        -------
        Protocol
        """
        entries = {
            setting.name: setting.written(settings[setting.name])
            for setting in (*_ALWAYS, *_LATER)
            if setting.name in settings and setting.name not in found_out
        }
        return cls(**{**entries, **found_out})

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, numbers and strings; what came later is left out where it holds its default.

        So the protocol of a study that was written before is that of the same study now.
        """
        entries = {**dataclasses.asdict(self), "metrics": list(self.metrics)}
        later = {field.name: field.default for field in dataclasses.fields(self)}
        return {name: value for name, value in entries.items() if value != later[name]}

    def to_toml(self) -> str:
        """Return the text of a file that ``skal compare --config`` takes."""
        return tomli_w.dumps(self.to_dict())


def read_config(path: str | Path) -> dict[str, Any]:
    """Read a TOML file of settings; a protocol that was printed is one.

    Parameters
    ----------
    path : str or Path
        File, in UTF-8.

    Returns
    -------
    dict
        The settings that are in the file, checked, and what a printed protocol says besides: its fingerprint.

    Raises
    ------
    ValueError
        If the file is not TOML, names a setting that does not exist, or a value is wrong: the sentence is the one
        that Python and the command line give.
    """
    content = _content(path)
    if unknown := sorted(set(content) - {*SETTINGS, *_FOUND_OUT, *_NO_LONGER}):
        hint = unknown_settings(unknown).partition(".")[2]
        raise ValueError(f"{path}: there is no entry {', '.join(unknown)}.{hint}")
    fingerprint = content.get("fingerprint")
    if fingerprint is not None and not isinstance(fingerprint, str):
        raise ValueError(f"{path}: fingerprint must be the digest of the data, got {shown(fingerprint)}.")
    settings = {name: value for name, value in content.items() if name in SETTINGS}
    if fingerprint is not None and settings.get("test_size") == 0:
        del settings["test_size"]  # so a protocol says that the data had test rows of their own
    found = checked_settings(settings, defaults=False)
    return found if fingerprint is None else {**found, "fingerprint": fingerprint}


def _content(path: str | Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except RecursionError as error:
        raise ValueError(f"{path} cannot be read as TOML: it is nested too deeply.") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} cannot be read as TOML: it is not written in UTF-8 ({error.reason}).") from error
    except (OSError, ValueError) as error:  # tomllib has errors of its own, and lets some of int() and dates pass
        raise ValueError(f"{path} cannot be read as TOML: {error}") from error
    check_depth(content, f"{path} cannot be read")
    return content
