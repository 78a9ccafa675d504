"""Audit rows: the first of a random order of all rows, whoever answers them, and whatever the strategy wants.

What has been asked of the order is a uniform sample of the rows that nobody has chosen for another reason, at any
time (docs/proof.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from skal.labeling._answers import Answers
    from skal.labeling._data import ProjectData
    from skal.labeling._settings import Settings

_ROUNDING = 1e-9
_FOLLOWED = 200  # rows whose guesses each round keeps, at least
_FOLLOWED_IMAGES = 40  # the same of images whose pixels are guessed


@dataclass(frozen=True)
class AuditSample:
    """Audit rows in their order, and the rows that they stand for.

    Attributes
    ----------
    rows : list of str
        Answered audit rows; those that somebody skipped, or on which people disagree, among them.
    n_waiting : int
        Audit rows that wait for an answer, which is not counted yet.
    n_to_ask : int
        Answered audit rows that do not count yet, since rows that joined the pool later come before them.
    population : ndarray of intp
        Positions of the rows that nobody has chosen for another reason, the audit rows among them.
    strata : ndarray of intp
        Stratum of each of `rows`.
    sizes : list of int
        Rows of the population in each stratum.
    """

    rows: list[str]
    n_waiting: int
    n_to_ask: int
    population: NDArray[np.intp]
    strata: NDArray[np.intp]
    sizes: list[int]

    @property
    def n_strata(self) -> int:
        """Strata, those that hold no row any more among them."""
        return len(self.sizes)


def rows_due(data: ProjectData, answers: Answers, n: int, left: NDArray[np.intp]) -> NDArray[np.intp]:
    """Positions of the next rows of the order that nobody was asked about, and that may be asked."""
    may = set(left.tolist())
    found: list[int] = []
    for place in data.audit_order.tolist():
        if len(found) == n:
            break
        if place in may and not answers.is_touched(data.ids[place]):
            found.append(place)
    return np.array(found, dtype=np.intp)


def rows_to_follow(data: ProjectData, answers: Answers, of_pixels: bool) -> NDArray[np.intp]:
    """Positions of rows whose guesses each round keeps: audit rows, and those of the order that may become some.

    So a later audit row tells of earlier models too, and rounds are compared on the same rows.
    """
    n = max(_FOLLOWED_IMAGES if of_pixels else _FOLLOWED, 3 * len(answers.audit))
    found: list[int] = []
    for place in data.audit_order.tolist():
        if len(found) == n:
            break
        if data.ids[place] in answers.audit or not answers.is_touched(data.ids[place]):
            found.append(place)
    return np.array(found, dtype=np.intp)


def n_due(settings: Settings, answers: Answers, n: int) -> int:
    """How many of the next n questions are audit rows: as many as keep their share, whatever the size of batches."""
    share, before = settings.audit, answers.n_chosen
    due = int(share * (before + n) + _ROUNDING) - int(share * before + _ROUNDING)
    if settings.audit_size:
        due = min(due, settings.audit_size - answers.n_audited)
    return max(due, 0)


def sample_of(data: ProjectData, answers: Answers) -> AuditSample:
    """Read the sample off the order: in each stratum up to the first row that nobody was asked about."""
    rows, n_waiting, n_beyond = [], 0, 0
    audit, strata = answers.audit, data.strata
    n_seen, ended = 0, set()  # strata in which a row was met that nobody was asked about
    for place in data.audit_order.tolist():
        if n_seen == len(audit):
            break
        row, stratum = data.ids[place], int(strata[place])
        if row in audit:
            n_seen += 1
            if row not in answers.by_row:
                n_waiting += 1
            elif stratum not in ended:
                rows.append(row)
            else:
                n_beyond += 1
        elif not answers.is_touched(row):
            ended.add(stratum)
    chosen = [data.places[row] for row in answers.touched() if row not in audit and row in data.places]
    population = np.setdiff1d(np.arange(len(data.ids)), np.array(chosen, dtype=np.intp))
    sizes = np.bincount(strata[population], minlength=int(strata.max()) + 1).tolist()
    of_rows = strata[np.array([data.places[row] for row in rows], dtype=np.intp)]
    return AuditSample(rows, n_waiting, n_beyond, population, of_rows, sizes)
