"""The data of a project over time: read when they have changed, compared with what they were."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from skal.labeling._errors import ProjectError
from skal.labeling._folders import read_folder, stamp_of_folder
from skal.labeling._journal import Journal, Snapshot
from skal.labeling._random_order import random_order, spread_over, strata_of
from skal.labeling._settings import FILE as PROJECT
from skal.labeling._settings import Settings
from skal.labeling._sources import Rows, digest_of
from skal.labeling._tables import ENDINGS, read_rows, stamp_of_table
from skal.labeling.kinds import answer_kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CACHE = "cache"


def stamp_of(path: Path) -> str:
    """Return what tells whether data have changed, without reading them.

    Raises
    ------
    ProjectError
        If they are not there, or are nothing that can be labelled.
    """
    if path.is_dir():
        return stamp_of_folder(path)
    if not path.exists():
        raise ProjectError(f"There is no file or folder {str(path)!r}.")
    if path.suffix.lower() not in ENDINGS:
        raise ProjectError(
            f"{path.name} cannot be labelled: data are a table ({', '.join(ENDINGS)}) or a folder of images or texts."
        )
    return stamp_of_table(path)


@dataclass
class ProjectData:
    """Rows of a project, and what has become of them.

    Attributes
    ----------
    folder : Path
        Of the project.
    settings : Settings
        Which data, and how they are read.
    ids, digests : list of str
        Of the rows as they are now.
    notes : list of str
        What has changed since the data were read the last time.
    fresh : bool
        Whether the data were read because they had changed.
    before : Snapshot or None
        What they were.
    stamp : str
        Names, sizes and times of the files: while it stays, the rows are the same.
    """

    folder: Path
    settings: Settings
    ids: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fresh: bool = False
    before: Snapshot | None = field(default=None, repr=False)
    stamp: str = ""

    @classmethod
    def opened(cls, folder: Path, settings: Settings, journal: Journal, rows: Rows | None = None) -> ProjectData:
        """Compare the data with what they were, and remember what they are.

        Parameters
        ----------
        folder, settings, journal
            Of the project.
        rows : Rows, default=None
            The data, where they have been read just now.
        """
        found = cls(folder, settings)
        if not found.path.exists():
            raise ProjectError(
                f"The data of {folder} are gone: there is no file or folder {str(found.path)!r}. Put them back, or, "
                f"where they have moved, write their path into the entry data of {folder / PROJECT}."
            )
        found.stamp = stamp = stamp_of(found.path)
        before = found.before = journal.snapshot()
        if before is not None and before.stamp == stamp:
            found.ids, found.digests = before.ids, before.digests
            return found
        if rows is not None:
            found.__dict__["rows"] = rows
        found.fresh = True
        found.ids, found.digests = found.rows.ids, found.rows.digests
        if before is not None:
            found.notes = [*found.rows.notes, *_columns_changed(found), *_changes(before, found, found.path.name)]
        try:
            journal.write_snapshot(Snapshot(stamp, found.ids, found.digests))
        except ProjectError as error:
            found.notes.append(f"The state of the data could not be kept: {error}")
        return found

    def fingerprint(self) -> str:
        """Return a digest of all ids and contents, in their order."""
        return digest_of("\n".join(map(" ".join, zip(self.ids, self.digests, strict=True))).encode())

    @property
    def path(self) -> Path:
        """The file or folder."""
        path = Path(self.settings.data)
        return path if path.is_absolute() else Path(os.path.normpath(self.folder / path))

    @cached_property
    def rows(self) -> Rows:
        """The data, read at the first use."""
        kind = answer_kind(self.settings.answer)(self.settings, self.folder)
        if not self.path.is_dir():
            return kind.rows(read_rows(self.path, self.settings))
        cache, options = self.folder / CACHE, self.settings.options
        before = zip(self.before.ids, self.before.digests, strict=True) if self.before else ()
        known = {kind.source(row): digest for row, digest in before}
        return kind.rows(read_folder(self.path, self.settings.target, options, cache, self.settings.id, known))

    def file_of(self, row: str) -> Path | None:
        """Return the file of a row; None if there is no such row, or it is no file."""
        if row not in self.places or not self.path.is_dir():
            return None
        direct = self.path / answer_kind(self.settings.answer)(self.settings, self.folder).source(row)
        if direct.is_file():  # as a rule; the data need not be read for it
            return direct
        files = self.rows.files
        return None if files is None else files[self.places[row]]

    @cached_property
    def audit_order(self) -> NDArray[np.intp]:
        """Positions of the rows in the order in which they become audit rows."""
        return spread_over(random_order(self.ids, self.settings.seed), self.strata)

    @cached_property
    def strata(self) -> NDArray[np.intp]:
        """Stratum of each row by which audit rows are drawn; all 0 without a column of strata."""
        import numpy as np

        if not self.settings.audit_strata:
            return np.zeros(len(self.ids), dtype=np.intp)
        return strata_of_rows(self.settings, self.rows)

    @cached_property
    def places(self) -> dict[str, int]:
        """Position of each row by its id."""
        return {row: place for place, row in enumerate(self.ids)}


def strata_of_rows(settings: Settings, rows: Rows) -> NDArray[np.intp]:
    """Stratum of each row, by the column of the settings.

    Raises
    ------
    ProjectError
        If there is no such column, or it has too many different cells.
    """
    names = [str(name) for name in rows.shown.columns if str(name) != settings.target]
    if settings.audit_strata not in names:
        raise ProjectError(
            f"audit_strata: there is no column {settings.audit_strata!r} to draw audit rows by. There are "
            f"{', '.join(names)}."
        )
    return strata_of([str(cell) for cell in rows.shown[settings.audit_strata]], settings.audit_strata)


def _columns_changed(data: ProjectData) -> list[str]:
    """Say which columns came and went: those that came are not learned from until they are named."""
    if data.path.is_dir():
        return []
    settings, name = data.settings, data.path.name
    names = [str(column) for column in data.rows.shown.columns]
    notes = []
    if gone := [column for column in settings.columns if column not in names]:
        notes.append(f"{name} has lost the columns {', '.join(gone)}: the model learns from the others.")
    if new := [column for column in names if column not in (*settings.columns, settings.target)]:
        notes.append(
            f"{name} has the new columns {', '.join(new)}, which the model does not read. To use one, give it a "
            f"kind in [columns] of {data.folder / PROJECT}, or as --column {new[0]}=KIND."
        )
    if settings.target not in names and data.before and any("label" in column.lower() for column in new):
        notes.append(f"{name} has no column {settings.target!r} any more. Its labels are kept.")
    return notes


def _changes(before: Snapshot, now: ProjectData, name: str) -> list[str]:
    old = dict(zip(before.ids, before.digests, strict=True))
    new = dict(zip(now.ids, now.digests, strict=True))
    added, gone = [row for row in new if row not in old], [row for row in old if row not in new]
    changed = [row for row in new if row in old and old[row] != new[row]]
    counts = [(added, "new rows"), (gone, "rows that are gone"), (changed, "rows whose content has changed")]
    said = [f"{words}: {len(rows)}" for rows, words in counts if rows]
    kept_old = [row for row in before.ids if row in new]
    kept_new = [row for row in now.ids if row in old]
    if kept_old != kept_new:
        said.append("the rows are in another order")
    return [f"{name} has changed since it was read last: {', '.join(said)}."] if said else []
