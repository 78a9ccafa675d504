"""Where a query looked: pool, labelled rows and picks in one plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from skal.data import RowView, n_rows, to_numpy
from skal.displays._axes import axes_or_new
from skal.displays._projection import Method, project
from skal.outputs import embedding as read_embedding
from skal.outputs import labeled_data
from skal.query import checked_picks, select


class QueryDisplay:
    """Pool, labelled rows and picks as three kinds of marks in two dimensions.

    Make one by `from_learner`, `from_estimator` or `from_indices`.

    Parameters
    ----------
    pool, labeled, picked : ndarray of shape (n, 2)
        Places of the rows that were not picked, of those labelled before, and of the picks.
    axis_names : (str, str)
        What the two directions are.
    n_pool : int, default=None
        Size of the whole pool, if not all of it is shown.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes.
    figure_ : matplotlib.figure.Figure
        Their figure.
    marks_ : dict of str to matplotlib.collections.PathCollection
        "pool", "labeled", "picked".
    """

    def __init__(
        self,
        pool: NDArray[Any],
        labeled: NDArray[Any],
        picked: NDArray[Any],
        *,
        axis_names: tuple[str, str] = ("1", "2"),
        n_pool: int | None = None,
    ) -> None:
        self.pool = pool
        self.labeled = labeled
        self.picked = picked
        self.axis_names = axis_names
        self.n_pool = n_pool

    def plot(self, ax: Any = None, *, numbered: bool = False, **scatter_kw: Any) -> QueryDisplay:
        """Draw the marks.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where; None: a new figure, which is not shown.
        numbered : bool, default=False
            Write the rank beside each pick.
        **scatter_kw
            Passed to every ``scatter``.

        Returns
        -------
        QueryDisplay
            Itself.
        """
        self.ax_ = axes_or_new(ax)
        self.figure_ = self.ax_.figure
        n_shown = len(self.pool) + len(self.picked)
        part = "" if self.n_pool in (None, n_shown) else f", {len(self.pool)} drawn of {self.n_pool}"
        looks: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
            "pool": (self.pool, {"label": f"pool{part}", "s": 10, "color": "0.62", "linewidths": 0, "zorder": 1}),
            "labeled": (
                self.labeled,
                {
                    "label": f"labelled ({len(self.labeled)})",
                    "s": 34,
                    "marker": "s",
                    "facecolors": "white",
                    "edgecolors": "#0072b2",
                    "linewidths": 1.3,
                    "zorder": 2,
                },
            ),
            "picked": (
                self.picked,
                {
                    "label": f"picked ({len(self.picked)})",
                    "s": 70,
                    "marker": "^",
                    "color": "#d55e00",
                    "edgecolors": "white",
                    "linewidths": 0.8,
                    "zorder": 3,
                },
            ),
        }
        self.marks_ = {
            kind: self.ax_.scatter(places[:, 0], places[:, 1], **{**look, **scatter_kw})
            for kind, (places, look) in looks.items()
        }
        if numbered:
            for rank, place in enumerate(self.picked, start=1):
                self.ax_.annotate(str(rank), place, xytext=(5, 4), textcoords="offset points", fontsize=8, zorder=4)
        self.ax_.set_xlabel(self.axis_names[0])
        self.ax_.set_ylabel(self.axis_names[1])
        self.ax_.spines[["top", "right"]].set_visible(False)
        # Below the axes: inside them it would hide rows.
        self.ax_.legend(
            loc="lower left", bbox_to_anchor=(0, 1.01), ncols=3, frameon=False, borderaxespad=0, handletextpad=0.3
        )
        return self

    @classmethod
    def from_learner(
        cls,
        learner: Any,
        X_pool: Any,
        n_instances: int = 10,
        *,
        query_strategy: str | Callable[..., Any] | None = None,
        X_labeled: Any = None,
        method: Method = "pca",
        embedding: Any = None,
        max_pool: int = 5000,
        random_state: int | np.random.RandomState | None = None,
        ax: Any = None,
        **plot_kw: Any,
    ) -> QueryDisplay:
        """Ask a learner, and draw what it picked in its own embedding.

        Parameters
        ----------
        learner : learner
            Fitted.
        X_pool : container of n rows
            The pool.
        n_instances : int, default=10
            How many rows to ask for; nothing is taught.
        query_strategy : str or callable, default=None
            None: the learner's own.
        X_labeled : container, default=None
            Labelled rows; None: what the learner was taught, if it tells.
        method : {"pca", "tsne"}, default="pca"
            Principal components, or t-SNE with perplexity 30 that starts from them; fitted once, to all rows shown.
        embedding : callable or transformer, default=None
            Gives the vectors; None: the learner's. See `skal.outputs.embedding`.
        max_pool : int, default=5000
            Rows of the pool to show beside the picks; of more, so many are drawn at random.
        random_state : int, RandomState or None, default=None
            Of the query, the rows drawn and the projection.
        ax, **plot_kw
            See `plot`.

        Returns
        -------
        QueryDisplay
            Drawn.
        """
        seed = _seed(random_state)
        strategy = getattr(learner, "query_strategy", None) if query_strategy is None else query_strategy
        if strategy is None:
            raise TypeError(f"QueryDisplay: {type(learner).__name__} has no query strategy; pass query_strategy=.")
        picked, _ = select(strategy, learner, X_pool, n_instances, random_state=seed)
        known = labeled_data(learner)[0] if X_labeled is None else X_labeled
        display = cls._projected(learner, X_pool, picked, known, method, embedding, max_pool, seed)
        return display.plot(ax, **plot_kw)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X_pool: Any,
        n_instances: int = 10,
        *,
        picked: ArrayLike | None = None,
        X_labeled: Any = None,
        method: Method = "pca",
        max_pool: int = 5000,
        random_state: int | np.random.RandomState | None = None,
        ax: Any = None,
        **plot_kw: Any,
    ) -> QueryDisplay:
        """Draw a pool in the features of a fitted estimator, with the rows that it asks for.

        Parameters
        ----------
        estimator : transformer
            Fitted, its ``transform`` gives the vectors: the latents of a `skal.adversarial.VAAL`, a
            `skal.adversarial.SRAAL` or a `skal.neural.VariationalAutoencoder`, the penultimate features of a
            `skal.neural.NeuralClassifier`, and those of any transformer of scikit-learn.
        X_pool : container of n rows
            The pool.
        n_instances : int, default=10
            How many rows to ask for, by the estimator's own ``query``.
        picked : array-like of int, default=None
            Pool indices, best first, that were picked already. Then `n_instances` is not looked at, and the estimator
            needs no ``query``.
        X_labeled : container, default=None
            Rows that were labelled before.
        method, max_pool, random_state, ax, **plot_kw
            See `from_learner`.

        Returns
        -------
        QueryDisplay
            Drawn.

        Raises
        ------
        TypeError
            If the estimator has no ``transform``, or no ``query`` and nothing was picked.

        Notes
        -----
        Latents of one fit can be compared with each other and with no others: two fits have two pictures.
        """
        name = type(estimator).__name__
        if not hasattr(estimator, "transform"):
            raise TypeError(f"QueryDisplay: {name} has no transform to give the vectors. Use from_learner instead.")
        if picked is None:
            if not hasattr(estimator, "query"):
                raise TypeError(f"QueryDisplay: {name} has no query to ask for rows; pass picked=.")
            picked = estimator.query(X_pool, n_instances)
        rows, _ = checked_picks(np.asarray(picked), n_rows(X_pool), None, "QueryDisplay")
        display = cls._projected(None, X_pool, rows, X_labeled, method, estimator, max_pool, _seed(random_state))
        return display.plot(ax, **plot_kw)

    @classmethod
    def from_indices(
        cls,
        X_pool: Any,
        picked: ArrayLike,
        X_labeled: Any = None,
        *,
        method: Method = "pca",
        embedding: Any = None,
        max_pool: int = 5000,
        random_state: int | np.random.RandomState | None = None,
        ax: Any = None,
        **plot_kw: Any,
    ) -> QueryDisplay:
        """Draw rows that were picked already.

        Parameters
        ----------
        X_pool : container of n rows
            The pool, the picks among it. Images are flattened.
        picked : array-like of int
            Pool indices, best first.
        X_labeled : container, default=None
            Rows that were labelled before.
        method, embedding, max_pool, random_state, ax, **plot_kw
            See `from_learner`; without an embedding the features as they are, so mind their scales.

        Returns
        -------
        QueryDisplay
            Drawn.
        """
        rows, _ = checked_picks(np.asarray(picked), n_rows(X_pool), None, "QueryDisplay")
        source = embedding
        if source is None and len(getattr(X_pool, "shape", (0, 0))) > 2:
            source = _flat
        display = cls._projected(None, X_pool, rows, X_labeled, method, source, max_pool, _seed(random_state))
        return display.plot(ax, **plot_kw)

    @classmethod
    def _projected(
        cls,
        learner: Any,
        X_pool: Any,
        picked: NDArray[np.intp],
        X_labeled: Any,
        method: Method,
        source: Any,
        max_pool: int,
        seed: int,
    ) -> QueryDisplay:
        others = np.setdiff1d(np.arange(n_rows(X_pool)), picked)
        if len(others) > max_pool:
            others = np.sort(np.random.RandomState(seed).choice(others, max_pool, replace=False))
        Z_others = read_embedding(learner, RowView(X_pool, others), source)
        Z_picked = read_embedding(learner, RowView(X_pool, picked), source)
        width = Z_picked.shape[1]
        empty = X_labeled is None or n_rows(X_labeled) == 0
        Z_labeled = np.empty((0, width)) if empty else read_embedding(learner, X_labeled, source)
        parts = [Z_others.reshape(-1, width), Z_labeled, Z_picked]
        (pool, labeled, picks), names = project(parts, method, seed)
        return cls(pool, labeled, picks, axis_names=names, n_pool=n_rows(X_pool))


def _flat(block: Any) -> NDArray[Any]:
    array = to_numpy(block)
    return array.reshape(len(array), -1)


def _seed(random_state: Any) -> int:
    """Give an int as it is, so that a query with it gives the same picks elsewhere; else draw one."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
