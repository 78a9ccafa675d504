"""Two dimensions of many: one fit on the union of all rows that are shown."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

Method = Literal["pca", "tsne"]
PERPLEXITY = 30.0


def project(parts: list[NDArray[Any]], method: Method, seed: int) -> tuple[list[NDArray[Any]], tuple[str, str]]:
    """Put rows of several kinds into one plane.

    Parameters
    ----------
    parts : list of ndarray of shape (n_i, d)
        Kinds of rows; a part may be empty.
    method : {"pca", "tsne"}
        Principal components, or t-SNE from them, with the perplexity 30 (a third of the rows if they are few).
    seed : int
        For both.

    Returns
    -------
    list of ndarray of shape (n_i, 2)
        Places, part by part.
    tuple of str
        Names of the axes.
    """
    together = np.concatenate(parts).astype(np.float64)
    together = np.pad(together, ((0, 0), (0, max(0, 2 - together.shape[1]))))
    if method == "pca":
        model = PCA(2, random_state=seed)
        places = model.fit_transform(together)
        shares = np.nan_to_num(model.explained_variance_ratio_)
        names = tuple(f"principal component {k + 1} ({share:.0%} of the variance)" for k, share in enumerate(shares))
    elif method == "tsne":
        perplexity = min(PERPLEXITY, (len(together) - 1) / 3)
        places = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(together)
        names = (f"t-SNE 1 (perplexity {perplexity:.3g})", "t-SNE 2")
    else:
        raise ValueError(f"method must be 'pca' or 'tsne', got {method!r}.")
    return np.split(places, np.cumsum([len(part) for part in parts])[:-1]), (names[0], names[1])
