"""The honest comparison: protocol, runner, store, statistics, picture."""

from skal.study.comparison import Comparison, Summary, load_comparison
from skal.study.plots import plot_curves
from skal.study.presets import ESTIMATORS, make_estimator
from skal.study.protocol import Protocol, read_config
from skal.study.runner import compare
from skal.study.store import Store, StudyError

__all__ = [
    "ESTIMATORS",
    "Comparison",
    "Protocol",
    "Store",
    "StudyError",
    "Summary",
    "compare",
    "load_comparison",
    "make_estimator",
    "plot_curves",
    "read_config",
]
