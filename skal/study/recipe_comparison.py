"""What a comparison of training recipes found: how much of a gain is the recipe's, and how much the strategy's."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
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
from skal.study.comparison import BASELINE, Comparison, comparison_of, complete_trials
from skal.study.conditions import conditions
from skal.study.store import FILE, INDEX, Store, StudyError

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
    def n_labels(self) -> NDArray[np.intp]:
        """Label counts of the curves."""
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
            "n_labels": self.n_labels.tolist(),
            "protocols": {name: found.protocol for name, found in self.comparisons.items()},
            "scores": {
                name: {strategy: values.tolist() for strategy, values in found.scores.items()}
                for name, found in self.comparisons.items()
            },
            "gains": [asdict(gain) for gain in self.gains()],
        }
        _replace(Path(path), json.dumps(content, indent=1))


def _not_paired(first: Comparison, other: Comparison) -> str:
    """Say what keeps two comparisons from being of the same trials; nothing if they are."""
    if list(first.scores) != list(other.scores):
        return f"strategies {', '.join(other.scores)} instead of {', '.join(first.scores)}"
    if first.metric != other.metric or first.n_labels.tolist() != other.n_labels.tolist():
        return "other metrics or label counts"
    mine, theirs = ([trial[0].tolist() for trial in found.picks[BASELINE]] for found in (first, other))
    return "" if mine == theirs else "other trials, by their initial labels"


def holds_recipes(folder: str | Path) -> bool:
    """Tell whether a folder holds a comparison of recipes."""
    return (Path(folder) / INDEX).exists()


def recipe_folders(folder: str | Path) -> dict[str, Path]:
    """Folders of the studies of a comparison of recipes, by recipe, "supervised" first.

    Raises
    ------
    StudyError
        If the folder holds none.
    """
    folder = Path(folder)
    try:
        names = json.loads((folder / INDEX).read_text())
    except FileNotFoundError:
        raise StudyError(f"There is no comparison of recipes in {folder}: {INDEX} is missing.") from None
    except (OSError, ValueError) as error:
        raise StudyError(f"{folder / INDEX} cannot be read: {error}.") from error
    return {name: folder / own for name, own in names.items()}


def enter_recipe(folder: Path, name: str) -> Path:
    """Return the folder of a recipe's study, and write it down where it is new."""
    found = {known: path.name for known, path in recipe_folders(folder).items()} if holds_recipes(folder) else {}
    if name not in found:
        plain = "".join(sign if sign.isalnum() or sign in "._" else "-" for sign in name).strip("-.")[:60] or "recipe"
        own, number = plain, 2
        while own.lower() in (taken.lower() for taken in found.values()):
            own, number = f"{plain}-{number}", number + 1
        found[name] = own
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _replace(folder / INDEX, json.dumps(found, indent=1))
        except OSError as error:
            raise StudyError(f"{folder} cannot be used: {error}.") from error
    return folder / found[name]


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
    if not holds_recipes(folder):
        return tomli_w.dumps(Store(folder).meta("protocol"))
    folders = recipe_folders(folder)
    protocols = {name: Store(own).meta("protocol") for name, own in folders.items() if (own / FILE).exists()}
    if SUPERVISED not in protocols:
        raise StudyError(f"There is no study in {folder} yet.")
    own = {name: protocol["recipe"] for name, protocol in protocols.items() if name != SUPERVISED}
    return tomli_w.dumps({"recipes": own, **protocols[SUPERVISED]})


def load_recipe_comparison(folder: str | Path) -> RecipeComparison:
    """Read the comparison of recipes that a folder holds, while it runs or after.

    Parameters
    ----------
    folder : str or Path
        As given to `compare_recipes` as ``out``.

    Returns
    -------
    RecipeComparison
        Of the trials that are complete for all recipes begun so far; one without any complete trial is left out.

    Raises
    ------
    StudyError
        If there is none, or no trial is complete yet.
    """
    stores = {name: Store(own) for name, own in recipe_folders(folder).items() if (own / FILE).exists()}
    try:
        complete = {name: trials for name, store in stores.items() if (trials := complete_trials(store))}
        shared = sorted(set.intersection(*(set(trials) for trials in complete.values()))) if complete else []
        if SUPERVISED not in complete or not shared:
            raise StudyError(f"{folder}: no trial is complete for all recipes yet. Start the study again.")
        return RecipeComparison({name: comparison_of(stores[name], shared) for name in complete})
    finally:
        for store in stores.values():
            store.close()


def _replace(path: Path, text: str) -> None:
    """Write a file at once, so that a reader never sees half of it."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    unfinished.write_text(text)
    unfinished.replace(path)
