"""Augmentations: whole batches are changed at random where they lie, each row by draws of its own.

An augmentation is a callable ``augment(x)`` that returns a tensor of the same shape and dtype: images are floats of
shape (b, C, H, W) in [0, 1], tables are standardised floats of shape (b, d). Inside an estimator all draws come from
its seed; alone, pass ``generator=``. `make_augmentation` reads the names "weak", "strong" and "autoaugment".
"""

from skal.augment._base import Augmentation
from skal.augment._operations import GEOMETRIC_OPERATIONS, OPERATIONS
from skal.augment.auto_augment import AutoAugment
from skal.augment.chain import Chain
from skal.augment.crop import Crop
from skal.augment.cutout import Cutout
from skal.augment.flip import Flip
from skal.augment.gaussian_noise import GaussianNoise
from skal.augment.make import make_augmentation
from skal.augment.presets import Strong, Weak
from skal.augment.rand_augment import RandAugment
from skal.augment.resized_crop import ResizedCrop
from skal.augment.swap_features import SwapFeatures

__all__ = [
    "GEOMETRIC_OPERATIONS",
    "OPERATIONS",
    "Augmentation",
    "AutoAugment",
    "Chain",
    "Crop",
    "Cutout",
    "Flip",
    "GaussianNoise",
    "RandAugment",
    "ResizedCrop",
    "Strong",
    "SwapFeatures",
    "Weak",
    "make_augmentation",
]
