"""What a container of rows may be for a net: what people pass instead, and the way out of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch.utils.data import DataLoader

from skal.data import n_rows, take

__all__ = ["check_form", "refuse_channels_last"]

_CHANNELS = (1, 3, 4)  # of an image that is no feature map: grey, colour, colour with transparency
_SHOWN = 3


def check_form(X: Any, who: str, *, one_size: bool = True) -> None:
    """Refuse what is no container of rows, and images with the channels last.

    Parameters
    ----------
    X : object
        What was passed as rows.
    who : str
        For messages.
    one_size : bool, default=True
        Whether all images of a list must have one size.

    Raises
    ------
    TypeError
        If it is a DataLoader, or a Dataset of dicts.
    ValueError
        If images have several sizes, or their channels last.
    """
    if isinstance(X, DataLoader):
        raise TypeError(
            f"{who}: X must be rows, got a DataLoader, which gives batches in an order of its own. Pass its data "
            "set, loader.dataset; batch_size= is a parameter of the estimator."
        )
    shape = getattr(X, "shape", None)
    if isinstance(shape, tuple) and len(shape) > 0:
        refuse_channels_last(tuple(shape[1:]), who)
        return
    if isinstance(X, Mapping) or not hasattr(X, "__getitem__") or not n_rows(X):
        return
    if not isinstance(X, (list, tuple)):
        first = X[0]
        first = first[0] if isinstance(first, (tuple, list)) and len(first) else first
        if isinstance(first, Mapping):
            raise TypeError(
                f"{who}: X must be a Dataset of rows, got one of dicts with {', '.join(map(repr, first))}. Wrap it "
                "in a Dataset whose __getitem__ returns the image alone, such as "
                f"data[row][{next(iter(first), '')!r}]."
            )
        refuse_channels_last(np.shape(first), who)
        return
    shapes = list(dict.fromkeys(np.shape(take(X, row)) for row in range(n_rows(X)))) if np.ndim(X[0]) > 1 else []
    if len(shapes) > 1 and one_size:
        more = ", ..." if len(shapes) > _SHOWN else ""
        raise ValueError(
            f"{who}: images must have one size, got {', '.join(map(str, shapes[:_SHOWN]))}{more}. Resize them: "
            "torch.nn.functional.interpolate, PIL.Image.resize, or resize=HEIGHTxWIDTH where a folder is loaded."
        )
    for one in shapes:
        refuse_channels_last(one, who)


def refuse_channels_last(shape: tuple[int, ...], who: str) -> None:
    """Refuse images (H, W, C), as files of images are read: as (C, H, W) they would have H channels."""
    if len(shape) == 3 and shape[2] in _CHANNELS and min(shape[:2]) > max(_CHANNELS):
        raise ValueError(
            f"{who}: images must have shape (C, H, W), channels first, got {shape}. Pass numpy.moveaxis(X, -1, 1)."
        )
