"""The numbers of a report, before any of them is drawn or worded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from skal.statistics import (
    Difference,
    LabelsSaved,
    PairwiseDifferences,
    area_under_curve,
    bootstrap_interval,
    differences_by_round,
    differences_from_baseline,
    labels_saved,
    pairwise_differences,
    wilcoxon_test,
)
from skal.study.comparison import BASELINE, Comparison, Summary
from skal.summary import findings as odd_findings

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class OtherAnswers:
    """A difference from random sampling, asked in ways that do not take it to be normal.

    Attributes
    ----------
    low, high : float
        Ends of the paired bootstrap's 95 % interval (BCa); NaN with one trial.
    sign_flip, wilcoxon : float
        p-values by themselves.
    bh : float
        The t test's p over the strategies by Benjamini and Hochberg.
    superiority : float
        Share of the trials won, a tie is half a win.
    flip_verdict : str
        Of the sign flips, by Holm's method over the strategies.
    """

    low: float
    high: float
    sign_flip: float
    wilcoxon: float
    bh: float
    superiority: float
    flip_verdict: str


@dataclass(frozen=True)
class Findings:
    """What a report says of one comparison.

    Attributes
    ----------
    comparison : Comparison
        Whose findings they are.
    lines : list of Summary
        One a strategy, random sampling first, the others best first.
    saved : dict of str to LabelsSaved
        Against random sampling, at the last mean score of the side that ends lower.
    pairs : PairwiseDifferences
        Of the areas, among all strategies in the order of `lines`.
    fit_seconds, query_seconds : dict of str to ndarray of shape (rounds + 1,), (rounds,)
        Means over trials, by round; the first query leads to the second fit.
    class_shares : dict of str to ndarray of shape (C,)
        Shares of the classes among what was asked for, the initial labels left out; empty if nothing was.
    balance : dict of str to float
        Entropy of those shares over its largest value: 1 if all classes were asked for equally often.
    pool_shares : ndarray of shape (C,)
        Shares of the classes in the pools; where the study does not tell, those of random sampling's picks, which
        estimate them.
    others_asked : dict of str to OtherAnswers
        The same differences by other tests and intervals.
    by_round : dict of str to list of Difference
        At each label count after the first, corrected over the counts of a strategy by Holm's method.
    odd : list of str
        What to look at first: see `skal.summary.findings`.
    """

    comparison: Comparison
    lines: list[Summary]
    saved: dict[str, LabelsSaved]
    pairs: PairwiseDifferences
    fit_seconds: dict[str, Floats]
    query_seconds: dict[str, Floats]
    class_shares: dict[str, Floats]
    balance: dict[str, float]
    pool_shares: Floats
    others_asked: dict[str, OtherAnswers]
    by_round: dict[str, list[Difference]]
    odd: list[str]

    @property
    def names(self) -> list[str]:
        """Strategies in the order of the page."""
        return [line.name for line in self.lines]

    @property
    def others(self) -> list[Summary]:
        """All but random sampling."""
        return [line for line in self.lines if line.name != BASELINE]

    @property
    def n_trials(self) -> int:
        """Trials that were run."""
        return len(self.comparison.scores[BASELINE])


def find(comparison: Comparison) -> Findings:
    """Work out everything that a report says."""
    lines = comparison.summaries()
    names = [line.name for line in lines]
    scores, n_labels = comparison.scores, comparison.axis
    shares = {name: _class_shares(comparison.picked_classes[name]) for name in names}
    shares = {name: share for name, share in shares.items() if share.size}
    pool = comparison.pool_classes
    others = [name for name in names if name != BASELINE]
    return Findings(
        comparison=comparison,
        lines=lines,
        saved={name: labels_saved(n_labels, scores[name], scores[BASELINE]) for name in names if name != BASELINE},
        pairs=pairwise_differences({name: area_under_curve(n_labels, scores[name]) for name in names}),
        fit_seconds={name: comparison.fit_seconds[name].mean(axis=0) for name in names},
        query_seconds={name: comparison.query_seconds[name][:, 1:].mean(axis=0) for name in names},
        class_shares=shares,
        balance={name: balance(share) for name, share in shares.items()},
        pool_shares=shares.get(BASELINE, np.empty(0)) if pool is None else pool.sum(axis=0) / pool.sum(),
        others_asked=_others_asked(comparison, others),
        by_round={
            name: differences_by_round(scores[name][:, 1:], scores[BASELINE][:, 1:]) if len(n_labels) > 1 else []
            for name in others
        },
        odd=odd_findings(comparison, lines),
    )


def _others_asked(comparison: Comparison, names: list[str]) -> dict[str, OtherAnswers]:
    areas = comparison.areas()
    if not names:
        return {}
    base = areas[BASELINE]
    own = {name: areas[name] for name in names}
    corrected = differences_from_baseline(own, base, correction="bh")
    flipped = differences_from_baseline(own, base, test="sign_flip")
    answers = {}
    for name in names:
        _, low, high = bootstrap_interval(areas[name], base)
        answers[name] = OtherAnswers(
            low=float(low),
            high=float(high),
            sign_flip=flipped[name].p_value,
            wilcoxon=float(wilcoxon_test(areas[name], base).p_value),
            bh=corrected[name].p_adjusted,
            superiority=corrected[name].superiority,
            flip_verdict=flipped[name].verdict,
        )
    return answers


def most_telling_classes(findings: Findings, at_most: int) -> list[int]:
    """Return the classes, in their order, whose shares differ most from the pool's."""
    shares = np.array([findings.class_shares[name] for name in findings.class_shares])  # (strategies, C)
    spread = np.abs(shares - findings.pool_shares).max(axis=0)
    largest = np.argsort(-spread, kind="stable")[:at_most]
    return sorted(largest.tolist())


def _class_shares(counts: NDArray[np.intp]) -> Floats:
    """Shares of (trials, rounds + 1, C) counts, without the first round."""
    asked = counts[:, 1:].sum(axis=(0, 1)).astype(np.float64)
    total = asked.sum()
    return asked / total if total else np.empty(0)


def balance(shares: Floats) -> float:
    """Return the entropy of shares over its largest value."""
    return 1.0 if len(shares) < 2 else float(entr(shares).sum() / np.log(len(shares)))
