"""Pictures in scikit-learn's display style: learning curves of query strategies, and where a query looked."""

from skal.displays._curve import ActiveLearningCurveDisplay
from skal.displays._learning_curve import active_learning_curve
from skal.displays._query import QueryDisplay

__all__ = ["ActiveLearningCurveDisplay", "QueryDisplay", "active_learning_curve"]
