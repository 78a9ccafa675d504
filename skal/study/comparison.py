"""What a comparison found: curves of every strategy and trial, and what may be said of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.metrics import metric_in_words
from skal.statistics import Difference, area_under_curve, differences_from_baseline, mean_interval
from skal.statistics.corrections import Correction
from skal.statistics.paired_tests import Test
from skal.study.conditions import conditions
from skal.study.costs import unit_of_cost
from skal.study.stopped import StoppedArms
from skal.targets import TargetKind, kind_named, kind_of_metrics
from skal.whole_file import write_whole

BASELINE = "random_sampling"


@dataclass(frozen=True)
class Summary:
    """One line of the table.

    Attributes
    ----------
    name : str
        The strategy.
    mean, low, high : ndarray of shape (rounds,)
        Mean score at each label count with its 95 % interval over trials.
    area : float
        Mean over trials of the area under the curve over its width: the mean height of the curve.
    difference : Difference or None
        Of that area from random sampling's, paired by trial; None for random sampling itself.
    query_seconds : float
        Mean time of a query.
    """

    name: str
    mean: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]
    area: float
    difference: Difference | None
    query_seconds: float


@dataclass(frozen=True, repr=False)
class Comparison:
    """Result of `skal.compare`: what pictures and reports are made of.

    Attributes
    ----------
    protocol : dict
        Everything that was chosen: data, estimator, strategies, labels, rounds, trials, metrics, seed.
    axis : ndarray of shape (rounds + 1,)
        What the curves are over, in the `unit`: label counts, or where every round has a budget the money that may
        have been spent, the mean price of the initial labels (over trials) among it.
    metrics : dict of str to dict of str to ndarray of shape (trials, rounds + 1)
        Test values by metric and strategy; the first metric is the one that verdicts are about.
    fit_seconds, query_seconds : dict of str to ndarray of shape (trials, rounds + 1)
        Wall times, apart; the first query time is 0.
    picks : dict of str to list of list of ndarray
        Dataset indices labelled, by strategy, trial and round.
    picked_classes : dict of str to ndarray of shape (trials, rounds + 1, C)
        How many rows of each class were labelled in each round.
    classes : list of str
        Names of the C classes.
    versions : dict of str to str
        Of the packages that made it.
    pool_classes : ndarray of shape (trials, C), default=None
        Rows of each class in the pool of each trial; None for a study that was written before they were kept. Of
        masks, pixels.
    n_bought : dict of str to ndarray of shape (trials, rounds + 1), default=None
        Label counts by strategy; they differ where every round has a budget.
    spent : dict of str to ndarray of shape (trials, rounds + 1), default=None
        What these labels have cost; one a label where nothing else is said.
    pictures : dict of str to dict of int to bytes, default={}
        PNGs of the first trial by strategy and round: of segmentation what the model sees, of numbers to predict what
        is predicted against what is true.
    trials : tuple of int, default=()
        Numbers of the trials, counted from 0; they may have gaps.
    notes : list of str, default=[]
        What should be known before the numbers are believed: a model that is not deterministic, strategies that do
        not agree after the initial labels, code that could not be seen, damage that was mended.
    kept : str, default=""
        What a folder had already, and what was run; empty for a study that began.
    stored : str, default=""
        Where the rounds are, and how large their test predictions; empty where nothing is kept.
    stopping : list of StoppedArms, default=[]
        Where the criteria that were asked about would have stopped, and what that would have lost.
    """

    protocol: dict[str, Any]
    axis: NDArray[Any]
    metrics: dict[str, dict[str, NDArray[Any]]]
    fit_seconds: dict[str, NDArray[Any]]
    query_seconds: dict[str, NDArray[Any]]
    picks: dict[str, list[list[NDArray[np.intp]]]]
    picked_classes: dict[str, NDArray[np.intp]]
    classes: list[str]
    versions: dict[str, str]
    pool_classes: NDArray[np.intp] | None = None
    n_bought: dict[str, NDArray[np.intp]] | None = None
    spent: dict[str, NDArray[Any]] | None = None
    pictures: dict[str, dict[int, bytes]] = field(default_factory=dict, repr=False)
    trials: tuple[int, ...] = ()
    notes: list[str] = field(default_factory=list)
    kept: str = ""
    stored: str = ""
    stopping: list[StoppedArms] = field(default_factory=list, repr=False)

    @property
    def unit(self) -> str:
        """What the curves are over: "labels", "images", or what they cost, such as "clicks"."""
        if self.by_money and self.protocol.get("cost") is not None:
            return unit_of_cost(self.protocol.get("cost"))
        return self.kind.unit

    @property
    def kind(self) -> TargetKind:
        """Kind of the targets; that of a user's own which is not registered here counts as classes."""
        try:
            return kind_named(self.protocol.get("kind", ""))
        except ValueError:
            return kind_of_metrics(self.metrics)

    @property
    def by_money(self) -> bool:
        """Whether every round has a budget of money, so that label counts differ between strategies."""
        return self.protocol.get("round_budget") is not None

    @property
    def n_labels(self) -> NDArray[np.intp]:
        """Label counts of the curves, the same for all strategies; with a budget a round they differ: `n_bought`."""
        if self.by_money:
            raise AttributeError(
                "n_labels: with round_budget every strategy buys as many labels as the money pays for. Their counts "
                f"are in n_bought, by strategy and trial; the curves are over {self.unit}, in axis."
            )
        return np.asarray(self.axis, dtype=np.intp)

    @property
    def metric(self) -> str:
        """Name of the first metric."""
        return next(iter(self.metrics))

    @property
    def scores(self) -> dict[str, NDArray[Any]]:
        """Values of the first metric, by strategy."""
        return self.metrics[self.metric]

    @property
    def conditions(self) -> list[str]:
        """What is out of the ordinary, in sentences: training, wrong labels, unusual initial ones."""
        return conditions(self.protocol)

    @property
    def metric_in_words(self) -> str:
        """What the first metric is called in a sentence."""
        return metric_in_words(self.metric)

    def __repr__(self) -> str:
        """Return one line: ``str`` has the tables."""
        from skal.summary.text import one_line

        return f"<{type(self).__name__}: {one_line(self)}; print it for its tables>"

    def __str__(self) -> str:
        """Return the tables of the command line as plain text."""
        from skal.summary import comparison_text

        return comparison_text(self)

    def _repr_html_(self) -> str:
        """Return the head of the report, which notebooks show."""
        from skal.summary import comparison_html

        return comparison_html(self)

    def areas(self) -> dict[str, NDArray[Any]]:
        """Area under the curve of the first metric over its width, by strategy, one number a trial."""
        return {name: area_under_curve(self.axis, curve) for name, curve in self.scores.items()}

    def summaries(self, test: Test = "t", correction: Correction | None = "holm") -> list[Summary]:
        """Return one line a strategy, random sampling first, the others by area, best first.

        Parameters
        ----------
        test : {"t", "sign_flip", "wilcoxon"}, default="t"
            Paired test of the areas.
        correction : {"holm", "bh"} or None, default="holm"
            Over the strategies: with it a verdict holds for all of them together. Intervals are not corrected.

        Returns
        -------
        list of Summary
            Of the first metric.
        """
        areas = self.areas()
        others = {name: area for name, area in areas.items() if name != BASELINE}
        differences = (
            differences_from_baseline(others, areas[BASELINE], test=test, correction=correction) if others else {}
        )
        lines = []
        for name, curve in self.scores.items():
            difference = differences.get(name)
            seconds = self.query_seconds[name][:, 1:]
            lines.append(
                Summary(
                    name,
                    *mean_interval(curve),
                    area=float(areas[name].mean()),
                    difference=difference,
                    query_seconds=float(seconds.mean()) if seconds.size else 0.0,
                )
            )
        return sorted(lines, key=lambda line: (line.name != BASELINE, -line.area))

    def save(self, path: str | Path) -> None:
        """Write everything as JSON.

        Parameters
        ----------
        path : str or Path
            File to write; replaced at once, so that a reader never sees half of it.
        """
        content = {
            "protocol": self.protocol,
            "versions": self.versions,
            "classes": self.classes,
            "pool_classes": None if self.pool_classes is None else self.pool_classes.tolist(),
            "axis": self.axis.tolist(),
            **({} if self.by_money else {"n_labels": self.n_labels.tolist()}),
            "unit": self.unit,
            "strategies": {
                name: {
                    "metrics": {metric: values[name].tolist() for metric, values in self.metrics.items()},
                    "fit_seconds": self.fit_seconds[name].round(6).tolist(),
                    "query_seconds": self.query_seconds[name].round(6).tolist(),
                    "picked_classes": self.picked_classes[name].tolist(),
                    "picks": [[rows.tolist() for rows in trial] for trial in self.picks[name]],
                    **({} if self.spent is None else {"spent": self.spent[name].tolist()}),
                }
                for name in self.scores
            },
        }
        write_whole(Path(path), json.dumps(content, indent=1))
