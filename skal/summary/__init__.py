"""What a comparison found, in short: sentences, the table of a terminal, the head of a report.

One engine for ``print(comparison)``, the command line, notebooks and reports. It takes comparisons as they are and
imports nothing of the study.
"""

from skal.summary.findings import findings, recipe_findings
from skal.summary.html import comparison_html, recipes_html
from skal.summary.sentences import (
    QUESTION,
    counts_of_verdicts,
    facts,
    floor_sentence,
    power_sentence,
    recipe_facts,
    recipe_sentences,
    verdict_sentence,
)
from skal.summary.stopping import Stopped, stopping_lines
from skal.summary.text import comparison_text, recipes_text

__all__ = [
    "QUESTION",
    "Stopped",
    "comparison_html",
    "comparison_text",
    "counts_of_verdicts",
    "facts",
    "findings",
    "floor_sentence",
    "power_sentence",
    "recipe_facts",
    "recipe_findings",
    "recipe_sentences",
    "recipes_html",
    "recipes_text",
    "stopping_lines",
    "verdict_sentence",
]
