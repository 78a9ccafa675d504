"""VGG16, the task net of VAAL.

Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015, table 1,
column D.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from skal.nets._checks import checked_dropout, checked_image, checked_int
from skal.nets.init import initialize

__all__ = ["VGG", "vgg16"]

STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def vgg16(
    input_shape: Sequence[int] = (3, 32, 32),
    n_outputs: int = 10,
    head: str = "cifar",
    batch_norm: bool = True,
    dropout: float = 0.5,
    init: str = "kaiming",
) -> VGG:
    """Build VGG16 with the small or the published head.

    Parameters
    ----------
    input_shape : (C, H, W), default=(3, 32, 32)
        Shape of one image, with sides of at least 32.
    n_outputs : int, default=10
        Logits a row, one a class.
    head : {"cifar", "imagenet"}, default="cifar"
        "cifar": global average of the last maps, dropout, one linear layer 512-n_outputs (14.7 million parameters for
        ten classes). "imagenet": the last maps pooled, or repeated, to 7 x 7, then 25088-4096-4096-n_outputs with
        dropout after both hidden layers, as the code of VAAL uses (134.3 million).
    batch_norm : bool, default=True
        Whether batch norm follows every convolution.
    dropout : float, default=0.5
        Probability of dropping in the head.
    init : {"kaiming", "xavier"}, default="kaiming"
        Initial weights: VAAL's paper says Xavier's, its code draws Kaiming's.

    Returns
    -------
    VGG
        With `forward_stages`, whose five maps, after each pool, have 64, 128, 256, 512 and 512 channels at 16, 8, 4,
        2 and 1 pixels.

    Raises
    ------
    ValueError
        If `head` or `init` is none of these.

    References
    ----------
    .. [1] Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015,
       table 1.
    .. [2] Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, section 4.
    """
    n_channels, *_ = checked_image(input_shape, "vgg16", side=32)
    if head not in ("cifar", "imagenet"):
        raise ValueError(f"vgg16: head must be 'cifar' or 'imagenet', got {head!r}.")
    net = VGG(
        n_channels,
        checked_int(n_outputs, "n_outputs", "vgg16"),
        head,
        batch_norm,
        checked_dropout(dropout, "vgg16"),
    )
    return initialize(net, init, "vgg16")


class VGG(nn.Module):
    """Five stages of convolutions 3 x 3, a head; see `vgg16`."""

    def __init__(self, n_channels: int, n_outputs: int, head: str, batch_norm: bool, dropout: float) -> None:
        super().__init__()
        self.stages = nn.ModuleList()  # each halves the size
        n_in = n_channels
        for sizes in STAGES:
            layers: list[nn.Module] = []
            for n_out in sizes:
                layers.append(nn.Conv2d(n_in, n_out, 3, padding=1))
                layers += [nn.BatchNorm2d(n_out), nn.ReLU()] if batch_norm else [nn.ReLU()]
                n_in = n_out
            self.stages.append(nn.Sequential(*layers, nn.MaxPool2d(2)))
        if head == "cifar":
            self.hidden = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout))  # (n, 512)
            self.head = nn.Linear(512, n_outputs)
        else:
            self.hidden = nn.Sequential(
                nn.AdaptiveAvgPool2d(7),
                nn.Flatten(),  # (n, 25088)
                *(nn.Linear(25088, 4096), nn.ReLU(), nn.Dropout(dropout)),
                *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(dropout)),
            )
            self.head = nn.Linear(4096, n_outputs)

    def forward_stages(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits (n, n_outputs) and the maps after each of the five pools."""
        stages = []
        for layer in self.stages:
            x = layer(x)
            stages.append(x)
        return self.head(self.hidden(x)), stages

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (n, n_outputs) of images x."""
        return self.forward_stages(x)[0]
