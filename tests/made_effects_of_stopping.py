"""Two values of every setting of the stopping criteria."""

from typing import Any

from made_effects import Case
from made_stopping import seen_of_criterion

from skal.stopping import (
    AllOf,
    AnyOf,
    ClassificationChange,
    ExpectedError,
    ExpectedGain,
    LabelBudget,
    MaxConfidence,
    OverallUncertainty,
    PerformanceConvergence,
    RecallReached,
    ScoreConvergence,
    SelectedAccuracy,
    StabilizingPredictions,
    TargetReached,
    UncertaintyVariance,
    ValueAgainstCost,
)

_TWO = [LabelBudget(100), LabelBudget(200)]
_SETTINGS: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (AnyOf, {"criteria": _TWO}, {"criteria": _TWO[1:]}),
    (AllOf, {"criteria": _TWO}, {"criteria": _TWO[:1]}),
    (LabelBudget, {"n_labels": 100}, {"n_labels": 120, "cost": 100.0}),
    (TargetReached, {"target": 0.9}, {"target": 0.85}),
    (RecallReached, {"target": 0.9}, {"target": 0.6}),
    (StabilizingPredictions, {}, {"threshold": 0.9, "window": 2}),
    (ClassificationChange, {}, {"share": 0.2, "rounds": 2}),
    (OverallUncertainty, {}, {"threshold": 0.3}),
    (MaxConfidence, {}, {"threshold": 0.9}),
    (ExpectedError, {}, {"threshold": 0.1}),
    (UncertaintyVariance, {}, {"drops": 3, "by": 0.02}),
    (SelectedAccuracy, {}, {"threshold": 0.7, "rounds": 3}),
    (PerformanceConvergence, {"window": 2, "threshold": 0.01}, {"window": 4, "threshold": 0.05}),
    (ScoreConvergence, {}, {"window": 2, "gain": 0.05}),
    (ExpectedGain, {}, {"gain": 0.1, "n_more": 5, "end": "expected"}),
    (
        ValueAgainstCost,
        {"value_per_point": 5.0, "cost_per_label": 0.4},
        {"value_per_point": 1.0, "cost_per_label": 2.0, "end": "high"},
    ),
]
CASES = [Case(make, settings, others, seen_of_criterion) for make, settings, others in _SETTINGS]
