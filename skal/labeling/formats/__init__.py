"""Formats of other labelling tools."""

from skal.labeling.formats.brush import brush_of_mask, mask_of_brush

__all__ = ["brush_of_mask", "mask_of_brush"]
