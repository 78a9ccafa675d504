"""What errors cost: a checked matrix of costs for pairs of classes, from an array, a frame, a dict or a file."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["ErrorCosts"]

_REMEDY = (
    "If right answers do cost something, subtract from each row its number on the diagonal: no decision changes, and "
    "costs are then what an error adds."
)


@dataclass(frozen=True, eq=False)
class ErrorCosts:
    """Costs of errors: a row for each true class, a column for each answer.

    Parameters
    ----------
    matrix : array-like of shape (C, C)
        ``matrix[i, j]`` is the cost of the answer j where i is true: finite, at least 0, and 0 where i is j, since
        costs are what an error adds.
    classes : sequence of length C, default=None
        The class of each row and column: labels, or names. None: those of the labels, sorted; then there must be
        exactly C of them wherever the costs are used.

    Raises
    ------
    ValueError
        If the matrix is not square, holds a number that it may not hold, or classes are too few, too many or twice.

    Examples
    --------
    >>> costs = ErrorCosts([[0, 1], [50, 0]], classes=["ok", "fraud"])
    >>> costs.of(["fraud", "ok"]).tolist()
    [[0.0, 50.0], [1.0, 0.0]]
    >>> ErrorCosts.read({"ok": 1, "fraud": 50}).of(["ok", "fraud"]).tolist()
    [[0.0, 1.0], [50.0, 0.0]]
    """

    matrix: Any
    classes: Any = None

    def __post_init__(self) -> None:
        matrix = _numbers(self.matrix)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
            raise ValueError(
                "ErrorCosts: the costs must be square, a row for each true class and a column for each answer, got "
                f"shape {matrix.shape}."
            )
        classes = None if self.classes is None else tuple(np.asarray(self.classes).tolist())
        if classes is not None and len(classes) != len(matrix):
            raise ValueError(f"ErrorCosts: classes must name all {len(matrix)} rows, got {len(classes)} names.")
        if classes is not None and len(set(classes)) < len(classes):
            twice = next(name for name in classes if classes.count(name) > 1)
            raise ValueError(f"ErrorCosts: each class once, got {twice!r} twice.")
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "classes", classes)
        shown = classes if classes is not None else range(len(matrix))
        for bad, what in ((~np.isfinite(matrix), "finite"), (matrix < 0, "at least 0")):
            if bad.any():
                i, j = np.argwhere(bad)[0]
                raise ValueError(
                    f"ErrorCosts: costs must be {what}, got {matrix[i, j]:g} for the answer {shown[j]!r} where "
                    f"{shown[i]!r} is true."
                )
        if (off := np.flatnonzero(np.diag(matrix))).size:
            i = off[0]
            raise ValueError(
                f"ErrorCosts: the costs of right answers must be 0, got {matrix[i, i]:g} for {shown[i]!r}. {_REMEDY}"
            )
        if len(matrix) > 1 and not matrix.any():
            raise ValueError(
                f"ErrorCosts: some error must cost something, got 0 for every answer among {_listed(list(shown))}."
            )
        matrix.setflags(write=False)

    @classmethod
    def read(cls, source: Any) -> Self:
        """Make costs of whatever holds them.

        Parameters
        ----------
        source : ErrorCosts, array-like, DataFrame, dict or path
            A square array; a frame with the classes as index (true) and columns (answers); a dict of dicts,
            ``{true: {answer: cost}}``, with 0 for what is left out; a dict ``{class: weight}``: what any error costs
            where that class is true; or the path of a CSV file, whose first row has the answers, after one cell that
            is passed over, and each further row a true class and its costs. A file of two columns, classes and
            weights, is the dict of weights. Cells are separated by commas, or all by semicolons or tabs; then a
            number may have a decimal comma.

        Returns
        -------
        ErrorCosts

        Raises
        ------
        ValueError
            As of the class; and if a file is not of this form, with its line.
        """
        if isinstance(source, cls):
            return source
        if isinstance(source, (str, os.PathLike)):
            return cls._of_file(os.fspath(source))
        if isinstance(source, Mapping):
            if set(source) == {"classes", "matrix"}:  # as `described` writes it
                return cls(source["matrix"], source["classes"])
            return cls._of_dict(source)
        if hasattr(source, "columns") and hasattr(source, "index"):
            answers, true = list(source.columns), list(source.index)
            return cls._ordered(source.to_numpy(), true, answers, "ErrorCosts: the frame")
        return cls(source)

    @classmethod
    def _of_dict(cls, source: Mapping[Any, Any]) -> Self:
        names = list(source)
        if not any(isinstance(row, Mapping) for row in source.values()):
            weights = _numbers([source[name] for name in names])
            return cls(np.where(np.eye(len(names), dtype=bool), 0.0, weights[:, None]), tuple(names))
        for name, row in source.items():
            if not isinstance(row, Mapping):
                raise ValueError(f"ErrorCosts: a dict holds dicts or numbers, not both, got {row!r} for {name!r}.")
            if strange := [answer for answer in row if answer not in source]:
                raise ValueError(
                    f"ErrorCosts: {strange[0]!r} is an answer where {name!r} is true, and no class of its own: there "
                    f"are {', '.join(map(repr, names))}."
                )
        return cls(_numbers([[source[true].get(answer, 0.0) for answer in names] for true in names]), tuple(names))

    @classmethod
    def _of_file(cls, path: str) -> Self:
        try:
            with open(path, newline="", encoding="utf-8-sig") as file:
                text = file.read()
            separator = _separator(text)
            cells = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
            lines = [[cell.strip() for cell in line] for line in cells]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ValueError(f"costs: {path} cannot be read: {why}.") from error
        lines = [line for line in lines if any(line)]
        if len(lines) < 2 or len(lines[0]) < 2:
            raise ValueError(
                f"costs: {path} must have a first row with the answers, after one cell, and a row for each true "
                f"class with its costs; or a row for each class with its weight. Got {len(lines)} rows, the first of "
                f"{len(lines[0]) if lines else 0} cells."
            )
        width = len(lines[0])
        for number, line in enumerate(lines, 1):
            if len(line) != width:
                raise ValueError(f"costs: {path}, row {number}: {width} cells are needed, got {len(line)}.")
        numbers = [
            [_number(cell, separator, f"costs: {path}, row {k} ({line[0]})") for cell in line[1:]]
            for k, line in enumerate(lines[1:], 2)
        ]
        true = [line[0] for line in lines[1:]]
        if width == 2 and len(true) > 1:
            if len(set(true)) < len(true):
                raise ValueError(f"costs: {path}: each class once, got {', '.join(true)}.")
            return cls._of_dict({name: row[0] for name, row in zip(true, numbers, strict=True)})
        return cls._ordered(np.array(numbers), true, lines[0][1:], f"costs: {path}")

    @classmethod
    def _ordered(cls, matrix: Any, true: Sequence[Any], answers: Sequence[Any], who: str) -> Self:
        """Bring the columns into the order of the rows."""
        if len(set(answers)) < len(answers) or len(set(true)) < len(true) or set(true) != set(answers):
            raise ValueError(
                f"{who} must have the same classes as rows and as columns, each once, got rows "
                f"{', '.join(map(str, true))} and columns {', '.join(map(str, answers))}."
            )
        return cls(_numbers(matrix)[:, [list(answers).index(name) for name in true]], tuple(true))

    def of(self, classes: Any) -> NDArray[np.float64]:
        """Return the costs of some classes, in their order.

        Parameters
        ----------
        classes : sequence
            Labels, such as ``classes_`` of a model.

        Returns
        -------
        ndarray of shape (len(classes), len(classes))

        Raises
        ------
        ValueError
            If a class has no costs, or costs without names are of another number of classes.
        """
        asked = np.asarray(classes).tolist()
        if self.classes is None:
            if len(asked) != len(self.matrix):
                raise ValueError(
                    f"The costs are of {len(self.matrix)} classes without names, and there are {len(asked)} here: "
                    f"{_listed(asked)}. Name them: ErrorCosts(matrix, classes=[...])."
                )
            return self.matrix
        missing = [name for name in asked if name not in self.classes]
        if missing:
            raise ValueError(f"There are no costs for the class {missing[0]!r}: they are of {_listed(self.classes)}.")
        places = [self.classes.index(name) for name in asked]
        return self.matrix[np.ix_(places, places)]

    def named_by(self, labels: Any, names: Sequence[str]) -> ErrorCosts:
        """Return the same costs by labels, where they were written by the names of classes, or without any.

        Parameters
        ----------
        labels : sequence of length C
            The labels of the data, sorted.
        names : sequence of str of length C
            What they are called.

        Returns
        -------
        ErrorCosts
            Of exactly these labels.

        Raises
        ------
        ValueError
            If a class has no costs.
        """
        known = np.asarray(labels).tolist()
        if self.classes is None or all(label in self.classes for label in known):
            return ErrorCosts(self.of(known), tuple(known))
        as_texts = ErrorCosts(self.matrix, tuple(str(name) for name in self.classes))
        texts = list(names) if all(name in (as_texts.classes or ()) for name in names) else [str(k) for k in known]
        try:
            return ErrorCosts(as_texts.of(texts), tuple(known))
        except ValueError:
            return ErrorCosts(as_texts.of(list(names)), tuple(known))  # says what is missing by its name

    def described(self) -> dict[str, Any]:
        """Return the costs as plain data, which `read` reads."""
        return {"classes": None if self.classes is None else list(self.classes), "matrix": self.matrix.tolist()}


def _numbers(values: Any) -> NDArray[np.float64]:
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"ErrorCosts: costs must be numbers, a row for each true class, got {values!r}.") from error


def _separator(text: str) -> str:
    """Whichever of comma, semicolon and tab the first row has most of."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    return max(",", ";", "\t", key=head.count)


def _number(cell: str, separator: str, where: str) -> float:
    try:
        return float(cell if separator == "," else cell.replace(",", "."))
    except ValueError as error:
        raise ValueError(f"{where}: a cost must be a number, got {cell!r}.") from error


def _listed(names: Sequence[Any]) -> str:
    return ", ".join(map(str, names[:10])) + ", ..." * (len(names) > 10)
