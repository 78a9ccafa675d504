"""Criteria that a study is asked about, and what each would have done to one strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.stopping import Criterion, read_stop

__all__ = ["StoppedArms", "read_stops"]


@dataclass(frozen=True)
class StoppedArms:
    """What one criterion would have done to one strategy.

    Attributes
    ----------
    criterion : str
        As it was asked for.
    strategy : str
        Of the arms.
    trials : tuple of int
        Numbers of the trials, counted from 0.
    n_labels, cost : ndarray of shape (trials,)
        Labels where it stopped, and what they had cost; those of the last round where it did not.
    stopped : ndarray of bool of shape (trials,)
        Whether it stopped before the last round.
    lost : ndarray of shape (trials,)
        First metric after the last round minus that where it stopped, on the test rows that the criterion did not
        see: above 0 if stopping lost something.
    reasons : list of str
        What it said, a sentence a trial.
    """

    criterion: str
    strategy: str
    trials: tuple[int, ...]
    n_labels: NDArray[np.intp]
    cost: NDArray[Any]
    stopped: NDArray[np.bool_]
    lost: NDArray[Any]
    reasons: list[str] = field(repr=False)


def read_stops(stop: Any) -> dict[str, Criterion]:
    """Return the criteria that a study is asked about, by what they are called.

    Parameters
    ----------
    stop : None, str, dict, Criterion, a sequence of these, or dict of str to Criterion
        As `skal.stopping.read_stop` takes each.

    Returns
    -------
    dict of str to Criterion
        Empty for None.

    Raises
    ------
    ValueError
        If a criterion has no such name or option, or reads what a study does not keep.
    """
    if stop is None:
        return {}
    if isinstance(stop, Mapping) and all(isinstance(one, Criterion) for one in stop.values()):
        found = {str(name): read_stop(one) for name, one in stop.items()}
    else:
        several = [stop] if isinstance(stop, (str, Mapping, Criterion)) or not isinstance(stop, Sequence) else stop
        found = {one if isinstance(one, str) else repr(one): read_stop(one) for one in several}
    for name, one in found.items():
        if "asked_right" in one.needs:
            raise ValueError(
                f"stop: {name} reads how the rows asked for had been predicted, which a study does not keep. Use it "
                "in a loop: skal.loop.rounds(stop=), ActiveLearningClassifier(stop=)."
            )
    return found
