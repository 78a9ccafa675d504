"""What can be read from a project."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skal.labeling._answers import Answers
from skal.labeling._data import ProjectData
from skal.labeling._errors import ProjectError
from skal.labeling._events import Event
from skal.labeling._next_rows import rows_left, training_rows
from skal.labeling._status import Accuracy, MeanError, Outlook, Status
from skal.labeling._trialing import Trials
from skal.labeling.agreement import COMPARED, Agreement, agreement_of, independent_votes
from skal.labeling.audit import AuditEstimate

if TYPE_CHECKING:  # what measures a model is loaded when one is measured
    from skal.labeling._auditing import Measured
    from skal.labeling.searching import Search
    from skal.stopping import Observation

_MOST_KEPT = 20  # classes whose recall a release keeps
_NO_AUDIT = "{folder} has no audit rows, so nothing else is measured: skal next DATA --audit 0.15 begins to ask some."


class Reads(Trials):
    """Labels, answers, status and model of a project."""

    def status(self, *, recall: Sequence[str] = (), stop: Any = None) -> Status:
        """Count labels, open questions, conflicts and rounds, and say how good the model is.

        Parameters
        ----------
        recall : sequence of str, default=()
            As in `audit`.
        stop : str, dict or Criterion, default=None
            What decides whether to stop: a criterion of `skal.stopping` that reads scores or counts, or its name,
            such as "value:value_per_point=200,cost_per_label=0.4". None: "gain", once six rounds are known.

        Returns
        -------
        Status

        Notes
        -----
        Where there are audit rows, a model is fitted.
        """
        from skal.labeling._report import status_of

        answers, outlook = self._answers(), self.outlook(recall=recall, stop=stop)
        n_left = len(rows_left(self._data, answers, ""))
        found = status_of(self._data, answers, self.kind, n_left, self.notes, self.agreement(), outlook.accuracy)
        return replace(found, stopping=outlook.stopping, search=self.search(), trial=self.trial())

    def search(self) -> Search | None:
        """Say how far the search for rows of some classes is (docs/find.md).

        Returns
        -------
        Search or None
            None where the project searches for nothing.

        Notes
        -----
        No model is fitted; time O(rows log rows).
        """
        from skal.labeling._searching import search_of

        return search_of(self._data, self._answers())

    def outlook(self, *, recall: Sequence[str] = (), stop: Any = None) -> Outlook:
        """Say how good the model is, and whether further labels are worth it: what `status` says besides counts.

        Parameters
        ----------
        recall, stop
            As for `status`.

        Returns
        -------
        Outlook
        """
        from skal.labeling._stop import stopping_advice

        answers = self._answers()
        n_left = len(rows_left(self._data, answers, ""))
        on_audit = self._audited(answers, recall)
        accuracy = on_audit.estimate if on_audit else self.accuracy(recall=recall)
        said = stopping_advice(answers, self.kind, n_left, stop, on_audit, self.settings.audit > 0, self.search())
        return Outlook(accuracy, None if isinstance(said, str) else said, str(said))

    def observations(self) -> list[Observation]:
        """Return the rounds so far as criteria of `skal.stopping` read them.

        Returns
        -------
        list of Observation
            With audit rows, each round's model and the present one, measured on the same rows, with intervals that
            hold for all looks of the project together (docs/proof.md). Else how right each round's model was about
            the random rows of the round. Labels are those that there were when the round began.

        Notes
        -----
        ``skal.stopping.stops_at(ScoreConvergence(), project.observations())`` says where a criterion would have
        stopped, in the light of the audit rows that are answered by now.
        """
        from skal.labeling._stop import rounds_known

        answers = self._answers()
        n_left = len(rows_left(self._data, answers, ""))
        on_audit = self._audited(answers, ())
        return rounds_known(answers, self.kind, n_left, on_audit, on_audit is not None)

    def _audited(self, answers: Answers, recall: Sequence[str]) -> Measured | None:
        """What audit rows say of the present model; None where they say nothing, or there are none."""
        if not answers.audit:
            return None
        self._check_recall(recall, answers)
        return self._measured(answers, recall)

    def agreement(self) -> Agreement | None:
        """Measure how far people agree on the rows that several of them have answered, each for themselves.

        Returns
        -------
        Agreement or None
            None if there is no such row, or the answers are of a kind that is not compared (masks). See
            `skal.labeling.independent_votes` for the answers that count.

        Notes
        -----
        All events are read, if there is such a row.
        """
        given = self._answers().by_row.values()
        if self.kind.name not in COMPARED or not any(
            sum(event.label is not None for event in row.values()) > 1 for row in given
        ):
            return None
        votes = independent_votes(self._journal.events())
        return agreement_of(votes, self.kind.name, parts=self.kind.parts, seed=self.settings.seed)

    def accuracy(self, *, recall: Sequence[str] = ()) -> AuditEstimate | Accuracy | MeanError | None:
        """Return how good the model is, as far as it is known.

        Parameters
        ----------
        recall : sequence of str, default=()
            As in `audit`.

        Returns
        -------
        AuditEstimate, Accuracy, MeanError or None
            With audit rows what `audit` returns; else how right models were about random rows before these were
            labelled, which is quick.
        """
        from skal.labeling._report import accuracy_of

        answers = self._answers()
        if self.settings.audit or answers.audit or answers.released:
            return self.audit(recall=recall)
        if recall:
            raise ProjectError(_NO_AUDIT.format(folder=self.folder))
        return accuracy_of(answers, self.kind)

    def audit(self, *, recall: Sequence[str] = ()) -> AuditEstimate | None:
        """Measure the present model on the audit rows.

        Parameters
        ----------
        recall : sequence of str, default=()
            Classes of which the recall is told.

        Returns
        -------
        AuditEstimate or None
            Of the model that `model` returns. None as long as no audit row is answered, or no model can be fitted;
            the last one, frozen, after `release`.

        Raises
        ------
        ProjectError
            If the project has no audit rows, or there is no such class.

        Notes
        -----
        One fit, and one pass of the model over the rows that nobody has chosen to learn from; above 100 000 of them
        only over the audit rows, without the narrowing by probabilities. Each audit row is scored anew by the present
        model. What the interval guarantees when models change is written in docs/proof.md.
        """
        answers = self._answers()
        if not (self.settings.audit or answers.audit or answers.released):
            raise ProjectError(_NO_AUDIT.format(folder=self.folder))
        self._check_recall(recall, answers)
        if not answers.audit and answers.released:
            return self._frozen(answers.released, recall)
        found = self._measured(answers, recall)
        return None if found is None else found.estimate

    def _check_recall(self, recall: Sequence[str], answers: Answers) -> None:
        classes = self._classes(answers)
        if isinstance(recall, str) or (recall and self.kind.name != "class"):
            raise ProjectError(
                f"recall is a list of classes, and here {self.kind.holds} are answered, got {recall!r}."
            )
        if unknown := [name for name in recall if name not in classes]:
            raise ProjectError(f"There is no class {unknown[0]!r}. There are {', '.join(classes) or 'none yet'}.")
        if recall and self.settings.audit_strata:
            raise ProjectError(
                f"Recall is measured on audit rows drawn from all rows alike, and here they are drawn by "
                f"{self.settings.audit_strata!r}: leave recall out, or project.change(audit_strata='')."
            )

    def _with_recall(self) -> list[str]:
        """Classes whose recall is kept when the audit rows are released: it cannot be measured later."""
        classes = self._classes(self._answers())
        is_told = self.kind.name == "class" and not self.settings.audit_strata
        return classes if is_told and len(classes) <= _MOST_KEPT else []

    def _frozen(self, release: Event, recall: Sequence[str]) -> AuditEstimate | None:
        """The estimate that a release has kept, with the recall of some classes."""
        if (kept := (release.why or {}).get("estimate")) is None:
            return None
        found = AuditEstimate.from_json(kept)
        unknown = tuple(name for name in recall if name not in found.recall)
        return replace(
            found, recall={name: found.recall[name] for name in recall if name in found.recall}, no_recall=unknown
        )

    def _measured(self, answers: Answers, recall: Sequence[str] = ()) -> Measured | None:
        """The present model on the audit rows; None as long as none is answered, or no model can be fitted."""
        from skal.labeling._audit_looks import with_rise
        from skal.labeling._auditing import measured

        classes = self._classes(answers)
        _, labels = training_rows(self._data, answers)
        is_answered = any(row in answers.by_row for row in answers.audit)
        if not is_answered or not self.kind.can_be_learned(self.kind.values(labels, classes)):
            return None
        found = measured(self._data, answers, self.kind, self.model(), classes, recall)
        return with_rise(found, answers, self.kind, len(labels))

    def labels(self) -> Any:
        """Return one label per row and where it came from.

        Returns
        -------
        DataFrame
            Columns ``id``, ``label``, ``annotators`` (those who gave it), ``n_votes`` (all who gave a label) and
            ``time`` of the last answer; rows whose label holds, in the order of asking.
        """
        import pandas as pd

        answers = self._answers()
        lines = []
        for row, label in answers.labeled().items():
            given = {who: event for who, event in answers.by_row[row].items() if event.label is not None}
            agreed = [who for who, event in given.items() if self.kind.same(event.label, label)]
            lines.append(
                (row, label, ", ".join(agreed or given), len(given), max(event.time for event in given.values()))
            )
        return pd.DataFrame(lines, columns=["id", "label", "annotators", "n_votes", "time"])

    def answers(self) -> dict[str, dict[str, str | None]]:
        """Return the present answers: label by annotator (None: skipped), by row."""
        found = self._answers().by_row
        return {row: {who: event.label for who, event in given.items()} for row, given in found.items()}

    def asked_of(self) -> dict[str, str]:
        """Return whom each row was asked of last; rows that were asked of nobody in particular are left out."""
        asked = self._answers().asked
        return {row: asks[-1].annotator for row, asks in asked.items() if asks[-1].annotator}

    def history(self, id: Any) -> list[Event]:
        """Return all events of a row, those that were undone among them, in their order."""
        found = self._journal.events_of(str(id))
        if not found:
            self._known(id)
        return found

    def events(self, after: int = 0) -> list[Event]:
        """Return what has happened, in its order.

        Parameters
        ----------
        after : int, default=0
            Number (``seq``) of an event: only later ones are read.
        """
        return self._journal.events(after)

    def model(self, *, without: Collection[str] = ()) -> Any:
        """Return the estimator fitted to the labels that hold, as the next round would fit it.

        Parameters
        ----------
        without : collection of str, default=()
            Ids of rows whose labels it must not know.

        Raises
        ------
        ProjectError
            If the labels are of fewer than two classes.
        """
        answers = self._answers()
        places, labels = training_rows(self._data, answers)
        if hidden := set(without):
            known = [place for place, row in enumerate(places) if self._data.ids[row] not in hidden]
            places, labels = places[known], [labels[place] for place in known]
        if not self.kind.can_be_learned(self.kind.values(labels, self._classes(answers))):
            have = f"all labels are {labels[0]!r}" if labels else "there are none"
            if len(set(labels)) > 1:
                have = f"the {len(labels)} labels do not differ enough"
            raise ProjectError(f"A model needs {self.kind.needed}; {have}.")
        return self._choosing().fitted(places, labels, answers.n_rounds).estimator

    def read_answers(self) -> Answers:
        """Return the present state, read from all events.

        It is the same object at every call, brought up to date, and costs what the new events cost.
        """
        return self._answers()

    @property
    def data_rows(self) -> ProjectData:
        """The data, with ids, labels and what a person reads of them."""
        return self._data

    @property
    def data_path(self) -> Path:
        """The file or folder that is labelled."""
        return self._data.path

    @property
    def data(self) -> Any:
        """The rows as the estimator reads them, in the order of the data."""
        return self._data.rows.X

    @property
    def ids(self) -> list[str]:
        """Ids of the rows, in the order of the data."""
        return list(self._data.ids)

    @property
    def classes(self) -> list[str]:
        """The known classes."""
        return self._classes(self._answers())
