"""What is checked and drawn before the first fit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skal.annotation import Budget, UniformCost
from skal.data import n_rows
from skal.datasets import Dataset
from skal.estimators import column_kinds, for_several_labels, make_estimator, told_classes, with_column_uses
from skal.identity import code_digest
from skal.metrics import COST_METRICS, cost_metric, describe_scorers, make_metrics
from skal.recipes import Recipe, check_augmentations, describe_model
from skal.spec import representation
from skal.study.asked import Asked, Policy, Strategies
from skal.study.costs import read_cost
from skal.study.error_costs import default_metrics, with_costs
from skal.study.growth import Code, Plan, stored_seed
from skal.study.missing import labeled_rows
from skal.study.oracles import describe_oracle, read_oracle
from skal.study.protocol import Protocol
from skal.study.region_sampling import RegionSampling
from skal.study.shared import Shared
from skal.study.sought import with_sought_labels
from skal.study.strategies import check_strategies, describe_strategy, named_strategies
from skal.study.trials import First, Trial, make_trials
from skal.targets import TargetKind, Targets, targets_of

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """A study that may begin.

    Attributes
    ----------
    plan : Plan
        What is asked for, as it is written down.
    strategies : dict of str to callable
        By name, random sampling first.
    shared : Shared
        What all arms share.
    trials : dict of int to Trial
        By number, counted from 0.
    classes : list of str
        Names of the classes.
    """

    plan: Plan
    strategies: Mapping[str, Callable[..., Any]]
    shared: Shared
    trials: Mapping[int, Trial]
    classes: list[str]

    @property
    def pools(self) -> dict[int, list[int]]:
        """Rows of each class in the pool of each trial."""
        return {number: self.shared.targets.counts(trial.pool) for number, trial in self.trials.items()}


def prepare(
    X: Any,
    y: Any,
    estimator: Any,
    strategies: Strategies,
    recipes: Mapping[str, Recipe],
    asked: Asked,
    who: str,
) -> Prepared:
    """Check all that can be checked, and draw the trials.

    Parameters
    ----------
    X, y : container of n rows, array-like of shape (n,) or masks
        Rows and labels.
    estimator : estimator
        The task model.
    strategies : iterable or dict
        As `skal.compare` takes them.
    recipes : dict of str to Recipe
        By name.
    asked : Asked
        All else.
    who : str
        What messages call the caller.

    Returns
    -------
    Prepared
        Nothing was fitted or written.

    Raises
    ------
    ValueError
        All that is wrong with the strategies, a pool that is too small, or no label at all.
    """
    n_rows(y)  # refuses what has none, and masked arrays; those of X are counted by the trials
    X, y, test, n_left_out = labeled_rows(X, y, asked.test, asked.missing_label, who)
    named = named_strategies(strategies)
    name = asked.estimator_name or (estimator if isinstance(estimator, str) else None)
    by_name = isinstance(estimator, str)
    estimator = with_column_uses(make_estimator(estimator) if by_name else estimator, X)
    targets = targets_of(y, estimator, asked.class_names)
    if by_name and targets.kind.reading == "multilabel":
        estimator = for_several_labels(estimator)
    targets.kind.check_rehearsal(targets.y, test is None, who)
    targets.kind.check_model(estimator, targets.y, who)
    models = {name: trained_model(recipe, estimator, named, X, targets.kind) for name, recipe in recipes.items()}
    _check_regions(named, targets, asked.oracle)
    wanted = default_metrics(estimator) if asked.metrics is None and asked.costs is not None else asked.metrics
    metrics = make_metrics(wanted, targets, asked.positive, asked.costs)
    if asked.costs is not None and not set(metrics) & set(COST_METRICS):
        cost_metric(COST_METRICS[0], asked.costs, targets)  # refused as if they were measured
    price, budget = read_cost(asked.cost), _budget(asked.round_budget, asked.budget_policy)
    make_oracle = read_oracle(asked.oracle)
    if (describe_oracle(make_oracle) or {}).get("oracle") == "noisy":
        targets.refuse("wrong_labels", f"{who}: ")
    seed = _seed(asked)
    first = First(asked.n_initial, asked.initial, asked.initial_left_out)
    size = asked.test_size if test is None else None
    numbers = asked.trial_numbers
    trials = make_trials(X, targets, first, make_oracle, size, seed, numbers)
    n_labels = asked.n_initial + (0 if budget else asked.n_rounds * asked.n_instances)
    _check_budget(n_labels, len(trials[numbers[0]].pool))
    if test is not None:
        test = (test[0], targets.kind.as_array(test[1]))
    known = {
        "fingerprint": Dataset(asked.data, X, targets.y, *(test or (None, None))).fingerprint(),
        "estimator": name or representation(estimator),
        "strategies": {called: describe_strategy(strategy) for called, strategy in named.items()},
        "n_trials": numbers[-1] + 1,
        "metrics": tuple(metrics),
        "seed": seed,
        "recipe": None,  # recipes are written down beside it
        "columns": column_kinds(estimator),
        "n_unlabeled": int(asked.n_unlabeled) + n_left_out,
        "kind": targets.kind.entry,
        "scorers": describe_scorers(asked.metrics) or None,
        **({} if test is None else {"test_size": 0.0}),
        **({} if budget else {"budget_policy": "stop_before"}),
    }
    protocol = Protocol.of(asked.settings, **known)
    code = _code(estimator, name, named, recipes, make_oracle, price, metrics, targets.kind)
    described = {name: describe_model(recipe, estimator) for name, recipe in recipes.items()}
    # Images of one round need not show every class, and a class left out is in none of the first labels.
    if asked.initial_left_out or targets.kind.tells_classes:
        models = {name: told_classes(model, targets.classes) for name, model in models.items()}
    if price is None and budget is not None:
        price = UniformCost()
    shared = Shared(
        X, targets, models, asked.n_instances, asked.n_rounds, metrics, test, make_oracle, price, budget,
        predictions=asked.predictions and (asked.out is not None or bool(asked.stop)),
    )  # fmt: skip
    running = with_costs(with_sought_labels(named, targets), asked.costs, targets)
    return Prepared(Plan.of(protocol, described, code), running, shared, trials, list(targets.names))


def trained_model(
    recipe: Recipe,
    estimator: Any,
    named: Mapping[str, Callable[..., Any]],
    X: Any,
    kind: TargetKind | None = None,
) -> Any:
    """Return the task model under a recipe, or raise if it cannot be trained so or cannot serve a strategy."""
    model = recipe.apply(estimator)
    check_augmentations(model, X, recipe.name)
    try:
        check_strategies(named, model, kind)
    except ValueError as error:
        if recipe.description is None:
            raise
        raise ValueError(f"{error} So it is under the recipe {recipe.name}.") from error
    return model


def _seed(asked: Asked) -> int:
    """What everything is drawn from: as given, as stored, or drawn now."""
    if asked.seed is not None:
        return int(asked.seed)
    there = stored_seed(asked.out)
    return int(np.random.SeedSequence().generate_state(1)[0]) if there is None else there


def _code(
    estimator: Any,
    estimator_name: str | None,
    strategies: Any,
    recipes: Any,
    oracle: Any,
    cost: Any,
    metrics: Any,
    targets: TargetKind,
) -> Code:
    """Identities of the code of all that may be somebody's own."""
    kinds = {
        "estimator": {type(estimator).__name__: estimator},
        "oracle": {} if oracle is None else {"of labels": oracle},
        "cost": {} if cost is None else {getattr(cost, "name", type(cost).__name__): cost},
        "strategy": strategies,
        "recipe": {name: recipe.apply for name, recipe in recipes.items()},
        "metric": metrics,
        "kind of targets": {targets.name: targets},
    }
    found: Code = {}
    for kind, named in kinds.items():
        for name, thing in named.items():
            identity = code_digest(thing, values=kind in ("oracle", "cost", "metric"))
            found.setdefault(kind, {})[name] = {"digest": identity.digest, "unseen": list(identity.unseen)}
    if estimator_name is not None:  # then its parameters are nowhere else
        (one,) = found["estimator"].values()
        digest = hashlib.sha256(f"{one['digest']} {representation(estimator)}".encode()).hexdigest()
        found["estimator"] = {estimator_name: {**one, "digest": digest}}
    return found


def _check_regions(named: Mapping[str, Any], targets: Targets, oracle: Any) -> None:
    """Refuse regions where there are no masks, and wrong labels where there are regions."""
    of_regions = [name for name, strategy in named.items() if isinstance(strategy, RegionSampling)]
    if of_regions:
        targets.refuse("regions", f"compare: {', '.join(of_regions)} ")
    if of_regions and oracle is not None:
        raise ValueError(f"compare: {', '.join(of_regions)} asks for regions, whose labels are right: oracle=None.")


def _budget(per_round: float | None, policy: Policy) -> Budget | None:
    return None if per_round is None else Budget(per_round, policy)


def _check_budget(budget: int, n_pool: int) -> None:
    if budget > n_pool:
        raise ValueError(
            f"compare: n_initial + n_rounds * n_instances must be at most {n_pool}, the rows that are not tested on, "
            f"got {budget}."
        )
