"""The task model for rows of which nobody says what learns from them; choosing it loads no model."""

from __future__ import annotations

from typing import Any

import numpy as np

from skal.features import ColumnUse, column_uses


def default_estimator(uses_or_X: Any) -> tuple[str, str]:
    """Choose a task model by what the rows are.

    Parameters
    ----------
    uses_or_X : dict of str to ColumnUse, or container of n rows
        As `skal.features.column_uses` gives it; or the rows.

    Returns
    -------
    name : str
        For `make_estimator`: "logistic" for text, "image_features" for images, "forest" for any other table.
    why : str
        The reason, as a sentence without a full stop.

    Examples
    --------
    >>> import numpy as np
    >>> default_estimator(np.zeros((5, 3, 8, 8), np.uint8))[0]
    'image_features'
    """
    uses = uses_or_X
    if not (isinstance(uses, dict) and all(isinstance(use, ColumnUse) for use in uses.values())):
        first = uses_or_X[0] if isinstance(uses_or_X, (list, tuple)) and len(uses_or_X) else uses_or_X
        if np.ndim(first) == (3 if isinstance(uses_or_X, (list, tuple)) else 4):
            return "image_features", "the rows are images: edges and colours with a linear model"
        uses = column_uses(uses_or_X) if hasattr(uses_or_X, "columns") or isinstance(first, str) else {}
    if texts := [name for name, use in uses.items() if use.kind == "text"]:
        shown = ", ".join(texts[:3])
        return "logistic", f"{shown} {'is' if len(texts) == 1 else 'are'} text, which suits a linear model"
    return "forest", "the rows are a table without text, which suits trees"
