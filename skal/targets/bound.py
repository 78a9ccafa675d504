"""A kind of targets with the targets of one study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.targets.kind import TargetKind
from skal.targets.registry import kind_of, register_kind

__all__ = ["Targets", "targets_of"]


@dataclass(frozen=True, eq=False)
class Targets:
    """The targets of a study, and their kind.

    Attributes
    ----------
    kind : TargetKind
        What is asked about them.
    y : ndarray of shape (n, ...)
        One a row, none missing.
    classes : ndarray of shape (C,)
        That a model may know, sorted; none where a model predicts numbers.
    groups : ndarray of shape (G,)
        What counts are of.
    names : tuple of str
        What the groups are called.
    """

    kind: TargetKind
    y: NDArray[Any]
    classes: NDArray[Any]
    groups: NDArray[Any] = field(repr=False)
    names: tuple[str, ...]

    @property
    def unit(self) -> str:
        """What is bought: "labels", "images"."""
        return self.kind.unit

    @property
    def strata(self) -> NDArray[Any] | None:
        """What a split is stratified by; None: nothing."""
        return self.kind.strata(self.y)

    def counts(self, rows: NDArray[np.intp]) -> list[int]:
        """Return how much of each group there is among rows."""
        return self.kind.counts(self.y[rows], self.groups)

    def counts_in(self, labels: Any) -> list[int]:
        """Return how much of each group there is among labels, or parts of masks, that are given."""
        return self.kind.counts(labels, self.groups)

    def refuse(self, what: str, who: str, **filled: Any) -> None:
        """Raise if a study of this kind cannot do something, see `TargetKind.refused`."""
        if what in self.kind.refused:
            raise ValueError(f"{who}{self.kind.refused[what].format(**filled)}.")

    def __reduce__(self) -> tuple[Any, ...]:
        return _in_a_worker, (self.kind, self.y, self.classes, self.groups, self.names)


def _in_a_worker(kind: TargetKind, *bound: Any) -> Targets:
    """Make targets that came from another process, and make their kind known here if it is not skal's own."""
    if not type(kind).__module__.startswith("skal.targets."):
        register_kind(kind)
    return Targets(kind, *bound)


def targets_of(y: Any, model: Any = None, names: Sequence[str] | None = None) -> Targets:
    """Say what kind of targets these are, and find their classes and groups.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, L), or masks
        None missing.
    model : estimator, default=None
        As in `kind_of`.
    names : sequence of str, default=None
        What the groups are called: the classes, in the order of their labels, or the labels of sets. None: by the
        labels themselves, or the columns of a frame.

    Returns
    -------
    Targets
        A kind bound to `y`.

    Raises
    ------
    ValueError
        If there are not as many names as groups, names are one text, or two of them are alike.

    Examples
    --------
    >>> targets = targets_of(["cat", "dog", "cat"])
    >>> targets.classes.tolist(), targets.counts(np.array([0, 2])), targets.unit
    (['cat', 'dog'], [2, 0], 'labels')
    """
    kind = kind_of(y, model)
    values = kind.as_array(y)
    groups = kind.groups(values)
    if names is not None:
        names = _checked_names(names, kind)
    elif hasattr(y, "columns") and len(y.columns) == len(groups):
        names = [str(name) for name in y.columns]
    if names is not None and len(names) != len(groups):
        raise ValueError(
            f"compare: class_names must name the {len(groups)} {kind.parts} that occur, got {len(names)} names."
        )
    shown = kind.group_names(groups) if names is None else names
    return Targets(kind, values, kind.classes(values), groups, tuple(shown))


def _checked_names(names: Any, kind: TargetKind) -> list[str]:
    """Names as texts; one text is no list of them, and two alike would be one class in every table."""
    if isinstance(names, (str, bytes)) or not isinstance(names, Iterable):
        raise ValueError(
            f"compare: class_names must be a list of names, one for each {kind.part}, got {names!r}. Pass the names "
            "in the order of their labels, such as ['no', 'yes']."
        )
    texts = [str(name) for name in names]
    if twice := [name for name in dict.fromkeys(texts) if texts.count(name) > 1]:
        raise ValueError(
            f"compare: class_names must be different from each other, got {', '.join(map(repr, twice[:5]))} more "
            f"than once. Give each {kind.part} a name of its own, or leave class_names out."
        )
    return texts
