"""What a status says of the next labels, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skal.stopping.criterion import Criterion
from skal.stopping.gain import curve_of, gain_in_words
from skal.stopping.learning_curve import Gain
from skal.stopping.observation import Observation, Verdict, checked_history

__all__ = ["Forecast", "advice", "forecast"]


@dataclass(frozen=True)
class Forecast:
    """What the next labels are expected to bring, and what a criterion says.

    Attributes
    ----------
    verdict : Verdict
        Of the criterion.
    gain : Gain or None
        Of the next ``gain.n_more`` labels; None where there is no score, too few rounds for a curve, or no row left.
    unit : str, default="accuracy"
        What the score is called.
    """

    verdict: Verdict
    gain: Gain | None
    unit: str = "accuracy"

    def __str__(self) -> str:
        said = f"the criterion says {self.verdict}"
        if self.gain is None:
            return said[0].upper() + said[1:]
        told = gain_in_words(self.gain.expected, self.gain.low, self.gain.high, self.unit)
        return f"About {self.gain.n_more} labels more are expected to bring {told}; {said}"


def forecast(history: Sequence[Observation], criterion: Criterion, n_more: int | None = None) -> Forecast:
    """Say what the next labels are expected to bring, and what a criterion says; its text is that of `advice`.

    Parameters
    ----------
    history, criterion, n_more
        As for `advice`.

    Returns
    -------
    Forecast
    """
    rounds = checked_history(history, "forecast")
    verdict = criterion.verdict(rounds)
    last = rounds[-1]
    curve = None if any(one.score is None for one in rounds) else curve_of(rounds)
    if curve is None or last.n_left == 0:
        return Forecast(verdict, None, last.unit)
    wanted = _round(last.n_labels / 2) if n_more is None else n_more
    return Forecast(verdict, curve.gain(wanted if last.n_left is None else min(wanted, last.n_left)), last.unit)


def advice(history: Sequence[Observation], criterion: Criterion, n_more: int | None = None) -> str:
    """Say in one sentence what the next labels are expected to bring, and what a criterion says.

    Parameters
    ----------
    history : sequence of Observation
        The rounds so far.
    criterion : Criterion
        What decides.
    n_more : int or None, default=None
        How many labels are meant; None: half as many as there are, in round numbers. Never more than are left.

    Returns
    -------
    str
        The first half is left out where there is no score, or too few rounds for a curve.

    Examples
    --------
    >>> from skal.stopping import LabelBudget, Observation
    >>> rounds = [Observation(n, score=0.9 - 4 / n) for n in range(50, 350, 50)]
    >>> print(advice(rounds, LabelBudget(1000)))
    About 150 labels more are expected to bring +0.4 points [0.4, 0.4]; the criterion says go on: 300 of 1000 labels \
are there.
    """
    return str(forecast(history, criterion, n_more))


def _round(number: float) -> int:
    """To one of 1, 1.5, 2, 3, 4, ... times a power of ten."""
    step = 10 ** max(len(str(int(number))) - 2, 0)
    coarse = 5 * step
    return max(int(round(number / coarse) * coarse) if number >= coarse else int(number), 1)
