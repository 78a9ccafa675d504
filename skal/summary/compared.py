"""What a summary reads of a comparison: so that this room needs none of the study's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from skal.statistics import Difference


class SummaryLine(Protocol):
    """A line of the table: `skal.study.comparison.Summary`."""

    @property
    def name(self) -> str:
        """The strategy."""

    @property
    def mean(self) -> NDArray[Any]:
        """Mean score at each label count."""

    @property
    def area(self) -> float:
        """Mean height of the curve."""

    @property
    def difference(self) -> Difference | None:
        """From random sampling; None for that itself."""


class Compared(Protocol):
    """A comparison of strategies: `skal.study.Comparison`."""

    @property
    def protocol(self) -> Mapping[str, Any]:
        """Everything that was chosen."""

    @property
    def axis(self) -> NDArray[Any]:
        """What the curves are over."""

    @property
    def metrics(self) -> Mapping[str, Mapping[str, NDArray[Any]]]:
        """Test values by metric and strategy."""

    @property
    def picked_classes(self) -> Mapping[str, NDArray[Any]]:
        """Rows of each class labelled in each round, by strategy."""

    @property
    def classes(self) -> Sequence[str]:
        """Names of the classes."""

    @property
    def kind(self) -> Any:
        """Kind of the targets, which has words for what is counted."""

    @property
    def unit(self) -> str:
        """What the curves are over, in a word."""

    @property
    def metric_in_words(self) -> str:
        """What the first metric is called in a sentence."""

    @property
    def scores(self) -> Mapping[str, NDArray[Any]]:
        """Values of the first metric, by strategy."""

    @property
    def conditions(self) -> Sequence[str]:
        """What is out of the ordinary, in sentences."""

    @property
    def notes(self) -> Sequence[str]:
        """What should be known before the numbers are believed, in sentences."""

    def areas(self) -> Mapping[str, NDArray[Any]]:
        """Area under the curve by strategy, one number a trial."""

    def summaries(self, test: Any = "t", correction: Any = "holm") -> Sequence[Any]:
        """One line a strategy, random sampling first."""


class RecipeGain(Protocol):
    """A line of the table of recipes: `skal.study.recipe_comparison.Gain`."""

    @property
    def recipe(self) -> str:
        """The recipe."""

    @property
    def strategy(self) -> str:
        """The strategy."""

    @property
    def area(self) -> float:
        """Mean height of the curve."""

    @property
    def total(self) -> Difference | None:
        """From random sampling, supervised."""

    @property
    def of_recipe(self) -> Difference | None:
        """The recipe's part."""

    @property
    def of_strategy(self) -> Difference | None:
        """The strategy's part."""


class RecipesCompared(Protocol):
    """A comparison of recipes: `skal.study.RecipeComparison`."""

    @property
    def comparisons(self) -> Mapping[str, Any]:
        """By recipe, "supervised" first."""

    @property
    def recipes(self) -> Sequence[str]:
        """Names of the recipes, "supervised" first."""

    @property
    def strategies(self) -> Sequence[str]:
        """Names of the strategies, random sampling first."""

    @property
    def supervised(self) -> Any:
        """The comparison with the task model as it was given."""

    @property
    def axis(self) -> NDArray[Any]:
        """Label counts of the curves."""

    @property
    def n_trials(self) -> int:
        """Trials that all recipes have."""

    @property
    def conditions(self) -> Sequence[str]:
        """What is out of the ordinary, in sentences."""

    def gains(self) -> Sequence[Any]:
        """Every gain and its two parts."""
