"""Costs of errors as a setting: whatever holds them, in the plain form of protocols."""

from __future__ import annotations

from typing import Any

from skal.error_costs import ErrorCosts

__all__ = ["costs_of_errors"]


def costs_of_errors(value: Any) -> dict[str, Any]:
    """Return costs as plain data, as protocols have them, of whatever `ErrorCosts.read` takes."""
    return ErrorCosts.read(value).described()
