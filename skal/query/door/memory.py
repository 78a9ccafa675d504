"""What a strategy remembers from query to query: it lies with the learner, so that strategies have no state."""

from __future__ import annotations

from typing import Any

from skal.warning import warn

MEMORY = "memory"  # the option by which a body says that it remembers


def found_memory(name: str, learner: Any) -> dict[Any, Any]:
    """Return the memory that a learner keeps for strategies.

    Parameters
    ----------
    name : str
        Of the strategy, for the warning.
    learner : learner
        With ``query_memory``, a dict that lives as long as what it was taught; any other is warned of.

    Returns
    -------
    dict
        To be read, and written to; a new one where there is none.
    """
    kept = getattr(learner, "query_memory", None)
    if isinstance(kept, dict):
        return kept
    warn(
        f"{name} learns from query to query, and {type(learner).__name__} keeps nothing between them, so it begins "
        "anew. Ask through an ActiveLearner, or pass the same dict as memory= to every query."
    )
    return {}
