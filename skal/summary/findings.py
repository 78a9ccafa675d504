"""What is odd about a comparison, and should be looked at before its verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from skal.metrics import LOWER_IS_BETTER, metric_in_words
from skal.summary.compared import Compared, RecipesCompared, SummaryLine
from skal.summary.sentences import trials_of
from skal.summary.words import Unit, fixed, p_value, told

_FEWEST = 8  # trials from which the skewness of differences can be tested


def findings(found: Compared, lines: Sequence[SummaryLine] | None = None) -> list[str]:
    """Say what a reader of a comparison should know before the verdicts.

    Parameters
    ----------
    found : Compared
        A comparison of strategies.
    lines : sequence of SummaryLine, default=None
        Its summaries, where they are at hand.

    Returns
    -------
    list of str
        Sentences: the notes of the comparison; metrics that are the same everywhere, curves that more labels do not
        move, strategies that cannot be anything but random sampling, trials that repeat each other, picks of one
        class, skewed differences. None for most comparisons.
    """
    lines = found.summaries() if lines is None else lines
    said = [*_constant_metrics(found)]
    if not said:
        said += [*_flat_curves(found), *_equal_trials(found), *_twins(found, lines)]
    said += [*_one_class(found, lines), *_skewed(found, lines)]
    return [*found.notes, *said]


def recipe_findings(found: RecipesCompared) -> list[str]:
    """Say the same of every recipe; what is true of several is said once, of the first.

    Parameters
    ----------
    found : RecipesCompared
        A comparison of recipes.

    Returns
    -------
    list of str
        Sentences, each after the name of its recipe.
    """
    said: dict[str, str] = {}
    for recipe, comparison in found.comparisons.items():
        for sentence in findings(comparison):
            said.setdefault(sentence, f"{recipe}: {sentence}")
    return list(said.values())


def _constant_metrics(found: Compared) -> Iterator[str]:
    for metric, values in found.metrics.items():
        every = np.concatenate([np.ravel(array) for array in values.values()])
        if np.ptp(every) == 0 and len(every) > 1:
            unit, name = Unit.of(values), metric_in_words(metric)
            perfect = every[0] == 1 and metric not in (*LOWER_IS_BETTER, *(found.protocol.get("scorers") or ()))
            why = (
                "A test set that is too easy does this, and so does a column that gives the labels away."
                if perfect
                else "A model that gives all rows one answer does this, and so do constant features, or a test set "
                "that is too easy."
            )
            yield (
                f"{name[:1].upper()}{name[1:]} is {unit.value(float(every[0]))}{unit.sign} for every strategy, in "
                f"every trial and round. {why}"
            )


def _flat_curves(found: Compared) -> Iterator[str]:
    if len(found.axis) < 2:
        return
    flat = [name for name, values in found.scores.items() if (np.ptp(values, axis=1) == 0).all()]
    if flat:
        yield (
            f"{_named(flat, found)}: {found.metric_in_words} does not change from the first label count to the last, "
            "in any trial. The model learns nothing from more labels, or always gives the same answer."
        )


def _equal_trials(found: Compared) -> Iterator[str]:
    n_trials = trials_of(found)
    if n_trials > 1 and all((values == values[0]).all() for values in found.scores.values()):
        yield (
            f"All {n_trials} trials gave the same numbers, for every strategy. Then they are one trial, and "
            "intervals without width are no certainty: look whether splits and seeds differ."
        )


def _twins(found: Compared, lines: Sequence[SummaryLine]) -> Iterator[str]:
    """Strategies with the very numbers of random sampling, or of each other."""
    if len(found.axis) < 2:
        return
    names, told_of = [line.name for line in lines], set()
    for k, name in enumerate(names):
        if name in told_of:
            continue
        same = [other for other in names[k + 1 :] if _equal_everywhere(found, name, other)]
        told_of.update(same)
        if same and k == 0:
            have = "has" if len(same) == 1 else "have"
            yield (
                f"{', '.join(same)} {have} the numbers of {name} in every trial and round. Scores that are all equal "
                "do this, since ties are broken at random, and so does a pool that is labelled to its end."
            )
        elif same:
            together = ", ".join([name, *same])
            yield f"{together} have the same numbers in every trial and round: they are one strategy here."


def _equal_everywhere(found: Compared, one: str, other: str) -> bool:
    return all(np.array_equal(values[one], values[other]) for values in found.metrics.values())


def _one_class(found: Compared, lines: Sequence[SummaryLine]) -> Iterator[str]:
    if len(found.classes) < 2:
        return
    for line in lines:
        counts = found.picked_classes[line.name][:, 1:].sum(axis=(0, 1))  # (C,)
        if counts.size > 1 and np.count_nonzero(counts) == 1:
            only = found.classes[int(counts.argmax())]
            yield f"{line.name}: all {found.kind.counted} are of one {found.kind.part}, {only}."


def _skewed(found: Compared, lines: Sequence[SummaryLine]) -> Iterator[str]:
    """Differences whose shape the t test does not like, and verdicts that depend on the test."""
    areas = found.areas()
    base = areas[lines[0].name]
    by_flips = {line.name: line.difference for line in found.summaries(test="sign_flip")}
    for line in lines[1:]:
        flips = by_flips[line.name]
        if line.difference is None or flips is None:
            continue
        differences = areas[line.name] - base
        if is_skewed(differences):
            yield (
                f"{line.name}: its differences from {lines[0].name} are skewed (skewness "
                f"{fixed(float(stats.skew(differences, bias=False)), 1)}). With skewed differences the t test and "
                "sign flips find a mean difference that is not there in up to 10 of 100 studies instead of 5: read "
                "the p-value with that in mind, or run more trials."
            )
        if flips.verdict not in (line.difference.verdict, "too few trials to tell"):
            yield (
                f"{line.name}: the t test says {told(line.difference.verdict)} (p "
                f"{p_value(line.difference.p_adjusted)}), sign flips, which take nothing to be normal, "
                f"{told(flips.verdict)} (p {p_value(flips.p_adjusted)}; both by Holm). A verdict that depends on the "
                "test is a weak one."
            )


def is_skewed(differences: NDArray[Any], alpha: float = 0.01) -> bool:
    """Tell whether differences are more skewed than normal ones would be by chance; False with fewer than 8."""
    if len(differences) < _FEWEST or np.ptp(differences) <= 1e-12 * np.abs(differences).max():
        return False
    return bool(stats.skewtest(differences).pvalue <= alpha)


def _named(names: Sequence[str], found: Compared) -> str:
    return "Every strategy" if len(names) == len(found.scores) and len(names) > 1 else ", ".join(names)
