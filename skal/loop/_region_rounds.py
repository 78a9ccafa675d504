"""The loop over regions: whole images first, then the regions that a query asks for, as far as the money goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.annotation import Budget, RegionOracle
from skal.cloning import fresh
from skal.data import n_rows, take
from skal.learners import ActiveLearner
from skal.loop._steps import fitted_to, seeds_of


@dataclass(frozen=True)
class RegionRound:
    """One round of the loop over regions, after its fit.

    Attributes
    ----------
    number : int
        0 for the images that were labelled first.
    picked : ndarray of intp of shape (m, 2)
        Image and region of what was labelled in this round, best first; none in the first round, which has whole
        images.
    labeled : ndarray of intp
        Images in which a pixel has a label, in the order in which they were first asked for.
    spent, total : float
        What this round's labels cost, and all so far, the first images counted.
    left : float
        Money that the next round has more.
    fit_seconds, query_seconds : float
        Wall time of this round's fit, and of the query that led to it.
    learner : ActiveLearner
        Fitted to the partly labelled masks, which are its `y_training`.
    """

    number: int
    picked: NDArray[np.intp]
    labeled: NDArray[np.intp]
    spent: float
    total: float
    left: float
    fit_seconds: float
    query_seconds: float
    learner: ActiveLearner = field(repr=False)


def region_rounds(
    estimator: Any,
    X: Any,
    oracle: RegionOracle,
    query: Callable[..., Any],
    initial: ArrayLike,
    budget: Budget,
    n_rounds: int,
    random_state: int,
    *,
    n_instances: int = 100,
    done: Sequence[ArrayLike] = (),
) -> Iterator[RegionRound]:
    """Run an active learning loop that labels regions of images for the same money every round.

    Parameters
    ----------
    estimator : estimator
        The task model, with ``fit(X, masks)``, in which pixels without a label are the oracle's `ignore_label`, and
        ``predict_proba`` (n, C, H, W). A fresh copy is fitted every round.
    X : container of n rows
        Images.
    oracle : RegionOracle
        Answers, prices, and keeps the masks.
    query : callable
        Of `skal.query.region_query`. It is called with the learner, the images and the maps of open regions, and so
        sees no price, and no mask but those that were paid.
    initial : array-like of int
        Images that are labelled as a whole first, beside the budget: rows of `X`.
    budget : Budget
        Money of a round, in the unit of the oracle's cost.
    n_rounds : int
        Rounds after the first one; fewer if nothing is left to ask for.
    random_state : int
        Fits and queries of a round draw from it by the number of the round alone.
    n_instances : int, default=100
        Regions asked for at once. While money is left the same model is asked for more.
    done : sequence of array-like of int of shape (m, 2), default=()
        `picked` of the rounds 1 to k of a loop that was stopped. They are labelled and paid for again, without a fit
        or a question, and the loop goes on as it would have: round k is fitted and comes first.

    Yields
    ------
    RegionRound
        After every fit. A round whose money, with what was carried over, is too little for its first pick labels
        nothing and is not fitted again.

    Raises
    ------
    ValueError
        If oracle and images differ in number, or the first images hold no labelled pixel.
    """
    if n_rows(X) != len(oracle):
        raise ValueError(f"region_rounds: oracle and X must have as many images, got {len(oracle)} and {n_rows(X)}.")
    spent, carried, query_seconds, number = oracle.label_images(initial), 0.0, 0.0, 0
    picked = np.empty((0, 2), dtype=np.intp)
    last_fit = 0  # a round that pays for nothing is not fitted
    for pairs in done:
        picked = np.asarray(pairs, dtype=np.intp).reshape(-1, 2)
        spent, number = oracle.label(picked), number + 1
        carried += budget.per_round - spent
        last_fit = number if len(picked) else last_fit
    learner: Any = None
    while True:
        fit_seed, query_seed = seeds_of(random_state, number)
        if learner is None:
            fit_seed = seeds_of(random_state, last_fit)[0]
        start = time.perf_counter()
        labeled, masks = oracle.labeled_masks()
        if len(labeled) == 0:
            raise ValueError(
                f"region_rounds: the masks of the {len(oracle.labeled_images)} first images are all void "
                f"({oracle.ignore_label}), so there is nothing to learn from. Choose other images as initial=."
            )
        if learner is None or len(picked):
            y_labeled = _together(masks)
            X_labeled, remaining = take(X, labeled), np.setdiff1d(np.arange(n_rows(X)), labeled)
            fitted = fitted_to(fresh(estimator, fit_seed), X, X_labeled, labeled, y_labeled, remaining)
            learner = ActiveLearner.fitted(fitted, X_labeled, y_labeled)
        seconds = time.perf_counter() - start
        yield RegionRound(number, picked, labeled, spent, oracle.spent, carried, seconds, query_seconds, learner)
        if number == n_rounds or oracle.open_regions.n_open == 0:
            return
        start = time.perf_counter()
        picked, spent, carried = _bought(oracle, query, learner, X, budget, carried, query_seed, n_instances)
        query_seconds = time.perf_counter() - start
        number += 1


def _bought(
    oracle: RegionOracle,
    query: Callable[..., Any],
    learner: Any,
    X: Any,
    budget: Budget,
    carried: float,
    query_seed: int,
    n_instances: int,
) -> tuple[NDArray[np.intp], float, float]:
    """Ask, and pay down the ranking, until the money ends the round or nothing is left to ask for."""
    rng = np.random.RandomState(query_seed)
    bought, total, extra = [np.empty((0, 2), dtype=np.intp)], 0.0, carried
    while (n := min(n_instances, oracle.open_regions.n_open)) > 0:
        pairs, _ = query(learner, X, oracle.open_regions, n, random_state=rng)
        # Prices are asked for one by one, down to the pick that ends the round: after the query, which sees none.
        spending = budget.spend((oracle.price(int(image), int(region)) for image, region in pairs), extra)
        paid = np.asarray(pairs)[: spending.n_paid]
        oracle.label(paid)
        bought.append(paid)
        total += spending.spent
        extra = spending.left - budget.per_round  # the same round goes on with what is left of it
        if spending.stopped:
            break
    return np.concatenate(bought), total, extra + budget.per_round


def _together(masks: list[NDArray[Any]]) -> Any:
    """Masks (n, H, W), or an object array of masks whose sizes differ."""
    if len({mask.shape for mask in masks}) == 1:
        return np.stack(masks)
    together = np.empty(len(masks), dtype=object)
    together[:] = masks
    return together
