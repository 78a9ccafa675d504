"""The settings of a project, as a file that people can read: project.toml."""

from __future__ import annotations

import difflib
import math
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import tomli_w

from skal.labeling._errors import ProjectError
from skal.labeling._places import SETTINGS as FILE
from skal.whole_file import write_whole

FIXED = ("target", "id", "content", "seed", "answer")
_NOT_TRIED = ("mask", "region")  # kinds of answers
_HEADER = """\
# A labelling project of skal. Answers are in journal.sqlite, beside this file.
# May be changed between two rounds: data (when it has moved), classes, new_classes, estimator, strategy, candidates,
# batch, random_share, audit, audit_size, audit_strata, trial, trial_budget, find, range and [columns]. Not target,
# id, content, seed and answer: the rest stands on them.

"""


@dataclass
class Settings:
    """What was decided when a project was made.

    Attributes
    ----------
    data : str
        Path of the data, relative to the project's folder where that is possible.
    target : str
        Column of the labels; for folders the name of the column in sheets.
    id : str
        Column that identifies a row; "" for the digest of its content, "file" for file names.
    options : dict
        How the data are read: separator, encoding, unlabeled.
    answer : str
        Kind of the answers: one class a row ("class"), those labels that apply ("labels"), a number ("number"); see
        `skal.labeling.kinds`.
    range : list of float
        Of numbers: the least and the largest that are taken; empty: any.
    fingerprint : str
        Digest of the data when they were last read.
    classes : list of str
        Known classes; empty until the first labels.
    new_classes : bool
        Whether labels may name classes that are not known.
    columns : dict of str to str
        What each column is used as.
    content : list of str
        Columns whose cells make up the content of a row.
    estimator, strategy : str
        By name.
    candidates : int
        Random rows, at most, that the strategy chooses from.
    batch : int
        Questions a round, where nothing else is said.
    random_share : float
        Share of the questions that are drawn at random and learned from.
    audit : float
        Share of the questions that are audit rows, below 1; 0: none. They take the place of random rows: no model
        learns from them, so they measure the one that is there.
    audit_size : int
        How many audit rows are asked in all; 0: that is not fixed.
    audit_strata : str
        Column by whose cells the audit rows are drawn, each in proportion; "": from all rows alike.
    find : list of str
        Classes whose rows are searched for; empty: a model is to be learned.
    trial : bool
        Whether the strategy is tried against random rows, once, in rounds of either by turns, until it is decided
        which of the two gives the better model. It needs audit rows.
    trial_budget : int
        Questions after which a trial ends without a verdict; 0: it goes on until it has one.
    seed : int
        Everything random is drawn from it, by the number of the round.
    """

    data: str
    target: str = "label"
    id: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    answer: str = "class"
    range: list[float] = field(default_factory=list)
    fingerprint: str = ""
    classes: list[str] = field(default_factory=list)
    new_classes: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    content: list[str] = field(default_factory=list)
    estimator: str = "logistic"
    strategy: str = "uncertainty_herding"
    candidates: int = 20_000
    batch: int = 50
    random_share: float = 0.1
    audit: float = 0.0
    audit_size: int = 0
    audit_strata: str = ""
    find: list[str] = field(default_factory=list)
    trial: bool = False
    trial_budget: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        checks = {
            "candidates": (_is_whole(self.candidates, 1), "a whole number >= 1"),
            "batch": (_is_whole(self.batch, 1), "a whole number >= 1"),
            "seed": (_is_whole(self.seed, 0), "a whole number >= 0"),
            "random_share": (_is_share(self.random_share), "a number from 0 to 1"),
            "audit": (
                _is_share(self.audit) and self.audit < 1,
                "a number from 0 (no audit rows) to below 1, such as 0.15: with 1 there is nothing to learn from",
            ),
            "audit_size": (_is_whole(self.audit_size, 0), "a whole number >= 0"),
            "trial": (isinstance(self.trial, bool), "true or false"),
            "trial_budget": (_is_whole(self.trial_budget, 0), "a whole number >= 0"),
            "classes": (_are_names(self.classes), "a list of different names"),
            "audit_strata": (isinstance(self.audit_strata, str), "the name of a column"),
            "find": (_are_names(self.find), "a list of different names of classes"),
            "new_classes": (isinstance(self.new_classes, bool), "true or false"),
            "range": (_is_range(self.range), "two numbers, the least first"),
        }
        for name, (is_right, allowed) in checks.items():
            if not is_right:
                raise ProjectError(f"Project: {name} must be {allowed}, got {getattr(self, name)!r}.")
        if self.audit and self.random_share:
            raise ProjectError(
                f"Project: audit rows take the place of random ones, got audit={self.audit!r} and random_share="
                f"{self.random_share!r}. Leave random_share out, or set it to 0."
            )
        if self.audit_size and not self.audit:
            raise ProjectError(
                f"Project: audit_size={self.audit_size!r} says how many audit rows are asked in all; give their "
                "share of the questions too, such as audit=0.15."
            )
        if self.trial and self.find:
            raise ProjectError(
                f"Project: a trial compares models, and a search (find={self.find!r}) is for rows. Leave one of the "
                "two out."
            )
        if self.audit_strata and not self.audit:
            raise ProjectError(
                f"Project: audit_strata={self.audit_strata!r} says how audit rows are drawn; give their share of the "
                "questions too, such as audit=0.15."
            )

        self._check_trial()

    def _check_trial(self) -> None:
        if self.trial_budget and not self.trial:
            raise ProjectError(
                f"Project: trial_budget={self.trial_budget!r} says after how many questions a trial ends; say trial "
                "too (--trial)."
            )
        if self.trial and not self.audit:
            raise ProjectError(
                "Project: a trial compares two models on random rows that neither of them knows, so it needs audit "
                "rows. Say what share of the questions they are, such as audit=0.15 (--audit 0.15)."
            )
        if self.trial and self.answer in _NOT_TRIED:
            raise ProjectError(
                f"Project: a trial compares classes, sets of labels or numbers that models predict, got answer="
                f"{self.answer!r}: it would keep two more masks of each random row. Leave trial out."
            )

    def write(self, folder: Path) -> None:
        """Write them; a file that is half written never takes the place of the old one."""
        path = folder / FILE
        text = _HEADER + tomli_w.dumps(asdict(self))
        try:
            write_whole(path, text)
        except OSError as error:
            raise ProjectError(f"{path} cannot be written: {error.strerror}. Nothing was changed.") from error

    @classmethod
    def read(cls, folder: Path) -> Settings:
        """Read them.

        Raises
        ------
        ProjectError
            If there is no such file, or an entry is not known.
        """
        path = folder / FILE
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ProjectError(
                f"{folder} is no labelling project: {FILE} is missing. `skal next DATA --target COLUMN` makes one."
            ) from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ProjectError(f"{path} cannot be read: {error}") from error
        known = [one.name for one in fields(cls)]
        for name in entries:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f" Did you mean {near[0]}?" if near else f" There are {', '.join(known)}."
                raise ProjectError(f"{path}: there is no entry {name!r}.{hint}")
        if "data" not in entries:
            raise ProjectError(f"{path}: the entry data is missing, which says what is labelled.")
        try:
            return cls(**entries)
        except TypeError as error:
            raise ProjectError(f"{path}: {error}") from error


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value) and len(set(value)) == len(value)


def _is_range(value: Any) -> bool:
    """Whether these are two ends, or none."""
    if not isinstance(value, list) or len(value) not in (0, 2):
        return False
    numbers = [one for one in value if isinstance(one, (int, float)) and not isinstance(one, bool)]
    return len(numbers) == len(value) and all(map(math.isfinite, numbers)) and numbers == sorted(set(numbers))


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
