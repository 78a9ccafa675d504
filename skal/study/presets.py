"""Task models by name, for the command line: for tables of numbers, mixed DataFrames and images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.utils.validation import check_is_fitted

from skal.study.protocol import parse_options

__all__ = ["ESTIMATORS", "PUBLISHED_ESTIMATORS", "Preparation", "make_estimator", "told_classes"]

_DENSE_COLUMNS = 256  # a one-hot table with more columns stays sparse
_NUMBERS = ["number", "bool", "boolean"]
_DATES = ["datetime", "datetimetz", "timedelta"]


class Preparation(TransformerMixin, BaseEstimator):
    """Rows of any kind as a table of numbers, by scikit-learn's own preprocessors.

    Parameters
    ----------
    kind : {"linear", "tree"}, default="linear"
        For a linear model numbers are standardised and categories one-hot encoded; for trees numbers stay as they
        are and categories become ordinal numbers.

    Attributes
    ----------
    transformer_ : transformer or None
        What was fitted; None passes the rows on.

    Notes
    -----
    Of a pandas DataFrame, missing numbers become the median of the rows of the fit, with a column that tells where
    they were missing; a missing category is a category of its own, and one that the fit did not see is none
    (linear) or -1 (tree). Images are flattened. Every other table passes as it is for trees, and is standardised
    for a linear model: missing numbers there are the model's affair.

    Memory: one-hot tables are dense up to 256 columns, sparse beyond.
    """

    def __init__(self, kind: str = "linear") -> None:
        self.kind = kind

    def fit(self, X: Any, y: Any = None) -> Preparation:
        """Learn scales, medians and categories.

        Parameters
        ----------
        X : container of n rows
            Table or images.
        y : None
            Not used.

        Returns
        -------
        Preparation
            Itself.

        Raises
        ------
        ValueError
            If `kind` is unknown, or a DataFrame has columns of dates.
        """
        if self.kind not in ("linear", "tree"):
            raise ValueError(f"Preparation: kind must be 'linear' or 'tree', got {self.kind!r}.")
        X = _as_table(X)
        if _is_frame(X):
            self.transformer_: Any = _columns(X, self.kind).fit(X)
        else:
            self.transformer_ = StandardScaler().fit(X) if self.kind == "linear" else None
        return self

    def transform(self, X: Any) -> Any:
        """Apply what was learnt.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray, sparse matrix or container of shape (n, d)
            A table of numbers.
        """
        check_is_fitted(self, "transformer_")
        X = _as_table(X)
        if self.transformer_ is None:
            return X
        Z = self.transformer_.transform(X)
        return Z.toarray() if hasattr(Z, "toarray") and Z.shape[1] <= _DENSE_COLUMNS else Z


def _columns(frame: Any, kind: str) -> Any:
    """Numbers and categories of a DataFrame, each with their own steps."""
    if dates := list(frame.select_dtypes(_DATES).columns):
        raise ValueError(f"Dates are not learnt from as they are: make numbers of {', '.join(dates)}.")
    numbers: Any = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    categories: Any = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    if kind == "linear":
        numbers = make_pipeline(numbers, StandardScaler())
        categories = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include=_NUMBERS)),
            (
                "categories",
                make_pipeline(FunctionTransformer(_texts), categories),
                make_column_selector(dtype_exclude=_NUMBERS),
            ),
        ]
    )


def _texts(frame: Any) -> Any:
    """Categories of any type as text, so that they have an order; a missing one as a word of its own."""
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    texts = [np.where(column.isna(), "(missing)", column.astype(object).map(str)) for column in columns]
    return np.column_stack(texts).astype(object)


def _is_frame(X: Any) -> bool:
    return hasattr(X, "select_dtypes")


def _as_table(X: Any) -> Any:
    """Images flattened; columns of a DataFrame by names, not by numbers, which scikit-learn takes for positions."""
    if _is_frame(X):
        return X if all(isinstance(name, str) for name in X.columns) else X.rename(columns=str)
    return X.reshape(len(X), -1) if getattr(X, "ndim", 2) > 2 else X


def _logistic() -> Any:
    return LogisticRegression(max_iter=2000)


def _booster() -> Any:
    """Small, diverse trees with leaves of three rows: the usual leaves of twenty learn nothing from 20 labels."""
    return HistGradientBoostingClassifier(
        learning_rate=0.2, max_iter=50, max_leaf_nodes=8, min_samples_leaf=3, max_features=0.3, early_stopping=False
    )


# Nets: torch is loaded when one is made, and not before.
def _mlp() -> Any:
    from skal.neural import NeuralClassifier

    return make_pipeline(Preparation(), NeuralClassifier("MLP"))


def _loss_net() -> Any:
    from skal.neural import LossPredictionClassifier

    return make_pipeline(Preparation(), LossPredictionClassifier("MLP"))


def _cnn() -> Any:
    from skal.neural import NeuralClassifier

    return NeuralClassifier("SmallCNN")


def _loss_cnn() -> Any:
    from skal.neural import LossPredictionClassifier

    return LossPredictionClassifier("SmallCNN")


def _cnn_ensemble() -> Any:
    from skal.neural import EnsembleClassifier

    return EnsembleClassifier(_cnn(), n_members=5)


def _unet(segmenter: str = "NeuralSegmenter") -> Any:
    from skal import neural

    return getattr(neural, segmenter)("UNet")


def _unet_ensemble() -> Any:
    from skal.neural import EnsembleClassifier

    return EnsembleClassifier(_unet(), n_members=3)


# Task models of papers, with their training; sources in `skal.study.published`. For GPUs.
def _vgg16_vaal() -> Any:
    from skal.augment import Flip
    from skal.neural import NeuralClassifier

    return NeuralClassifier("vgg16", module__init="xavier", max_epochs=100, batch_size=64, lr=5e-4, augment=Flip())


def _vgg16_vaal_imagenet() -> Any:
    from skal.augment import Flip
    from skal.neural import NeuralClassifier

    return NeuralClassifier(
        "torchvision_net", module__name="vgg16", max_epochs=100, batch_size=64, lr=0.1, augment=Flip()
    )


def _resnet18_sraal() -> Any:
    from skorch.callbacks import LRScheduler

    from skal.augment import Weak

    schedule = LRScheduler("MultiStepLR", milestones=[200, 300], gamma=0.1)
    return _by_sgd("resnet18_cifar", 0.1, max_epochs=360, batch_size=128, augment=Weak(), callbacks=[schedule])


def _wide_resnet_mittal() -> Any:
    from skorch.callbacks import LRScheduler

    schedule = LRScheduler("CosineAnnealingLR", T_max=150)
    return _by_sgd("wide_resnet", 0.03, max_epochs=150, batch_size=64, callbacks=[schedule])


def _resnet18_imagenet() -> Any:
    from skal.neural import NeuralClassifier

    return NeuralClassifier(
        "torchvision_net",
        module__name="resnet18",
        module__pretrained=True,
        max_epochs=25,
        lr=1e-3,
        optimizer=_sgd(),
        optimizer__momentum=0.9,
    )


def _drn_vaal() -> Any:
    from skal.neural import NeuralSegmenter

    # Images at half their sides, and so the crop of 688 pixels.
    return NeuralSegmenter("drn_d_22", crop_size=344, max_epochs=50, batch_size=8, lr=5e-4, schedule=None)


def _deeplab_mittal() -> Any:
    from skal.neural import NeuralSegmenter

    return NeuralSegmenter(
        "DeepLabV2",
        crop_size=321,
        zoom=(0.5, 1.5),
        max_epochs=150,
        batch_size=10,
        lr=2.5e-4,
        schedule="poly",
        optimizer=_sgd(),
        optimizer__momentum=0.9,
        optimizer__weight_decay=5e-4,
    )


def _by_sgd(module: str, lr: float, **settings: Any) -> Any:
    from skal.neural import NeuralClassifier

    return NeuralClassifier(
        module, lr=lr, optimizer=_sgd(), optimizer__momentum=0.9, optimizer__weight_decay=5e-4, **settings
    )


def _sgd() -> Any:
    from torch.optim import SGD

    return SGD


PUBLISHED_ESTIMATORS: dict[str, Callable[[], Any]] = {
    "deeplab_mittal": _deeplab_mittal,
    "drn_vaal": _drn_vaal,
    "resnet18_imagenet": _resnet18_imagenet,
    "resnet18_sraal": _resnet18_sraal,
    "vgg16_vaal": _vgg16_vaal,
    "vgg16_vaal_imagenet": _vgg16_vaal_imagenet,
    "wide_resnet_mittal": _wide_resnet_mittal,
}


# An ensemble is the last step, so that it is a committee for the strategies that read one. A model that predicts its
# losses serves every strategy that reads one model, so that all can be compared on the same.
ESTIMATORS: dict[str, Callable[[], Any]] = {
    "bagged_logistic": lambda: make_pipeline(Preparation(), BaggingClassifier(_logistic(), n_estimators=10)),
    "cnn": _cnn,
    "cnn_ensemble": _cnn_ensemble,
    "forest": lambda: make_pipeline(Preparation("tree"), RandomForestClassifier(n_estimators=100)),
    "gradient_boosting": lambda: make_pipeline(Preparation("tree"), _booster()),
    "logistic": lambda: make_pipeline(Preparation(), _logistic()),
    "loss_cnn": _loss_cnn,
    "loss_net": _loss_net,
    "loss_unet": lambda: _unet("LossPredictionSegmenter"),
    "mlp": _mlp,
    "unet": _unet,
    "unet_ensemble": _unet_ensemble,
}


def make_estimator(name: str) -> Any:
    """Make a task model by name, unfitted and unseeded.

    Parameters
    ----------
    name : str
        One of `ESTIMATORS`, or a task model of a paper, for images and a GPU: one of `PUBLISHED_ESTIMATORS`. Also
        with parameters of its classifier, the last step: ``"logistic:C=0.1"``, ``"cnn:module__width=16"``.

    Returns
    -------
    estimator
        As a rule a Pipeline of a `Preparation` and a classifier: it takes tables of numbers, pandas DataFrames with
        categories and missing values, and images (n, C, H, W), which it flattens. "mlp" is a net behind one,
        "loss_net" one that predicts its own losses too. "cnn", "loss_cnn" and "cnn_ensemble" (five nets) are
        convolutional, all of `skal.nets.SmallCNN`: they take images as they are, and no tables. "unet", "loss_unet"
        and "unet_ensemble" (three nets) label the pixels of images, by `skal.nets.UNet`.

    Raises
    ------
    ValueError
        If there is no such model, or its classifier has no such parameter.
    """
    known = {**PUBLISHED_ESTIMATORS, **ESTIMATORS}
    called, _, text = name.partition(":")
    if called not in known:
        raise ValueError(
            f"There is no estimator {called!r}; there are {', '.join(sorted(ESTIMATORS))}, and of papers "
            f"{', '.join(sorted(PUBLISHED_ESTIMATORS))}."
        )
    model, options = known[called](), parse_options(text, name)
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    try:
        last.set_params(**options)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return model


def told_classes(estimator: Any, classes: NDArray[Any]) -> Any:
    """Tell a task model all classes from the start, where it can be told and has not been.

    Parameters
    ----------
    estimator : estimator
        Its parameter ``classes``, or that of the last step of a Pipeline or of the estimator inside, is looked for.
    classes : ndarray of shape (C,)
        All classes.

    Returns
    -------
    estimator
        A copy that knows them, or the same where there is nothing to tell.
    """
    name = _classes_parameter(estimator)
    return estimator if name is None else clone(estimator).set_params(**{name: classes.tolist()})


def _classes_parameter(estimator: Any) -> str | None:
    parameters = estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}
    if getattr(estimator, "learns_from_unlabeled", False) and "classes" not in parameters:
        return None  # a classifier around another one: inside, classes are numbered among those seen so far
    if "classes" in parameters:
        return "classes" if parameters["classes"] is None else None
    step, inner = estimator.steps[-1] if hasattr(estimator, "steps") else ("estimator", parameters.get("estimator"))
    found = None if inner is None else _classes_parameter(inner)
    return None if found is None else f"{step}__{found}"
