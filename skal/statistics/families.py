"""Several differences from one baseline, corrected together: over strategies, or over label counts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from skal.statistics._common import differences, one_a_trial
from skal.statistics.corrections import Correction
from skal.statistics.paired_tests import Test
from skal.statistics.verdicts import Difference, judged

Name = TypeVar("Name", bound=Hashable)


def differences_from_baseline(
    values: Mapping[str, ArrayLike],
    baseline: ArrayLike,
    *,
    test: Test = "t",
    correction: Correction | None = "holm",
    level: float = 0.95,
) -> dict[str, Difference]:
    """Differences of several strategies from one baseline, with verdicts that hold for all of them together.

    Parameters
    ----------
    values : dict of str to array-like of shape (trials,)
        One number a trial for each strategy. Leave the baseline itself out: it would only make the correction
        stricter.
    baseline : array-like of shape (trials,)
        Of the same trials.
    test : {"t", "sign_flip", "wilcoxon"}, default="t"
        Test behind the verdicts.
    correction : {"holm", "bh"} or None, default="holm"
        Over the strategies. Holm: a false verdict anywhere with probability at most ``1 - level``. BH: of the
        verdicts better and worse, a share of at most ``1 - level`` is false. None: each by itself.
    level : float, default=0.95
        Coverage of the intervals, each by itself; a verdict takes adjusted p-values up to ``1 - level``.

    Returns
    -------
    dict of str to Difference
        "too few trials to tell" for all where the test, after the correction, could not reach the level even
        if every strategy won every trial. An interval may leave out zero without a verdict: it is not corrected.

    Examples
    --------
    Six trials reach 0.05 by sign flips for one strategy, not for two at once.

    >>> random = [0.5, 0.6, 0.5, 0.6, 0.5, 0.6]
    >>> one = {"margin": [0.7, 0.7, 0.7, 0.7, 0.7, 0.7]}
    >>> differences_from_baseline(one, random, test="sign_flip")["margin"].verdict
    'better than random'
    >>> differences_from_baseline({**one, "entropy": random}, random, test="sign_flip")["margin"].verdict
    'too few trials to tell'
    """
    pairs = {name: (column, baseline) for name, column in values.items()}
    return _judged_pairs(pairs, test, correction, level, "differences_from_baseline")


def differences_of_pairs(
    pairs: Mapping[Name, tuple[ArrayLike, ArrayLike]],
    *,
    test: Test = "t",
    correction: Correction | None = "holm",
    level: float = 0.95,
) -> dict[Name, Difference]:
    """Differences that each have a baseline of their own, with verdicts that hold for all of them together.

    Parameters
    ----------
    pairs : dict of name to (array-like of shape (trials,), array-like of shape (trials,))
        Values and their baseline, of the same trials.
    test, correction, level
        As of `differences_from_baseline`.

    Returns
    -------
    dict of name to Difference
        "Random" in a verdict stands for the baseline of the pair.

    Examples
    --------
    >>> found = differences_of_pairs({"a": ([0.7, 0.8, 0.8], [0.5, 0.6, 0.5]), "b": ([0.5, 0.5, 0.5], [0.5] * 3)})
    >>> {name: round(difference.mean, 2) for name, difference in found.items()}
    {'a': 0.23, 'b': 0.0}
    """
    return _judged_pairs(pairs, test, correction, level, "differences_of_pairs")


def _judged_pairs(
    pairs: Mapping[Name, tuple[ArrayLike, ArrayLike]],
    test: Test,
    correction: Correction | None,
    level: float,
    who: str,
) -> dict[Name, Difference]:
    columns = [one_a_trial(values, baseline, f"{who}: {name!r}") for name, (values, baseline) in pairs.items()]
    if not columns:
        return {}
    return dict(zip(pairs, judged(np.column_stack(columns), test, correction, level, who), strict=True))


def differences_by_round(
    values: ArrayLike,
    baseline: ArrayLike,
    *,
    test: Test = "t",
    correction: Correction | None = "holm",
    level: float = 0.95,
) -> list[Difference]:
    """Differences from the baseline at each label count, with verdicts that hold for all counts together.

    Parameters
    ----------
    values, baseline : array-like of shape (trials, rounds)
        Curves of the same trials. Leave out the round of the shared initial labels (``values[:, 1:]``): it is
        the same by design and only makes the correction stricter.
    test : {"t", "sign_flip", "wilcoxon"}, default="t"
        Test behind the verdicts.
    correction : {"holm", "bh"} or None, default="holm"
        Over the label counts.
    level : float, default=0.95
        Coverage of the intervals, each by itself.

    Returns
    -------
    list of Difference, one a round
        As from `differences_from_baseline`.

    Examples
    --------
    >>> curves = [[0.5, 0.7], [0.6, 0.8], [0.5, 0.8], [0.6, 0.9]]
    >>> random = [[0.6, 0.2], [0.5, 0.3], [0.5, 0.2], [0.6, 0.3]]
    >>> [found.verdict for found in differences_by_round(curves, random)]
    ['not distinguishable from random', 'better than random']
    """
    who = "differences_by_round"
    if np.ndim(values) != 2 or np.shape(values) != np.shape(baseline):
        raise ValueError(
            f"{who}: two arrays (trials, rounds) are needed, got {np.shape(values)}, {np.shape(baseline)}."
        )
    return judged(differences(values, baseline, who), test, correction, level, who)
