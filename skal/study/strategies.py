"""Strategies of a study: by name, text, function or estimator, as plain data, and who can serve them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from skal.outputs import is_committee, offers_std
from skal.query import as_strategy, info, is_query_estimator, random_sampling, strategy_entries
from skal.spec import Catalogue, Entry, described, shown
from skal.study.comparison import BASELINE
from skal.study.region_sampling import RegionSampling
from skal.targets import PREDICTIONS, TargetKind

_RESERVED = (BASELINE, "random")  # names of random sampling, and of nothing else
_OF_REGIONS = "region_sampling"  # not of skal.query: it is no function of a pool of rows
# What a strategy reads, and the method of the task model that gives it.
_METHODS = {
    "proba": "predict_proba",
    "sampled_proba": "sampled_proba",
    "predicted_loss": "predict_loss",
    "boundary": "boundary_distance",
    "discriminator_score": "discriminator_score",
}
# What only models of some kinds of targets can say.
_READ = {
    "proba": "class probabilities",
    "committee": "class probabilities of a committee",
    "sampled_proba": "sampled class probabilities",
    "boundary": "distances from the boundary of classes",
    "multilabel": "a probability for each label",
    "prediction": "predicted numbers",
    "std": "how sure a regressor is of its numbers",
    "committee_prediction": "the numbers of a committee's members",
}


def describe_strategy(strategy: Callable[..., Any] | RegionSampling) -> dict[str, Any]:
    """Return a strategy as plain data: its name, and the options of a partial, estimators with their parameters."""
    if isinstance(strategy, RegionSampling):
        return strategy.described()
    return described(strategy, "strategy")


def _entries() -> dict[str, Entry]:
    """All of skal.query, and the one that asks for regions."""
    found = strategy_entries()
    of_regions = tuple(field.name for field in dataclasses.fields(RegionSampling))
    found[_OF_REGIONS] = Entry(RegionSampling, of_regions, "Ask for regions of images instead of whole ones.")
    return found


STRATEGIES = Catalogue("strategy", _entries, listing="`skal strategies` lists them.")


def parse_strategy(text: str) -> tuple[str, Callable[..., Any]]:
    """Read ``name`` or ``name:option=value,option=value``.

    Returns
    -------
    label : str
        The text itself.
    strategy : callable
        The strategy, or a partial with the options; values are read as TOML, else as strings.
    """
    return text, STRATEGIES.make(text)


def build_strategy(description: Mapping[str, Any]) -> Callable[..., Any]:
    """Make a strategy of what `describe_strategy` gave, for skal's own strategies and plain options."""
    strategy: Callable[..., Any] = STRATEGIES.make(description)
    return strategy


def named_strategies(strategies: Any) -> dict[str, Callable[..., Any]]:
    """Strategies by name, random sampling first; all that is wrong is reported together.

    Parameters
    ----------
    strategies : str, callable, estimator, iterable of them, or dict of str to them
        A text is ``"name:option=value"``; in a dict also the same as plain data. If there are
        none, random sampling is alone.

    Returns
    -------
    dict of str to callable
        By the name on the curves.

    Raises
    ------
    ValueError
        With every name, option and value that is wrong.
    """
    named: dict[str, Callable[..., Any]] = {BASELINE: random_sampling}
    problems = []
    single = isinstance(strategies, (str, bytes, RegionSampling))
    if single or callable(strategies) or is_query_estimator(strategies):
        strategies = [strategies]
    if not isinstance(strategies, Iterable):
        raise ValueError(
            "compare: strategies must be a list of names, callables or estimators that query, or a dict of them by "
            f"name, got {shown(strategies)}."
        )
    items = strategies.items() if isinstance(strategies, Mapping) else ((None, s) for s in strategies)
    for name, strategy in items:
        if name is not None and not (isinstance(name, str) and name.strip()):
            problems.append(f"strategies: names must be texts that are not blank, got {shown(name)}.")
            continue
        try:
            if isinstance(strategy, str):
                label, strategy = parse_strategy(strategy)
                name = name or label
            elif isinstance(strategy, Mapping) and name:
                strategy = build_strategy(strategy)
            elif isinstance(strategy, RegionSampling):
                name = name or _label(strategy)
            elif callable(strategy) or is_query_estimator(strategy):
                strategy = as_strategy(strategy)
                _check_options(strategy)
            else:
                raise ValueError(
                    "A strategy must be a name, a callable or an estimator with fit and query, got "
                    f"{shown(strategy)}."
                )
        except ValueError as error:
            problems.append(str(error))
            continue
        name = name or _label(strategy)
        if problem := _taken(name, strategy, named):
            problems.append(problem)
        named.setdefault(name, strategy)
    if problems:
        raise ValueError("compare: " + " ".join(problems))
    named.pop("random", None)
    return named


def _check_options(strategy: Any) -> None:
    """Refuse the options of a partial as those of a text are refused: before there is a model."""
    options: dict[str, Any] = {}
    while isinstance(strategy, functools.partial):
        options = {**strategy.keywords, **options}
        strategy = strategy.func
    if not hasattr(strategy, "check_options"):
        return  # a function of the user's, which was not made a query strategy
    try:
        strategy.check_options(options)
    except (TypeError, ValueError) as error:
        raise ValueError(f"The strategy {error}") from error


def _taken(name: str, strategy: Callable[..., Any], named: Mapping[str, Callable[..., Any]]) -> str:
    """Say what is wrong with a name: that it stands for random sampling, or for another strategy."""
    if name in _RESERVED:
        return (
            ""
            if strategy is random_sampling
            else f"The name {name!r} is that of random sampling, the baseline: give {_label(strategy)} another one."
        )
    if name not in named or named[name] is strategy or _same(named[name], strategy):
        return ""
    return f"Two strategies are called {name!r}: name them by a dict, such as {{'one': ..., 'other': ...}}."


def _same(one: Any, other: Any) -> bool:
    """Whether two partials are of the same strategy with the very same options."""
    if not (isinstance(one, functools.partial) and isinstance(other, functools.partial)):
        return False
    options = (one.keywords, other.keywords)
    alike = all(
        options[0].get(key) is value or _equal(options[0].get(key), value) for key, value in options[1].items()
    )
    return one.func is other.func and options[0].keys() == options[1].keys() and alike


def _equal(one: Any, other: Any) -> bool:
    plain = (bool, int, float, str, list, tuple, type(None))
    return isinstance(one, plain) and isinstance(other, plain) and one == other


def _label(strategy: Any) -> str:
    """Name of a strategy with the options of a partial, for the curves; of an estimator that queries, it itself."""
    described = describe_strategy(strategy)
    name = described.pop("strategy").rpartition(".")[2]
    if name == "estimator_sampling" and "estimator" in described:
        return str(described["estimator"])
    shown = {key: value.rpartition(".")[2] if isinstance(value, str) else value for key, value in described.items()}
    options = ",".join(f"{key}={value}" for key, value in shown.items())
    return f"{name}:{options}" if options else name


def check_strategies(named: Mapping[str, Callable[..., Any]], estimator: Any, kind: TargetKind | None = None) -> None:
    """Refuse, before any work, what the task model cannot offer, or no model of such targets."""
    problems = []
    for name, strategy in named.items():
        try:
            reads = info(strategy).reads
        except TypeError:
            continue  # a plain function: nothing is known of it
        if kind is not None and (missing := [read for read in reads if read in _READ and read not in kind.reads]):
            problems.append(_not_of_this_kind(name, missing, kind))
            continue
        if {"committee", "committee_prediction"} & set(reads) and not is_committee(estimator):
            ends = "Classifier" if "committee" in reads else "Regressor"
            problems.append(f"{name} needs a committee: use an ensemble such as RandomForest{ends} or Bagging{ends}.")
        if "std" in reads and not offers_std(estimator) and not _has_own_std(strategy):
            problems.append(
                f"{name} needs a standard deviation of what is predicted: {type(estimator).__name__} gives none. Use "
                "GaussianProcessRegressor, BayesianRidge, or an ensemble such as RandomForestRegressor."
            )
        for method in (_METHODS[read] for read in reads if read in _METHODS):
            decides = method == "predict_proba" and info(strategy).takes_decisions
            if not offers(estimator, method) and not (decides and offers(estimator, "decision_function")):
                problems.append(f"{name} needs {method}: {type(estimator).__name__} has none.")
    if problems:
        raise ValueError("compare: " + " ".join(problems))


def _has_own_std(strategy: Any) -> bool:
    """Whether a partial says by a function of its own how sure a model is."""
    return isinstance(strategy, functools.partial) and (
        strategy.keywords.get("std") is not None or _has_own_std(strategy.func)
    )


def _not_of_this_kind(name: str, missing: list[str], kind: TargetKind) -> str:
    if "multilabel" in missing:
        return f"{name} is for multilabel models, and y holds {kind.holds}."
    if set(missing) <= PREDICTIONS:
        several = "margin_sampling, which reads class probabilities, or " * ("proba" in kind.reads)
    else:
        several = "igs, which reads predicted numbers, or " * ("prediction" in kind.reads)
    several += "avg_confidence, which reads a probability for each label, or " * ("multilabel" in kind.reads)
    return (
        f"{name} reads {' and '.join(_READ[read] for read in missing)}, and y holds {kind.holds}. Take {several}a "
        "strategy that reads features, such as core_set."
    )


def offers(estimator: Any, method: str) -> bool:
    """Whether an unfitted model has a method, or the last step of a Pipeline, or what a search would fit."""
    if hasattr(estimator, method):
        return True
    if getattr(estimator, "final_estimator", estimator) is None:  # a stack: its last model is made in fit
        return method in ("predict_proba", "decision_function")
    if getattr(estimator, "learns_from_unlabeled", False):
        return False  # what the classifier inside offers is passed on by name, or not at all
    inner = estimator.steps[-1][1] if hasattr(estimator, "steps") else getattr(estimator, "estimator", None)
    return inner is not None and offers(inner, method)
