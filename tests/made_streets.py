"""Small images that a small net learns in seconds: a sky over a road, and a box that stands somewhere on it."""

import numpy as np

COLORS = np.array([[60, 120, 220], [90, 90, 90], [200, 40, 40]], dtype=np.int64)


def streets(n, size=(16, 24), seed=0, void=0.0):
    """Images (n, 3, H, W) of bytes and masks (n, H, W) of classes 0 to 2; a share of pixels is void (255)."""
    rng = np.random.default_rng(seed)
    height, width = size
    masks = np.zeros((n, height, width), dtype=np.uint8)
    for mask in masks:
        horizon = rng.integers(height // 3, 2 * height // 3)
        mask[horizon:] = 1
        top, left = rng.integers(height // 3, height - 5), rng.integers(0, width - 6)
        mask[top : top + 5, left : left + 6] = 2
    X = COLORS[masks].transpose(0, 3, 1, 2) + rng.integers(-30, 30, (n, 3, height, width))
    masks[rng.random(masks.shape) < void] = 255
    return X.clip(0, 255).astype(np.uint8), masks
