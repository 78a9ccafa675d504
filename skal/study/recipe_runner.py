"""Strategies under several training recipes: arms of the same trials, and one result."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from skal.recipes import read_recipes, refuse_learner
from skal.study.asked import Progress, Strategies, asked_of
from skal.study.engine import run_study
from skal.study.prepared import prepare
from skal.study.recipe_comparison import RecipeComparison
from skal.study.runner import compare
from skal.study.settings import unknown_settings


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

    All recipes share test splits, initial labels, seeds of fits and queries, and strategies. Two baselines are always
    there: random sampling, and the task model trained as it is given, "supervised".

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
        Folder of the study, which goes on where it was stopped. Recipes may be added later, as strategies, trials,
        rounds and metrics may. None: nothing is kept.
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
        As for `skal.compare`.

    Notes
    -----
    Random sampling asks for the same rows under every recipe, so the recipe's part of a gain compares trainings on
    the same labels.

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
    if "recipe" in settings:
        raise TypeError("compare_recipes: several recipes are given as recipes=, and recipe= is of skal.compare.")
    known = set(inspect.signature(compare).parameters)
    if unknown := [name for name in settings if name not in known]:
        raise TypeError(f"compare_recipes: {unknown_settings(unknown, known)}")
    asked = asked_of({**settings, "estimator": estimator, "out": out, "progress": progress})
    chosen = read_recipes(recipes)
    refuse_learner(estimator)
    prepared = prepare(X, y, estimator, strategies, chosen, asked, "compare_recipes")
    return RecipeComparison(run_study(prepared, asked, "compare_recipes"))
