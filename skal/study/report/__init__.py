"""Reports: one page that says what a comparison found, made of the comparison alone."""

from skal.study.report._write import write_report

__all__ = ["write_report"]
