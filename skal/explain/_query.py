"""Explain a query: the parts of each pick's score, its neighbours, and what random picks would have been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skal.data import RowView, n_rows, take, to_numpy
from skal.explain._explained import Explained, Pick
from skal.explain._geometry import nearest, represented
from skal.explain._sheet import sheet_frame, write_csv, write_html
from skal.outputs import MissingOutput, UnfittedLearner, committee_proba, is_committee, labeled_data, proba
from skal.outputs import embedding as read_embedding
from skal.query import as_strategy, checked_picks, is_query_estimator, random_sampling, reason_of, select, unwrapped
from skal.scores import density, entropy, least_confident, margin

PARTS = ("entropy", "margin", "least_confident", "density")


@dataclass(frozen=True)
class QueryExplanation(Explained):
    """What `explain_query` found.

    Attributes
    ----------
    strategy : str
        Its name, or "given picks".
    rows : list of Pick
        One a pick, best first.
    random_picks : ndarray of intp
        Pool indices that random sampling picks with the same seed.
    n_pool : int
        Rows of the pool.
    seed : int
        Of both queries.
    notes : list of str
        What could not be read, and why.
    X_picked, X_nearest : container or None
        The picked rows, and the labelled rows nearest to them.
    image_shape : tuple of int, default=None
        Of a flat row that is an image, where it is known.
    shown : DataFrame or None
        What a person reads of the picked rows: ids, text, names of files.
    """

    def to_frame(self) -> Any:
        """Return one line per pick, with an empty column for the label.

        Returns
        -------
        DataFrame
            What a person reads of each row, if that is known; the label, empty; and what spoke for the row.
        """
        return sheet_frame(self)

    def to_csv(self, path: str | Path) -> None:
        """Write `to_frame` as a file.

        Parameters
        ----------
        path : str or Path
            File to write.
        """
        write_csv(self, path)

    def to_html(self, path: str | Path, *, image_shape: tuple[int, ...] | None = None) -> None:
        """Write a sheet to read or print, in one file that loads nothing.

        Parameters
        ----------
        path : str or Path
            File to write.
        image_shape : tuple of int, default=None
            Of a row that is an image, (H, W), (C, H, W) or (H, W, C), where the rows do not tell. None: the one that
            is known, if any; without it a flat row is not shown.
        """
        write_html(self, path, self.image_shape if image_shape is None else image_shape)


def explain_query(
    learner: Any,
    X_pool: Any,
    query: str | Callable[..., Any] | Any = None,
    n_instances: int = 10,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    embedding: Any = None,
    image_shape: tuple[int, ...] | None = None,
    shown: Any = None,
    random_state: int | np.random.RandomState | None = None,
) -> QueryExplanation:
    """Tell of every pick of a query what spoke for it.

    Parameters
    ----------
    learner : learner
        Fitted.
    X_pool : container of n rows
        The pool.
    query : str, callable, estimator that queries, or array-like, default=None
        A strategy or its name, which is asked; or what a query returned already: pool indices, or a pair of pool
        indices and scores. None: the learner's own strategy.
    n_instances : int, default=10
        How many rows to ask for; of no meaning for picks that are given.
    X_labeled, y_labeled : container, default=None
        Labelled rows and their labels; None: what the learner was taught, if it tells.
    embedding : callable or transformer, default=None
        Gives the vectors in which distances are taken; None: the learner's. See `skal.outputs.embedding`.
    image_shape : tuple of int, default=None
        Of a row that is an image, if rows are flat: the sheet shows it then.
    shown : DataFrame of n rows, default=None
        What a person reads of the rows of the pool, such as ids and text; the sheet shows it. Files in a column
        "file" that end like an image are shown as images.
    random_state : int, RandomState or None, default=None
        Of the query and of the random picks.

    Returns
    -------
    QueryExplanation
        Rows, random picks, and what could not be read.

    Notes
    -----
    One pass of the model over the picks, one embedding of the pool (memory n * d), time O(n * n_instances * d).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skal import ActiveLearner
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = ActiveLearner(LogisticRegression(max_iter=500), X_training=X[::25], y_training=y[::25])
    >>> found = explain_query(learner, X, "margin_sampling", 3, random_state=0)
    >>> [pick.rank for pick in found.rows], sum(pick.represents for pick in found.rows)
    ([1, 2, 3], 150)
    """
    seed = _seed(random_state)
    name, picked, scores = _picks(learner, X_pool, query, n_instances, seed)
    random_picks, _ = select(random_sampling, learner, X_pool, len(picked), random_state=seed)
    known_X, known_y = (X_labeled, y_labeled) if X_labeled is not None else labeled_data(learner)
    if known_X is not None and n_rows(known_X) == 0:
        known_X = None
    notes: list[str] = []
    columns = {
        **_uncertainties(learner, RowView(X_pool, picked), notes),
        **_neighbours(learner, X_pool, picked, known_X, embedding, notes),
    }
    near = columns.get("nearest_labeled")
    labels = None if near is None or known_y is None else take(known_y, near)
    notes += _reason(learner, query)
    if known_X is None:
        notes.append("No labelled rows are known: pass X_labeled=, or a learner that was taught some.")

    def of(part: str, k: int, kind: Callable[[Any], Any] = float) -> Any:
        return kind(columns[part][k]) if part in columns else None

    rows = [
        Pick(
            rank=k + 1,
            pool_index=int(row),
            score=float(scores[k]) if len(scores) else None,
            **{part: of(part, k) for part in PARTS},
            distance=of("distance", k),
            nearest_labeled=of("nearest_labeled", k, int),
            nearest_label=None if labels is None else _plain(take(labels, k)),
            represents=of("represents", k, int),
            random_too=bool(np.isin(row, random_picks)),
        )
        for k, row in enumerate(picked)
    ]
    return QueryExplanation(
        strategy=name,
        rows=rows,
        random_picks=random_picks,
        n_pool=n_rows(X_pool),
        seed=seed,
        notes=notes,
        X_picked=take(X_pool, picked),
        X_nearest=None if near is None else take(known_X, near),
        image_shape=image_shape,
        shown=None if shown is None else take(shown, picked),
    )


def _reason(learner: Any, query: Any) -> list[str]:
    """What a strategy that decides by the labels says of itself, if the learner holds them."""
    strategy = getattr(learner, "query_strategy", None) if query is None else query
    if not (isinstance(strategy, str) or callable(strategy)):
        return []
    try:
        reason = reason_of(strategy, learner)
    except MissingOutput:  # the labelled rows were given to the query alone
        return []
    return [] if reason is None else [f"auto_sampling: {reason}"]


def _picks(
    learner: Any, X_pool: Any, query: Any, n_instances: int, seed: int
) -> tuple[str, NDArray[np.intp], NDArray[Any]]:
    """Name, pool indices and scores of a query, asked or given."""
    strategy = getattr(learner, "query_strategy", None) if query is None else query
    if strategy is None:
        raise TypeError(f"explain_query: {type(learner).__name__} has no query strategy; pass one, or its picks.")
    strategy = as_strategy(strategy) if isinstance(strategy, str) else strategy
    if callable(strategy) or is_query_estimator(strategy):
        picked, scores = select(strategy, learner, X_pool, n_instances, random_state=seed)
        inner = strategy if is_query_estimator(strategy) else unwrapped(strategy, {})[0]
        name = getattr(inner, "__name__", type(inner).__name__)
    else:
        picked, scores = checked_picks(strategy, n_rows(X_pool), None, "explain_query")
        name = "given picks"
    if len(picked) == 0:
        raise ValueError("explain_query: at least one pick is needed, got none.")
    return name, picked, scores if len(scores) == len(picked) else np.empty(0)


def _uncertainties(learner: Any, X_picked: Any, notes: list[str]) -> dict[str, NDArray[Any]]:
    try:
        P = _proba(learner, X_picked)
    except (MissingOutput, UnfittedLearner) as error:
        notes.append(f"No uncertainties: {error}")
        return {}
    return {"entropy": entropy(P), "margin": margin(P), "least_confident": least_confident(P)}


def _proba(learner: Any, X: Any) -> NDArray[Any]:
    try:
        return proba(learner, X)
    except MissingOutput:
        if not is_committee(learner):
            raise
        return np.asarray(committee_proba(learner, X).mean(axis=0))


def _neighbours(
    learner: Any, X_pool: Any, picked: NDArray[np.intp], X_labeled: Any, source: Any, notes: list[str]
) -> dict[str, NDArray[Any]]:
    try:
        Z = read_embedding(learner, X_pool, source)
        known = None if X_labeled is None else read_embedding(learner, X_labeled, source)
    except (MissingOutput, UnfittedLearner) as error:
        notes.append(f"No density, distances and represented rows: {error}")
        return {}
    columns: dict[str, NDArray[Any]] = {"density": density(Z)[picked], "represents": represented(Z, picked)}
    if known is not None:
        columns["nearest_labeled"], columns["distance"] = nearest(Z[picked], known)
    return columns


def _plain(label: Any) -> Any:
    array = to_numpy(label) if hasattr(label, "__array__") else np.asarray(label, dtype=object)
    return array.item() if array.ndim == 0 else array.tolist()


def _seed(random_state: Any) -> int:
    """Give an int as it is, so that a query with it gives the same picks elsewhere; else draw one."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
