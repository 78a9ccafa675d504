"""Criteria that follow how good the model is: on the rows it asked for, in its own opinion, on audit rows."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from skal.stopping.criterion import Criterion
from skal.stopping.observation import Observation, Verdict

__all__ = ["PerformanceConvergence", "ScoreConvergence", "SelectedAccuracy"]


class SelectedAccuracy(Criterion):
    """Stop when the model had predicted most of the rows right that it asked for.

    Parameters
    ----------
    threshold : float, default=0.9
        Least share of the rows asked for in a round that the model of the round before had predicted right.
    rounds : int, default=1
        In so many rounds in a row.

    Notes
    -----
    It needs a strategy that asks for the hardest rows, such as uncertainty sampling: if even these are right, the
    others are too. Of random rows it is an estimate of the accuracy, from few rows.

    References
    ----------
    .. [1] Zhu and Hovy, EMNLP 2007, section 5.2 ("min-error", 0.9); "selected accuracy" in Zhu, Wang, Hovy and Ma,
       "Confidence-based stopping criteria for active learning for data annotation", ACM TSLP 2010.

    Examples
    --------
    >>> from skal.stopping import Observation
    >>> print(SelectedAccuracy().verdict([Observation(10), Observation(20, asked_right=0.8)]))
    go on: 80 % of the rows of the last round had been predicted right, below 90 %.
    """

    reads: ClassVar[tuple[str, ...]] = ("asked_right",)

    def __init__(self, threshold: float = 0.9, rounds: int = 1) -> None:
        self.threshold = threshold
        self.rounds = rounds

    def check(self) -> None:
        """Raise if the threshold is no share."""
        self._number("threshold", 0, 1)
        self._whole("rounds")

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Look at the worst of the last rounds."""
        if rounds[-1].numeric:
            raise ValueError(
                "SelectedAccuracy: predictions are numbers, which are neither right nor wrong. Use ExpectedGain or "
                "ScoreConvergence on audit rows."
            )
        known = [one.asked_right for one in rounds if one.asked_right is not None]
        if len(known) < self.rounds:
            return Verdict(False, f"{self.rounds} rounds of questions are looked at, and there are {len(known)}.")
        worst = float(min(known[-self.rounds :]))
        stop = worst >= self.threshold
        when = "the last round" if self.rounds == 1 else f"the worst of the last {self.rounds} rounds"
        text = (
            f"{100 * worst:.3g} % of the rows of {when} had been predicted right, "
            f"{'at least' if stop else 'below'} {100 * self.threshold:g} %."
        )
        return Verdict(stop, text, worst)


class PerformanceConvergence(Criterion):
    """Stop when the model's own estimate of its accuracy reaches a new height and hardly rises any more.

    Parameters
    ----------
    window : int, default=10
        Rounds that are averaged.
    threshold : float, default=5e-5
        Largest rise of the average from one round to the next; it must rise.

    Notes
    -----
    The estimate is the mean of the largest probability over the unlabelled rows, which is the F measure that the
    paper estimates from probabilities, for rows with one of several classes each. No label is needed, and a model
    that becomes surer without becoming better is believed.

    References
    ----------
    .. [1] Laws and Schütze, "Stopping criteria for active learning of named entity recognition", COLING 2008,
       sections 3.2 and 4 (windows of 100 single rows; rounds of 10 rows need 10).

    Examples
    --------
    >>> import numpy as np
    >>> from skal.stopping import Observation
    >>> rounds = [Observation(10 * n, confidence=np.array([p])) for n, p in enumerate([0.5, 0.9, 0.9, 0.9003], 1)]
    >>> bool(PerformanceConvergence(window=2, threshold=0.001).verdict(rounds))
    True
    """

    reads: ClassVar[tuple[str, ...]] = ("confidence",)

    def __init__(self, window: int = 10, threshold: float = 5e-5) -> None:
        self.window = window
        self.threshold = threshold

    def check(self) -> None:
        """Raise if the window is empty, or the threshold is not above 0."""
        self._whole("window")
        self._number("threshold", 0, 1, above=True)

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Compare the averages of the last two windows."""
        if len(rounds) <= self.window:
            return Verdict(False, f"{self.window + 1} rounds are averaged, and there are {len(rounds)}.")
        own = np.array([float(np.asarray(one.confidence)[one.open_rows()].mean()) for one in rounds])
        rise = float(own[-self.window :].mean() - own[-self.window - 1 : -1].mean())
        stop = bool(own[-1] > own[:-1].max() and 0 < rise < self.threshold)
        text = (
            f"the accuracy by the model's own probabilities is {own[-1]:.3g}, and its average over {self.window} "
            f"rounds changed by {rise:.2g} (to stop: a new height, and a rise below {self.threshold:g})."
        )
        return Verdict(stop, text, rise)


class ScoreConvergence(Criterion):
    """Stop when the score on audit rows no longer rises: the mean of the last rounds is hardly above the one before.

    Parameters
    ----------
    window : int, default=5
        Rounds in each of the two means that are compared.
    gain : float, default=0.005
        Least rise that is worth going on, in the unit of the score.

    Notes
    -----
    Rises are measured on the same audit rows, so that what is peculiar to these rows is in both means. A plateau in
    the middle of a curve, before a class is found, looks like its end.

    Examples
    --------
    >>> from skal.stopping import Observation
    >>> rounds = [Observation(10 * n, score=s) for n, s in enumerate([0.5, 0.7, 0.8, 0.8], 1)]
    >>> print(ScoreConvergence(window=2).verdict(rounds))
    go on: the mean accuracy of the last 2 rounds is 0.8, 0.2 above the 2 rounds before; 0.005 is worth going
    on.
    """

    reads: ClassVar[tuple[str, ...]] = ("score",)

    def __init__(self, window: int = 5, gain: float = 0.005) -> None:
        self.window = window
        self.gain = gain

    def check(self) -> None:
        """Raise if the window is empty."""
        self._whole("window")
        self._number("gain")

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Compare the two means."""
        if len(rounds) < 2 * self.window:
            return Verdict(False, f"{2 * self.window} rounds are compared, and there are {len(rounds)}.")
        scores = self._values(rounds, "score")
        now, before = float(scores[-self.window :].mean()), float(scores[-2 * self.window : -self.window].mean())
        rise = now - before
        text = (
            f"the mean {rounds[-1].unit} of the last {self.window} rounds is {now:.4g}, {abs(rise):.4g} "
            f"{'above' if rise >= 0 else 'below'} the {self.window} rounds before; {self.gain:g} is worth going on."
        )
        return Verdict(rise < self.gain, text, rise)
