"""The settings of an estimator, and those that somebody changed on the fitted copy of it."""

from __future__ import annotations

from typing import Any

from skal.cloning import fresh

Settings = dict[str, Any]
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def settings_of(estimator: Any) -> Settings:
    """Return all parameters of an estimator, nested ones too; none of what is no estimator of scikit-learn's form."""
    has_any = hasattr(estimator, "get_params") and not isinstance(estimator, type)
    return dict(estimator.get_params(deep=True)) if has_any else {}


def with_changes(given: Any, fitted: Any, as_trained: Settings) -> Any:
    """Return the estimator that is to be trained next: the one given, with what was changed on the fitted copy.

    Parameters
    ----------
    given : estimator
        Left as it is.
    fitted : estimator
        A fitted copy of it, on which a user may have called ``set_params``.
    as_trained : dict
        Settings of the fitted copy when it was trained: seeds that were drawn for it are no changes.

    Returns
    -------
    estimator
        `given` itself if nothing was changed, else an unfitted copy.
    """
    known = settings_of(given)
    changes = {
        name: value
        for name, value in settings_of(fitted).items()
        if name in known and name in as_trained and not _same(value, as_trained[name])
    }
    return fresh(fresh(given).set_params(**changes)) if changes else given


def shared_settings(members: list[Settings]) -> Settings:
    """Return the settings of the estimators of members, where all have them with the same value."""
    first, *others = members
    return {
        name: value
        for name, value in first.items()
        if name.startswith("estimator__") and all(name in other and _same(other[name], value) for other in others)
    }


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and isinstance(one, _PLAIN) and one == other)
