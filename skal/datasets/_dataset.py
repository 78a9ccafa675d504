"""The one return type of all loaders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from skal.datasets._fingerprint import fingerprint


class Skipped(NamedTuple):
    """A file that was left out.

    Attributes
    ----------
    path : str
        As in `Dataset.paths`; for an archive the key and the position.
    reason : str
        What is wrong with it.
    """

    path: str
    reason: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """A labelled data set.

    Attributes
    ----------
    name : str
        Registered name, or the name of the file or folder without its ending.
    X : ndarray of shape (n, d), DataFrame of n rows, or uint8 ndarray of shape (n, C, H, W)
        Rows: a table, or images with pixels 0..255; a list of images (C, H_i, W_i) where sizes were let vary.
    y : ndarray of int64 of shape (n,) or (n, L), or uint8 ndarray of shape (n, H, W)
        Labels: positions in `classes`; or numbers to predict, float64, where there are no classes; or, of several
        labels a row, 1 where the label of this place in `classes` applies to a row and 0 where not. Of images whose
        pixels are labelled, masks of such positions, or a list of masks (H_i, W_i), in which void pixels, nobody's
        class, are `ignore_label`.
    X_test, y_test : as X and y, or None
        Where the source comes with a split.
    classes : tuple of str
        Names of the classes, or of the labels that may apply; a class may have no row.
    feature_names : tuple of str
        Names of the columns of a table; empty where the source has none.
    skipped : tuple of Skipped
        Files that could not be read and were left out; they are no rows of `X`, so that nothing selects them.
    paths : tuple of str
        File of each row of `X`, relative to the folder; empty where rows are no files.
    ignore_label : int or None
        Value of void pixels in masks, 255; None where labels are no masks.
    notes : tuple of str
        Sentences on what was decided while reading: a separator that was found, rows without a label left out.
    X_unlabeled : as X, or None
        Rows without a label, which are no rows of `X`; None where there are none.
    paths_unlabeled : tuple of str
        File of each row of `X_unlabeled`, where rows are files.
    """

    name: str
    X: Any
    y: Any
    X_test: Any = None
    y_test: Any = None
    classes: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    paths: tuple[str, ...] = ()
    ignore_label: int | None = None
    notes: tuple[str, ...] = ()
    X_unlabeled: Any = None
    paths_unlabeled: tuple[str, ...] = ()

    @property
    def n_unlabeled(self) -> int:
        """Number of rows without a label."""
        return 0 if self.X_unlabeled is None else len(self.X_unlabeled)

    def fingerprint(self) -> str:
        """Return a digest of the data, to tell whether two runs saw the same.

        Returns
        -------
        str
            First 16 hexadecimal digits of a SHA-256 over shapes, dtypes and values of `X`, `y`, `X_test` and
            `y_test`. A table of one dtype has the same digest as an ndarray, a tensor and a DataFrame, in any
            memory layout or byte order; text the same as an ndarray and as any column of pandas. Names of
            columns do not count.

        Raises
        ------
        TypeError
            If a part is no array, table or sequence.

        Notes
        -----
        One read of the data in blocks of about 1 MiB; text costs a Python call a value.
        """
        return fingerprint(self.X, self.y, self.X_test, self.y_test)

    def __repr__(self) -> str:
        parts = [f"{self.name!r}, X: {_shown(self.X)}"]
        if self.X_test is not None:
            parts.append(f"X_test: {_shown(self.X_test)}")
        if self.classes:
            several = self.ignore_label is None and getattr(self.y, "ndim", 1) == 2
            parts.append(f"{len(self.classes)} {'labels a row' if several else 'classes'}")
        if self.skipped:
            parts.append(f"{len(self.skipped)} skipped")
        if self.n_unlabeled:
            parts.append(f"{self.n_unlabeled} unlabelled")
        return f"Dataset({', '.join(parts)})"


def _shown(X: Any) -> str:
    shape = getattr(X, "shape", None)
    return f"{'' if shape is None else tuple(shape)} {getattr(X, 'dtype', type(X).__name__)}".strip()
