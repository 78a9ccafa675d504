"""Learning curves of query strategies as a display."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from skal.displays._axes import axes_or_new
from skal.displays._learning_curve import active_learning_curve
from skal.query import is_query_estimator, uncertainty_sampling
from skal.report.curve_plot import Interval, draw_curves, labels_with_verdicts
from skal.study.comparison import Comparison
from skal.study.stored import load_comparison


class ActiveLearningCurveDisplay:
    """Mean score against the number of labels, one curve a strategy, with intervals over trials or folds.

    Make one by `from_study`, `from_estimator` or `from_predictions`.

    Parameters
    ----------
    n_labels : array-like of shape (rounds,)
        Label counts.
    scores : dict of str to array-like of shape (trials, rounds) or (rounds,)
        Values by the name on the curve.
    score_name : str, default="score"
        Of the vertical axis.
    labels : dict of str to str, default=None
        What the legend says of a curve; None: its name.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes.
    figure_ : matplotlib.figure.Figure
        Their figure.
    lines_ : list of matplotlib.lines.Line2D
        Mean curves.

    Examples
    --------
    >>> display = ActiveLearningCurveDisplay([10, 20], {"margin": [[0.6, 0.8], [0.7, 0.9]]}, score_name="accuracy")
    >>> display.plot().lines_[0].get_ydata().round(2)
    array([0.65, 0.85])
    """

    def __init__(
        self,
        n_labels: ArrayLike,
        scores: Mapping[str, ArrayLike],
        *,
        score_name: str = "score",
        labels: Mapping[str, str] | None = None,
        unit: str = "labels",
    ) -> None:
        self.n_labels: NDArray[Any] = np.asarray(n_labels)
        self.scores = {name: np.atleast_2d(np.asarray(values, dtype=np.float64)) for name, values in scores.items()}
        self.score_name = score_name
        self.labels = labels
        self.unit = unit
        for name, values in self.scores.items():
            if values.ndim != 2 or values.shape[1] != len(self.n_labels):
                raise ValueError(
                    f"ActiveLearningCurveDisplay: scores of {name} must have shape (trials, {len(self.n_labels)}), "
                    f"one column a label count, got {values.shape}."
                )

    def plot(
        self,
        ax: Any = None,
        *,
        score_name: str | None = None,
        interval: Interval | None = "fill_between",
        level: float = 0.95,
        line_kw: Mapping[str, Any] | None = None,
        fill_between_kw: Mapping[str, Any] | None = None,
        errorbar_kw: Mapping[str, Any] | None = None,
    ) -> ActiveLearningCurveDisplay:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where; None: a new figure, which is not shown.
        score_name : str, default=None
            Of the vertical axis; None: the one given before.
        interval : {"fill_between", "errorbar"} or None, default="fill_between"
            How the interval of the mean is shown; a single trial has none.
        level : float, default=0.95
            Its coverage.
        line_kw, fill_between_kw, errorbar_kw : dict, default=None
            Passed to matplotlib.

        Returns
        -------
        ActiveLearningCurveDisplay
            Itself.
        """
        self.ax_ = axes_or_new(ax)
        self.figure_ = self.ax_.figure
        self.lines_ = draw_curves(
            self.ax_,
            self.n_labels,
            self.scores,
            unit=self.unit,
            labels=self.labels,
            interval=interval,
            level=level,
            line_kw=line_kw,
            fill_between_kw=fill_between_kw,
            errorbar_kw=errorbar_kw,
        )
        self.ax_.set_ylabel(self.score_name if score_name is None else score_name)
        self.ax_.legend(frameon=False, fontsize="small")
        return self

    @classmethod
    def from_study(
        cls, comparison: Comparison | str | Path, *, metric: str | None = None, ax: Any = None, **plot_kw: Any
    ) -> ActiveLearningCurveDisplay:
        """Draw the curves of a comparison.

        Parameters
        ----------
        comparison : Comparison, str or Path
            What `skal.compare` returned, or the folder it was kept in.
        metric : str, default=None
            One of its metrics; None: the first, with verdicts in the legend.
        ax, **plot_kw
            See `plot`.

        Returns
        -------
        ActiveLearningCurveDisplay
            Drawn.
        """
        found = comparison if isinstance(comparison, Comparison) else load_comparison(comparison)
        if metric is not None and metric not in found.metrics:
            raise ValueError(f"There is no metric {metric!r}; there are {', '.join(found.metrics)}.")
        chosen = metric or found.metric
        labels = labels_with_verdicts(found)
        scores = {name: found.metrics[chosen][name] for name in labels}
        own = labels if chosen == found.metric else None
        display = cls(found.axis, scores, score_name=f"{chosen} on test data", labels=own, unit=found.unit)
        return display.plot(ax, **plot_kw)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        query_strategy: Any = uncertainty_sampling,
        cv: Any = 5,
        n_initial: int = 10,
        n_instances: int = 10,
        budget: int = 100,
        scoring: Any = "accuracy",
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        ax: Any = None,
        **plot_kw: Any,
    ) -> ActiveLearningCurveDisplay:
        """Run the loop in every fold, and draw the test scores.

        Parameters
        ----------
        estimator, X, y, cv, n_initial, n_instances, budget, scoring, random_state, n_jobs
            See `active_learning_curve`.
        query_strategy : str, callable, estimator that queries, list of these, or dict of str to them
            One strategy or several; all share folds, first labels and seeds.
        ax, **plot_kw
            See `plot`.

        Returns
        -------
        ActiveLearningCurveDisplay
            Drawn.
        """
        seed = int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
        folds = list(cv) if isinstance(cv, Iterable) else cv  # an iterator would be empty for the second strategy
        counts: Any = ()
        scores = {}
        for name, strategy in _named(query_strategy).items():
            counts, _, test = active_learning_curve(
                estimator,
                X,
                y,
                query_strategy=strategy,
                cv=folds,
                n_initial=n_initial,
                n_instances=n_instances,
                budget=budget,
                scoring=scoring,
                random_state=seed,
                n_jobs=n_jobs,
            )
            scores[name] = test.T
        score_name = scoring if isinstance(scoring, str) else "score"
        return cls(counts, scores, score_name=f"{score_name} on test folds").plot(ax, **plot_kw)

    @classmethod
    def from_predictions(
        cls,
        n_labels: ArrayLike,
        scores: Mapping[str, ArrayLike],
        *,
        score_name: str = "score",
        ax: Any = None,
        **plot_kw: Any,
    ) -> ActiveLearningCurveDisplay:
        """Draw curves that were measured elsewhere.

        Parameters
        ----------
        n_labels : array-like of shape (rounds,)
            Label counts.
        scores : dict of str to array-like of shape (trials, rounds) or (rounds,)
            Values by name. `active_learning_curve` returns (rounds, folds): pass its transpose.
        score_name : str, default="score"
            Of the vertical axis.
        ax, **plot_kw
            See `plot`.

        Returns
        -------
        ActiveLearningCurveDisplay
            Drawn.
        """
        return cls(n_labels, scores, score_name=score_name).plot(ax, **plot_kw)


def _named(strategies: Any) -> dict[str, str | Callable[..., Any]]:
    if isinstance(strategies, Mapping):
        return dict(strategies)
    single = isinstance(strategies, str) or callable(strategies) or is_query_estimator(strategies)
    return {
        strategy if isinstance(strategy, str) else getattr(strategy, "__name__", repr(strategy)): strategy
        for strategy in ([strategies] if single else strategies)
    }
