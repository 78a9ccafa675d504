"""What a project asks."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.labeling._answers import Answers
from skal.labeling._errors import ProjectError
from skal.labeling._events import DELIVER, Event
from skal.labeling._next_rows import next_questions, rows_left, training_rows
from skal.labeling._opened import OpenProject, checked_name
from skal.labeling._questions import Questions, why_in_words


class Asks(OpenProject):
    """Questions of a project."""

    def ask(
        self,
        n: int | None = None,
        annotator: str = "",
        *,
        overlap: int = 0,
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
        ProjectError
            If nothing is left to ask, or another process is choosing rows.
        """
        n = self.settings.batch if n is None else n
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"Project.ask: n must be a whole number >= 1, got {n!r}.")
        if not 0 <= overlap <= n:
            raise ValueError(f"Project.ask: overlap must be in [0, {n}] (n), got {overlap}.")
        annotator = checked_name(annotator)
        with self._asking():
            answers = self._answers()
            if again:
                return self._asked_again(answers, annotator)
            if lost := [event for event in answers.undelivered(annotator) if event.row in self._data.places]:
                note = f"Batch {lost[0].batch} was chosen before, but never handed out: here it is."
                return self._handed_out(lost, deliver, [note])
            events, notes = next_questions(self._data, answers, self._choosing, int(n), annotator, overlap)
            more = [Event(DELIVER, annotator=annotator, batch=events[0].batch)] if deliver else []
            asked = self._journal.append([*events, *more])[: len(events)]
        return self._questions(asked, notes)

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
        before = Answers.of(event for event in self._journal.events() if event.seq < first)
        places, labels = training_rows(self._data, before)
        learner = self._choosing().fitted(places, labels, numbers[0])
        left = rows_left(self._data, before, questions.events[0].annotator)
        return learner, [self._data.ids[place] for place in places], left

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
