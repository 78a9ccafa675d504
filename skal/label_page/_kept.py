"""What an error of the project means for an answer: that it could not be written, or that it is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from skal.label_page._problem import Problem
from skal.labeling import ProjectError, RefusedAnswers


@contextmanager
def kept(code: str = "refused") -> Iterator[None]:
    """Raise what the page is told in place of an error of the project.

    Parameters
    ----------
    code : str, default="refused"
        Of an answer that is wrong. One that could not be written is "not_kept" in any case: it is sent again.
    """
    try:
        yield
    except RefusedAnswers as error:
        raise Problem("refused", " ".join(one.reason for one in error.taken.refused[:5])) from error
    except ValueError as error:
        raise Problem("refused", str(error)) from error
    except ProjectError as error:
        not_kept = isinstance(error.__cause__, (sqlite3.Error, OSError))
        raise Problem("not_kept" if not_kept else code, str(error)) from error
