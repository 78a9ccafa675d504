"""Which regions of which images to label next: a strategy for images, and one within an image."""

from __future__ import annotations

import functools
import numbers
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from skal import scores
from skal.data import RowView, n_rows
from skal.masks import resized_mask
from skal.outputs import InvalidOutput, MissingOutput, UnfittedLearner, proba
from skal.query.door.calling import AnyStrategy, name_of, select
from skal.query.door.checks import Pair, checked_generator
from skal.query.nothing import random_sampling
from skal.selection import top_k
from skal.warning import warn

RegionStrategy = Literal["entropy_area", "mean_entropy", "random"]
_STRATEGIES = ("entropy_area", "mean_entropy", "random")


def region_query(
    image_strategy: AnyStrategy = random_sampling,
    region_strategy: RegionStrategy = "entropy_area",
    *,
    threshold: float = 0.6,
    per_image: int = 1,
) -> functools.partial[Any]:
    """Make a query for regions of images: a strategy picks images, another one regions within them.

    Parameters
    ----------
    image_strategy : callable or estimator, default=random_sampling
        Any query strategy; it sees the images that have regions left.
    region_strategy : {"entropy_area", "mean_entropy", "random"}, default="entropy_area"
        Within an image: the region with most pixels of an entropy above `threshold`, of equals that of the higher
        mean; the one of the highest mean entropy; or any.
    threshold : float, default=0.6
        In nats.
    per_image : int, default=1
        Regions of an image that are picked before the next image; more where images run out.

    Returns
    -------
    functools.partial
        Called as ``query(learner, X_pool, regions, n_instances)``; it pickles. See `pick_regions`.

    Raises
    ------
    ValueError
        If there is no such strategy within images, or a setting is out of its range.
    TypeError
        If `image_strategy` is no strategy.

    References
    ----------
    .. [1] Mittal et al., "Parting with illusions about deep active learning", 2019: images at random, and polygons in
       them by the area of high entropy, or at random. The unit of the threshold is not said there; here it is nats.

    Examples
    --------
    >>> from skal.query import margin_sampling
    >>> query = region_query(margin_sampling, "random", per_image=2)
    """
    name_of(image_strategy)  # no strategy: TypeError
    if region_strategy not in _STRATEGIES:
        raise ValueError(f"region_query: region_strategy must be one of {_STRATEGIES}, got {region_strategy!r}.")
    if isinstance(threshold, bool) or not isinstance(threshold, numbers.Real) or not 0 <= float(threshold) < np.inf:
        raise ValueError(f"region_query: threshold must be a finite number of nats >= 0, got {threshold!r}.")
    if isinstance(per_image, bool) or not isinstance(per_image, numbers.Integral) or per_image < 1:
        raise ValueError(f"region_query: per_image must be an int >= 1, got {per_image!r}.")
    return functools.partial(
        pick_regions,
        image_strategy=image_strategy,
        region_strategy=region_strategy,
        threshold=float(threshold),
        per_image=int(per_image),
    )


def pick_regions(
    learner: Any,
    X_pool: Any,
    regions: Sequence[Any],
    n_instances: int = 1,
    random_tie_break: bool = True,
    *,
    image_strategy: AnyStrategy = random_sampling,
    region_strategy: RegionStrategy = "entropy_area",
    threshold: float = 0.6,
    per_image: int = 1,
    random_state: Any = None,
) -> Pair:
    """Pick regions of images; made into a query by `region_query`.

    Parameters
    ----------
    learner : ActiveLearner, Committee, or fitted estimator
        Whose ``predict_proba`` gives (n, C, H, W); "random" within images reads nothing.
    X_pool : container of n rows
        Images.
    regions : sequence of n arrays of shape (H, W)
        Number of each pixel's region; below zero: in none, or one that is not to be asked for any more. Such are
        the `open_regions` of a `skal.annotation.RegionOracle`.
    n_instances : int, default=1
        Regions to pick, at least 1 and no more than there are.
    random_tie_break : bool, default=True
        Order regions of equal score at random; False: by number.
    image_strategy, region_strategy, threshold, per_image
        As in `region_query`.
    random_state : int, RandomState or None, default=None
        Makes the picks reproducible.

    Returns
    -------
    pairs : ndarray of intp of shape (n_instances, 2)
        Position in `X_pool` and number of the region, all distinct, best image first.
    scores : ndarray of shape (n_instances,)
        Of the regions within their images.

    Raises
    ------
    ValueError
        If there are too few regions, or maps and images differ in number or size.

    Warns
    -----
    UserWarning
        If the model has not been fitted: the picks are random.

    Notes
    -----
    Areas are in pixels of the size at which the model gives probabilities; maps of another size are read there at the
    nearest pixel. The cost of the image strategy, and one pass of the model over the images it picks, of which one
    block of probabilities is held. Every map is read once for its numbers.
    """
    name = "region_query"
    numbers_of = _numbers(regions, n_rows(X_pool))
    counts = np.array([len(found) for found in numbers_of], dtype=np.intp)
    if isinstance(n_instances, (bool, np.bool_)) or not isinstance(n_instances, numbers.Integral):
        raise TypeError(f"{name}: n_instances must be an int, got {n_instances!r}.")
    if not 1 <= n_instances <= counts.sum():
        raise ValueError(f"{name}: n_instances must be in [1, {counts.sum()}] (regions left), got {n_instances}.")
    rng = checked_generator(name, random_state)
    options = {"random_state": rng} if random_tie_break else {"random_state": rng, "random_tie_break": False}
    images = _images(learner, X_pool, counts, int(n_instances), image_strategy, per_image, options)
    try:
        scored = _region_scores(learner, X_pool, regions, images, numbers_of, region_strategy, threshold)
    except UnfittedLearner as error:
        warn(f"{name}: {error} The regions are drawn at random (cold start).")
        scored, region_strategy = {image: np.zeros(counts[image]) for image in images}, "random"
    except (MissingOutput, InvalidOutput) as error:
        raise type(error)(f"{name}: {error}") from error
    at_random = random_tie_break or region_strategy == "random"
    ranked = {image: top_k(scored[image], int(counts[image]), rng, random_tie_break=at_random) for image in images}
    picks: list[tuple[int, int]] = []
    values: list[float] = []
    for first in range(0, int(counts.max()), per_image):  # images take turns
        for image in images:
            positions, found = (part[first : first + per_image] for part in ranked[image])
            picks += [(image, int(numbers_of[image][position])) for position in positions]
            values += found.tolist()
    return np.array(picks[:n_instances], dtype=np.intp), np.array(values[:n_instances])


def _images(
    learner: Any,
    X_pool: Any,
    counts: NDArray[np.intp],
    wanted: int,
    strategy: AnyStrategy,
    per_image: int,
    options: Any,
) -> list[int]:
    """Images by the strategy, until `per_image` regions of each are enough, or there are no more images."""
    chosen: list[int] = []
    others = np.flatnonzero(counts)
    while wanted > 0 and len(others):
        n = min(-(-wanted // per_image), len(others))
        X_others = X_pool if len(others) == len(counts) else RowView(X_pool, others)
        positions, _ = select(strategy, learner, X_others, n, **options)
        chosen += others[positions].tolist()
        wanted -= int(np.minimum(counts[others[positions]], per_image).sum())
        others = np.delete(others, positions)
    return chosen


def _region_scores(
    learner: Any,
    X_pool: Any,
    regions: Sequence[Any],
    images: list[int],
    numbers_of: list[NDArray[np.intp]],
    strategy: RegionStrategy,
    threshold: float,
) -> dict[int, NDArray[Any]]:
    """Scores of the regions of each image, in the order of their numbers."""
    if strategy == "random":
        return {image: np.zeros(len(numbers_of[image])) for image in images}
    rows = np.sort(np.array(images, dtype=np.intp))  # so that files are read forwards
    found: dict[int, NDArray[Any]] = {}

    def keep(P: NDArray[Any]) -> NDArray[Any]:
        if P.ndim != 4:
            raise InvalidOutput(f"needs probabilities of pixels, (n, C, H, W), got {P.shape}.")
        n_classes = P.shape[1]
        for entropies in scores.entropy(P, reduction=_as_they_are):
            image = int(rows[len(found)])
            # A net may see images at another size: regions are looked at there, and one that is lost on the way is 0.
            labels = resized_mask(regions[image], P.shape[2:])
            inside = labels.ravel() >= 0
            numbers_inside, entropies = labels.ravel()[inside], entropies[inside]
            n_regions = int(numbers_of[image].max()) + 1
            sizes = np.bincount(numbers_inside, minlength=n_regions)
            value = np.bincount(numbers_inside, weights=entropies, minlength=n_regions) / np.maximum(sizes, 1)
            if strategy == "entropy_area":  # a whole number of pixels, and a part of one by the mean
                value /= 1 + np.log(n_classes)
                value += np.bincount(numbers_inside, weights=entropies > threshold, minlength=n_regions)
            found[image] = value[numbers_of[image]]
        return np.zeros(len(P))

    proba(learner, RowView(X_pool, rows), then=keep)
    return found


def _as_they_are(pixels: Any) -> Any:
    return pixels


def _numbers(regions: Sequence[Any], n_images: int) -> list[NDArray[np.intp]]:
    """Numbers of the regions of every image, rising, or an error that names the image."""
    if len(regions) != n_images:
        raise ValueError(f"region_query: one map of regions an image is needed, got {len(regions)} for {n_images}.")
    found = []
    for image in range(n_images):
        labels = np.asarray(regions[image])
        if labels.ndim != 2 or labels.dtype.kind not in "iu":
            raise ValueError(
                "region_query: a map of regions is whole numbers of shape (H, W), -1 for none, got "
                f"{labels.dtype} of shape {labels.shape} of image {image}."
            )
        inside = labels[labels >= 0]
        found.append(np.flatnonzero(np.bincount(inside)) if inside.size else np.empty(0, dtype=np.intp))
    return found
