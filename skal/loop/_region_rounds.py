"""The loop over regions: whole images first, then the regions that a query asks for, as far as the money goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skal.annotation import Budget, RegionOracle
from skal.data import n_rows, take
from skal.learners import ActiveLearner
from skal.loop._renamed import renamed
from skal.loop._round import Bought, Round, play
from skal.loop._steps import Labels, Rows, seeds_of
from skal.query import uncertainty_sampling

RegionRound = Round  # they are one; this name stays for those who import it


@renamed(initial="initial_images")
def region_rounds(
    estimator: Any,
    X: Any,
    oracle: RegionOracle,
    query: Callable[..., Any],
    initial_images: ArrayLike,
    budget: Budget,
    n_rounds: int,
    random_state: int,
    *,
    n_instances: int = 100,
    done: Sequence[ArrayLike] = (),
) -> Iterator[Round]:
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
    initial_images : array-like of int
        Images that are labelled as a whole first; the budget does not pay for them. Rows of `X`.
    budget : Budget
        Money per round, in the unit of the oracle's cost.
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
    Round
        After every fit. A round whose money, with what was carried over, is too little for its first pick labels
        nothing and is not fitted again.

    Raises
    ------
    ValueError
        If oracle and images differ in number, or the first images hold no labelled pixel.
    """
    if n_rows(X) != len(oracle):
        raise ValueError(f"region_rounds: oracle and X must have as many images, got {len(oracle)} and {n_rows(X)}.")
    units = _RegionUnits(X, oracle, query, initial_images, budget, n_rounds, random_state, n_instances, done)
    return play(units, estimator, X, random_state)


class _RegionUnits:
    """Regions of images as the units of a loop; the oracle keeps what is labelled."""

    fits_unchanged = False
    query_strategy = staticmethod(uncertainty_sampling)  # of learners that are not asked

    def __init__(
        self,
        X: Any,
        oracle: RegionOracle,
        query: Callable[..., Any],
        initial_images: ArrayLike,
        budget: Budget,
        n_rounds: int,
        random_state: int,
        n_instances: int,
        done: Sequence[ArrayLike],
    ) -> None:
        self.number = self.fitted_in = 0
        self._X = X
        self._oracle = oracle
        self._query = query
        self._initial_images = initial_images
        self._budget = budget
        self._n_rounds = n_rounds
        self._random_state = random_state
        self._n_instances = n_instances
        self._done = done
        self._carried = 0.0

    def begin(self) -> Bought:
        picked, spent = np.empty((0, 2), dtype=np.intp), self._oracle.label_images(self._initial_images)
        for pairs in self._done:
            picked = np.asarray(pairs, dtype=np.intp).reshape(-1, 2)
            spent, self.number = self._oracle.label(picked), self.number + 1
            self._carried += self._budget.per_round - spent
            self.fitted_in = self.number if len(picked) else self.fitted_in
        return Bought(picked, spent, self._oracle.spent, self._carried)

    def known(self) -> tuple[Labels, Rows]:
        labeled, masks = self._oracle.labeled_masks()
        if len(labeled) == 0:
            raise ValueError(
                f"region_rounds: the masks of the {len(self._oracle.labeled_images)} first images are all void "
                f"({self._oracle.ignore_label}), so there is nothing to learn from. Choose other images as "
                "initial_images=."
            )
        labels = Labels(take(self._X, labeled), labeled, _together(masks))
        return labels, np.setdiff1d(np.arange(n_rows(self._X)), labeled)

    def buy(self, learner: ActiveLearner, number: int) -> Bought | None:
        """Ask, and pay down the ranking, until the money ends the round or nothing is left to ask for."""
        oracle, budget = self._oracle, self._budget
        if number == self._n_rounds or oracle.open_regions.n_open == 0:
            return None
        rng = np.random.RandomState(seeds_of(self._random_state, number)[1])
        bought, total, extra, seconds = [np.empty((0, 2), dtype=np.intp)], 0.0, self._carried, 0.0
        while (n := min(self._n_instances, oracle.open_regions.n_open)) > 0:
            start = time.perf_counter()
            pairs, _ = self._query(learner, self._X, oracle.open_regions, n, random_state=rng)
            seconds += time.perf_counter() - start
            # Prices are asked for one by one, down to the pick that ends the round: after the query, which sees none.
            spending = budget.spend((oracle.price(int(image), int(region)) for image, region in pairs), extra)
            paid = np.asarray(pairs)[: spending.n_paid]
            oracle.label(paid)
            bought.append(paid)
            total += spending.spent
            extra = spending.left - budget.per_round  # the same round goes on with what is left of it
            if spending.stopped:
                break
        self._carried = extra + budget.per_round
        return Bought(np.concatenate(bought), total, oracle.spent, self._carried, seconds)


def _together(masks: list[NDArray[Any]]) -> Any:
    """Masks (n, H, W), or an object array of masks whose sizes differ."""
    if len({mask.shape for mask in masks}) == 1:
        return np.stack(masks)
    together = np.empty(len(masks), dtype=object)
    together[:] = masks
    return together
