"""Criteria of one number: how unsure the model still is about rows without a label."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from skal.stopping.criterion import Criterion
from skal.stopping.observation import Observation, Verdict

__all__ = ["ExpectedError", "MaxConfidence", "OverallUncertainty", "UncertaintyVariance"]


class _OfUnlabeledRows(Criterion):
    """Stop when a number of the unlabelled rows is at or below a threshold."""

    words: ClassVar[str]
    threshold: float

    def check(self) -> None:
        """Raise if the threshold is out of [0, 1]."""
        self._number("threshold", 0, 1)

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Compare the number of the last round."""
        last = rounds[-1]
        value, n = self.number(last), int(last.open_rows().sum())
        stop = value <= self.threshold
        side = "at or below" if stop else "above"
        return Verdict(stop, f"{self.words} of {n} unlabelled rows is {value:.4g}, {side} {self.threshold:g}.", value)

    def number(self, one: Observation) -> float:
        raise NotImplementedError


class OverallUncertainty(_OfUnlabeledRows):
    """Stop when the mean entropy of the unlabelled rows is small.

    Parameters
    ----------
    threshold : float, default=0.01
        Of the mean entropy, as a share of that of a guess among all classes, which for two classes is the entropy in
        bits.

    Notes
    -----
    Models that stay unsure, such as a heavily regularised one, or noisy labels, never come there.

    References
    ----------
    .. [1] Zhu, Wang and Hovy, "Multi-criteria-based strategy to stop active learning for data annotation", COLING
       2008, section 3.1.3 (0.01); Zhu, Wang, Hovy and Ma, "Confidence-based stopping criteria for active learning for
       data annotation", ACM TSLP 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from skal.stopping import Observation
    >>> print(OverallUncertainty(0.1).verdict([Observation(30, entropy=np.array([0.0, 0.4]))]))
    go on: the mean entropy of 2 unlabelled rows is 0.2, above 0.1.
    """

    reads: ClassVar[tuple[str, ...]] = ("entropy",)
    words: ClassVar[str] = "the mean entropy"

    def __init__(self, threshold: float = 0.01) -> None:
        self.threshold = threshold

    def number(self, one: Observation) -> float:
        """Return the mean entropy."""
        return float(np.asarray(one.entropy)[one.open_rows()].mean())


class MaxConfidence(_OfUnlabeledRows):
    """Stop when the model is sure of every unlabelled row: the largest entropy is small.

    Parameters
    ----------
    threshold : float, default=0.001
        Of the largest entropy, as a share of that of a guess among all classes.

    Notes
    -----
    The paper looks at the row that is asked for, of uncertainty sampling: the most uncertain one of all, which is
    what is looked at here, whatever the strategy.

    References
    ----------
    .. [1] Zhu and Hovy, "Active learning for word sense disambiguation with methods for addressing the class
       imbalance problem", EMNLP 2007, section 5.1 (0.001); "maximum uncertainty" in Zhu, Wang, Hovy and Ma, ACM TSLP
       2010.

    Examples
    --------
    >>> import numpy as np
    >>> from skal.stopping import Observation
    >>> print(MaxConfidence().verdict([Observation(30, entropy=np.array([0.0, 0.4]))]))
    go on: the largest entropy of 2 unlabelled rows is 0.4, above 0.001.
    """

    reads: ClassVar[tuple[str, ...]] = ("entropy",)
    words: ClassVar[str] = "the largest entropy"

    def __init__(self, threshold: float = 0.001) -> None:
        self.threshold = threshold

    def number(self, one: Observation) -> float:
        """Return the largest entropy."""
        return float(np.asarray(one.entropy)[one.open_rows()].max())


class ExpectedError(_OfUnlabeledRows):
    """Stop when the model expects few errors among the unlabelled rows, by its own probabilities.

    Parameters
    ----------
    threshold : float, default=0.01
        Largest expected share of errors.

    Notes
    -----
    It believes the model's probabilities, and models that were trained on few rows chosen by their uncertainty are
    not calibrated on the others.

    References
    ----------
    .. [1] Zhu, Wang, Hovy and Ma, "Confidence-based stopping criteria for active learning for data annotation", ACM
       TSLP 2010: minimum expected error.

    Examples
    --------
    >>> import numpy as np
    >>> from skal.stopping import Observation
    >>> ExpectedError().verdict([Observation(30, confidence=np.array([1.0, 0.6]))]).value
    0.2
    """

    reads: ClassVar[tuple[str, ...]] = ("confidence",)
    words: ClassVar[str] = "the expected share of errors"

    def __init__(self, threshold: float = 0.01) -> None:
        self.threshold = threshold

    def number(self, one: Observation) -> float:
        """Return the mean of one minus the largest probability."""
        return float((1.0 - np.asarray(one.confidence))[one.open_rows()].mean())


class UncertaintyVariance(Criterion):
    """Stop when the variance of the confidence over the unlabelled rows falls in several rounds in a row.

    Parameters
    ----------
    drops : int, default=2
        Rounds in a row in which it must fall.
    by : float, default=0.0
        More than so much each time.

    References
    ----------
    .. [1] Ghayoomi, "Using variance as a stopping criterion for active learning of frame assignment", NAACL HLT
       workshop 2010: VM, and with a least drop (`by`) EVM; two drops.

    Examples
    --------
    >>> import numpy as np
    >>> from skal.stopping import Observation
    >>> rounds = [Observation(n, confidence=np.array([0.5, p])) for n, p in [(10, 1.0), (20, 0.9), (30, 0.8)]]
    >>> [bool(UncertaintyVariance().verdict(rounds[:n])) for n in (1, 2, 3)]
    [False, False, True]
    """

    reads: ClassVar[tuple[str, ...]] = ("confidence",)

    def __init__(self, drops: int = 2, by: float = 0.0) -> None:
        self.drops = drops
        self.by = by

    def check(self) -> None:
        """Raise if there is no drop."""
        self._whole("drops")
        self._number("by", 0, 1)

    def judge(self, rounds: list[Observation]) -> Verdict:
        """Count the drops at the end."""
        last = rounds[-self.drops - 1 :]
        spread = [float(np.asarray(one.confidence)[one.open_rows()].var()) for one in last]
        fallen = 0
        for before, after in zip(spread[-2::-1], spread[:0:-1], strict=True):
            if not after < before - self.by:
                break
            fallen += 1
        text = f"the variance of the confidence, {spread[-1]:.4g}, fell in the last {fallen} of {self.drops} rounds."
        return Verdict(fallen == self.drops, text, spread[-1])
