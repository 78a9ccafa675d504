"""The honest comparison: protocol, runner, store, statistics, picture."""

from skal.study.comparison import Comparison, Summary, load_comparison
from skal.study.plots import plot_curves
from skal.study.presets import ESTIMATORS, default_estimator, make_estimator
from skal.study.protocol import Protocol, parse_strategy, read_config
from skal.study.published import PROTOCOLS
from skal.study.published_protocol import PublishedProtocol
from skal.study.rank_plot import plot_ranks, rank_studies
from skal.study.recipe_comparison import (
    Gain,
    RecipeComparison,
    holds_recipes,
    load_recipe_comparison,
    study_as_toml,
)
from skal.study.recipe_plot import plot_recipes
from skal.study.recipe_runner import compare_recipes
from skal.study.recipes import RECIPES, read_recipe
from skal.study.region_sampling import RegionSampling
from skal.study.runner import compare
from skal.study.store import Store, StudyError
from skal.study.trials import loop_seed

__all__ = [
    "ESTIMATORS",
    "PROTOCOLS",
    "RECIPES",
    "Comparison",
    "Gain",
    "Protocol",
    "PublishedProtocol",
    "RecipeComparison",
    "RegionSampling",
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
    "parse_strategy",
    "plot_curves",
    "plot_ranks",
    "plot_recipes",
    "rank_studies",
    "read_config",
    "read_recipe",
    "study_as_toml",
]
