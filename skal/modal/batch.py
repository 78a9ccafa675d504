"""Ranked batches, as `modAL.batch`."""

from __future__ import annotations

from typing import Any

from skal import query
from skal.data import n_rows
from skal.modal._forms import Pair

__all__ = ["uncertainty_batch_sampling"]

_N_INSTANCES = 20  # modAL's


def uncertainty_batch_sampling(
    classifier: Any, X: Any, n_instances: int | None = None, *, random_state: Any = None, **options: Any
) -> Pair:
    """Pick rows one by one, uncertain and unlike what is labelled and picked.

    Parameters
    ----------
    classifier : learner
        Who was taught what is labelled.
    X : container of n rows
        Pool.
    n_instances : int, default=None
        How many; None: 20, or all rows of a smaller pool.
    random_state : int, RandomState or None, default=None
        Breaks ties, if `random_tie_break` is among the options.
    **options
        Of `skal.query.uncertainty_batch_sampling`. Distances are Euclidean; modAL's ``metric`` and ``n_jobs`` are not
        there.

    Returns
    -------
    indices, scores : ndarray of shape (n_instances,)
        Best first.
    """
    n = min(_N_INSTANCES, n_rows(X)) if n_instances is None else n_instances
    options = {"random_tie_break": False, **options}
    return query.uncertainty_batch_sampling.select(classifier, X, n, random_state=random_state, **options)
