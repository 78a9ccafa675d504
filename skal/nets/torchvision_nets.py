"""Any classification net of torchvision as a task net, from scratch or pretrained on ImageNet.

Yosinski et al., "How transferable are features in deep neural networks?", NeurIPS 2014; the nets and their papers are
listed in torchvision's documentation.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from torch import nn

from skal.nets._checks import checked_image, checked_int

__all__ = ["torchvision_net"]


def torchvision_net(
    name: str,
    n_outputs: int,
    pretrained: bool = False,
    input_shape: Sequence[int] | None = None,
    **options: Any,
) -> nn.Module:
    """Build a classification net of torchvision with a head of `n_outputs` logits.

    Parameters
    ----------
    name : str
        As in ``torchvision.models.list_models()``, for example "resnet18" or "efficientnet_b0".
    n_outputs : int
        Logits a row, one a class.
    pretrained : bool, default=False
        Whether all layers but the head start from torchvision's best ImageNet weights. They are downloaded once, into
        PyTorch's cache, and read as weights only, so that a file cannot run code.
    input_shape : (C, H, W), default=None
        Shape of one image. With C other than 3 the first convolution is rebuilt for C channels; pretrained, it keeps
        its filters' mean over the colours, scaled so that a grey image gives what three equal colours gave.
        None: three channels.
    **options
        For torchvision's builder, for example ``dropout=0.5`` or ``image_size=64``. The auxiliary classifiers of
        GoogLeNet and Inception are off unless asked for, since they change what the net returns.

    Returns
    -------
    torch.nn.Module
        Maps images (n, C, H, W) to logits (n, n_outputs). Has no `forward_stages`.

    Raises
    ------
    ValueError
        If torchvision has no such net.
    OSError
        If pretrained weights are neither in the cache nor to be had; the message says which file to put where.

    Notes
    -----
    Pretrained nets expect images scaled to [0, 1] and then normalised with torchvision's mean and standard deviation.
    Reading pretrained weights costs twice the reading of the file.

    References
    ----------
    .. [1] Yosinski et al., "How transferable are features in deep neural networks?", NeurIPS 2014.
    """
    from torchvision import models  # seconds to import, and only needed here

    n_outputs = checked_int(n_outputs, "n_outputs", "torchvision_net")
    n_channels = 3 if input_shape is None else checked_image(input_shape, "torchvision_net")[0]
    known = models.list_models(module=models)
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "See torchvision.models.list_models()."
        raise ValueError(f"torchvision_net: name must be a classification net of torchvision, got {name!r}. {hint}")
    if name in ("googlenet", "inception_v3"):
        options = {"aux_logits": False, "init_weights": False, **options}
    if pretrained:
        weights = models.get_model_weights(name).DEFAULT
        fetch(weights, name)
        net: nn.Module = models.get_model(name, weights=weights, progress=False, **options)
        replace_head(net, len(weights.meta["categories"]), n_outputs)
    else:
        net = models.get_model(name, weights=None, num_classes=n_outputs, **options)
    if n_channels != 3:
        replace_stem(net, n_channels, keep=pretrained)
    return net


def fetch(weights: Any, name: str) -> None:
    """Download weights into PyTorch's cache and read them once as weights only: torchvision's builder does not."""
    try:
        weights.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except OSError as error:  # urllib's URLError is one
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        file = Path(urlparse(weights.url).path).name
        raise OSError(
            f"torchvision_net: the pretrained weights of {name} must be in the cache or downloadable, got: {error}. "
            f"Put the file {file} (from {weights.url}) into {folder}, or take pretrained=False."
        ) from error


def replace_head(net: nn.Module, n_categories: int, n_outputs: int) -> None:
    """Swap the last layer, known by its output size, for one of `n_outputs`."""
    heads = [
        (path, layer)
        for path, layer in net.named_modules()
        if n_categories in (getattr(layer, "out_features", None), getattr(layer, "out_channels", None))
    ]
    path, head = heads[-1]
    has_bias = head.bias is not None
    if isinstance(head, nn.Conv2d):  # SqueezeNet: logits are the means of maps
        net.set_submodule(path, nn.Conv2d(head.in_channels, n_outputs, kernel_size=1, bias=has_bias))
    else:
        net.set_submodule(path, nn.Linear(head.in_features, n_outputs, bias=has_bias))


def replace_stem(net: nn.Module, n_channels: int, keep: bool) -> None:
    """Swap the first convolution for one that reads `n_channels`, with its filters or fresh ones."""
    path, stem = next((path, layer) for path, layer in net.named_modules() if isinstance(layer, nn.Conv2d))
    settings: dict[str, Any] = {key: getattr(stem, key) for key in ("kernel_size", "stride", "padding", "dilation")}
    new = nn.Conv2d(n_channels, stem.out_channels, bias=stem.bias is not None, **settings)
    if keep:
        with torch.no_grad():
            mean = stem.weight.mean(dim=1, keepdim=True)  # (n_filters, 1, h, w)
            new.weight.copy_((mean * (3 / n_channels)).expand_as(new.weight))
            if stem.bias is not None and new.bias is not None:
                new.bias.copy_(stem.bias)
    net.set_submodule(path, new)
    if hasattr(net, "transform_input"):  # GoogLeNet and Inception rescale three colours
        net.transform_input = False  # type: ignore[assignment]
