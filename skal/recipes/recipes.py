"""Training recipes: functions from a task model to a task model, by name, with options, or as given."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from skal.features import TableEncoder
from skal.labels import learns_from_unlabeled
from skal.recipes.makers import RECIPES, SUPERVISED, as_given
from skal.spec import Catalogue, Entry, described, representation, shown

__all__ = [
    "RECIPES",
    "RECIPES_BY_NAME",
    "SUPERVISED",
    "Recipe",
    "about",
    "check_augmentations",
    "describe_model",
    "read_recipe",
    "read_recipes",
    "refuse_learner",
    "sentence",
]


@dataclass(frozen=True)
class Recipe:
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


def read_recipe(recipe: Any, name: str | None = None) -> Recipe:
    """Return a training recipe that is asked for by a text, a dict, or a function.

    Parameters
    ----------
    recipe : None, str, dict, callable or Recipe
        One of `RECIPES`, also with options (``"uda:max_steps=500"``, or ``{"recipe": "uda", "max_steps": 500}``), or
        a function that is given the unfitted task model and returns another one. None: "supervised".
    name : str, default=None
        On the curves; None: the text, or the function's name.

    Returns
    -------
    Recipe
        It is applied later, since options depend on the task model.

    Raises
    ------
    ValueError
        If there is no such recipe, or a text cannot be read.
    TypeError
        If it is something else.
    """
    if isinstance(recipe, Recipe):
        return recipe
    if recipe is None:
        recipe = SUPERVISED
    if isinstance(recipe, (str, Mapping)):
        return _named(recipe, name)
    if callable(recipe):
        found = described(recipe, "recipe")
        return Recipe(name or found["recipe"].rpartition(".")[2], recipe, found)
    raise TypeError(
        f"A recipe must be a name such as 'uda:max_steps=500', a dict, or a function of the task model, got "
        f"{shown(recipe)}."
    )


def read_recipes(recipes: Any) -> dict[str, Recipe]:
    """Return recipes by name, "supervised" first, which is always among them; all that is wrong is said at once."""
    if isinstance(recipes, (str, Recipe)) or callable(recipes):
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


def describe_model(recipe: Recipe, estimator: Any) -> dict[str, Any] | None:
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
    if any(isinstance(step, TableEncoder) for step in steps):
        shape = (1,)  # it makes a table of whatever comes
    if not asked or len(shape) not in (1, 3):
        return
    from skal.augment import make_augmentation

    for augment in asked:
        try:
            make_augmentation(augment, shape)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error


def _named(given: str | Mapping[str, Any], name: str | None) -> Recipe:
    spec = RECIPES_BY_NAME.spec(given)
    if spec.name == SUPERVISED:
        return Recipe(SUPERVISED, as_given)
    called = given if isinstance(given, str) else spec.text
    return Recipe(name or called, RECIPES_BY_NAME.make(spec), spec.to_dict("recipe"))


def _entries() -> dict[str, Entry]:
    """Options of most are those of an estimator, which is loaded when the recipe is applied: it refuses them then."""
    return {
        name: Entry(functools.partial(_with_options, name), () if name == SUPERVISED else None, recipe.about)
        for name, recipe in RECIPES.items()
    }


def _with_options(name: str, **options: Any) -> Callable[[Any], Any]:
    return _WithOptions(name, RECIPES[name].make, options)


RECIPES_BY_NAME = Catalogue("recipe", _entries)


@dataclass(frozen=True)
class _WithOptions:
    """A recipe by name, with its options; a class, so that it pickles."""

    name: str
    make: Callable[..., Any]
    options: Mapping[str, Any]

    def __call__(self, estimator: Any) -> Any:
        return self.make(estimator, **self.options)


def refuse_learner(estimator: Any) -> None:
    """Refuse a task model that learns from unlabelled rows already: as given it would not be supervised."""
    if learns_from_unlabeled(estimator):
        raise ValueError(
            "recipes: the task model learns from unlabelled rows already, so that trained as given it is no "
            "supervised baseline. Give the supervised one, such as NeuralClassifier, and the "
            "recipe by its name, such as 'uda'."
        )
