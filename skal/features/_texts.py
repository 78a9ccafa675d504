"""One column of text: words and characters weighed by how rare they are, and a short dense form of that."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

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
        """Learn words and pieces of words, how rare they are, and the directions of the dense form."""
        texts = plain_texts(column)
        known = [text for text in texts if text]
        self.vectorizers_: list[tuple[str, Any]] = []
        min_df = 2 if len(known) >= _MANY else 1
        short = not known or float(np.mean([len(text) for text in known])) <= _SHORT
        words = TfidfVectorizer(
            ngram_range=(1, 1) if short else (1, 2), min_df=min_df, sublinear_tf=True, max_features=_MAX_WORDS
        )
        kinds: dict[str, Any] = {"word": words}
        if short:
            kinds["characters"] = _PieceVectorizer(min_df)
        parts = []
        for kind, vectorizer in kinds.items():
            try:
                parts.append(vectorizer.fit_transform(texts))
            except ValueError:  # no word at all, as where all texts are missing
                continue
            self.vectorizers_.append((kind, vectorizer))
        Z = _LENGTH * _side_by_side(parts, len(texts))
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
        parts = [vectorizer.transform(texts) for _, vectorizer in self.vectorizers_]
        return _LENGTH * _side_by_side(parts, len(texts))


class _PieceVectorizer:
    """TF-IDF of two to four characters within words, as ``TfidfVectorizer(analyzer="char_wb")`` has it.

    Pieces do not go beyond a word, so they are cut from every different word once and not from every text: several
    times faster, with the same numbers.
    """

    def __init__(self, min_df: int) -> None:
        self.min_df = min_df

    def fit_transform(self, texts: list[str]) -> Any:
        """Learn the pieces, and return their weights in these texts."""
        words, counts = _words(texts)
        pieces = CountVectorizer(analyzer="char_wb", ngram_range=(2, 4))
        counts = counts @ pieces.fit_transform(words)
        n_texts = counts.getnnz(axis=0)
        total = np.asarray(counts.sum(axis=0)).ravel()
        kept = np.flatnonzero(n_texts >= self.min_df)
        kept = np.sort(kept[np.argsort(-total[kept], kind="stable")[:_MAX_WORDS]])
        self.names_ = pieces.get_feature_names_out()[kept]
        self.pieces_ = CountVectorizer(analyzer="char_wb", ngram_range=(2, 4), vocabulary=self.names_)
        self.tfidf_ = TfidfTransformer(sublinear_tf=True)
        return self.tfidf_.fit_transform(counts[:, kept])

    def transform(self, texts: list[str]) -> Any:
        try:
            words, counts = _words(texts)
        except ValueError:  # not a single word
            return sparse.csr_array((len(texts), len(self.names_)))
        return self.tfidf_.transform(counts @ self.pieces_.transform(words))

    def get_feature_names_out(self) -> NDArray[Any]:
        return np.asarray(self.names_)


def _words(texts: list[str]) -> tuple[NDArray[Any], Any]:
    """All different words, and how often each text has each."""
    counter = CountVectorizer(analyzer=_split)
    counts = counter.fit_transform(texts)
    return counter.get_feature_names_out(), counts


def _split(text: str) -> list[str]:
    return text.lower().split()


def _side_by_side(parts: list[Any], n: int) -> Any:
    return sparse.csr_array(sparse.hstack(parts)) if parts else sparse.csr_array((n, 0))
