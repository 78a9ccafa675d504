"""Two values of every setting of the estimators that are nets."""

from functools import partial
from typing import Any

import numpy as np
import torch
from made_effects import Case, Other, weights_of
from made_segmentation import PixelClassifier
from made_streets import streets
from sklearn.decomposition import PCA
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from skorch.callbacks import Callback
from skorch.dataset import ValidSplit
from torch import nn

from skal import nets
from skal.adversarial import SRAAL, VAAL
from skal.augment import Cutout, GaussianNoise, SwapFeatures
from skal.neural import (
    LossPredictionClassifier,
    LossPredictionSegmenter,
    NeuralClassifier,
    NeuralRegressor,
    NeuralSegmenter,
    VariationalAutoencoder,
)
from skal.semi_supervised import FixMatchClassifier, S4GANSegmenter, UDAClassifier

_rng = np.random.default_rng(0)
X = _rng.normal(size=(24, 3)) * [1.0, 1.0, 5.0] + [0.0, 2.0, 0.0]
y = np.repeat([0, 1, 2, -1], 6)[_rng.permutation(24)]
X_IMAGES = _rng.random((12, 3, 8, 8), dtype=np.float32)
y_images = np.array([0, 1, 2, 0, 1, 2, 0, 1, -1, -1, -1, -1])
STREETS, MASKS = streets(6, size=(10, 12))
PARTLY = [*MASKS[:4], None, None]


class Counted:
    """Images that are read one by one, and how often they were."""

    def __init__(self, images):
        self.images = images
        self.n_reads = 0

    def __len__(self):
        return len(self.images)

    def __getitem__(self, row):
        self.n_reads += 1
        return self.images[row]


class Noted(Callback):
    """Leaves a mark in the history."""

    def on_epoch_begin(self, net, **kwargs):
        net.history.record("noted", 1)


class OtherMLP(nets.MLP):
    """A net that is told from the default by its name."""


class OtherMLPVAE(nets.MLPVAE):
    """As `OtherMLP`."""


class OtherTwoHeadedVAE(nets.TwoHeadedVAE):
    """As `OtherMLP`."""


class OtherUNet(nets.UNet):
    """As `OtherMLP`."""


class OnPixels(GaussianNB):
    """A task model of images, flattened."""

    def fit(self, X, y):
        return super().fit(np.reshape(X, (len(X), -1)), y)

    def predict_proba(self, X):
        return super().predict_proba(np.reshape(X, (len(X), -1)))


class Flattened(GaussianNB):
    """A task model of images."""

    def fit(self, X, y):
        return super().fit(np.reshape(X, (len(X), -1)), y)

    def predict_proba(self, X):
        return super().predict_proba(np.reshape(X, (len(X), -1)))


def linear_judge(latent_dim):
    """A discriminator of one layer."""
    return nn.Sequential(nn.Linear(latent_dim, 1), nn.Flatten(0))


def seen_of_net(model, data=(X, y), n_fits=1):
    """Fit, and return weights, history and whatever the estimator says of rows."""
    rows, labels = data
    rows = Counted(rows) if isinstance(rows, list) else rows
    for _ in range(n_fits):
        model.fit(rows, labels)
    n_reads = getattr(rows, "n_reads", 0)
    parts = [model.net_.module_, getattr(model.net_, "discriminator_", None)]
    said = [
        getattr(model, method)(rows)
        for method in ("predict_proba", "transform", "predict_loss", "score_samples", "discriminator_score", "query")
        if hasattr(model, method)
    ]
    history = [{name: value for name, value in epoch.items() if name != "dur"} for epoch in model.history_]
    return [weights_of(part) for part in parts if part is not None], history, said, n_reads


def seen_of_regressor(model, data=(X, y), n_fits=1):
    """As `seen_of_net`, and the numbers; of tables also how sure the net is, by dropout."""
    found = seen_of_net(model, data, n_fits)
    return found, model.predict(data[0], return_std=np.ndim(data[0]) == 2)


_OF_EVERY_NET = {
    "lr": 0.05,
    "optimizer": torch.optim.SGD,
    "device": Other("cuda", beside={"device": "cpu"}, is_refused=True),  # refused where there is none
    "random_state": 1,
    "callbacks": [Noted()],
    "bf16": True,
    "verbose": 1,
    "optimizer__weight_decay": 1.0,
}
_OF_TABLES = {
    **_OF_EVERY_NET,
    "missing_label": "auto",
    "standardize": False,
    "batch_size": 4,
    "module__hidden": (5,),
    "channels_last": Other(
        True, beside={"module": "SmallCNN"}, without=("module__hidden",), how={"data": (X_IMAGES, y_images)}
    ),
}
_OF_LABELS = {
    **_OF_TABLES,
    "module": OtherMLP,
    "classes": [0, 1, 2, 3],
    "class_weight": {0: 5.0},
    "warm_start": Other(True, how={"n_fits": 2}),
    "augment": SwapFeatures(0.5),
    "embedding_layer": "layers.0.0",
}
_TABLE = {
    "module__hidden": (4,),
    "batch_size": 8,
    "lr": 0.01,
    "missing_label": -1,
    "random_state": 0,
    "device": "cpu",
}
_SPLIT = {"max_epochs": 3, "train_split": ValidSplit(2)}
_LOSS_PREDICTION = {
    "margin": 1e-3,
    "weight": 0.1,
    "stop_gradient_after": 0.0,
}
_CONSISTENT = {
    **_TABLE,
    "max_steps": 12,  # a moving average of the weights is shorter than 0.5 in the first eight
    "threshold": 0.0,  # guesses are trusted from the first step on
    "unlabeled_batch_size": 8,
    "lr": 0.1,
}
_OF_CONSISTENCY = {
    **_OF_LABELS,
    "max_steps": 11,
    "unlabeled_batch_size": None,
    "unlabeled_weight": 0.5,
    "threshold": 0.6,
    "strong": GaussianNoise(1.0),
    "ema_decay": 0.5,
    "schedule": None,
}
_IMAGES = {
    "module__width": 4,
    "module__depth": 1,
    "batch_size": 4,
    "random_state": 0,
    "device": "cpu",
}
_OF_SEGMENTERS = {
    **_OF_EVERY_NET,
    "module": OtherUNet,
    "module__width": 5,
    "size": (8, 8),
    "crop_size": 8,
    "zoom": (0.5, 1.5),
    "flip": False,
    "augment": Cutout(0.5),
    "batch_size": 2,
    "classes": [0, 1, 2, 3],
    "ignore_label": 2,
    "class_weight": "balanced",
    "warm_start": Other(True, how={"n_fits": 2}),
    "channels_last": True,
    "embedding_layer": "stem.3",
}
_OF_STREETS = partial(seen_of_net, data=(STREETS, PARTLY))
_ADVERSARIAL = {
    **_TABLE,
    "max_steps": 3,
    "judge_steps": 2,
    "latent_dim": 4,
    "discriminator__hidden": 8,
    "warmup": 0.0,
}
_OF_ADVERSARIES = {
    **_OF_TABLES,
    "discriminator": Other(linear_judge, without=("discriminator__hidden",)),
    "discriminator__hidden": 4,
    "latent_dim": 3,
    "likelihood": "unit",
    "reconstruction_weight": 0.5,
    "kl_weight": 0.5,
    "adversarial_weight": 0.5,
    "warmup": 0.5,
    "max_steps": 2,
    "max_epochs": 2,
    "judge_steps": 0,
}
# Nets without convolutions are quick, and a list of images is read one by one.
_ONE_BY_ONE: dict[str, Any] = {"how": {"data": (list(X_IMAGES), y_images)}}
_CONVOLVED: dict[str, Any] = {"how": {"data": (X_IMAGES, y_images)}, "without": ("module__hidden",)}
_NARROW = {"module__width": 1 / 64}
_NO_LABELS = ("missing_label",)


def _but(settings, names):
    return {name: value for name, value in settings.items() if name not in names}


CASES = [
    Case(
        NeuralClassifier,
        {**_TABLE, "max_epochs": 2},
        {**_OF_LABELS, "max_epochs": 3, "train_split": ValidSplit(2)},
        seen_of_net,
    ),
    Case(
        NeuralRegressor,
        {**_TABLE, "max_epochs": 2},
        {
            **_but(_OF_LABELS, ("classes", "class_weight")),
            "max_epochs": 3,
            "n_samples": 5,
            "train_split": ValidSplit(2),
        },
        seen_of_regressor,
    ),
    Case(
        LossPredictionClassifier,
        {**_TABLE, "max_epochs": 2},
        {**_OF_LABELS, **_LOSS_PREDICTION, "features": PCA(2), "max_epochs": 3, "train_split": ValidSplit(2)},
        seen_of_net,
    ),
    Case(
        VariationalAutoencoder,
        {**_but(_TABLE, _NO_LABELS), "max_epochs": 2},
        {
            **_but(_OF_TABLES, _NO_LABELS),
            "module": OtherMLPVAE,
            "channels_last": Other(True, beside={**_NARROW, "module": "ConvVAE"}, **_CONVOLVED),
            "latent_dim": 3,
            "max_epochs": 3,
            "beta": 0.5,
            "likelihood": "unit",
        },
        seen_of_net,
    ),
    Case(UDAClassifier, _CONSISTENT, {**_OF_CONSISTENCY, "temperature": 0.9, "annealing": "linear"}, seen_of_net),
    Case(
        FixMatchClassifier,
        _CONSISTENT,
        {**_OF_CONSISTENCY, "per_class": Other(True, beside={"threshold": 0.5})},
        seen_of_net,
    ),
    Case(
        NeuralSegmenter,
        {**_IMAGES, "max_epochs": 2},
        {**_OF_SEGMENTERS, "max_epochs": 3, "schedule": None, "train_split": ValidSplit(2)},
        _OF_STREETS,
    ),
    Case(
        LossPredictionSegmenter,
        {**_IMAGES, "max_epochs": 2},
        {**_OF_SEGMENTERS, **_LOSS_PREDICTION, "max_epochs": 3, "schedule": None, "train_split": ValidSplit(2)},
        _OF_STREETS,
    ),
    Case(
        S4GANSegmenter,
        {**_IMAGES, "max_steps": 2, "discriminator_width": 4, "threshold": 0.0},
        {
            **_OF_SEGMENTERS,
            "feature_matching": 0.5,
            "self_training": 0.5,
            "threshold": 0.9,
            "discriminator_lr": 1e-2,
            "discriminator_width": 5,
            "max_steps": 3,
            "schedule": None,
        },
        _OF_STREETS,
    ),
    Case(
        VAAL,
        _ADVERSARIAL,
        {
            **_OF_ADVERSARIES,
            "module": OtherMLPVAE,
            "channels_last": Other(False, beside=_NARROW, **_CONVOLVED),
            "keep_on_device": Other(True, beside={"module": "MLPVAE"}, **_ONE_BY_ONE),
            "ablation": "wasserstein",
        },
        seen_of_net,
    ),
    Case(
        SRAAL,
        {**_ADVERSARIAL, "estimator": GaussianNB()},
        {
            **_OF_ADVERSARIES,
            "module": OtherTwoHeadedVAE,
            "channels_last": Other(False, beside={**_NARROW, "estimator": Flattened()}, **_CONVOLVED),
            "keep_on_device": Other(True, beside={"module__trunk": "mlp", "estimator": Flattened()}, **_ONE_BY_ONE),
            "estimator": DecisionTreeClassifier(max_depth=2, random_state=0),
            "indicator": "entropy",
            "per_pixel": Other(
                True,
                beside={"module__trunk": "mlp", "estimator": PixelClassifier().fit(STREETS, MASKS)},
                without=_NO_LABELS,
                how={"data": (STREETS, PARTLY)},
            ),
            "target_learner": False,
            "target_weight": 1.0,
            "classes": [0, 1, 2, 3],
        },
        seen_of_net,
    ),
]
