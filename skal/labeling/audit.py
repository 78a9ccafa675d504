"""How good the present model is, by audit rows: numbers with intervals, and the sentences that say what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # an estimate that is frozen is read without what makes new ones
    from skal.statistics import PoolInterval

_INTERVALS = (*("anytime", "all_looks", "rise", "fixed", "anytime_plain", "fixed_plain", "macro_f1", "mean_iou"),)
_MEASURES = {
    "accuracy": "{model} agrees with people's answers on {estimate} of {rows}",
    "exact sets": "{model} predicts the whole set of labels as people do on {estimate} of {rows}",
    "overlap": "The masks of {model} overlap people's by {estimate} on the mean of {rows}",
    "root mean square error": "The root mean square error of {model} is {estimate} on {rows}",
}


@dataclass(frozen=True)
class AuditEstimate:
    """How good the present model is on the rows that nobody has chosen to learn from, audit rows among them.

    Attributes
    ----------
    measure : {"accuracy", "exact sets", "overlap", "root mean square error"}
        What is measured, by the kind of the answers.
    anytime : PoolInterval
        Valid whenever one looks, at 97.5 % for each model and at about 95 % for all models of a project together
        (docs/proof.md); `n` counts answered audit rows, `population` the rows that it speaks of.
    all_looks : PoolInterval or None
        Proved to hold, at 95 %, for all looks of the project together, one a round, whichever of them one stops at;
        a criterion that stops at a target reads it.
    look : int
        Number of this look: rounds that a model has chosen so far, and one.
    rise : PoolInterval or None
        How much better this model is than that of an earlier round, on the same rows: the mean difference, from -1 to
        1, at 97.5 %. None where no earlier model learned from fewer labels, and of numbers.
    rise_from, rise_rounds : int
        Labels that there were then, and how many rounds ago it was.
    fixed : PoolInterval or None
        Narrower, and valid for the one look at which all of the `audit_size` rows are answered.
    anytime_plain, fixed_plain : PoolInterval or None
        The same without the model's own probabilities, where these have been used.
    macro_f1 : PoolInterval or None
        Mean F1 of the classes or labels, valid whenever one looks; None above 20 of them, where answers are no
        classes, and with strata.
    mean_iou : PoolInterval or None
        Of masks the mean over classes of the pixels in both guess and mask over those in either, both summed over the
        images. Valid whenever one looks; None above 20 classes.
    recall : dict of str to PoolInterval
        Of the classes that were asked for, valid whenever one looks.
    no_recall : tuple of str
        Classes that were asked for, and of which nothing is known: they were no classes when the audit rows were
        given to the training.
    n_unusable, n_waiting, n_to_ask : int
        Audit rows that were skipped or are in conflict, that wait for an answer, and that count only once rows which
        have joined the pool since are answered.
    largest : float or None
        Errors of numbers above this are counted as this: the spread of the labels that were learned from.
    n_strata : int
        Strata that the audit rows were drawn by.
    time : str
        When it was measured, UTC, ISO 8601.
    is_frozen : bool
        Whether the audit rows were given to the training then, so that later models cannot be measured by them.
    """

    measure: str
    anytime: PoolInterval
    fixed: PoolInterval | None = None
    anytime_plain: PoolInterval | None = None
    fixed_plain: PoolInterval | None = None
    all_looks: PoolInterval | None = None
    look: int = 0
    rise: PoolInterval | None = None
    rise_from: int = 0
    rise_rounds: int = 0
    macro_f1: PoolInterval | None = None
    mean_iou: PoolInterval | None = None
    recall: dict[str, PoolInterval] = field(default_factory=dict)
    no_recall: tuple[str, ...] = ()
    n_unusable: int = 0
    n_waiting: int = 0
    n_to_ask: int = 0
    largest: float | None = None
    n_strata: int = 1
    time: str = ""
    is_frozen: bool = False

    @property
    def n(self) -> int:
        """Answered audit rows."""
        return self.anytime.n

    def in_words(self) -> list[str]:
        """Return one plain sentence for each number."""
        model = "the present model"
        if self.is_frozen:
            model = f"the model of {self.time[:10]}, when the audit rows were given to the training,"
        said = _MEASURES[self.measure].format(
            model=model,
            estimate=self._number(self.anytime.estimate),
            rows=f"the {self.anytime.population:,} rows that nobody chose to learn from",
        )
        found = [
            f"{said[0].upper()}{said[1:]} (95 % interval {self._range(self.anytime)}, valid whenever you look)"
            f"{self._without(self.anytime_plain)}; measured on {self.n} random rows that it has not learned from."
        ]
        if self.all_looks is not None:
            found.append(
                f"All looks of the project together, one a round, of which this is number {self.look}: "
                f"{self._range(self.all_looks)} (95 %, proved; see docs/proof.md)."
            )
        if self.rise is not None:
            found.append(self._risen(self.rise))
        if self.fixed is not None:
            found.append(
                f"As the number of audit rows was fixed beforehand, for one look: {self._range(self.fixed)}"
                f"{self._without(self.fixed_plain)}."
            )
        if self.macro_f1 is not None:
            found.append(f"Macro F1: {_of_share(self.macro_f1)}, valid whenever you look.")
        if self.mean_iou is not None:
            found.append(f"Mean IoU over all pixels: {_of_share(self.mean_iou)}, valid whenever you look.")
        found += [
            f"Recall of {name}: {_of_share(one)}, valid whenever you look." for name, one in self.recall.items()
        ]
        if self.no_recall:
            found.append(
                f"Recall of {', '.join(self.no_recall)}: not known; there was no such class when the audit rows were "
                "given to the training, and nothing was measured since."
            )
        if self.n_strata > 1:
            found.append(f"The audit rows were drawn by {self.n_strata} strata, weighted by their sizes.")
        if self.largest is not None:
            bound = f"{self.largest:.4g}"
            found.append(f"Errors above {bound} count as {bound}, since no interval holds without a bound.")
        for n, words in (
            (self.n_waiting, "wait for an answer"),
            (self.n_unusable, "were skipped or are in conflict, and count for nothing"),
            (self.n_to_ask, "count only once rows that have joined the data since are answered"),
        ):
            found += [f"Audit rows that {words}: {n}."] if n else []
        return found

    def __str__(self) -> str:
        return "\n".join(self.in_words())

    def as_json(self) -> dict[str, Any]:
        """Return numbers and texts that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> AuditEstimate:
        """Return what `as_json` was made of."""
        from skal.statistics import PoolInterval

        # What an earlier version has kept lacks what has come since.
        read = {name: None if found.get(name) is None else PoolInterval(**found[name]) for name in _INTERVALS}
        recall = {name: PoolInterval(**one) for name, one in found["recall"].items()}
        return cls(**{**found, **read, "recall": recall, "no_recall": tuple(found.get("no_recall", ()))})

    def _risen(self, rise: PoolInterval) -> str:
        points, low, high = (f"{100 * end:+.1f}" for end in (rise.estimate, rise.low, rise.high))
        ago = "a round" if self.rise_rounds == 1 else f"{self.rise_rounds} rounds"
        return (
            f"Since {self.rise_from} labels, {ago} ago, it has changed by {points} points on the same rows (95 % "
            f"interval {low} to {high}, valid whenever you look)."
        )

    def _number(self, number: float) -> str:
        if number != number:
            return "an unknown share" if self._is_share else "unknown"
        return f"{100 * number:.1f} %" if self._is_share else f"{number:.4g}"

    def _range(self, one: PoolInterval) -> str:
        if self._is_share:
            return f"{100 * one.low:.1f} to {100 * one.high:.1f} %"
        return f"{one.low:.4g} to {one.high:.4g}"

    def _without(self, plain: PoolInterval | None) -> str:
        return "" if plain is None else f", {self._range(plain)} without its own probabilities"

    @property
    def _is_share(self) -> bool:
        return self.measure in ("accuracy", "exact sets")


def rescaled(one: PoolInterval, of: Callable[[float], float]) -> PoolInterval:
    """Return an interval of something that rises with what it was measured for."""
    return replace(one, estimate=of(one.estimate), low=of(one.low), high=of(one.high))


def _of_share(one: PoolInterval) -> str:
    estimate = "not seen yet" if one.estimate != one.estimate else f"{one.estimate:.3f}"
    return f"{estimate}, 95 % interval {one.low:.3f} to {one.high:.3f}"
