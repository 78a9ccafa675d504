"""The honest comparison: settings, trials, arms, and the store of their rounds."""

from __future__ import annotations

import importlib
from typing import Any

from skal.estimators import ESTIMATORS, default_estimator, make_estimator
from skal.recipes import RECIPES, read_recipe
from skal.study.comparison import Comparison, Summary
from skal.study.merge import Merged, merge_studies
from skal.study.protocol import Protocol, read_config
from skal.study.published import SETUPS, PublishedSetup
from skal.study.recipe_comparison import (
    Gain,
    RecipeComparison,
    holds_recipes,
    load_recipe_comparison,
    study_as_toml,
)
from skal.study.recipe_runner import compare_recipes
from skal.study.region_sampling import RegionSampling
from skal.study.rows import StudyError
from skal.study.runner import compare
from skal.study.settings import SETTINGS, SettingError, read_trials
from skal.study.shared import package_versions
from skal.study.stopped import StoppedArms
from skal.study.store import Store
from skal.study.stored import load_comparison
from skal.study.strategies import parse_strategy
from skal.study.trials import loop_seed

__all__ = [
    "ESTIMATORS",
    "PROTOCOLS",
    "RECIPES",
    "SETTINGS",
    "SETUPS",
    "Comparison",
    "Gain",
    "Merged",
    "Protocol",
    "PublishedProtocol",
    "PublishedSetup",
    "RecipeComparison",
    "RegionSampling",
    "SettingError",
    "StoppedArms",
    "Store",
    "StudyError",
    "Summary",
    "compare",
    "compare_recipes",
    "default_estimator",
    "holds_recipes",
    "load_comparison",
    "load_recipe_comparison",
    "loop_seed",
    "make_estimator",
    "merge_studies",
    "package_versions",
    "parse_strategy",
    "plot_curves",
    "plot_ranks",
    "plot_recipes",
    "rank_studies",
    "read_config",
    "read_recipe",
    "read_trials",
    "study_as_toml",
]

# A protocol is that of a study; what papers did is called a published setup. The older names still work.
PublishedProtocol = PublishedSetup
PROTOCOLS = SETUPS

# Pictures and statistics have rooms of their own now; they are still found here, and loaded when they are asked for.
_MOVED = {
    **dict.fromkeys(("plot_curves", "plot_ranks", "plot_recipes", "rank_studies"), "skal.report"),
    "statistics": "skal",
    "report": "skal",
}


def __getattr__(name: str) -> Any:
    if name in _MOVED:
        return getattr(importlib.import_module(_MOVED[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
