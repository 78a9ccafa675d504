"""Metadata of a row (weights, groups) on its way through an estimator around another one."""

from __future__ import annotations

from typing import Any

from sklearn import get_config
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

__all__ = ["routed", "router"]


def router(owner: Any, part: Any, *pairs: tuple[str, str], name: str = "estimator") -> MetadataRouter:
    """Return what ``get_metadata_routing`` of an estimator around another one returns.

    Parameters
    ----------
    owner : estimator
        The outer one.
    part : estimator
        The inner one, which says what it wants by its ``set_fit_request`` and the like.
    *pairs : tuple of (str, str)
        Method of the outer one, and the method of the inner one that it calls; none: fit and fit.
    name : str, default="estimator"
        Of the inner one among the parameters.

    Returns
    -------
    MetadataRouter
        Of scikit-learn.
    """
    mapping = MethodMapping()
    for caller, callee in pairs or (("fit", "fit"),):
        mapping.add(caller=caller, callee=callee)
    return MetadataRouter(owner=type(owner).__name__).add(**{name: part}, method_mapping=mapping)


def routed(
    owner: Any, method: str, metadata: dict[str, Any], name: str = "estimator", callee: str | None = None
) -> dict[str, Any]:
    """Return what of the metadata the inner estimator's method gets.

    Parameters
    ----------
    owner : estimator
        The outer one, with ``get_metadata_routing``.
    method : str
        Of the outer one, that was called.
    metadata : dict
        What it was given beside rows and labels; an entry that is None counts as not given.
    name : str, default="estimator"
        Of the inner one in the router.
    callee : str or None, default=None
        Method of the inner one; None: the same.

    Returns
    -------
    dict
        With routing off all that was given, so that what the inner method does not take raises there. With routing on
        what the inner estimator requests.

    Raises
    ------
    UnsetMetadataPassedError
        Of scikit-learn, with routing on, if the inner estimator neither requests nor refuses what was given.
    """
    given = {key: value for key, value in metadata.items() if value is not None}
    if not given or not get_config()["enable_metadata_routing"]:
        return given
    return dict(process_routing(owner, method, **given)[name][method if callee is None else callee])
