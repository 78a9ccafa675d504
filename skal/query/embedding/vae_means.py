"""Features of a variational autoencoder: a fitted one, or one that is fitted here to all rows there are."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.cloning import fresh
from skal.data import concatenate, n_rows
from skal.outputs import MissingOutput, embedding, is_fitted, model_input


def fitted_vae(X: Any, random_state: np.random.RandomState) -> Any:
    """Fit a VAE of the default kind to rows of numbers; torch is loaded here and not before."""
    from skal.neural import VariationalAutoencoder

    return VariationalAutoencoder(random_state=int(random_state.randint(2**31 - 1))).fit(X)


def vae_means(vae: Any, learner: Any, X_pool: Any, X_labeled: Any, random_state: np.random.RandomState) -> Any:
    """Return the VAE's features of the pool and of the labelled rows; one that is not fitted is fitted to both."""
    if vae is not None:
        check_transformer(vae, "vae")
    if vae is None or (hasattr(vae, "fit") and not is_fitted(vae)):
        X_pool, _ = model_input(learner, X_pool)
        rows = X_pool
        if n_rows(X_labeled):
            X_labeled, _ = model_input(learner, X_labeled)
            rows = concatenate(X_labeled, X_pool)
        vae = fitted_vae(rows, random_state) if vae is None else fresh(vae, random_state).fit(rows)
    V = embedding(None, X_pool, vae)
    return V, embedding(None, X_labeled, vae) if n_rows(X_labeled) else V[:0]


def check_transformer(vae: Any, name: str) -> None:
    """Raise unless an object has ``transform``."""
    if not hasattr(vae, "transform"):
        raise MissingOutput(f"{name} must be a fitted transformer or None, got {type(vae).__name__}.")
