"""Which rows belong to which half of a trial, kept up from the events of a project."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from skal.labeling._events import Event

STRATEGY_HALF, RANDOM_HALF = "strategy", "random"


@dataclass
class TrialRows:
    """Rows of the trial that is going on, and trials that are over.

    Attributes
    ----------
    strategy : str or None
        That is tried; None: no trial is going on.
    halves : dict of str to str
        Rows whose labels serve the model of one half alone: "strategy" or "random". All others serve both.
    pairs : dict of str to Event
        Random rows that the models of both halves were asked about before anybody had seen them, with the question.
    n_asked : int
        Questions of the trial, its audit rows among them.
    n_of : Counter of str
        Questions of each half.
    over : dict of str to Event
        The end of the trial of each strategy, in their order.
    """

    strategy: str | None = None
    halves: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, Event] = field(default_factory=dict)
    n_asked: int = 0
    n_of: Counter[str] = field(default_factory=Counter)
    over: dict[str, Event] = field(default_factory=dict)

    def ask(self, row: str, event: Event, is_new: bool) -> None:
        """Read a question; only a row that is new to everybody is one of those on which the halves are compared."""
        why = event.why or {}
        if "trial" not in why:
            return
        self.strategy = why["trial"]
        self.n_asked += not why.get("reserve")
        self._joined(row, why.get("half"))
        if is_new and "pair" in why:
            self.pairs[row] = event

    def release(self, row: str, event: Event) -> None:
        """Read that a half's strategy has picked a row which was asked already, as an audit row."""
        self._joined(row, (event.why or {}).get("half"))

    def end(self, event: Event) -> None:
        """Read that the trial is over: all labels serve one model."""
        over = {name: one for name, one in self.over.items() if name != (event.why or {})["trial"]}
        self.strategy, self.n_asked = None, 0
        self.halves, self.pairs, self.n_of = {}, {}, Counter()
        self.over = {**over, (event.why or {})["trial"]: event}

    def serves(self, row: str, half: str | None) -> bool:
        """Whether the model of a half learns from a row; None: the one model that learns from all."""
        return half is None or self.halves.get(row, half) == half

    def _joined(self, row: str, half: str | None) -> None:
        if half is not None:
            self.n_of[half] += 1
            self.halves.setdefault(row, half)
