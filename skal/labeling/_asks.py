"""What a project asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from skal.labeling._answers import Answers
from skal.labeling._errors import ProjectError
from skal.labeling._events import ASK, CHECK, DELIVER, OVERLAP, PERSON, RANDOM, RELEASE, Event
from skal.labeling._next_rows import (
    next_questions,
    random_places,
    rows_to_choose_from,
    still_to_ask,
    training_rows,
)
from skal.labeling._opened import checked_name
from skal.labeling._questions import Questions, why_in_words
from skal.labeling._trialing import Trials

_CHOSEN_BY = (PERSON, CHECK, OVERLAP)
_RANDOM_ROWS = 0xD1CE  # seeds what is drawn without a model and a round


class Asks(Trials):
    """Questions of a project."""

    def ask(
        self,
        n: int | None = None,
        annotator: str = "",
        *,
        overlap: int = 0,
        reserve: int = 0,
        again: bool = False,
        deliver: bool = True,
    ) -> Questions:
        """Choose rows to label next.

        Rows that wait for an answer, have one, or were skipped are not asked. First come rows on which annotators
        disagree.

        Parameters
        ----------
        n : int, default=None
            How many; None: the batch of the project. Fewer where fewer are left.
        annotator : str, default=""
            Whom.
        overlap : int, default=0
            How many of them are rows that somebody else has labelled and this annotator has not, drawn at random:
            they measure agreement.
        reserve : int, default=0
            How many random rows are to wait besides, to be asked when no other question waits, so that nobody waits
            for a model: those that are missing are added behind the others. The accuracy is measured on them as on
            all random rows.
        again : bool, default=False
            Hand out the questions again that wait for an answer of this annotator or of nobody in particular, instead
            of new ones.
        deliver : bool, default=True
            False: the batch counts as handed out only after `delivered`; until then the next call returns it again.

        Returns
        -------
        Questions
            Rows in the order of asking.

        Raises
        ------
        NothingLeft
            If nothing is left to ask.
        ProjectError
            If another process is choosing rows.
        """
        n = self.settings.batch if n is None else n
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"Project.ask: n must be a whole number >= 1, got {n!r}.")
        if not 0 <= overlap <= n:
            raise ValueError(f"Project.ask: overlap must be in [0, {n}] (n), got {overlap}.")
        if isinstance(reserve, bool) or not isinstance(reserve, (int, np.integer)) or reserve < 0:
            raise ValueError(f"Project.ask: reserve must be a whole number >= 0, got {reserve!r}.")
        annotator = checked_name(annotator)
        with self._asking():
            answers = self._answers()
            if again:
                return self._asked_again(answers, annotator)
            if lost := [event for event in answers.undelivered(annotator) if event.row in self._data.places]:
                note = f"Batch {lost[0].batch} was chosen before, but never handed out: here it is."
                return self._handed_out(lost, deliver, [note])
            said = self._end_of_trial()
            answers = self._answers()
            while True:
                taken = {*answers.by_row, *answers.open()}
                events, notes = next_questions(
                    self._data, answers, self._choosing, int(n), annotator, overlap, int(reserve)
                )
                if asked := self._asked(partial(still_to_ask, events, taken), annotator if deliver else None):
                    return self._questions(asked, [*said, *notes])

    def ask_rows(
        self, ids: Sequence[Any], annotator: str = "", by: str = PERSON, *, deliver: bool = True
    ) -> list[Event]:
        """Ask about rows that a person or a check has chosen, as a batch of their own.

        Parameters
        ----------
        ids : sequence
            Of the rows, in the order of asking.
        annotator : str, default=""
            Whom.
        by : {"person", "check", "overlap"}, default="person"
            Who or what chose them. "check": their labels are doubted, and what is answered now counts in place of
            what was answered before; only these are asked although they have an answer. "overlap": somebody else
            answers them too; they are left out where this annotator has answered.
        deliver : bool, default=True
            False: the next call of `ask` hands them out.

        Returns
        -------
        list of Event
            The questions; rows that are left out have none.

        Raises
        ------
        ProjectError
            If there is no such row; nothing is asked then.

        Notes
        -----
        It waits for no other process that is choosing rows.
        """
        if by not in _CHOSEN_BY:
            raise ValueError(f"Project.ask_rows: by must be one of {', '.join(_CHOSEN_BY)}, got {by!r}.")
        annotator = checked_name(annotator)
        if isinstance(ids, str):
            raise ValueError("Project.ask_rows: ids is a sequence; for one row pass [id].")
        if by == OVERLAP and not annotator:
            raise ValueError("Project.ask_rows: by='overlap' asks somebody in particular: pass annotator.")
        rows = list(dict.fromkeys(self._known(id) for id in ids))
        left_out = {
            CHECK: lambda answers, row: False,
            PERSON: lambda answers, row: row in answers.by_row,
            OVERLAP: lambda answers, row: annotator in answers.by_row.get(row, {}),
        }[by]

        def questions(now: Answers) -> list[Event]:
            asked = [Event(ASK, row, annotator, why={"by": by}) for row in rows if not left_out(now, row)]
            known = [row for row in rows if by == PERSON and row in now.audit and left_out(now, row)]
            return [*asked, *(Event(RELEASE, row, annotator, why={"by": by}) for row in known)]

        return self._asked(questions, annotator if deliver else None)

    def random_rows(self, n: int, annotator: str = "") -> list[Event]:
        """Ask about random rows, like those of the reserve of `ask`, but without a model and without its guess.

        Parameters
        ----------
        n : int
            How many; fewer where fewer are left.
        annotator : str, default=""
            Whom.

        Returns
        -------
        list of Event
            The questions.

        Notes
        -----
        It waits for no other process that is choosing rows.
        """
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"Project.random_rows: n must be a whole number >= 1, got {n!r}.")
        annotator = checked_name(annotator)

        def drawn(answers: Answers) -> list[Event]:
            seed = np.random.SeedSequence((self.settings.seed, answers.last, _RANDOM_ROWS))
            places = random_places(self._data, answers, annotator, int(n), np.random.default_rng(seed))
            why = {"by": RANDOM, "reserve": True}
            return [Event(ASK, self._data.ids[place], annotator, why=why) for place in places]

        return self._asked(drawn, annotator)

    def hand(self, ids: Sequence[Any], annotator: str) -> list[Event]:
        """Say that questions are before an annotator.

        Parameters
        ----------
        ids : sequence
            Of rows. Those that do not wait for an answer of this annotator, or of anybody, are left out.
        annotator : str
            Whom they are shown.

        Returns
        -------
        list of Event
            The deliveries, as they are kept.
        """
        annotator = checked_name(annotator)
        answers = self._answers()
        events = []
        for row in map(self._known, ids):
            asks = [ask for ask in answers.open_of(row) if ask.annotator in ("", annotator)]
            events += [Event(DELIVER, row, annotator, batch=asks[-1].batch)] if asks else []
        return self._journal.append(events, durable=False) if events else []

    def waiting(self) -> list[Event]:
        """Return the questions that wait for an answer, in the order of asking."""
        return self._answers().waiting()

    def held(self, annotator: str | None = None) -> dict[str, Event]:
        """Return the latest delivery of each row that is before somebody and waits for an answer.

        Parameters
        ----------
        annotator : str, default=None
            Before whom; None: anybody.
        """
        return self._answers().handed(annotator)

    def delivered(self, batch: int) -> None:
        """Say that a batch has been handed out; see `ask`."""
        self._journal.append([Event(DELIVER, batch=batch)])

    def learner_of(self, questions: Questions) -> tuple[Any, list[str], Any] | None:
        """Fit the learner again that chose a batch.

        Parameters
        ----------
        questions : Questions
            Of the project.

        Returns
        -------
        tuple or None
            The learner, the ids of the rows that it was fitted to, and the positions of the rows that might be asked
            then; None where the batch was chosen without a model.
        """
        numbers = [event.round for event in questions.events if event.round is not None]
        if not numbers:
            return None
        first = min(event.seq for event in questions.events)
        before = Answers.of((event for event in self._journal.events() if event.seq < first), self.kind.verdict)
        half = next((event.why["half"] for event in questions.events if event.why and "half" in event.why), None)
        places, labels = training_rows(self._data, before, half)
        chooser = self._choosing()
        chooser.classes = self._classes(before)
        learner = chooser.fitted(places, labels, numbers[0])
        left = rows_to_choose_from(self._data, before, questions.events[0].annotator)
        return learner, [self._data.ids[place] for place in places], left

    def _asked(self, questions: Callable[[Answers], list[Event]], delivered_to: str | None) -> list[Event]:
        """Append questions as a batch, unless something happens in between; then ask for them once more.

        Releases of audit rows are appended with them; only questions are returned, none if there are none.
        """
        while True:
            answers = self._answers()
            events = [replace(event, batch=answers.n_batches + 1) for event in questions(answers)]
            if not events:
                return []
            more = [] if delivered_to is None else [Event(DELIVER, annotator=delivered_to, batch=events[0].batch)]
            if written := self._journal.append([*events, *more], unless_after=answers.last):
                return [event for event in written if event.kind == ASK]

    def _asked_again(self, answers: Answers, annotator: str) -> Questions:
        events = [event for event in answers.open().values() if event.annotator in ("", annotator)]
        events = [event for event in events if event.row in self._data.places]
        if not events:
            raise ProjectError(f"No question waits for an answer of {annotator!r}.")
        return self._questions(sorted(events, key=lambda event: event.seq), [])

    def _handed_out(self, events: list[Event], deliver: bool, notes: list[str]) -> Questions:
        if deliver:
            for batch in sorted({event.batch for event in events if event.batch is not None}):
                self.delivered(batch)
        return self._questions(events, notes)

    def _questions(self, events: list[Event], notes: list[str]) -> Questions:
        ids = [str(event.row) for event in events]
        shown = self._data.rows.shown.iloc[[self._data.places[row] for row in ids]].reset_index(drop=True)
        shown[self.settings.target] = None
        return Questions(ids, shown, [why_in_words(event) for event in events], events, notes)
