"""The benchmark card in numbers: differences from random of every setting and strategy, and what sums them up."""

from dataclasses import dataclass

import numpy as np
from _card_studies import folder_of
from _studies import BASELINE
from scipy.stats import rankdata, t

from skal.study import StudyError, load_comparison

BETTER, WORSE, TOO_FEW = "better than random", "worse than random", "too few trials to tell"


@dataclass(frozen=True)
class Setting:
    """A study that has run, and what its trials say of each strategy."""

    half: str
    name: str
    model: str
    budget: str
    areas: dict  # mean accuracy over the curve in per cent, one a trial, by strategy
    verdicts: dict
    seconds: dict  # a query, the median

    @property
    def n_trials(self):
        """Trials of the baseline."""
        return len(self.areas[BASELINE])

    def gain(self, strategy, other=BASELINE):
        """Mean points by which a strategy is above another, over the trials that both have."""
        ours, theirs = self.areas[strategy], self.areas[other]
        n = min(len(ours), len(theirs))
        return float((ours[:n] - theirs[:n]).mean())


def settings_of(out, cells):
    """Read the studies that have run."""
    found = []
    for half, name, model, budget in cells:
        folder = folder_of(out, name, model, budget)
        try:
            one = load_comparison(folder) if folder.exists() else None
        except StudyError:  # begun, and without a whole trial
            one = None
        if one is not None:
            areas = {strategy: 100 * np.asarray(values) for strategy, values in one.areas().items()}
            verdicts = {line.name: line.difference.verdict for line in one.summaries() if line.difference is not None}
            seconds = {strategy: float(np.median(values)) for strategy, values in one.query_seconds.items()}
            found.append(Setting(half, name, model, budget, areas, verdicts, seconds))
    return found


@dataclass(frozen=True)
class Line:
    """What a strategy did over some settings, in points of mean accuracy above another one."""

    strategy: str
    n_settings: int
    gain: float
    low: float  # interval of the gain: data sets are what was drawn, so settings of one set are one number
    high: float
    above: float  # share of the settings whose mean is above 0
    better: int  # by the verdicts of the studies, which are Holm's
    worse: int
    untold: int  # studies of too few trials for a verdict
    worst: float
    worst_at: str
    rank: float  # nan where not all settings have the strategy
    seconds: float


def strategies_in(settings):
    """Names of all strategies but the baseline, in the order in which they came."""
    return [name for name in dict.fromkeys(s for one in settings for s in one.areas) if name != BASELINE]


def lines_of(settings, other=BASELINE, strategies=None):
    """One `Line` a strategy, the highest gain first; ranks are among the strategies that all settings have."""
    names = strategies_in(settings) if strategies is None else strategies
    shared = [name for name in names if all(name in one.areas for one in settings)]
    ranked = [BASELINE, *shared]
    table = [rankdata([-one.gain(name) for name in ranked]) for one in settings]
    ranks = dict(zip(ranked, np.mean(table, axis=0), strict=True))
    lines = [_line(name, settings, other, ranks.get(name, np.nan)) for name in names]
    return sorted((line for line in lines if line is not None), key=lambda line: -line.gain)


def _line(name, settings, other, rank):
    having = [one for one in settings if name in one.areas and other in one.areas]
    if not having:
        return None
    gains = np.array([one.gain(name, other) for one in having])
    mean, low, high = interval_by_sets(gains, [one.name for one in having])
    at = having[int(gains.argmin())]
    verdicts = [one.verdicts.get(name) for one in having]
    return Line(
        name,
        len(having),
        mean,
        low,
        high,
        float((gains > 0).mean()),
        verdicts.count(BETTER),
        verdicts.count(WORSE),
        verdicts.count(TOO_FEW),
        float(gains.min()),
        f"{at.name}, {at.model}, {at.budget}",
        float(rank),
        float(np.median([one.seconds[name] for one in having])),
    )


def interval_by_sets(gains, names):
    """Mean over sets of the mean within each, with its 95 % t interval over the sets; nan for one set."""
    names = np.asarray(names)
    by_set = np.array([np.mean(gains[names == name]) for name in np.unique(names)])
    mean, n = float(by_set.mean()), len(by_set)
    half = float(t.ppf(0.975, n - 1) * by_set.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    return mean, mean - half, mean + half
