"""How much of a stream may be asked for: estimated over a window, or counted."""

from __future__ import annotations

import numbers
from dataclasses import dataclass, field

from skal.stream._checks import check_share

__all__ = ["ExactBudget", "RunningBudget"]

_ROUNDING = 1e-9  # 0.29 * 100 is a little below 29


@dataclass
class RunningBudget:
    """A share of the rows, by a running estimate of what was spent on the last ones.

    Parameters
    ----------
    share : float in (0, 1]
        Of the rows that may be asked for.
    window : int, default=100
        The last so many rows count, older ones less and less.

    Attributes
    ----------
    labels_in_window : float
        The estimate u of how many of the last `window` rows were asked for.

    Notes
    -----
    With labelling a_t in {0, 1}, ``u_t = u_(t-1) * (window - 1) / window + a_t``, and the row t + 1 may be asked for
    if ``u_t / window < share``. What was not spent is forgotten with time, so a quiet stream saves up no burst of
    questions. Three facts to know: it begins with nothing spent, so the first rows may all be asked for, some
    ``share * window`` of them; spending may pass the share by ``1 / window`` at most in the long run; and no list of
    rows is kept: it is one number.

    References
    ----------
    .. [1] Zliobaite, Bifet, Pfahringer, Holmes, "Active learning with drifting streaming data", IEEE Transactions on
       Neural Networks and Learning Systems 25(1), 2014: the budget over infinite time.

    Examples
    --------
    >>> budget = RunningBudget(0.3, window=4)
    >>> for asked in [True, True, False]:
    ...     budget.note(asked)
    >>> budget.labels_in_window, budget.spent, budget.allows()
    (1.3125, 0.328125, False)
    """

    share: float
    window: int = 100
    labels_in_window: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        check_share(self.share, "share", self)
        whole = isinstance(self.window, numbers.Integral) and not isinstance(self.window, bool)
        if not whole or self.window < 1:
            raise ValueError(f"RunningBudget: window must be a whole number of rows from 1 on, got {self.window!r}.")

    @property
    def spent(self) -> float:
        """Estimated share of the last rows that was asked for."""
        return self.labels_in_window / self.window

    def allows(self) -> bool:
        """Tell whether the next row may be asked for."""
        return self.spent < self.share

    def note(self, asked: bool) -> None:
        """Count a row that arrived, asked for or not."""
        self.labels_in_window = self.labels_in_window * (self.window - 1) / self.window + bool(asked)


@dataclass
class ExactBudget:
    """A share of all rows that have arrived, counted: never is more asked for.

    Parameters
    ----------
    share : float in (0, 1]
        Of the rows that may be asked for.

    Attributes
    ----------
    n_seen, n_asked : int
        Rows that arrived, and those of them that were asked for.

    Notes
    -----
    After t rows at most ``share * t`` were asked for, at every t: with 0.1 the tenth row is the first that may be.
    What is not spent is kept, so that a long quiet stretch can be followed by as many questions at once.

    Examples
    --------
    >>> budget = ExactBudget(0.5)
    >>> [(budget.allows(), budget.note(budget.allows()))[0] for _ in range(5)]
    [False, True, False, True, False]
    >>> budget.spent
    0.4
    """

    share: float
    n_seen: int = field(default=0, init=False)
    n_asked: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        check_share(self.share, "share", self)

    @property
    def spent(self) -> float:
        """Share of all rows so far that was asked for; 0 before the first."""
        return self.n_asked / max(self.n_seen, 1)

    def allows(self) -> bool:
        """Tell whether the next row may be asked for."""
        return self.n_asked + 1 <= self.share * (self.n_seen + 1) + _ROUNDING

    def note(self, asked: bool) -> None:
        """Count a row that arrived, asked for or not."""
        self.n_seen += 1
        self.n_asked += bool(asked)
