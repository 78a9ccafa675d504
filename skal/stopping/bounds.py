"""Criteria with an end that is said beforehand: labels, money, a score."""

from __future__ import annotations

from typing import ClassVar

from skal.stopping.criterion import Criterion
from skal.stopping.observation import Observation, Verdict

__all__ = ["LabelBudget", "RecallReached", "TargetReached"]


class LabelBudget(Criterion):
    """Stop when the labels are bought, or the money is spent.

    Parameters
    ----------
    n_labels : int or None, default=None
        Labels in all, the first ones counted.
    cost : float or None, default=None
        Money in all, in the unit of the rounds' cost. One of the two is needed; of both the first that is reached
        counts.

    Examples
    --------
    >>> from skal.stopping import Observation
    >>> print(LabelBudget(n_labels=100).verdict([Observation(60)]))
    go on: 60 of 100 labels are there.
    """

    def __init__(self, n_labels: int | None = None, *, cost: float | None = None) -> None:
        self.n_labels = n_labels
        self.cost = cost

    def check(self) -> None:
        """Raise if there is no budget."""
        if self.n_labels is None and self.cost is None:
            raise ValueError("LabelBudget: say how many labels, n_labels=, or how much money, cost=; got neither.")
        if self.n_labels is not None:
            self._whole("n_labels")
        if self.cost is not None:
            self._number("cost", 0, above=True)

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Compare what was bought with what may be."""
        last = rounds[-1]
        said: list[tuple[float, float, str]] = []
        if self.n_labels is not None:
            there = last.n_labels if last.labels_now is None else last.labels_now
            said.append((there, self.n_labels, f"{there} of {self.n_labels} labels are there."))
        if self.cost is not None:
            said.append((last.paid, self.cost, f"{last.paid:g} of {self.cost:g} are spent."))
        reached = [one for one in said if one[0] >= one[1]]
        return Verdict(bool(reached), " ".join(text for *_, text in reached or said), float((reached or said)[0][0]))


class TargetReached(Criterion):
    """Stop when the lower end of the score's interval is at the target.

    Parameters
    ----------
    target : float
        In the unit of the score, such as an accuracy of 0.9.

    Notes
    -----
    The score itself is at the target too early in about half of all cases. The lower end is too early in at most as
    many as the interval misses; as one looks after every round, it must be one that holds whenever one looks, as
    those of `skal.stopping.audit_interval` and of labelling projects do.

    Examples
    --------
    >>> from skal.stopping import Observation
    >>> print(TargetReached(0.9).verdict([Observation(50, score=0.93, low=0.88, high=0.97)]))
    go on: the accuracy is 0.93, and its interval begins at 0.88, below 0.9.
    """

    reads: ClassVar[tuple[str, ...]] = ("score", "low")

    def __init__(self, target: float) -> None:
        self.target = target

    def check(self) -> None:
        """Raise if the target is no number."""
        self._number("target")

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Compare the lower end with the target."""
        score, low = self._values(rounds, "score")[-1], self._values(rounds, "low")[-1]
        stop = bool(low >= self.target)
        side = "at or above" if stop else "below"
        text = f"the {rounds[-1].unit} is {score:.3g}, and its interval begins at {low:.3g}, {side} {self.target:g}."
        return Verdict(stop, text, float(low))


class RecallReached(Criterion):
    """Stop a search when the lower end of the share that is found is at the target.

    Parameters
    ----------
    target : float, default=0.95
        Share of all rows of the sought classes, above 0 and at most 1.

    Notes
    -----
    With an interval of 95 % that holds whenever one looks, as that of labelling projects, it stops too early in at
    most one search of twenty, however often one looks: that is the stated risk of missing more than ``1 - target``.
    Rare rows make it dear. The interval rests on random rows alone, and to rule out a few rows among thousands most
    of these must be drawn; `skal.statistics.draws_needed` says how many.

    References
    ----------
    .. [1] Callaghan and Müller-Hansen, "Statistical stopping criteria for automated screening in systematic reviews",
       Systematic Reviews 9, 2020: a target recall at a stated confidence, from a random sample of what is left.

    Examples
    --------
    >>> from skal.stopping import Observation
    >>> print(RecallReached(0.8).verdict([Observation(300, recall_low=0.62)]))
    go on: at least 62 % of the sought rows are found, below 80 %.
    """

    reads: ClassVar[tuple[str, ...]] = ("recall_low",)

    def __init__(self, target: float = 0.95) -> None:
        self.target = target

    def check(self) -> None:
        """Raise if the target is no share."""
        self._number("target", 0, 1, above=True)

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Compare the lower end with the target."""
        low = float(self._values(rounds[-1:], "recall_low")[0])
        stop = low >= self.target
        said = f"at least {100 * low:.3g} % of the sought rows are found"
        return Verdict(stop, f"{said}, {'at or above' if stop else 'below'} {100 * self.target:g} %.", low)
