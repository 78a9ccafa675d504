"""Formats of other labelling tools."""

from skal.labeling.formats.brush import brush_of_mask, mask_of_brush
from skal.labeling.formats.coco import coco_masks, run_lengths, write_coco
from skal.labeling.formats.named import FORMATS, export_format
from skal.labeling.formats.take import take_label_studio
from skal.labeling.formats.write import label_studio_tasks, write_label_studio

__all__ = [
    "FORMATS",
    "brush_of_mask",
    "coco_masks",
    "export_format",
    "label_studio_tasks",
    "mask_of_brush",
    "run_lengths",
    "take_label_studio",
    "write_coco",
    "write_label_studio",
]
