"""What goes into the last layer of a net: its penultimate features."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode


class HeadInput(TorchFunctionMode):
    """Inside, keeps the input of the last linear layer that runs in this thread.

    A hook on the module would do the same for nets whose head is known, but is shared by all threads that
    run the module.

    Attributes
    ----------
    features : Tensor or None
        Of shape (b, d); None where no linear layer ran.
    """

    layer: ClassVar[Any] = F.linear

    def __init__(self) -> None:
        super().__init__()
        self.features: torch.Tensor | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is self.layer:
            self.features = args[0] if args else kwargs["input"]
        return func(*args, **kwargs)


class ConvHeadInput(HeadInput):
    """Inside, keeps the input of the last convolution that runs in this thread, (b, d, h, w)."""

    layer = F.conv2d
