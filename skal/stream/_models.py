"""Models that learn row by row: scikit-learn's ``partial_fit`` and river's ``learn_one``, asked for one row."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from skal.outputs import InvalidOutput, accepts_nan, is_fitted, name_of, proba


class PartialFit:
    """Rows of one container row, a model with ``partial_fit``."""

    offers = "predict_proba"

    def __init__(self, model: Any, classes: Any) -> None:
        self.model = model
        self.classes = None if classes is None else np.asarray(classes)
        self._was_fitted = is_fitted(model)
        self._takes_nan = accepts_nan(model)
        self._labels: set[Any] = set()  # two at most

    @property
    def is_ready(self) -> bool:
        """Whether it was taught two labels, or came fitted: before, what it says of a row means nothing."""
        return self._was_fitted or len(self._labels) > 1

    def check(self, row: Any) -> None:
        """Refuse a row that the model could not be taught, before it is paid for."""
        rows = one_row(row)
        width, known = rows.shape[1], getattr(self.model, "n_features_in_", None)
        if known is not None and width != known:
            raise ValueError(
                f"StreamLearner: rows must have the {known} features that {name_of(self.model)} was taught, got "
                f"{width}."
            )
        values = np.asarray(rows)
        if not self._takes_nan and values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError(
                f"StreamLearner: a row must be finite, got NaN or infinity, and {name_of(self.model)} says that it "
                "takes none. Fill such rows in, or leave them out."
            )

    def certainty(self, row: Any) -> float:
        """Probability of the predicted class."""
        try:
            return float(proba(self.model, one_row(row)).max())
        except InvalidOutput as error:
            raise InvalidOutput(
                f"StreamLearner: {error} Some models need more to begin with than one row of a class or two: fit "
                "them to a few rows of every class before the stream."
            ) from error

    def predict(self, row: Any) -> Any:
        return self.model.predict(one_row(row))[0]

    def teach(self, row: Any, label: Any) -> None:
        told: dict[str, Any] = {}
        if not is_fitted(self.model) and "classes" in inspect.signature(self.model.partial_fit).parameters:
            if self.classes is None:
                raise ValueError(
                    f"StreamLearner: {name_of(self.model)} must be told all labels there are before the first one. "
                    "Pass classes=[...]."
                )
            told = {"classes": self.classes}
        self.model.partial_fit(one_row(row), np.asarray([label]), **told)
        if not self.is_ready:
            self._labels.add(label)


class LearnOne:
    """Rows of dicts, a model with river's ``learn_one``."""

    offers = "predict_proba_one"
    is_ready = True  # what it does not know yet is not in what it says

    def __init__(self, model: Any, classes: Any) -> None:
        self.model = model

    def check(self, row: Any) -> None:
        """Refuse a row that is no dict."""
        _named(row, self.model)

    def certainty(self, row: Any) -> float:
        """Probability of the predicted class; 0 of a model that knows no two of them."""
        chances = self.model.predict_proba_one(_named(row, self.model))
        return float(max(chances.values())) if len(chances) > 1 else 0.0

    def predict(self, row: Any) -> Any:
        return self.model.predict_one(_named(row, self.model))

    def teach(self, row: Any, label: Any) -> None:
        self.model.learn_one(_named(row, self.model), label)


def around(model: Any, classes: Any) -> PartialFit | LearnOne:
    """Return a model as one that is asked for single rows."""
    if isinstance(model, type):
        raise TypeError(f"StreamLearner: estimator must be made, got the class {model.__name__}. Add ().")
    if hasattr(model, "learn_one"):
        return LearnOne(model, classes)
    if hasattr(model, "partial_fit"):
        return PartialFit(model, classes)
    raise TypeError(
        f"StreamLearner: {name_of(model)} cannot learn row by row. Take a model with partial_fit (SGDClassifier, "
        "GaussianNB, MLPClassifier, ...), or one of river with learn_one; for one that is trained anew each time, "
        "collect rows and use skal.ActiveLearner."
    )


def one_row(row: Any) -> Any:
    """Return a container of one row of what stands for a row."""
    shape = getattr(row, "shape", None)
    if shape is not None and len(shape) == 2:
        if shape[0] != 1:
            raise ValueError(
                f"StreamLearner: rows arrive one by one, got {shape[0]} of them. Loop over them: what is asked of a "
                "row depends on those before it."
            )
        return row
    if isinstance(row, Mapping):
        raise TypeError(
            "StreamLearner: rows of a model with partial_fit are arrays of numbers, got a dict. Pass its values in "
            "the order of the columns; dicts are for models of river."
        )
    if np.ndim(row) != 1:
        raise ValueError(f"StreamLearner: a row must have shape (d,) or (1, d), got {np.shape(row)}.")
    return np.asarray(row)[None]


def _named(row: Any, model: Any) -> Any:
    if isinstance(row, Mapping):
        return row
    raise TypeError(
        f"StreamLearner: rows of {name_of(model)}, a model of river, are dicts, got {type(row).__name__}. Pass "
        "dict(zip(columns, row))."
    )
