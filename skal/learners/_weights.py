"""Weights of rows that were taught: remembered, so that those of new rows alone can be given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[Any]]


def is_weights(name: str) -> bool:
    """Tell whether an argument of ``fit`` holds one weight a row, also behind the name of a step of a Pipeline."""
    return name == "sample_weight" or name.endswith("__sample_weight")


def joined_weights(given: dict[str, Any], known: Weights, n_known: int, n_new: int, who: str) -> Weights:
    """Return the weights of all rows, those taught first; a row that was given none has weight 1.

    Parameters
    ----------
    given : dict
        Arguments of a call; those that are no weights are left alone. A weight for each new row, or for all rows;
        None: all weights are forgotten.
    known : dict of str to ndarray
        Weights of the rows taught before.
    n_known, n_new : int
        Rows taught before, and now.
    who : str
        For the message.

    Returns
    -------
    dict of str to ndarray
        Of ``n_known + n_new`` weights each.
    """
    named = {name: value for name, value in given.items() if is_weights(name)}
    found: Weights = {}
    for name in {**known, **named}:
        if name in named and named[name] is None:
            continue  # without weights, as was asked for
        before = known.get(name, np.ones(n_known))
        new = np.asarray(named.get(name, np.ones(n_new)))
        if new.shape[:1] == (n_known + n_new,):
            found[name] = new
        elif new.shape[:1] == (n_new,):
            found[name] = np.concatenate([before, new])
        else:
            raise ValueError(
                f"{who}: {name} must hold a weight for each of the {n_new} new rows, or for all {n_known + n_new} "
                f"rows known then, got shape {new.shape}."
            )
    return found
