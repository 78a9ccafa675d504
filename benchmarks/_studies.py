"""What the benchmarks of many strategies share: which strategies a study was begun with, and studies put together."""

import dataclasses

import numpy as np

from skal.study import Store, StudyError
from skal.study.store import FILE

BASELINE = "random_sampling"


def strategies_of(folder):
    """Names in a study that was begun."""
    if not (folder / FILE).exists():
        return []
    store = Store(folder)
    try:
        return list(store.meta("protocol")["strategies"])
    finally:
        store.close()


def merged(comparison, other):
    """One comparison of two that share data, model, splits and seeds, so that random sampling is the same in both."""
    ours, theirs = ({**c.protocol, "strategies": None} for c in (comparison, other))
    random = [c.scores[BASELINE] for c in (comparison, other)]
    if ours != theirs or not np.array_equal(*random):
        raise StudyError("the studies to merge differ in more than their strategies, or one has not ended.")
    by_strategy = ("fit_seconds", "query_seconds", "picks", "picked_classes")
    named = {**comparison.protocol["strategies"], **other.protocol["strategies"]}
    return dataclasses.replace(
        comparison,
        protocol={**comparison.protocol, "strategies": named},
        metrics={metric: {**other.metrics[metric], **values} for metric, values in comparison.metrics.items()},
        **{name: {**getattr(other, name), **getattr(comparison, name)} for name in by_strategy},
    )
