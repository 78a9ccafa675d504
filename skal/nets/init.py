"""Initial weights by name: Kaiming's for nets of rectifiers, Xavier's for those that ask for it.

He et al., "Delving deep into rectifiers", ICCV 2015, equation 10; Glorot & Bengio, "Understanding the difficulty
of training deep feedforward neural networks", AISTATS 2010, equation 16.
"""

from __future__ import annotations

from typing import TypeVar

from torch import nn

__all__ = ["initialize", "kaiming_init", "xavier_init"]

NetT = TypeVar("NetT", bound=nn.Module)


def kaiming_init(net: NetT) -> NetT:
    """Draw the weights of convolutions and linear layers from Kaiming's normal distribution.

    Parameters
    ----------
    net : torch.nn.Module
        Changed in place. Biases become 0; the scale of a batch norm 1, its shift 0. Transposed convolutions keep
        PyTorch's own initial weights, as in the code of VAAL.

    Returns
    -------
    torch.nn.Module
        The same net.

    References
    ----------
    .. [1] He et al., "Delving deep into rectifiers", ICCV 2015, equation 10.
    """
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return _plain_biases(net)


def xavier_init(net: NetT) -> NetT:
    """Draw the weights of convolutions and linear layers from Xavier's uniform distribution.

    Parameters
    ----------
    net : torch.nn.Module
        Changed in place. Biases become 0; the scale of a batch norm 1, its shift 0. Transposed convolutions keep
        PyTorch's own initial weights.

    Returns
    -------
    torch.nn.Module
        The same net.

    References
    ----------
    .. [1] Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks",
       AISTATS 2010, equation 16.
    """
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
    return _plain_biases(net)


def initialize(net: NetT, scheme: str, who: str = "initialize") -> NetT:
    """Draw initial weights by the scheme of that name.

    Parameters
    ----------
    net : torch.nn.Module
        Changed in place.
    scheme : {"kaiming", "xavier"}
        See `kaiming_init` and `xavier_init`.
    who : str, default="initialize"
        Name in front of an error message.

    Returns
    -------
    torch.nn.Module
        The same net.

    Raises
    ------
    ValueError
        If there is no scheme of that name.
    """
    if scheme == "kaiming":
        return kaiming_init(net)
    if scheme == "xavier":
        return xavier_init(net)
    raise ValueError(f"{who}: init must be 'kaiming' or 'xavier', got {scheme!r}.")


def _plain_biases(net: NetT) -> NetT:
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)) and module.bias is not None:
            nn.init.zeros_(module.bias)
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)) and module.affine:
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    return net
