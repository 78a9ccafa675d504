"""The desk: hands out questions and takes answers, for one or several people; it knows nothing of HTTP.

Everything that must not be lost is in the project's journal before a call returns.

- `_handing.py`: whose turn it is. On it stand
- `_counter.py`: the questions before a person, as the page is told them, with
- `_answers.py`: what a person does, and
- `_views.py`: what a person looks at.
"""

from __future__ import annotations

from skal.label_page._answers import Answers
from skal.label_page._problem import Problem
from skal.label_page._views import Views
from skal.label_page.options import DeskOptions

__all__ = ["Desk", "DeskOptions", "Problem"]


class Desk(Answers, Views):
    """Questions out, answers in; made as `Counter` says."""
