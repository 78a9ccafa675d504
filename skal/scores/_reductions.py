"""How the scores of pixels become one score a row."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skal.scores._arrays import Array, as_float64, module_of

__all__ = ["CountAbove", "Reduction", "by_row", "count_above", "per_row", "reduction_of"]

Reduction = str | Callable[[Any], Any]
_COUNT = "count_above"


@dataclass(frozen=True)
class CountAbove:
    """Counts the pixels of each row whose score is above a threshold; made by `count_above`."""

    threshold: float = 0.6
    fraction: bool = False

    def __call__(self, pixels: Array) -> Array:
        """Reduce scores (n, n_pixels) to (n,)."""
        xp, pixels = module_of(pixels), as_float64(pixels)
        mean = pixels.mean(axis=1)
        level = xp.clip(xp.where(xp.isfinite(mean), mean, 0.0), 0.0, None)
        # Order of equal counts, in [0, 1): the last one below 1 for what is huge.
        tie = xp.clip(level / (1.0 + level), 0.0, 1.0 - 2.0**-20)
        count = (pixels > self.threshold).sum(axis=1) + tie
        if self.fraction:
            count = count / max(pixels.shape[1], 1)
        return xp.where(xp.isfinite(mean), count, mean)  # -inf or inf mark rows that are no distribution


def count_above(threshold: float = 0.6, fraction: bool = False) -> CountAbove:
    """Make the reduction that counts the pixels of an image whose score is above a threshold.

    Parameters
    ----------
    threshold : float, default=0.6
        In the unit of the score: nats for `entropy`, which is at most log C, or 1 at most where it is normalised.
    fraction : bool, default=False
        Divide by the number of pixels, for images of different sizes.

    Returns
    -------
    callable
        Scores of pixels (n, n_pixels), at least 0, to (n,); it pickles. As text: "count_above", "count_above:0.6",
        "count_above:0.6:fraction".

    Notes
    -----
    Equal counts are common, as where no pixel is above. They are put in the order of the mean score m of all pixels:
    m / (1 + m) is added to the count, less than one pixel.

    The paper does not tell the unit of its threshold, nor how it breaks ties. It found the threshold by a search, and
    mean and maximum to be worse.

    References
    ----------
    .. [1] Mittal, Tatarchenko, Cicek & Brox, "Parting with illusions about deep active learning", 2019: the count of
       pixels with an entropy above 0.6.

    Examples
    --------
    >>> import numpy as np
    >>> count_above(0.5)(np.array([[0.9, 0.7, 0.1], [0.6, 0.5, 0.0]])).round(2)
    array([2.36, 1.27])
    """
    return CountAbove(checked_threshold(threshold), bool(fraction))


def checked_threshold(threshold: Any) -> float:
    """Return a threshold as a float, or raise."""
    if isinstance(threshold, bool) or not isinstance(threshold, numbers.Real) or not math.isfinite(threshold):
        raise ValueError(f"count_above: threshold must be a finite number, got {threshold!r}.")
    return float(threshold)


def reduction_of(reduction: Reduction) -> Reduction:
    """Return "mean", "max" or a callable, or raise; a text that names `count_above` becomes one."""
    if callable(reduction) or reduction in ("mean", "max"):
        return reduction
    if isinstance(reduction, str):
        name, *options = reduction.split(":")
        fraction = options[-1:] == ["fraction"]
        numbers_given = options[:-1] if fraction else options
        if name == _COUNT and len(numbers_given) <= 1:
            try:
                return count_above(float(numbers_given[0]) if numbers_given else 0.6, fraction)
            except ValueError:
                pass  # said below
    raise ValueError(
        f"reduction must be 'mean', 'max', 'count_above', 'count_above:THRESHOLD' or a callable, got {reduction!r}."
    )


def by_row(reduction: Reduction) -> bool:
    """Tell whether a reduction looks at each row by itself, so that it can be applied block by block."""
    return not callable(reduction) or isinstance(reduction, CountAbove)


def per_row(score: Array, reduction: Reduction) -> Array:
    """Reduce (n, ...) to (n,)."""
    if score.ndim == 1:
        return score
    pixels = score.reshape((len(score), math.prod(score.shape[1:])))
    if callable(reduction):
        return reduction(pixels)
    if reduction == "mean":
        return pixels.mean(axis=1)
    return module_of(pixels).amax(pixels, axis=1)
