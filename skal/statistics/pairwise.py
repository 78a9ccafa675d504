"""Every strategy against every other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._common import Floats, one_a_trial
from skal.statistics.corrections import Correction
from skal.statistics.paired_tests import Test
from skal.statistics.verdicts import Difference, judged


@dataclass(frozen=True)
class PairwiseDifferences:
    """Differences among k strategies, row less column.

    Attributes
    ----------
    names : tuple of str
        The strategies.
    mean, low, high : ndarray of shape (k, k)
        Mean difference with its t interval, each by itself.
    p_value, p_adjusted : ndarray of shape (k, k)
        Of the test; corrected over all pairs.
    verdicts : tuple of tuple of str
        Of the row: "better", "worse", "not distinguishable", "too few trials to tell"; "" on the diagonal,
        where the mean is 0 and the other numbers are NaN.
    """

    names: tuple[str, ...]
    mean: Floats
    low: Floats
    high: Floats
    p_value: Floats
    p_adjusted: Floats
    verdicts: tuple[tuple[str, ...], ...]


def pairwise_differences(
    values: Mapping[str, ArrayLike],
    *,
    test: Test = "t",
    correction: Correction | None = "holm",
    level: float = 0.95,
) -> PairwiseDifferences:
    """Differences of every strategy from every other, corrected over all pairs.

    Parameters
    ----------
    values : dict of str to array-like of shape (trials,)
        One number a trial for each of k strategies, of the same trials.
    test : {"t", "sign_flip", "wilcoxon"}, default="t"
        Test behind the verdicts.
    correction : {"holm", "bh"} or None, default="holm"
        Over the k (k - 1) / 2 pairs: many more questions than those against random alone, so fewer verdicts.
    level : float, default=0.95
        Coverage of the intervals; a verdict takes adjusted p-values up to ``1 - level``.

    Returns
    -------
    PairwiseDifferences
        Matrices of shape (k, k).

    Examples
    --------
    >>> areas = {"random": [0.5, 0.6, 0.5, 0.6], "margin": [0.7, 0.8, 0.8, 0.9]}
    >>> found = pairwise_differences(areas)
    >>> found.names, found.mean[1].round(2).tolist(), found.verdicts[1]
    (('random', 'margin'), [0.25, 0.0], ('better', ''))
    """
    who = "pairwise_differences"
    names = tuple(values)
    k = len(names)
    mean, low, high, p_value, p_adjusted = (np.full((k, k), np.nan) for _ in range(5))
    np.fill_diagonal(mean, 0.0)
    verdicts = [[""] * k for _ in names]
    rows, columns = np.triu_indices(k, 1)
    pairs = list(zip(rows.tolist(), columns.tolist(), strict=True))
    if pairs:
        d = [one_a_trial(values[names[i]], values[names[j]], f"{who}: {names[i]!r}, {names[j]!r}") for i, j in pairs]
        for (i, j), found in zip(pairs, judged(np.column_stack(d), test, correction, level, who), strict=True):
            mean[i, j], low[i, j], high[i, j] = found.mean, found.low, found.high
            mean[j, i], low[j, i], high[j, i] = -found.mean, -found.high, -found.low
            p_value[i, j] = p_value[j, i] = found.p_value
            p_adjusted[i, j] = p_adjusted[j, i] = found.p_adjusted
            verdicts[i][j] = _words(found)
            verdicts[j][i] = _OPPOSITE.get(verdicts[i][j], verdicts[i][j])
    return PairwiseDifferences(names, mean, low, high, p_value, p_adjusted, tuple(map(tuple, verdicts)))


_OPPOSITE = {"better": "worse", "worse": "better"}


def _words(found: Difference) -> str:
    return found.verdict.replace(" than random", "").replace(" from random", "")
