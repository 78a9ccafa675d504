"""An annotator who is played by labels that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Oracle"]


class Oracle:
    """Answer questions about rows with their labels, and keep a record of what was asked.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, ...)
        The answers, one a row of the whole data set.

    Notes
    -----
    ``oracle(dataset_indices)`` returns the labels of these rows, of shape (m,) or (m, ...), in the order of the
    question. It is what `skal.loop.rounds` takes. The record never changes an answer. It costs 8 bytes a question.

    Examples
    --------
    >>> oracle = Oracle(["cat", "dog", "cow"])
    >>> oracle([2, 0]).tolist()
    ['cow', 'cat']
    >>> oracle([2]).tolist(), oracle.n_questions, oracle.asked_indices.tolist()
    (['cow'], 3, [2, 0])
    """

    def __init__(self, y: Any) -> None:
        self.y = np.asarray(y)
        if self.y.ndim == 0:
            raise ValueError(f"{self._who}: y must hold one label a row, got {y!r}.")
        self._asked: list[NDArray[np.intp]] = []

    def __call__(self, dataset_indices: ArrayLike) -> NDArray[Any]:
        """Return the labels of rows of the whole data set."""
        rows = self._checked(dataset_indices, "dataset indices")
        self._asked.append(rows)
        return np.asarray(self._answers()[rows])

    @property
    def n_questions(self) -> int:
        """Labels that were asked for; a row that was asked for twice counts twice."""
        return sum(map(len, self._asked))

    @property
    def asked_indices(self) -> NDArray[np.intp]:
        """Dataset indices that were asked for, each once, in the order in which they first were."""
        asked = np.concatenate([np.empty(0, dtype=np.intp), *self._asked])
        return asked[np.sort(np.unique(asked, return_index=True)[1])]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.y)} rows, {self.n_questions} questions)"

    @property
    def _who(self) -> str:
        return type(self).__name__

    def _answers(self) -> NDArray[Any]:
        """Answers to all questions."""
        return self.y

    def _checked(self, indices: Any, what: str) -> NDArray[np.intp]:
        """Indices as a copy; a mask is refused, and so are indices from the end, which are mostly a mistake."""
        rows = np.asarray(indices)
        if rows.size == 0:
            return np.empty(0, dtype=np.intp)
        if rows.ndim != 1 or rows.dtype.kind not in "iu":
            raise TypeError(
                f"{self._who}: {what} must be whole numbers of shape (m,), got {rows.dtype} of shape {rows.shape}. "
                "Of a mask take np.flatnonzero(mask)."
            )
        if rows.min() < 0 or rows.max() >= len(self.y):
            raise IndexError(
                f"{self._who}: {what} must be in [0, {len(self.y) - 1}], got {rows.min()} to {rows.max()}."
            )
        return rows.astype(np.intp)
