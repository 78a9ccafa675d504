"""Steps of a model that learn from rows without labels: fitted to the pool once, then frozen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from skal.cloning import fresh
from skal.data import take

_MAX_ROWS = 20_000
_MAX_NUMBERS = 2**24  # of the rows: images are large, and scales are known from fewer of them


def fitted_to_pool(model: Any, X: Any, rows: NDArray[np.intp], random_state: int) -> Any:
    """Fit the steps of a model that learn from rows without labels, once for all the fits that follow.

    Parameters
    ----------
    model : estimator
        A Pipeline, some of whose steps have ``learns_from_pool = True``, such as `skal.features.TableEncoder`; or an
        estimator, or last step, whose ``learns_from_pool`` is the name of a parameter that is such a transformer.
        Left unchanged.
    X : container of n rows
        The data.
    rows : ndarray of intp
        Rows that are labelled, or may be.
    random_state : int
        Draws the rows, and seeds steps that have no seed of their own.

    Returns
    -------
    estimator
        A copy whose steps are frozen (`sklearn.frozen.FrozenEstimator`): `clone` and `fit` leave them as they are.
        The same model if no step learns from the pool, or if all that do are frozen already.

    Notes
    -----
    Steps are fitted to at most 20 000 random rows, fewer if they are images: 2**24 numbers. A transformer that is a
    parameter gets all rows. Labels are not read. Words, scales and categories then come from the pool and not from 20
    labelled rows, and they are the same in every round.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skal.features import TableEncoder
    >>> X = np.arange(100.0).reshape(50, 2)
    >>> model = fitted_to_pool(make_pipeline(TableEncoder(), LogisticRegression()), X, np.arange(50), random_state=0)
    >>> model.fit(X[:2], [0, 1])[0].transform(X).std(axis=0).round(6).tolist()
    [1.0, 1.0]
    """
    steps = list(model.steps) if hasattr(model, "steps") else [("model", model)]
    learning = [place for place, (_, step) in enumerate(steps) if _learns(step)]
    if not learning:
        return model
    # A transformer inside a classifier, such as an autoencoder, is trained by all rows, as far as it takes.
    all_rows = any(isinstance(steps[place][1].learns_from_pool, str) for place in learning)
    Z = take(X, np.asarray(rows, dtype=np.intp) if all_rows else _some(X, rows, random_state))
    for place, (name, step) in enumerate(steps[: learning[-1] + 1]):
        if place in learning:
            steps[place] = (name, _frozen(step, Z, random_state))
        if place < learning[-1] and step not in (None, "passthrough"):
            known = steps[place][1]
            Z = known.transform(Z) if _is_frozen(known) else clone(known).fit_transform(Z)
    return clone(model).set_params(steps=steps) if hasattr(model, "steps") else steps[0][1]


def _learns(step: Any) -> bool:
    """Whether a step has something to learn from the pool, and has not yet."""
    says = getattr(step, "learns_from_pool", False)
    if isinstance(says, str):
        return not _is_frozen(getattr(step, says))
    return bool(says) and not _is_frozen(step)


def _is_frozen(step: Any) -> bool:
    return isinstance(step, FrozenEstimator)


def _frozen(step: Any, Z: Any, random_state: int) -> Any:
    name = step.learns_from_pool
    if isinstance(name, str):
        inner = fresh(getattr(step, name), random_state)
        return clone(step).set_params(**{name: FrozenEstimator(inner.fit(Z))})
    return FrozenEstimator(fresh(step, random_state).fit(Z))


def _some(X: Any, rows: NDArray[np.intp], random_state: int) -> NDArray[np.intp]:
    """Random rows, as many as can be read at once, in their order."""
    rows = np.asarray(rows, dtype=np.intp)
    per_row = int(np.prod(getattr(X, "shape", (0, 1))[1:])) if len(rows) else 1
    n = min(_MAX_ROWS, max(_MAX_NUMBERS // max(per_row, 1), 1))
    if len(rows) <= n:
        return rows
    return np.sort(np.random.RandomState(random_state).permutation(rows)[:n])
