"""Any number of labels for each row: those that apply, or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from skal.labeling._cleaning import Cleaned, cleaned, label_text
from skal.labeling._errors import ProjectError
from skal.labeling._settings import Settings
from skal.labeling._status import Accuracy
from skal.labeling.kinds.base import AnswerKind

NONE = "(none)"
_SEPARATOR = ";"


class SetAnswers(AnswerKind):
    """Which labels apply to a row.

    The text of an answer is their names in the order of the classes, with ``"; "`` between them, ``"(none)"`` where
    none applies. So no name may hold a semicolon.
    """

    name: ClassVar[str] = "labels"
    control: ClassVar[str] = "labels"
    holds: ClassVar[str] = "labels"
    hint: ClassVar[str] = f"several labels with {_SEPARATOR!r} between them, {NONE} where none applies"
    # Of those that were tried it is the best; the strategies that read a probability for each label are worse.
    default_strategy: ClassVar[str] = "typiclust"
    needed: ClassVar[str] = "two labels, one of which applies to some rows and not to others"
    mean_of_classes: ClassVar[Literal["", "macro_f1", "mean_iou"]] = "macro_f1"

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Refuse a name with a semicolon, and a single label."""
        for name in settings.classes:
            if reason := _bad_name(name):
                raise ProjectError(f"Project: {reason}")
        if len(settings.classes) == 1:
            raise ProjectError(
                f"Project: several labels a row need two labels or more, got {settings.classes[0]!r} alone. If it "
                "applies or not, answer='class' with the classes yes and no asks that."
            )

    def classes(self, given: Collection[str]) -> list[str]:
        """Return the known labels: those of the settings, then others in the order of their names."""
        more = {name for text in given for name in self.parts(text)}
        return [*self.settings.classes, *sorted(more - set(self.settings.classes))]

    def read(
        self, given: Iterable[Any], classes: Sequence[str], *, allowed: Collection[str] = (), any_new: bool = False
    ) -> Cleaned:
        """Turn answers into texts; see `AnswerKind.read`.

        An answer is a list of names, or a text with semicolons between them. Names are cleaned as classes are; an
        answer is refused as a whole if one of them is.
        """
        given = list(given)
        refused: dict[int, str] = {}
        names: list[list[str] | None] = []
        for place, one in enumerate(given):
            found = _names(one, classes)
            reasons = [reason for name in found or () if (reason := _bad_name(name))]
            if found == [] and _is_text(one) and not _means_none(str(one), classes):
                reasons = [f"{one!r} names no label; {NONE} says that none applies."]
            if reasons:
                refused[place] = reasons[0]
            names.append(None if reasons else found)
        flat = [(place, name) for place, found in enumerate(names) for name in found or ()]
        clean = cleaned([name for _, name in flat], classes, allowed=allowed, any_new=any_new)
        refused |= {flat[position][0]: reason for position, reason in reversed(clean.refused.items())}
        order = {name: k for k, name in enumerate((*classes, *clean.new_classes))}
        taken: dict[int, set[str]] = {}
        for (place, _), label in zip(flat, clean.labels, strict=True):
            if label is not None:
                taken.setdefault(place, set()).add(label)
        labels = [
            None
            if found is None or place in refused
            else _joined(sorted(taken.get(place, ()), key=order.__getitem__))
            for place, found in enumerate(names)
        ]
        used = {name for place, found in taken.items() if place not in refused for name in found}
        return Cleaned(labels, clean.mapped, refused, [name for name in clean.new_classes if name in used])

    def written(self, given: Any, text: str) -> str | None:
        """Return what was written, where other names were taken for it."""
        names = _names(given, ()) or []
        return None if set(names) == set(self.parts(text)) or not names else _joined(names)

    def same(self, one: str | None, other: str | None) -> bool:
        """Tell whether two texts name the same labels."""
        return one == other or (one is not None and other is not None and set(_split(one)) == set(_split(other)))

    def verdict(self, votes: Mapping[str, str]) -> str | None:
        """Return the labels that more than half of the annotators gave; None if one has exactly half of them."""
        counts = Counter(name for text in votes.values() for name in self.parts(text))
        if any(2 * count == len(votes) for count in counts.values()):
            return None
        return _joined(self._in_order(name for name, count in counts.items() if 2 * count > len(votes)))

    def parts(self, text: str) -> list[str]:
        """Return the labels of an answer."""
        return _split(text)

    def values(self, texts: Sequence[str], classes: Sequence[str]) -> Any:
        """Return of each label whether it applies, (n, L) of 0 and 1."""
        import numpy as np

        places = {name: place for place, name in enumerate(classes)}
        y = np.zeros((len(texts), len(classes)), dtype=np.int64)
        for row, text in enumerate(texts):
            y[row, [places[name] for name in self.parts(text)]] = 1
        return y

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether one label is seen both ways; of the others a model says what all rows say."""
        import numpy as np

        y = np.asarray(y, dtype=bool)
        return len(y) > 0 and y.shape[1] > 1 and bool((y.any(axis=0) & ~y.all(axis=0)).any())

    def predicted(self, model: Any, X: Any, classes: Sequence[str]) -> tuple[list[str], list[float | None]]:
        """Return the predicted labels, and the probability of what is predicted of the least certain one."""
        import numpy as np

        from skal.outputs import MissingOutput, multilabel_proba

        Y = np.asarray(model.predict(X))
        texts = [_joined(classes[place] for place in np.flatnonzero(row).tolist()) for row in Y]
        try:
            P = np.asarray(multilabel_proba(model, X))
        except MissingOutput:
            return texts, [None] * len(texts)
        return texts, [float(p) for p in np.maximum(P, 1 - P).min(axis=1)]

    def right(self, guess: str, label: str) -> float:
        """Return the Jaccard index of two sets of labels: common ones by all of them, 1.0 where there are none."""
        one, other = set(self.parts(guess)), set(self.parts(label))
        return len(one & other) / len(one | other) if one | other else 1.0

    def accuracy(self, pairs: Sequence[tuple[str, str]]) -> Accuracy | None:
        """Say how many sets were guessed exactly, and the mean Jaccard index."""
        if not pairs:
            return None
        shares = [self.right(*pair) for pair in pairs]
        return Accuracy.of([share == 1.0 for share in shares], jaccard=sum(shares) / len(shares))

    @classmethod
    def estimator(cls, name: str, columns: Mapping[str, str] | None = None) -> Any:
        """Make a classifier by name, and one of it for each label if it is of one class a row."""
        from sklearn.base import is_classifier

        from skal.estimators import for_several_labels
        from skal.labeling.kinds._named import named_estimator

        model = named_estimator(name, columns)
        if not is_classifier(model):
            raise ProjectError(f"{name} is not a classifier: labels of a project with several a row are classes.")
        return for_several_labels(model, own_ways=False)

    def _in_order(self, names: Iterable[str]) -> list[str]:
        order = {name: place for place, name in enumerate(self.settings.classes)}
        return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _split(text: str) -> list[str]:
    return [] if text == NONE else text.split(f"{_SEPARATOR} ")


def _joined(names: Iterable[str]) -> str:
    return f"{_SEPARATOR} ".join(names) or NONE


def _is_text(given: Any) -> bool:
    return not isinstance(given, (list, tuple, set, frozenset))


def _names(given: Any, classes: Sequence[str]) -> list[str] | None:
    """Names as they were written; None where there is no answer."""
    if not _is_text(given):
        return [str(name).strip() for name in given]
    text = label_text(given)
    if text is None:
        return None
    return [] if _means_none(text, classes) else [name.strip() for name in text.split(_SEPARATOR) if name.strip()]


def _means_none(text: str, classes: Sequence[str]) -> bool:
    said = text.strip().casefold()
    return said == NONE or (said == "none" and said not in map(str.casefold, classes))


def _bad_name(name: str) -> str:
    """Say why a name cannot be that of a label; empty if it can."""
    if _SEPARATOR in name:
        return f"the name of a label must not hold {_SEPARATOR!r}, which stands between labels, got {name!r}."
    if not name or name == NONE:
        return f"{name!r} is no name of a label{f': {NONE} stands alone' if name else ''}."
    return ""
