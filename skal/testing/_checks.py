"""The checks of a query strategy, each with one property and a name of its own.

A check gets the strategy and how to make its learner (None: what it reads decides), and fails by raising.
"""

from __future__ import annotations

import inspect
import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from skal.data import block_rows
from skal.query import checked_picks, info, pool_scores
from skal.testing._harness import (
    CheckFailed,
    MetricsLearner,
    PlainLearner,
    all_alike,
    containers,
    counting_model,
    default_model,
    generator_states,
    labeled_options,
    message_of,
    n_calls,
    nothing_to_tell_apart,
    picks_and_scores,
    raw_picks,
    require,
    require_count_and_row,
    signature,
    skip_if,
    unfitted,
    unwrapped,
)
from skal.testing._problems import (
    MARK,
    OF_NETS,
    OF_NUMBERS,
    Problem,
    Strategy,
    classification,
    constant_model,
    known_and_unknown,
    marked_model,
    predicts_numbers,
    reads,
)
from skal.testing._problems import learner_maker as maker

Make = Callable[[Any, Any], Any] | None
_GIVEN = "the learner is given, and this check makes its own"
_NUMBERS = "it reads numbers that a regressor predicts, and this check has classes"
_MULTILABEL = "it reads several labels a row, and this check has a class a row"


def check_docstring(strategy: Strategy, make: Make) -> None:
    """One sentence, and every parameter and the return described."""
    doc = inspect.getdoc(unwrapped(strategy)) or ""
    summary = doc.partition("\n")[0]
    require(summary.endswith("."), f"its docstring must begin with one sentence, got {summary!r}")
    for name in signature(strategy).parameters:
        require(re.search(rf"^{name}\b.*:", doc, re.M) is not None, f"its docstring must describe {name}")
    require("Returns\n" in doc, "its docstring must say what it returns")
    require("{common}" not in doc and "{picks}" not in doc, "its docstring must have its common part filled in")


def check_signature(strategy: Strategy, make: Make) -> None:
    """``(learner, X_pool, n_instances=1, ..., *, random_state=None)``, every option named."""
    parameters = signature(strategy).parameters
    first = list(parameters)[:3]
    require(first == ["learner", "X_pool", "n_instances"], f"its first parameters must be those, got {first}")
    require(parameters["n_instances"].default == 1, "n_instances must be 1 by default")
    require("random_state" in parameters, "it must take random_state")
    kinds = {p.kind for p in parameters.values()}
    require(inspect.Parameter.VAR_KEYWORD not in kinds, "it must name its options, so that a typing error is one")


def check_return_form(strategy: Strategy, make: Make) -> None:
    """A learner whose ``query`` has ``return_metrics`` gets (indices, scores); any other the indices."""
    problem = classification(strategy, make)
    learner = problem.learner()
    options = labeled_options(strategy, problem)
    result = strategy(PlainLearner(learner), problem.X_pool, 3, random_state=0, **options)
    require(isinstance(result, np.ndarray) and result.dtype == np.intp, "it must return an array of intp")
    require(result.flags.c_contiguous and result.ndim == 1, "it must return a contiguous 1-D array")
    result = strategy(MetricsLearner(learner), problem.X_pool, 3, random_state=0, **options)
    require(isinstance(result, tuple) and len(result) == 2, "a learner with return_metrics must get a pair")
    require(np.shape(result[1]) == (3,), f"it must give one score a pick, got shape {np.shape(result[1])}")


def check_batch(strategy: Strategy, make: Make) -> None:
    """As many picks as asked for, all positions in the pool, no row twice: a label would be paid for and not got."""
    problem = classification(strategy, make)
    n_pool = len(problem.X_pool)
    for n in (1, 2, 3, n_pool):
        picks = raw_picks(strategy, problem, n)
        require(len(picks) == n, f"n_instances={n} must give {n} picks, got {len(picks)}")
        require(picks.min() >= 0 and picks.max() < n_pool, f"picks must be in the pool of {n_pool}, got {picks}")
        require(len(set(picks.tolist())) == n, f"picks must be distinct, got {picks}")


def check_best_first(strategy: Strategy, make: Make) -> None:
    """Scores fall; or, where they are drawn or blended on the way, a shorter batch begins a longer one."""
    problem = classification(strategy, make)
    picks, scores = picks_and_scores(strategy, problem, 6)
    falling = (np.diff(scores) <= 1e-12).all()
    prefix = all((picks_and_scores(strategy, problem, n)[0] == picks[:n]).all() for n in (1, 2, 4))
    require(falling or prefix, f"picks must be best first, got the scores {scores}")


def check_highest_scores(strategy: Strategy, make: Make) -> None:
    """A strategy that scores rows one by one picks the highest scores of the pool."""
    skip_if(not getattr(unwrapped(strategy), "scores_rows", False), "it does not score rows one by one")
    problem = classification(strategy, make)
    scores = pool_scores(strategy, problem.learner(), problem.X_pool, random_state=0)
    picks, own = picks_and_scores(strategy, problem, 5)
    require(np.allclose(np.sort(scores)[::-1][:5], own), "the picks must have the highest scores of the pool")
    require(np.allclose(scores[picks], own), "the scores returned must be those of the picks")


def check_prefers_the_unknown(strategy: Strategy, make: Make) -> None:
    """Rows labelled already and certain are not preferred to unlabelled and uncertain ones."""
    skip_if("multilabel" in reads(strategy), _MULTILABEL)
    skip_if(_searches(strategy), "it searches for rows of which the model is sure")
    problem = known_and_unknown(strategy, make)
    unknown = [(picks_and_scores(strategy, problem, 6, seed)[0] >= 12).sum() for seed in range(5)]
    require(
        np.mean(unknown) >= 1.5,
        f"of 6 picks {np.mean(unknown):.1f} were in the uncertain half of the pool, 3 would be chance: is the score "
        "reversed (higher = ask first)?",
    )


def _searches(strategy: Strategy) -> bool:
    """Whether a strategy has an option that says which classes it is to find."""
    try:
        return "find" in info(strategy).options
    except TypeError:
        return False  # a function of another house


def check_bad_n_instances(strategy: Strategy, make: Make) -> None:
    """Zero, negative, too many: ValueError with both numbers; no int: TypeError; before any scoring."""
    problem = classification(strategy, maker(strategy, counting_model(strategy)) if make is None else make)
    learner = problem.learner()
    n = len(problem.X_pool)
    for bad in (0, -1, n + 1):
        message = message_of(ValueError, strategy, learner, problem, bad)
        require(str(n) in message and str(bad) in message, f"n_instances={bad}: the message must name {n} and {bad}")
    wrong_types: tuple[Any, ...] = (2.5, True, "3", None)
    for wrong in wrong_types:
        message_of(TypeError, strategy, learner, problem, wrong)
    require(n_calls(learner) == 0, "it must refuse a bad n_instances before it scores anything")


def check_empty_pool(strategy: Strategy, make: Make) -> None:
    """An empty pool is an error that says so."""
    problem = classification(strategy, make)
    message_of(ValueError, strategy, problem.learner(), problem.with_pool(problem.X_pool[:0]), 1)


def check_unknown_option(strategy: Strategy, make: Make) -> None:
    """A misspelt option is a TypeError."""
    problem = classification(strategy, make)
    message_of(TypeError, strategy, problem.learner(), problem, 1, n_instanzes=2)


@nothing_to_tell_apart()
def check_same_seed_same_picks(strategy: Strategy, make: Make) -> None:
    """The picks depend on the seed alone, on equal scores too."""
    for problem in (classification(strategy, make), all_alike(strategy, make)):
        first, second = (picks_and_scores(strategy, problem, 5, seed=3) for _ in range(2))
        require((first[0] == second[0]).all(), f"the same seed must give the same picks, got {first[0]}, {second[0]}")
        require(np.array_equal(first[1], second[1]), "the same seed must give the same scores")


@nothing_to_tell_apart()
def check_ties_are_random(strategy: Strategy, make: Make) -> None:
    """Among equals the first row of the pool has no advantage: the order of a file says nothing."""
    problem = all_alike(strategy, make)
    firsts: set[int] = set()
    for seed in range(12):
        firsts.add(int(picks_and_scores(strategy, problem, 1, seed)[0][0]))
        if len(firsts) > 1:
            return
    raise CheckFailed(f"12 seeds on a pool of equal rows must not all pick row {firsts}")


def check_containers(strategy: Strategy, make: Make) -> None:
    """The same rows give the same picks, whatever holds them."""
    problem = classification(strategy, make)
    expected = picks_and_scores(strategy, problem, 5)[0]
    for name, pool in containers(problem.X_pool):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="X has feature names")
            picks = picks_and_scores(strategy, problem.with_pool(pool), 5)[0]
        require((picks == expected).all(), f"a pool as {name} must give the picks {expected}, got {picks}")


def check_block_size(strategy: Strategy, make: Make) -> None:
    """The picks do not depend on how many rows are read at a time."""
    problem = classification(strategy, make)
    expected = picks_and_scores(strategy, problem, 5)[0]
    for rows in (1, 5, 23):
        with block_rows(rows):
            picks = picks_and_scores(strategy, problem, 5)[0]
        require((picks == expected).all(), f"blocks of {rows} rows must give the picks {expected}, got {picks}")


def check_duplicated_rows(strategy: Strategy, make: Make) -> None:
    """A pool in which every row stands four times is picked from without repetition."""
    problem = classification(strategy, make)
    problem = problem.with_pool(np.repeat(problem.X_pool[:6], 4, axis=0))
    for n in (5, 24):
        checked_picks(raw_picks(strategy, problem, n), 24, n, "it")


@nothing_to_tell_apart()
def check_constant_features(strategy: Strategy, make: Make) -> None:
    """A pool of equal rows is picked from without repetition and without end."""
    problem = classification(strategy, make)
    problem = problem.with_pool(np.ones((10, 4)))
    for n in (3, 10):
        checked_picks(raw_picks(strategy, problem, n), 10, n, "it")


@nothing_to_tell_apart()
def check_equal_scores(strategy: Strategy, make: Make) -> None:
    """A model that predicts the same everywhere is no obstacle."""
    skip_if(make is not None, _GIVEN)
    skip_if("multilabel" in reads(strategy), _MULTILABEL)
    problem = classification(strategy, maker(strategy, constant_model(strategy)))
    for n in (3, 24):
        checked_picks(raw_picks(strategy, problem, n), 24, n, "it")


def check_pool_of_one(strategy: Strategy, make: Make) -> None:
    """A pool of a single row gives that row."""
    problem = classification(strategy, make)
    picks = raw_picks(strategy, problem.with_pool(problem.X_pool[:1]), 1)
    require(picks.tolist() == [0], f"a pool of one row must give row 0, got {picks}")


@nothing_to_tell_apart()
def check_single_class(strategy: Strategy, make: Make) -> None:
    """A model that has seen one class only can be asked."""
    skip_if(make is not None, _GIVEN)
    skip_if("multilabel" in reads(strategy), _MULTILABEL)
    skip_if(predicts_numbers(strategy), _NUMBERS)
    problem = classification(strategy, maker(strategy, constant_model(strategy)))
    problem = Problem(problem.X_pool, problem.X_labeled, np.zeros(12, dtype=int), problem.make_learner)
    checked_picks(raw_picks(strategy, problem, 3), 24, 3, "it")


def check_non_finite_proba(strategy: Strategy, make: Make) -> None:
    """NaN or infinity from the model: ValueError with the count and the first row, wherever it is read."""
    for bad in (np.nan, np.inf):
        problem = classification(strategy, maker(strategy, marked_model(strategy, default_model(strategy), bad)))
        pool = problem.X_pool.copy()
        pool[[5, 17], -1] = MARK
        learner = problem.learner()
        try:
            raw_picks(strategy, problem.with_pool(pool), 3, learner=learner)
        except ValueError as error:
            require_count_and_row(str(error), bad)
        else:
            skip_if(n_calls(learner) == 0, "it asks the model for nothing that could be not finite")
            raise CheckFailed(f"probabilities of {bad} must raise, and picks came")


def check_non_finite_features(strategy: Strategy, make: Make) -> None:
    """NaN or infinity in the rows: ValueError with the count and the first row, where features are read."""
    skip_if("embedding" not in reads(strategy), "it reads no features")
    problem = classification(strategy, maker(strategy, marked_model(strategy, default_model(strategy))))
    for bad in (np.nan, np.inf, -np.inf):
        pool = problem.X_pool.copy()
        pool[[5, 17], 0] = bad
        try:
            raw_picks(strategy, problem.with_pool(pool), 3)
        except ValueError as error:
            require_count_and_row(str(error), bad)
        else:
            raise CheckFailed(f"features of {bad} must raise, and picks came")


def check_cold_start(strategy: Strategy, make: Make) -> None:
    """An untaught learner gives valid picks, with a warning where the model would have been read."""
    skip_if(make is not None, _GIVEN)
    problem = classification(strategy)
    learner = unfitted(problem.learner())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        picks = [raw_picks(strategy, problem, 3, learner=learner) for _ in range(2)]
    checked_picks(picks[0], 24, 3, "it")
    require((picks[0] == picks[1]).all(), "a cold start must depend on the seed alone")
    cold = [w for w in caught if "cold start" in str(w.message)]
    read = {"proba", "committee", "multilabel", *OF_NETS, *OF_NUMBERS} & set(reads(strategy))
    require(bool(cold) or not read, "a cold start must warn")


def check_missing_labeled_data(strategy: Strategy, make: Make) -> None:
    """Labelled data that nobody gave: TypeError that names the ways to give them."""
    skip_if("labels" not in reads(strategy), "it reads no labelled data")
    skip_if(make is not None, _GIVEN)
    problem = classification(strategy)
    message = message_of(TypeError, strategy, PlainLearner(problem.learner()), problem, 2)
    require("_labeled=" in message, f"the message must say how labelled data are given, got {message!r}")


def check_model_untouched(strategy: Strategy, make: Make) -> None:
    """The learner, its model's parameters and weights, and what it was taught stay as they were.

    Its ``query_memory`` is there for strategies to write to.
    """
    problem = classification(strategy, make)
    learner = problem.learner()
    before = _dumped_without_memory(learner)
    raw_picks(strategy, problem, 3, learner=learner)
    require(_dumped_without_memory(learner) == before, "the learner must be left as it was")


def _dumped_without_memory(learner: Any) -> bytes:
    kept = getattr(learner, "query_memory", None)
    if isinstance(kept, dict):
        kept.clear()
    return pickle.dumps(learner)


def check_pool_untouched(strategy: Strategy, make: Make) -> None:
    """The pool stays as it was, and may be read-only."""
    problem = classification(strategy, make)
    pool = problem.X_pool.copy()
    raw_picks(strategy, problem.with_pool(pool), 3)
    require(np.array_equal(pool, problem.X_pool), "the pool must be left as it was")
    pool.setflags(write=False)
    raw_picks(strategy, problem.with_pool(pool), 3)


def check_global_generators_untouched(strategy: Strategy, make: Make) -> None:
    """With a seed given, nothing is drawn from the generators of numpy, random and torch."""
    problem = classification(strategy, make)
    learner = problem.learner()
    before = generator_states()
    raw_picks(strategy, problem, 3, learner=learner)
    for name, state in generator_states().items():
        require(state == before[name], f"the global generator of {name} must be left as it was")


def check_pickles(strategy: Strategy, make: Make) -> None:
    """It travels to worker processes and does the same there."""
    problem = classification(strategy, make)
    copied = pickle.loads(pickle.dumps(strategy))  # noqa: S301 our own bytes
    same = (picks_and_scores(copied, problem, 3)[0] == picks_and_scores(strategy, problem, 3)[0]).all()
    require(bool(same), "an unpickled copy must give the same picks")


CHECKS: dict[str, Callable[[Strategy, Make], None]] = {
    name: function
    for name, function in list(globals().items())
    if name.startswith("check_") and name != "checked_picks"
}
