"""Training recipes: functions from a task model to a task model, by name, with options, or as given."""

from skal.recipes.makers import RECIPES, SUPERVISED
from skal.recipes.recipes import (
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
