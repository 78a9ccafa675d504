"""What is measured on test data: scikit-learn's scorers by name, skal's own, and those of the user.

A metric is ``metric(model, X, y)``, higher = better but for those of `LOWER_IS_BETTER`. Which ones there are depends
on the kind of the targets (`skal.targets`), and metrics of one class say of which: "f1:fraud".
"""

from skal.metrics.all_classes import OneAgainstRest, WithAllClasses
from skal.metrics.calibration import expected_calibration_error
from skal.metrics.expected_cost import COST_METRICS, MeanCost, cost_metric
from skal.metrics.scoring import (
    LOWER_IS_BETTER,
    Metric,
    Scoring,
    describe_scorers,
    make_metrics,
    measure,
    measured_model,
)
from skal.metrics.words import metric_in_words

__all__ = [
    "COST_METRICS",
    "LOWER_IS_BETTER",
    "MeanCost",
    "Metric",
    "OneAgainstRest",
    "Scoring",
    "WithAllClasses",
    "cost_metric",
    "describe_scorers",
    "expected_calibration_error",
    "make_metrics",
    "measure",
    "measured_model",
    "metric_in_words",
]
