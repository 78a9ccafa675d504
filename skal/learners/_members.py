"""The members of a committee: learners as they were given, and one made for each plain estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from skal.learners.active_learner import ActiveLearner

_MAX_SEED = np.iinfo(np.int32).max


class Members:
    """What a committee was given, and the learners that it teaches.

    A plain estimator stays as it is: a learner of its own is made for it, which trains copies. The list may be
    changed by its owner; what stays in its place keeps its learner.

    Parameters
    ----------
    given : list of ActiveLearner or estimator
        The parameter of the committee; anything else is kept as it is until `check` refuses it.
    """

    def __init__(self, given: Any) -> None:
        self.given = given
        self._made: dict[int, tuple[Any, ActiveLearner]] = {}  # by position: the estimator, and its learner

    @property
    def learners(self) -> Any:
        """The learners in order; the list itself, where it holds nothing else."""
        if not self.are_members or not any(_is_plain(one) for one in self.given):
            return self.given
        return [self._learner_at(i, one) if _is_plain(one) else one for i, one in enumerate(self.given)]

    @property
    def are_members(self) -> bool:
        """Whether it is a list of at least one member, and of nothing else."""
        given = self.given
        return isinstance(given, list) and bool(given) and all(_is_learner(one) or _is_plain(one) for one in given)

    def as_given(self) -> Any:
        """Return the parameter, with what was set since on the learner of a plain estimator."""
        if self.are_members:
            for i, (_, learner) in list(self._made.items()):
                if i < len(self.given) and self._made[i][0] is self.given[i]:
                    estimator = learner._given_estimator()
                    if estimator is not self.given[i]:
                        self.given = [*self.given[:i], estimator, *self.given[i + 1 :]]
                        self._made[i] = (estimator, learner)
        return self.given

    def settings(self, position: int) -> dict[str, Any]:
        """Return the parameters of a member; of a plain estimator its own, as those of the learner's estimator."""
        found = self.learners[position].get_params(deep=True)
        plain = _is_plain(self.given[position])
        return {name: value for name, value in found.items() if not plain or name.partition("__")[0] == "estimator"}

    def has(self, position: int, name: str) -> bool:
        """Tell whether there is such a member, and whether it may have such a parameter."""
        if not name or not self.are_members or position >= len(self.given):
            return False
        return _is_learner(self.given[position]) or name.partition("__")[0] == "estimator"

    def seed(self, random_state: int | np.random.RandomState | None) -> None:
        """Give the learners of plain estimators seeds of their own, the same ones for the same int."""
        made = [self._learner_at(i, one) for i, one in enumerate(self.given) if _is_plain(one)]
        if random_state is not None:
            seeds = check_random_state(random_state).randint(_MAX_SEED, size=len(made))
            for learner, seed in zip(made, seeds, strict=True):
                learner.random_state = int(seed)

    def check(self, who: str) -> None:
        """Raise unless these are members of a committee."""
        if not isinstance(self.given, list) or not self.given:
            raise TypeError(f"{who}: learner_list must be a list of learners or estimators, got {self.given!r}.")
        for one in self.given:
            if not (_is_learner(one) or _is_plain(one)):
                raise TypeError(f"{who}: members must be skal.ActiveLearner or estimators, got {_described(one)}.")

    def _learner_at(self, position: int, estimator: Any) -> ActiveLearner:
        known = self._made.get(position)
        if known is None or known[0] is not estimator:
            known = self._made[position] = (estimator, ActiveLearner(estimator))
        return known[1]


def _is_learner(one: Any) -> bool:
    return isinstance(one, ActiveLearner)


def _is_plain(one: Any) -> bool:
    """Whether it is an estimator, and no learner of whatever library."""
    return not isinstance(one, type) and hasattr(one, "fit") and hasattr(one, "predict") and not hasattr(one, "teach")


def _described(one: Any) -> str:
    if isinstance(one, type):
        return f"the class {one.__name__}; pass an object, {one.__name__}()"
    if hasattr(one, "teach"):
        return f"{type(one).__name__} of {type(one).__module__.partition('.')[0]}; pass the estimator inside"
    return f"{type(one).__name__}, which has no fit and predict"
