"""What a learner was taught, and what it becomes by more of it: prepared first, put in place at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from skal.data import RowBuffer, in_memory, n_rows, row_keys, take
from skal.labels import learns_from_unlabeled
from skal.learners._checks import check_batch, check_duplicates
from skal.learners._given_and_fitted import GivenAndFitted
from skal.learners._training import How, Retrain, bootstrap_rows, how_to_train, trained, unseen_classes
from skal.learners._unlabeled import Batch, split_batch, still_unlabeled, with_unlabeled
from skal.learners._void import ignore_label_of
from skal.learners._weights import Weights, is_weights, joined_weights
from skal.outputs import name_of
from skal.targets import kind_of
from skal.warning import warn

_DATA = ("X_training", "y_training")  # what was taught: no parameters, so a clone starts without them
_Self = TypeVar("_Self", bound="Taught")


@dataclass(frozen=True)
class Update:
    """What a learner becomes when all has gone well."""

    estimator: Any
    X: Any
    y: Any
    keys: set[bytes] | None = None
    weights: Weights = field(default_factory=dict)
    unlabeled: Any = None  # rows for models that learn from them
    handed_out: Counter[bytes] | None = None


class Taught(GivenAndFitted):
    """Rows and labels that were taught, and the updates that ``fit``, ``teach`` and ``rebag`` put in place.

    For a class with the parameters of an `ActiveLearner` and its generator (`QueryMixin`).
    """

    retrain: Retrain
    classes: Any
    duplicates: str
    missing_label: Any
    random_state: Any
    force_all_finite: bool | None

    @property
    def X_training(self) -> Any:
        """All rows that were taught; None before."""
        return vars(self).get("_X_training")

    @X_training.setter
    def X_training(self, X: Any) -> None:
        self._X_training = X

    @property
    def y_training(self) -> Any:
        """Labels of `X_training`."""
        return vars(self).get("_y_training")

    @y_training.setter
    def y_training(self, y: Any) -> None:
        self._y_training = y

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return [name for name in super()._get_param_names() if name not in _DATA]  # type: ignore[misc]

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]
        return {name: value for name, value in state.items() if name != "_buffer"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state of a learner, of an earlier version too, which kept what it was taught under other names."""
        data = {f"_{name}": state[name] for name in (*_DATA, "fit_kwargs") if state.get(name) is not None}
        kept = {name: value for name, value in state.items() if name not in (*_DATA, "fit_kwargs")}
        super().__setstate__({"missing_label": "auto", **kept, **data})  # type: ignore[misc]

    def _fit_update(
        self, X: Any, y: Any, bootstrap: bool, fit_kwargs: dict[str, Any], missing_label: Any = "auto"
    ) -> Update:
        who = f"{type(self).__name__}.fit"
        self._begin_again()
        X, y, unlabeled, fit_kwargs = self._batch(X, y, missing_label, fit_kwargs, 0, who)
        self._check_batch(X, y, (None, None), who)
        arguments = {**self.fit_kwargs, **fit_kwargs}
        weights = joined_weights(arguments, {}, 0, n_rows(X), who)
        model = self._trained("fresh", X, y, bootstrap, {**arguments, **weights}, who, unlabeled)
        return Update(model, X, y, weights=weights, unlabeled=unlabeled)

    def _teach_update(
        self,
        X: Any,
        y: Any,
        bootstrap: bool,
        only_new: bool,
        fit_kwargs: dict[str, Any],
        missing_label: Any = "auto",
    ) -> Update:
        who = f"{type(self).__name__}.teach"
        n_known = 0 if self.X_training is None else n_rows(self.X_training)
        X, y, new_unlabeled, fit_kwargs = self._batch(X, y, missing_label, fit_kwargs, n_known, who)
        self._check_batch(X, y, (self.X_training, self.y_training), who)
        keys = handed_out = None
        if self.duplicates == "raise":
            asked: Counter[bytes] = vars(self).get("_handed_out", Counter())
            new_keys = check_duplicates(X, self._known_keys(), asked, who)
            keys, handed_out = self._known_keys() | set(new_keys), asked - Counter(new_keys)
        weights = self._weights_of_all(fit_kwargs, n_known, n_rows(X), who)
        if self.X_training is None:
            X_all, y_all = X, y
        else:
            buffer = self.__dict__.setdefault("_buffer", RowBuffer())
            X_all, y_all = buffer.extend(self.X_training, X), kind_of(y, self.estimator).joined(self.y_training, y)
        how = how_to_train(self.estimator, self.retrain, only_new)
        if how != "fresh" and (new := unseen_classes(self.estimator, y)):
            warn(
                f"{who}: {name_of(self.estimator)} cannot learn the classes {new} on from where it is, so a fresh "
                f"copy is trained on all {n_rows(X_all)} rows."
            )
            how, only_new = "fresh", False
        alone = only_new or how == "partial_fit"
        arguments = {**self.fit_kwargs, **fit_kwargs}
        arguments |= {name: values[n_known:] if alone else values for name, values in weights.items()}
        unlabeled = still_unlabeled(vars(self).get("_unlabeled"), new_unlabeled, X)
        rows = (X, y) if alone else (X_all, y_all)
        model = self._trained(how, *rows, bootstrap, arguments, who, new_unlabeled if alone else unlabeled)
        return Update(model, X_all, y_all, keys, weights, unlabeled, handed_out)

    def _batch(self, X: Any, y: Any, missing_label: Any, arguments: dict[str, Any], n_known: int, who: str) -> Batch:
        """What was given, rows without a label apart; a committee's own mark of them comes before the learner's."""
        own = isinstance(missing_label, str) and missing_label == "auto"
        mark = self.missing_label if own else missing_label
        batch = split_batch(in_memory(X), in_memory(y), mark, arguments, n_known, who)
        if batch.unlabeled is None or learns_from_unlabeled(self.estimator):
            return batch
        return batch._replace(unlabeled=None)

    def _check_batch(self, X: Any, y: Any, known: tuple[Any, Any], who: str) -> None:
        ignored = ignore_label_of(self.estimator)
        check_batch(X, y, *known, self.classes, self.force_all_finite, self.estimator, who, ignored)

    def _weights_of_all(self, given: dict[str, Any], n_known: int, n_new: int, who: str) -> Weights:
        known: Weights = vars(self).get("_weights", {})
        of_learner = {name: np.asarray(value) for name, value in self.fit_kwargs.items() if is_weights(name)}
        fitting = {name: value for name, value in of_learner.items() if value.shape[:1] == (n_known,)}
        return joined_weights(given, {**fitting, **known}, n_known, n_new, who)

    def _bootstrap_update(self, fit_kwargs: dict[str, Any]) -> Update:
        who = "Committee.rebag"
        if self.X_training is None:
            raise ValueError(f"{who}: every learner must have been taught before, got one without data.")
        X, y = self.X_training, self.y_training
        weights = self._weights_of_all(fit_kwargs, n_rows(X), 0, who)
        arguments = {**self.fit_kwargs, **fit_kwargs, **weights}
        unlabeled = vars(self).get("_unlabeled")
        model = self._trained("fresh", X, y, True, arguments, who, unlabeled)
        return Update(model, X, y, weights=weights, unlabeled=unlabeled)

    def _trained(
        self, how: How, X: Any, y: Any, bootstrap: bool, arguments: dict[str, Any], who: str, unlabeled: Any
    ) -> Any:
        self._check_parameters()
        rng = None if self.random_state is None else self._generator()
        if bootstrap:
            rows = bootstrap_rows(y, self._generator())
            X, y = take(X, rows), take(y, rows)
            weights = [name for name in arguments if is_weights(name) and arguments[name] is not None]
            arguments = {**arguments, **{name: take(arguments[name], rows) for name in weights}}
        if unlabeled is not None:
            X, y, arguments = with_unlabeled(X, y, unlabeled, arguments)
        given = self._given_estimator()  # what has no parameters cannot tell what was changed on the fitted one
        model = given if how == "fresh" and hasattr(given, "get_params") else self.estimator
        return trained(model, X, y, how, rng, arguments, who)

    def _commit(self: _Self, update: Update) -> _Self:
        self._put_in_place(update.estimator)
        self.X_training, self.y_training = update.X, update.y
        self._weights, self._unlabeled = update.weights, update.unlabeled
        if update.keys is not None:
            self._keys = (update.X, update.keys)
        if update.handed_out is not None:
            self._handed_out = update.handed_out
        return self

    def _note_handed_out(self, rows: Any) -> None:
        if self.duplicates == "raise":
            self._handed_out = vars(self).get("_handed_out", Counter()) + Counter(row_keys(rows))

    def _known_keys(self) -> set[bytes]:
        """Digests of the rows taught; `_commit` adds to them, so that each row is read once and not once a round."""
        rows, keys = getattr(self, "_keys", (None, set()))
        if rows is not self.X_training:
            keys = set() if self.X_training is None else set(row_keys(self.X_training))
            self._keys = (self.X_training, keys)
        return keys
