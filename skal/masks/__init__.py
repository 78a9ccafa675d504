"""Masks: labels of pixels, pure NumPy.

A mask (H, W) holds a whole number a pixel: its class, or `ignore_label` (255) where the pixel is nobody's class or
has not been labelled. Masks of n images are an array (n, H, W), memory maps too, or a sequence of n masks.
An image that is not labelled has None (or NaN throughout) in the place of its mask: missing is the absence of a mask,
void is a value in one.
"""

from skal.masks._checks import checked_mask, mask_classes
from skal.masks._containers import is_masks, labeled_masks, unlabeled_images
from skal.masks._resize import resized_mask
from skal.masks.confusion import Confusion
from skal.masks.metrics import MaskMetric, mask_metrics

__all__ = [
    "Confusion",
    "MaskMetric",
    "checked_mask",
    "is_masks",
    "labeled_masks",
    "mask_classes",
    "mask_metrics",
    "resized_mask",
    "unlabeled_images",
]
