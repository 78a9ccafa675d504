"""FixMatch.

Sohn et al., "FixMatch: simplifying semi-supervised learning with consistency and confidence", NeurIPS 2020.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from skal.semi_supervised._docs import documented
from skal.semi_supervised._estimator import PUBLISHED_OPTIMIZER, ConsistencyClassifier
from skal.semi_supervised._net import Consistency
from skal.training import Standardize


@documented
class FixMatchClassifier(ConsistencyClassifier):
    """A net that learns from labelled rows, and to give the class it is sure of where a row is strongly augmented.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        As of `skal.neural.NeuralClassifier`.
    {rows}
    threshold : float, default=0.95
        Guesses whose largest probability is above it are trusted, in [0, 1).
    per_class : bool, default=False
        Lower the threshold of classes that few rows have been given to so far, as FlexMatch does [2]_.
    {augmentations}
    {training}

    Attributes
    ----------
    {attributes}

    Notes
    -----
    The loss is ``CE(labelled) + w mean_u 1[max p(u) > threshold] CE(argmax p(u), p(strong u))``; the mean is over all
    unlabelled rows of the step, those that are not trusted counting as zeros.

    {notes}

    References
    ----------
    .. [1] Sohn et al., "FixMatch: simplifying semi-supervised learning with consistency and confidence",
       NeurIPS 2020, equations 3 and 4.
    .. [2] Zhang et al., "FlexMatch: boosting semi-supervised learning with curriculum pseudo labeling", NeurIPS 2021.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> partly = [label if i < 100 else None for i, label in enumerate(y)]
    >>> model = FixMatchClassifier(max_steps=100, threshold=0.8, random_state=0).fit(X, partly)
    >>> model.history_[-1]["trusted"] > 0
    True
    """

    def __init__(
        self,
        module: Any = None,
        *,
        max_steps: int = 1000,
        batch_size: int = 32,
        unlabeled_batch_size: int | None = None,
        unlabeled_weight: float = 1.0,
        threshold: float = 0.95,
        per_class: bool = False,
        augment: Any = "weak",
        strong: Any = "strong",
        ema_decay: float | None = 0.999,
        schedule: str | None = "cosine",
        lr: float = 1e-3,
        optimizer: Any = torch.optim.Adam,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        missing_label: Any = "auto",
        classes: Any = None,
        class_weight: Any = None,
        warm_start: bool = False,
        standardize: Standardize = "auto",
        embedding_layer: str | None = None,
        callbacks: Any = None,
        channels_last: bool = False,
        bf16: bool = False,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        self.module = module
        self.max_steps = max_steps
        self.batch_size = batch_size
        self.unlabeled_batch_size = unlabeled_batch_size
        self.unlabeled_weight = unlabeled_weight
        self.threshold = threshold
        self.per_class = per_class
        self.augment = augment
        self.strong = strong
        self.ema_decay = ema_decay
        self.schedule = schedule
        self.lr = lr
        self.optimizer = optimizer
        self.device = device
        self.random_state = random_state
        self.missing_label = missing_label
        self.classes = classes
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.standardize = standardize
        self.embedding_layer = embedding_layer
        self.callbacks = callbacks
        self.channels_last = channels_last
        self.bf16 = bf16
        self.verbose = verbose
        self._keep_options(options)

    @classmethod
    def published(cls, paper: str = "fixmatch", **changes: Any) -> FixMatchClassifier:
        """Make one with the paper's settings for CIFAR-10, for a GPU.

        Parameters
        ----------
        paper : {"fixmatch"}, default="fixmatch"
            Whose settings; there are those of one paper.
        **changes
            Other parameters, such as ``random_state``.

        Returns
        -------
        FixMatchClassifier
            Of a WRN-28-2, RandAugment and SGD, with 448 unlabelled rows a step and 2**20 steps; unfitted.
        """
        if paper != "fixmatch":
            raise ValueError(f"FixMatchClassifier: paper must be 'fixmatch', got {paper!r}.")
        settings = {
            "module": "wide_resnet",
            "max_steps": 2**20,
            "batch_size": 64,
            "unlabeled_batch_size": 448,
            "lr": 0.03,
            **PUBLISHED_OPTIMIZER,
        }
        return cls(**{**settings, **changes})

    def _consistency(self) -> Consistency:
        return Consistency(self.unlabeled_weight, self.threshold, temperature=0.0, per_class=self.per_class)
