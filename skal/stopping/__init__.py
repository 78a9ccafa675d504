"""May I stop? Criteria that read the rounds so far, what they say, and what the next labels are expected to bring."""

from skal.stopping.advice import Forecast, advice, forecast
from skal.stopping.agreement import ClassificationChange, StabilizingPredictions, concordance, kappa
from skal.stopping.bounds import LabelBudget, RecallReached, TargetReached
from skal.stopping.criterion import AllOf, AnyOf, Criterion
from skal.stopping.gain import ExpectedGain, ValueAgainstCost
from skal.stopping.learning_curve import Gain, LearningCurve, fit_learning_curve
from skal.stopping.named import DEFAULT_STOP, STOPPING, read_stop
from skal.stopping.observation import Observation, Verdict
from skal.stopping.observing import (
    AuditRows,
    Observer,
    audit_interval,
    draw_stop_set,
    level_of_look,
    numbers_interval,
    right_share,
    uncertainties,
)
from skal.stopping.performance import PerformanceConvergence, ScoreConvergence, SelectedAccuracy
from skal.stopping.replay import Stop, stops_at
from skal.stopping.uncertainty import ExpectedError, MaxConfidence, OverallUncertainty, UncertaintyVariance

__all__ = [
    "DEFAULT_STOP",
    "STOPPING",
    "AllOf",
    "AnyOf",
    "AuditRows",
    "ClassificationChange",
    "Criterion",
    "ExpectedError",
    "ExpectedGain",
    "Forecast",
    "Gain",
    "LabelBudget",
    "LearningCurve",
    "MaxConfidence",
    "Observation",
    "Observer",
    "OverallUncertainty",
    "PerformanceConvergence",
    "RecallReached",
    "ScoreConvergence",
    "SelectedAccuracy",
    "StabilizingPredictions",
    "Stop",
    "TargetReached",
    "UncertaintyVariance",
    "ValueAgainstCost",
    "Verdict",
    "advice",
    "audit_interval",
    "concordance",
    "draw_stop_set",
    "fit_learning_curve",
    "forecast",
    "kappa",
    "level_of_look",
    "numbers_interval",
    "read_stop",
    "right_share",
    "stops_at",
    "uncertainties",
]
