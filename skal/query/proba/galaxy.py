"""GALAXY: search for the borders of rare classes on the line of rows sorted by their score."""

from __future__ import annotations

import bisect
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import to_numpy
from skal.outputs import proba, task_model
from skal.query.door.decorators import query_strategy
from skal.query.door.one_distribution import one_a_row


@query_strategy(reads=("proba",))
def galaxy(
    learner: Any,
    X_pool: Any,
    n_instances: int,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    random_state: Any = None,
    random_tie_break: bool = True,
) -> Any:
    """Pick rows midway between labelled rows in and out of a class, on the line of the class's scores (GALAXY).

    For each class, pool and labelled rows are sorted by how much more likely it is than the best other class. A pick
    halves the shortest stretch, over all classes, between two labelled rows of which one alone is of the class; where
    no such stretch has an unlabelled row left, picks widen the cuts that were found, on either side.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}

    Notes
    -----
    The paper learns the label of each pick before it makes the next. Within a batch no label comes, so the class
    that the model predicts stands for it: with ``n_instances=1`` this is the paper's rule, with more an
    approximation. Meant for extreme imbalance: many picks fall near the borders of rare classes, whichever side the
    model puts them. One pass of the model over pool and labelled rows; then time O(C n log n), and O(C m) a pick
    for m labelled rows; memory O(C n). Scores fall with the order of the picks and mean nothing else. Without
    two classes among the labels the least certain rows are picked.

    References
    ----------
    .. [1] Zhang, Katz-Samuels & Nowak, "GALAXY: graph-based active learning at the extreme", ICML 2022,
       the linear graphs of all classes and the bisection of their shortest paths.
    """
    P = _distributions(learner, X_pool)
    n, n_classes = P.shape
    P_labeled = _distributions(learner, X_labeled) if len(to_numpy(y_labeled)) else np.empty((0, n_classes))
    classes = getattr(task_model(learner), "classes_", np.arange(n_classes))
    labels = np.concatenate([P.argmax(axis=1), _positions(to_numpy(y_labeled), np.asarray(classes))])
    ranks = random_state.permutation(len(labels)) if random_tie_break else np.arange(len(labels))
    lines = [_Line(c, excess, labels, n, ranks) for c, excess in enumerate(_excess(np.vstack([P, P_labeled])).T)]
    uncertain = np.lexsort((ranks[:n], _excess(P).max(axis=1)))  # the least certain row first
    taken = np.zeros(n, dtype=bool)
    picks = np.empty(n_instances, dtype=np.intp)
    for position in range(n_instances):
        found = [offer for line in lines if (offer := line.offer()) is not None]
        row = min(found)[2] if found else int(uncertain[np.argmin(taken[uncertain])])
        picks[position], taken[row] = row, True
        for line in lines:
            line.label(row)
    return picks, np.arange(n_instances, 0, -1) / n_instances


def _distributions(learner: Any, X: Any) -> NDArray[Any]:
    return proba(learner, X, then=one_a_row).astype(np.float64)


def _positions(y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.intp]:
    """Column of each label; -1 for one that the model does not know, which is then of no class."""
    out = np.full(len(y), -1, dtype=np.intp)
    for c, label in enumerate(classes):
        out[y == label] = c
    return out


def _excess(P: NDArray[Any]) -> NDArray[Any]:
    """How much more likely each class is than the best other one, in [-1, 1]."""
    if P.shape[1] == 1:
        return P
    rows = np.arange(len(P))
    best = P.argmax(axis=1)
    others = P.copy()
    others[rows, best] = -1.0
    highest = np.repeat(P[rows, best][:, None], P.shape[1], axis=1)
    highest[rows, best] = others.max(axis=1)
    return np.asarray(P - highest)


class _Line:
    """Pool (rows 0 to n - 1) and labelled rows along the score of one class, and what is labelled of them."""

    def __init__(
        self, c: int, excess: NDArray[Any], labels: NDArray[np.intp], n: int, ranks: NDArray[np.intp]
    ) -> None:
        self.order = np.lexsort((ranks, excess))
        self.place = np.empty(len(excess), dtype=np.intp)
        self.place[self.order] = np.arange(len(excess))
        self.inside = labels == c
        self.ranks = ranks
        self.labeled: list[int] = sorted(self.place[n:].tolist())  # places, rising

    def label(self, row: int) -> None:
        bisect.insort(self.labeled, int(self.place[row]))

    def offer(self) -> tuple[int, int, int] | None:
        """A row, led by what orders offers: the length of the stretch it halves or widens, then its rank."""
        places = np.array(self.labeled, dtype=np.intp)
        inside = self.inside[self.order[places]]
        left = np.flatnonzero(inside[1:] != inside[:-1])  # each with its right neighbour: ends of unlike labels
        if len(left) == 0:
            return None
        gaps = places[left + 1] - places[left]
        open_ = gaps > 1
        if open_.any():
            at = left[open_][np.argmin(gaps[open_])]
            middle = int(places[at] + places[at + 1]) // 2
            return self._offer(int(places[at + 1] - places[at]), middle)
        return self._widened(places, places[left])

    def _widened(self, places: NDArray[np.intp], cuts: NDArray[np.intp]) -> tuple[int, int, int] | None:
        """The unlabelled row nearest to a cut; it comes after every stretch that can be halved."""
        free = np.ones(len(self.order), dtype=bool)
        free[places] = False
        spots = np.flatnonzero(free)
        if len(spots) == 0:
            return None
        right = np.minimum(np.searchsorted(cuts, spots), len(cuts) - 1)
        to_right = np.abs(cuts[right] - spots)
        to_left = np.abs(spots - cuts[np.maximum(right - 1, 0)] - 1)
        distance = np.minimum(to_right + 1, to_left + 1)
        nearest = spots[np.flatnonzero(distance == distance.min())]
        spot = nearest[np.argmin(self.ranks[self.order[nearest]])]
        return self._offer(len(self.order) + int(distance.min()), int(spot))

    def _offer(self, length: int, place: int) -> tuple[int, int, int]:
        row = int(self.order[place])
        return length, int(self.ranks[row]), row
