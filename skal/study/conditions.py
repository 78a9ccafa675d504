"""What is out of the ordinary in a comparison, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skal.study.settings import SETTINGS

__all__ = ["conditions"]


def conditions(protocol: Mapping[str, Any]) -> list[str]:
    """Say which published setup is followed, how training differs, how labels are wrong or missing, how it begins.

    Parameters
    ----------
    protocol : dict
        Of a comparison.

    Returns
    -------
    list of str
        Sentences, in the order of the settings; none for a study of its own, trained as given, whose labels are right
        and whose initial ones are random.
    """
    said = [sentence for setting in SETTINGS.values() if setting.tell and (sentence := setting.tell(protocol))]
    if missing := protocol.get("n_unlabeled", 0):
        rows = "1 row has no label, and was" if missing == 1 else f"{missing} rows have no label, and were"
        said.append(f"Data: {rows} left out.")
    return said
