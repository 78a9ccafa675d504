"""What goes into the layer whose output a net returns: its penultimate features."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdKeyDictionary

# Operations with weights that are layers of their own: what comes out is no layer's output that is looked for.
_LAYERS = {
    *(F.linear, F.bilinear, F.embedding, F.conv1d, F.conv2d, F.conv3d),
    *(F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d),
    *(torch.conv1d, torch.conv2d, torch.conv3d, torch.lstm, torch.gru, torch.rnn_tanh, torch.rnn_relu),
    *(torch.matmul, torch.mm, torch.bmm, torch.mv, torch.addmm, torch.baddbmm, torch.einsum, torch.tensordot),
    *(torch.Tensor.matmul, torch.Tensor.mm, torch.Tensor.bmm, torch.Tensor.addmm, torch.Tensor.mv),
    *(torch.Tensor.__matmul__, torch.Tensor.__rmatmul__),
    *(F.multi_head_attention_forward, F.scaled_dot_product_attention),
}


class _Call:
    """One call of a layer: what went in. `None` stands for several layers, or one that is not looked for."""

    def __init__(self, features: torch.Tensor | None) -> None:
        self.features = features


_UNTOLD = _Call(None)


class HeadInput(TorchFunctionMode):
    """Inside, follows outputs of linear layers through whatever this thread does with them.

    So it can be told of which layer a tensor comes, and what went into it. Reshapes, activations and scales between
    the layer and the tensor are seen through; heads side by side are one where the same features go into them.

    Attributes
    ----------
    last : Tensor or None
        What went into the layer that ran last; None where none did.
    """

    layer: ClassVar[Any] = F.linear

    def __init__(self) -> None:
        super().__init__()
        self.last: torch.Tensor | None = None
        # Of tensors that come of one layer; activations that the net lets go are not kept.
        self._made_by: Any = WeakIdKeyDictionary()

    def of(self, out: torch.Tensor) -> torch.Tensor | None:
        """Return what went into the layer of which a tensor comes; None if it cannot be told."""
        made_by = self._made_by.get(out)
        return None if made_by is None else made_by.features

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        if func is self.layer:
            self.last = args[0] if args else kwargs["input"]
            self._made_by[out] = _Call(self.last)
        elif self.last is not None:
            made_by = _UNTOLD if func in _LAYERS else self._joined((*args, *kwargs.values()))
            if made_by is not None:
                changed = args[:1] if func is torch.Tensor.__setitem__ else [out]
                for tensor in _tensors(changed):
                    self._made_by[tensor] = made_by
        return out

    def _joined(self, arguments: Any) -> _Call | None:
        """Layer of which all arguments come that come of any."""
        joined: _Call | None = None
        for tensor in _tensors(arguments):
            one = self._made_by.get(tensor)
            if one is not None and joined is not None and one.features is not joined.features:
                return _UNTOLD
            joined = joined or one
        return joined


class ConvHeadInput(HeadInput):
    """The same of convolutions, whose features are maps (b, d, h, w)."""

    layer = F.conv2d


def _tensors(values: Any) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _tensors(value)


@contextlib.contextmanager
def input_of(layer: torch.nn.Module) -> Iterator[list[torch.Tensor]]:
    """Inside, keeps what goes into a layer in this thread; others may run the module at the same time.

    Parameters
    ----------
    layer : Module
        Part of a net.

    Yields
    ------
    list of Tensor
        First arguments of its calls so far.
    """
    seen: list[torch.Tensor] = []
    thread = threading.get_ident()

    def keep(_: Any, args: Any, kwargs: Any = None) -> None:  # another thread may see it before torch gives keywords
        if threading.get_ident() == thread:
            seen.append(args[0] if args else next(iter(kwargs.values())))

    handle = layer.register_forward_pre_hook(keep, with_kwargs=True)
    try:
        yield seen
    finally:
        handle.remove()
