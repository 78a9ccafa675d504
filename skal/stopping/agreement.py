"""Criteria that compare the predictions of successive models: nobody's labels are needed for them."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from skal.stopping.criterion import Criterion
from skal.stopping.observation import Observation, Verdict

__all__ = ["ClassificationChange", "StabilizingPredictions", "concordance", "kappa"]


def kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Cohen's kappa of two models' predictions: agreement beyond what their class shares alone would give.

    Parameters
    ----------
    first, second : array-like of shape (m,) or (m, L)
        Predicted classes of the same rows; of several labels a row every cell is a decision.

    Returns
    -------
    float
        1 for equal predictions, those of a single class among them; 0 for agreement by chance.

    References
    ----------
    .. [1] Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 1960:
       ``(p_o - p_e) / (1 - p_e)``.

    Examples
    --------
    >>> kappa([0, 0, 1, 1], [0, 0, 1, 0])
    0.5
    """
    one, other = np.ravel(np.asarray(first)), np.ravel(np.asarray(second))
    classes, codes = np.unique(np.concatenate([one, other]), return_inverse=True)
    n, k = len(one), len(classes)
    table = np.bincount(codes[:n] * k + codes[n:], minlength=k * k).reshape(k, k) / n
    observed, expected = float(np.trace(table)), float(table.sum(axis=1) @ table.sum(axis=0))
    return 1.0 if observed == 1.0 else (observed - expected) / (1.0 - expected)


def concordance(first: ArrayLike, second: ArrayLike) -> float:
    """Lin's concordance of two models' predicted numbers: kappa with quadratic weights, for numbers.

    Parameters
    ----------
    first, second : array-like of shape (m,)
        Predicted numbers of the same rows.

    Returns
    -------
    float
        1 for equal predictions, less for other ones, also where they differ by a shift or a scale alone.

    References
    ----------
    .. [1] Lin, "A concordance correlation coefficient to evaluate reproducibility", Biometrics 1989, equation 4 with
       sums of squares over m.
    .. [2] Fleiss and Cohen, "The equivalence of weighted kappa and the intraclass correlation coefficient", 1973.

    Examples
    --------
    >>> round(concordance([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]), 4)
    0.5714
    """
    x, y = np.asarray(first, dtype=np.float64).ravel(), np.asarray(second, dtype=np.float64).ravel()
    apart = float(np.mean((x - y) ** 2))
    if apart == 0.0:
        return 1.0
    spread = float(x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    return 1.0 - apart / spread


class StabilizingPredictions(Criterion):
    """Stop when successive models agree on a stop set: the mean of the last agreements is at the threshold.

    Parameters
    ----------
    threshold : float, default=0.99
        Least mean agreement.
    window : int, default=3
        Pairs of successive models whose agreement is averaged, so that ``window + 1`` models are needed.

    Notes
    -----
    The agreement is `kappa`; of predicted numbers, `concordance`. The stop set should be random rows, and many: the
    paper has 2000, and the criterion is blind to a class that has none among them. Models that all predict one class
    agree fully, so an early model that has learned nothing may look stable. Agreement also grows as a round brings
    fewer labels: a threshold for rounds of 10 labels is not one for rounds of 100.

    References
    ----------
    .. [1] Bloodgood and Vijay-Shanker, "A method for stopping active learning based on stabilizing predictions and
       the need for user-adjustable stopping", CoNLL 2009: section 3 (kappa, the last three pairs, 0.99).

    Examples
    --------
    >>> import numpy as np
    >>> from skal.stopping import Observation
    >>> rounds = [Observation(n, predicted=np.array([0, 1, 1])) for n in (10, 20, 30, 40)]
    >>> [bool(StabilizingPredictions().verdict(rounds[:n])) for n in (1, 2, 3, 4)]
    [False, False, False, True]
    """

    reads: ClassVar[tuple[str, ...]] = ("predicted",)

    def __init__(self, threshold: float = 0.99, window: int = 3) -> None:
        self.threshold = threshold
        self.window = window

    def check(self) -> None:
        """Raise if the threshold is no agreement, or the window is empty."""
        self._number("threshold", 0, 1)
        self._whole("window")

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Average the agreements of the last pairs."""
        if len(rounds) <= self.window:
            return Verdict(False, f"{self.window + 1} models are compared, and there are {len(rounds)}.")
        agree = concordance if rounds[-1].numeric else kappa
        last: list[Any] = [one.predicted for one in rounds[-self.window - 1 :]]
        mean = float(np.mean([agree(a, b) for a, b in itertools.pairwise(last)]))
        stop = mean >= self.threshold
        text = (
            f"the last {self.window + 1} models agree on {len(last[-1])} rows by {mean:.4f} ({agree.__name__}), "
            f"{'at or above' if stop else 'below'} {self.threshold:g}."
        )
        return Verdict(stop, text, mean)


class ClassificationChange(Criterion):
    """Stop when no unlabelled row changes its predicted class from one model to the next.

    Parameters
    ----------
    share : float, default=0.0
        Largest share of the unlabelled rows that may change; 0 as in the paper.
    rounds : int, default=1
        In so many rounds in a row; 1 as in the paper.

    Notes
    -----
    Rows without a label after the round count. With rounds of few labels hardly anything changes from one to the
    next, whatever is still to be learned: ask for several rounds in a row then.

    References
    ----------
    .. [1] Zhu, Wang and Hovy, "Multi-criteria-based strategy to stop active learning for data annotation", COLING
       2008, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from skal.stopping import Observation
    >>> a, b = Observation(10, predicted=np.array([0, 1, 1, 1])), Observation(20, predicted=np.array([0, 1, 1, 0]))
    >>> print(ClassificationChange().verdict([a, b]))
    go on: 25 % of the 4 unlabelled rows changed their class in the last round, above 0 %.
    """

    reads: ClassVar[tuple[str, ...]] = ("predicted",)

    def __init__(self, share: float = 0.0, rounds: int = 1) -> None:
        self.share = share
        self.rounds = rounds

    def check(self) -> None:
        """Raise if the share is none, or there is no round."""
        self._number("share", 0, 1)
        self._whole("rounds")

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Look at the largest change of the last rounds."""
        if rounds[-1].numeric:
            raise ValueError(
                "ClassificationChange: predictions are numbers, which hardly ever stay equal. Use "
                "StabilizingPredictions, which measures how far they agree."
            )
        if len(rounds) <= self.rounds:
            return Verdict(False, f"{self.rounds + 1} models are compared, and there are {len(rounds)}.")
        last = rounds[-self.rounds - 1 :]
        changed = max(_changed(a, b) for a, b in itertools.pairwise(last))
        stop = changed <= self.share
        when = "the last round" if self.rounds == 1 else f"one of the last {self.rounds} rounds"
        text = (
            f"{100 * changed:.3g} % of the {int(rounds[-1].open_rows().sum())} unlabelled rows changed their class "
            f"in {when}, {'at most' if stop else 'above'} {100 * self.share:g} %."
        )
        return Verdict(stop, text, changed)


def _changed(before: Observation, after: Observation) -> float:
    first, second = np.asarray(before.predicted), np.asarray(after.predicted)
    differ: Any = np.any(np.reshape(first != second, (len(first), -1)), axis=1)
    return float(differ[after.open_rows()].mean())
