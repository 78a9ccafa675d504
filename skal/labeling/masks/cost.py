"""What masks have really cost: the clicks and seconds of the people who drew them, as a cost of `skal.annotation`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skal.annotation import Cost, UnknownPrice
from skal.labeling._sources import digest_of
from skal.masks import checked_mask

__all__ = ["PaidClicks", "PaidSeconds"]


class _Paid(Cost):
    def __init__(self, answers: Iterable[tuple[NDArray[Any], float]]) -> None:
        self._prices: dict[str, list[float]] = {}
        for mask, price in answers:
            self._prices.setdefault(_key(mask), []).append(float(price))

    def __len__(self) -> int:
        return len(self._prices)

    def __call__(self, mask: Any) -> float:
        """Return what a mask has cost; the mean where it was drawn several times.

        Raises
        ------
        UnknownPrice
            If nobody drew it.
        """
        prices = self._prices.get(_key(checked_mask(mask, who=type(self).__name__, allow_void=True)))
        if prices is None:
            raise UnknownPrice(
                f"{type(self).__name__}: nobody has drawn this mask, so what it costs is not known. Masks must be "
                "those of the project (Project.masks), pixel by pixel; ClickCost and BoundaryCost estimate others."
            )
        return sum(prices) / len(prices)


class PaidClicks(_Paid):
    """Clicks that people needed for the masks of a project.

    Parameters
    ----------
    answers : iterable of (mask, price)
        What was drawn, and what it took; as `skal.labeling.Project.cost` gives them.

    Notes
    -----
    Every corner, stroke and change is a click, also those that were undone. `skal.annotation.ClickCost` counts the
    corners that a mask needs; the two may be compared.

    Examples
    --------
    >>> PaidClicks([(np.array([[0, 1]]), 4), (np.array([[0, 1]]), 6)])(np.array([[0, 1]]))
    5.0
    """

    name: ClassVar[str] = "paid_clicks"
    unit: ClassVar[str] = "clicks"


class PaidSeconds(_Paid):
    """Seconds that people needed for the masks of a project; otherwise as `PaidClicks`.

    Parameters
    ----------
    answers : iterable of (mask, price)
        What was drawn, and what it took.
    """

    name: ClassVar[str] = "paid_seconds"
    unit: ClassVar[str] = "seconds"


def _key(mask: NDArray[Any]) -> str:
    pixels = np.ascontiguousarray(mask, dtype=np.int64)
    return digest_of(repr(pixels.shape).encode() + pixels.tobytes())
