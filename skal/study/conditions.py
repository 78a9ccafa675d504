"""What is out of the ordinary in a comparison, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def conditions(protocol: Mapping[str, Any]) -> list[str]:
    """Say how labels are wrong, and what the initial labels know or lack.

    Parameters
    ----------
    protocol : dict
        Of a comparison.

    Returns
    -------
    list of str
        Sentences; none where labels are right and the initial ones are chosen without any.
    """
    said = []
    if oracle := protocol.get("oracle"):
        said.append(_labels(oracle))
    initial = protocol.get("initial")
    if initial in ("stratified", "class_balanced"):
        said.append(f"Initial labels: {initial}, which looks at labels that nobody has paid for yet.")
    if left_out := protocol.get("initial_left_out", 0):
        classes = "1 class" if left_out == 1 else f"{left_out} classes"
        said.append(
            f"Initial labels: {classes} left out, drawn anew in each trial; the pool and the test rows have all."
        )
    return said


def _labels(oracle: Mapping[str, Any]) -> str:
    if oracle.get("oracle") != "noisy":
        return f"Labels: given by {oracle.get('oracle')}; those of the test rows are right."
    if "rate" in oracle:
        how = f"{100 * oracle['rate']:g} % wrong"
        how += ", taken for a class of the same group" if "groups" in oracle else ""
    else:
        how = "wrong by a confusion matrix"
    right = (
        "those of the test rows are right" if oracle.get("noisy_initial", True) else "initial and test ones are right"
    )
    return f"Labels: {how}, drawn once a trial and the same for every strategy; {right}."
