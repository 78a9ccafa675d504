"""What a labelling project raises."""

from __future__ import annotations


class ProjectError(RuntimeError):
    """A labelling project cannot do what was asked; every answer acknowledged before is intact."""


class NothingLeft(ProjectError):
    """All rows are answered, skipped, or wait for an answer."""
