"""The classes that a search is for: which labelled rows are of them, and which columns of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.outputs import InvalidOutput, task_model
from skal.query.embedding.labeled_classes import labeled_classes

__all__ = ["Sought", "listed"]


def listed(find: Any) -> list[Any]:
    """Return the classes of an option `find` as a list; none for None.

    Raises
    ------
    ValueError
        If it is an empty list, or holds a class twice.
    """
    if find is None:
        return []
    several = [find] if isinstance(find, (str, bytes)) or np.ndim(find) == 0 else list(find)
    if not several or len(set(map(str, several))) < len(several):
        raise ValueError(f"find must name different classes, at least one, such as 'fraud', got {find!r}.")
    return several


@dataclass(frozen=True)
class Sought:
    """Classes that are to be found.

    Attributes
    ----------
    labels : list
        Of the classes.
    found : ndarray of bool of shape (m,)
        Which labelled rows are of them.
    classes : ndarray or None
        Those of the model, in the order of its columns; None where it names none.
    """

    labels: list[Any]
    found: NDArray[np.bool_]
    classes: NDArray[Any] | None

    @classmethod
    def read(cls, learner: Any, y_labeled: Any, find: Any) -> Sought:
        """Say what is sought.

        Parameters
        ----------
        learner : learner
            Whose model knows classes.
        y_labeled : array-like of shape (m,)
            One class a labelled row.
        find : label, sequence of labels, or None
            None: the class with the fewest labelled rows.

        Raises
        ------
        InvalidOutput
            If all classes are sought: there is nothing to tell them from.
        """
        places, classes = labeled_classes(learner, y_labeled)
        labels = listed(find)
        if find is None:
            counts = np.bincount(places, minlength=len(classes))
            labels = [classes[np.flatnonzero(counts == counts[counts > 0].min())[0]]]
            labels = labels if (counts > 0).sum() > 1 else []  # of a single class nothing is rare
        is_sought = np.array([any(label == one for one in labels) for label in classes], dtype=bool)
        if len(classes) > 1 and is_sought.all():
            raise InvalidOutput(
                f"find names all classes ({', '.join(map(str, labels))}): a search needs rows that it is not for. "
                "Leave one out."
            )
        known = getattr(task_model(learner), "classes_", None)
        return cls(labels, is_sought[places], None if known is None else np.asarray(known))

    def columns(self, n_classes: int) -> NDArray[np.bool_]:
        """Which of the columns of class probabilities are sought; a model that names no classes has 0, 1, 2, ..."""
        classes = np.arange(n_classes) if self.classes is None else self.classes
        return np.array([any(label == one for one in self.labels) for label in classes], dtype=bool)
