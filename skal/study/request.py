"""A comparison asked for by name: from the command line, a file, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skal.annotation import groups_by_position
from skal.data import take
from skal.datasets import Dataset, load_dataset
from skal.explain import QueryExplanation, explain_query
from skal.explain._images import shape_of_columns
from skal.learners import ActiveLearner
from skal.loop import initial_pool
from skal.study.comparison import BASELINE, Comparison
from skal.study.oracles import describe_oracle, read_oracle
from skal.study.presets import make_estimator
from skal.study.protocol import build_strategy, parse_strategy, read_config
from skal.study.runner import Progress, compare

DEFAULTS: dict[str, Any] = {
    "data": "digits",
    "target": None,
    "estimator": "logistic",
    "metrics": ["accuracy"],
    "n_initial": 20,
    "n_instances": 20,
    "n_rounds": 8,
    "n_trials": 5,
    "initial": "random",
    "initial_left_out": 0,
    "oracle": None,
    "test_size": 0.25,
    "seed": 0,
}
_PASSED_ON = (
    "n_initial",
    "n_instances",
    "n_rounds",
    "n_trials",
    "initial",
    "initial_left_out",
    "oracle",
    "test_size",
    "seed",
)


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
    """

    settings: dict[str, Any]
    strategies: dict[str, Callable[..., Any]]
    dataset: Dataset

    @classmethod
    def of(cls, config: str | Path | None, given: Mapping[str, Any]) -> Request:
        """Make a request of a file, of choices that come before it, and of the defaults.

        Parameters
        ----------
        config : str, Path or None
            TOML, as `Protocol.to_toml` prints it.
        given : dict
            Choices; ``strategies`` is a list of ``NAME`` or ``NAME:option=value``, and takes the place of the
            file's.

        Returns
        -------
        Request
            Ready to run.

        Raises
        ------
        ValueError
            If a name is unknown, or the data are not those that the file was written for.
        """
        chosen = {} if config is None else read_config(config)
        fingerprint = chosen.pop("fingerprint", None)
        described = chosen.pop("strategies", {})
        strategies = _strategies(given.get("strategies"), described)
        settings = {**DEFAULTS, **chosen, **{name: value for name, value in given.items() if name != "strategies"}}
        make_estimator(settings["estimator"])  # a wrong name is told before the data are read
        make_oracle = read_oracle(settings["oracle"])
        dataset = load_dataset(settings["data"], target=settings["target"])
        settings["oracle"] = _by_label(describe_oracle(make_oracle), dataset)
        if fingerprint is not None and "data" not in given and dataset.fingerprint() != fingerprint:
            raise ValueError(
                f"{config} was written for other content of {settings['data']} (fingerprint {fingerprint[:12]}, here "
                f"{dataset.fingerprint()[:12]}). Take the data it was written for, or remove the entry."
            )
        return cls(settings, strategies, dataset)

    @property
    def n_rounds_in_all(self) -> int:
        """Rounds of all strategies and trials."""
        return int(len({BASELINE, *self.strategies}) * self.settings["n_trials"] * (self.settings["n_rounds"] + 1))

    def run(self, out: str | Path | None = None, n_jobs: int = 1, progress: Progress | None = None) -> Comparison:
        """Run the comparison; parameters as in `skal.compare`."""
        has_test = self.dataset.X_test is not None
        return compare(
            self.dataset.X,
            self.dataset.y,
            make_estimator(self.settings["estimator"]),
            self.strategies,
            scoring=self.settings["metrics"],
            test=(self.dataset.X_test, self.dataset.y_test) if has_test else None,
            data=_described(self.settings),
            estimator_name=self.settings["estimator"],
            out=out,
            n_jobs=n_jobs,
            progress=progress,
            **{name: self.settings[name] for name in _PASSED_ON},
        )


def _by_label(oracle: dict[str, Any] | None, dataset: Dataset) -> dict[str, Any] | None:
    """Groups by the labels of the data instead of the names of classes."""
    if oracle is None or "groups" not in oracle or not dataset.classes:
        return oracle
    return {**oracle, "groups": groups_by_position(oracle["groups"], dataset.classes)}


def _described(settings: Mapping[str, Any]) -> str:
    """What the protocol calls the data: enough to load them again."""
    return f"{settings['data']}?target={settings['target']}" if settings["target"] else str(settings["data"])


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
    dataset = load_dataset(data, target=target)
    first = initial_pool(dataset.X, dataset.y, n_initial, random_state=seed)
    labels = np.asarray(dataset.classes)[dataset.y] if dataset.classes else np.asarray(dataset.y)
    learner = ActiveLearner(model, duplicates="allow", random_state=seed)
    learner.fit(take(dataset.X, first), labels[first])
    left = np.setdiff1d(np.arange(len(labels)), first)
    shape = shape_of_columns(dataset.feature_names)
    return explain_query(learner, take(dataset.X, left), asked, n_instances, image_shape=shape, random_state=seed)


def _strategies(texts: list[str] | None, described: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """Strategies of the command line, else of the file; all that is wrong is said at once."""
    found: dict[str, Callable[..., Any]] = {}
    problems = []
    for text in texts or []:
        try:
            label, strategy = parse_strategy(text)
            found[label] = strategy
        except ValueError as error:
            problems.append(str(error))
    for label, description in ({} if texts else described).items():
        try:
            found[label] = build_strategy(description)
        except ValueError as error:
            problems.append(f"{label}: {error}")
    if problems:
        raise ValueError(" ".join(problems))
    return found
