"""What every estimator around one other model does alike: weights, names of columns, output of ``transform``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import MethodType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import TransformerTags, get_tags
from sklearn.utils.metadata_routing import UNUSED, MetadataRouter
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from skal.data import n_rows, take
from skal.routing import routed, router

__all__ = ["RoutesFit", "TransformsAsModel", "model_has", "of_rows", "refuse_class", "weights_if_taken"]


def refuse_class(value: Any, name: str, who: str) -> None:
    """Raise if a parameter is a class where an instance of it is meant."""
    if inspect.isclass(value):
        raise TypeError(
            f"{who}: {name} must be an instance, got the class {value.__name__}. Pass {name}={value.__name__}()."
        )


def model_has(method: str) -> Any:
    """Make a method there only if the model inside, fitted or not, has one of this name."""
    return available_if(lambda self: hasattr(getattr(self, "estimator_", self._model()), method))


def of_rows(metadata: dict[str, Any], rows: NDArray[np.intp], n: int) -> dict[str, Any]:
    """Return metadata of some of `n` rows: what has as many entries as there are rows is cut, the rest stays.

    Examples
    --------
    >>> of_rows({"sample_weight": [0.5, 1.0, 2.0], "epochs": 3}, np.array([2, 0]), 3)
    {'sample_weight': [2.0, 0.5], 'epochs': 3}
    """
    return {name: take(value, rows) if _is_per_row(value, n) else value for name, value in metadata.items()}


def _is_per_row(value: Any, n: int) -> bool:
    is_container = isinstance(value, (list, tuple)) or len(getattr(value, "shape", ())) > 0
    return is_container and n_rows(value) == n


class weights_if_taken:
    """Show ``sample_weight`` in the signature of ``fit`` only where the model inside takes weights.

    scikit-learn's ensembles look there: boosting refuses an estimator without, and bagging gives weights to one with.
    """

    def __init__(self, fit: Callable[..., Any]) -> None:
        self.__doc__, self.__wrapped__ = fit.__doc__, fit
        signature = inspect.signature(fit)

        @functools.wraps(fit)
        def unweighted(self: Any, *args: Any, **kwargs: Any) -> Any:
            return fit(self, *args, **kwargs)

        shown = [parameter for name, parameter in signature.parameters.items() if name != "sample_weight"]
        unweighted.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        self._weighted, self._unweighted = fit, unweighted

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        if owner is None:
            return self._weighted
        takes = has_fit_parameter(owner._model(), "sample_weight")
        return MethodType(self._weighted if takes else self._unweighted, owner)


class RoutesFit:
    """An estimator whose ``fit`` hands weights and other metadata to the model inside; before the other bases.

    It has ``_model()``, the unfitted model, which is its parameter ``estimator`` or a default in its place.
    """

    # The model inside requests weights, or refuses them: the estimator around it has no say.
    __metadata_request__fit: ClassVar[dict[str, str]] = {"sample_weight": UNUSED}

    def get_metadata_routing(self) -> MetadataRouter:
        """Return where metadata goes: for ``fit`` to the model inside, by its requests; for ``score`` to this one.

        Returns
        -------
        MetadataRouter
            Of scikit-learn.
        """
        pairs = (("fit", "fit"), ("fit_transform", "fit"))
        return router(self, self._model(), *pairs).add_self_request(self)

    def _fit_metadata(self, n: int, sample_weight: Any, fit_params: dict[str, Any]) -> dict[str, Any]:
        """Check the weights of n rows, and return what of the metadata the model inside gets."""
        weights = _checked_weights(sample_weight, n, type(self).__name__)
        return routed(self, "fit", {"sample_weight": weights, **fit_params})

    def _model(self) -> Any:
        raise NotImplementedError


def _checked_weights(weights: Any, n: int, who: str) -> NDArray[Any] | None:
    if weights is None:
        return None
    weights = np.asarray(weights)
    if weights.shape != (n,):
        raise ValueError(f"{who}: sample_weight must have shape ({n},), one for each row, got {weights.shape}.")
    if weights.dtype.kind not in "biuf":
        weights = weights.astype(float)
    if not np.isfinite(weights).all():
        raise ValueError(f"{who}: sample_weight must be finite, got NaN or infinity.")
    if n and not weights.any():
        raise ValueError(f"{who}: sample_weight must hold at least one non-zero number, got zeros alone.")
    return weights


class TransformsAsModel(RoutesFit):
    """An estimator whose ``transform`` is that of the model inside, with all that belongs to it."""

    @model_has("transform")
    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit, then transform the same rows.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.
        y : array-like of shape (n,)
            Labels.
        **fit_params
            As in `fit`.

        Returns
        -------
        ndarray, matrix or frame of n rows
            As of ``transform``.
        """
        return self.fit(X, y, **fit_params).transform(X)  # type: ignore[attr-defined]

    @model_has("get_feature_names_out")
    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Names of the columns that ``transform`` gives.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of X; None: those that were seen in `fit`.

        Returns
        -------
        ndarray of str
            One a column.
        """
        check_is_fitted(self)
        return np.asarray(self.estimator_.get_feature_names_out(input_features))  # type: ignore[attr-defined]

    @available_if(lambda self: all(hasattr(self._model(), name) for name in ("transform", "set_output")))
    def set_output(self, *, transform: Any = None) -> Any:
        """Set the container that ``transform`` gives, on the model inside.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None, default=None
            As of scikit-learn's transformers; None: unchanged.

        Returns
        -------
        estimator
            Itself.
        """
        for model in (self._model(), getattr(self, "estimator_", None)):
            if model is not None:
                model.set_output(transform=transform)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        if hasattr(self._model(), "transform"):
            inner = get_tags(self._model()).transformer_tags
            tags.transformer_tags = TransformerTags(preserves_dtype=[]) if inner is None else inner
        return tags
