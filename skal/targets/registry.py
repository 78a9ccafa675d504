"""Which kinds of targets there are, and which one targets are of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sklearn.base import is_regressor

from skal.targets.classes import Classes, is_of_type
from skal.targets.kind import TargetKind
from skal.targets.label_sets import LabelSets
from skal.targets.masks import Masks
from skal.targets.numbers_to_predict import Numbers

__all__ = ["forget_kind", "kind_named", "kind_of", "kind_of_metrics", "register_kind"]

_NUMBERS = Numbers()
# In the order in which they are asked, the last first; what nobody recognises is classes.
_KINDS: dict[str, TargetKind] = {kind.name: kind for kind in (Classes(), _NUMBERS, LabelSets(), Masks())}
_OWN = frozenset(_KINDS)


def register_kind(kind: TargetKind) -> TargetKind:
    """Make a kind of targets known: from now on it is asked first whether targets are of its kind.

    Parameters
    ----------
    kind : TargetKind
        An object of a class of `TargetKind`, or of `Classes`, with a `name` of its own. One that was registered
        under the same name is replaced.

    Returns
    -------
    TargetKind
        The same.

    Raises
    ------
    TypeError
        If it is no kind of targets.
    ValueError
        If it has no name, or the name of one of skal's.

    Notes
    -----
    Worker processes get to know it with the targets of the study that they run, so it must be picklable.
    """
    if not isinstance(kind, TargetKind):
        raise TypeError(f"register_kind: an object of a class of skal.targets.TargetKind is needed, got {kind!r}.")
    if not kind.name or kind.name in _OWN:
        raise ValueError(
            f"register_kind: the name must be one that skal does not have ({', '.join(sorted(_OWN))}), got "
            f"{kind.name!r}. Set it in the class: name = 'grades'."
        )
    _KINDS.pop(kind.name, None)  # so that it comes last
    _KINDS[kind.name] = kind
    return kind


def forget_kind(name: str) -> None:
    """Take back `register_kind`; nothing happens if there is no such kind, and skal's own stay."""
    if name not in _OWN:
        _KINDS.pop(name, None)


def kind_of(y: Any, model: Any = None) -> TargetKind:
    """Say what kind of targets these are.

    Parameters
    ----------
    y : array-like
        Labels, masks, numbers; a whole data set or a batch of it, some of them missing.
    model : estimator, default=None
        That learns them: to a regressor whole numbers are numbers, which else are classes.

    Returns
    -------
    TargetKind
        The kind that was registered last and recognises them; `Classes` if none does.

    Examples
    --------
    >>> kind_of(["cat", "dog"]), kind_of([0.5, None, 2.0]), kind_of([[0, 1], [1, 1]])
    (Classes(), Numbers(), LabelSets())
    >>> from sklearn.linear_model import Ridge
    >>> kind_of([1, 2, 3]), kind_of([1, 2, 3], Ridge())
    (Classes(), Numbers())
    """
    for kind in reversed(list(_KINDS.values())):
        if kind.recognises(y):
            return kind
    if model is not None and is_of_type(is_regressor, model) and _NUMBERS.fits(y):
        return _NUMBERS
    return _KINDS[Classes.name]


def kind_named(name: str) -> TargetKind:
    """Return the kind of a name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in _KINDS:
        raise ValueError(
            f"There is no kind of targets {name!r}; there are {', '.join(_KINDS)}. One of your own must be made "
            "known by skal.targets.register_kind first."
        )
    return _KINDS[name]


def kind_of_metrics(names: Iterable[str]) -> TargetKind:
    """Say of what kind a study is by its metrics, if it was written when a protocol did not tell."""
    of_masks = any(name in ("miou", "pixel_accuracy") or name.startswith("iou:") for name in names)
    return _KINDS[Masks.name if of_masks else Classes.name]
