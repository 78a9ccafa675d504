"""What all arms of a study share."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from numpy.typing import NDArray

import skal
from skal.annotation import Budget, Cost
from skal.data import take
from skal.study.oracles import OracleMaker
from skal.targets import Targets

__all__ = ["Shared", "package_versions"]


@dataclass(frozen=True)
class Shared:
    """Data, task models, labels a round, rounds, metrics, test data of their own, annotator, prices.

    With a price, a label costs that much; with a budget beside it, a round buys what the budget pays for.

    Attributes
    ----------
    models : dict of str to estimator
        Unfitted task models by training recipe.
    fitted_to_pools : dict of (str, int) to estimator, default={}
        The same by recipe and trial, where parts of them know the pool of the trial before the first label.
    predictions : bool, default=True
        Whether test predictions are kept beside the metrics.
    """

    X: Any = field(repr=False)
    targets: Targets = field(repr=False)
    models: Mapping[str, Any]
    n_instances: int
    n_rounds: int
    metrics: Mapping[str, Callable[..., float]]
    test: tuple[Any, Any] | None = field(default=None, repr=False)
    oracle: OracleMaker = None
    price: Cost | None = None
    budget: Budget | None = None
    fitted_to_pools: Mapping[tuple[str, int], Any] = field(default_factory=dict, repr=False)
    predictions: bool = True

    def model_of(self, recipe: str, trial: int) -> Any:
        """Task model of a recipe and a trial, unfitted."""
        return self.fitted_to_pools.get((recipe, trial), self.models[recipe])

    def test_rows(self, test: NDArray[Any]) -> tuple[Any, Any]:
        """Rows and labels to test on: those that came with the data, or those of the trial."""
        return self.test or (take(self.X, test), self.targets.y[test])

    def __sizeof__(self) -> int:
        """Bytes with the data: Dask sends what is large to a worker once, not again with every arm."""
        parts = (self.X, self.targets.y, *(self.test or ()))
        return object.__sizeof__(self) + sum(int(getattr(x, "nbytes", 0)) or sys.getsizeof(x) for x in parts)


def package_versions() -> dict[str, str]:
    """Versions of what a result may depend on; a package that is not installed is left out."""
    found = {"skal": skal.__version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "scikit-learn", "skorch", "torch"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
