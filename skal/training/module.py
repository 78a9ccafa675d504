"""Which net, and of what size: modules are made in ``fit``, when rows and classes are known."""

from __future__ import annotations

import copy
import difflib
import inspect
from typing import Any

import torch
from torch import nn

from skal import nets

__all__ = ["module_of", "optimizer_of", "resolve_device"]


def module_of(
    module: Any, who: str, input_shape: tuple[int, ...], default: Any, options: dict[str, Any], **sizes: Any
) -> nn.Module:
    """Make a net for rows of a shape.

    Parameters
    ----------
    module : class, function, name in `skal.nets`, instance of a Module, or None
        An instance is copied, with its weights; all else is called with `options` and with those of
        ``input_shape`` and `sizes` that its signature names. None: `default`.
    who : str
        For messages.
    input_shape : tuple of int
        Shape of one row.
    default : callable
        Used where `module` is None.
    options : dict
        Keywords of the user; they come first.
    **sizes
        Such as ``n_outputs``.

    Returns
    -------
    nn.Module
        On the host.
    """
    if isinstance(module, nn.Module):
        if options:
            raise ValueError(
                f"{who}: module__ options are for a class or function that makes the module, and module is an "
                f"instance of {type(module).__name__}. Pass the class, or set {', '.join(options)} on the instance."
            )
        return copy.deepcopy(module)
    if isinstance(module, str):
        if module not in nets.__all__:
            raise ValueError(
                f"{who}: there is no module {module!r} in skal.nets; there are {', '.join(nets.__all__)}."
            )
        module = getattr(nets, module)
    make = default if module is None else module
    known = {"input_shape": tuple(input_shape), **sizes}
    if not callable(make):
        raise TypeError(f"{who}: module must be a class, a function, a name in skal.nets or a Module, got {make!r}.")
    try:
        named = set(inspect.signature(make).parameters)
    except ValueError:  # a built-in without one
        named = set()
    made = make(**{**{key: value for key, value in known.items() if key in named}, **options})
    if not isinstance(made, nn.Module):
        raise TypeError(f"{who}: module must make a torch.nn.Module, got {type(made).__name__}.")
    return made


def optimizer_of(optimizer: Any, who: str) -> Any:
    """Return the optimizer meant: a class, or one of torch.optim by name, capital letters or not."""
    if not isinstance(optimizer, str):
        return optimizer
    known = {
        name.casefold(): made
        for name, made in vars(torch.optim).items()
        if isinstance(made, type) and issubclass(made, torch.optim.Optimizer) and made is not torch.optim.Optimizer
    }
    if optimizer.casefold() not in known:
        near = difflib.get_close_matches(optimizer.casefold(), known, n=1)
        meant = f" Did you mean {known[near[0]].__name__!r}?" if near else ""
        raise ValueError(
            f"{who}: optimizer must be a class of torch.optim or its name, got {optimizer!r}.{meant} There are "
            f"{', '.join(sorted(made.__name__ for made in known.values()))}."
        )
    return known[optimizer.casefold()]


def resolve_device(device: Any, who: str) -> torch.device:
    """Return the device meant; "auto" is the first of CUDA, MPS and the CPU that is there."""
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        found = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f'{who}: device must be "auto", "cpu", "cuda", "cuda:0", "mps"..., got {device!r}.'
        ) from error
    if found.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f'{who}: device={device!r} is not there: this torch sees no CUDA GPU. Use device="auto".')
    return found
