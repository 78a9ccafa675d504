"""Strategies over several data sets: mean ranks, and which of them cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from skal.statistics._common import Floats, checked_level, finite
from skal.statistics.corrections import holm
from skal.statistics.paired_tests import smallest_p_value, wilcoxon_test

Apart = Literal["wilcoxon", "nemenyi"]


@dataclass(frozen=True)
class Ranks:
    """Mean ranks of k strategies over N data sets.

    Attributes
    ----------
    names : tuple of str
        Best first.
    mean_ranks : ndarray of shape (k,)
        In the order of `names`; 1 is the best of all data sets. Ties share their mean rank.
    n_sets : int
        Data sets.
    friedman : float
        Friedman's chi-square, corrected for ties, with k - 1 degrees of freedom.
    p_value : float
        Of Iman and Davenport's F for it: whether the strategies differ at all. Not below ``(k!) ** (1 - N)``, the
        probability that all data sets rank alike by chance.
    p_apart : ndarray of shape (k, k)
        Of every pair, corrected for all pairs; 1 on the diagonal.
    groups : tuple of tuple of int
        Longest runs of `names` by position in which no pair is told apart; runs of one strategy are left out.
    reachable : bool
        Whether so many data sets could tell any pair apart after the correction, however clear.
    method : {"wilcoxon", "nemenyi"}
        How pairs are told apart.
    """

    names: tuple[str, ...]
    mean_ranks: Floats
    n_sets: int
    friedman: float
    p_value: float
    p_apart: Floats
    groups: tuple[tuple[int, ...], ...]
    reachable: bool
    method: Apart


def rank_strategies(values: Mapping[str, ArrayLike], *, method: Apart = "wilcoxon", level: float = 0.95) -> Ranks:
    """Rank strategies on every data set, and tell them apart over all of them.

    Parameters
    ----------
    values : dict of str to array-like of shape (sets,)
        One number a data set for each strategy, more is better: such as mean areas under the curve.
    method : {"wilcoxon", "nemenyi"}, default="wilcoxon"
        "wilcoxon": signed-rank tests of all pairs with Holm's correction. A pair's verdict depends on that pair
        alone, and on how large differences are [2]_. "nemenyi": mean ranks further apart than a critical
        difference [1]_, which moves with whatever else is compared.
    level : float, default=0.95
        Pairs are told apart at p-values up to ``1 - level``.

    Returns
    -------
    Ranks
        Numbers of a critical-difference picture.

    Raises
    ------
    ValueError
        With fewer than two strategies or two data sets.

    Notes
    -----
    Data sets are the cases here, and trials are not: a data set with a hundred trials is still one. With five data
    sets Wilcoxon's p cannot be below 0.0625; `reachable` says when the correction asks for more than there are.

    References
    ----------
    .. [1] Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006, section 3.2.2.
    .. [2] Benavoli, Corani & Mangili, "Should we really use post-hoc tests based on mean-ranks?", JMLR 17, 2016.
    .. [3] Iman & Davenport, "Approximations of the critical region of the Friedman statistic", Communications in
       Statistics A 9, 1980.

    Examples
    --------
    >>> found = rank_strategies({"a": [0.9, 0.8, 0.7], "b": [0.8, 0.7, 0.6], "c": [0.5, 0.6, 0.6]})
    >>> found.names, found.mean_ranks.round(2).tolist(), found.groups, found.reachable
    (('a', 'b', 'c'), [1.0, 2.17, 2.83], ((0, 1, 2),), False)
    """
    who = "rank_strategies"
    alpha = 1 - checked_level(level, who)
    if method not in ("wilcoxon", "nemenyi"):
        raise ValueError(f"{who}: method must be 'wilcoxon' or 'nemenyi', got {method!r}.")
    if len(values) < 2:
        raise ValueError(f"{who}: at least two strategies are needed, got {len(values)}.")
    columns = [finite(column, f"values of {name!r}", who) for name, column in values.items()]
    if any(column.ndim != 1 or column.shape != columns[0].shape for column in columns) or len(columns[0]) < 2:
        shapes = ", ".join(str(column.shape) for column in columns)
        raise ValueError(f"{who}: one number for each of at least two data sets is needed, got shapes {shapes}.")
    table = np.column_stack(columns)  # (sets, k)
    ranks = stats.rankdata(-table, axis=1)
    names = np.array(list(values), dtype=object)
    order = np.lexsort((names.astype(str), ranks.mean(axis=0)))  # equal ranks: by name
    ranks, table = ranks[:, order], table[:, order]
    mean_ranks = ranks.mean(axis=0)
    p_apart, reachable = (_wilcoxon if method == "wilcoxon" else _nemenyi)(table, mean_ranks, alpha)
    chi_square, p_value = _friedman(ranks)
    return Ranks(
        names=tuple(names[order].tolist()),
        mean_ranks=mean_ranks,
        n_sets=len(table),
        friedman=chi_square,
        p_value=p_value,
        p_apart=p_apart,
        groups=_runs(p_apart <= alpha),
        reachable=reachable,
        method=method,
    )


def nemenyi_difference(n_strategies: int, n_sets: int, level: float = 0.95) -> float:
    """Return how far apart two mean ranks must be to be told apart, by Nemenyi's test.

    Parameters
    ----------
    n_strategies, n_sets : int
        k and N, at least 2 each.
    level : float, default=0.95
        For all pairs together.

    Returns
    -------
    float
        ``q sqrt(k (k + 1) / (6 N))``, with q of the Studentized range of k over the square root of 2.

    References
    ----------
    .. [1] Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006, section 3.2.2.

    Examples
    --------
    >>> round(nemenyi_difference(4, 14, level=0.9), 2)
    1.12
    """
    q = stats.studentized_range.ppf(checked_level(level, "nemenyi_difference"), n_strategies, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(n_strategies * (n_strategies + 1) / (6 * n_sets)))


def _friedman(ranks: Floats) -> tuple[float, float]:
    """Friedman's chi-square with ties, and the p-value of Iman and Davenport's F, not below what chance gives."""
    n, k = ranks.shape
    spread = float(((ranks - (k + 1) / 2) ** 2).sum()) / (n * (k - 1))  # k (k + 1) / 12 without ties
    if spread == 0:
        return 0.0, 1.0
    chi_square = float(n * ((ranks.mean(axis=0) - (k + 1) / 2) ** 2).sum() / spread)
    least = float(np.exp((1 - n) * special.gammaln(k + 1)))  # (k!)^(1 - n): all data sets rank alike by chance
    room = n * (k - 1) - chi_square
    if room <= 1e-12 * n:  # all data sets agree: F is infinite
        return chi_square, least
    return chi_square, max(least, float(stats.f.sf((n - 1) * chi_square / room, k - 1, (k - 1) * (n - 1))))


def _wilcoxon(table: Floats, mean_ranks: Floats, alpha: float) -> tuple[Floats, bool]:
    n, k = table.shape
    rows, columns = np.triu_indices(k, 1)
    adjusted = holm(wilcoxon_test(table[:, rows], table[:, columns]).p_value)
    p = np.ones((k, k))
    p[rows, columns] = p[columns, rows] = adjusted
    return p, bool(smallest_p_value("wilcoxon", n) * len(rows) <= alpha)


def _nemenyi(table: Floats, mean_ranks: Floats, alpha: float) -> tuple[Floats, bool]:
    n, k = table.shape
    gaps = np.abs(mean_ranks[:, None] - mean_ranks) / np.sqrt(k * (k + 1) / (6 * n))
    p = np.asarray(stats.studentized_range.sf(gaps * np.sqrt(2), k, np.inf))
    return p, bool(nemenyi_difference(k, n, 1 - alpha) <= k - 1)


def _runs(apart: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[tuple[int, ...], ...]:
    """Longest runs of neighbours of which no pair is told apart."""
    k = len(apart)
    found: list[tuple[int, ...]] = []
    for start in range(k):
        stop = start + 1
        while stop < k and not apart[start : stop + 1, start : stop + 1].any():
            stop += 1
        if stop - start > 1 and not (found and found[-1][-1] >= stop - 1):
            found.append(tuple(range(start, stop)))
    return tuple(found)
