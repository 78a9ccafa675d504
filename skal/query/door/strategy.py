"""The contract of a query strategy, held once for all of them.

A strategy is written as a plain body: read from the learner, score, select. `Strategy` is the body with the door in
front of it: the signature, every cheap check before any scoring, labelled data, the cold start of an unfitted
learner, the check of the picks, and the form in which the caller wants them.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.compat import warn_of_broken_modal
from skal.data import n_rows
from skal.outputs import (
    InvalidOutput,
    MissingOutput,
    UnfittedLearner,
    given_vectors,
    is_regressor_like,
    task_model,
    watching,
)
from skal.query.door.checks import Pair, StrategyError, check_door, checked_generator, checked_picks, row_scores
from skal.query.door.docs import complete
from skal.query.door.info import StrategyInfo
from skal.query.door.labeled import LABELED, found_labels
from skal.query.door.memory import MEMORY, found_memory
from skal.query.door.options import Options
from skal.query.ranges import Range
from skal.selection import top_k
from skal.warning import warn

_BODY = ".__wrapped__"  # where a strategy keeps its body, as functools.wraps does


class Strategy:
    """A query strategy: called as a function is, and known by name, options, documentation and what it reads.

    Made by the decorators `query_strategy` and `score_strategy`. It pickles by the name under which it is imported,
    and copies of it are itself; one that has no such name (of a notebook, or made inside a function) is pickled with
    its body by those picklers that can take functions along, as joblib's do.

    Parameters
    ----------
    body : callable
        ``body(learner, X_pool, n_instances, *, ...)`` returning ``(indices, scores)``, best first.
    reads : tuple of str, default=()
        What it reads from the model, see `query_strategy`.
    ranges : dict of str to Range, default=None
        Values that its numeric options may have.
    takes_decisions : bool, default=False
        Whether it reads ``decision_function`` where a model has no probabilities.

    Attributes
    ----------
    info : StrategyInfo
        Name, summary, what is read, options and their ranges.
    body : callable
        What was decorated.
    scores_rows : bool
        Whether there is a score for each row of a pool, which `pool_scores` and `combine` need.

    Examples
    --------
    >>> from skal.query import margin_sampling
    >>> margin_sampling
    <query strategy margin_sampling>
    >>> margin_sampling.info.reads, margin_sampling.scores_rows
    (('proba',), True)
    """

    __name__: str
    __qualname__: str
    __signature__: inspect.Signature
    scores_rows = False

    def __init__(
        self,
        body: Callable[..., Any],
        *,
        reads: tuple[str, ...] = (),
        ranges: Mapping[str, Range] | None = None,
        takes_decisions: bool = False,
    ):
        named = body
        while isinstance(named, functools.partial):
            named = named.func
        functools.update_wrapper(self, named)
        name = self.__name__ = getattr(named, "__name__", type(named).__name__)
        # A body that was pickled is named as an attribute of its strategy, see __reduce__.
        self.__qualname__ = getattr(named, "__qualname__", name).removesuffix(_BODY)
        self.body = self.__wrapped__ = body
        self._options = Options(name, body, ranges or {})
        self._labels = tuple(key for key in LABELED if key in self._options.names)
        self._takes = frozenset(inspect.signature(body).parameters)
        self.__signature__ = inspect.Signature([*_DOOR, *self._options.parameters])
        self.__doc__ = complete(named.__doc__, self._options.names)
        self._declared = {"reads": reads, "ranges": self._options.ranges, "takes_decisions": takes_decisions}
        self.info = StrategyInfo(
            name,
            self.__doc__.partition("\n")[0],
            (*reads, *(("labels",) if self._labels else ())),
            self._options.names,
            {option: range_.words for option, range_ in self._options.ranges.items()},
            takes_decisions,
        )

    def __call__(
        self,
        learner: Any,
        X_pool: Any,
        n_instances: int = 1,
        random_tie_break: bool = True,
        *,
        random_state: Any = None,
        **options: Any,
    ) -> Any:
        """Pick rows; see the strategy's own documentation."""
        pair = self.select(learner, X_pool, n_instances, random_tie_break, random_state=random_state, **options)
        return pair if _wants_pair(type(learner)) else pair[0]  # type: ignore[arg-type]

    def select(
        self,
        learner: Any,
        X_pool: Any,
        n_instances: int = 1,
        random_tie_break: bool = True,
        *,
        random_state: Any = None,
        **options: Any,
    ) -> Pair:
        """Pick rows and return their scores too, whatever the learner.

        Parameters
        ----------
        learner, X_pool, n_instances, random_tie_break, random_state, **options
            As in a call.

        Returns
        -------
        indices : ndarray of intp of shape (n_instances,)
            Distinct positions in `X_pool`, best first.
        scores : ndarray of shape (n_instances,)
            Finite, higher = ask first.
        """
        name, n_pool = self.__name__, n_rows(X_pool)
        given = self._admitted(learner, X_pool, n_pool, n_instances, random_tie_break, options)
        rng = checked_generator(name, random_state)
        try:
            with watching(learner, X_pool) as watch:
                result = self._picked(learner, X_pool, int(n_instances), rng, random_tie_break, given)
            if watch is not None and watch.alike and n_instances < n_pool:
                _warn_of_equals(
                    name, n_pool, "numbers" if is_regressor_like(task_model(learner)) else "probabilities"
                )
        except UnfittedLearner as error:
            warn(f"{name}: {error} The picks are drawn at random (cold start).")
            result = top_k(np.zeros(n_pool), int(n_instances), checked_generator(name, random_state))
        except (MissingOutput, InvalidOutput) as error:
            raise type(error)(f"{name}: {error}") from error
        if not (isinstance(result, tuple) and len(result) == 2):
            raise StrategyError(f"{name}: the body must return (indices, scores), got {type(result).__name__}.")
        indices, scores = checked_picks((np.asarray(result[0]), result[1]), n_pool, int(n_instances), name)
        return indices, row_scores(scores, int(n_instances), name)

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Refuse options before there is a model: those that do not exist, and values out of their range.

        Parameters
        ----------
        options : dict of str to object
            As a call would be given them.

        Raises
        ------
        TypeError
            If an option does not exist, or one that is needed is missing.
        ValueError
            If a value is out of its range.
        """
        self._options.check(options)

    def score_pool(self, learner: Any, X_pool: Any, *, random_state: Any = None, **options: Any) -> NDArray[Any]:
        """Score every row of a pool.

        Parameters
        ----------
        learner, X_pool, random_state, **options
            As in a call.

        Returns
        -------
        ndarray of shape (n,)
            Finite, higher = ask first.

        Raises
        ------
        TypeError
            If the strategy selects rows together, without a score for each row of the pool.
        """
        raise TypeError(f"{self.__name__} has no score for each row of a pool: it selects rows together.")

    def _admitted(
        self, learner: Any, X_pool: Any, n_pool: int, n_instances: Any, random_tie_break: Any, options: dict[str, Any]
    ) -> dict[str, Any]:
        """Check all that is cheap to check, and return the options with the labelled data that the body names."""
        self._options.check(options)
        check_door(self.__name__, n_pool, n_instances, random_tie_break)
        if _is_of_modal(type(learner)):  # type: ignore[arg-type]
            warn_of_broken_modal(learner)
        wanted = [key for key in self._labels if options.get(key) is None]
        if wanted:
            options = {**options, **found_labels(self.__name__, learner, X_pool, wanted)}
        if MEMORY in self._takes and options.get(MEMORY) is None:
            options = {**options, MEMORY: found_memory(self.__name__, learner)}
        if "embedding" in options:
            vectors = _vectors(self.__name__, options["embedding"], X_pool, options.get("X_labeled"))
            options = {**options, "embedding": vectors}
        return options

    def _picked(
        self,
        learner: Any,
        X_pool: Any,
        n_instances: int,
        rng: np.random.RandomState,
        random_tie_break: bool,
        options: dict[str, Any],
    ) -> Any:
        """Run the body, which gets of the generator and of the rule for ties what it names."""
        for key, value in (("random_state", rng), ("random_tie_break", random_tie_break)):
            if key in self._takes:
                options = {**options, key: value}
        return self.body(learner, X_pool, n_instances, **options)

    def __repr__(self) -> str:
        return f"<query strategy {self.__name__}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Be bound to an instance as a function is; it is by this that inspect, pydoc and Sphinx know a routine."""
        return self if instance is None else types.MethodType(self, instance)

    def __copy__(self) -> Strategy:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Strategy:
        return self  # as of functions: scikit-learn's clone copies the parameters of a learner

    def __reduce__(self) -> str | tuple[Any, ...]:
        """By name, as functions are, if it can be found by its name; else by the body and what was said of it.

        The main module is another one in a worker process, so there the body is given along. Where it can be found,
        its own name belongs to the strategy: it is named as what it is, an attribute of it.
        """
        is_at_home = _found(self.__module__, self.__qualname__) is self
        if is_at_home and self.__module__ != "__main__":
            return self.__qualname__
        if is_at_home and inspect.isfunction(self.body):
            self.body.__qualname__ = self.__qualname__ + _BODY
        return _restored, (type(self), self.body, self._declared)


class ScoreStrategy(Strategy):
    """A strategy whose body gives every row a score, of which the highest are picked.

    Parameters
    ----------
    body : callable
        ``body(learner, X_pool, *, ...)`` returning one finite score a row, higher = ask first.
    reads, ranges, takes_decisions
        As of `Strategy`.
    """

    scores_rows = True

    def score_pool(self, learner: Any, X_pool: Any, *, random_state: Any = None, **options: Any) -> NDArray[Any]:
        """Score every row of a pool; see `Strategy.score_pool`."""
        n_pool = n_rows(X_pool)
        given = self._admitted(learner, X_pool, n_pool, 1, True, options)
        return self._scores(learner, X_pool, n_pool, checked_generator(self.__name__, random_state), given)

    def _scores(
        self, learner: Any, X_pool: Any, n_pool: int, rng: np.random.RandomState, options: dict[str, Any]
    ) -> NDArray[Any]:
        if "random_state" in self._takes:
            options = {**options, "random_state": rng}
        return row_scores(self.body(learner, X_pool, **options), n_pool, self.__name__)

    def _picked(
        self,
        learner: Any,
        X_pool: Any,
        n_instances: int,
        rng: np.random.RandomState,
        random_tie_break: bool,
        options: dict[str, Any],
    ) -> Any:
        scores = self._scores(learner, X_pool, n_rows(X_pool), rng, options)
        return top_k(scores, n_instances, rng, random_tie_break=random_tie_break)


# The parameters of every strategy, as its signature has them.
_DOOR = list(inspect.signature(Strategy.__call__).parameters.values())[1:-1]


def _restored(kind: type[Strategy], body: Callable[..., Any], declared: dict[str, Any]) -> Strategy:
    """Return the strategy of a body: the one that is at home here, if there is one, else a new one."""
    name = getattr(body, "__qualname__", "").removesuffix(_BODY)
    there = _found(getattr(body, "__module__", ""), name)
    return there if isinstance(there, Strategy) and there.body is body else kind(body, **declared)


def _found(module: str, qualname: str) -> Any:
    """What stands under a name in a module that is imported; None if nothing does."""
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found


@functools.cache
def _wants_pair(learner_class: Any) -> bool:
    """Skal's learners and modAL's from 0.4.2 unpack ``indices, metrics``; all others want the indices alone.

    On a bare array modAL 0.4.2 runs the strategy twice, and with two picks loses one of them.
    """
    query = getattr(learner_class, "query", None)
    try:
        return query is not None and "return_metrics" in inspect.signature(query).parameters
    except (TypeError, ValueError):
        return False


@functools.cache
def _is_of_modal(learner_class: Any) -> bool:
    return any(base.__module__.startswith("modAL.") for base in learner_class.__mro__)


def _warn_of_equals(name: str, n_pool: int, what: str) -> None:
    warn(
        f"{name}: the model gives the same {what} to all {n_pool} rows of the pool, so they say nothing of "
        "which to label, and picks by them are random. If the rows differ, the model has learned nothing from the "
        "labels: trees may want more rows in a leaf than there are (lower min_child_samples or min_samples_leaf), or "
        "label random rows first.",
        note="equal rows",
    )


def _vectors(name: str, source: Any, X_pool: Any, X_labeled: Any) -> Any:
    try:
        return given_vectors(source, X_pool, X_labeled)
    except (MissingOutput, InvalidOutput) as error:
        raise type(error)(f"{name}: {error}") from error
