"""Did the choice pay? What a trial of a strategy against random rows says, and the sentences that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from skal.labeling._words import counted

_COMPARED = {  # of two models; what is left is above 0 if the strategy's is better
    "accuracy": "Share of rows that its models are right on, less that of models of as many random rows: {}",
    "jaccard": "Mean overlap of its models' label sets with people's, less that of models of as many random rows: {}",
    "absolute error": "Mean error of models of as many random rows, less that of its models: {}",
}
_ENDINGS = {
    "decided": "",
    "budget": "its budget was spent",
    "said": "it was ended by a person",
    "changed": "another strategy was chosen",
    "released": "the audit rows were given to the training",
}


@dataclass(frozen=True)
class TrialResult:
    """Whether the models of a strategy's rows are better than those of as many random rows, as far as it is known.

    Attributes
    ----------
    strategy : str
        That is tried.
    measure : {"accuracy", "jaccard", "absolute error"}
        What is compared, by the kind of the answers: classes, sets of labels, numbers.
    verdict : {"better", "worse", "undecided"}
        Of models that are no better "better" is ever said with a probability of 1.25 % at most, and of models that
        are no worse "worse". It is about the models of this project: what the luck of its rows adds is not proved
        (docs/proof.md).
    estimate : float or None
        By how much the strategy's models were better on the mean of the rows that were compared; None before there
        are any.
    low, high : float
        95 % interval, valid whenever one looks.
    n : int
        Random rows, labelled by now, that both models were asked about before anybody had seen them.
    n_strategy, n_random : int
        Labels from which the model of one half alone learns.
    n_questions, budget : int
        Questions of the trial so far, and after how many it ends; 0: after a verdict.
    scale : float or None
        Differences of numbers' errors above this count as this.
    ended : {"", "decided", "budget", "said", "changed", "released"}
        Why it is over; empty while it goes on.
    time : str
        When this was computed, UTC, ISO 8601.
    """

    strategy: str
    measure: str
    verdict: str
    estimate: float | None
    low: float
    high: float
    n: int
    n_strategy: int = 0
    n_random: int = 0
    n_questions: int = 0
    budget: int = 0
    scale: float | None = None
    ended: str = ""
    time: str = ""

    @property
    def is_over(self) -> bool:
        """Whether all labels serve one model again."""
        return bool(self.ended)

    def in_words(self) -> list[str]:
        """Return one plain sentence for each thing that there is to say."""
        name = self.strategy
        about = f"Trial of {name} against random rows"
        if self.is_over:
            about += (
                f" (over since {self.time[:10]}" + (f", as {said}" if (said := _ENDINGS[self.ended]) else "") + ")"
            )
        found = [f"{about}: {self.verdict}."]
        if self.estimate is None:
            found.append("Nothing has been compared yet: both halves need labels, and then random rows.")
        else:
            unit = " points" if self.measure == "accuracy" else ""
            found.append(
                f"{_COMPARED[self.measure].format(self._number(self.estimate))}{unit} (95 % interval "
                f"{self._number(self.low)} to {self._number(self.high)}{unit}, valid whenever you look), on the mean "
                f"of {counted(self.n, 'random row')} that neither had learned from."
            )
        if self.scale is not None:
            found.append(f"Differences of more than {self.scale:.4g} count as {self.scale:.4g}.")
        return [*found, self._next()]

    def __str__(self) -> str:
        return "\n".join(self.in_words())

    def as_json(self) -> dict[str, Any]:
        """Return numbers and texts that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> TrialResult:
        """Return what `as_json` was made of."""
        return cls(**found)

    def _next(self) -> str:
        if not self.is_over:
            if self.verdict != "undecided":
                return "The next round ends the trial: all labels serve one model then."
            most = f" of {self.budget} at most" if self.budget else ""
            return (
                f"It has asked {counted(self.n_questions, 'question')}{most}; {self.n_strategy} labels serve the "
                f"strategy's model alone, {self.n_random} that of random rows. It goes on."
            )
        if self.verdict == "worse":
            return (
                f"All labels serve one model. Random rows are asked instead of {self.strategy}, until another "
                "strategy is chosen (--strategy)."
            )
        goes_on = "" if self.ended == "changed" else f" Rows are asked by {self.strategy}."
        return f"All labels serve one model.{goes_on}"

    def _number(self, number: float) -> str:
        if self.measure == "accuracy":
            return f"{100 * number:.1f}"
        return f"{number:.3f}" if self.measure == "jaccard" else f"{number:.4g}"
