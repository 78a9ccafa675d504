"""One column of text: words and characters weighed by how rare they are, and a short dense form of that."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from skal.features._values import plain_texts

_SHORT = 200  # characters, on average: pieces of words cost too much in longer texts, which have words enough
_MANY = 200  # texts from which a word that occurs in one of them only is left out
_MAX_WORDS = 50_000  # of each vectorizer
_REDUCED_ON = 5_000  # rows from which the dense form is learned
# The default penalty of a logistic regression is made for features of variance 1. Rows of TF-IDF have length 1, at
# which it hardly learns: on banking77, 300 labels, 19 % accuracy at length 1 and 47 % at length 4 (docs/columns.md).
_LENGTH = 4.0


class TextReader:
    """Text as a sparse table of words and pieces of words; as a dense one by a truncated SVD of it."""

    def __init__(self, name: str, n_components: int, dense: bool) -> None:
        self.name = name
        self.n_components = n_components
        self.dense = dense

    def fit(self, column: Any, seed: int) -> TextReader:
        texts = plain_texts(column)
        known = [text for text in texts if text]
        self.vectorizers_: list[tuple[str, Any]] = []
        counted_twice = 2 if len(known) >= _MANY else 1
        shared: dict[str, Any] = {"min_df": counted_twice, "sublinear_tf": True, "max_features": _MAX_WORDS}
        short = not known or float(np.mean([len(text) for text in known])) <= _SHORT
        kinds: dict[str, dict[str, Any]] = {"word": {"ngram_range": (1, 1) if short else (1, 2)}}
        if short:
            kinds["characters"] = {"analyzer": "char_wb", "ngram_range": (2, 4)}
        for kind, options in kinds.items():
            try:
                self.vectorizers_.append((kind, TfidfVectorizer(**options, **shared).fit(known)))
            except ValueError:  # no word at all, as where all texts are missing
                continue
        Z = self._sparse(texts)
        self.svd_ = None
        n_dense = min(self.n_components, len(texts))
        if Z.shape[1] > n_dense:
            rows = np.random.RandomState(seed).permutation(len(texts))[:_REDUCED_ON]
            self.svd_ = TruncatedSVD(n_dense, n_iter=3, random_state=seed).fit(Z[rows])
        n_dense = min(n_dense, Z.shape[1])
        if self.dense:
            self.feature_names_ = [f"{self.name}: direction {place}" for place in range(n_dense)]
        else:
            self.feature_names_ = [
                f"{self.name}: {kind} {word}"
                for kind, vectorizer in self.vectorizers_
                for word in vectorizer.get_feature_names_out()
            ]
        return self

    def transform(self, column: Any) -> Any:
        return self.embed(column) if self.dense else self._sparse(plain_texts(column))

    def embed(self, column: Any) -> NDArray[np.float64]:
        Z = self._sparse(plain_texts(column))
        return np.asarray(Z.toarray() if self.svd_ is None else self.svd_.transform(Z))

    def _sparse(self, texts: list[str]) -> Any:
        if not self.vectorizers_:
            return sparse.csr_array((len(texts), 0))
        parts = [vectorizer.transform(texts) for _, vectorizer in self.vectorizers_]
        return sparse.csr_array(sparse.hstack(parts)) * (_LENGTH)
