"""How a page is served: what may be said on the command line, checked where it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from skal.labeling import ProjectError

PORT = 8737


@dataclass(frozen=True)
class DeskOptions:
    """How questions are handed out.

    Attributes
    ----------
    ahead : int or None
        The next rows are chosen when at most so many questions of the round are left; None: a fifth of the round, 10
        at most.
    reserve : int or None
        Random rows that are kept ready for the time of a training; None: two fifths of the round, 20 at most.
    wait_for_model : bool
        Ask nothing while a model is trained; then `ahead` and `reserve` are 0.
    lease : float
        Seconds without a word of a person after which others get his questions.
    overlap : float
        Share of the rows that several people answer.
    people_per_row : int
        How many these are.
    show_guess : bool
        Whether the model's guess is shown without being asked for.
    """

    ahead: int | None = None
    reserve: int | None = None
    wait_for_model: bool = False
    lease: float = 600.0
    overlap: float = 0.0
    people_per_row: int = 2
    show_guess: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.overlap <= 1:
            raise ProjectError(f"overlap must be a share from 0 to 1, got {self.overlap:g}.")
        if self.people_per_row < 2:
            raise ProjectError(f"people_per_row must be at least 2, got {self.people_per_row}.")
        for name in ("ahead", "reserve"):
            if getattr(self, name) is not None and getattr(self, name) < 0:
                raise ProjectError(f"{name} must be a number of questions from 0, got {getattr(self, name)}.")
        if not self.lease > 0:
            raise ProjectError(f"lease must be a number of seconds above 0, got {self.lease:g}.")
        if self.wait_for_model:
            object.__setattr__(self, "ahead", 0)
            object.__setattr__(self, "reserve", 0)

    def for_rounds_of(self, batch: int) -> DeskOptions:
        """Return the same options with what is None filled in: what waits must leave rows to a model to choose."""
        return replace(
            self,
            ahead=min(batch // 5, 10) if self.ahead is None else self.ahead,
            reserve=min(2 * batch // 5, 20) if self.reserve is None else self.reserve,
        )


@dataclass(frozen=True)
class Patience:
    """How long the trainer is waited for, in seconds.

    Attributes
    ----------
    silence : float
        Without a sign of life: a process that is stopped, or swapped out.
    work : float
        For one training.
    again : float
        Before the first new try after a failure; each further one waits twice as long.
    again_at_most : float
        Longest wait.
    """

    silence: float = 60.0
    work: float = 3600.0
    again: float = 5.0
    again_at_most: float = 300.0


@dataclass(frozen=True)
class PageOptions:
    """What is served, to whom, and how.

    Attributes
    ----------
    data : Path
        The table or folder, or the folder of its project.
    folder : Path or None
        Of the project; None: beside the data.
    given : dict
        Settings of the project that were said.
    show : list of str
        Columns; none: all.
    desk : DeskOptions
        How questions are handed out.
    patience : Patience
        How long the trainer is waited for.
    name : str or None
        Who answers, where nobody needs a link.
    annotators, new_links : list of str
        Who gets a link, and who another one.
    host : str
        Address to listen at.
    port : int
        0: any that is free.
    names : list of str
        Further names under which the page is reached, such as https://label.example.org of a reverse proxy. Links
        begin with the first.
    batch : int or None
        Questions of a round; None: that of the project.
    language : str or None
        Of the page; None: that of the browser.
    browser : bool
        Whether to open one.
    log, log_content : bool
        Whether each request is logged, and whether the log may hold rows and labels.
    """

    data: Path
    folder: Path | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    desk: DeskOptions = field(default_factory=DeskOptions)
    patience: Patience = field(default_factory=Patience)
    name: str | None = None
    annotators: tuple[str, ...] = ()
    new_links: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = PORT
    names: tuple[str, ...] = ()
    batch: int | None = None
    language: str | None = None
    browser: bool = True
    log: bool = False
    log_content: bool = False
