"""Task models by name, for the command line: for tables of any columns, texts and images."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

from skal.estimators.imported import import_estimator, is_import_path
from skal.estimators.linear_svm import CalibratedLinearSVC
from skal.estimators.pixel_forest import PixelForest
from skal.features import ImageEncoder, TableEncoder, column_uses
from skal.spec import Catalogue, Entry, no_option

__all__ = [
    "ESTIMATORS",
    "NAMED_ESTIMATORS",
    "PUBLISHED_ESTIMATORS",
    "column_kinds",
    "make_estimator",
    "told_classes",
    "with_column_uses",
]


def _logistic() -> Any:
    return LogisticRegression(max_iter=2000)


def _booster() -> Any:
    """Small, diverse trees with leaves of three rows: the usual leaves of twenty learn nothing from 20 labels."""
    return HistGradientBoostingClassifier(
        learning_rate=0.2, max_iter=50, max_leaf_nodes=8, min_samples_leaf=3, max_features=0.3, early_stopping=False
    )


def _image_features() -> Any:
    """A thousand features that depend on each other: a strong penalty, which is better from 200 labels on."""
    return make_pipeline(ImageEncoder(), TableEncoder(), LogisticRegression(C=0.01, max_iter=2000))


# Regressors, by name, behind the same encoders.
def _bagged_ridge() -> Any:
    return make_pipeline(TableEncoder(), BaggingRegressor(Ridge(), n_estimators=10))


def _gaussian_process() -> Any:
    """One length for all columns, which are standardised, and noise; both are fitted. For a few thousand labels."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    kernel = ConstantKernel(1.0) * RBF(3.0) + WhiteKernel(0.1, (1e-8, 1e2))
    return make_pipeline(TableEncoder(kind="dense"), GaussianProcessRegressor(kernel, normalize_y=True))


def _boosting_regressor() -> Any:
    return HistGradientBoostingRegressor(
        learning_rate=0.2, max_iter=50, max_leaf_nodes=8, min_samples_leaf=3, max_features=0.3, early_stopping=False
    )


# Nets: torch is loaded when one is made, and not before.
def _mlp() -> Any:
    from skal.neural import NeuralClassifier

    return make_pipeline(TableEncoder(kind="dense"), NeuralClassifier("MLP"))


def _loss_net() -> Any:
    from skal.neural import LossPredictionClassifier

    return make_pipeline(TableEncoder(kind="dense"), LossPredictionClassifier("MLP"))


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


# Task models of papers, with their training; sources in `skal.study.published.setups`. For GPUs.
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
    "bagged_ridge": _bagged_ridge,
    "boosting_regressor": lambda: make_pipeline(TableEncoder(kind="tree"), _boosting_regressor()),
    "bagged_logistic": lambda: make_pipeline(TableEncoder(), BaggingClassifier(_logistic(), n_estimators=10)),
    "cnn": _cnn,
    "cnn_ensemble": _cnn_ensemble,
    "forest": lambda: make_pipeline(TableEncoder(kind="tree"), RandomForestClassifier(n_estimators=100)),
    "forest_regressor": lambda: make_pipeline(TableEncoder(kind="tree"), RandomForestRegressor(n_estimators=100)),
    "gaussian_process": _gaussian_process,
    "gradient_boosting": lambda: make_pipeline(TableEncoder(kind="tree"), _booster()),
    "hist_gradient_boosting": lambda: make_pipeline(TableEncoder(kind="tree"), _booster()),
    "image_features": _image_features,
    "linear_svm": lambda: make_pipeline(TableEncoder(), CalibratedLinearSVC()),
    "logistic": lambda: make_pipeline(TableEncoder(), _logistic()),
    "loss_cnn": _loss_cnn,
    "loss_net": _loss_net,
    "loss_unet": lambda: _unet("LossPredictionSegmenter"),
    "mlp": _mlp,
    "pixel_forest": PixelForest,
    "ridge": lambda: make_pipeline(TableEncoder(), Ridge()),
    "unet": _unet,
    "unet_ensemble": _unet_ensemble,
}


def _entries() -> dict[str, Entry]:
    known = {**ESTIMATORS, **PUBLISHED_ESTIMATORS}
    return {name: Entry(functools.partial(with_parameters, name, make)) for name, make in known.items()}


def with_parameters(name: str, make: Callable[[], Any], **parameters: Any) -> Any:
    """A model whose last step, the classifier, has these parameters; which it has is known once it is made."""
    model = make()
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    try:
        last.set_params(**parameters)
    except ValueError as error:
        known = last.get_params()
        if unknown := [parameter for parameter in parameters if parameter.partition("__")[0] not in known]:
            raise ValueError(no_option("estimator", name, unknown, last.get_params(deep=False))) from error
        raise
    return model


NAMED_ESTIMATORS = Catalogue(
    "estimator", _entries, remedy="Your own is named by package.module:name or file.py:name."
)


def make_estimator(name: str, columns: Mapping[str, str] | None = None) -> Any:
    """Make a task model by name, unfitted and unseeded.

    Parameters
    ----------
    name : str
        One of `ESTIMATORS`, or a task model of a paper, for images and a GPU: one of `PUBLISHED_ESTIMATORS`. Also
        with parameters of its classifier, the last step: ``"logistic:C=0.1"``, ``"cnn:module__width=16"``. Or an
        import path of an estimator, or of a function that returns one: ``"package.module:name"`` or
        ``"path/to/file.py:name"``. **That runs the code of the module.**
    columns : dict of str to str, default=None
        What columns of a table are used as, such as ``{"body": "text"}``; see `skal.features.column_uses`, which
        decides on those that are not named.

    Returns
    -------
    estimator
        As a rule a Pipeline of a `skal.features.TableEncoder` and a classifier: it takes tables of numbers, frames
        with text, categories, dates and missing values, and images (n, C, H, W), which it flattens. "logistic",
        "bagged_logistic" and "linear_svm" (calibrated) suit text; "forest" and "gradient_boosting", which is also
        called "hist_gradient_boosting", suit tables; "image_features" describes images, which may differ in size,
        by a `skal.features.ImageEncoder` for a logistic regression. "mlp" is a net behind an encoder, "loss_net" one
        that predicts its own losses too. "cnn", "loss_cnn" and "cnn_ensemble" (five nets) are convolutional, all of
        `skal.nets.SmallCNN`: they take images as they are, and no tables. "unet", "loss_unet" and "unet_ensemble"
        (three nets) label the pixels of images, by `skal.nets.UNet`; "pixel_forest" does so without a net, by trees
        on colours and edges.

        Numbers are predicted by "ridge", "bagged_ridge" (ten of them), "forest_regressor", "boosting_regressor" and
        "gaussian_process", which says how sure it is.

    Raises
    ------
    ValueError
        If there is no such model, its classifier has no such parameter, an import path leads nowhere, or `columns`
        are given to a model that does not read columns.

    Examples
    --------
    >>> make_estimator("logistic:C=0.1", columns={"body": "text"})[-1]
    LogisticRegression(C=0.1, max_iter=2000)
    """
    own = name.partition(":")[0].strip() not in NAMED_ESTIMATORS.entries and is_import_path(name)
    return told_columns(import_estimator(name) if own else NAMED_ESTIMATORS.make(name), name, columns)


def told_columns(model: Any, name: str, columns: Mapping[str, str] | None) -> Any:
    if columns:
        if not list(_open_encoders(model)):
            raise ValueError(
                f"{name} does not read the columns of a table, so that there is nothing to say about them. Begin its "
                "Pipeline with a skal.features.TableEncoder, or leave the columns out."
            )
        for parameter in _open_encoders(model):
            model.set_params(**{parameter: dict(columns)})
    return model


def with_column_uses(estimator: Any, X: Any) -> Any:
    """Decide on the whole table what its columns are used as, for an estimator whose encoder has not been told.

    Parameters
    ----------
    estimator : estimator
        A Pipeline that begins with a `skal.features.TableEncoder`, also inside another estimator; any other is
        returned, and sees the table as it is.
    X : container of n rows
        All rows.

    Returns
    -------
    estimator
        A copy whose encoder has the kind of every column; the same if there is nothing to tell.
    """
    if not (hasattr(X, "columns") and list(_open_encoders(estimator))):
        return estimator
    told = clone(estimator)
    for parameter in _open_encoders(estimator):
        said = estimator.get_params()[parameter]
        told.set_params(**{parameter: {name: use.kind for name, use in column_uses(X, said).items()}})
    return told


def column_kinds(estimator: Any) -> dict[str, str] | None:
    """Return what the columns of a table are used as; None if the estimator has not been told or cannot be.

    Parameters
    ----------
    estimator : estimator
        As `with_column_uses` returns it.

    Returns
    -------
    dict of str to str, or None
        Kinds by the name of the column.
    """
    for parameter in _open_encoders(estimator):
        if columns := estimator.get_params()[parameter]:
            return dict(columns)
    return None


def _open_encoders(model: Any, prefix: str = "") -> Iterator[str]:
    """Parameters that hold the columns of table encoders, of those that read the rows as they come."""
    if isinstance(model, TableEncoder):
        yield f"{prefix}columns"
    elif hasattr(model, "steps"):
        name, first = model.steps[0]
        yield from _open_encoders(first, f"{prefix}{name}__")
    elif hasattr(model, "get_params") and not isinstance(model, FrozenEstimator):
        inner = model.get_params(deep=False).get("estimator")
        if inner is not None:
            yield from _open_encoders(inner, f"{prefix}estimator__")


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
