"""The estimator that was given, and the fitted copy of it: which of them is meant, and what was changed on either."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from skal.cloning import fresh
from skal.learners._settings import settings_of, with_changes

_REQUEST = re.compile(r"set_\w+_request")
_Self = TypeVar("_Self", bound="GivenAndFitted")


class GivenAndFitted:
    """One estimator as a parameter, and its fitted copy as the attribute of the same name.

    The parameter ``estimator`` stays what was given, so that ``clone`` and a fresh fit start from it. The attribute
    is the fitted copy, once there is one (`_put_in_place`), as modAL's users expect; what they set on it becomes a
    setting of the one given. For classes that have scikit-learn's BaseEstimator after it.
    """

    @property
    def estimator(self) -> Any:
        """The fitted estimator, once there was something to fit, and before that the one given."""
        return vars(self)["_fitted" if "_fitted" in vars(self) else "estimator"]

    @estimator.setter
    def estimator(self, estimator: Any) -> None:
        self.__dict__["estimator"] = estimator  # the one given: what `get_params` returns, and what is trained
        for name in ("_fitted", "_as_trained"):
            self.__dict__.pop(name, None)

    @property
    def fit_kwargs(self) -> dict[str, Any]:
        """Arguments of every ``fit`` of the estimator."""
        return vars(self).get("_fit_kwargs", {})

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, those for ``fit`` among them, and not the data."""
        given = self._given_estimator()
        nested = settings_of(given) if deep else {}
        own = {name: given if name == "estimator" else getattr(self, name) for name in self._get_param_names()}
        return {**own, **{f"estimator__{name}": value for name, value in nested.items()}, **self.fit_kwargs}

    def set_params(self: _Self, **params: Any) -> _Self:
        """Set parameters, those for ``fit`` among them."""
        for_fit = {name: params.pop(name) for name in list(params) if name in self.fit_kwargs}
        if for_fit:
            self._fit_kwargs = {**self.fit_kwargs, **for_fit}
        if "_fitted" in vars(self) and any(name.startswith("estimator__") for name in params):
            self.__dict__["estimator"] = fresh(self._given_estimator())  # others may have been given the same object
        super().set_params(**params)  # type: ignore[misc]
        nested = {name.partition("__")[2]: value for name, value in params.items() if name.startswith("estimator__")}
        if nested and "_fitted" in vars(self):
            self.estimator.set_params(**nested)
            self._as_trained = settings_of(self.estimator)
        return self

    def __getattr__(self, name: str) -> Any:
        """Fitted attributes (``coef_``, ``n_features_in_``) and requests (``set_fit_request``): the estimator's."""
        if _REQUEST.fullmatch(name) and "estimator" in vars(self):
            return self._request(name)
        if name.startswith("_") or not name.endswith("_") or "estimator" not in vars(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.estimator, name)

    def _request(self: _Self, name: str) -> Callable[..., _Self]:
        if "_fitted" in vars(self):
            self.__dict__["estimator"] = fresh(self._given_estimator())
        models = [vars(self)[key] for key in ("estimator", "_fitted") if key in vars(self)]
        setters = [getattr(model, name) for model in models]

        def request(**requests: Any) -> _Self:
            for setter in setters:
                setter(**requests)
            return self

        return request

    def _given_estimator(self) -> Any:
        """The estimator as it was given, with what was set since on the fitted one, which modAL's users do."""
        given, fitted = vars(self)["estimator"], self.estimator
        if fitted is not given and "_as_trained" in vars(self):
            changed = with_changes(given, fitted, self._as_trained)
            if changed is not given:
                self.__dict__["estimator"], self._as_trained = changed, settings_of(fitted)
        return vars(self)["estimator"]

    def _put_in_place(self, estimator: Any) -> None:
        """Make an estimator the fitted one; the one given, if it is this, has been fitted by the user."""
        if estimator is not vars(self)["estimator"]:
            self._fitted, self._as_trained = estimator, settings_of(estimator)
        else:
            self.__dict__.pop("_fitted", None)
