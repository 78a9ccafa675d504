"""What a module may be: its output is looked at once, before the first step, and what is not understood is named.

A module returns logits; or a tuple or dict of which they are a part, as nets with auxiliary heads do. All that reads
a module takes the logits out of its output by `logits_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from skal.training.seeded_draws import SeededDraws
from skal.warning import warn

__all__ = ["as_pair", "check_module_output", "is_of_tokens", "logits_of", "weights_type"]

_NAMES = ("logits", "out")  # of the logits in a dict: transformers', torchvision's
_LOOKED_AT = 8  # rows
_EXACT = 1e-3  # how nearly probabilities add up to one, in half precision too


def logits_of(output: Any) -> Tensor:
    """Return the logits of what a module returns.

    Parameters
    ----------
    output : Tensor, tuple or list, or mapping
        Logits; a tuple whose first member they are; or a mapping that holds them as "logits" or "out".

    Raises
    ------
    TypeError
        If there are none.
    """
    if isinstance(output, Tensor):
        return output
    if isinstance(output, Mapping):
        found = next((output[name] for name in _NAMES if name in output), None)
        came = f"a dict of {', '.join(map(repr, output))}"
    else:
        found = output[0] if isinstance(output, (tuple, list)) and output else None
        came = type(output).__name__
    if not isinstance(found, Tensor):
        raise TypeError(
            "a module must return logits as a tensor, as the first of a tuple, or in a dict as 'logits' or 'out', "
            f"got {came}."
        )
    return found


def as_pair(logits: Tensor) -> Tensor:
    """Return two logits where a module gives one, of the second class: (b,) or (b, 1, ...) as (b, 2, ...)."""
    if logits.ndim == 1:
        logits = logits[:, None]
    return torch.cat([torch.zeros_like(logits), logits], dim=1) if logits.shape[1] == 1 else logits


def weights_type(module: nn.Module) -> torch.dtype:
    """Return the type of a module's weights, which its rows should have; float32 where it has none."""
    return next((weight.dtype for weight in module.parameters() if weight.is_floating_point()), torch.float32)


def is_of_tokens(module: nn.Module) -> bool:
    """Tell whether a module reads whole numbers: its first layer with weights is an embedding."""
    with_weights = (layer for layer in module.modules() if next(layer.parameters(recurse=False), None) is not None)
    return isinstance(next(with_weights, None), (nn.Embedding, nn.EmbeddingBag))


def check_module_output(net: Any, module: nn.Module, data: Any, n_outputs: int, who: str) -> None:
    """Pass a few rows through a module and look at what comes out.

    Parameters
    ----------
    net : skorch net of `skal.training`
        Says what it must give, by ``check_logits(logits, x, n_outputs, who)``.
    module : Module
        Its module, on its device; no weight, statistic or generator is changed.
    data : Labeled
        Rows that are trained on.
    n_outputs : int
        Classes, or labels.
    who : str
        For messages.

    Raises
    ------
    ValueError, TypeError
        If the module cannot read the rows, or gives what is no such output.

    Warns
    -----
    UserWarning
        If it gives probabilities: a softmax of a softmax is never sure.
    """
    _check_batch_size(net, module, len(data), who)
    x = data.inputs_at(torch.arange(min(_LOOKED_AT, len(data))))
    x = x[0] if isinstance(x, (tuple, list)) else x
    was_training = {layer: layer.training for layer in module.modules()}
    module.eval()
    try:
        with torch.no_grad(), SeededDraws(0), net.autocast():
            x = net.prepared(x.to(net.device), module)
            output = module(x)
    except (RuntimeError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{who}: {type(module).__name__} cannot read the rows. A batch of shape {tuple(x.shape)} and {x.dtype} "
            f"came to its forward: {_first_line(error)}"
        ) from error
    finally:
        for layer, training in was_training.items():
            layer.training = training
    try:
        logits = logits_of(output)
    except TypeError as error:
        raise TypeError(f"{who}: {type(module).__name__}: {error}") from error
    net.check_logits(logits, x, n_outputs, f"{who}: {type(module).__name__}")


def check_class_logits(logits: Tensor, x: Tensor, n_classes: int, who: str) -> None:
    """Refuse what is no logit for each class, and warn of probabilities."""
    if logits.ndim == 1 and logits.shape == (len(x),):
        logits = logits[:, None]
    if logits.ndim != 2 or len(logits) != len(x):
        raise ValueError(
            f"{who} must give a logit for each class of each row, ({len(x)}, {n_classes}), got "
            f"{tuple(logits.shape)}. Flatten what its last layer reads, and return no sequence."
        )
    _check_width(logits, n_classes, "row", who)
    warn_of_probabilities(as_pair(logits), who)


def warn_of_probabilities(logits: Tensor, who: str) -> None:
    """Warn if outputs are distributions over the second axis."""
    values = logits.double()
    if len(values) and bool((values >= 0).all()) and bool(((values.sum(dim=1) - 1).abs() < _EXACT).all()):
        warn(
            f"{who} gives probabilities: they are not negative and add up to one. The loss takes the softmax itself, "
            "and of probabilities it is never sure of anything. Leave the softmax out of forward."
        )


def check_pixel_logits(logits: Tensor, x: Tensor, n_classes: int, who: str) -> None:
    """Refuse what is no logit for each class of each pixel, and warn of probabilities."""
    expected = (len(x), n_classes, *x.shape[2:])
    if logits.ndim != 4 or len(logits) != len(x) or logits.shape[2:] != x.shape[2:]:
        raise ValueError(
            f"{who} must give logits at the size of the images, {expected}, got {tuple(logits.shape)}. Upsample them "
            "in forward: torch.nn.functional.interpolate(logits, size=x.shape[2:], mode='bilinear')."
        )
    _check_width(logits, n_classes, "pixel", who)
    warn_of_probabilities(as_pair(logits), who)


def _check_width(logits: Tensor, n_classes: int, what: str, who: str) -> None:
    if logits.shape[1] < n_classes and not (logits.shape[1] == 1 and n_classes == 2):
        raise ValueError(
            f"{who} gives {logits.shape[1]} logits a {what}, and there are {n_classes} classes. Make its last layer "
            "as wide: a parameter n_outputs of the class or function is set to that number."
        )


def _check_batch_size(net: Any, module: nn.Module, n: int, who: str) -> None:
    norm = next((layer for layer in module.modules() if isinstance(layer, _BatchNorm)), None)
    if norm is not None and net.batch_size == 1 and n > 1:
        raise ValueError(
            f"{who}: batch_size must be at least 2 for {type(module).__name__}, whose {type(norm).__name__} compares "
            "the rows of a batch, got 1."
        )


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
