"""Dropout in evaluation: on everywhere, also inside recurrent layers and attention, by masks that all rows share.

Every dropout of torch is one function call, which a `TorchFunctionMode` sees; those inside a larger operation are
taken out of it. A recurrent net of several layers runs layer by layer, with a mask between two of them. Attention is
asked for its weights, which are then masked and applied.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skal.training.seeded_draws import SeededDraws, mask_shape

__all__ = ["SharedDropout", "refuse_hidden_dropout"]

# Alpha dropout, by whether whole channels are dropped.
_ALPHA = {
    **{func: False for func in (F.alpha_dropout, torch.alpha_dropout, torch.alpha_dropout_)},
    **{func: True for func in (F.feature_alpha_dropout, torch.feature_alpha_dropout, torch.feature_alpha_dropout_)},
}
_RECURRENT = (torch.lstm, torch.gru, torch.rnn_tanh, torch.rnn_relu)
_SELU_FLOOR = -1.7580993408473766  # what SELU gives far below zero: minus its scale times its alpha
_ATTENTION = inspect.signature(F.multi_head_attention_forward)


class SharedDropout(SeededDraws):
    """Inside, dropout is on in every net, and all rows of a batch share one mask.

    Batch normalisation and all else stay as the module's mode has them: the module is not touched. Entered
    anew with the same seed, the masks are the same again, whatever the size of the batch.

    Attributes
    ----------
    n_dropouts : int
        Dropout operations met with a rate above zero: 0 means that the net has none.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.n_dropouts = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _ALPHA:
            return self._alpha_dropout(_ALPHA[func], *args, **kwargs)
        if func in _RECURRENT:
            return self._recurrent(func, *args, **kwargs)
        if func is F.multi_head_attention_forward:
            return self._multi_head_attention(_ATTENTION.bind(*args, **kwargs).arguments)
        if func is F.scaled_dot_product_attention:
            return self._attention(*args, **kwargs)
        return super().__torch_function__(func, types, args, kwargs)

    def _dropout(
        self, func: Any, input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> Tensor:
        if p == 0.0:
            return input
        return input * self._shared(input, p, mask_shape(func, input))

    def _shared(self, input: Tensor, p: float, shape: tuple[int, ...]) -> Tensor:
        """One mask for all rows, which lie along the first axis."""
        self.n_dropouts += 1
        return self._mask(input, p, (1, *shape[1:]))

    def _alpha_dropout(
        self, channels: bool, input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
    ) -> Tensor:
        """What is dropped becomes the floor of SELU, and all is moved to the mean and variance from before."""
        if p == 0.0:
            return input
        shape = (*input.shape[:2], *(1,) * (input.ndim - 2)) if channels else tuple(input.shape)
        kept = self._shared(input, p, shape) != 0
        scale = 0.0 if p == 1.0 else ((1 - p) * (1 + p * _SELU_FLOOR**2)) ** -0.5
        return scale * (torch.where(kept, input, _SELU_FLOOR) - p * _SELU_FLOOR)

    def _recurrent(self, func: Any, x: Tensor, *args: Any) -> Any:
        """LSTM, GRU or RNN, of padded rows or of packed ones, whose second argument is the sizes of the steps."""
        packed = isinstance(args[0], Tensor) and args[0].dtype == torch.int64
        sizes, args = (args[:1], args[1:]) if packed else ((), args)
        state, weights, biases, n_layers, p, _, both_ways, *batch_first = args
        if p == 0.0 or n_layers == 1:
            return func(x, *sizes, *args)
        self.n_dropouts += 1
        states, ways, of_layer = _listed(state), 1 + both_ways, len(weights) // n_layers
        ends = []
        for layer in range(n_layers):
            if layer:
                x = x * self._between_layers(x, p, sizes, bool(batch_first and batch_first[0]))
            own = tuple(part[layer * ways : (layer + 1) * ways] for part in states)
            own_weights = weights[layer * of_layer : (layer + 1) * of_layer]
            given = own if func is torch.lstm else own[0]
            x, *end = func(x, *sizes, given, own_weights, biases, 1, 0.0, False, both_ways, *batch_first)
            ends.append(end)
        return x, *(torch.cat(parts) for parts in zip(*ends, strict=True))

    def _between_layers(self, x: Tensor, p: float, sizes: tuple[Tensor, ...], batch_first: bool) -> Tensor:
        """Mask of what one layer gives the next: another at each step, the same for all rows."""
        if sizes:  # the rows of each step in turn, fewer and fewer
            of_steps = self._mask(x, p, (len(sizes[0]), x.shape[1]))
            return of_steps.repeat_interleave(sizes[0].to(x.device), dim=0)
        return self._mask(x, p, (1, *x.shape[1:]) if batch_first else (x.shape[0], 1, x.shape[2]))

    def _multi_head_attention(self, given: dict[str, Any]) -> tuple[Tensor, Tensor | None]:
        """Attention from its own weights, (b, heads, L, S), of which a share is dropped for all rows alike."""
        p = given["dropout_p"]
        if p == 0.0:
            return F.multi_head_attention_forward(**given)
        value, heads = given["value"], given["num_heads"]
        wanted = {"training": False, "need_weights": True, "average_attn_weights": False}
        weights = F.multi_head_attention_forward(**{**given, **wanted})[1]
        if weights is None:
            raise TypeError("torch gave no attention weights though they were asked for.")
        rows_at_all = value.ndim == 3
        if not rows_at_all:
            value, weights = value.unsqueeze(1), weights.unsqueeze(0)
        weights = weights * self._shared(weights, p, tuple(weights.shape))
        out = weights @ _values(value, heads, given)  # (b, heads, L, width of a head)
        out = out.permute(2, 0, 1, 3).flatten(2)
        out = F.linear(out, given["out_proj_weight"], given["out_proj_bias"])
        shown = weights.mean(dim=1) if given.get("average_attn_weights", True) else weights
        if not rows_at_all:
            out, shown = out.squeeze(1), shown.squeeze(0)
        return out, shown if given.get("need_weights", True) else None

    def _attention(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        **options: Any,
    ) -> Tensor:
        """Attention (..., L, d): applied to the identity it gives its weights (..., L, S)."""
        call = F.scaled_dot_product_attention
        if dropout_p == 0.0:
            return call(query, key, value, attn_mask, 0.0, is_causal, **options)
        one_each = torch.eye(key.shape[-2], dtype=value.dtype, device=value.device).expand(*key.shape[:-1], -1)
        weights = call(query, key, one_each, attn_mask, 0.0, is_causal, **options)
        if options.get("enable_gqa"):
            value = value.repeat_interleave(query.shape[-3] // value.shape[-3], dim=-3)
        return (weights * self._shared(weights, dropout_p, tuple(weights.shape))) @ value


def _listed(state: Any) -> tuple[Tensor, ...]:
    return tuple(state) if isinstance(state, (tuple, list)) else (state,)


def _values(value: Tensor, heads: int, given: dict[str, Any]) -> Tensor:
    """Projected values (b, heads, S, d / heads) of an attention, with the rows that it adds itself."""
    n_rows = value.shape[1]
    bias = given["in_proj_bias"]
    of_values = None if bias is None else bias.chunk(3)[2]
    weight = given["v_proj_weight"] if given.get("use_separate_proj_weight") else given["in_proj_weight"].chunk(3)[2]
    if given.get("static_v") is not None:
        projected = given["static_v"].unflatten(0, (n_rows, heads))
    else:
        values = F.linear(value, weight, of_values)
        if given["bias_v"] is not None:
            values = torch.cat([values, given["bias_v"].expand(1, n_rows, -1)])
        projected = values.unflatten(2, (heads, -1)).permute(1, 2, 0, 3)
    return F.pad(projected, (0, 0, 0, 1)) if given["add_zero_attn"] else projected


def refuse_hidden_dropout(module: nn.Module, who: str) -> None:
    """Raise if dropout of a module runs where no mask of ours reaches it: compiled to TorchScript.

    Parameters
    ----------
    module : Module
        Of which masks are to be sampled.
    who : str
        For the message.

    Raises
    ------
    TypeError
        With the name and the class of the layer.
    """
    for name, part in module.named_modules():
        if isinstance(part, torch.jit.ScriptModule) and _drops(part):
            raise TypeError(
                f"{who}: the layer {name or 'module'!r} ({part.original_name}) is compiled to TorchScript, where its "
                "dropout cannot be sampled with masks that all rows share. Use the module that was compiled, before "
                "torch.jit.script or torch.jit.trace."
            )


def _drops(part: torch.jit.ScriptModule) -> bool:
    """Whether a compiled module itself, without those inside it, has a dropout rate or calls dropout."""
    for name in ("p", "dropout"):
        if isinstance(rate := getattr(part, name, None), float):
            return rate > 0 and getattr(part, "num_layers", 2) > 1
    return re.search(r"\bdropout\w*\(", getattr(part, "code", "")) is not None
