"""What an explained query holds: its picks with what spoke for each, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Pick:
    """One picked row, and what spoke for it.

    Attributes
    ----------
    rank : int
        1 is the first.
    pool_index : int
        Row of the pool.
    score : float or None
        The strategy's; None if it gave none.
    entropy, margin, least_confident : float or None
        Uncertainties, higher = less certain; None where no probabilities can be read.
    density : float or None
        Mean similarity to all rows of the pool, in [0, 1]; see `skal.scores.density`.
    distance : float or None
        To the nearest labelled row, in the embedding.
    nearest_labeled : int, str or None
        Which row of the labelled data that is; its id where rows have one.
    nearest_label : object
        Its label; None if not known.
    represents : int or None
        Rows of the pool of which this is the nearest pick, itself included.
    random_too : bool
        Whether random sampling with the same seed picks it.
    """

    rank: int
    pool_index: int
    score: float | None
    entropy: float | None
    margin: float | None
    least_confident: float | None
    density: float | None
    distance: float | None
    nearest_labeled: int | str | None
    nearest_label: Any
    represents: int | None
    random_too: bool


@dataclass(frozen=True)
class Explained:
    """What is known of the picks of a query; the part of a `QueryExplanation` that files are made of.

    Attributes
    ----------
    strategy : str
        Its name, or "given picks".
    rows : list of Pick
        One a pick, best first.
    random_picks : ndarray of intp
        Pool indices that random sampling picks with the same seed.
    n_pool : int
        Rows of the pool.
    seed : int
        Of both queries.
    notes : list of str
        What could not be read, and why.
    X_picked, X_nearest : container or None
        The picked rows, and the labelled rows nearest to them.
    image_shape : tuple of int, default=None
        Of a flat row that is an image, where it is known.
    shown : DataFrame or None
        What a person reads of the picked rows: ids, text, names of files.
    """

    strategy: str
    rows: list[Pick]
    random_picks: NDArray[np.intp]
    n_pool: int
    seed: int
    notes: list[str]
    X_picked: Any = field(repr=False, default=None)
    X_nearest: Any = field(repr=False, default=None)
    image_shape: tuple[int, ...] | None = None
    shown: Any = field(repr=False, default=None)
