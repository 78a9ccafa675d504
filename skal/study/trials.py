"""What the arms of a trial share: split, initial labels, seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from skal.annotation import biased_pool
from skal.data import n_rows
from skal.loop import Initial, initial_pool
from skal.study.oracles import OracleMaker, oracle_of_trial
from skal.targets import Targets


class First(NamedTuple):
    """How the initial labels are chosen: how many, which way, and how many classes are left out."""

    n_labels: int
    way: Initial
    n_left_out: int = 0


class Trial(NamedTuple):
    """One repetition.

    Attributes
    ----------
    pool, test, initial : ndarray of intp
        Dataset indices that may be labelled, that are tested on, and that are labelled first.
    seed, noise_seed : int
        Of the loop, and of the annotator's mistakes.
    """

    pool: NDArray[np.intp]
    test: NDArray[np.intp]
    initial: NDArray[np.intp]
    seed: int
    noise_seed: int


class TooFewFirst(ValueError):
    """Initial labels that no model can be fitted to, and how many would be needed."""

    def __init__(self, message: str, n: int) -> None:
        super().__init__(message)
        self.n = n


def make_trials(
    X: Any,
    targets: Targets,
    first: First,
    oracle: OracleMaker,
    test_size: float | None,
    seed: int,
    numbers: Sequence[int],
) -> dict[int, Trial]:
    """Draw trials, as `make_trial` does.

    Parameters
    ----------
    X, targets, first, oracle, test_size, seed
        As of `make_trial`.
    numbers : sequence of int
        Which trials.

    Returns
    -------
    dict of int to Trial

    Raises
    ------
    ValueError
        As `make_trial`; where several trials have too few initial labels, of the one that needs most, so that what
        the message says serves them all.
    """
    trials, short = {}, []
    for number in numbers:
        try:
            trials[number] = make_trial(X, targets, first, oracle, test_size, seed, number)
        except TooFewFirst as error:
            short.append(error)
    if short:
        more = f" {len(short)} of {len(numbers)} trials begin so, and none needs more." if len(short) > 1 else ""
        worst = max(short, key=lambda error: error.n)
        raise ValueError(f"{worst}{more}") from worst
    return trials


def make_trial(
    X: Any, targets: Targets, first: First, oracle: OracleMaker, test_size: float | None, seed: int, number: int
) -> Trial:
    """Draw a trial from the seed of the study and the number of the trial, and nothing else.

    Parameters
    ----------
    X : container of n rows
        The data.
    targets : Targets
        Labels or masks of all rows.
    first : First
        How the initial labels are chosen.
    oracle : callable or None
        Makes the annotator, whose initial labels are looked at.
    test_size : float or None
        Share of the rows that are tested on; None: none of them.
    seed, number : int
        Of the study, of the trial.

    Returns
    -------
    Trial
        The same for every strategy.

    Raises
    ------
    ValueError
        If the initial labels hold a single class, or are too few where classes are left out.
    """
    y = targets.y
    split_seed, initial_seed, loop_seed = _words(3, seed, (number,))
    # Words of their own for what came later: studies that do without it stay as they were.
    noise_seed, left_out_seed = _words(2, seed, (number, 1))
    pool, test = np.arange(n_rows(X)), np.empty(0, dtype=np.intp)
    if test_size is not None:
        pool, test = train_test_split(pool, test_size=test_size, random_state=split_seed, stratify=targets.strata)
        pool, test = np.sort(pool), np.sort(test)
    candidates = pool
    if first.n_left_out != 0:
        targets.refuse("initial_left_out", "compare: ")
        candidates = biased_pool(y, first.n_left_out, candidates=pool, random_state=left_out_seed)
    initial = initial_pool(X, y, first.n_labels, first.way, initial_seed, candidates, targets.kind)
    trial = Trial(pool, test, initial, loop_seed, noise_seed)
    _check_initial(trial, first, len(candidates), number, targets)
    if oracle is not None:
        answers = oracle_of_trial(oracle, y, pool, initial, targets.classes, noise_seed)(initial)
        _check_answers(answers, number, targets)
    return trial


def loop_seed(seed: int, number: int = 0) -> int:
    """Return what the fits and queries of a trial are drawn from.

    Parameters
    ----------
    seed, number : int
        Of the study, of the trial.

    Returns
    -------
    int
        The `random_state` of the loop, the same for every strategy.
    """
    return _words(3, seed, (number,))[2]


def _words(n_words: int, seed: int, key: tuple[int, ...]) -> list[int]:
    return [int(word) for word in np.random.SeedSequence(seed, spawn_key=key).generate_state(n_words)]


def _check_initial(trial: Trial, first: First, n_candidates: int, number: int, targets: Targets) -> None:
    n = len(trial.initial)
    if n > first.n_labels:
        rule = targets.kind.first_rule.format(n=n)
        raise TooFewFirst(f"compare: the initial labels of trial {number + 1} {rule}.", n)
    if n < first.n_labels and n_candidates < len(trial.pool):
        raise ValueError(
            f"compare: n_initial must be at most {n_candidates}, the rows of the classes that are not left out of "
            f"trial {number + 1}, got {first.n_labels}."
        )


def _check_answers(labels: Any, number: int, targets: Targets) -> None:
    """No classifier can be fitted to one class, and a curve needs its first point."""
    if targets.kind.reading == "proba" and not targets.kind.can_be_learned(labels):
        raise ValueError(
            f"compare: the initial labels of trial {number + 1}, as the oracle gives them, hold a single class. "
            "Raise n_initial, or lower the rate of wrong labels."
        )
