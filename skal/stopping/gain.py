"""Criteria that look ahead: what the next labels are expected to bring, and whether that is worth their price."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from skal.stopping.criterion import Criterion
from skal.stopping.learning_curve import LearningCurve, fit_learning_curve
from skal.stopping.observation import Observation, Verdict

__all__ = ["ExpectedGain", "ValueAgainstCost", "curve_of", "gain_in_words"]

_LEAST_ROUNDS = 6
_READ = ("n_labels", "score", "n_audit")


def curve_of(rounds: list[Observation]) -> LearningCurve | None:
    """Return the learning curve of the rounds; None if six rounds of different label counts are not there yet.

    Parameters
    ----------
    rounds : list of Observation
        With scores.

    Returns
    -------
    LearningCurve or None
    """
    if len({one.n_labels for one in rounds if one.n_labels > 0}) < _LEAST_ROUNDS:
        return None
    known = [one for one in rounds if one.n_labels > 0]
    counts, scores, audit = (np.array([getattr(one, name) for one in known]) for name in _READ)
    sizes = None if any(one.n_audit is None for one in known) else audit
    ceiling = 1.0 if known[-1].unit == "accuracy" else None
    return fit_learning_curve(counts, scores, sizes, audit_right=_same_rows(known), ceiling=ceiling)


def _same_rows(rounds: list[Observation]) -> NDArray[np.bool_] | None:
    """Which audit rows each round had right; None if they are not known to be the same rows."""
    right = [one.audit_right for one in rounds if one.audit_right is not None]
    if len(right) < len(rounds) or len({len(one) for one in right}) > 1:
        return None
    return np.array(right, dtype=bool)


def gain_in_words(expected: float, low: float, high: float, unit: str = "accuracy") -> str:
    """Return a gain as in "+1.2 points [0.3, 2.0]"."""
    if unit == "accuracy":
        return f"{100 * expected:+.1f} points [{100 * low:.1f}, {100 * high:.1f}]"
    return f"{expected:+.3g} of {unit} [{low:.3g}, {high:.3g}]"


def _too_early(rounds: list[Observation]) -> Verdict:
    n = len({one.n_labels for one in rounds if one.n_labels > 0})
    return Verdict(
        False, f"a learning curve needs {_LEAST_ROUNDS} rounds of different label counts, and there are {n}."
    )


class ExpectedGain(Criterion):
    """Stop when the next labels are not expected to bring enough, by a learning curve through the scores.

    Parameters
    ----------
    gain : float, default=0.01
        Least rise of the score that is worth the next labels.
    n_more : int or None, default=None
        How many labels these are; None: as many as there are now. Never more than are left.
    end : {"high", "expected"}, default="high"
        What is compared: the upper end of the 95 % interval of the gain, or the expected gain itself.

    See Also
    --------
    skal.stopping.fit_learning_curve : The curve, its assumptions, its interval.

    Examples
    --------
    >>> from skal.stopping import Observation
    >>> rounds = [Observation(n, score=0.9 - 2 / n) for n in range(20, 160, 20)]
    >>> print(ExpectedGain().verdict(rounds))
    stop: 140 labels more are expected to bring +0.7 points [0.7, 0.7]; the upper end is below 1 point.
    """

    reads: ClassVar[tuple[str, ...]] = ("score",)

    def __init__(
        self, gain: float = 0.01, n_more: int | None = None, end: Literal["high", "expected"] = "high"
    ) -> None:
        self.gain = gain
        self.n_more = n_more
        self.end = end

    def check(self) -> None:
        """Raise if a setting is out of its range."""
        self._number("gain", 0)
        if self.n_more is not None:
            self._whole("n_more")
        if self.end not in ("high", "expected"):
            raise ValueError(f"ExpectedGain: end must be 'high' or 'expected', got {self.end!r}.")

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Compare the gain of the next labels."""
        last = rounds[-1]
        curve = curve_of(rounds)
        if curve is None:
            return _too_early(rounds)
        n_more = last.n_labels if self.n_more is None else int(self.n_more)
        if last.n_left is not None:
            n_more = min(n_more, last.n_left)
        found = curve.gain(n_more)
        value = found.high if self.end == "high" else found.expected
        least = f"{100 * self.gain:g} points" if last.unit == "accuracy" else f"{self.gain:g}"
        least = "1 point" if least == "1 points" else least
        text = (
            f"{n_more} labels more are expected to bring "
            f"{gain_in_words(found.expected, found.low, found.high, last.unit)}; "
            f"{'the upper end' if self.end == 'high' else 'that'} is "
            f"{'below' if value < self.gain else 'at least'} {least}."
        )
        return Verdict(bool(value < self.gain), text, value)


class ValueAgainstCost(Criterion):
    """Stop when no number of further labels is expected to be worth what it costs.

    Parameters
    ----------
    value_per_point : float
        What a point of accuracy (0.01) is worth, in money; of other scores, what one unit is worth.
    cost_per_label : float
        Price of a label, in the same money.
    end : {"high", "expected"}, default="expected"
        Which gain counts: the expected one, as who weighs money against money wants, or the upper end of its
        interval.

    Notes
    -----
    Under the fitted curve the labels from n to ``n + k`` bring ``value_per_point * gain(k)`` and cost
    ``cost_per_label * k``. One goes on as long as some k up to the rows that are left has a positive net value. The
    curve is steepest at its beginning, so that this is the point of the least total cost under the curve [1]_.

    References
    ----------
    .. [1] Pullar-Strecker, Dost, Frank and Wicker, "Hitting the target: stopping active learning at the cost-based
       optimum", Machine Learning 2024 (online 2022), section 3: stopping as the least cost of labels and errors.

    Examples
    --------
    >>> from skal.stopping import Observation
    >>> rounds = [Observation(n, score=0.9 - 2 / n) for n in range(20, 160, 20)]
    >>> ValueAgainstCost(200, 0.4).verdict(rounds).stop, ValueAgainstCost(1, 0.4).verdict(rounds).stop
    (False, True)
    """

    reads: ClassVar[tuple[str, ...]] = ("score",)

    def __init__(
        self, value_per_point: float, cost_per_label: float, end: Literal["high", "expected"] = "expected"
    ) -> None:
        self.value_per_point = value_per_point
        self.cost_per_label = cost_per_label
        self.end = end

    def check(self) -> None:
        """Raise if a setting is out of its range."""
        self._number("value_per_point", 0, above=True)
        self._number("cost_per_label", 0, above=True)
        if self.end not in ("high", "expected"):
            raise ValueError(f"ValueAgainstCost: end must be 'high' or 'expected', got {self.end!r}.")

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Look for a number of labels that is worth its price."""
        last = rounds[-1]
        curve = curve_of(rounds)
        if curve is None:
            return _too_early(rounds)
        left = 10 * last.n_labels if last.n_left is None else last.n_left
        if left == 0:
            return Verdict(True, "no row is left to ask for.", 0.0)
        points = 100.0 if last.unit == "accuracy" else 1.0
        steps = np.unique(np.geomspace(1, left, 40).astype(int))
        if self.end == "high":
            gains = np.array([curve.gain(int(k)).high for k in steps])
        else:
            gains = curve.at(last.n_labels + steps) - curve.at(last.n_labels)
        worth = points * self.value_per_point * gains
        net = worth - self.cost_per_label * steps
        best = int(np.argmax(net))
        stop = not net[best] > 0
        # Of many numbers that are not worth it, one that a person may think of.
        told_of = int(np.argmin(np.abs(steps - last.n_labels / 2))) if stop else best
        found, value = curve.gain(int(steps[told_of])), float(worth[told_of])
        told = gain_in_words(found.expected, found.low, found.high, last.unit)
        text = (
            f"{found.n_more} labels more are expected to bring {told}, worth {value:.4g}, and cost "
            f"{self.cost_per_label * found.n_more:.4g}."
        )
        return Verdict(
            stop, text if not stop else f"no number of labels more is worth its price: {text}", float(net[best])
        )
