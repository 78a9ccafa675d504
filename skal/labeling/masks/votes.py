"""Masks of several people: the label that stands for all of them, and what each pixel is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skal.labeling.masks.shapes import VOID

__all__ = ["digests_in", "joint_label", "most_given"]

PREFIX = "mask:"
JOINT = "+"  # between the digests of the masks of several people
Mask = NDArray[np.uint8]


def joint_label(labels: Sequence[str]) -> str:
    """Return the label that stands for the masks of several people, whatever their order.

    Examples
    --------
    >>> joint_label(["mask:b", "mask:a"]), joint_label(["mask:a", "mask:a"])
    ('mask:a+b', 'mask:a')
    """
    if len(set(labels)) == 1:
        return labels[0]
    return PREFIX + JOINT.join(sorted(label.removeprefix(PREFIX) for label in labels))


def most_given(masks: Sequence[Mask], n_classes: int) -> Mask:
    """Return the class that most masks give each pixel, void counting as one; void in a tie.

    Examples
    --------
    >>> most_given([np.array([[0, 1, 1]]), np.array([[0, 0, 1]]), np.array([[1, 255, 1]])], 2).tolist()
    [[0, 255, 1]]
    """
    values = [*range(n_classes), VOID]
    votes = np.stack([sum((mask == value).astype(np.int16) for mask in masks) for value in values])
    best = votes.max(axis=0)
    winner = np.array(values, dtype=np.uint8)[votes.argmax(axis=0)]
    return np.where((votes == best).sum(axis=0) > 1, np.uint8(VOID), winner)


def digests_in(label: str) -> list[str]:
    """Return the digests in a label, of one mask or of several.

    Examples
    --------
    >>> digests_in("mask:a+b")
    ['a', 'b']
    """
    return label.removeprefix(PREFIX).split(JOINT)
