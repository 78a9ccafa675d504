"""Training recipes: functions from a task model to a task model, by name, with options, or as given."""

from skal.recipes.makers import RECIPES, SUPERVISED
from skal.recipes.recipes import (
    RECIPES_BY_NAME,
    Recipe,
    about,
    check_augmentations,
    describe_model,
    read_recipe,
    read_recipes,
    refuse_learner,
    sentence,
)

TrainingRecipe = Recipe  # the name before; still imported by others

__all__ = [
    "RECIPES",
    "RECIPES_BY_NAME",
    "SUPERVISED",
    "Recipe",
    "TrainingRecipe",
    "about",
    "check_augmentations",
    "describe_model",
    "read_recipe",
    "read_recipes",
    "refuse_learner",
    "sentence",
]
