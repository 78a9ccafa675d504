"""Weights on disk: one safetensors file, which can hold numbers and text and no code."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from skal.training.inputs import Inputs

F = TypeVar("F", bound=Callable[..., Any])
_FORMAT = 1
_MEAN, _SCALE = "inputs.mean", "inputs.scale"


@dataclass(frozen=True)
class Weights:
    """State of a module, as read from a file."""

    state: dict[str, torch.Tensor]
    path: str

    def into(self, module: torch.nn.Module) -> None:
        """Load the state into a module, all of it and nothing else.

        Raises
        ------
        ValueError
            If names or shapes differ; the message says which.
        """
        try:
            module.load_state_dict(self.state, strict=True)
        except RuntimeError as error:
            raise ValueError(
                f"{self.path}: the weights do not fit {type(module).__name__}. Load them with the module and the "
                f"options that they were saved with. {error}"
            ) from error
        module.eval()


def save_weights(path: Any, who: str, module: torch.nn.Module, inputs: Inputs, facts: dict[str, Any]) -> None:
    """Write whose weights they are, a module's state, how its inputs are scaled, and facts that JSON can hold."""
    # A copy each: safetensors refuses tensors that share memory.
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in module.state_dict().items()}
    if inputs.mean is not None:
        tensors[_MEAN], tensors[_SCALE] = torch.from_numpy(inputs.mean), torch.from_numpy(inputs.scale)
    header = {"format": _FORMAT, "estimator": who, "shape": list(inputs.shape), "clip": inputs.clip, **facts}
    if inputs.tokens:
        header["tokens"] = True
    if inputs.pixels is not None:
        header["pixels"] = inputs.pixels
    # safetensors notices a file that is too short, and not a changed byte.
    header["digests"] = {name: _digest(value) for name, value in tensors.items()}
    save_file(tensors, str(path), metadata={"skal": json.dumps(header)})


def load_weights(path: Any, who: str) -> tuple[Inputs, dict[str, Any], Weights]:
    """Read what `save_weights` wrote.

    Raises
    ------
    ValueError
        If the file is not one of these, or another estimator's.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("skal", "null"))
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(
            f"{who}.load: {path} is no safetensors file, or is damaged ({_in_a_line(error)}); save or copy it again."
        ) from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{who}.load: the header of {path} is damaged ({error}); save or copy it again.") from error
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise ValueError(f"{who}.load: {path} was not written by {who}.save.")
    if header.get("estimator") != who:
        raise ValueError(f"{who}.load: {path} was written by {header.get('estimator')}, load it with that.")
    digests = header.pop("digests", {})  # files that were written before have none
    bad = [name for name, value in state.items() if name in digests and digests[name] != _digest(value)]
    if bad:
        raise ValueError(f"{who}.load: {path} is damaged: {bad[0]} is not what was saved; save or copy it again.")
    try:
        mean, scale = state.pop(_MEAN, None), state.pop(_SCALE, None)
        inputs = Inputs(
            tuple(header["shape"]),
            None if mean is None else np.asarray(mean.numpy()),
            None if scale is None else np.asarray(scale.numpy()),
            header["clip"],
            header.get("tokens", False),
            header.get("pixels"),
        )
    except KeyError as error:
        raise ValueError(
            f"{who}.load: the header of {path} is damaged: {error} is not there; save or copy it again."
        ) from error
    return inputs, header, Weights(state, str(path))


@contextmanager
def all_or_nothing(estimator: Any, path: Any = None, net: Any = None) -> Iterator[None]:
    """Put an estimator back as it was where a fit or a load fails, whatever was set on the way.

    Parameters
    ----------
    estimator : estimator
        Its attributes are put back.
    path : str or Path, default=None
        What is loaded, for messages.
    net : skorch net or None, default=None
        That is trained on: its weights, optimizers and history are put back as well, of a copy that is made now.
    """
    before = dict(vars(estimator))
    state = None if net is None else _state(net)
    try:
        yield
    except BaseException as error:
        vars(estimator).clear()
        vars(estimator).update(before)
        if net is not None and state is not None:
            vars(net).clear()
            vars(net).update(state)
        if path is not None and isinstance(error, KeyError):
            raise ValueError(
                f"{type(estimator).__name__}.load: the header of {path} is damaged: {error} is not there; save or "
                "copy it again."
            ) from error
        raise


def unchanged_if_it_fails(fit: F) -> F:
    """Make a fit that trains a new net leave the estimator as it was where it fails."""

    @functools.wraps(fit)
    def whole(self: Any, *args: Any, **kwargs: Any) -> Any:
        with all_or_nothing(self):
            return fit(self, *args, **kwargs)

    return cast(F, whole)


def _state(net: Any) -> dict[str, Any]:
    """Attributes of a net, those that a training changes as a copy in which optimizers hold the copied weights."""
    kept = dict(vars(net))
    changing = {
        name: kept[name] for name in kept if name == "module" or (name.endswith("_") and name != "callbacks_")
    }
    return {**kept, **copy.deepcopy(changing)}


def _digest(tensor: torch.Tensor) -> str:
    values = tensor.contiguous().reshape(-1).view(torch.uint8).numpy()
    return hashlib.blake2b(values.tobytes(), digest_size=8).hexdigest()


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())
