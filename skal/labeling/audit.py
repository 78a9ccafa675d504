"""How good the present model is, by audit rows: numbers with intervals, and the sentences that say what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # an estimate that is frozen is read without what makes new ones
    from skal.statistics import PoolInterval

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
    fixed : PoolInterval or None
        Narrower, and valid for the one look at which all of the `audit_size` rows are answered.
    anytime_plain, fixed_plain : PoolInterval or None
        The same without the model's own probabilities, where these have been used.
    macro_f1 : PoolInterval or None
        Mean F1 of the classes, valid whenever one looks; None above 20 classes, and where answers are no classes.
    recall : dict of str to PoolInterval
        Of the classes that were asked for, valid whenever one looks.
    n_unusable, n_waiting, n_to_ask : int
        Audit rows that were skipped or are in conflict, that wait for an answer, and that count only once rows which
        have joined the pool since are answered.
    largest : float or None
        Errors of numbers above this are counted as this: the spread of the labels that were learned from.
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
    macro_f1: PoolInterval | None = None
    recall: dict[str, PoolInterval] = field(default_factory=dict)
    n_unusable: int = 0
    n_waiting: int = 0
    n_to_ask: int = 0
    largest: float | None = None
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
        if self.fixed is not None:
            found.append(
                f"As the number of audit rows was fixed beforehand, for one look: {self._range(self.fixed)}"
                f"{self._without(self.fixed_plain)}."
            )
        if self.macro_f1 is not None:
            found.append(f"Macro F1: {_of_share(self.macro_f1)}, valid whenever you look.")
        found += [
            f"Recall of {name}: {_of_share(one)}, valid whenever you look." for name, one in self.recall.items()
        ]
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

        intervals = ("anytime", "fixed", "anytime_plain", "fixed_plain", "macro_f1")
        read = {name: None if found[name] is None else PoolInterval(**found[name]) for name in intervals}
        recall = {name: PoolInterval(**one) for name, one in found["recall"].items()}
        return cls(**{**found, **read, "recall": recall})

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
