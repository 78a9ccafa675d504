"""Everything that is asked of a study besides its rows, labels, strategies and recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from numbers import Integral
from pathlib import Path
from typing import Any, Literal

import numpy as np

from skal.stopping import Criterion
from skal.study.settings import SETTINGS, Setting, SettingError, checked_arguments, read_trials
from skal.study.settings.allowed import NotAllowed, Read, Text, Whole
from skal.study.stopped import read_stops

__all__ = ["Asked", "Policy", "Progress", "Strategies", "asked_of"]

Progress = Callable[[str, int, int], None]
Policy = Literal["stop_before", "overshoot"]
Strategies = Iterable[str | Callable[..., Any]] | Mapping[str, Callable[..., Any]]


def _jobs(value: Any) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral) or value == 0:
        raise NotAllowed
    return int(value)


def _callable(value: Any) -> Any:
    if not callable(value):
        raise NotAllowed
    return value


def _pair(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, (tuple, list)):
        raise NotAllowed(f"Its type is {type(value).__name__}.")
    if len(value) != 2:
        raise NotAllowed(f"Its length is {len(value)}.")
    return value[0], value[1]


# What is no setting of a comparison, but refused in the same words.
_OTHERS = (
    Setting("out", None, Text("the path of a folder, or None to keep nothing"), ""),
    Setting("n_jobs", None, Read(_jobs, "a whole number of processes, -1 for all, or None"), ""),
    Setting("progress", None, Read(_callable, "a function progress(strategy, trial, round), or None"), ""),
    Setting("test", None, Read(_pair, "the pair (X_test, y_test), or None"), ""),
    Setting("n_unlabeled", 0, Whole(0), ""),
)


@dataclass(frozen=True)
class Asked:
    """The settings of a call, checked, and its other arguments; `skal.compare` documents them.

    A setting is an attribute too: ``asked.n_rounds``.

    Attributes
    ----------
    settings : dict of str to object
        By name, in their plain form, as `skal.study.settings` declares them.
    test, missing_label, n_unlabeled, out, n_jobs, progress, estimator_name, class_names
        As `skal.compare` takes them.
    stop : dict of str to Criterion
        Criteria to be replayed on the study, by what they are called.
    """

    settings: Mapping[str, Any]
    test: tuple[Any, Any] | None = field(default=None, repr=False)
    missing_label: Any = "auto"
    n_unlabeled: int = 0
    out: str | Path | None = None
    n_jobs: int | None = None
    progress: Progress | None = None
    estimator_name: str | None = None
    class_names: Sequence[str] | None = None
    stop: Mapping[str, Criterion] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        """Return a setting."""
        if name in SETTINGS and "settings" in self.__dict__:
            return self.settings[name]
        raise AttributeError(f"{type(self).__name__} has no {name}.")

    @property
    def trial_numbers(self) -> tuple[int, ...]:
        """Trials to run, counted from 0."""
        numbers = read_trials(self.settings["trials"])
        return tuple(range(self.settings["n_trials"])) if numbers is None else numbers


def asked_of(given: Mapping[str, Any]) -> Asked:
    """Check the settings among the arguments of a call, and keep the others that matter.

    Parameters
    ----------
    given : dict
        Arguments by the keywords of `skal.compare`; those that are not given have their defaults, and what is no
        setting, such as rows and strategies, is left out.

    Returns
    -------
    Asked

    Raises
    ------
    SettingError
        With all settings that are wrong; if none is, with all others that are.
    """
    others = {one.name for one in fields(Asked)} - {"settings"}
    settings = checked_arguments({"data": "arrays", **given})
    positive = given.get("positive")
    if isinstance(positive, Integral) and not isinstance(positive, bool):
        settings["positive"] = int(positive)  # a label first, where a text is a name first
    kept = {name: value for name, value in given.items() if name in others}
    problems = []
    for one in _OTHERS:
        try:
            if one.name in kept:
                kept[one.name] = one.read(kept[one.name])
        except SettingError as error:
            problems.append(str(error))
    if problems:
        raise SettingError("compare: " + " ".join(problems))
    kept["stop"] = read_stops(kept.get("stop"))
    return Asked(settings, **kept)
