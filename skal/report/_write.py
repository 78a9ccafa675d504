"""Write a report into a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from skal.report._findings import find
from skal.report._page import report_page
from skal.report._recipes import recipes_page
from skal.report.curve_plot import plot_curves
from skal.report.rank_plot import plot_ranks, ranks_of
from skal.report.recipe_plot import plot_recipes
from skal.study.comparison import Comparison
from skal.study.recipe_comparison import RecipeComparison
from skal.summary.words import short
from skal.whole_file import write_whole


def write_report(comparisons: Comparison | Mapping[str, Comparison], folder: str | Path) -> Path:
    """Write what comparisons found: one page, and a picture of the curves of each.

    Parameters
    ----------
    comparisons : Comparison or dict of str to Comparison
        One, or several by name.
    folder : str or Path
        Made if need be. It gets ``report.html``, which needs no network and no other file, and ``curves.png`` and
        ``curves.svg``; with several comparisons ``curves-NAME.png`` and ``curves-NAME.svg`` of each,
        and ``ranks.png`` and ``ranks.svg`` where they share strategies and a metric.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    ValueError
        If there is no comparison.
    """
    named = {_name(comparisons): comparisons} if isinstance(comparisons, Comparison) else dict(comparisons)
    if not named:
        raise ValueError("write_report: at least one comparison is needed, got none.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for (name, comparison), stem in zip(named.items(), _stems(list(named)), strict=True):
        for ending in ("png", "svg"):
            plot_curves(comparison, folder / f"{stem}.{ending}", short(name, 90))
    if (ranks := ranks_of(named)) is not None:
        for ending in ("png", "svg"):
            plot_ranks(ranks, folder / f"ranks.{ending}")
    title = next(iter(named)) if len(named) == 1 else f"{len(named)} comparisons with random sampling"
    path = folder / "report.html"
    write_whole(path, report_page({name: find(found) for name, found in named.items()}, title))
    return path


def write_recipe_report(found: RecipeComparison, folder: str | Path) -> Path:
    """Write what a comparison of recipes found: its page and picture, and the report of each recipe.

    Parameters
    ----------
    found : RecipeComparison
        What `skal.study.compare_recipes` returned.
    folder : str or Path
        Made if need be. It gets ``report.html``, ``curves.png`` and ``curves.svg``, and each recipe a folder with a
        report of its own.

    Returns
    -------
    Path
        Of the page.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stems = [stem.removeprefix("curves-") for stem in _stems(["", *found.recipes])[1:]]
    folders = {name: folder / stem for name, stem in zip(found.recipes, stems, strict=True)}
    for name, own in folders.items():
        write_report(found.comparisons[name], own)
    title = _name(found.supervised)
    for ending in ("png", "svg"):
        plot_recipes(found, folder / f"curves.{ending}", short(title, 90))
    links = {name: f"{own.name}/report.html" for name, own in folders.items()}
    path = folder / "report.html"
    write_whole(path, recipes_page(found, f"{title}: training recipes and strategies", links))
    return path


def _name(comparison: Comparison) -> str:
    """Data and model, where they have short names."""
    data, model = (str(comparison.protocol.get(key, "")) for key in ("data", "estimator"))
    parts = [data if data != "arrays" else "", model if len(model) <= 40 else ""]
    return short(", ".join(filter(None, parts)), 100) or "Comparison of query strategies"


def _stems(names: list[str]) -> list[str]:
    """File names without endings: "curves", or one a comparison, all different on any file system."""
    if len(names) == 1:
        return ["curves"]
    stems: list[str] = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:80] or "study"
        stem, number = plain, 2
        while stem.lower() in (taken.lower() for taken in stems):
            stem, number = f"{plain}-{number}", number + 1
        stems.append(stem)
    return [f"curves-{stem}" for stem in stems]
