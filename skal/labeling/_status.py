"""How far a project is."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skal.labeling._words import counted
from skal.labeling.agreement import Agreement
from skal.labeling.audit import AuditEstimate
from skal.labeling.trial import TrialResult

if TYPE_CHECKING:
    from skal.labeling.searching import Search
    from skal.stopping import Forecast


@dataclass(frozen=True)
class Accuracy:
    """How often the model was right about rows drawn at random, before they were labelled.

    Attributes
    ----------
    n, n_right : int
        Rows that were drawn at random and have a label, and those of them that the model of their round took for the
        right class.
    low, high : float
        Wilson's interval, 95 %.
    jaccard : float or None
        Of sets of labels: how much of a set was right on the mean, common labels by all of guess and answer.
    """

    n: int
    n_right: int
    low: float
    high: float
    jaccard: float | None = None

    @classmethod
    def of(cls, right: Sequence[bool], jaccard: float | None = None) -> Accuracy:
        """Count guesses, of which there is at least one."""
        from scipy.stats import binomtest

        interval = binomtest(sum(right), len(right)).proportion_ci(method="wilson")
        return cls(len(right), sum(right), float(interval.low), float(interval.high), jaccard)

    def __str__(self) -> str:
        percent, low, high = (f"{100 * share:.0f}" for share in (self.n_right / self.n, self.low, self.high))
        more = "" if self.jaccard is None else f"; the mean Jaccard index of guess and answer is {self.jaccard:.2f}"
        return (
            f"{percent} % ({self.n_right} of {self.n}) of the random rows were predicted right before they were "
            f"labelled (95 % interval {low} to {high} %){more}"
        )


@dataclass(frozen=True)
class MeanError:
    """How far off the model was about numbers of rows drawn at random, before they were labelled.

    Attributes
    ----------
    n : int
        Rows that were drawn at random and have a number.
    error : float
        Mean absolute error of the guesses of the model of their round.
    low, high : float or None
        95 % interval of Student's t; None for a single row.
    """

    n: int
    error: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, errors: Sequence[float]) -> MeanError:
        """Take the mean of absolute errors, of which there is at least one."""
        n, mean = len(errors), statistics.fmean(errors)
        if n == 1:
            return cls(n, mean, None, None)
        from scipy.stats import t

        half = float(t.ppf(0.975, n - 1)) * statistics.stdev(errors) / n**0.5
        return cls(n, mean, max(mean - half, 0.0), mean + half)

    def __str__(self) -> str:
        interval = "" if self.low is None else f" (95 % interval {self.low:.4g} to {self.high:.4g})"
        return (
            f"{self.error:.4g} is the mean absolute error on {counted(self.n, 'random row')}, predicted before "
            f"{'it was' if self.n == 1 else 'they were'} labelled{interval}"
        )


@dataclass(frozen=True)
class Outlook:
    """How good the model is, and whether further labels are worth it.

    Attributes
    ----------
    accuracy : AuditEstimate, Accuracy, MeanError or None
        As far as it is known; of the present model, where there are audit rows.
    forecast : Forecast or None
        What the next labels are expected to bring, and what the criterion says; None where it is not known.
    stopping : str
        The same as a sentence, or why it is not known; empty where nobody asked.
    """

    accuracy: AuditEstimate | Accuracy | MeanError | None
    forecast: Forecast | None
    stopping: str


@dataclass(frozen=True)
class Status:
    """Counts of a project.

    Attributes
    ----------
    n_rows, n_labeled, n_left : int
        Rows of the data, those whose label holds, and those that may still be asked.
    by_class, by_annotator : dict of str to int
        Labels that hold, by class; answers, by annotator.
    n_open : dict of int to int
        Questions that wait for an answer, by batch.
    skipped : dict of str to list of str
        Rows without a label that somebody skipped, and who.
    conflicts : dict of str to dict of str to str
        Rows on which annotators disagree without a majority: label by annotator.
    n_agreements : int
        Rows that several annotators labelled, and that have a majority.
    changed, gone : list of str
        Answered rows whose content has changed since, and that are no longer in the data.
    n_rounds : int
        Rounds in which a model chose rows.
    accuracy : AuditEstimate, Accuracy, MeanError or None
        As far as it is known; of the present model, where there are audit rows.
    notes : list of str
        What there is to tell of the data.
    agreement : Agreement or None
        Of people on rows that several of them have answered.
    summary : str
        What is said of answers in place of counts by class.
    stopping : str
        What the next labels are expected to bring, and whether a criterion would stop; empty where it is not known.
    search : Search or None
        Of a search for the rows of some classes.
    has_audit : bool
        Whether audit rows measure the accuracy.
    trial : TrialResult or None
        Whether the strategy is better than random rows, where it is or was tried.
    """

    n_rows: int
    n_labeled: int
    n_left: int
    by_class: dict[str, int]
    by_annotator: dict[str, int]
    n_open: dict[int, int]
    skipped: dict[str, list[str]]
    conflicts: dict[str, dict[str, str]]
    n_agreements: int
    changed: list[str]
    gone: list[str]
    n_rounds: int
    accuracy: AuditEstimate | Accuracy | MeanError | None
    notes: list[str] = field(default_factory=list)
    agreement: Agreement | None = None
    summary: str = ""
    stopping: str = ""
    has_audit: bool = False
    search: Search | None = None
    trial: TrialResult | None = None

    def __str__(self) -> str:
        n_open = sum(self.n_open.values())
        left = f"{n_open} wait for an answer, {self.n_left} more" if n_open else f"{self.n_left}"
        lines = [
            f"{self.n_labeled} of {self.n_rows} rows are labelled, {left} may {'' if n_open else 'still '}be asked."
        ]
        lines.append(self.summary or f"Classes: {_counts(self.by_class) or 'none yet'}.")
        if self.by_annotator:
            lines.append(f"Answers: {_counts(self.by_annotator)}.")
        if self.n_open:
            batches = ", ".join(f"{n} of batch {batch}" for batch, n in sorted(self.n_open.items()))
            lines.append(f"Open questions: {batches}.")
        if self.skipped:
            lines.append(f"Skipped and without a label: {len(self.skipped)}.")
        if self.conflicts:
            lines.append(f"Conflicts: {len(self.conflicts)}. They are asked again, and are not learned from.")
            lines += [
                f"  {row}: {', '.join(f'{label} ({who})' for who, label in votes.items())}"
                for row, votes in list(self.conflicts.items())[:20]
            ]
            if len(self.conflicts) > 20:
                lines.append(f"  and {len(self.conflicts) - 20} more")
        if self.n_agreements:
            lines.append(f"Rows that several people answered and that have a majority: {self.n_agreements}.")
        if self.agreement:
            lines.append(f"Agreement: {self.agreement}.")
        for rows, words in (
            (self.changed, "Answered rows whose content has changed since"),
            (self.gone, "Answered rows that are no longer in the data"),
        ):
            if rows:
                more = "" if len(rows) <= 5 else f" and {len(rows) - 5} more"
                lines.append(f"{words}: {', '.join(rows[:5])}{more}.")
        lines.append(f"Rounds chosen by a model: {self.n_rounds}.")
        if isinstance(self.accuracy, AuditEstimate):
            lines += self.accuracy.in_words()
        elif self.accuracy:
            lines.append(f"Accuracy: {self.accuracy}.")
        else:
            measured = "audit rows, once they are answered" if self.has_audit else "random rows of each batch"
            lines.append(f"Accuracy: not known yet; it is measured on the {measured}.")
        lines += self.search.in_words() if self.search else []
        lines += self.trial.in_words() if self.trial else []
        lines += [self.stopping] if self.stopping else []
        return "\n".join([*lines, *self.notes])


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))
