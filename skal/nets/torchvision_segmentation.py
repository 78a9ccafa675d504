"""Any segmentation net of torchvision as a task net: DeepLabv3, LR-ASPP and FCN.

Chen et al., "Rethinking atrous convolution for semantic image segmentation", 2017; Howard et al., "Searching for
MobileNetV3", ICCV 2019; Long, Shelhamer & Darrell, "Fully convolutional networks for semantic segmentation", 2015.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from torch import nn

from skal.nets._checks import checked_image, checked_int
from skal.nets.torchvision_nets import fetch, replace_stem

__all__ = ["torchvision_segmentation_net"]


def torchvision_segmentation_net(
    name: str,
    n_outputs: int,
    pretrained: bool = False,
    input_shape: Sequence[int] | None = None,
    **options: Any,
) -> nn.Module:
    """Build a segmentation net of torchvision with `n_outputs` logits a pixel.

    Parameters
    ----------
    name : str
        As in ``torchvision.models.list_models(module=torchvision.models.segmentation)``, for example
        "deeplabv3_resnet50" or, small, "lraspp_mobilenet_v3_large".
    n_outputs : int
        Logits a pixel, one a class.
    pretrained : bool, default=False
        Whether all layers but the heads start from torchvision's weights, learnt on COCO with the classes of VOC.
        They are downloaded once, into PyTorch's cache, and read as weights only.
    input_shape : (C, H, W), default=None
        Shape of one image, of which only C is looked at. With C other than 3 the first convolution is rebuilt, as by
        `torchvision_net`. None: three channels.
    **options
        For torchvision's builder. The auxiliary classifier is off unless asked for.

    Returns
    -------
    torch.nn.Module
        Maps images (n, C, H, W) to a dict with the logits (n, n_outputs, H, W) as "out", which the estimators of
        `skal.neural` read. Has no `forward_stages`.

    Raises
    ------
    ValueError
        If torchvision has no such net.
    OSError
        If pretrained weights are neither in the cache nor to be had.

    Notes
    -----
    A batch of one image cannot be trained on by DeepLabv3, whose pooled branch is
    normalised over the batch; the estimators make none.

    References
    ----------
    .. [1] Chen et al., "Rethinking atrous convolution for semantic image segmentation", 2017.
    .. [2] Howard et al., "Searching for MobileNetV3", ICCV 2019, section 5.4: LR-ASPP.
    """
    from torchvision import models  # seconds to import, and only needed here

    who = "torchvision_segmentation_net"
    n_outputs = checked_int(n_outputs, "n_outputs", who)
    n_channels = 3 if input_shape is None else checked_image(input_shape, who)[0]
    known = models.list_models(module=models.segmentation)
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}."
        raise ValueError(f"{who}: name must be a segmentation net of torchvision, got {name!r}. {hint}")
    if not name.startswith("lraspp"):
        options = {"aux_loss": False, **options}
    if pretrained:
        weights = models.get_model_weights(name).DEFAULT
        fetch(weights, name)
        net: nn.Module = models.get_model(name, weights=weights, progress=False, **options)
        replace_heads(net, len(weights.meta["categories"]), n_outputs)
    else:
        net = models.get_model(name, weights=None, weights_backbone=None, num_classes=n_outputs, **options)
    if n_channels != 3:
        replace_stem(net, n_channels, keep=pretrained)
    return net


def replace_heads(net: nn.Module, n_categories: int, n_outputs: int) -> None:
    """Swap the convolutions that give one map a category for fresh ones of `n_outputs` maps."""
    heads = [
        (path, layer)
        for path, layer in net.named_modules()
        if isinstance(layer, nn.Conv2d) and layer.out_channels == n_categories and "backbone" not in path
    ]
    for path, head in heads:
        net.set_submodule(path, nn.Conv2d(head.in_channels, n_outputs, 1, bias=head.bias is not None))
