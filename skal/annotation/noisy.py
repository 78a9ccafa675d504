"""An annotator who is wrong at a known rate, and does not change their mind."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from skal.annotation._draws import confused, flipped
from skal.annotation.groups import group_of_each
from skal.annotation.oracle import Oracle
from skal.labels import unlabeled_mask

__all__ = ["NoisyOracle", "check_noise"]


class NoisyOracle(Oracle):
    """Answer with labels some of which are wrong, drawn once for the whole data set.

    A row has one answer: asked again, in another order or in another batch, it is the same.

    Parameters
    ----------
    y : array-like of shape (n,)
        The true labels.
    rate : float in [0, 1], default=None
        Share of wrong labels: of m candidates ``round(rate * m)``, exactly. A wrong label is never the true one.
        Give this or `confusion`.
    groups : dict of class to group, or iterable of iterables of classes, default=None
        A class is taken for another one of its group (its superclass), each as likely. Every class is in one
        group of at least two. None: for any other class.
    confusion : array-like of shape (C, C), default=None
        Row a: shares of the answers to rows of class a, in the order of `classes`; rows add up to 1. Of m rows of
        class a, ``m * confusion[a, b]`` are labelled b, up to one row, and exactly so in the mean over seeds.
    candidates : array-like of int, default=None
        Dataset indices that may be asked for: the wrong labels are among these. None: all rows.
    initial : array-like of int, default=None
        Dataset indices that are labelled first.
    noisy_initial : bool, default=True
        Whether the labels of `initial` may be wrong too. False: they are right, and the rate is that of the other
        candidates.
    classes : array-like of shape (C,), default=None
        All labels there are. None: those of the candidates, sorted.
    random_state : int, RandomState or None, default=None
        Draws which answers are wrong, and how.

    Raises
    ------
    ValueError
        If a setting is out of its range, a class is in no group or alone in one, or a true label is missing.

    Notes
    -----
    Drawn at the first question, in O(n); memory of one copy of `y`.

    A ``functools.partial`` of it, such as ``partial(NoisyOracle, rate=0.2)``, is what `skal.compare` and
    `skal.ActiveLearningClassifier` take as ``oracle=``: they fill in the rest.

    References
    ----------
    .. [1] Sinha, Ebrahimi, Darrell, "Variational adversarial active learning", ICCV 2019: 10, 20 and 30 % of
       CIFAR-100's labels, taken for another class of the same superclass.

    Examples
    --------
    >>> oracle = NoisyOracle([0, 0, 1, 1, 2, 2, 3, 3], 0.5, groups=[[0, 1], [2, 3]], random_state=0)
    >>> answers = oracle(range(8))
    >>> int((answers != oracle.y).sum()), (answers // 2).tolist()
    (4, [0, 0, 0, 0, 1, 1, 1, 1])
    """

    def __init__(
        self,
        y: Any,
        rate: float | None = None,
        *,
        groups: Mapping[Any, Any] | Iterable[Iterable[Any]] | None = None,
        confusion: ArrayLike | None = None,
        candidates: ArrayLike | None = None,
        initial: ArrayLike | None = None,
        noisy_initial: bool = True,
        classes: ArrayLike | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(y)
        self._check_choices(rate, groups, confusion, noisy_initial, initial)
        rows = np.arange(len(self.y)) if candidates is None else self._checked(candidates, "candidates")
        if not noisy_initial:
            rows = np.setdiff1d(rows, self._checked(initial, "initial"))
        self._rows = np.unique(rows)
        self.classes, self._positions = _positions(self.y[self._rows], classes)
        self._n_wrong = 0 if rate is None else round(float(rate) * len(self._rows))
        if self._n_wrong and len(self.classes) < 2:
            raise ValueError(f"{self._who}: a wrong label needs a second class, got {self.classes.tolist()}.")
        self._group_of = group_of_each(groups, self.classes)
        self._confusion = None if confusion is None else _checked_confusion(confusion, self.classes)
        self._random_state = random_state

    @property
    def wrong_indices(self) -> NDArray[np.intp]:
        """Dataset indices whose answers are wrong, asked for or not: for reports, and nothing that picks rows."""
        return np.flatnonzero(self._answers() != self.y)

    def _answers(self) -> NDArray[Any]:
        return self._drawn

    @cached_property
    def _drawn(self) -> NDArray[Any]:
        rng = check_random_state(self._random_state)
        if self._confusion is None:
            positions = flipped(self._positions, self._group_of, self._n_wrong, rng)
        else:
            positions = confused(self._positions, self._confusion, rng)
        labels = self.classes[positions]
        answers = self.y.astype(np.result_type(self.y, labels))  # a longer word must not be cut
        answers[self._rows] = labels
        return answers

    def _check_choices(self, rate: Any, groups: Any, confusion: Any, noisy_initial: Any, initial: Any) -> None:
        who = self._who
        if self.y.ndim != 1:
            raise ValueError(f"{who}: y must be labels of shape (n,), got shape {self.y.shape}.")
        check_noise(who, rate, groups, confusion, noisy_initial)
        if not noisy_initial and initial is None:
            raise ValueError(f"{who}: noisy_initial=False needs initial, the dataset indices labelled first.")


def check_noise(who: str, rate: Any, groups: Any, confusion: Any, noisy_initial: Any) -> None:
    """Refuse what no annotator can be made of, whatever the labels; `who` begins the message."""
    if (rate is None) == (confusion is None):
        raise ValueError(f"{who}: give either rate or confusion, got {'neither' if rate is None else 'both'}.")
    if rate is not None and (
        isinstance(rate, bool) or not isinstance(rate, numbers.Real) or not 0 <= float(rate) <= 1
    ):
        raise ValueError(f"{who}: rate must be a number in [0, 1], the share of wrong labels, got {rate!r}.")
    if groups is not None and rate is None:
        raise ValueError(f"{who}: groups go with rate; a confusion matrix says by itself what is taken for what.")
    if not isinstance(noisy_initial, (bool, np.bool_)):
        raise ValueError(f"{who}: noisy_initial must be True or False, got {noisy_initial!r}.")


def _positions(labels: NDArray[Any], classes: ArrayLike | None) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Classes, and true labels as positions in them."""
    if n_missing := int(unlabeled_mask(labels).sum()):
        raise ValueError(
            f"NoisyOracle: the true labels of all candidates must be known, {n_missing} are missing. Name the rows "
            "that may be asked for by candidates=."
        )
    known, positions = np.unique(labels, return_inverse=True)
    if classes is None:
        return known, positions.astype(np.intp)
    given = np.asarray(classes)
    places = {label: place for place, label in enumerate(given.tolist())}
    if missing := [label for label in known.tolist() if label not in places]:
        raise ValueError(f"NoisyOracle: labels must be among classes={given.tolist()}, got {missing}.")
    found = np.array([places[label] for label in known.tolist()], dtype=np.intp)
    return given, found[positions]


def _checked_confusion(confusion: ArrayLike, classes: NDArray[Any]) -> NDArray[np.float64]:
    C = len(classes)
    try:
        M = np.asarray(confusion, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"NoisyOracle: confusion must be a table of numbers, got {confusion!r}.") from error
    if M.shape != (C, C):
        raise ValueError(
            f"NoisyOracle: confusion must have shape {(C, C)}, a row and a column for each class, got {M.shape}."
        )
    bad = np.flatnonzero(~(np.isfinite(M) & (M >= 0)).all(axis=1) | ~(np.abs(M.sum(axis=1) - 1) < 1e-6))
    if len(bad):
        raise ValueError(
            f"NoisyOracle: rows of confusion must be shares that add up to 1, got {M[bad[0]].tolist()} for class "
            f"{classes.tolist()[bad[0]]!r}."
        )
    return M
