"""The part of a strategy's documentation that is the same for all, written once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from skal.shared_docs import filled

Reduction = str | Callable[[Any], Any]  # the option described below; see `skal.scores`

_COMMON = """
learner : ActiveLearner, Committee, or fitted estimator
    skal's or modAL's learner, or any fitted scikit-learn estimator, Pipeline or skorch net.
X_pool : container of n rows
    Unlabelled rows: ndarray, memory map, sparse matrix, data frame, list, tensor or Dataset.
n_instances : int, default=1
    Rows to pick, in [1, n].
random_tie_break : bool, default=True
    Order rows of equal score by one permutation drawn from `random_state`; False: by row.
random_state : int, RandomState or None, default=None
    Makes the picks reproducible; None draws from NumPy's global generator.
"""

_LABELED = """
{name} : container, default=None
    {what} that are labelled already; None: what the learner was trained on.
"""

# Every strategy that reads embeddings describes this option under one line; what holds for all is said here.
_EMBEDDING_LINE = "embedding : callable or transformer, default=None"
_EMBEDDING = """
embedding : callable, transformer or {kind}, default=None
    {what}.
    Arrays are for one query; in a loop or a study, where the pool shrinks, a callable or transformer is needed.
"""
_POOL_VECTORS = ("ndarray", "An array (n, d) holds the vectors of the rows of `X_pool`, in their order")
_PAIR_OF_VECTORS = (
    "pair of ndarrays",
    "A pair holds the vectors (m, d) of the labelled rows and (n, d) of those of `X_pool`, in their order",
)

# What the strategies of MC dropout have in common.
PASSES = """
n_samples : int, default=10
    Passes; every pass has the same masks for all rows.
"""

NORMALIZED = """
normalized : bool, default=False
    Whether entropies are shares of log C instead of nats: what a threshold of `reduction` means.
"""

# What all strategies of scores have in common that can be taken of pixels.
REDUCTION = """
reduction : {"mean", "max", "count_above"} or callable, default="mean"
    How the scores of pixels become one, where the model gives a distribution a pixel (segmentation); without effect
    on one distribution a row. "count_above:0.6" counts those above 0.6, see `skal.scores.count_above`.
"""

_PICKS = """
indices : ndarray of intp of shape (n_instances,)
    Distinct positions in `X_pool`, best first. A learner whose ``query`` has a ``return_metrics`` parameter
    (skal's, modAL's from 0.4.2) gets the pair of these and their scores.
"""


def complete(docstring: str | None, options: Iterable[str]) -> str:
    """Fill ``{common}``, ``{picks}`` and the like of a strategy's docstring, and say what `embedding` may be.

    Parameters
    ----------
    docstring : str or None
        As written above the strategy's body.
    options : iterable of str
        Its keyword options; ``X_labeled`` and ``y_labeled`` are described here.

    Returns
    -------
    str
        The docstring that users see.
    """
    common = _COMMON.strip()
    for name, what in (("X_labeled", "Rows"), ("y_labeled", "Labels of the rows")):
        if name in options:
            common += "\n" + _LABELED.strip().format(name=name, what=what)
    kind, what = _PAIR_OF_VECTORS if "X_labeled" in options else _POOL_VECTORS
    text = inspect.cleandoc(docstring or "")
    text = text.replace(_EMBEDDING_LINE, _EMBEDDING.strip().format(kind=kind, what=what))
    parts = {
        "common": common,
        "picks": _PICKS,
        "reduction": REDUCTION,
    }
    return filled(text, parts)
