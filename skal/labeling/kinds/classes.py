"""One class of several for each row; yes or no is two classes of these names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from skal.labeling._cleaning import Cleaned, cleaned
from skal.labeling._errors import ProjectError
from skal.labeling._sought import sought_first
from skal.labeling.kinds.base import AnswerKind


class ClassAnswers(AnswerKind):
    """One class a row: its name is the text of an answer."""

    name: ClassVar[str] = "class"
    control: ClassVar[str] = "class"
    holds: ClassVar[str] = "classes"
    sorts_files: ClassVar[bool] = True
    needed: ClassVar[str] = "labels of two classes"
    mean_of_classes: ClassVar[Literal["", "macro_f1", "mean_iou"]] = "macro_f1"

    def classes(self, given: Collection[str]) -> list[str]:
        """Return the known classes: those of the settings, those searched for, others in the order of their names."""
        first = sought_first(self.settings.classes, self.settings.find)
        return [*first, *sorted(set(given) - set(first))]

    def read(
        self, given: Iterable[Any], classes: Sequence[str], *, allowed: Collection[str] = (), any_new: bool = False
    ) -> Cleaned:
        """Turn answers into names of classes; see `AnswerKind.read`.

        Surrounding blanks are removed. A label that differs from a known class only in case, in inner blanks or, for
        a number, in how it is written (1 and 1.0) means that class. A near miss of a class is refused; so is any
        other unknown label, unless new classes are allowed.
        """
        only_sought = bool(classes) and set(classes) <= set(self.settings.find)  # no answer has named another yet
        return cleaned(given, classes, allowed=allowed, any_new=any_new or only_sought)

    def values(self, texts: Sequence[str], classes: Sequence[str]) -> Any:
        """Return the names as an array."""
        import numpy as np

        return np.asarray(texts)

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether there are two classes."""
        return len(set(y)) > 1

    def predicted(self, model: Any, X: Any, classes: Sequence[str]) -> tuple[list[str], list[float | None]]:
        """Return the predicted classes, and the largest probability of each row."""
        from skal.outputs import MissingOutput, proba

        try:
            P = proba(model, X)
        except MissingOutput:
            texts = [str(label) for label in model.predict(X)]
            return texts, [None] * len(texts)
        return [str(label) for label in model.classes_[P.argmax(axis=1)]], [float(p) for p in P.max(axis=1)]

    @classmethod
    def estimator(cls, name: str, columns: Mapping[str, str] | None = None) -> Any:
        """Make a classifier by name."""
        from sklearn.base import is_classifier

        from skal.labeling.kinds._named import named_estimator

        model = named_estimator(name, columns)
        if not is_classifier(model):
            raise ProjectError(f"{name} is not a classifier: labels of a project are classes.")
        return model
