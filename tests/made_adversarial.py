"""What the tests of VAAL and SRAAL share: small settings, and labels of which some are missing."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from skal.adversarial import SRAAL, VAAL, _estimator

# Tables; a batch of 8 keeps the nets small and the steps many.
QUICK = {
    "max_steps": 6,
    "judge_steps": 6,
    "batch_size": 8,
    "latent_dim": 4,
    "module__hidden": (8,),
    "discriminator__hidden": 8,
    "random_state": 0,
}
QUICK_IMAGES = {**{key: value for key, value in QUICK.items() if key != "module__hidden"}, "module__width": 1 / 64}


@pytest.fixture(autouse=True)
def undiagnosed(monkeypatch):
    """A fit of a few steps without the forest that judges it; a test file imports this to be quick and quiet."""
    monkeypatch.setattr(_estimator, "diagnose", lambda *args: None)


def vaal(**settings):
    """VAAL in a moment, for tables."""
    return VAAL(**{**QUICK, **settings})


def sraal(**settings):
    """SRAAL in a moment, for tables: its task model is not a net."""
    return SRAAL(**{**QUICK, "estimator": GaussianNB(), **settings})


MAKERS = {"VAAL": vaal, "SRAAL": sraal}


def partly(y, n_labeled):
    """Labels as floats of which only the first are known."""
    return np.where(np.arange(len(y)) < n_labeled, y, np.nan)


def half_labeled(y, n_per_class, seed=0):
    """Mask of so many labelled rows of each of five classes, and those classes."""
    rng = np.random.RandomState(seed)
    seen = rng.permutation(10)[:5]
    labeled = np.zeros(len(y), dtype=bool)
    for label in seen:
        labeled[rng.choice(np.flatnonzero(y == label), n_per_class, replace=False)] = True
    return labeled, seen
