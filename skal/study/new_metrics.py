"""Metrics that are added to a study: measured on stored test predictions, without a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from skal.metrics import measure
from skal.study.predictions import Predictions
from skal.study.prepared import Prepared
from skal.study.rows import ROUNDED, Row
from skal.study.store import Store

__all__ = ["measured_again"]


def measured_again(store: Store, row: Row, prepared: Prepared) -> Row:
    """Measure what a stored round lacks, if its predictions were kept.

    Parameters
    ----------
    store : Store
        Gets the values.
    row : Row
        Of a round that is stored.
    prepared : Prepared
        What is asked for.

    Returns
    -------
    Row
        With the metrics that its predictions give; the others take a fit.
    """
    shared = prepared.shared
    own = prepared.plan.protocol.get("scorers") or {}
    new = {name: metric for name, metric in shared.metrics.items() if name not in row.metrics}
    asked = row.trial in prepared.trials and row.recipe in shared.models
    stored = store.predictions(row) if new and asked and row.round <= shared.n_rounds else None
    if stored is None:
        return row
    predictions = Predictions.from_bytes(stored)
    X_test, y_test = shared.test_rows(prepared.trials[row.trial].test)
    found: dict[str, float] = {}
    for name, metric in new.items():
        # Own scorers get the rows, which they may look at; those by name read blocks of whatever the model predicts.
        rows = X_test if name in own else predictions.rows
        try:
            values = measure({name: metric}, predictions.model(), rows, y_test)
        except Exception:  # an own scorer may read more of a model than its predictions: that takes a fit
            continue
        found |= {called: value for called, value in values.items() if np.isfinite(value)}
    if not found:
        return row
    row = replace(row, notes=[*row.notes, *(f"{ROUNDED}{name}" for name in found)])
    store.measured(row, found)
    return replace(row, metrics={**row.metrics, **found})
