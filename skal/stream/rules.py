"""When to ask, by how sure the model is: the rules of Zliobaite, Bifet, Pfahringer and Holmes (2014).

A rule has ``asks(certainty, share)``, and says by `reads_certainty` whether it looks at the certainty at all. It is
asked only about rows that the budget allows, so a threshold stands still while there is nothing to spend.
"""

from __future__ import annotations

import numbers
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state

from skal.stream._checks import check_share

__all__ = [
    "FixedUncertainty",
    "RandomLabels",
    "RandomizedVariableUncertainty",
    "SplitUncertainty",
    "VariableUncertainty",
]

Seed = int | np.random.RandomState | None


@dataclass
class RandomLabels:
    """Ask at random for the share of the budget: what every other rule has to beat.

    Parameters
    ----------
    random_state : int, RandomState or None, default=None
        Draws which rows.

    Notes
    -----
    The labels are those of a sample of the stream, so whatever is measured on them tells of the stream.

    References
    ----------
    .. [1] Zliobaite, Bifet, Pfahringer, Holmes, "Active learning with drifting streaming data", 2014: the
       random strategy.

    Examples
    --------
    >>> rule = RandomLabels(random_state=0)
    >>> sum(rule.asks(0.5, 0.1) for _ in range(1000))
    98
    """

    random_state: Seed = None
    reads_certainty: ClassVar[bool] = False

    def __post_init__(self) -> None:
        self._rng = check_random_state(self.random_state)

    def asks(self, certainty: float, share: float) -> bool:
        """Decide about one row.

        Parameters
        ----------
        certainty : float
            Not read.
        share : float in (0, 1]
            Of the budget: the chance of a row.

        Returns
        -------
        bool
            Whether to ask.
        """
        return bool(self._rng.random_sample() < share)


@dataclass
class FixedUncertainty:
    """Ask where the model gives its prediction less than a fixed probability.

    Parameters
    ----------
    threshold : float in (0, 1]
        Of the probability of the predicted class. There is no default: at 0.9 a weak model asks for everything, and a
        sure one, right or wrong, for nothing.

    Notes
    -----
    A model that has become sure of everything asks no more, so a change where it is sure goes unseen.

    References
    ----------
    .. [1] Zliobaite, Bifet, Pfahringer, Holmes, "Active learning with drifting streaming data", 2014: the
       fixed uncertainty strategy.

    Examples
    --------
    >>> rule = FixedUncertainty(0.8)
    >>> rule.asks(0.79, 0.1), rule.asks(0.8, 0.1)
    (True, False)
    """

    threshold: float
    reads_certainty: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_share(self.threshold, "threshold", self)

    def asks(self, certainty: float, share: float) -> bool:
        """Decide about one row.

        Parameters
        ----------
        certainty : float in [0, 1]
            Probability of the predicted class.
        share : float
            Not read.

        Returns
        -------
        bool
            Whether to ask.
        """
        return certainty < self.threshold


@dataclass
class VariableUncertainty:
    """Ask below a threshold that falls with every question and rises with every row let pass.

    Parameters
    ----------
    step : float in (0, 1), default=0.01
        By which share the threshold falls or rises.

    Attributes
    ----------
    threshold : float
        Where it stands: 1 to begin with. Above 1, every row is asked for.

    Notes
    -----
    The threshold adapts to how sure the model is, so the budget is spent on whatever it is least sure of by now. Rows
    of which the model is sure are still asked for too rarely to see a change there.

    References
    ----------
    .. [1] Zliobaite, Bifet, Pfahringer, Holmes, "Active learning with drifting streaming data", 2014: the
       variable uncertainty strategy.

    Examples
    --------
    >>> rule = VariableUncertainty(0.5)
    >>> [(rule.asks(certainty, 0.1), rule.threshold) for certainty in (0.6, 0.6, 0.6)]
    [(True, 0.5), (False, 0.75), (True, 0.375)]
    """

    step: float = 0.01
    threshold: float = field(default=1.0, init=False)
    reads_certainty: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_share(self.step, "step", self, one_too=False)

    def asks(self, certainty: float, share: float) -> bool:
        """Decide about one row, and move the threshold.

        Parameters
        ----------
        certainty : float in [0, 1]
            Probability of the predicted class.
        share : float
            Not read.

        Returns
        -------
        bool
            Whether to ask.
        """
        asked = certainty < self.threshold * self._factor()
        self.threshold *= 1 - self.step if asked else 1 + self.step
        return bool(asked)

    def _factor(self) -> float:
        return 1.0


@dataclass
class RandomizedVariableUncertainty(VariableUncertainty):
    """Ask below a threshold that varies, times a normal draw: now and then for a row of which the model is sure.

    Parameters
    ----------
    step : float in (0, 1), default=0.01
        As of `VariableUncertainty`.
    spread : float, default=1.0
        Standard deviation of the draw, whose mean is 1. Above 0.
    random_state : int, RandomState or None, default=None
        Draws it.

    Attributes
    ----------
    threshold : float
        Where it stands, before the draw.

    Notes
    -----
    Any row can be asked for, so a change anywhere is seen in time, and near the boundary more are than elsewhere.

    References
    ----------
    .. [1] Zliobaite, Bifet, Pfahringer, Holmes, "Active learning with drifting streaming data", 2014: the
       uncertainty with randomization strategy.

    Examples
    --------
    >>> rule = RandomizedVariableUncertainty(random_state=0)
    >>> sum(rule.asks(1.0, 0.1) for _ in range(100))
    53
    """

    spread: float = 1.0
    random_state: Seed = None

    def __post_init__(self) -> None:
        super().__post_init__()
        is_number = isinstance(self.spread, numbers.Real) and not isinstance(self.spread, bool)
        if not is_number or not 0 < self.spread < np.inf:
            raise ValueError(
                f"RandomizedVariableUncertainty: spread must be a finite number above 0, got {self.spread!r}. "
                "Without a spread it is VariableUncertainty."
            )
        self._rng = check_random_state(self.random_state)

    def _factor(self) -> float:
        return float(self._rng.normal(1.0, self.spread))


@dataclass
class SplitUncertainty(VariableUncertainty):
    """Split the stream at random: one part is asked for at random, the other by variable uncertainty.

    Parameters
    ----------
    step : float in (0, 1), default=0.01
        As of `VariableUncertainty`.
    random_share : float in (0, 1), default=0.2
        Of the rows that go to the random part.
    random_state : int, RandomState or None, default=None
        Draws which, and which of these are asked for.

    Attributes
    ----------
    threshold : float
        That of the uncertain part.
    at_random : bool
        Whether the last row was of the random part. Labels asked for there are a fair sample of the stream: give
        these alone to a detector of changes, or measure on them.

    Notes
    -----
    Of the random part the share of the budget is asked for, as `RandomLabels` does.

    References
    ----------
    .. [1] Zliobaite, Bifet, Pfahringer, Holmes, "Active learning with drifting streaming data", 2014: the
       split strategy.

    Examples
    --------
    >>> rule = SplitUncertainty(random_share=0.5, random_state=0)
    >>> decided = [(rule.asks(1.0, 0.1), rule.at_random) for _ in range(1000)]
    >>> sum(at_random for _, at_random in decided), sum(asked for asked, at_random in decided if at_random)
    (510, 41)
    """

    random_share: float = 0.2
    random_state: Seed = None
    at_random: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share(self.random_share, "random_share", self, one_too=False)
        self._rng = check_random_state(self.random_state)
        self._random = RandomLabels(self._rng)

    def asks(self, certainty: float, share: float) -> bool:
        """Decide about one row, at random or by a threshold that is moved.

        Parameters
        ----------
        certainty : float in [0, 1]
            Probability of the predicted class.
        share : float in (0, 1]
            Of the budget: the chance of a row of the random part.

        Returns
        -------
        bool
            Whether to ask.
        """
        self.at_random = bool(self._rng.random_sample() < self.random_share)
        return self._random.asks(certainty, share) if self.at_random else super().asks(certainty, share)


def check_rule(rule: Any) -> None:
    """Refuse what decides nothing."""
    if isinstance(rule, type) or not callable(getattr(rule, "asks", None)):
        raise TypeError(
            "StreamLearner: rule must have asks(certainty, share), as SplitUncertainty() has, got "
            f"{rule!r}{'. Make one of it: add ()' * isinstance(rule, type)}."
        )
