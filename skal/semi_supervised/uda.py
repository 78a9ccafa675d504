"""Unsupervised data augmentation.

Xie, Dai, Hovy, Luong & Le, "Unsupervised data augmentation for consistency training", NeurIPS 2020.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from skal.semi_supervised._docs import documented
from skal.semi_supervised._estimator import PUBLISHED_OPTIMIZER, ConsistencyClassifier
from skal.semi_supervised._losses import Annealing
from skal.semi_supervised._net import Consistency
from skal.training import Standardize


@documented
class UDAClassifier(ConsistencyClassifier):
    """A net that learns from labelled rows, and that strong augmentation should not change what it says of others.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        As of `skal.neural.NeuralClassifier`.
    {rows}
    threshold : float, default=0.8
        Guesses whose largest probability, unsharpened, is above it are trusted, in [0, 1).
    temperature : float, default=0.4
        Positive; below 1 the guesses are sharpened before the net has to agree with them.
    annealing : {{"linear", "exp", "log", None}}, default=None
        Training-signal annealing: labelled rows whose class is known better than a rising threshold are left out of
        a step. For few labels that are learnt by heart; off for images in the paper's code.
    {augmentations}
    {training}

    Attributes
    ----------
    {attributes}

    Notes
    -----
    The loss is ``CE(labelled) + w mean_u 1[max p(u) > threshold] KL(sharpened p(u) || p(strong u))``; the mean is
    over all unlabelled rows of the step, those that are not trusted counting as zeros.

    {notes}

    References
    ----------
    .. [1] Xie et al., "Unsupervised data augmentation for consistency training", NeurIPS 2020, equation 1 and
       section 3.2.
    .. [2] Mittal et al., "Parting with illusions about deep active learning", 2019.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> partly = [label if i < 100 else None for i, label in enumerate(y)]
    >>> model = UDAClassifier(max_steps=100, random_state=0).fit(X, partly)
    >>> model.n_labeled_, model.predict_proba(X).shape
    (100, (1797, 10))
    """

    def __init__(
        self,
        module: Any = None,
        *,
        max_steps: int = 1000,
        batch_size: int = 32,
        unlabeled_batch_size: int | None = None,
        unlabeled_weight: float = 1.0,
        threshold: float = 0.8,
        temperature: float = 0.4,
        annealing: Annealing | None = None,
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
        self.temperature = temperature
        self.annealing = annealing
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
    def published(cls, paper: str = "uda", **changes: Any) -> UDAClassifier:
        """Make one with the settings of a paper, for CIFAR-10 and a GPU.

        Parameters
        ----------
        paper : {"uda", "mittal"}, default="uda"
            "uda": the released code (threshold 0.8, temperature 0.4, 448 unlabelled rows a step, 500 000 steps).
            "mittal": active learning with UDA [2]_ (0.6, 0.5, 320 unlabelled rows, 50 000 steps a round).
        **changes
            Other parameters, such as ``random_state``.

        Returns
        -------
        UDAClassifier
            Of a WRN-28-2, AutoAugment (RandAugment for "uda") and SGD; unfitted.
        """
        papers: dict[str, dict[str, Any]] = {
            "uda": {
                "max_steps": 500_000,
                "unlabeled_batch_size": 448,
                "threshold": 0.8,
                "temperature": 0.4,
                "strong": "strong",
                "ema_decay": 0.9999,
            },
            "mittal": {
                "max_steps": 50_000,
                "unlabeled_batch_size": 320,
                "threshold": 0.6,
                "temperature": 0.5,
                "strong": "autoaugment",
                "ema_decay": None,  # the paper says nothing of an average
            },
        }
        if paper not in papers:
            raise ValueError(f"UDAClassifier: paper must be one of {', '.join(papers)}, got {paper!r}.")
        settings = {"module": "wide_resnet", "batch_size": 64, "lr": 0.03, **PUBLISHED_OPTIMIZER, **papers[paper]}
        return cls(**{**settings, **changes})

    def _consistency(self) -> Consistency:
        return Consistency(
            self.unlabeled_weight, self.threshold, self.temperature, per_class=False, annealing=self.annealing
        )

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._check_numbers(positive=("temperature",))
