"""Texts in folders: class/name.txt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from skal.datasets._dataset import Dataset, Skipped
from skal.datasets._images import check_options
from skal.datasets._layout import Classes, layout_of
from skal.tables import decode_text

ENDINGS = (".txt",)


def load_text_folder(
    path: str | Path, *, encoding: str | None = None, on_bad: str = "raise", unlabeled: str | None = None
) -> Dataset:
    """Load texts that lie in one folder a class: ``path/class/name.txt``.

    Parameters
    ----------
    path : str or Path
        The folder. If it holds exactly ``train`` and ``test``, each with the class folders, they become the split.
        Texts in a folder ``unsorted``, or in no folder, have no label. Links to folders are followed, unless they
        lead back into `path`.
    encoding : str, default=None
        Of all files, such as "latin-1". None: UTF-8, or what a byte order mark says.
    on_bad : {"raise", "skip"}, default="raise"
        A file that is not of the encoding is an error that names it, or is left out and listed in `skipped`.
    unlabeled : str, default=None
        Name of another folder whose texts have no label.

    Returns
    -------
    Dataset
        `X` is a DataFrame with one column, ``text``, sorted by path; `paths` has the file of each row. Texts without
        a label are in `X_unlabeled` and `paths_unlabeled`, and are counted in `notes`.

    Raises
    ------
    ValueError
        If there are no classes, no texts in one, or a file cannot be read and `on_bad` is "raise".
    FileNotFoundError
        If there is no such folder.
    ImportError
        If pandas is not installed.

    Notes
    -----
    Memory: the texts.
    """
    check_options(None, on_bad)
    path = Path(path)
    layout = layout_of(path, ENDINGS, "texts", unlabeled)
    skipped: list[Skipped] = []
    X, y, paths = _texts(path, layout.train, encoding, on_bad, skipped)
    X_unlabeled, _, paths_unlabeled = _texts(path, [("", layout.unlabeled)], encoding, on_bad, skipped)
    X_test, y_test = None, None
    if layout.test is not None:
        X_test, y_test, _ = _texts(path, layout.test, encoding, on_bad, skipped)
    return Dataset(
        path.name,
        X,
        y,
        X_test,
        y_test,
        classes=tuple(name for name, _ in layout.train),
        feature_names=("text",),
        skipped=tuple(skipped),
        paths=paths,
        notes=layout.notes,
        X_unlabeled=X_unlabeled if paths_unlabeled else None,
        paths_unlabeled=paths_unlabeled,
    )


def _texts(
    path: Path, classes: Classes, encoding: str | None, on_bad: str, skipped: list[Skipped]
) -> tuple[object, np.ndarray, tuple[str, ...]]:
    """Rows, labels and files of the texts of classes."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(f"{path.name}: texts are held as a table of pandas: pip install pandas.") from error
    texts: list[str] = []
    labels: list[int] = []
    files: list[str] = []
    for label, (_, names) in enumerate(classes):
        for name in names:
            try:
                text, _ = decode_text((path / name).read_bytes(), name, encoding)
            except ValueError as error:
                if on_bad == "raise":
                    raise ValueError(f'{error} Or leave such files out: on_bad="skip".') from error
                skipped.append(Skipped(name, str(error)))
                continue
            texts.append(text)
            labels.append(label)
            files.append(name)
    if not texts and any(names for _, names in classes):
        raise ValueError(f"None of the texts in {path.name} can be read. The first: {skipped[0].reason}")
    return (
        pd.DataFrame({"text": pd.Series(texts, dtype=None if texts else object)}),
        np.array(labels, dtype=np.int64),
        tuple(files),
    )
