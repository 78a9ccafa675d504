"""How `auto_sampling` decides: by labels a class, and by how far the labels tell more than guessing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from skal.data import to_numpy
from skal.outputs import embedding as read_embedding
from skal.outputs import is_fitted
from skal.query.door.calling import AnyStrategy, name_of, unwrapped
from skal.query.door.labeled import found_labels
from skal.query.embedding.labeled_classes import labeled_classes
from skal.query.ranges import between
from skal.selection import unit_rows

Way = Literal["typical", "mixture", "margin"]
FEW = 4.0  # labels a class below which nothing the model says is believed; docs/auto_sampling.md has the trials
MANY = 50.0  # labels a class from which uncertainty alone may decide
SHARE = between(0, 1)
SKILLED = 0.5  # and how much of what guessing gets wrong must then be got right


@dataclass(frozen=True)
class AutoChoice:
    """What `auto_sampling` does with some labelled rows, and why.

    Attributes
    ----------
    way : {"typical", "mixture", "margin"}
        Typical rows of clusters without a label; rows by which uncertain rows and all rows become alike to a labelled
        one; or rows of small margin.
    because : str
        One sentence.
    n_labels, n_classes : int
        Labelled rows, and classes among them.
    accuracy : float
        Share of rows that are got right: what was given, else the share of labelled rows whose nearest other labelled
        row has their class; nan where there are fewer than two classes.
    guess : float
        Share of the largest class among the labels; nan where there are none.
    trust : float
        Weight of uncertainty in the mixture, from 0 (all rows count alike) to 1.
    """

    way: Way
    because: str
    n_labels: int
    n_classes: int
    accuracy: float
    guess: float
    trust: float


def auto_choice(
    learner: Any,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    accuracy: float | None = None,
    embedding: Any = None,
) -> AutoChoice:
    """Tell what `auto_sampling` would do now, and why.

    Parameters
    ----------
    learner : learner
        With a model, fitted or not.
    X_labeled, y_labeled : container of m rows, array-like of shape (m,), default=None
        Labelled rows and their classes; None: what the learner was taught.
    accuracy : float, default=None
        Share of rows that the model gets right, from 0 to 1, as audit rows or held-out rows say it; None: it is
        guessed from the labelled rows.
    embedding : callable or transformer, default=None
        As of `auto_sampling`.

    Returns
    -------
    AutoChoice
        The way, in one sentence too, and the numbers that it follows from.

    Raises
    ------
    TypeError
        If the learner is fitted and holds no labelled rows, and none are given.
    ValueError
        If the accuracy is no share.

    Notes
    -----
    The pool is not read. Time O(m^2 d) for m labelled rows, memory O(m d).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skal import ActiveLearner
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = ActiveLearner(LogisticRegression(max_iter=500), X_training=X[::5], y_training=y[::5])
    >>> found = auto_choice(learner)
    >>> found.way, found.n_labels, found.n_classes
    ('mixture', 30, 3)
    """
    if accuracy is not None and not SHARE.holds(accuracy):
        raise ValueError(f"auto_choice: accuracy must be {SHARE.words}, got {accuracy!r}.")
    wanted = [key for key, given in (("X_labeled", X_labeled), ("y_labeled", y_labeled)) if given is None]
    if wanted:
        found = found_labels("auto_choice", learner, [], wanted)
        X_labeled, y_labeled = found.get("X_labeled", X_labeled), found.get("y_labeled", y_labeled)
    n = len(to_numpy(y_labeled))
    centers = unit_rows(read_embedding(learner, X_labeled, embedding)) if n else np.empty((0, 1))
    return chosen_way(learner, centers, y_labeled, accuracy)


def reason_of(strategy: AnyStrategy, learner: Any) -> str | None:
    """Say why a strategy will do what it does, in one sentence, if it decides by the labels.

    Parameters
    ----------
    strategy : str, callable or estimator
        As of a query.
    learner : learner
        Who is asked, and who holds the labelled rows.

    Returns
    -------
    str or None
        What `auto_choice` says for `auto_sampling`, also in a random part of the pool (`subsample`); None for any
        other strategy.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skal import ActiveLearner
    >>> learner = ActiveLearner(GaussianNB(), X_training=[[0.0], [1.0]], y_training=[0, 1])
    >>> reason_of("auto_sampling", learner)
    '2 labels of 2 classes, fewer than 4 a class: typical rows.'
    >>> reason_of("margin_sampling", learner) is None
    True
    """
    if not (isinstance(strategy, str) or callable(strategy)):
        return None  # such as an estimator that queries
    inner, options = unwrapped(strategy, {})
    if name_of(inner) == "subsampled_query":
        inner, options = unwrapped(options["part"], {})
    if name_of(inner) != "auto_sampling":
        return None
    given = {key: options[key] for key in ("accuracy", "embedding") if key in options}
    return auto_choice(learner, **given).because


def chosen_way(learner: Any, centers: NDArray[Any], y_labeled: Any, accuracy: float | None) -> AutoChoice:
    """Decide, from vectors of labelled rows and their classes."""
    n = len(to_numpy(y_labeled))
    if not n or not is_fitted(learner):
        return AutoChoice("typical", "no model has learned yet: typical rows.", n, 0, np.nan, np.nan, 0.0)
    classes, _ = labeled_classes(learner, y_labeled)
    counts = np.bincount(classes)
    n_classes, guess = int((counts > 0).sum()), float(counts.max() / n)
    if n_classes < 2:
        because = f"all {n} labels are of one class: typical rows."
        return AutoChoice("typical", because, n, n_classes, np.nan, guess, 0.0)
    right = right_of_nearest(centers, classes) if accuracy is None else float(accuracy)
    each, skill = n / n_classes, min(max((right - guess) / max(1.0 - guess, 1e-9), 0.0), 1.0)
    trust = float(np.sqrt(skill))
    told = f"{n} labels of {n_classes} classes"
    if each < FEW:
        because = f"{told}, fewer than {FEW:g} a class: typical rows."
        return AutoChoice("typical", because, n, n_classes, right, guess, trust)
    source = "the nearest labelled row" if accuracy is None else "the model"
    told += f"; {source} is right in {100 * right:.0f} %, guessing the largest class in {100 * guess:.0f} %"
    if each >= MANY and skill >= SKILLED:
        return AutoChoice("margin", f"{told}: rows of small margin.", n, n_classes, right, guess, trust)
    because = f"{told}: a mixture in which uncertainty weighs {100 * trust:.0f} % and all rows alike the rest."
    return AutoChoice("mixture", because, n, n_classes, right, guess, trust)


def right_of_nearest(centers: NDArray[Any], classes: NDArray[np.intp]) -> float:
    """Share of rows whose nearest other row is of their class."""
    if len(centers) < 2:
        return 0.0
    near = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(centers).kneighbors(return_distance=False)[:, 0]
    return float((classes[near] == classes).mean())
