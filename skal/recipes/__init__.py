"""Training recipes: functions from a task model to a task model, by name, with options, or as given."""

from skal.recipes.makers import RECIPES, SUPERVISED
from skal.recipes.recipes import (
    RECIPES_BY_NAME,
    TrainingRecipe,
    about,
    check_augmentations,
    describe_model,
    read_recipe,
    read_recipes,
    refuse_learner,
    sentence,
)

__all__ = [
    "RECIPES",
    "RECIPES_BY_NAME",
    "SUPERVISED",
    "TrainingRecipe",
    "about",
    "check_augmentations",
    "describe_model",
    "read_recipe",
    "read_recipes",
    "refuse_learner",
    "sentence",
]
