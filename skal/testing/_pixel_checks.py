"""The checks of a query strategy on images whose pixels are labelled.

A strategy either serves a model that gives a distribution a pixel, or refuses it in its own name: what it must not do
is to pick by numbers that mean something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from skal.data import block_rows
from skal.testing._harness import CheckFailed, CheckSkipped, picks_and_scores, require, skip_if, unwrapped
from skal.testing._pixels import known_and_unknown_images, segmentation
from skal.testing._problems import Problem, Strategy, predicts_numbers, reads

Make = Callable[[Any, Any], Any] | None
_REFUSALS = (TypeError, ValueError)  # MissingOutput and InvalidOutput among them


def check_pixels(strategy: Strategy, make: Make) -> None:
    """A model of pixels gives a batch of images, the same for the same seed, or an error that names the strategy."""
    problem = _served(strategy, make)
    n_pool = len(problem.X_pool)
    before = problem.X_pool.copy()
    for n in (1, 3, n_pool):
        picks, scores = picks_and_scores(strategy, problem, n)
        require(picks.max() < n_pool, f"picks must be positions of the {n_pool} images, got {picks}")
        require(np.shape(scores) == (n,), f"it must give one score a picked image, got shape {np.shape(scores)}")
    first, second = (picks_and_scores(strategy, problem, 4, seed=3)[0] for _ in range(2))
    require((first == second).all(), f"the same seed must give the same images, got {first}, {second}")
    require(np.array_equal(before, problem.X_pool), "the images must be left as they were")


def check_pixels_in_blocks(strategy: Strategy, make: Make) -> None:
    """The images picked do not depend on how many are read at a time."""
    problem = _served(strategy, make)
    expected = picks_and_scores(strategy, problem, 4)[0]
    for rows in (1, 5):
        with block_rows(rows):
            picks = picks_and_scores(strategy, problem, 4)[0]
        require((picks == expected).all(), f"blocks of {rows} images must give the picks {expected}, got {picks}")


def check_pixels_unknown(strategy: Strategy, make: Make) -> None:
    """Images labelled already, of certain pixels, are not preferred to unlabelled and uncertain ones."""
    _served(strategy, make)
    problem = known_and_unknown_images(strategy)
    unknown = [(picks_and_scores(strategy, problem, 4, seed)[0] >= 8).sum() for seed in range(5)]
    require(
        np.mean(unknown) >= 1.0,
        f"of 4 images {np.mean(unknown):.1f} were of the uncertain half of the pool, 2 would be chance: is the score "
        "reversed (higher = ask first)?",
    )


def _served(strategy: Strategy, make: Make) -> Problem:
    """The problem of pixels; a skip where it is not for the strategy, or is refused as it should be."""
    skip_if(make is not None, "the learner is given, and this check makes its own")
    skip_if("multilabel" in reads(strategy), "it reads several labels a row, and this check has a class a pixel")
    skip_if(predicts_numbers(strategy), "it reads numbers that a regressor predicts, and this check has classes")
    problem = segmentation(strategy)
    try:
        strategy(problem.learner(), problem.X_pool, 1, random_state=0)
    except _REFUSALS as error:
        name = getattr(unwrapped(strategy), "__name__", "")
        if not str(error).startswith(f"{name}:"):
            raise CheckFailed(
                f"a model with a distribution a pixel must be served, or refused by an error that begins with "
                f"{name!r}, got {type(error).__name__}: {error}. Reduce the pixels (P.ndim is 4), or raise "
                f"ValueError('{name}: one distribution a row is needed.') there."
            ) from error
        raise CheckSkipped(f"it refuses models of pixels: {error}") from None
    return problem


PIXEL_CHECKS: dict[str, Callable[[Strategy, Make], None]] = {
    function.__name__: function for function in (check_pixels, check_pixels_in_blocks, check_pixels_unknown)
}
