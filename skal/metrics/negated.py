"""The negative of a metric that is better the lower it is: what verdicts, which take higher = better, are about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Negated"]


@dataclass(frozen=True)
class Negated:
    """A metric with its sign turned.

    Parameters
    ----------
    metric : callable
        ``metric(model, X, y)``, lower = better. Where it shares its evidence with others (`skal.metrics.measure`),
        its negative does too.

    Examples
    --------
    >>> Negated(lambda model, X, y: 0.25)(None, None, None)
    -0.25
    """

    metric: Callable[[Any, Any, Any], float]

    def __call__(self, model: Any, X: Any, y: Any) -> float:
        """Measure, and turn the sign."""
        return -self.metric(model, X, y)

    @property
    def evidence(self) -> Any:
        """What the metric reads; None where it shares nothing."""
        return getattr(self.metric, "evidence", None)

    def gather(self, model: Any, X: Any, y: Any) -> Any:
        """Gather what the metric reads."""
        return getattr(self.metric, "gather")(model, X, y)  # noqa: B009 - a callable need not have it

    def read(self, gathered: Any) -> float:
        """Read the number, and turn its sign."""
        return -float(getattr(self.metric, "read")(gathered))  # noqa: B009
