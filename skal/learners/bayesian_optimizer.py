"""A learner that looks for the row of the largest value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import is_classifier

from skal.data import take, to_numpy
from skal.labels import one_number_a_row
from skal.learners._taught import Update
from skal.learners._training import Retrain
from skal.learners._unlabeled import Batch
from skal.learners.active_learner import ActiveLearner
from skal.outputs import name_of
from skal.query import max_EI


class BayesianOptimizer(ActiveLearner):
    """A regressor that asks for the rows that may have the largest value, with modAL's surface.

    Parameters
    ----------
    estimator : estimator
        A regressor that tells how sure it is (`skal.outputs.predicted_std`), such as GaussianProcessRegressor, or a
        forest; treated as that of an `ActiveLearner`.
    query_strategy : str, callable or estimator, default=max_EI
        As of an `ActiveLearner`; `skal.query.max_EI`, `max_PI` and `max_UCB` look for the largest value.
    X_training, y_training : container, default=None
        Rows with known values to start with; the learner is fitted to them at once.
    bootstrap_init, on_transformed, force_all_finite, retrain, duplicates, missing_label, random_state
        As of an `ActiveLearner`.
    **fit_kwargs
        Passed to every ``fit`` of the estimator.

    Attributes
    ----------
    X_max : row or None
        The row of the largest value known; of an array or a list the row itself, of other containers one of one row.
    y_max : float
        That value; minus infinity before any is known.

    Notes
    -----
    To look for the smallest value, teach ``-y``. Of equal values the first counts. What of scikit-learn's
    ``check_estimator`` fails is as of an `ActiveLearner`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.gaussian_process import GaussianProcessRegressor
    >>> X = np.linspace(0, 3, 31)[:, None]
    >>> y = np.sin(2 * X[:, 0])
    >>> start = [0, 15, 30]
    >>> optimizer = BayesianOptimizer(GaussianProcessRegressor(), X_training=X[start], y_training=y[start])
    >>> for _ in range(4):
    ...     rows, picked = optimizer.query(X)
    ...     optimizer.teach(picked, y[rows])
    >>> x_max, y_max = optimizer.get_max()
    >>> round(float(x_max[0]), 1), round(y_max, 2)
    (0.8, 1.0)
    """

    def __init__(
        self,
        estimator: Any,
        query_strategy: str | Callable[..., Any] = max_EI,
        X_training: Any = None,
        y_training: Any = None,
        bootstrap_init: bool = False,
        on_transformed: bool | None = None,
        force_all_finite: bool | None = None,
        *,
        retrain: Retrain = "scratch",
        duplicates: Literal["raise", "allow"] = "raise",
        missing_label: Any = "auto",
        random_state: int | np.random.RandomState | None = None,
        **fit_kwargs: Any,
    ) -> None:
        super().__init__(
            estimator,
            query_strategy,
            X_training,
            y_training,
            bootstrap_init,
            on_transformed,
            force_all_finite,
            retrain=retrain,
            duplicates=duplicates,
            missing_label=missing_label,
            random_state=random_state,
            **fit_kwargs,
        )

    @property
    def X_max(self) -> Any:
        """The row of the largest value known; None before any is known."""
        return vars(self).get("_max", (None, -np.inf))[0]

    @property
    def y_max(self) -> float:
        """The largest value known; minus infinity before any is known."""
        return float(vars(self).get("_max", (None, -np.inf))[1])

    def get_max(self) -> tuple[Any, float]:
        """Return the row of the largest value known, and the value."""
        return self.X_max, self.y_max

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False  # there is no largest row of several values
        return tags

    def _set_max(self, X: Any, y: Any) -> None:
        """Take the row of the largest of these values, if it is larger than what is known."""
        values = np.asarray(to_numpy(y), dtype=np.float64).reshape(-1)
        best = int(values.argmax())
        if values[best] > self.y_max:
            row = take(X, [best])
            self._max = (row[0] if isinstance(row, (np.ndarray, list)) else row, values[best])

    def _batch(self, X: Any, y: Any, missing_label: Any, arguments: dict[str, Any], n_known: int, who: str) -> Batch:
        return super()._batch(X, one_number_a_row(y, who), missing_label, arguments, n_known, who)

    def _commit(self, update: Update) -> Self:
        super()._commit(update)
        self.__dict__.pop("_max", None)
        self._set_max(update.X, update.y)
        return self

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if is_classifier(self):
            raise TypeError(
                f"BayesianOptimizer: the estimator predicts values, and {name_of(self.estimator)} is a classifier. "
                "Pass a regressor."
            )
