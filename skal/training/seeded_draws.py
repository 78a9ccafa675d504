"""Draws of a net from generators of its own: the global ones are neither read nor moved.

``torch.random.fork_rng`` restores the global generator but shares it between threads while it runs. A
`TorchFunctionMode` belongs to one thread, so eight fits in eight threads draw eight sequences of their own.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

__all__ = ["CountedDraws", "SeededDraws", "mask_shape"]

# Built-in functions and tensor methods that take a generator.
_TAKE_GENERATOR = {
    *(torch.rand, torch.randn, torch.randint, torch.randperm, torch.normal, torch.bernoulli, torch.multinomial),
    *(torch.poisson, torch.Tensor.bernoulli, torch.Tensor.multinomial),
    *(torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.bernoulli_, torch.Tensor.random_),
    *(torch.Tensor.exponential_, torch.Tensor.cauchy_, torch.Tensor.log_normal_, torch.Tensor.geometric_),
    *(torch.binomial, torch._standard_gamma, torch._sample_dirichlet),  # the last two of torch.distributions
}
_LIKE = {torch.rand_like: torch.rand, torch.randn_like: torch.randn}
# Dropout by the axes over which a mask entry is shared: none, or the last ones, or all but the first two.
_DROPOUT: dict[Any, int | None] = {
    torch.dropout: None,
    F.dropout: None,
    F.dropout1d: 1,
    F.dropout2d: 2,
    F.dropout3d: 3,
    torch.dropout_: None,
    torch.feature_dropout: -2,
    torch.feature_dropout_: -2,
}
# These draw inside and take no generator: they run with the global one set aside, one thread at a time.
_NO_GENERATOR = {
    *(F.rrelu, F.gumbel_softmax, F.alpha_dropout, F.feature_alpha_dropout, torch.rrelu, torch.randint_like),
    *(torch.alpha_dropout, torch.feature_alpha_dropout, torch.alpha_dropout_, torch.feature_alpha_dropout_),
    *(F.scaled_dot_product_attention, F.multi_head_attention_forward, torch.lstm, torch.gru, torch.rnn_tanh),
    *(torch.rnn_relu, F.fractional_max_pool2d, F.fractional_max_pool3d),
}
_GLOBAL_GENERATOR = threading.Lock()


class SeededDraws(TorchFunctionMode):
    """Inside, every random operation of this thread draws from generators of one seed.

    Parameters
    ----------
    seed : int
        Seeds one generator a device, made when first needed; they go on where they were when the mode is
        entered again.

    Examples
    --------
    >>> before = torch.get_rng_state()
    >>> with SeededDraws(0):
    ...     first = torch.nn.Linear(3, 2).weight
    >>> with SeededDraws(0):
    ...     again = torch.nn.Linear(3, 2).weight
    >>> bool((first == again).all()), bool((before == torch.get_rng_state()).all())
    (True, True)
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed
        self._generators: dict[str, torch.Generator] = {}

    def generator(self, device: Any = "cpu") -> torch.Generator:
        """Return the generator of a device."""
        key = str(device)
        if key not in self._generators:
            self._generators[key] = torch.Generator(device).manual_seed(self.seed)
        return self._generators[key]

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _DROPOUT:
            return self._dropout(func, *args, **kwargs)
        if func in _LIKE:
            like = args[0] if args else kwargs.pop("input")
            given = {"dtype": like.dtype, "device": like.device, **kwargs}
            return _LIKE[func](like.shape, generator=self.generator(given["device"]), **given)
        if func in _TAKE_GENERATOR or _names_generator(func):
            if kwargs.get("generator") is None:
                kwargs = {**kwargs, "generator": self.generator(_device_of(args, kwargs))}
            return func(*args, **kwargs)
        if func in _NO_GENERATOR:
            return self._set_aside(func, args, kwargs)
        return func(*args, **kwargs)

    def _dropout(
        self, func: Any, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> torch.Tensor:
        """Dropout by a mask from the generator; ``inplace`` saves no memory here and is not looked at."""
        if not training or p == 0.0:
            return input
        return input * self._mask(input, p, mask_shape(func, input))

    def _mask(self, input: torch.Tensor, p: float, shape: tuple[int, ...]) -> torch.Tensor:
        mask = torch.empty(shape, dtype=input.dtype, device=input.device)
        if p == 1.0:
            return mask.zero_()
        return mask.bernoulli_(1 - p, generator=self.generator(input.device)).div_(1 - p)

    def _set_aside(self, func: Any, args: Any, kwargs: Any) -> Any:
        device = torch.device(_device_of(args, kwargs))
        devices = [device] if device.type == "cuda" else []
        seed = int(torch.randint(2**31 - 1, (), generator=self.generator()))
        with _GLOBAL_GENERATOR, torch.random.fork_rng(devices):
            return self._run_seeded(seed, device, func, args, kwargs)

    def _run_seeded(self, seed: int, device: torch.device, func: Any, args: Any, kwargs: Any) -> Any:
        torch.manual_seed(seed)
        return func(*args, **kwargs)


class CountedDraws(SeededDraws):
    """Inside, draws are seeded, and counted: to find out whether a net draws at all.

    Attributes
    ----------
    n_draws : int
        Operations that have drawn; one that could and did not (attention without dropout) is not counted.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.n_draws = 0

    def generator(self, device: Any = "cpu") -> torch.Generator:
        """Return the generator of a device, which is about to be drawn from."""
        self.n_draws += 1
        return super().generator(device)

    def _run_seeded(self, seed: int, device: torch.device, func: Any, args: Any, kwargs: Any) -> Any:
        torch.manual_seed(seed)
        before = _global_state(device)
        out = func(*args, **kwargs)
        self.n_draws -= int(torch.equal(before, _global_state(device)))  # its seed was the only draw
        return out


def _global_state(device: torch.device) -> torch.Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def mask_shape(func: Any, input: torch.Tensor) -> tuple[int, ...]:
    """Shape of the mask: that of the input, with 1 along the axes that a channel spans."""
    axes = _DROPOUT[func]
    if axes is not None and axes < 0:
        axes += input.ndim
    if axes is None or input.ndim <= axes:
        return tuple(input.shape)
    return (*input.shape[: input.ndim - axes], *(1,) * axes)


_NAMES_GENERATOR: dict[Any, bool] = {}


def _names_generator(func: Callable[..., Any]) -> bool:
    """Tell whether a function written in Python (of ``torch.nn.init``, say) has a generator argument."""
    if func not in _NAMES_GENERATOR:
        try:
            _NAMES_GENERATOR[func] = inspect.isfunction(func) and "generator" in inspect.signature(func).parameters
        except (TypeError, ValueError):
            _NAMES_GENERATOR[func] = False
    return _NAMES_GENERATOR[func]


def _device_of(args: Any, kwargs: Any) -> Any:
    """Device on which an operation draws: named, that of its first tensor, or the default one."""
    if kwargs.get("device") is not None:
        return kwargs["device"]
    for value in (*args, *kwargs.values()):
        if isinstance(value, torch.Tensor):
            return value.device
    return torch.get_default_device()
