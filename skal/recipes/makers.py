"""The training recipes: each makes, of a task model, the one that is trained in its place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.base import clone

from skal.spec import no_option

__all__ = ["RECIPES", "SUPERVISED", "as_given"]

SUPERVISED = "supervised"

# A net that learns from unlabelled rows too has the settings of the net whose place it takes. Epochs of labelled
# rows are no measure of its training, and so what goes by them stays behind. Every other setting that both nets have
# is passed on by its name: whoever adds one to both decides here whether it stays.
_LEFT_BEHIND = ("max_epochs", "train_split", "callbacks", "schedule")
_OPEN = ("module__", "optimizer__")
_OF_THE_PAPER = ("batch_size", "lr", "optimizer", "crop_size", "zoom")


def as_given(estimator: Any) -> Any:
    """Return the task model itself: "supervised"."""
    return estimator


# Each returns a new task model and leaves the one it was given as it was.


def _augmented(estimator: Any, *, augment: Any = "strong", flip: bool = True, **unknown: Any) -> Any:
    _refuse("augmented", unknown, ("augment", "flip"))

    def change(net: Any) -> Any:
        if "augment" not in _parameters(net):
            raise ValueError(_needs_net("augmented", net))
        return clone(net).set_params(augment=_flipped(augment, flip))

    return _at_last(estimator, change, _has_members)


def _uda(estimator: Any, **options: Any) -> Any:
    from skal.semi_supervised import UDAClassifier

    return _at_last(estimator, lambda net: _consistency("uda", UDAClassifier, net, **options), _is_ensemble)


def _fixmatch(estimator: Any, **options: Any) -> Any:
    from skal.semi_supervised import FixMatchClassifier

    return _at_last(estimator, lambda net: _consistency("fixmatch", FixMatchClassifier, net, **options), _is_ensemble)


def _consistency(who: str, kind: Any, net: Any, *, flip: bool = True, **options: Any) -> Any:
    """The same net, which is to say of unlabelled rows the same however they are augmented."""
    from skal.neural import NeuralClassifier

    if type(net) is not NeuralClassifier:  # a subclass is trained in a way of its own, which would be lost
        raise ValueError(_needs_net(who, net))
    left_behind = (*_LEFT_BEHIND, "augment") if net.augment is None else _LEFT_BEHIND  # then it keeps its own
    model = _semi_supervised(who, kind, net, left_behind, options, ("flip",))
    return model.set_params(augment=_flipped(model.augment, flip), strong=_flipped(model.strong, flip))


def _s4gan(estimator: Any, **options: Any) -> Any:
    from skal.neural import NeuralSegmenter
    from skal.semi_supervised import S4GANSegmenter

    def change(net: Any) -> Any:
        if type(net) is not NeuralSegmenter:
            raise ValueError(
                f"s4gan: the task model must be a skal.neural.NeuralSegmenter, which labels pixels, got "
                f"{type(net).__name__}. By name there is the estimator unet."
            )
        return _semi_supervised("s4gan", S4GANSegmenter, net, _LEFT_BEHIND, options)

    return _at_last(estimator, change, _is_ensemble)


def _semi_supervised(
    who: str, kind: Any, net: Any, left_behind: Iterable[str], options: dict[str, Any], more: Iterable[str] = ()
) -> Any:
    """The same net, trained on unlabelled rows too, with settings of a paper where one is named."""
    settings = [name for name in inspect.signature(kind).parameters if name != "options"]
    own = [name for name in settings if name != "module"]
    _refuse(who, {name: None for name in options if not name.startswith(_OPEN)}, (*own, *more, "paper"))
    kept = {
        name: value
        for name, value in net.get_params(deep=False).items()
        if (name in settings and name not in tuple(left_behind)) or name.startswith(_OPEN)
    }
    given = {name: value for name, value in options.items() if name != "paper"}
    if "paper" not in options:
        return kind(**{**kept, **given})
    kept = {name: value for name, value in kept.items() if name not in _OF_THE_PAPER}
    kept = {name: value for name, value in kept.items() if not name.startswith("optimizer__")}
    return kind.published(options["paper"], **{**kept, **given})


def _pseudo_label(estimator: Any, **options: Any) -> Any:
    from skal.semi_supervised import PseudoLabelClassifier

    own = tuple(name for name in inspect.signature(PseudoLabelClassifier).parameters if name != "estimator")
    _refuse("pseudo_label", options, own)

    def change(model: Any) -> Any:
        if not hasattr(model, "predict_proba"):
            raise ValueError(f"pseudo_label: {type(model).__name__} has no predict_proba, to tell how sure it is.")
        inside = clone(model)
        if _parameters(inside).get("classes") is not None:
            inside.set_params(classes=None)  # inside, classes are numbered among those seen so far
        return PseudoLabelClassifier(inside, **options)

    return _at_last(estimator, change)


def _pretrained(estimator: Any, *, weights: str | None = None, **options: Any) -> Any:
    from skal.recipes.pretrained import FrozenFeaturesClassifier, StartFrom

    if weights is not None:
        _refuse("pretrained with weights", options, ())

        def start(net: Any) -> Any:
            if "module" not in _parameters(net):
                raise ValueError(_needs_net("pretrained with weights", net))
            return clone(net).set_params(module=StartFrom.of(net.module, Path(weights)))

        return _at_last(estimator, start, _has_members)

    from skal.neural import VariationalAutoencoder

    own = tuple(name for name in inspect.signature(VariationalAutoencoder).parameters if name != "options")
    _refuse("pretrained", {name: None for name in options if not name.startswith(_OPEN)}, ("weights", *own))
    return _at_last(estimator, lambda _: FrozenFeaturesClassifier(VariationalAutoencoder(**options)))


@dataclass(frozen=True)
class _Known:
    make: Callable[..., Any]
    about: str


# By name: how the task model is made, and what is said of it.
RECIPES: dict[str, _Known] = {
    SUPERVISED: _Known(as_given, "the task model as it is given, on the labelled rows alone"),
    "augmented": _Known(_augmented, "labelled rows are augmented anew in every step"),
    "pseudo_label": _Known(_pseudo_label, "what the task model is sure of becomes a label, and it is fitted again"),
    "uda": _Known(_uda, "the same net learns from unlabelled rows by unsupervised data augmentation"),
    "fixmatch": _Known(_fixmatch, "the same net learns from unlabelled rows by FixMatch"),
    "s4gan": _Known(_s4gan, "the same segmenter learns from images without masks by a discriminator (s4GAN)"),
    "pretrained": _Known(
        _pretrained,
        "a linear classifier on frozen features of a variational autoencoder, which is fitted to all rows of the "
        "pool without labels, once a trial, takes the place of the task model",
    ),
}


def _at_last(model: Any, change: Callable[[Any], Any], inside: Callable[[Any], bool] | None = None) -> Any:
    """Change the last step of a Pipeline, or the members of an ensemble that may be looked into."""
    if hasattr(model, "steps"):
        name, last = model.steps[-1]
        return clone(model).set_params(**{name: _at_last(last, change, inside)})
    if inside is None or not inside(model):
        return change(model)
    member = model._model() if _is_ensemble(model) else model.estimator  # the default of the former is a net
    return clone(model).set_params(estimator=_at_last(member, change, inside))


def _is_ensemble(model: Any) -> bool:
    """Whether a model is the ensemble that hands unlabelled rows to members that learn from them."""
    return type(model).__name__ == "EnsembleClassifier"


def _has_members(model: Any) -> bool:
    return _is_ensemble(model) or _parameters(model).get("estimator") is not None


def _needs_net(who: str, model: Any) -> str:
    needed = f"{who}: the task model must be a skal.neural.NeuralClassifier, or a Pipeline that ends in one"
    if "estimator" in _parameters(model):
        why = " Of ensembles EnsembleClassifier alone has its members learn from unlabelled rows too."
        why = why if who in ("uda", "fixmatch") else ""
        return f"{needed}, got {type(model).__name__}.{why}"
    return (
        f"{needed}, got {type(model).__name__}. By name there are the estimators mlp and cnn; the recipe "
        "pseudo_label takes any classifier."
    )


def _refuse(who: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    known = tuple(known)
    if unknown := [name for name in given if name not in known]:
        raise ValueError(no_option("recipe", who, unknown, known))


def _flipped(augment: Any, flip: bool) -> Any:
    """An augmentation by name, or the same without the flip."""
    if flip or not isinstance(augment, str) or augment == "off":
        return augment
    from skal.augment import AutoAugment, Chain, Crop, Cutout, Strong, Weak

    named = {
        "weak": lambda: Weak(flip=False),
        "strong": lambda: Strong(flip=False),
        "autoaugment": lambda: Chain((Crop(), AutoAugment(), Cutout())),
    }
    return named[augment]() if augment in named else augment


def _parameters(model: Any) -> dict[str, Any]:
    return model.get_params(deep=False) if hasattr(model, "get_params") else {}
