"""The honest comparison: protocol, runner, statistics, picture."""

from skal.study.comparison import Comparison, Summary
from skal.study.plots import plot_curves
from skal.study.presets import ESTIMATORS, make_estimator
from skal.study.runner import compare

__all__ = ["ESTIMATORS", "Comparison", "Summary", "compare", "make_estimator", "plot_curves"]
