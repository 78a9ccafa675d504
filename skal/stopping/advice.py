"""What a status says of the next labels, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from skal.stopping.criterion import Criterion
from skal.stopping.gain import curve_of, gain_in_words
from skal.stopping.observation import Observation, checked_history

__all__ = ["advice"]


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
    rounds = checked_history(history, "advice")
    verdict = criterion.verdict(rounds)
    said = f"the criterion says {verdict}"
    last = rounds[-1]
    curve = None if any(one.score is None for one in rounds) else curve_of(rounds)
    if curve is None or last.n_left == 0:
        return said[0].upper() + said[1:]
    wanted = _round(last.n_labels / 2) if n_more is None else n_more
    about = wanted if last.n_left is None else min(wanted, last.n_left)
    gain = curve.gain(about)
    told = gain_in_words(gain.expected, gain.low, gain.high, last.unit)
    return f"About {about} labels more are expected to bring {told}; {said}"


def _round(number: float) -> int:
    """To one of 1, 1.5, 2, 3, 4, ... times a power of ten."""
    step = 10 ** max(len(str(int(number))) - 2, 0)
    coarse = 5 * step
    return max(int(round(number / coarse) * coarse) if number >= coarse else int(number), 1)
