"""What the tests of learners and committees share: small data, models that tell or fail, a strategy that counts."""

import contextlib
import functools
from typing import Any, ClassVar

import joblib
import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import FunctionTransformer

from skal.adversarial import SRAAL, VAAL
from skal.nets import MLPVAE, TwoHeadedVAE
from skal.query import (
    adaptive_multilabel,
    expected_error_reduction,
    sraal_query,
    two_sample_sampling,
    vaal_query,
    vae_core_set,
)

X, y = make_blobs(n_samples=60, centers=3, n_features=4, cluster_std=3.0, random_state=0)
START, POOL = slice(0, 20), slice(20, 60)  # positions in X of what is taught first, and of the pool
X0, y0, X_pool, y_pool = X[START], y[START], X[POOL], y[POOL]
FROM_NETS = {
    "sampled_proba",
    "predicted_loss",
    "boundary",
    "discriminator_score",
    "prediction",
    "std",
    "committee_prediction",
}  # what a strategy may read of nets or regressors, and these models do not give


def bent(X):
    """Features of rows, those of images pooled over their pixels."""
    Z = np.tanh(X if hasattr(X, "toarray") else np.asarray(X, dtype=float))
    return Z if Z.ndim == 2 else Z.mean(axis=(2, 3))


# Where the default trains a net at every query, a stand-in keeps all checks fast; the nets are tested with theirs.
QUICK = {
    "adaptive_multilabel": functools.partial(adaptive_multilabel, n_weights=2),  # a fit each
    "vae_core_set": functools.partial(vae_core_set, vae=FunctionTransformer(bent).fit([[0.0]])),
    "vaal_query": functools.partial(vaal_query, max_steps=2, judge_steps=2),
    "sraal_query": functools.partial(sraal_query, max_steps=2, judge_steps=2),
    "two_sample_sampling": functools.partial(two_sample_sampling, n_estimators=8),
    "expected_error_reduction": functools.partial(expected_error_reduction, n_candidates=3),  # a fit each and class
}
# On images: nets without convolutions, and as many steps as it takes to tell apart what is plainly different.
_STEPS: dict[str, Any] = {"max_steps": 10, "judge_steps": 40}
QUICK_ON_IMAGES = {
    **QUICK,
    "vaal_query": functools.partial(vaal_query, vaal=VAAL(MLPVAE), **_STEPS),
    "sraal_query": functools.partial(sraal_query, sraal=SRAAL(TwoHeadedVAE, module__trunk="mlp"), **_STEPS),
}
# A game of so few steps, over so few rows, tells no pools apart, and the estimators say so. What is tested
# on stand-ins is their form, not their judgement.
STAND_INS_ARE_UNDECIDED = pytest.mark.filterwarnings(
    "ignore:(VAAL|SRAAL).*the discriminator is:sklearn.exceptions.ConvergenceWarning"
)
NAN_ROW = np.array([[1.0, np.nan, 0.0, 0.0]])


class Recorder(GaussianNB):
    """Writes down what each fit of any of its copies was given; the fixture `fits` is the list."""

    fits: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None):
        Recorder.fits.append((np.array(X), np.array(y), sample_weight))
        return super().fit(X, y, sample_weight)


class Halting(GaussianNB):
    """Trains, and then fails in the copies marked as `last`, once `halt` is set."""

    halt: ClassVar[BaseException | None] = None

    def __init__(self, *, last=True, priors=None, var_smoothing=1e-9):
        super().__init__(priors=priors, var_smoothing=var_smoothing)
        self.last = last

    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        if self.last and Halting.halt is not None:
            raise Halting.halt
        return self


class Counting:
    """A strategy that counts its evaluations and returns the first rows in some form."""

    def __init__(self, form=lambda indices, X: indices, error=None):
        self.form = form
        self.error = error
        self.calls = 0

    def __call__(self, learner, X_pool, n_instances=1):
        self.calls += 1
        if self.error is not None:
            raise self.error
        return self.form(np.arange(n_instances), X_pool)


@contextlib.contextmanager
def unchanged(*learners):
    """What each of them knows stays: the same objects, with the same content."""

    def known():
        return [(learner.estimator, learner.X_training, learner.y_training) for learner in learners]

    before, content = known(), joblib.hash(known())
    yield
    for old, new in zip(before, known(), strict=True):
        assert all(a is b for a, b in zip(old, new, strict=True))
    assert joblib.hash(known()) == content


def first_column(X):
    return np.asarray(X)[:, :1]
