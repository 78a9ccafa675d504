"""Segmentation that learns from unlabelled images: s4GAN.

Mittal, Tatarchenko & Brox, "Semi-supervised semantic segmentation with high- and low-level consistency", TPAMI 2021;
in active learning: Mittal et al., "Parting with illusions about deep active learning", 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skal.nets import MaskDiscriminator
from skal.neural import NeuralSegmenter
from skal.semi_supervised._estimator import LearnsFromUnlabeled
from skal.semi_supervised._s4gan_net import S4GANModule, S4GANNet
from skal.training import Inputs, Schedule, SeededDraws, epochs_of_steps

__all__ = ["S4GANSegmenter"]


class S4GANSegmenter(LearnsFromUnlabeled, NeuralSegmenter):
    """A segmentation net that learns from unlabelled images by a discriminator of its maps.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        As of `skal.neural.NeuralSegmenter`.
    feature_matching : float, default=0.1
        Weight of the distance between the discriminator's mean features of drawn and of predicted maps.
    self_training : float, default=1.0
        Weight of the cross-entropy of trusted maps with their own most probable classes.
    threshold : float, default=0.6
        Predicted maps that the discriminator takes for drawn with more than this probability are trusted, in [0, 1).
    discriminator_lr : float, default=1e-4
        Learning rate of the discriminator, which is trained by Adam.
    discriminator_width : int, default=64
        Channels of its first convolution.
    max_steps : int, default=1000
        Steps; each takes `batch_size` images with a mask, as many to show the discriminator, and as many without.
    batch_size : int, default=8
        Images of each kind; where there are fewer, some stand in a batch twice.
    lr : float, default=1e-2
        Learning rate of the segmentation net.
    schedule : {"poly", "one_cycle", None}, default="poly"
        How both learning rates change; see `skal.neural.NeuralSegmenter`.
    size, crop_size, zoom, flip, augment, optimizer, device, random_state, classes, ignore_label, \
class_weight, warm_start, embedding_layer, callbacks, channels_last, bf16, verbose
        As of `skal.neural.NeuralSegmenter`; an epoch of the callbacks is 50 steps.
    **options
        ``module__*`` and ``optimizer__*``.

    Attributes
    ----------
    classes_ : ndarray of int of shape (C,)
        Labels, sorted, without `ignore_label`.
    net_ : skorch net
        With ``net_.module_.segmenter`` and ``net_.module_.discriminator``.
    history_ : list of dict
        One an epoch of 50 steps: means of ``train_loss``, ``labeled_loss``, ``feature_matching``, ``self_training``,
        ``discriminator_loss`` and of ``trusted``, the share of unlabelled images whose maps were trusted.
    n_labeled_ : int
        Images with a mask.
    n_iter_ : int
        Epochs.

    Notes
    -----
    The loss of the net is ``CE(labelled) + 0.1 FM + ST``. FM is the mean absolute difference of the discriminator's
    mean features of drawn and of predicted maps. ST is the cross-entropy of an unlabelled image with its own most
    probable classes, where the discriminator trusts its map; none is trusted in the first step. The discriminator
    sees maps beside images, and learns to give 1 to drawn ones and 0 to predicted ones.

    What differs from the public code, on purpose. A map is 0 where a pixel is void, which alone would tell drawn
    maps from predicted ones: so map and image are 0 there on both sides, a predicted map at the void pixels of the
    drawn map of the same place in the batch. Images are scaled to [0, 1] each by itself, not by the batch, and the
    discriminator is without dropout where it judges which maps to trust. So what it says of an image does not depend
    on others.

    Time of a step: two passes of the net with gradient, five of the discriminator. Memory: one batch of each kind.
    Images whose masks are missing, or void throughout, are the unlabelled ones; those with masks are drawn by their
    labelled pixels, as by `skal.neural.NeuralSegmenter`.

    References
    ----------
    .. [1] Mittal, Tatarchenko & Brox, "Semi-supervised semantic segmentation with high- and low-level consistency",
       TPAMI 2021, section 3.1. Settings and layers are of github.com/sud0301/semisup-semseg.
    .. [2] Mittal et al., "Parting with illusions about deep active learning", 2019.

    Examples
    --------
    >>> import numpy as np
    >>> X, masks = np.random.default_rng(0).random((6, 3, 16, 24), dtype=np.float32), np.zeros((6, 16, 24), dtype=int)
    >>> masks[:, :, 12:] = 1
    >>> model = S4GANSegmenter(max_steps=2, module__width=4, module__depth=1, discriminator_width=4, random_state=0)
    >>> model = model.fit(X, [*masks[:4], None, None])
    >>> model.predict(X).shape, model.discriminator_score(X).shape
    ((6, 16, 24), (6,))
    """

    def __init__(
        self,
        module: Any = None,
        *,
        feature_matching: float = 0.1,
        self_training: float = 1.0,
        threshold: float = 0.6,
        discriminator_lr: float = 1e-4,
        discriminator_width: int = 64,
        size: int | Sequence[int] | None = None,
        crop_size: int | Sequence[int] | None = None,
        zoom: tuple[float, float] = (1.0, 1.0),
        flip: bool = True,
        augment: Any = None,
        max_steps: int = 1000,
        batch_size: int = 8,
        lr: float = 1e-2,
        schedule: str | None = "poly",
        optimizer: Any = torch.optim.Adam,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        classes: Any = None,
        ignore_label: int = 255,
        class_weight: Any = None,
        warm_start: bool = False,
        embedding_layer: str | None = None,
        callbacks: Any = None,
        channels_last: bool = False,
        bf16: bool = False,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        self.module = module
        self.feature_matching = feature_matching
        self.self_training = self_training
        self.threshold = threshold
        self.discriminator_lr = discriminator_lr
        self.discriminator_width = discriminator_width
        self.size = size
        self.crop_size = crop_size
        self.zoom = zoom
        self.flip = flip
        self.augment = augment
        self.max_steps = max_steps
        self.batch_size = batch_size
        self.lr = lr
        self.schedule = schedule
        self.optimizer = optimizer
        self.device = device
        self.random_state = random_state
        self.classes = classes
        self.ignore_label = ignore_label
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.embedding_layer = embedding_layer
        self.callbacks = callbacks
        self.channels_last = channels_last
        self.bf16 = bf16
        self.verbose = verbose
        self._keep_options(options)

    @classmethod
    def published(cls, paper: str = "voc", **changes: Any) -> S4GANSegmenter:
        """Make one with published settings, for a GPU.

        Parameters
        ----------
        paper : {"voc", "cityscapes", "mittal"}, default="voc"
            The released code for PASCAL VOC (windows of 321 pixels, threshold 0.6, 40 000 steps) or Cityscapes
            (256 x 512, threshold 0.7, a discriminator at 1e-5); or VOC in active learning [1]_, 10 000 steps a round.
        **changes
            Other parameters, such as ``random_state``.

        Returns
        -------
        S4GANSegmenter
            Of DeepLabv2 with a ResNet-101 and SGD, the classifier at ten times the rate; unfitted. Weights learnt on
            ImageNet or COCO, from which the authors start, do not come with it: pass a module that has them.

        References
        ----------
        .. [1] Mittal et al., "Parting with illusions about deep active learning", 2019.
        """
        papers: dict[str, dict[str, Any]] = {
            "voc": {"crop_size": 321, "zoom": (0.5, 1.5), "threshold": 0.6, "max_steps": 40_000},
            "cityscapes": {
                "crop_size": (256, 512),
                "zoom": (1.0, 1.0),
                "threshold": 0.7,
                "max_steps": 40_000,
                "discriminator_lr": 1e-5,
            },
            "mittal": {"crop_size": 321, "zoom": (0.5, 1.5), "threshold": 0.6, "max_steps": 10_000},
        }
        if paper not in papers:
            raise ValueError(f"S4GANSegmenter: paper must be one of {', '.join(papers)}, got {paper!r}.")
        lr = changes.get("lr", 2.5e-4)
        settings = {
            "module": "DeepLabV2",
            "lr": lr,
            "optimizer": torch.optim.SGD,
            "optimizer__momentum": 0.9,
            "optimizer__weight_decay": 5e-4,
            "optimizer__param_groups": [("head*", {"lr": 10 * lr})],
            **papers[paper],
        }
        return cls(**{**settings, **changes})

    def discriminator_score(self, X: Any) -> NDArray[np.float64]:
        """Probability with which the discriminator takes the predicted map of each image for a drawn one.

        Parameters
        ----------
        X : container of n images
            As in `fit`, of any sizes; read in blocks.

        Returns
        -------
        ndarray of shape (n,)
            In (0, 1), of each image by itself, without dropout. Low = the map looks unlike a drawn one = ask first
            (SSL-D-score of Mittal et al., 2019).
        """

        def scores(x: Tensor) -> Tensor:
            maps = torch.softmax(self._logits(x).float(), dim=1)
            with self.net_.autocast():
                found: Tensor = self.net_.predicted_scores(maps, self.net_.prepared(x))
            return found.double()

        return self._read(X, scores)

    def _check_parameters(self) -> None:
        self._check_options()
        self._check_numbers(
            whole=("max_steps", "batch_size", "discriminator_width"), positive=("lr", "discriminator_lr")
        )
        self._check_share("threshold")
        self._check_weight("feature_matching")
        self._check_weight("self_training")
        self._check_images()

    def _task_net(self, module: torch.nn.Module) -> torch.nn.Module:
        segmenter: torch.nn.Module = module.segmenter  # type: ignore[assignment]
        return segmenter

    def _make_net(self, inputs: Inputs, n_classes: int, device: torch.device, draws: SeededDraws) -> Any:
        n_classes = max(n_classes, 2)
        with draws:
            discriminator = MaskDiscriminator(n_classes, inputs.shape[0], self.discriminator_width)
            module = S4GANModule(self._make_module(inputs, n_classes), discriminator)
        max_epochs, n_steps = epochs_of_steps(self.max_steps)
        return self._skorch_net(
            S4GANNet,
            module,
            device,
            n_classes=n_classes,
            n_steps=n_steps,
            feature_matching_weight=self.feature_matching,
            self_training_weight=self.self_training,
            threshold=self.threshold,
            discriminator_lr=self.discriminator_lr,
            max_epochs=max_epochs,
            train_split=None,
        )

    def _train(self, net: Any, dataset: Any, targets: Any, goes_on: bool) -> None:
        net.crop, net.class_weight = self._crop(), self._class_weights(dataset.labeled)
        net.schedule = Schedule(self.schedule, self.max_steps)
        net.begin(dataset)
        super(NeuralSegmenter, self)._train(net, dataset, None, goes_on)  # which has another schedule
        net.end()
