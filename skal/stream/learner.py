"""A model in a stream: each row that arrives is asked for or not, and what is answered is learnt at once."""

from __future__ import annotations

import copy
import numbers
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skal.labels import unlabeled_mask
from skal.outputs import name_of
from skal.stream._models import around
from skal.stream.budgets import RunningBudget
from skal.stream.rules import SplitUncertainty, check_rule

__all__ = ["StreamLearner"]


class StreamLearner:
    """A model that learns row by row and asks, under a budget, for the label of a row that arrives.

    Parameters
    ----------
    estimator : estimator
        With ``partial_fit`` and ``predict_proba`` (scikit-learn), fitted already or not, or with ``learn_one`` and
        ``predict_proba_one`` (river), whose rows are dicts. A copy of it is taught; the one given stays as it is.
    rule : rule, default=None
        ``asks(certainty, share)``: one of `skal.stream`, or your own. None: `SplitUncertainty` with its defaults,
        which is seeded by ``rule=SplitUncertainty(random_state=0)``.
    budget : float or budget, default=0.1
        Share of the rows that may be asked for, by a `RunningBudget`; 1 for all of them. Or a budget with ``share``,
        ``allows()`` and ``note(asked)``, such as ``ExactBudget(0.1)``.
    classes : array-like, default=None
        All labels there are. scikit-learn's classifiers have to know them before the first; others are refused then.
    certainty : callable, default=None
        ``certainty(model, row)``: how sure the model is of this row, from 0 to 1, in place of the probability of the
        predicted class. For models without probabilities, and for regressors.

    Attributes
    ----------
    estimator : estimator
        The copy that is taught.
    rule, budget : object
        With their state.
    n_seen, n_asked, n_taught : int
        Rows that arrived at `asks`, those asked for, and those taught.

    Raises
    ------
    TypeError, ValueError
        If the model cannot learn row by row or cannot say how sure it is, or a setting is out of its range.

    Notes
    -----
    A row is decided on once, when it arrives, and is not kept: memory is that of the model, and pickling a learner
    keeps all of its state. The cost of a row is one prediction of one row; none while the budget is spent. A row that
    was asked for counts as spent, whether or not a label comes; a label may come late, or for a row that was not
    asked for. A model that was taught nothing yet is sure of nothing, so that the first rows are asked for.

    A detector of changes is not part of it: where the stream drifts, a model that forgets (a constant learning rate,
    river's adaptive trees) is what follows it.

    References
    ----------
    .. [1] Zliobaite, Bifet, Pfahringer, Holmes, "Active learning with drifting streaming data", IEEE Transactions on
       Neural Networks and Learning Systems 25(1), 2014, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import SGDClassifier
    >>> from skal.stream import SplitUncertainty, StreamLearner
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1000, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> model = SGDClassifier(loss="log_loss", random_state=0)
    >>> learner = StreamLearner(model, SplitUncertainty(random_state=0), budget=0.1, classes=[0, 1])
    >>> for row, label in zip(X, y):
    ...     if learner.asks(row):
    ...         learner = learner.teach(row, label)
    >>> learner.n_seen, learner.n_asked, learner.predict([2.0, 0.0])
    (1000, 112, np.int64(1))
    """

    def __init__(
        self,
        estimator: Any,
        rule: Any = None,
        budget: Any = 0.1,
        *,
        classes: ArrayLike | None = None,
        certainty: Callable[[Any, Any], float] | None = None,
    ) -> None:
        self.rule = SplitUncertainty() if rule is None else rule
        check_rule(self.rule)
        is_share = isinstance(budget, numbers.Real)
        self.budget = RunningBudget(float(budget)) if is_share and not isinstance(budget, bool) else budget
        missing = [name for name in ("share", "allows", "note") if not hasattr(self.budget, name)]
        if missing or isinstance(budget, type):
            raise TypeError(
                "StreamLearner: budget must be a share such as 0.1, or a budget such as ExactBudget(0.1), got "
                f"{budget!r}."
            )
        self.classes = classes
        self.certainty = certainty
        self._model = around(copy.deepcopy(estimator), classes)
        self._check_can_be_unsure()
        self.n_seen = self.n_asked = self.n_taught = 0

    def __repr__(self) -> str:
        return f"StreamLearner({self.estimator!r}, {self.rule!r}, {self.budget!r})"

    @property
    def estimator(self) -> Any:
        """The model that is taught."""
        return self._model.model

    def asks(self, row: Any) -> bool:
        """Decide whether to ask for the label of a row that arrives.

        Parameters
        ----------
        row : array-like of shape (d,) or (1, d), DataFrame of one row, or dict
            A dict for models of river.

        Returns
        -------
        bool
            Whether to ask; counted as spent if so.

        Raises
        ------
        ValueError, TypeError
            If it is not one row that the model can be taught (its width, NaN), or the certainty is no number from 0
            to 1. Nothing is counted then.
        """
        self._model.check(row)
        asked = False
        if self.budget.allows():
            looks = getattr(self.rule, "reads_certainty", True)
            asked = bool(self.rule.asks(self._certainty(row) if looks else np.nan, self.budget.share))
        self.budget.note(asked)
        self.n_seen += 1
        self.n_asked += asked
        return asked

    def teach(self, row: Any, label: Any) -> Self:
        """Train the model on a row with its label.

        Parameters
        ----------
        row : as for `asks`
            Asked for or not.
        label : scalar
            Its label.

        Returns
        -------
        self
        """
        if unlabeled_mask(np.array([label], dtype=object))[0]:
            raise ValueError(
                f"StreamLearner: a label must be known, got {label!r}. Leave out rows without an answer."
            )
        if self.classes is not None and label not in (known := np.asarray(self.classes).tolist()):
            raise ValueError(
                f"StreamLearner: {label!r} is not among the labels of classes: {known}. Name all that can come when "
                "the learner is made."
            )
        self._model.teach(row, label)
        self.n_taught += 1
        return self

    def predict(self, row: Any) -> Any:
        """Predict the label of one row.

        Parameters
        ----------
        row : as for `asks`
            Neither counted nor kept.

        Returns
        -------
        scalar
            As the model predicts it.
        """
        return self._model.predict(row)

    def _certainty(self, row: Any) -> float:
        if not self._model.is_ready:
            return 0.0
        if self.certainty is None:
            found, whose = self._model.certainty(row), f"{self._model.offers} of {name_of(self.estimator)}"
        else:
            found, whose = self.certainty(self.estimator, row), "certainty"
        if not 0 <= found <= 1 + 1e-9:  # NaN is refused too
            raise ValueError(f"StreamLearner: {whose} must give numbers from 0 to 1, got {found!r}.")
        return float(found)

    def _check_can_be_unsure(self) -> None:
        looks = getattr(self.rule, "reads_certainty", True)
        if not looks or self.certainty is not None or hasattr(self.estimator, self._model.offers):
            return
        raise TypeError(
            f"StreamLearner: {type(self.rule).__name__} decides by how sure the model is, and "
            f"{name_of(self.estimator)} has no {self._model.offers}. Take a model that has (SGDClassifier with "
            "loss='log_loss'), pass certainty=function(model, row), or ask at random: RandomLabels()."
        )
