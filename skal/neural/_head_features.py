"""Features of a net that is trained for something else: what goes into its head, or into a layer that is named."""

from __future__ import annotations

import difflib
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from skal.neural._capture import ConvHeadInput, HeadInput, input_of
from skal.neural._net_predictions import NetPredictions
from skal.warning import warn

__all__ = ["HeadFeatures", "MapFeatures", "checked_layer"]


class HeadFeatures(NetPredictions):
    """Base of an estimator around a net: ``transform`` gives what goes into its head, a linear layer.

    A subclass has the parameter `embedding_layer`.
    """

    embedding_layer: str | None = None
    _head_input: ClassVar[type[HeadInput]] = HeadInput
    _kind_of_head: ClassVar[str] = "linear layer"

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Penultimate features: what goes into the layer whose output the net returns.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray of float32 of shape (n, d)
            One vector a row: what goes into the last linear layer before the logits, flattened, or into the layer
            that `embedding_layer` names; maps that go into that one, (b, d, h, w), as their means.

        Raises
        ------
        TypeError
            If the net has no linear layer.
        ValueError
            If `embedding_layer` names none of the net.

        Warns
        -----
        UserWarning
            If it cannot be told which layer's output is returned, as of several heads of different features that
            are added up: then they are those of the linear layer that runs last.
        """
        return self._features(X)

    def _features(self, X: Any) -> NDArray[np.float32]:
        untold = False

        def embed(x: Tensor) -> Tensor:
            nonlocal untold
            features, told = self._features_of(x)
            untold = untold or not told
            return features

        found = self._read(X, embed)
        if untold:
            warn(
                f"{type(self).__name__}: the output of {type(self._own_module()).__name__} comes of no single "
                f"{self._kind_of_head}, so features are what goes into the one that runs last. Name the layer whose "
                "input is meant, as embedding_layer='head'."
            )
        return found

    def _embed(self, x: Tensor) -> Tensor:
        return self._features_of(x)[0]

    def _features_of(self, x: Tensor) -> tuple[Tensor, bool]:
        """Features (b, d) of a batch, and whether it could be told of which layer."""
        who = type(self).__name__
        if self.embedding_layer is not None:
            with input_of(checked_layer(self._own_module(), self.embedding_layer, who)) as seen:
                self._logits(x)
            if not seen:
                raise TypeError(f"{who}: the layer embedding_layer={self.embedding_layer!r} does not run.")
            return _rows_of(seen[-1]), True
        with self._head_input() as head:
            out = self._logits(x)
        features = head.of(out)
        found = head.last if features is None else features
        if found is None:
            raise TypeError(
                f"{who}: features are what goes into the last {self._kind_of_head}, and "
                f"{type(self._own_module()).__name__} has none. Pass embedding= to the strategy, or name another "
                "layer by embedding_layer=."
            )
        return self._vectors(found), features is not None

    def _vectors(self, features: Tensor) -> Tensor:
        return features.float().flatten(1)

    def _own_module(self) -> nn.Module:
        return self._task_net(self.net_.module_)

    def _task_net(self, module: nn.Module) -> nn.Module:
        """Hook: the module of the user, in what the estimator made of it."""
        return module

    def _train(self, net: Any, dataset: Any, targets: Any, goes_on: bool) -> None:
        self._check_layer(net)
        super()._train(net, dataset, targets, goes_on)

    def _one_pass(self, net: Any, data: Any, targets: Any, goes_on: bool) -> None:
        self._check_layer(net)
        super()._one_pass(net, data, targets, goes_on)

    def _check_layer(self, net: Any) -> None:
        if self.embedding_layer is not None:
            checked_layer(self._task_net(net.module), self.embedding_layer, type(self).__name__)


class MapFeatures(HeadFeatures):
    """The same of a net whose head is a convolution, as those that tell pixels."""

    _head_input = ConvHeadInput
    _kind_of_head = "convolution"

    def _vectors(self, features: Tensor) -> Tensor:
        return _rows_of(features)


def checked_layer(module: nn.Module, name: Any, who: str) -> nn.Module:
    """Return the layer of a module that is called so.

    Parameters
    ----------
    module : Module
        Of the user.
    name : str
        As ``module.named_modules()`` has it.
    who : str
        For the message.

    Raises
    ------
    ValueError
        If there is none.
    """
    layers = {key: layer for key, layer in module.named_modules() if key}
    if isinstance(name, str) and name in layers:
        return layers[name]
    near = difflib.get_close_matches(str(name), layers, n=1)
    shown = [*list(layers)[:12], *(["..."] if len(layers) > 12 else [])]
    raise ValueError(
        f"{who}: embedding_layer must name a layer of {type(module).__name__}, or be None, got {name!r}"
        f"{f', did you mean {near[0]!r}' if near else ''}. There are {', '.join(shown)}."
    )


def _rows_of(features: Tensor) -> Tensor:
    """One vector a row: of maps the mean over their positions."""
    features = features.float()
    return features.flatten(2).mean(dim=2) if features.ndim > 3 else features.flatten(1)
