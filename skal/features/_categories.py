"""One column of categories: the frequent ones each by themselves, the others together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skal.features._values import category_texts


class CategoryReader:
    """Categories as one-hot columns, or for trees as whole numbers (-1 for a category that the fit did not see)."""

    def __init__(self, name: str, max_categories: int, ordinal: bool) -> None:
        self.name = name
        self.max_categories = max_categories
        self.ordinal = ordinal

    def fit(self, column: Any) -> CategoryReader:
        """Learn the most frequent categories; all others become one."""
        values, counts = np.unique(category_texts(column).ravel().astype(str), return_counts=True)
        frequent = np.lexsort((values, -counts))[: self.max_categories]
        self.categories_: list[str] = sorted(values[frequent].tolist())
        self.others_ = len(values) > self.max_categories
        shown = [f"{self.name}={value}" for value in self.categories_]
        self.one_hot_names_ = [*shown, *([f"{self.name}: another"] if self.others_ else [])]
        self.feature_names_ = [self.name] if self.ordinal else self.one_hot_names_
        return self

    def transform(self, column: Any) -> Any:
        codes = self._codes(column)
        return codes.reshape(-1, 1).astype(np.float64) if self.ordinal else self._one_hot(codes)

    def embed(self, column: Any) -> NDArray[np.float64]:
        return np.asarray(self._one_hot(self._codes(column)).toarray())

    def _codes(self, column: Any) -> NDArray[np.intp]:
        import pandas as pd

        codes = pd.Index(self.categories_, dtype=object).get_indexer(category_texts(column).ravel())
        return np.where(codes < 0, len(self.categories_), codes) if self.others_ else codes

    def _one_hot(self, codes: NDArray[np.intp]) -> Any:
        known = np.flatnonzero(codes >= 0)
        shape = (len(codes), len(self.one_hot_names_))
        return sparse.csr_array((np.ones(len(known)), (known, codes[known])), shape=shape)
