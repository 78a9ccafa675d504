"""What a comparison found: curves of every strategy and trial, and what may be said of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.study.statistics import Difference, area_under_curve, mean_interval, paired_difference

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


@dataclass(frozen=True)
class Comparison:
    """Result of `skal.study.compare`.

    Attributes
    ----------
    protocol : dict
        Everything that was chosen: strategies, labels, rounds, trials, seed, scoring.
    n_labels : ndarray of shape (rounds + 1,)
        Label counts of the curves.
    scores : dict of str to ndarray of shape (trials, rounds + 1)
        Test score of every strategy.
    fit_seconds, query_seconds : dict of str to ndarray of shape (trials, rounds + 1)
        Wall times, apart; the first query time is 0.
    picks : dict of str to list of list of ndarray
        Dataset indices labelled, by trial and round.
    """

    protocol: dict[str, Any]
    n_labels: NDArray[np.intp]
    scores: dict[str, NDArray[Any]]
    fit_seconds: dict[str, NDArray[Any]]
    query_seconds: dict[str, NDArray[Any]]
    picks: dict[str, list[list[NDArray[np.intp]]]]

    def summaries(self) -> list[Summary]:
        """Return one line a strategy, random sampling first, the others by area, best first."""
        areas = {name: area_under_curve(self.n_labels, curve) for name, curve in self.scores.items()}
        lines = []
        for name, curve in self.scores.items():
            difference = None if name == BASELINE else paired_difference(areas[name], areas[BASELINE])
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
            "n_labels": self.n_labels.tolist(),
            "strategies": {
                name: {
                    "scores": self.scores[name].tolist(),
                    "fit_seconds": self.fit_seconds[name].round(6).tolist(),
                    "query_seconds": self.query_seconds[name].round(6).tolist(),
                    "picks": [[rows.tolist() for rows in trial] for trial in self.picks[name]],
                }
                for name in self.scores
            },
        }
        path = Path(path)
        unfinished = path.with_name(path.name + ".unfinished")
        unfinished.write_text(json.dumps(content, indent=1))
        unfinished.replace(path)
