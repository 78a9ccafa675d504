"""Verdicts: what may be said of a paired difference, with its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._common import Floats, checked_level, one_a_trial
from skal.statistics.corrections import Correction, adjusted
from skal.statistics.curves import mean_interval
from skal.statistics.effects import hedges_gz, probability_of_superiority
from skal.statistics.paired_tests import TESTS, Test, checked_test

Verdict = Literal[
    "better than random", "worse than random", "not distinguishable from random", "too few trials to tell"
]


@dataclass(frozen=True)
class Difference:
    """A paired difference from the baseline.

    Attributes
    ----------
    mean : float
        Mean of the differences over trials.
    low, high : float
        Ends of the t interval of that mean, of this difference by itself; NaN with fewer than two trials.
    verdict : str
        In words, by `p_adjusted` and the sign of the mean.
    p_value : float
        Of the test by itself.
    p_adjusted : float
        Corrected for all that were compared together.
    effect_size : float
        `hedges_gz`: the mean in standard deviations of the differences; NaN with fewer than three trials.
    superiority : float
        Share of the trials won, a tie is half a win.
    n_trials : int
        Trials.
    """

    mean: float
    low: float
    high: float
    verdict: Verdict
    p_value: float = float("nan")
    p_adjusted: float = float("nan")
    effect_size: float = float("nan")
    superiority: float = float("nan")
    n_trials: int = 0


def paired_difference(values: ArrayLike, baseline: ArrayLike, level: float = 0.95, *, test: Test = "t") -> Difference:
    """Difference from the baseline, trial by trial, and whether it can be told from none.

    Parameters
    ----------
    values, baseline : array-like of shape (trials,)
        One number a trial, of the same trials.
    level : float, default=0.95
        Coverage of the t interval of the mean difference; the verdict takes p-values up to ``1 - level``.
    test : {"t", "sign_flip", "wilcoxon"}, default="t"
        Test behind the verdict. With "t" the verdict is whether the interval leaves out zero.

    Returns
    -------
    Difference
        Its verdict has a false alarm with probability ``1 - level`` for each strategy compared; for several
        at once see `differences_from_baseline`.

    Examples
    --------
    >>> paired_difference([0.9, 0.92, 0.91], [0.8, 0.83, 0.8]).verdict
    'better than random'
    >>> paired_difference([0.9, 0.92, 0.91], [0.8, 0.83, 0.8], test="sign_flip").verdict
    'too few trials to tell'

    Equal differences show no spread: the interval has no width, and only the signs count.

    >>> found = paired_difference([0.9, 0.9], [0.8, 0.8])
    >>> found.p_value, found.verdict
    (0.5, 'not distinguishable from random')
    """
    d = one_a_trial(values, baseline, "paired_difference")
    return judged(d[:, None], test, None, level, "paired_difference")[0]


def judged(d: Floats, test: Test, correction: Correction | None, level: float, who: str) -> list[Difference]:
    """Judge differences of shape (trials, m), a family of m that is corrected together."""
    alpha = 1 - checked_level(level, who)
    found = TESTS[checked_test(test, who)](d)
    p_adjusted = adjusted(found.p_value, correction, who)  # (m,)
    # The best case of all: every member of the family at the smallest p.
    reachable = bool((adjusted(np.full(d.shape[1], found.smallest), correction, who) <= alpha).all())
    mean, low, high = mean_interval(d, level)
    # Ranks and mean may point to different sides; then neither side can be named.
    agreed = (np.sign(found.statistic) == np.sign(mean)) & (p_adjusted <= alpha)
    side = np.where(agreed, np.sign(mean), 0).astype(int)
    columns = (mean, low, high, found.p_value, p_adjusted, hedges_gz(d), probability_of_superiority(d))
    lines = []
    for sign, *numbers in zip(side.tolist(), *(column.tolist() for column in columns), strict=True):
        verdict: Verdict = _WORDS[sign] if reachable else "too few trials to tell"
        m, lo, hi, p, p_adj, effect, superiority = numbers
        lines.append(Difference(m, lo, hi, verdict, p, p_adj, effect, superiority, len(d)))
    return lines


_WORDS: dict[int, Verdict] = {
    1: "better than random",
    -1: "worse than random",
    0: "not distinguishable from random",
}
