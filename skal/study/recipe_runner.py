"""Strategies under several training recipes: one study each, of the same trials, and one result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skal.recipes import SUPERVISED, read_recipes, refuse_learner
from skal.study.comparison import Comparison
from skal.study.missing import labeled_rows
from skal.study.recipe_comparison import RecipeComparison, enter_recipe
from skal.study.runner import Progress, Strategies, compare, trained_model
from skal.study.store import FILE, StudyError
from skal.study.strategies import named_strategies
from skal.targets import kind_of


def compare_recipes(
    X: Any,
    y: Any,
    estimator: Any,
    strategies: Strategies,
    recipes: Any,
    *,
    out: str | Path | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> RecipeComparison:
    """Compare query strategies under several training recipes, paired by trial.

    Each recipe gets a study of its own (`skal.compare`) with the same seed, so the same test splits, initial labels,
    seeds of fits and queries, and strategies. Two baselines are always there: random sampling, and the task model
    trained as it is given, "supervised".

    Parameters
    ----------
    X, y : container of n rows, array-like of shape (n,)
        Rows and their labels, as for `skal.compare`.
    estimator : estimator
        The task model, trained on labelled rows alone.
    strategies : iterable or dict
        As for `skal.compare`.
    recipes : iterable of str, dict or callable, or dict of str to them
        Names of `skal.study.RECIPES`, also with options (``"uda:max_steps=500"``), or functions from the task model
        to another one.
    out : str or Path, default=None
        Folder that gets one folder a recipe, each a study that goes on where it was stopped. Recipes may be added
        later; other settings are refused. None: nothing is kept.
    progress : callable, default=None
        ``progress(name, trial, round)``; the name is "recipe: strategy".
    **settings
        All others of `skal.compare`.

    Returns
    -------
    RecipeComparison
        Curves of all, and every gain in two parts.

    Raises
    ------
    ValueError
        Before any work: unknown recipes, a task model that they cannot train, or strategies it cannot serve then.
    StudyError
        If `out` holds a study without recipes or with other settings, and as for `skal.compare`.

    Notes
    -----
    Random sampling asks for the same rows under every recipe, so the recipe's part of a gain compares trainings on
    the same labels. Another design, one study whose strategies are pairs, would spread all recipes over the workers
    at once, but an added recipe would be another study, and one that fails would stop all.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> few = {"n_initial": 12, "n_instances": 6, "n_rounds": 1, "n_trials": 3}
    >>> model = LogisticRegression(max_iter=1000)
    >>> found = compare_recipes(X, y, model, ["margin_sampling"], ["pseudo_label"], **few)
    >>> [(gain.recipe, gain.strategy) for gain in found.gains()][-1]
    ('pseudo_label', 'margin_sampling')
    """
    test, missing_label = settings.pop("test", None), settings.pop("missing_label", "auto")
    X, y, test, n_left_out = labeled_rows(X, y, test, missing_label, "compare_recipes")
    settings.update(test=test, n_unlabeled=settings.get("n_unlabeled", 0) + n_left_out)
    chosen = read_recipes(recipes)
    refuse_learner(estimator)
    named = named_strategies(strategies)
    for recipe in chosen.values():
        trained_model(
            recipe, estimator, named, X, kind_of(y, estimator)
        )  # what would be refused is refused before the first fit
    if "recipe" in settings:
        raise TypeError("compare_recipes: several recipes are given as recipes=, and recipe= is of skal.compare.")
    if out is not None and (Path(out) / FILE).exists():
        raise StudyError(
            f"{out} holds a study without recipes, which is left alone. Take another folder, or compare without them."
        )
    found: dict[str, Comparison] = {}
    for name, recipe in chosen.items():
        found[name] = compare(
            X,
            y,
            estimator,
            named,
            recipe=None if name == SUPERVISED else recipe,
            out=None if out is None else enter_recipe(Path(out), name),
            progress=None if progress is None else _renamed(progress, name),
            **settings,
        )
    return RecipeComparison(found)


def _renamed(progress: Progress, recipe: str) -> Progress:
    return lambda strategy, trial, round_: progress(f"{recipe}: {strategy}", trial, round_)
