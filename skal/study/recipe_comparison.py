"""What a comparison of training recipes found: how much of a gain is the recipe's, and how much the strategy's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from numpy.typing import NDArray

from skal.recipes import SUPERVISED, about
from skal.statistics import Difference, differences_of_pairs
from skal.statistics.corrections import Correction
from skal.statistics.paired_tests import Test
from skal.study.comparison import BASELINE, Comparison
from skal.study.conditions import conditions
from skal.study.rows import StudyError
from skal.study.store import FILE, OLD_INDEX, Store
from skal.study.stored import comparison_of, complete_strategies
from skal.whole_file import write_whole

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Gain:
    """One recipe with one strategy: the gain over supervised random sampling, and its two parts.

    Attributes
    ----------
    recipe, strategy : str
        Which.
    area : float
        Mean over trials of the area under the curve over its width.
    total : Difference or None
        From random sampling with the supervised model; None for that itself.
    of_recipe : Difference or None
        Random sampling under the recipe less random sampling supervised; None under "supervised".
    of_strategy : Difference or None
        The strategy less random sampling, both under the recipe; None for random sampling.

    Notes
    -----
    ``total.mean == of_recipe.mean + of_strategy.mean`` up to rounding, a part that is None counting as 0. The words
    "than random" in the verdicts stand for the baseline named here.
    """

    recipe: str
    strategy: str
    area: float
    total: Difference | None
    of_recipe: Difference | None
    of_strategy: Difference | None


@dataclass(frozen=True, repr=False)
class RecipeComparison:
    """Result of `skal.study.compare_recipes`: one comparison a training recipe, paired by trial.

    Attributes
    ----------
    comparisons : dict of str to Comparison
        By recipe, "supervised" first: the same data, trials, initial labels and strategies in each.

    Raises
    ------
    ValueError
        If there is no supervised one, or they are not of the same trials.
    """

    comparisons: Mapping[str, Comparison]

    def __post_init__(self) -> None:
        if next(iter(self.comparisons), None) != SUPERVISED:
            raise ValueError(f"RecipeComparison: {SUPERVISED!r} must come first, got {', '.join(self.comparisons)}.")
        for name, found in self.comparisons.items():
            if problem := _not_paired(self.supervised, found):
                raise ValueError(f"RecipeComparison: {name} is not paired with {SUPERVISED}: {problem}.")

    @property
    def supervised(self) -> Comparison:
        """The comparison with the task model as it was given."""
        return self.comparisons[SUPERVISED]

    @property
    def recipes(self) -> list[str]:
        """Names of the recipes, "supervised" first."""
        return list(self.comparisons)

    @property
    def strategies(self) -> list[str]:
        """Names of the strategies, random sampling first."""
        return list(self.supervised.scores)

    @property
    def metric(self) -> str:
        """Name of the first metric."""
        return self.supervised.metric

    @property
    def axis(self) -> NDArray[Any]:
        """What the curves are over; see `Comparison.axis`."""
        return self.supervised.axis

    @property
    def n_labels(self) -> NDArray[np.intp]:
        """Label counts of the curves; see `Comparison.n_labels`."""
        return self.supervised.n_labels

    @property
    def n_trials(self) -> int:
        """Trials that all recipes have."""
        return len(self.supervised.scores[BASELINE])

    @property
    def conditions(self) -> list[str]:
        """What is out of the ordinary, in sentences; one a recipe."""
        shared = conditions(self.supervised.protocol)
        recipes = {name: found.protocol.get("recipe") for name, found in self.comparisons.items()}
        return [*shared, *(f"Recipe {name}: {about(recipe)}." for name, recipe in recipes.items() if recipe)]

    def __repr__(self) -> str:
        """Return one line: ``str`` has the table."""
        from skal.summary.text import one_line

        recipes = ", ".join(self.recipes)
        return f"<{type(self).__name__}: {recipes}; {one_line(self.supervised)}; print it for its table>"

    def __str__(self) -> str:
        """Return the table of the command line as plain text."""
        from skal.summary import recipes_text

        return recipes_text(self)

    def _repr_html_(self) -> str:
        """Return the head of the report, which notebooks show."""
        from skal.summary import recipes_html

        return recipes_html(self)

    def areas(self) -> dict[tuple[str, str], Floats]:
        """Area under the curve over its width by recipe and strategy, one number a trial."""
        return {
            (recipe, strategy): area
            for recipe, found in self.comparisons.items()
            for strategy, area in found.areas().items()
        }

    def gains(self, test: Test = "t", correction: Correction | None = "holm") -> list[Gain]:
        """Split every gain over supervised random sampling into the recipe's part and the strategy's.

        Parameters
        ----------
        test : {"t", "sign_flip", "wilcoxon"}, default="t"
            Paired test of the areas.
        correction : {"holm", "bh"} or None, default="holm"
            Over each of three families by itself: all totals; the recipes' parts, one a recipe; and the strategies'
            parts, one a strategy and recipe, "supervised" among them. Intervals are not corrected.

        Returns
        -------
        list of Gain
            By recipe, in the order of `recipes`; within one random sampling first, the others by area.
        """
        areas, base = self.areas(), (SUPERVISED, BASELINE)

        def judged(pairs: dict[Any, tuple[Floats, Floats]]) -> dict[Any, Difference]:
            return differences_of_pairs(pairs, test=test, correction=correction)

        totals = judged({cell: (area, areas[base]) for cell, area in areas.items() if cell != base})
        of_recipes = judged({recipe: (areas[recipe, BASELINE], areas[base]) for recipe in self.recipes[1:]})
        of_strategies = judged(
            {cell: (area, areas[cell[0], BASELINE]) for cell, area in areas.items() if cell[1] != BASELINE}
        )
        lines = []
        for recipe in self.recipes:
            own = sorted(self.strategies, key=lambda name: (name != BASELINE, -areas[recipe, name].mean()))
            for strategy in own:
                cell = (recipe, strategy)
                lines.append(
                    Gain(
                        recipe,
                        strategy,
                        area=float(areas[cell].mean()),
                        total=totals.get(cell),
                        of_recipe=of_recipes.get(recipe),
                        of_strategy=of_strategies.get(cell),
                    )
                )
        return lines

    def save(self, path: str | Path) -> None:
        """Write curves and gains as JSON.

        Parameters
        ----------
        path : str or Path
            File to write, replaced at once. Picks and times are in the comparisons' own files.
        """
        content = {
            "metric": self.metric,
            "axis": self.axis.tolist(),
            **({} if self.supervised.by_money else {"n_labels": self.n_labels.tolist()}),
            "protocols": {name: found.protocol for name, found in self.comparisons.items()},
            "scores": {
                name: {strategy: values.tolist() for strategy, values in found.scores.items()}
                for name, found in self.comparisons.items()
            },
            "gains": [asdict(gain) for gain in self.gains()],
        }
        write_whole(Path(path), json.dumps(content, indent=1))


def _not_paired(first: Comparison, other: Comparison) -> str:
    """Say what keeps two comparisons from being of the same trials; nothing if they are."""
    if list(first.scores) != list(other.scores):
        return f"strategies {', '.join(other.scores)} instead of {', '.join(first.scores)}"
    if first.metric != other.metric or first.axis.tolist() != other.axis.tolist():
        return "other metrics or label counts"
    mine, theirs = ([trial[0].tolist() for trial in found.picks[BASELINE]] for found in (first, other))
    return "" if mine == theirs else "other trials, by their initial labels"


def holds_recipes(folder: str | Path) -> bool:
    """Tell whether a folder holds a study under several training recipes."""
    if (Path(folder) / OLD_INDEX).exists():
        return True
    if not (Path(folder) / FILE).exists():
        return False
    store = Store(folder)
    try:
        return len(store.meta("protocol", {}).get("recipes", {})) > 1
    finally:
        store.close()


def study_as_toml(folder: str | Path) -> str:
    """Return the protocol of a study as a file for ``skal compare --config``; with its recipes, where it has some.

    Parameters
    ----------
    folder : str or Path
        Of a study, or of a comparison of recipes.

    Returns
    -------
    str
        TOML.

    Raises
    ------
    StudyError
        If there is none.
    """
    with opened(folder) as stores:
        protocols = [store.protocol for store in stores.values()]
        recipes = {name: one for protocol in protocols for name, one in protocol["recipes"].items()}
        entries = {name: value for name, value in protocols[0].items() if name != "recipes"}
    if len(recipes) == 1:
        only = next(iter(recipes.values()))
        return tomli_w.dumps(entries if only is None else {**entries, "recipe": only})
    return tomli_w.dumps({"recipes": {name: one for name, one in recipes.items() if one is not None}, **entries})


def load_recipe_comparison(folder: str | Path) -> RecipeComparison:
    """Read the comparison of recipes that a folder holds, while it runs or after.

    Parameters
    ----------
    folder : str or Path
        As given to `compare_recipes` as ``out``.

    Returns
    -------
    RecipeComparison
        Of the strategies and trials that all recipes have; a recipe without any complete trial is left out.

    Raises
    ------
    StudyError
        If there is none, or no trial is complete yet.
    """
    with opened(folder) as stores:
        if len(stores) < 2:
            raise StudyError(f"There is no comparison of recipes in {folder}; skal.study.load_comparison reads it.")
        shared = _in_common(stores)
        if shared is None:
            raise StudyError(f"{folder}: no trial is complete for all recipes yet. Start the study again.")
        recipes, strategies, trials, n_rounds = shared
        return RecipeComparison(
            {
                name: comparison_of(stores[name], trials, name, n_rounds, strategies=strategies, others=False)
                for name in recipes
            }
        )


def _in_common(stores: Mapping[str, Store]) -> tuple[list[str], list[str], list[int], int] | None:
    """Recipes, strategies, trials and rounds that can be compared: the most trials, and of those the most rounds."""
    best = None
    protocol = stores[SUPERVISED].protocol if SUPERVISED in stores else {}
    asked = {n for store in stores.values() for n in store.meta("asked_rounds", [store.protocol["n_rounds"]])}
    for n_rounds in sorted(asked):
        found = {name: complete_strategies(store, name, n_rounds) for name, store in stores.items()}
        least = min(2, len(found.get(SUPERVISED, {})))  # a recipe that has but the baseline so far waits
        begun = {name: own for name, own in found.items() if BASELINE in own and len(own) >= least}
        if SUPERVISED not in begun:
            continue
        strategies = [name for name in protocol["strategies"] if all(name in own for own in begun.values())]
        trials = set.intersection(*(set(own[name]) for own in begun.values() for name in strategies))
        if trials and (best is None or len(trials) >= len(best[2])):
            recipes = [SUPERVISED, *(name for name in begun if name != SUPERVISED)]
            best = (recipes, strategies, sorted(trials), n_rounds)
    return best


@contextmanager
def opened(folder: str | Path) -> Iterator[dict[str, Store]]:
    """Open the stores of a folder, by recipe: one for all of them, or one each, as they were once written."""
    folder = Path(folder)
    if (folder / OLD_INDEX).exists():
        stores = {name: Store(own) for name, own in _old_folders(folder).items() if (own / FILE).exists()}
        if not stores:
            raise StudyError(f"There is no study in {folder} yet.")
    else:
        store = Store(folder)
        stores = dict.fromkeys(store.protocol["recipes"], store)
    try:
        yield stores
    finally:
        for store in stores.values():
            store.close()


def _old_folders(folder: Path) -> dict[str, Path]:
    """Folders of the recipes of a study that was written when each had one of its own."""
    try:
        names = json.loads((folder / OLD_INDEX).read_text())
    except (OSError, ValueError) as error:
        raise StudyError(f"{folder / OLD_INDEX} cannot be read: {error}.") from error
    return {name: folder / own for name, own in names.items()}
