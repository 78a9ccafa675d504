"""What the checks share: stripped learners, containers, and how a failure is said."""

from __future__ import annotations

import inspect
import random
import sys
import unittest
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import BayesianRidge, LogisticRegression

from skal.data import RowView
from skal.query import checked_picks
from skal.testing._problems import NetOutputs, Problem, Strategy, classification, marked_model, predicts_numbers
from skal.testing._problems import learner_maker as maker


class CheckFailed(AssertionError):
    """A strategy does not keep the contract."""


class CheckSkipped(unittest.SkipTest):
    """A check that says nothing about this strategy, and why; pytest reports it as a skip."""


class PlainLearner(NetOutputs):
    """A learner stripped of `query` and of what it was taught."""

    def __init__(self, learner: Any) -> None:
        members = getattr(learner, "learner_list", None)
        if members is None and not hasattr(learner, "classes_"):
            members = getattr(learner, "estimators_", None)  # of an ensemble of regressors: a committee all the same
        if members is not None:
            self.learner_list = [PlainLearner(member) for member in members]
        else:
            self.estimator = learner
            self._copy_classes()

    def fit(self, X: Any, y: Any) -> PlainLearner:
        self.estimator.fit(X, y)
        self._copy_classes()
        return self

    def _copy_classes(self) -> None:
        """A regressor has none."""
        if hasattr(self.estimator, "classes_"):
            self.classes_ = self.estimator.classes_

    def predict_proba(self, X: Any) -> Any:
        return self.estimator.predict_proba(X)

    def predict(self, X: Any, return_std: bool = False) -> Any:
        return self.estimator.predict(X, return_std=True) if return_std else self.estimator.predict(X)

    def __sklearn_is_fitted__(self) -> bool:
        return True


class MetricsLearner(PlainLearner):
    """The same, with a `query` that wants pairs."""

    def query(self, X_pool: Any, *, return_metrics: bool = False) -> None:
        """Only its signature is looked at."""


def picks_and_scores(strategy: Strategy, problem: Problem, n: int, seed: int = 0) -> Any:
    """Indices and scores through a learner with ``return_metrics``."""
    return checked_picks(strategy(problem.learner(), problem.X_pool, n, random_state=seed), 10**6, n, "it")


def raw_picks(strategy: Strategy, problem: Problem, n: int, learner: Any = None) -> Any:
    """Indices as they come."""
    result = strategy(problem.learner() if learner is None else learner, problem.X_pool, n, random_state=0)
    return np.asarray(result[0] if isinstance(result, tuple) else result)


def message_of(
    kind: type[Exception], strategy: Strategy, learner: Any, problem: Problem, n: Any, **options: Any
) -> str:
    """Message of the error that must come."""
    try:
        strategy(learner, problem.X_pool, n, random_state=0, **options)
    except kind as error:
        return str(error)
    except Exception as error:
        raise CheckFailed(f"{kind.__name__} must be raised, got {type(error).__name__}: {error}") from error
    given = f"n_instances={n!r}" + "".join(f", {key}={value!r}" for key, value in options.items())
    raise CheckFailed(f"{given} on a pool of {len(problem.X_pool)} rows must raise {kind.__name__}")


def require(condition: Any, message: str) -> None:
    if not condition:
        raise CheckFailed(message)


def skip_if(condition: Any, reason: str) -> None:
    if condition:
        raise CheckSkipped(reason)


def require_count_and_row(message: str, bad: float) -> None:
    found = "2 of 24" in message and "first row 5" in message
    require(found, f"{bad} in 2 of 24 rows, the first being row 5: the message must say so, got {message!r}")


def unwrapped(strategy: Strategy) -> Any:
    return unwrapped(strategy.func) if isinstance(strategy, partial) else strategy


def signature(strategy: Strategy) -> inspect.Signature:
    return inspect.signature(unwrapped(strategy))


def default_model(strategy: Strategy) -> Any:
    made = maker(strategy)
    if isinstance(made, partial):
        return made.args[0]
    return BayesianRidge() if predicts_numbers(strategy) else LogisticRegression()


def counting_model(strategy: Strategy) -> Any:
    return marked_model(strategy, default_model(strategy))


def n_calls(learner: Any) -> int:
    members = getattr(learner, "learner_list", [learner])
    models = [member.estimator for member in members]
    models += [inner for model in models for inner in getattr(model, "estimators_", ())]
    return sum(getattr(model, "n_calls_", 0) for model in models)


def unfitted(learner: Any) -> Any:
    return clone(learner)


def labeled_options(strategy: Strategy, problem: Problem) -> dict[str, Any]:
    known = {"X_labeled": problem.X_labeled, "y_labeled": problem.y_labeled}
    return {name: value for name, value in known.items() if name in signature(strategy).parameters}


@contextmanager
def nothing_to_tell_apart() -> Iterator[None]:
    """For a check that makes the rows or the model all alike: skal's warning of it is what should come."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*the model gives the same", category=UserWarning)
        yield


def all_alike(strategy: Strategy, make: Any) -> Problem:
    return classification(strategy, make).with_pool(np.ones((20, 4)))


def containers(X: Any) -> list[tuple[str, Any]]:
    """The rows in every kind of container at hand."""
    read_only = X.copy()
    read_only.setflags(write=False)
    found = [
        ("a read-only array", read_only),
        ("an array in Fortran order", np.asfortranarray(X)),
        ("a list", X.tolist()),
        ("a sparse matrix", sparse.csr_matrix(X)),
        ("a view of rows", RowView(np.vstack([X[:2], X]), np.arange(2, len(X) + 2))),
        ("a Dataset", Items(X)),
    ]
    if (pandas := _importable("pandas")) is not None:
        index = np.arange(len(X))[::-1] // 2  # falling and repeated: rows must be taken by position
        found.append(("a DataFrame with integer column names", pandas.DataFrame(X, index=index)))
    if (torch := _importable("torch")) is not None:
        found.append(("a tensor", torch.as_tensor(X)))
    return found


class Items:
    """A Dataset as torch knows it: a length, and items (row, label)."""

    def __init__(self, X: Any) -> None:
        self.X = X

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, i: int) -> Any:
        return self.X[i], "hidden"


def _importable(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError:
        return None


def generator_states() -> dict[str, Any]:
    states: dict[str, Any] = {"numpy": str(np.random.get_state()), "random": random.getstate()}
    if "torch" in sys.modules:
        states["torch"] = sys.modules["torch"].get_rng_state().tolist()
    return states
