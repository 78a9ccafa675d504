"""Strategies of a study: by name, text, function or estimator, as plain data, and who can serve them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, cast

from skal.outputs import is_committee
from skal.query import as_strategy, find_strategy, info, is_query_estimator, random_sampling
from skal.spec import described, parse_options
from skal.study.comparison import BASELINE
from skal.study.region_sampling import RegionSampling
from skal.targets import TargetKind

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
}


def describe_strategy(strategy: Callable[..., Any] | RegionSampling) -> dict[str, Any]:
    """Return a strategy as plain data: its name, and the options of a partial, estimators with their parameters."""
    if isinstance(strategy, RegionSampling):
        return strategy.described()
    return described(strategy, "strategy")


def parse_strategy(text: str) -> tuple[str, Callable[..., Any]]:
    """Read ``name`` or ``name:option=value,option=value``.

    Returns
    -------
    label : str
        The text itself.
    strategy : callable
        The strategy, or a partial with the options; values are read as TOML, else as strings.
    """
    name, _, options = text.partition(":")
    given = parse_options(options, text)
    if name.strip() == _OF_REGIONS:
        return text, build_strategy({"strategy": _OF_REGIONS, **given})
    strategy = find_strategy(name.strip())
    return text, build_strategy({"strategy": name.strip(), **given}) if given else strategy


def build_strategy(description: Mapping[str, Any]) -> Callable[..., Any]:
    """Make a strategy of what `describe_strategy` gave, for skal's own strategies and plain options."""
    options = {key: value for key, value in description.items() if key != "strategy"}
    if description.get("strategy") == _OF_REGIONS:
        try:
            return cast(Callable[..., Any], RegionSampling(**options))
        except TypeError as error:
            raise ValueError(f"{_OF_REGIONS}: {error}") from error
    strategy = find_strategy(str(description.get("strategy", "")))
    unknown = [key for key in options if key not in strategy.info.options]
    if unknown:
        raise ValueError(
            f"{description['strategy']} has no option {', '.join(unknown)}; it has "
            f"{', '.join(strategy.info.options) or 'none'}."
        )
    return functools.partial(strategy, **options) if options else strategy


def named_strategies(strategies: Any) -> dict[str, Callable[..., Any]]:
    """Strategies by name, random sampling first; all unknown names are reported together."""
    named: dict[str, Callable[..., Any]] = {BASELINE: random_sampling}
    problems = []
    single = isinstance(strategies, (str, bytes, RegionSampling))
    if single or callable(strategies) or is_query_estimator(strategies):
        strategies = [strategies]
    items = strategies.items() if isinstance(strategies, Mapping) else ((None, s) for s in strategies)
    for name, strategy in items:
        try:
            if isinstance(strategy, str):
                label, strategy = parse_strategy(strategy)
                name = name or label
            elif isinstance(strategy, RegionSampling):
                name = name or _label(strategy)
            elif callable(strategy) or is_query_estimator(strategy):
                strategy = as_strategy(strategy)
            else:
                raise ValueError(
                    f"A strategy must be a name, a callable or an estimator with fit and query, got {strategy!r}."
                )
        except ValueError as error:
            problems.append(str(error))
            continue
        named[name or _label(strategy)] = strategy
    if problems:
        raise ValueError("compare: " + " ".join(problems))
    return named


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
        if "committee" in reads and not is_committee(estimator):
            problems.append(
                f"{name} needs a committee: use an ensemble such as RandomForestClassifier or BaggingClassifier."
            )
        for method in (_METHODS[read] for read in reads if read in _METHODS):
            decides = method == "predict_proba" and info(strategy).takes_decisions
            if not _offers(estimator, method) and not (decides and _offers(estimator, "decision_function")):
                problems.append(f"{name} needs {method}: {type(estimator).__name__} has none.")
    if problems:
        raise ValueError("compare: " + " ".join(problems))


def _not_of_this_kind(name: str, missing: list[str], kind: TargetKind) -> str:
    if "multilabel" in missing:
        return f"{name} is for multilabel models, and y holds {kind.holds}."
    several = "avg_confidence, which reads a probability for each label, or " * ("multilabel" in kind.reads)
    return (
        f"{name} reads {' and '.join(_READ[read] for read in missing)}, and y holds {kind.holds}. Take {several}a "
        "strategy that reads features, such as core_set."
    )


def _offers(estimator: Any, method: str) -> bool:
    """Whether an unfitted model has a method, or the last step of a Pipeline, or what a search would fit."""
    if hasattr(estimator, method):
        return True
    if getattr(estimator, "final_estimator", estimator) is None:  # a stack: its last model is made in fit
        return method in ("predict_proba", "decision_function")
    if getattr(estimator, "learns_from_unlabeled", False):
        return False  # what the classifier inside offers is passed on by name, or not at all
    inner = estimator.steps[-1][1] if hasattr(estimator, "steps") else getattr(estimator, "estimator", None)
    return inner is not None and _offers(inner, method)
