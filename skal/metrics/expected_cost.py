"""What the errors on test rows cost, on the average."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.error_costs import ErrorCosts
from skal.outputs import proba
from skal.targets import Targets

__all__ = ["COST_METRICS", "MeanCost", "cost_metric"]

COST_METRICS = ("neg_mean_cost", "neg_mean_cost_decided")


@dataclass(frozen=True)
class MeanCost:
    """Minus the mean cost of the answers of a model for test rows.

    Attributes
    ----------
    classes : tuple
        Labels.
    matrix : tuple of tuples of float
        Row by true class, column by answer, in their order.
    decided : bool
        Whether answers are the classes of the least expected cost under the model's probabilities; else what
        ``predict`` says.

    References
    ----------
    .. [1] Elkan, "The foundations of cost-sensitive learning", IJCAI 2001, equation 1.
    """

    classes: tuple[Any, ...]
    matrix: tuple[tuple[float, ...], ...]
    decided: bool = False

    def __call__(self, model: Any, X: Any, y: Any) -> float:
        """Measure a fitted model; of equal expected costs the first class is the answer."""
        costs = ErrorCosts(np.array(self.matrix), self.classes)
        true = self._places(y)
        if not self.decided:
            return -float(costs.matrix[true, self._places(model.predict(X))].mean())
        known = np.asarray(model.classes_).tolist()
        per_answer = costs.matrix[[self.classes.index(label) for label in known]]
        answers = proba(model, X, then=lambda P: (P @ per_answer).argmin(axis=1))
        return -float(costs.matrix[true, answers].mean())

    def _places(self, y: Any) -> NDArray[np.intp]:
        places = {label: place for place, label in enumerate(self.classes)}
        return np.array([places[label] for label in np.asarray(y).tolist()], dtype=np.intp)


def cost_metric(name: str, costs: Any, targets: Targets | None) -> MeanCost:
    """Return a metric of costs by its name.

    Parameters
    ----------
    name : str
        Of `COST_METRICS`.
    costs : object or None
        As `ErrorCosts.read` takes it.
    targets : Targets or None
        With the classes.

    Raises
    ------
    ValueError
        If there are no costs, no classes, or no costs for one of them.
    """
    if costs is None or targets is None:
        raise ValueError(
            f"compare: {name} needs to know what errors cost: costs='costs.csv' (--costs costs.csv), a row for each "
            "true class and a column for each answer."
        )
    if targets.kind.reading != "proba":
        raise ValueError(f"compare: costs are of pairs of classes, and y holds {targets.kind.holds}: leave them out.")
    try:
        named = ErrorCosts.read(costs).named_by(targets.classes, targets.names)
    except ValueError as error:
        raise ValueError(f"compare: costs: {error}") from error
    rows = tuple(tuple(row) for row in named.matrix.tolist())
    return MeanCost(named.classes or (), rows, name.endswith("_decided"))
