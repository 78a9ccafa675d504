"""Rows that several people answer, so that their agreement can be measured."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

_DATA = "(data)"  # labels that came with the data are nobody's second answer


class Sharing:
    """A share of the rows, drawn at random by seed and id, and how often each has been answered.

    Parameters
    ----------
    share : float
        Of the rows.
    n_people : int
        Who answer each of them.
    seed : int
        Of the project.
    """

    def __init__(self, share: float, n_people: int, seed: int) -> None:
        self.share = share
        self.n_people = n_people
        self.seed = seed
        self._open: dict[str, None] = {}  # answered by some, not yet by enough; in that order

    @property
    def any(self) -> bool:
        """Whether there are such rows."""
        return self.share > 0 and self.n_people > 1

    def is_shared(self, row: str) -> bool:
        """Whether a row is one of them; whoever asks, and whenever."""
        if not self.any:
            return False
        drawn = hashlib.blake2b(f"{self.seed} {row}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(drawn, "big") < self.share * 2**64

    def answered(self, row: str, answers: Mapping[str, Any]) -> None:
        """Take note of the answers to a row, by annotator."""
        n = sum(who != _DATA for who in answers)
        if 0 < n < self.n_people and self.is_shared(row):
            self._open[row] = None
        else:
            self._open.pop(row, None)

    def is_open(self, row: str) -> bool:
        """Whether a row needs further answers."""
        return row in self._open

    def open(self) -> Iterable[str]:
        """Return the rows that need further answers."""
        return list(self._open)
