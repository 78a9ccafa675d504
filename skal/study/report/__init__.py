"""Reports: one page that says what a comparison found, made of the comparison alone."""

from skal.study.report._words import floor_sentence
from skal.study.report._write import write_recipe_report, write_report

__all__ = ["floor_sentence", "write_recipe_report", "write_report"]
