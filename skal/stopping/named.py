"""Criteria by name: ``kappa``, ``budget:n_labels=300``, ``value:value_per_point=200,cost_per_label=0.4``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from skal.spec import Catalogue, Entry, shown
from skal.stopping.agreement import ClassificationChange, StabilizingPredictions
from skal.stopping.bounds import LabelBudget, RecallReached, TargetReached
from skal.stopping.criterion import AllOf, AnyOf, Criterion
from skal.stopping.gain import ExpectedGain, ValueAgainstCost
from skal.stopping.performance import PerformanceConvergence, ScoreConvergence, SelectedAccuracy
from skal.stopping.uncertainty import ExpectedError, MaxConfidence, OverallUncertainty, UncertaintyVariance

__all__ = ["DEFAULT_STOP", "STOPPING", "read_stop"]

# Of the criteria tried in benchmarks/stopping.py the one that needs the fewest labels among those that lose at most a
# point in 95 % of the runs of the design half; on the other half it is 91 % (docs/results/stopping.md).
DEFAULT_STOP = "change:rounds=3"

_KINDS: dict[str, type[Criterion]] = {
    "budget": LabelBudget,
    "target": TargetReached,
    "recall": RecallReached,
    "kappa": StabilizingPredictions,
    "change": ClassificationChange,
    "uncertainty": OverallUncertainty,
    "max_confidence": MaxConfidence,
    "expected_error": ExpectedError,
    "variance": UncertaintyVariance,
    "selected_accuracy": SelectedAccuracy,
    "own_accuracy": PerformanceConvergence,
    "convergence": ScoreConvergence,
    "gain": ExpectedGain,
    "value": ValueAgainstCost,
}


def _entry(kind: type[Criterion]) -> Entry:
    needed = [name for name, one in inspect.signature(kind).parameters.items() if one.default is one.empty]

    def make(**options: Any) -> Criterion:
        if missing := [name for name in needed if name not in options]:
            raise ValueError(
                f"{kind.__name__} needs {' and '.join(missing)}, got neither a value nor a default for it."
            )
        made = kind(**options)
        made.check()
        return made

    first = (inspect.getdoc(kind) or "").partition("\n")[0]
    return Entry(make, tuple(inspect.signature(kind).parameters), first)


STOPPING = Catalogue("criterion", {name: _entry(kind) for name, kind in _KINDS.items()})


def read_stop(stop: Any) -> Criterion:
    """Return a criterion by its name, or as it is.

    Parameters
    ----------
    stop : str, dict or Criterion
        ``"default"`` (`DEFAULT_STOP`), ``"kappa"``, ``"kappa:threshold=0.98,window=5"``, the same as a dict with the
        name under "criterion"; names joined by "|" stop as soon as one does, by "&" when all do. A criterion is taken
        as it is.

    Returns
    -------
    Criterion

    Raises
    ------
    ValueError
        If there is no such name or option, or a value is out of its range.
    TypeError
        If it is something else.

    Examples
    --------
    >>> read_stop("gain:gain=0.02")
    ExpectedGain(gain=0.02)
    >>> read_stop("kappa | budget:n_labels=500")
    AnyOf(criteria=[StabilizingPredictions(), LabelBudget(n_labels=500)])
    """
    if isinstance(stop, Criterion):
        stop.check()
        return stop
    if stop == "default":
        stop = DEFAULT_STOP
    if isinstance(stop, str) and ("|" in stop or "&" in stop):
        return _joined(stop)
    if not isinstance(stop, (str, Mapping)) or (isinstance(stop, str) and not stop.strip()):
        raise TypeError(
            "stop must be the name of a criterion, such as 'kappa:threshold=0.98', a dict, or a "
            f"skal.stopping.Criterion, got {shown(stop)}. There are {', '.join(_KINDS)}."
        )
    made: Criterion = STOPPING.make(stop)
    return made


def _joined(text: str) -> Criterion:
    if "|" in text and "&" in text:
        raise ValueError(f"stop joins names either by | or by &, got {shown(text)}. Build others of AnyOf and AllOf.")
    sign, kind = ("|", AnyOf) if "|" in text else ("&", AllOf)
    return kind([read_stop(part.strip()) for part in text.split(sign)])
