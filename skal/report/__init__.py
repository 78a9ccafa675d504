"""Reports and pictures: what a comparison found, made of the comparison alone."""

from skal.report._write import write_recipe_report, write_report
from skal.report.curve_plot import plot_curves
from skal.report.rank_plot import plot_ranks, rank_studies
from skal.report.recipe_plot import plot_recipes
from skal.summary import floor_sentence

__all__ = [
    "floor_sentence",
    "plot_curves",
    "plot_ranks",
    "plot_recipes",
    "rank_studies",
    "write_recipe_report",
    "write_report",
]
