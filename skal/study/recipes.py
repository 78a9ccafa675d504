"""Training recipes: functions from a task model to a task model, by name, with options, or as given."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sklearn.base import clone

from skal.labels import learns_from_unlabeled
from skal.study.presets import Preparation
from skal.study.protocol import describe_strategy, parse_options, representation

SUPERVISED = "supervised"

# What a net has in common with one that learns from unlabelled rows too. Epochs of labelled rows are no measure of
# the latter: max_epochs, train_split and callbacks stay behind.
_CARRIED = (
    "module",
    "batch_size",
    "lr",
    "optimizer",
    "device",
    "random_state",
    "missing_label",
    "classes",
    "warm_start",
    "standardize",
    "channels_last",
    "bf16",
    "verbose",
)
_OPEN = ("module__", "optimizer__")
_OF_THE_PAPER = ("batch_size", "lr", "optimizer")


@dataclass(frozen=True)
class TrainingRecipe:
    """How the task model is trained.

    Attributes
    ----------
    name : str
        On the curves.
    apply : callable
        From the task model, unfitted, to the one that is trained in its place.
    description : dict or None
        Plain data for the protocol; None: the task model as it is given.
    """

    name: str
    apply: Callable[[Any], Any] = field(repr=False)
    description: dict[str, Any] | None = None


def read_recipe(recipe: Any, name: str | None = None) -> TrainingRecipe:
    """Return a training recipe that is asked for by a text, a dict, or a function.

    Parameters
    ----------
    recipe : None, str, dict, callable or TrainingRecipe
        One of `RECIPES`, also with options (``"uda:max_steps=500"``, or ``{"recipe": "uda", "max_steps": 500}``), or
        a function that is given the unfitted task model and returns another one. None: "supervised".
    name : str, default=None
        On the curves; None: the text, or the function's name.

    Returns
    -------
    TrainingRecipe
        It is applied later, since options depend on the task model.

    Raises
    ------
    ValueError
        If there is no such recipe, or a text cannot be read.
    TypeError
        If it is something else.
    """
    if isinstance(recipe, TrainingRecipe):
        return recipe
    if recipe is None:
        recipe = SUPERVISED
    if isinstance(recipe, str):
        called, _, text = recipe.partition(":")
        return _named(called.strip(), parse_options(text, recipe), name or recipe)
    if isinstance(recipe, Mapping):
        options = {key: value for key, value in recipe.items() if key != "recipe"}
        called = str(recipe.get("recipe", ""))
        return _named(called, options, name or _text(called, options))
    if callable(recipe):
        described = describe_strategy(recipe)
        function = recipe
        called = described.pop("strategy")
        return TrainingRecipe(name or called.rpartition(".")[2], function, {"recipe": called, **described})
    raise TypeError(
        f"A recipe must be a name such as 'uda:max_steps=500', a dict, or a function of the task model, got "
        f"{recipe!r}."
    )


def read_recipes(recipes: Any) -> dict[str, TrainingRecipe]:
    """Return recipes by name, "supervised" first, which is always among them; all that is wrong is said at once."""
    if isinstance(recipes, (str, TrainingRecipe)) or callable(recipes):
        recipes = [recipes]
    items: Iterable[tuple[str | None, Any]]
    items = recipes.items() if isinstance(recipes, Mapping) else ((None, recipe) for recipe in recipes)
    found = {SUPERVISED: read_recipe(SUPERVISED)}
    problems = []
    for name, recipe in items:
        try:
            one = read_recipe(recipe, name)
        except (ValueError, TypeError) as error:
            problems.append(str(error))
            continue
        if one.name == SUPERVISED and one.description is not None:
            problems.append(f"The name {SUPERVISED!r} is that of the task model as it is given; choose another.")
        elif one.description is not None and one.name in found and found[one.name].apply is not one.apply:
            problems.append(f"Two recipes are called {one.name!r}; name them by a dict.")
        else:
            found[one.name] = found[SUPERVISED] if one.description is None else one
    if problems:
        raise ValueError("recipes: " + " ".join(problems))
    return {one.name: one for one in found.values()}


def describe_model(recipe: TrainingRecipe, estimator: Any) -> dict[str, Any] | None:
    """Return what the protocol says of a recipe; of one's own function also what it makes, since code has no name."""
    if recipe.description is None or recipe.description["recipe"] in RECIPES:
        return recipe.description
    return {**recipe.description, "model": representation(recipe.apply(estimator))}


def sentence(description: Mapping[str, Any]) -> str:
    """Say in words what a recipe does."""
    name = str(description.get("recipe", ""))
    options = {key: value for key, value in description.items() if key not in ("recipe", "model")}
    said = f" ({', '.join(f'{key} = {value}' for key, value in options.items())})" if options else ""
    return f"Training: {name}{said}: {about(description)}."


def about(description: Mapping[str, Any]) -> str:
    """Say in words what a recipe does, without its name."""
    name = str(description.get("recipe", ""))
    if name == "pretrained" and "weights" in description:
        return "the net starts from weights of a file"
    return RECIPES[name].about if name in RECIPES else "a function of the user's"


def check_augmentations(model: Any, X: Any, name: str) -> None:
    """Refuse, before any work, augmentations that are not for these rows."""
    steps = [step for _, step in getattr(model, "steps", [(None, model)])]
    parameters = steps[-1].get_params(deep=False) if hasattr(steps[-1], "get_params") else {}
    asked = [parameters[key] for key in ("augment", "strong") if parameters.get(key) is not None]
    shape = getattr(X, "shape", (0,))[1:]
    if any(isinstance(step, Preparation) for step in steps):
        shape = (1,)  # it makes a table of whatever comes
    if not asked or len(shape) not in (1, 3):
        return
    from skal.augment import make_augmentation

    for augment in asked:
        try:
            make_augmentation(augment, shape)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error


def _named(called: str, options: dict[str, Any], name: str) -> TrainingRecipe:
    if called not in RECIPES:
        near = difflib.get_close_matches(called, RECIPES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"There is no recipe {called!r}; there are {', '.join(RECIPES)}.{hint}")
    if called == SUPERVISED:
        if options:
            raise ValueError(f"The recipe {SUPERVISED} has no options, got {', '.join(options)}.")
        return TrainingRecipe(SUPERVISED, _as_given)
    make = RECIPES[called].make
    return TrainingRecipe(name, _WithOptions(called, make, options), {"recipe": called, **options})


def _text(called: str, options: Mapping[str, Any]) -> str:
    return f"{called}:{','.join(f'{key}={value}' for key, value in options.items())}" if options else called


@dataclass(frozen=True)
class _WithOptions:
    """A recipe by name, with its options; a class, so that it pickles."""

    name: str
    make: Callable[..., Any]
    options: Mapping[str, Any]

    def __call__(self, estimator: Any) -> Any:
        return self.make(estimator, **self.options)


def _as_given(estimator: Any) -> Any:
    return estimator


# The recipes. Each returns a new task model and leaves the one it was given as it was.


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


def _consistency(
    who: str, kind: Any, net: Any, *, flip: bool = True, paper: str | None = None, **options: Any
) -> Any:
    """The same net, trained on unlabelled rows too."""
    from skal.neural import NeuralClassifier

    if type(net) is not NeuralClassifier:  # a subclass is trained in a way of its own, which would be lost
        raise ValueError(_needs_net(who, net))
    own = [name for name in inspect.signature(kind).parameters if name not in ("module", "options")]
    _refuse(who, {name: None for name in options if not name.startswith(_OPEN)}, (*own, "flip", "paper"))
    parameters = net.get_params(deep=False)
    kept = {name: value for name, value in parameters.items() if name in _CARRIED or name.startswith(_OPEN)}
    if parameters["augment"] is not None:
        kept["augment"] = parameters["augment"]
    if paper is not None:
        kept = {name: value for name, value in kept.items() if name not in _OF_THE_PAPER}
        kept = {name: value for name, value in kept.items() if not name.startswith("optimizer__")}
        published = kind.published if who == "fixmatch" else lambda **changes: kind.published(paper, **changes)
        if who == "fixmatch" and paper != "fixmatch":
            raise ValueError(f"fixmatch: paper must be 'fixmatch', got {paper!r}.")
        model = published(**{**kept, **options})
    else:
        model = kind(**{**kept, **options})
    return model.set_params(augment=_flipped(model.augment, flip), strong=_flipped(model.strong, flip))


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
    from skal.study.pretrained import FrozenFeaturesClassifier, StartFrom

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
    SUPERVISED: _Known(_as_given, "the task model as it is given, on the labelled rows alone"),
    "augmented": _Known(_augmented, "labelled rows are augmented anew in every step"),
    "pseudo_label": _Known(_pseudo_label, "what the task model is sure of becomes a label, and it is fitted again"),
    "uda": _Known(_uda, "the same net learns from unlabelled rows by unsupervised data augmentation"),
    "fixmatch": _Known(_fixmatch, "the same net learns from unlabelled rows by FixMatch"),
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
    member = model._estimator() if _is_ensemble(model) else model.estimator  # the default of the former is a net
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
        raise ValueError(f"The recipe {who} has no option {', '.join(unknown)}; it has {', '.join(known) or 'none'}.")


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


def refuse_learner(estimator: Any) -> None:
    """Refuse a task model that learns from unlabelled rows already: as given it would not be supervised."""
    if learns_from_unlabeled(estimator):
        raise ValueError(
            "recipes: the task model learns from unlabelled rows already, so that trained as given it is no "
            "supervised baseline. Give the supervised one, such as NeuralClassifier, and the "
            "recipe by its name, such as 'uda'."
        )
