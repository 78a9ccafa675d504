"""A net for segmentation that predicts its own losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from skal.neural._loss_predicting import LossPredicting, LossVerbs
from skal.neural.segmenter import NeuralSegmenter
from skal.training import SegmenterNet


class LossPredictionSegmenterNet(LossVerbs, SegmenterNet):
    """A segmenter's net that predicts its losses."""


class LossPredictionSegmenter(LossPredicting, NeuralSegmenter):
    """A net trained together with a small one that learns on which images the loss is larger.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        As of `NeuralSegmenter`, with ``forward_stages(x) -> (logits, stages)``, as `skal.nets.UNet` and other nets of
        `skal.nets` for segmentation.
    margin : float, default=1.0
        How far the predicted losses of a pair must lie apart.
    weight : float, default=1.0
        Weight of the pair loss beside the cross-entropy.
    stop_gradient_after : float, default=0.6
        Share of the epochs after which the pair loss no longer trains the net itself, only the loss prediction.
    size, crop_size, zoom, flip, augment, max_epochs, batch_size, lr, schedule, optimizer, device, random_state, \
classes, ignore_label, class_weight, warm_start, embedding_layer, train_split, callbacks, channels_last, bf16, verbose
        As of `NeuralSegmenter`. Images are paired within a batch, so a batch has two at least.
    **options
        ``module__*`` and ``optimizer__*``.

    Attributes
    ----------
    classes_ : ndarray of int of shape (C,)
        Labels, sorted, without `ignore_label`.
    net_ : skorch net
        With ``net_.module_.backbone`` the net and ``net_.module_.loss_prediction`` the small one.
    history_ : list of dict
        As of `NeuralSegmenter`, with ``pair_loss``; ``train_loss`` is the sum.

    Notes
    -----
    The loss of an image is the mean cross-entropy of its pixels that are not void [2]_. Time and memory are those of
    `NeuralSegmenter`; the small net is one linear layer a stage.

    References
    ----------
    .. [1] Yoo & Kweon, "Learning loss for active learning", CVPR 2019, equations 2 and 3.
    .. [2] Mittal et al., "Parting with illusions about deep active learning", 2019.

    Examples
    --------
    >>> import numpy as np
    >>> X, masks = np.random.default_rng(0).random((6, 3, 8, 12), dtype=np.float32), np.zeros((6, 8, 12), dtype=int)
    >>> masks[:, 4:] = 1
    >>> model = LossPredictionSegmenter(module__width=4, module__depth=1, max_epochs=2, random_state=0).fit(X, masks)
    >>> model.predict_loss(X).shape, model.predict(X).shape
    ((6,), (6, 8, 12))
    """

    features: Any = None  # of other models, which join the stages of a classifier

    def __init__(
        self,
        module: Any = None,
        *,
        margin: float = 1.0,
        weight: float = 1.0,
        stop_gradient_after: float = 0.6,
        size: int | Sequence[int] | None = None,
        crop_size: int | Sequence[int] | None = None,
        zoom: tuple[float, float] = (1.0, 1.0),
        flip: bool = True,
        augment: Any = None,
        max_epochs: int | str = "auto",
        batch_size: int = 4,
        lr: float = 1e-2,
        schedule: str | None = "one_cycle",
        optimizer: Any = torch.optim.Adam,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        classes: Any = None,
        ignore_label: int = 255,
        class_weight: Any = None,
        warm_start: bool = False,
        embedding_layer: str | None = None,
        train_split: Any = None,
        callbacks: Any = None,
        channels_last: bool = False,
        bf16: bool = False,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        self._keep_parameters(locals())

    def _net_class(self) -> type[SegmenterNet]:
        return LossPredictionSegmenterNet
