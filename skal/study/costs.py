"""Costs by name have moved to `skal.annotation`; they are still found here."""

from skal.annotation import describe_cost, read_cost, unit_of_cost

__all__ = ["describe_cost", "read_cost", "unit_of_cost"]
