"""A project's trial of its strategy: what it says, and its end."""

from __future__ import annotations

from skal.labeling._errors import ProjectError
from skal.labeling._events import TRIAL, Event
from skal.labeling._opened import OpenProject
from skal.labeling.trial import TrialResult


class Trials(OpenProject):
    """The trial of a project."""

    def trial(self) -> TrialResult | None:
        """Return what is known of whether the strategy is better than random rows.

        Returns
        -------
        TrialResult or None
            Of the trial that goes on or is to begin, else of the last one, as it was when it ended. None if there was
            none.

        Notes
        -----
        It reads what models have said of random rows before these were labelled, and fits none. What is compared, and
        the proof, are in docs/proof.md.
        """
        from skal.labeling._trials import half_due, present_result

        answers = self._answers()
        if answers.trial.strategy is not None or half_due(self.settings, answers, 1) is not None:
            return present_result(self.settings, answers, self.kind)
        for end in reversed(answers.trial.over.values()):
            return TrialResult.from_json((end.why or {})["result"])
        return None

    def end_trial(self) -> TrialResult:
        """End the trial with what is known: all labels serve one model from now on.

        Returns
        -------
        TrialResult
            As it stays.

        Raises
        ------
        ProjectError
            If no trial is going on.

        Notes
        -----
        It cannot be undone, and the same strategy is not tried twice: of several trials one would be lucky.
        """
        from skal.labeling._trials import half_due

        with self._asking():
            answers = self._answers()
            if answers.trial.strategy is None and half_due(self.settings, answers, 1) is None:
                raise ProjectError(
                    f"No trial is going on in {self.folder}: `skal next DATA --audit 0.15 --trial` begins one, of a "
                    "strategy that was not tried yet."
                )
            return self._ended("said")

    def _end_of_trial(self) -> list[str]:
        """End the trial if it is decided, or there is another reason; return what to tell."""
        from skal.labeling._trials import reason_to_end

        reason = reason_to_end(self.settings, self._answers(), self.kind)
        return self._ended(reason).in_words() if reason else []

    def _ended(self, reason: str) -> TrialResult:
        from skal.labeling._trials import present_result

        found = present_result(self.settings, self._answers(), self.kind, reason)
        self._journal.append([Event(TRIAL, why={"trial": found.strategy, "result": found.as_json()})])
        return found
