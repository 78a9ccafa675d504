"""A number for each row: a rating, a count, a measure."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from skal.labeling._cleaning import Cleaned, label_text
from skal.labeling._errors import ProjectError
from skal.labeling._settings import Settings
from skal.labeling._status import MeanError
from skal.labeling.kinds.base import AnswerKind

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)

_TWO_READINGS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


class NumberAnswers(AnswerKind):
    """A number a row, which a regressor learns.

    The text of an answer is the shortest that gives the number again, without ``.0``. Of several answers the median
    holds, so they are never in conflict. The setting ``range`` refuses what lies outside.
    """

    name: ClassVar[str] = "number"
    control: ClassVar[str] = "number"
    holds: ClassVar[str] = "numbers"
    hint: ClassVar[str] = "a number, written as 1.5"
    default_strategy: ClassVar[str] = "core_set"
    needed: ClassVar[str] = "two different numbers"

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Refuse classes."""
        if settings.classes or settings.new_classes:
            raise ProjectError(
                "Project: numbers have no classes: leave classes and new_classes out, or take answer='class'."
            )

    def read(
        self, given: Iterable[Any], classes: Sequence[str], *, allowed: Collection[str] = (), any_new: bool = False
    ) -> Cleaned:
        """Turn numbers into texts; what is no finite number, or outside of the range, is refused."""
        labels: list[str | None] = []
        refused: dict[int, str] = {}
        for place, one in enumerate(given):
            text = label_text(one)
            label = None if text is None else self._read(text.strip())
            if text is not None and label is None:
                refused[place] = self._reason(text.strip())
            labels.append(label)
        return Cleaned(labels, {}, refused, [])

    def written(self, given: Any, text: str) -> str | None:
        """Return None: however a number is written, it is the same."""
        return None

    def verdict(self, votes: Mapping[str, str]) -> str | None:
        """Return the median; of an even number of answers the mean of the middle two."""
        return _text(statistics.median(map(float, votes.values())))

    def parts(self, text: str) -> list[str]:
        """Return nothing: numbers count for no class."""
        return []

    def summary(self, texts: Sequence[str]) -> str:
        """Say how many numbers there are, from where to where, and their median and mean."""
        if not texts:
            return "Numbers: none yet."
        values = [float(text) for text in texts]
        low, middle, mean, high = (
            f"{value:.4g}"
            for value in (min(values), statistics.median(values), statistics.fmean(values), max(values))
        )
        return f"Numbers: {len(values)}, from {low} to {high}, median {middle}, mean {mean}."

    def values(self, texts: Sequence[str], classes: Sequence[str]) -> Any:
        """Return the numbers as floats."""
        import numpy as np

        return np.array([float(text) for text in texts], dtype=np.float64)

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether there are two different numbers."""
        return len(set(map(float, y))) > 1

    def predicted(self, model: Any, X: Any, classes: Sequence[str]) -> tuple[list[str], list[float | None]]:
        """Return the predicted numbers with six digits; a regressor gives no probability."""
        texts = [_text(float(f"{value:.6g}")) for value in model.predict(X)]
        return texts, [None] * len(texts)

    def right(self, guess: str, label: str) -> float:
        """Return the absolute error: 0.0 is right."""
        return abs(float(guess) - float(label))

    def accuracy(self, pairs: Sequence[tuple[str, str]]) -> MeanError | None:
        """Say how far off guesses were on the mean."""
        return MeanError.of([self.right(*pair) for pair in pairs]) if pairs else None

    @classmethod
    def default_estimator(cls, uses_or_X: Any) -> tuple[str, str]:
        """Choose an estimator: "ridge" for text, "image_features" for images, "forest" for any other table."""
        from skal.estimators import default_estimator

        name, why = default_estimator(uses_or_X)
        return {"logistic": "ridge"}.get(name, name), why

    @classmethod
    def estimator(cls, name: str, columns: Mapping[str, str] | None = None) -> Any:
        """Make a regressor by name; see `skal.estimators.make_regressor`."""
        from sklearn.base import is_regressor

        from skal.estimators import REGRESSORS, make_regressor

        try:
            model = make_regressor(name, columns)
        except ValueError:
            if name.partition(":")[0] in REGRESSORS:
                raise
            model = make_regressor(name)
        if not is_regressor(model):
            raise ProjectError(f"{name} is not a regressor: labels of this project are numbers.")
        return model

    def _read(self, text: str) -> str | None:
        if not _NUMBER.fullmatch(text) or not math.isfinite(value := float(text)):
            return None
        low, high = self.settings.range or (-math.inf, math.inf)
        return _text(value) if low <= value <= high else None

    def _reason(self, text: str) -> str:
        if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
            low, high = (_text(float(end)) for end in self.settings.range)
            return f"{text} lies outside of {low} to {high}, the range of this project."
        if _TWO_READINGS.fullmatch(text):
            return f"{text!r} can be read with thousands or with decimals: write 1500 or 1.5."
        return f"{text!r} is not a number; one is written as 1.5."


def _text(value: float) -> str:
    return repr(value + 0.0).removesuffix(".0")  # -0.0 + 0.0 is 0.0
