"""What holds of a row: the label that most of its annotators gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from skal.labeling._events import CHECK, Event


@dataclass(frozen=True)
class Verdict:
    """What holds of a row that has labels.

    Attributes
    ----------
    label : str or None
        The label that holds, as a rule the one that most annotators gave; None in a conflict.
    votes : dict of str to str
        Present label by annotator.
    """

    label: str | None
    votes: dict[str, str]

    @property
    def is_conflict(self) -> bool:
        """Whether no label has more votes than any other."""
        return self.label is None


def majority(votes: Mapping[str, str]) -> str | None:
    """Return the label that most annotators gave; None in a tie."""
    first, *others = Counter(votes.values()).most_common(2)
    return None if others and others[0][1] == first[1] else first[0]


def votes_that_count(answers: Mapping[str, Event], asks: Iterable[Event]) -> dict[str, str]:
    """Return the labels, by annotator, that decide what holds of a row.

    These are all of them, unless the row was asked again to check it: then those that were given since, as soon as
    there is one. It corrects what was doubted.
    """
    votes = {who: event for who, event in answers.items() if event.label is not None}
    for check in sorted((ask.seq for ask in asks if (ask.why or {}).get("by") == CHECK), reverse=True):
        if later := {who: event for who, event in votes.items() if event.seq > check}:
            votes = later
            break
    return {who: str(event.label) for who, event in votes.items()}
