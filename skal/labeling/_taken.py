"""What became of answers that were offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from skal.labeling._words import counted


@dataclass(frozen=True)
class Refused:
    """An answer that was not taken.

    Attributes
    ----------
    position : int
        Of the answer among those offered.
    id, label : str
        As they came.
    reason : str
        Why, and what can be done.
    """

    position: int
    id: str
    label: str
    reason: str

    def moved(self, position: int) -> Refused:
        """Return the same answer at another position."""
        return replace(self, position=position)


@dataclass(frozen=True)
class Taken:
    """What became of answers that were offered.

    Attributes
    ----------
    new : int
        Rows that this annotator had not answered before.
    changed : int
        Answers that took the place of another one of the same annotator.
    repeated : int
        Answers that were there already.
    blank : int
        Rows without an answer.
    mapped : dict of (str, str) to int
        Labels as written and as taken, where the two differ.
    new_classes : list of str
        Classes that were not known before.
    refused : list of Refused
        Answers that were not taken.
    notes : list of str
        What was decided while reading.
    """

    new: int = 0
    changed: int = 0
    repeated: int = 0
    blank: int = 0
    mapped: dict[tuple[str, str], int] = field(default_factory=dict)
    new_classes: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def joined(cls, parts: Iterable[Taken]) -> Taken:
        """Add up what became of several lots of answers."""
        parts = list(parts)
        mapped: Counter[tuple[str, str]] = Counter()
        for part in parts:
            mapped.update(part.mapped)
        return cls(
            new=sum(part.new for part in parts),
            changed=sum(part.changed for part in parts),
            repeated=sum(part.repeated for part in parts),
            blank=sum(part.blank for part in parts),
            mapped=dict(mapped),
            new_classes=list(dict.fromkeys(name for part in parts for name in part.new_classes)),
            refused=[one for part in parts for one in part.refused],
        )

    def __str__(self) -> str:
        parts = [f"{counted(self.new, 'answer')} taken"]
        for count, words in (
            (self.changed, "changed"),
            (self.repeated, "known already"),
            (self.blank, "blank"),
            (len(self.refused), "refused"),
        ):
            if count:
                parts.append(f"{count} {words}")
        lines = [", ".join(parts) + "."]
        if self.mapped:
            pairs = ", ".join(f"{was!r} as {now!r} ({n})" for (was, now), n in self.mapped.items())
            lines.append(f"Taken {pairs}.")
        if self.new_classes:
            lines.append(f"New classes: {', '.join(self.new_classes)}.")
        return "\n".join([*lines, *self.notes])


class RefusedAnswers(ValueError):
    """Some answers cannot be taken; none was.

    Attributes
    ----------
    taken : Taken
        What would have become of them; ``taken.refused`` has the reasons.
    """

    def __init__(self, message: str, taken: Taken) -> None:
        super().__init__(message)
        self.taken = taken
