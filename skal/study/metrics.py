"""Metrics have a room of their own, `skal.metrics`; they are still found here."""

from skal.metrics import WithAllClasses, expected_calibration_error, make_metrics, measure, metric_in_words

__all__ = ["WithAllClasses", "expected_calibration_error", "make_metrics", "measure", "metric_in_words"]
