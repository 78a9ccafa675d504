"""A comparison asked for by name: from the command line, a file, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from skal.annotation import describe_oracle, groups_by_position, read_oracle
from skal.data import n_rows, take
from skal.datasets import FETCHED, Dataset, at, load_source
from skal.estimators import (
    for_several_labels,
    make_estimator,
    with_column_uses,
)
from skal.explain import QueryExplanation, explain_query, shape_of_columns
from skal.features import ColumnUse, column_uses
from skal.learners import ActiveLearner
from skal.loop import fitted_to_pool, initial_pool
from skal.outputs import is_regressor_like
from skal.recipes import read_recipes
from skal.study.asked import Progress
from skal.study.comparison import BASELINE, Comparison
from skal.study.protocol import read_config
from skal.study.published import PublishedSetup, Scale, find_setup
from skal.study.recipe_comparison import RecipeComparison
from skal.study.recipe_runner import compare_recipes
from skal.study.runner import compare
from skal.study.settings import DEFAULTS, SETTINGS, checked_settings, columns_of, read_trials
from skal.study.strategies import named_strategies, parse_strategy
from skal.targets import kind_of, targets_of

__all__ = ["DEFAULTS", "Request", "columns_of", "explain_first_query"]


@dataclass(frozen=True)
class Request:
    """Choices by name, checked, with the data loaded.

    Attributes
    ----------
    settings : dict
        Entries of a protocol, without its strategies.
    strategies : dict of str to callable
        By the name on the curves.
    dataset : Dataset
        Loaded.
    uses : dict of str to ColumnUse, default={}
        What the columns of a table are used as; empty if the rows are no table of columns, or if the estimator is the
        user's own and reads the table itself.
    """

    settings: dict[str, Any]
    strategies: dict[str, Callable[..., Any]]
    dataset: Dataset
    uses: dict[str, ColumnUse] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        config: str | Path | None,
        given: Mapping[str, Any],
        setup: str | None = None,
        scale: Scale = "full",
    ) -> Request:
        """Make a request of a file or a published setup, of settings that come before it, and of the defaults.

        Parameters
        ----------
        config : str, Path or None
            TOML, as `Protocol.to_toml` prints it.
        given : dict
            Settings by name (`skal.study.settings.SETTINGS`). ``columns`` comes before the file's column by column;
            ``strategies`` and ``recipes`` replace those of the file or of the published setup.
        setup : str, default=None
            One of `skal.study.SETUPS`. Settings that differ from it are written down.
        scale : {"full", "small"}, default="full"
            Of the published setup.

        Returns
        -------
        Request
            Ready to run.

        Raises
        ------
        ValueError
            If a name is unknown, a value is wrong, the data are not there or not those that the file was written for,
            or both a file and a published setup are given.
        """
        if setup is not None and config is not None:
            raise ValueError(
                "A file of settings or a published setup, not both: skal setup NAME prints it, for a file to change."
            )
        if setup is not None:
            chosen, given = _following(find_setup(setup), scale, given)
        else:
            chosen = {} if config is None else read_config(config)
        fingerprint = chosen.pop("fingerprint", None)
        given = checked_settings(given, defaults=False)
        both = {**chosen, **given}
        if "columns" in given:
            both["columns"] = {**columns_of(chosen.get("columns")), **given["columns"]}
        if not given.get("strategies"):
            both["strategies"] = chosen.get("strategies", [])
        settings = checked_settings(both)
        strategies = named_strategies(settings.pop("strategies"))
        model = make_estimator(settings["estimator"], settings["columns"])  # wrong names before the data are read
        make_oracle = read_oracle(settings["oracle"])
        dataset = load_source(settings["data"], target=settings["target"], numbers=is_regressor_like(model) or None)
        usual = kind_of(dataset.y).default_estimator
        if usual is not None and "estimator" not in both:
            settings["estimator"] = usual
        settings["oracle"] = _by_label(describe_oracle(make_oracle), dataset)
        settings["follows"] = _followed(settings, strategies, dataset)
        if fingerprint is not None and "data" not in given and dataset.fingerprint() != fingerprint:
            raise ValueError(
                f"{config} was written for other content of {settings['data']} (fingerprint {fingerprint[:12]}, here "
                f"{dataset.fingerprint()[:12]}). Take the data it was written for, or remove the entry."
            )
        return cls(settings, strategies, dataset, _uses(model, dataset.X, settings))

    @property
    def n_rounds_in_all(self) -> int:
        """Rounds of all strategies and trials."""
        n_recipes = len(read_recipes(self.settings["recipes"]))
        n_strategies = len({BASELINE, *self.strategies})
        trials = read_trials(self.settings["trials"])
        n_trials = self.settings["n_trials"] if trials is None else len(trials)
        return int(n_recipes * n_strategies * n_trials * (self.settings["n_rounds"] + 1))

    def run(
        self,
        out: str | Path | None = None,
        n_jobs: int = 1,
        progress: Progress | None = None,
        stop: Sequence[str] | None = None,
    ) -> Comparison | RecipeComparison:
        """Run the comparison, or that of recipes where some are asked for; parameters as in `skal.compare`."""
        recipes = self.settings["recipes"]
        run: Callable[..., Any] = compare
        training: dict[str, Any] = {"recipe": self.settings["recipe"]}
        if recipes:
            run, training = compare_recipes, {"recipes": recipes}
        has_test = self.dataset.X_test is not None
        model = make_estimator(self.settings["estimator"], {name: use.kind for name, use in self.uses.items()})
        if kind_of(self.dataset.y).reading == "multilabel":
            model = for_several_labels(model)
        return run(
            self.dataset.X,
            self.dataset.y,
            model,
            self.strategies,
            **training,
            n_unlabeled=self.dataset.n_unlabeled,
            test=(self.dataset.X_test, self.dataset.y_test) if has_test else None,
            data=_described(self.settings),
            estimator_name=self.settings["estimator"],
            out=out,
            n_jobs=n_jobs,
            progress=progress,
            class_names=_present(self.dataset),
            stop=stop,
            **{one.argument: self.settings[name] for name, one in SETTINGS.items() if one.argument and one.given},
        )


def _uses(model: Any, X: Any, settings: Mapping[str, Any]) -> dict[str, ColumnUse]:
    """What columns are used as, with reasons, if they are columns and the model reads them."""
    if not hasattr(X, "columns"):
        if settings["columns"]:
            raise ValueError(f"{settings['data']} has no columns with names, so that nothing can be said about them.")
        return {}
    return column_uses(X, settings["columns"]) if with_column_uses(model, X) is not model else {}


def _following(
    setup: PublishedSetup, scale: Scale, given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings of a published setup, and those that are given beside it."""
    chosen, given = setup.choices(scale), dict(given)
    name, path = str(chosen["data"]), given.get("data")
    if path is None and name.partition("?")[0] not in FETCHED and scale == "full":
        raise ValueError(
            f"The published setup {setup.name} needs {setup.needs}. Or take it scaled down: --scale small."
        )
    if path is not None:
        given["data"] = at(name, str(path)) or path
    chosen["follows"] = {"name": setup.name, "scale": scale}
    return chosen, given


def _followed(settings: Mapping[str, Any], strategies: Iterable[str], dataset: Dataset) -> dict[str, Any] | None:
    """Name and scale of the published setup that is followed, and what is changed against it, however it was."""
    if not settings["follows"]:
        return None
    name, scale = (str(settings["follows"].get(key, "")) for key in ("name", "scale"))
    published = find_setup(name).choices(cast(Scale, scale))
    mine = {**settings, "strategies": [name for name in strategies if name != BASELINE]}
    ours = {**DEFAULTS, **published}
    for one in (mine, ours):
        one["recipes"] = list(read_recipes(one["recipes"]))[1:]
        one["data"] = _same_place(str(one["data"]))
    held_out = dataset.X_test is None  # otherwise nothing is, whatever the share
    changed = [
        f"{key} = {_shown(mine[key])} instead of {_shown(ours[key])}"
        for key, setting in SETTINGS.items()
        if setting.followed and (held_out or key != "test_size") and mine[key] != ours[key]
    ]
    return {"name": name, "scale": scale, **({"changed": changed} if changed else {})}


def _same_place(data: str) -> str:
    """The name of the data without the folder where they are."""
    name, mark, query = data.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("root=")]
    return f"{name}{mark * bool(kept)}{'&'.join(kept)}" if name in FETCHED else data


def _shown(value: Any) -> str:
    return (" and ".join(map(str, value)) or "none") if isinstance(value, list) else str(value)


def _by_label(oracle: dict[str, Any] | None, dataset: Dataset) -> dict[str, Any] | None:
    """Groups by the labels of the data instead of the names of classes."""
    if oracle is None or "groups" not in oracle or not dataset.classes:
        return oracle
    return {**oracle, "groups": groups_by_position(oracle["groups"], dataset.classes)}


def _present(dataset: Dataset) -> list[str] | None:
    """Names of the classes that have rows or pixels; None where the data have no names for them."""
    if not dataset.classes:
        return None
    targets = targets_of(dataset.y)
    if targets.kind.reading == "multilabel":
        return list(dataset.classes)
    return [dataset.classes[label] for label in targets.classes]


def _described(settings: Mapping[str, Any]) -> str:
    """What the protocol calls the data: enough to load them again."""
    data = str(settings["data"])
    mark = "&" if "?" in data else "?"
    return f"{data}{mark}target={settings['target']}" if settings["target"] else data


def explain_first_query(
    data: str, target: str | None, estimator: str, strategy: str, n_initial: int, n_instances: int, seed: int
) -> QueryExplanation:
    """Train on random labels, ask once, and explain the picks.

    Parameters
    ----------
    data, target, estimator, strategy : str
        By name, as on the command line.
    n_initial, n_instances, seed : int
        Labels to train on, rows to ask for, and what everything random is drawn from.

    Returns
    -------
    QueryExplanation
        Its pool indices count the rows that are not labelled, in the order of the data.
    """
    _, asked = parse_strategy(strategy)
    model = make_estimator(estimator)
    dataset = load_source(data, target=target, numbers=is_regressor_like(model) or None)
    if kind_of(dataset.y).reading == "multilabel":
        raise ValueError("skal explain shows one class or number a row, and here a row has several labels.")
    model = with_column_uses(model, dataset.X)
    model = fitted_to_pool(model, dataset.X, np.arange(n_rows(dataset.X)), seed)
    first = initial_pool(dataset.X, dataset.y, n_initial, random_state=seed)
    labels = np.asarray(dataset.classes)[dataset.y] if dataset.classes else np.asarray(dataset.y)
    learner = ActiveLearner(model, duplicates="allow", random_state=seed)
    learner.fit(take(dataset.X, first), labels[first])
    left = np.setdiff1d(np.arange(len(labels)), first)
    shape = shape_of_columns(dataset.feature_names)
    return explain_query(learner, take(dataset.X, left), asked, n_instances, image_shape=shape, random_state=seed)
