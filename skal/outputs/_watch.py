"""A note, taken while a model is read, that it tells the rows of a pool apart by nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from skal.data import RowView, n_rows


@dataclass
class Watch:
    """One query: whose model is read, over which pool, and whether all its rows came out alike."""

    learner: Any
    pool: Any
    alike: bool = False

    def concerns(self, learner: Any, X: Any) -> bool:
        """Tell whether a reading is that of the query's own model over its pool, or over a part of it."""
        own = X is self.pool or (isinstance(X, RowView) and X.X is self.pool)
        return learner is self.learner and own and n_rows(X) > 1


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching(learner: Any, X_pool: Any) -> Iterator[Watch | None]:
    """Watch how the model of a query is read.

    Yields
    ------
    Watch or None
        None within a query that is watched already: the outermost one speaks for all.
    """
    if _watch.get() is not None:
        yield None
        return
    watch = Watch(learner, X_pool)
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


def watched(
    learner: Any, X: Any, read: Callable[[Any], NDArray[Any]], row_axis: int = 0
) -> tuple[Callable[[Any], NDArray[Any]], Callable[[], None]]:
    """Wrap the reading of blocks so that rows that are all alike are noticed; return it, and what ends it.

    A block costs a look at its first two rows as long as these differ.
    """
    watch = _watch.get()
    if watch is None or not watch.concerns(learner, X):
        return read, lambda: None
    first: list[Any] = []
    alike = True

    def looking(block: Any) -> NDArray[Any]:
        nonlocal alike
        part = read(block)
        if alike and part.shape[row_axis]:
            first.append(part.take([0], axis=row_axis)) if not first else None
            some = part.take(range(min(2, part.shape[row_axis])), axis=row_axis)
            alike = bool((some == first[0]).all()) and bool((part == first[0]).all())
        return part

    def done() -> None:
        watch.alike |= alike and bool(first)

    return looking, done
