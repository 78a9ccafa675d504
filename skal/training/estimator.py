"""What every estimator around a net shares: its open parameters, its rows, its seed and its device."""

from __future__ import annotations

import copy
import difflib
import numbers
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import _check_feature_names, check_is_fitted, validate_data

from skal.data import RowView, n_rows, take, to_numpy
from skal.training.forms import check_form
from skal.training.inputs import Inputs
from skal.training.module import optimizer_of, resolve_device
from skal.training.reading import read

MAX_SEED = 2**31 - 1
_LOSSES = ("criterion", "loss", "loss_fn", "loss_function")  # as skorch, Keras and others call it


class NeuralEstimator(BaseEstimator):
    """Base of estimators that hold skorch nets by composition.

    skorch's nets are estimators themselves, but their parameters live in ``__init__``'s shadow: inheriting from
    them fails 36 of scikit-learn's 55 checks. So a net is made in ``fit`` and kept as ``net_``.

    Subclasses list their parameters in ``__init__``, and in `open_parts` those whose own options pass through:
    with ``("module", "optimizer")`` any ``module__hidden=...`` is a parameter, for ``clone``, ``set_params`` and a
    grid search too.
    """

    open_parts: ClassVar[tuple[str, ...]] = ()
    _about_losses: ClassVar[str] = (
        "its loss belongs to the method, and rows count in it by sample_weight, classes by class_weight. For a loss "
        "of your own take a net of skorch with criterion=, which every strategy takes as well."
    )
    net_: Any
    inputs_: Inputs

    def _keep_options(self, options: dict[str, Any]) -> None:
        """Store the options of the open parts."""
        for name, value in options.items():
            setattr(self, name, value)

    def _keep_parameters(self, arguments: dict[str, Any]) -> None:
        """Store all parameters, of the ``locals()`` of an ``__init__``, of which this is the only statement.

        scikit-learn reads a signature, which each class writes out; what is in it is named once all the same. These
        are the arguments of that ``__init__`` alone: a subclass may have parameters of its own beside them.
        """
        for name, value in arguments.items():
            if name not in ("self", "__class__", "options"):
                setattr(self, name, value)
        self._keep_options(arguments["options"])

    def _check_options(self) -> None:
        """Raise if an option was given that belongs to no open part; in ``fit``, as scikit-learn wants it."""
        known = self._get_param_names()
        for name in vars(self):
            if name in known or self._is_open(name) or name.startswith("_") or name.endswith("_"):
                continue
            allowed = " and ".join(f"{part}__*" for part in self.open_parts)
            near = difflib.get_close_matches(name, known, n=1)
            meant = f", did you mean {near[0]!r}" if near else ""
            if name.partition("__")[0] in _LOSSES:
                raise TypeError(f"{type(self).__name__} has no parameter {name!r}: {self._about_losses}")
            raise TypeError(
                f"{type(self).__name__} has no parameter {name!r}{meant}; besides those of its signature it takes "
                f"{allowed}."
            )

    def _is_open(self, name: str) -> bool:
        return any(name.startswith(f"{part}__") and len(name) > len(part) + 2 for part in self.open_parts)

    def _options_of(self, part: str) -> dict[str, Any]:
        prefix = f"{part}__"
        return {name.removeprefix(prefix): value for name, value in vars(self).items() if name.startswith(prefix)}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, those of the open parts among them."""
        params = super().get_params(deep=deep)
        params.update({name: value for name, value in vars(self).items() if self._is_open(name)})
        return params

    def set_params(self, **params: Any) -> Any:
        """Set parameters, those of the open parts too."""
        # "options" stands in the signature, so scikit-learn's checks set it; like any unknown name, fit refuses it.
        own = [name for name in params if self._is_open(name) or name == "options"]
        self._keep_options({name: params.pop(name) for name in own})
        return super().set_params(**params)

    def _check_numbers(self, whole: tuple[str, ...] = (), positive: tuple[str, ...] = ()) -> None:
        """Raise unless these parameters are whole numbers from 1 on, or positive numbers."""
        for name in (*whole, *positive):
            value = getattr(self, name)
            kind = numbers.Integral if name in whole else numbers.Real
            if (
                isinstance(value, (bool, np.bool_))
                or not isinstance(value, kind)
                or not 0 < float(value) < float("inf")
            ):
                what = "an int >= 1" if name in whole else "a positive number"
                raise ValueError(f"{type(self).__name__}: {name} must be {what}, got {value!r}.")

    def _rows(self, X: Any, reset: bool) -> Any:
        """Check rows as scikit-learn does, without a copy; a Dataset or view passes as it is."""
        check_form(X, type(self).__name__)
        if isinstance(X, RowView) or (hasattr(X, "__getitem__") and not _array_like(X)):
            if n_rows(X) == 0:
                raise ValueError(f"{type(self).__name__}: at least one row is needed, got none.")
            if reset:
                first = take(X, slice(0, 1))
                self.n_features_in_ = int(to_numpy(first).shape[1])
                _check_feature_names(self, first, reset=True)  # a view of a frame has names
            return X
        if hasattr(X, "detach"):
            X = to_numpy(X)
        shape = X.shape if hasattr(X, "shape") else np.asarray(X).shape
        if len(shape) <= 2:
            return validate_data(self, X, reset=reset, accept_sparse="csr")
        X = check_array(X, allow_nd=True, estimator=self)
        if reset:
            self.n_features_in_ = X.shape[1]
            _check_feature_names(self, X, reset=True)
        return X

    def _column_facts(self) -> dict[str, Any]:
        """What a file of weights says of the columns."""
        names = getattr(self, "feature_names_in_", None)
        return {
            "n_features_in": int(self.n_features_in_),
            **({} if names is None else {"feature_names_in": names.tolist()}),
        }

    def _use_column_facts(self, facts: dict[str, Any]) -> None:
        self.n_features_in_ = facts["n_features_in"]
        self.__dict__.pop("feature_names_in_", None)
        if "feature_names_in" in facts:
            self.feature_names_in_ = np.array(facts["feature_names_in"], dtype=object)

    def _read_rows(self, X: Any) -> Any:
        """Rows to be read by the fitted net."""
        check_is_fitted(self)
        return self._rows(X, reset=False)

    def _check_epochs(self) -> None:
        """Raise unless ``max_epochs`` is "auto" or a whole number from 1 on."""
        if not (isinstance(self.max_epochs, str) and self.max_epochs == "auto"):
            self._check_numbers(whole=("max_epochs",))

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(MAX_SEED))

    def _device(self) -> torch.device:
        return resolve_device(self.device, type(self).__name__)

    def _skorch_net(self, net_class: Any, module: torch.nn.Module, device: torch.device, **options: Any) -> Any:
        """Wrap a module with the settings that all estimators share; `options` come first."""
        if self.channels_last:
            module = module.to(memory_format=torch.channels_last)
        settings = {
            "max_epochs": self.max_epochs,
            "batch_size": self.batch_size,
            "lr": self.lr,
            "optimizer": optimizer_of(self.optimizer, type(self).__name__),
            "device": str(device),
            # Callbacks keep what they saw: the parameter itself must stay as it was given.
            "callbacks": copy.deepcopy(self.callbacks),
            "verbose": self.verbose,
            **{f"optimizer__{name}": value for name, value in self._options_of("optimizer").items()},
        }
        net = net_class(module, **{**settings, **options})
        net.channels_last, net.bf16 = self.channels_last, self.bf16
        return net

    def _module_device(self) -> torch.device:
        return next(self.net_.module_.parameters()).device

    def _read(self, X: Any, forward: Callable[[torch.Tensor], torch.Tensor]) -> NDArray[Any]:
        """Apply a function of the fitted net to all rows, batch by batch."""
        X = self._read_rows(X)
        return read(X, self.inputs_, self._module_device(), forward)

    def _inputs(self, *containers: Any) -> Inputs:
        return Inputs.of(*containers, standardize=self.standardize)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.random_state is None
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        return tags


class EmbeddingMixin(ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """An estimator whose ``transform`` is computed by a net: in float32, whatever comes in.

    Its features are named by the class, as neuralclassifier0, neuralclassifier1...
    """

    net_: Any
    inputs_: Inputs

    @abstractmethod
    def _embed(self, x: torch.Tensor) -> torch.Tensor:
        """Features (b, d) of a batch as the net sees it."""

    @property
    def _n_features_out(self) -> int:
        """Width of ``transform``, asked of the net itself: a number kept beside it could go stale."""
        device = next(self.net_.module_.parameters()).device
        with torch.inference_mode():
            return int(self._embed(torch.zeros((1, *self.inputs_.shape), device=device)).shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


def _array_like(X: Any) -> bool:
    """Arrays, frames, lists and tensors; what is left with ``__getitem__`` is a Dataset."""
    return isinstance(X, (list, tuple, dict)) or any(
        hasattr(X, name) for name in ("__array__", "__dataframe__", "toarray", "detach")
    )


def epochs_for(max_epochs: Any, n: int, batch_size: int, n_steps: int, least: int, most: int) -> int:
    """Epochs wanted; "auto": as many as make so many steps on n rows, between the least and the most."""
    if max_epochs != "auto":
        return int(max_epochs)
    steps_an_epoch = -(-n // batch_size)
    return int(np.clip(-(-n_steps // steps_an_epoch), least, most))


def epochs_of(history: Any) -> list[dict[str, Any]]:
    """History of a skorch net without its batches, as plain dicts."""
    return [{key: value for key, value in row.items() if key != "batches"} for row in history]
