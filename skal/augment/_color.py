"""Colours of images in [0, 1] changed, each image by an amount of its own, as PIL and torchvision define it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = [
    "auto_contrast",
    "brightness",
    "color",
    "contrast",
    "equalize",
    "invert",
    "posterize",
    "sharpness",
    "solarize",
]

_LUMA = (0.2989, 0.587, 0.114)  # ITU-R BT.601, rounded as in torchvision


def brightness(x: Tensor, factor: Tensor) -> Tensor:
    """0: black; 1: as it is; above: lighter."""
    return _away_from(torch.zeros_like(x), x, factor)


def color(x: Tensor, factor: Tensor) -> Tensor:
    """0: grey; 1: as it is; above: more colourful. For three channels."""
    return _away_from(_gray(x), x, factor)


def contrast(x: Tensor, factor: Tensor) -> Tensor:
    """0: the mean of the grey image; 1: as it is; above: more contrast."""
    return _away_from(_gray(x).mean(dim=(1, 2, 3), keepdim=True), x, factor)


def sharpness(x: Tensor, factor: Tensor) -> Tensor:
    """0: smoothed; 1: as it is; above: sharper. The outermost pixels stay."""
    if min(x.shape[2:]) < 3:
        return x
    inner = x[:, :, 1:-1, 1:-1]
    smooth = (9 * F.avg_pool2d(x, 3, stride=1) + 4 * inner) / 13  # PIL's SMOOTH: a centre of 5 among eight of 1
    result = x.clone()
    result[:, :, 1:-1, 1:-1] = _away_from(smooth, inner, factor)
    return result


def posterize(x: Tensor, bits: Tensor) -> Tensor:
    """Keep so many of the eight bits of each pixel; 8: as it is."""
    step = torch.exp2(8 - bits.round())[:, None, None, None]
    level = (x * 255).round()
    return torch.where(step > 1, (level - level.remainder(step)) / 255, x)


def solarize(x: Tensor, threshold: Tensor) -> Tensor:
    """Invert the pixels at and above a grey level from 0 to 256; 256: none."""
    return torch.where((x * 255).round() >= threshold[:, None, None, None], 1 - x, x)


def auto_contrast(x: Tensor, _: Tensor) -> Tensor:
    """Stretch each channel to [0, 1]; a channel of one value stays."""
    low, high = x.amin(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
    span = high - low
    return torch.where(span > 0, (x - low) / torch.where(span > 0, span, 1.0), x)


def equalize(x: Tensor, _: Tensor) -> Tensor:
    """Make the 256 grey levels of each channel about equally frequent, in PIL's whole numbers.

    They come to nothing where there are fewer than 255 pixels beside the lightest, as in images of 8 x 8.
    """
    levels = (x * 255).round().long().flatten(2)  # (b, C, H * W)
    count = levels.new_zeros(*levels.shape[:2], 256).scatter_add_(2, levels, torch.ones_like(levels))
    lightest = count.gather(2, levels.amax(dim=2, keepdim=True))  # (b, C, 1)
    step = (levels.shape[2] - lightest) // 255
    darker = count.cumsum(dim=2) - count
    table = ((darker + step // 2) // step.clamp(min=1)).clamp(max=255)
    equal = table.gather(2, levels).to(x.dtype).view(x.shape) / 255
    return torch.where(step[..., None] > 0, equal, x)


def invert(x: Tensor, _: Tensor) -> Tensor:
    """Negative of the image."""
    return 1 - x


def _away_from(dull: Tensor, x: Tensor, factor: Tensor) -> Tensor:
    """The dull version for 0, the image itself for 1, and beyond it above; cut to [0, 1]."""
    return torch.lerp(dull.expand_as(x), x, factor.to(x.dtype)[:, None, None, None]).clamp(0, 1)


def _gray(x: Tensor) -> Tensor:
    """Grey images (b, 1, H, W): by the eye's weights for three channels, else the mean of all."""
    if x.shape[1] != 3:
        return x.mean(dim=1, keepdim=True)
    return (x * x.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
