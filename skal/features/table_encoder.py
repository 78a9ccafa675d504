"""Rows of any kind as numbers: tables by what each column is used as, arrays and images as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skal.features._categories import CategoryReader
from skal.features._frames import as_frame, is_table_of_columns
from skal.features._numbers import DateReader, NumberColumns, NumberReader, within_reach
from skal.features._texts import TextReader
from skal.features._uses import LEFT_OUT, ColumnUse, check_said, column_uses

_KINDS = ("linear", "dense", "tree")
_DENSE_COLUMNS = 256  # a table of numbers with more columns stays sparse, if it is
_CHUNK = 10_000  # rows
_MAX_SEED = np.iinfo(np.int32).max


class TableEncoder(TransformerMixin, BaseEstimator):
    """Turn rows of any kind into numbers: numbers, categories, text, dates and gaps of a table; images are flattened.

    Parameters
    ----------
    columns : dict of str to str, default=None
        What columns are used as, such as ``{"body": "text", "ticket_id": "drop"}``; the kinds are those of
        `column_uses`, which decides on the columns that are not named from the rows of the fit. Decide on the whole
        table and pass all of them where the fit sees few rows.
    kind : {"linear", "dense", "tree"}, default="linear"
        For a linear model, numbers are standardised, categories are one-hot encoded, and text is a sparse table of
        words and pieces of words. "dense" is the same for models that need dense tables, such as nets: text is
        reduced. For trees, numbers keep their scale, categories are whole numbers, and text is reduced.
    max_categories : int, default=64
        The most frequent values of a category that are told apart; all others count as one.
    n_components : int, default=100
        Columns to which a text is reduced where it must be dense.
    random_state : int, RandomState or None, default=None
        Seeds the reduction of texts.

    Attributes
    ----------
    uses_ : dict of str to ColumnUse
        What the columns of a table are used as; empty for arrays.
    n_features_in_ : int
        Columns of the rows of the fit.
    feature_names_in_ : ndarray of str
        Their names, for a table.

    Notes
    -----
    The encoder learns from rows without labels (`learns_from_pool`): `skal.loop.fitted_to_pool` fits it to the pool
    and freezes it, so that words, scales and categories do not come from 20 labelled rows alone.

    A missing number becomes the median, and a further column says where numbers were missing, if any were in the fit.
    A missing category is a category, a missing text has no words. A category that the fit did not see counts as the
    rare ones do; there may be none of those, and then it has no column (linear) or is -1 (tree). Columns that `fit`
    did not see are left out, columns that it saw and that are gone are an error.

    Arrays, tensors and sparse tables of numbers are standardised for linear models and passed on unchanged for trees;
    missing numbers there are the model's affair.

    Memory: sparse text takes about 12 bytes for each word and piece of a word of a row; everything else is dense up
    to 256 columns. A fit to 10 000 short texts takes a few seconds.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "opened": ["2024-01-05", "2024-02-07", "2024-03-01", None],
    ...     "plan": ["free", "team", "free", "free"],
    ...     "seats": [1, 12, 2, None],
    ... })
    >>> encoder = TableEncoder(kind="tree").fit(table)
    >>> {name: use.kind for name, use in encoder.uses_.items()}
    {'opened': 'date', 'plan': 'category', 'seats': 'number'}
    >>> encoder.get_feature_names_out().tolist()[-3:]
    ['opened is missing', 'seats is missing', 'plan']
    """

    learns_from_pool: ClassVar[bool] = True

    def __init__(
        self,
        columns: Mapping[str, str] | None = None,
        kind: str = "linear",
        *,
        max_categories: int = 64,
        n_components: int = 100,
        random_state: Any = None,
    ) -> None:
        self.columns = columns
        self.kind = kind
        self.max_categories = max_categories
        self.n_components = n_components
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> TableEncoder:
        """Learn scales, words and categories.

        Parameters
        ----------
        X : container of n rows
            Table, texts or images; labels are not needed.
        y : None
            Not used.

        Returns
        -------
        TableEncoder
            Itself.

        Raises
        ------
        ValueError
            If a parameter is out of range, if a column that is named is not there, or if no column is left.
        """
        self._check()
        self.uses_: dict[str, ColumnUse] = {}
        if is_table_of_columns(X):
            return self._fit_columns(as_frame(X))
        if self.columns:
            raise ValueError(
                f"TableEncoder: columns= names columns of a table, and the rows are {_shown(X)}, whose columns have "
                "no names. Leave columns= out."
            )
        X = _flat(X)
        self.n_features_in_ = int(X.shape[1]) if getattr(X, "ndim", 2) == 2 and hasattr(X, "shape") else 0
        # Subtracting the mean would make a sparse table dense.
        self.scaler_: Any = None if self.kind == "tree" else StandardScaler(with_mean=not sparse.issparse(X)).fit(X)
        return self

    def transform(self, X: Any) -> Any:
        """Turn rows into numbers.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray, sparse array or container of shape (n, d)
            Sparse only if kind is "linear" and there are more than 256 columns.
        """
        return self._read(X, "transform")

    def embed(self, X: Any) -> Any:
        """Turn rows into short dense vectors, for distances: text is reduced, everything is on one scale.

        `skal.outputs.embedding` of a Pipeline whose last transformer has this method calls it instead of `transform`.

        Parameters
        ----------
        X : container of n rows
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, d)
            Of arrays and images, as `transform` gives them.
        """
        return self._read(X, "embed")

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the columns of `transform`.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of an array; None: x0, x1, ...

        Returns
        -------
        ndarray of str
            Such as "size", "size is missing", "colour=red", "opened: days", "body: word refund".
        """
        check_is_fitted(self)
        if not self.uses_:
            given = (
                [f"x{place}" for place in range(self.n_features_in_)] if input_features is None else input_features
            )
            return np.asarray(given, dtype=object)
        names = list(self.numbers_.feature_names_) if self.numbers_ is not None else []
        return np.asarray([*names, *(name for one in self.others_ for name in one.feature_names_)], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.sparse = True
        return tags

    def _check(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"TableEncoder: kind must be {' or '.join(map(repr, _KINDS))}, got {self.kind!r}.")
        for name in ("max_categories", "n_components"):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"TableEncoder: {name} must be an int >= 1, got {value!r}.")

    def _fit_columns(self, frame: Any) -> TableEncoder:
        said = {str(name): kind for name, kind in (self.columns or {}).items()}
        check_said(said, list(frame.columns))
        undecided = [name for name in frame.columns if name not in said]
        found = column_uses(frame[undecided])
        self.uses_ = {
            name: ColumnUse(said[name], "as you said") if name in said else found[name] for name in frame.columns
        }
        self.feature_names_in_ = np.asarray(frame.columns, dtype=object)
        self.n_features_in_ = len(frame.columns)
        of_kind: dict[str, list[str]] = {}
        for name, use in self.uses_.items():
            of_kind.setdefault(use.kind, []).append(name)
        if set(of_kind) <= set(LEFT_OUT):
            raise ValueError(
                f"TableEncoder: no column is left to learn from: {', '.join(self.uses_)} are used as "
                f"{' or '.join(sorted(of_kind))}. Say what one is used as, such as columns={{"
                f"{next(iter(self.uses_))!r}: 'category'}}."
            )
        trees, rng = self.kind == "tree", check_random_state(self.random_state)
        makers: dict[str, Any] = {
            "number": lambda name: NumberReader(name, boolean=False),
            "boolean": lambda name: NumberReader(name, boolean=True),
            "date": lambda name: DateReader(name, cyclic=not trees),
        }
        self.readers_: list[Any] = [makers[use.kind](name) for name, use in self.uses_.items() if use.kind in makers]
        for reader in self.readers_:
            reader.fit(frame[reader.name])
        names = {reader.name: reader.names_ for reader in self.readers_}
        self.numbers_ = NumberColumns(names, scaled=not trees).fit(self._numbers(frame)) if names else None
        self.others_: list[Any] = [
            CategoryReader(name, self.max_categories, trees).fit(frame[name]) for name in of_kind.get("category", [])
        ]
        for name in of_kind.get("text", []):
            reader = TextReader(name, self.n_components, dense=self.kind != "linear")
            self.others_.append(reader.fit(frame[name], int(rng.randint(_MAX_SEED))))
        return self

    def _numbers(self, frame: Any) -> NDArray[np.float64]:
        return np.hstack([reader.read(frame[reader.name]) for reader in self.readers_])

    def _read(self, X: Any, how: str) -> Any:
        check_is_fitted(self)
        if not self.uses_:
            X = _flat(X)
            return X if self.scaler_ is None else within_reach(self.scaler_.transform(X))
        if not is_table_of_columns(X) and self.n_features_in_ > 1:
            raise ValueError(
                f"TableEncoder was fitted to a table of the columns {', '.join(self.uses_)}, and got {_shown(X)}."
            )
        frame = as_frame(X)
        used = [*(reader.name for reader in self.readers_), *(one.name for one in self.others_)]
        if gone := [name for name in used if name not in frame.columns]:
            raise ValueError(f"TableEncoder was fitted to columns that are not there: {', '.join(gone)}.")
        rows = len(frame)
        chunks = [self._chunk(frame.iloc[first : first + _CHUNK], how) for first in range(0, max(rows, 1), _CHUNK)]
        if len(chunks) == 1:
            return chunks[0]
        if not sparse.issparse(chunks[0]):
            return np.concatenate(chunks)
        return _with_short_indices(sparse.vstack(chunks, format="csr"))

    def _chunk(self, frame: Any, how: str) -> Any:
        """Some rows at a time: counts of words are larger than what comes out."""
        parts = [] if self.numbers_ is None else [getattr(self.numbers_, how)(self._numbers(frame))]
        parts += [getattr(one, how)(frame[one.name]) for one in self.others_]
        width = sum(part.shape[1] for part in parts)
        if how == "embed" or self.kind != "linear" or width <= _DENSE_COLUMNS:
            return np.hstack([part.toarray() if sparse.issparse(part) else part for part in parts])
        return _with_short_indices(sparse.hstack([sparse.csr_array(part) for part in parts], format="csr"))


def _with_short_indices(Z: Any) -> Any:
    """Indices of 32 bits as far as they go: liblinear takes no others."""
    if Z.nnz < np.iinfo(np.int32).max:
        Z.indices, Z.indptr = Z.indices.astype(np.int32, copy=False), Z.indptr.astype(np.int32, copy=False)
    return Z


def _flat(X: Any) -> Any:
    return X.reshape(len(X), -1) if getattr(X, "ndim", 2) > 2 else X


def _shown(X: Any) -> str:
    shape = getattr(X, "shape", None)
    return type(X).__name__ if shape is None else f"{type(X).__name__} of shape {tuple(shape)}"
