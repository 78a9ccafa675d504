"""Masks as answers: shapes as a person draws them, the mask that they mean, and the files that keep both."""

from skal.labeling.masks.cost import PaidClicks, PaidSeconds
from skal.labeling.masks.drawing import draw_shapes
from skal.labeling.masks.shapes import VOID, checked_shapes
from skal.labeling.masks.store import MaskStore, StoredMask
from skal.labeling.masks.votes import joint_label

__all__ = [
    "VOID",
    "MaskStore",
    "PaidClicks",
    "PaidSeconds",
    "StoredMask",
    "checked_shapes",
    "draw_shapes",
    "joint_label",
]
