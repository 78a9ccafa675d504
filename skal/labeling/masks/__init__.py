"""Masks as answers: shapes as a person draws them, the mask that they mean, and the files that keep both."""

from skal.labeling.masks.drawing import draw_shapes
from skal.labeling.masks.shapes import VOID, checked_shapes
from skal.labeling.masks.store import MaskStore, StoredMask

__all__ = ["VOID", "MaskStore", "StoredMask", "checked_shapes", "draw_shapes"]
