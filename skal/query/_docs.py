"""The part of a strategy's documentation that is the same for all, written once."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

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

_PICKS = """
indices : ndarray of intp of shape (n_instances,)
    Distinct positions in `X_pool`, best first. A learner whose ``query`` has a ``return_metrics`` parameter
    (skal's, modAL's from 0.4.2) gets the pair of these and their scores.
"""


def complete(docstring: str | None, options: Iterable[str]) -> str:
    """Fill ``{common}`` and ``{picks}`` of a strategy's docstring.

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
    text = inspect.cleandoc(docstring or "")
    return text.replace("{common}", common).replace("{picks}", _PICKS.strip())
