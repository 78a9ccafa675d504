"""Task models that know the pool, or other data, before the first label."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from skal.data import take
from skal.labels import labeled_part


class FrozenFeaturesClassifier(ClassifierMixin, BaseEstimator):
    """Logistic regression on the features of an encoder that sees all rows and no label.

    Parameters
    ----------
    encoder : transformer
        Fitted to labelled and unlabelled rows alike, without labels, then left as it is. Cloned.
    C : float, default=1.0
        Inverse strength of the regression's penalty.
    missing_label : scalar, default="auto"
        Marks rows of `y` without a label; see `skal.labels.unlabeled_mask`.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
        Labels, sorted.
    encoder_ : transformer
        Fitted.
    classifier_ : Pipeline
        Features are standardised over the labelled rows, then read by the regression.

    Notes
    -----
    The encoder is fitted anew in every ``fit``, unless it is frozen (`sklearn.frozen.FrozenEstimator`): a loop pays
    for it in every round, a comparison once per trial (`skal.loop.fitted_to_pool`). Memory: that of the encoder's
    fit, and the features of the labelled rows.

    References
    ----------
    .. [1] Kingma, Rezende, Mohamed & Welling, "Semi-supervised learning with deep generative models", NIPS 2014:
       the model M1.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.decomposition import PCA
    >>> X, y = load_iris(return_X_y=True)
    >>> partly = [label if i % 10 == 0 else None for i, label in enumerate(y)]
    >>> model = FrozenFeaturesClassifier(PCA(2)).fit(X, partly)
    >>> model.transform(X).shape, model.predict_proba(X).shape
    ((150, 2), (150, 3))
    """

    learns_from_unlabeled: ClassVar[bool] = True
    learns_from_pool: ClassVar[str] = "encoder"

    def __init__(self, encoder: Any, *, C: float = 1.0, missing_label: Any = "auto") -> None:
        self.encoder = encoder
        self.C = C
        self.missing_label = missing_label

    def fit(self, X: Any, y: Any) -> FrozenFeaturesClassifier:
        """Fit the encoder to all rows, and the regression to those with a label.

        Parameters
        ----------
        X : container of n rows
            What the encoder takes.
        y : array-like of shape (n,)
            Labels of any type, some of them missing.

        Returns
        -------
        FrozenFeaturesClassifier
            Itself.
        """
        rows, labels = labeled_part(y, self.missing_label)
        self.encoder_ = clone(self.encoder).fit(X, None)  # a frozen one asks for a y
        linear = LogisticRegression(C=self.C, max_iter=2000)
        self.classifier_ = make_pipeline(StandardScaler(), linear)
        self.classifier_.fit(self.encoder_.transform(take(X, rows)), labels)
        self.classes_ = self.classifier_.classes_
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each row."""
        check_is_fitted(self)
        return np.asarray(self.classifier_.predict(self.encoder_.transform(X)))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Class probabilities, in the order of ``classes_``."""
        check_is_fitted(self)
        return np.asarray(self.classifier_.predict_proba(self.encoder_.transform(X)))

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the standardised features, which the regression reads."""
        check_is_fitted(self)
        return np.asarray(self.classifier_[:-1].transform(self.encoder_.transform(X)))


@dataclass(frozen=True)
class StartFrom:
    """Makes a net that starts from weights of a file: all of them but those of the last linear layer.

    Attributes
    ----------
    module : class, function, str, Module or None
        As of `skal.neural.NeuralClassifier`.
    path : str
        A safetensors file, or a state dict of torch, which is read as weights only and can run no code.
    digest : str
        Of the file, so that other weights are another study.
    """

    module: Any
    path: str
    digest: str

    @classmethod
    def of(cls, module: Any, path: Path) -> StartFrom:
        """Make one, after a look at the file.

        Raises
        ------
        ValueError
            If there is no such file.
        """
        if not path.is_file():
            raise ValueError(f"pretrained: there is no file of weights {str(path)!r}.")
        return cls(module, str(path), hashlib.sha256(path.read_bytes()).hexdigest()[:16])

    def __call__(self, input_shape: tuple[int, ...], n_outputs: int, **options: Any) -> Any:
        """Make the net, and load what fits.

        Raises
        ------
        ValueError
            If a layer other than the last linear one is not in the file, or has another shape there.
        """
        import torch

        from skal import nets
        from skal.training import module_of

        default = nets.MLP if len(input_shape) == 1 else nets.SmallCNN
        net = module_of(self.module, "pretrained", input_shape, default, options, n_outputs=n_outputs)
        stored = _state(Path(self.path))
        linear = [name for name, layer in net.named_modules() if isinstance(layer, torch.nn.Linear)]
        head = f"{linear[-1]}." if linear else "no head"
        wanted = {name: value for name, value in net.state_dict().items() if not name.startswith(head)}
        odd = [name for name, value in wanted.items() if name not in stored or stored[name].shape != value.shape]
        if odd:
            got = f"of shape {tuple(stored[odd[0]].shape)}" if odd[0] in stored else "not there"
            raise ValueError(
                f"pretrained: {self.path} does not fit {type(net).__name__}: {len(odd)} of {len(wanted)} tensors "
                f"differ, the first is {odd[0]} of shape {tuple(wanted[odd[0]].shape)}, in the file {got}. All "
                "but the last linear layer must be there."
            )
        net.load_state_dict({name: stored[name] for name in wanted}, strict=False)
        return net


def _state(path: Path) -> dict[str, Any]:
    """Tensors of a file by name."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if path.suffix == ".safetensors":
        try:
            return dict(load_file(path))
        except SafetensorError as error:
            raise ValueError(f"pretrained: {path} is no safetensors file: {error}") from error
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise ValueError(f"pretrained: {path} holds no plain weights: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise ValueError(f"pretrained: {path} must hold a state dict, tensors by name.")
    return found
