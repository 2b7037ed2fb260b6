"""Scores documents by the terms they share with a query (BM25, Robertson and Zaragoza 2009)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Scores = NDArray[np.float32]
Terms = Mapping[str, float]
SATURATION = 1.2
#: a collection counts as at least this large: in a library of three cases no word has shown itself to be common
SMALLEST_COLLECTION = 100
LENGTH_NORMALISATION = 0.5


class TermRow(NamedTuple):
    """The terms of one document as columns of a vocabulary, and how often each occurs."""

    columns: NDArray[np.int32]
    frequencies: Scores


class Vocabulary:
    """Gives each term a column, for good; it only grows, so that rows made earlier stay true."""

    def __init__(self) -> None:
        self._columns: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._columns)

    def column(self, term: str) -> int | None:
        return self._columns.get(term)

    def row(self, terms: Terms) -> TermRow:
        """Return a document's terms by column; new terms are added."""
        columns = [self._columns.setdefault(term, len(self._columns)) for term in terms]
        return TermRow(np.array(columns, dtype=np.int32), np.array(list(terms.values()), dtype=np.float32))

    def matrix(self, rows: Sequence[TermRow]) -> sparse.csr_matrix:
        """Return the rows as one matrix, as wide as the vocabulary is now."""
        shape = (len(rows), len(self._columns))
        if not rows:
            return sparse.csr_matrix(shape, dtype=np.float32)
        starts = np.cumsum([0, *(len(row.columns) for row in rows)])
        columns = np.concatenate([row.columns for row in rows])
        frequencies = np.concatenate([row.frequencies for row in rows])
        return sparse.csr_matrix((frequencies, columns, starts), shape=shape)


class LexicalIndex:
    """BM25 over weighted term counts, one row per document."""

    def __init__(self, vocabulary: Vocabulary, counts: sparse.csr_matrix) -> None:
        self._vocabulary = vocabulary
        self._width = counts.shape[1]
        weights = saturate(counts).tocsc()
        self._weights = weights
        self._idf = inverse_frequency(np.diff(weights.indptr), counts.shape[0])
        self._unseen_idf = float(inverse_frequency(np.zeros(1), counts.shape[0])[0])

    @classmethod
    def of(cls, documents: Sequence[Terms]) -> "LexicalIndex":
        """Return an index of documents with a vocabulary of their own."""
        vocabulary = Vocabulary()
        rows = [vocabulary.row(document) for document in documents]
        return cls(vocabulary, vocabulary.matrix(rows))

    def __contains__(self, term: str) -> bool:
        column = self._column(term)
        return column is not None and self._weights.indptr[column] < self._weights.indptr[column + 1]

    def scores(self, terms: Terms) -> Scores:
        """Return one score per document: the share, 0 to 1, of the query's weight that the document answers."""
        columns = np.array([self._column(term) for term in terms if term in self], dtype=np.intp)
        total = self.query_weight(terms)
        if not len(columns) or not total:
            return np.zeros(self._weights.shape[0], dtype=np.float32)
        asked = np.array([weight for term, weight in terms.items() if term in self], dtype=np.float32)
        scored = self._weights[:, columns] @ (asked * self._idf[columns])
        return np.asarray(scored / total, dtype=np.float32)

    def query_weight(self, terms: Terms) -> float:
        """Return the total weight of the query's terms; a term that no document has counts as the rarest."""
        return sum(weight * self.idf(term) for term, weight in terms.items())

    def idf(self, term: str) -> float:
        column = self._column(term)
        return self._unseen_idf if column is None else float(self._idf[column])

    def _column(self, term: str) -> int | None:
        """The column of a term; the vocabulary may have grown since this index was made."""
        column = self._vocabulary.column(term)
        return column if column is not None and column < self._width else None


def inverse_frequency(document_counts: NDArray[np.generic], total: int) -> Scores:
    counts = document_counts.astype(np.float32)
    size = max(total, SMALLEST_COLLECTION)
    return np.log1p((size - counts + 0.5) / (counts + 0.5)).astype(np.float32)


def saturate(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return frequencies bounded by 1, reduced in documents longer than the average."""
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    average = float(lengths.mean()) if lengths.size and lengths.any() else 1.0
    penalties = SATURATION * (1 - LENGTH_NORMALISATION + LENGTH_NORMALISATION * lengths / average)
    weights = counts.copy()
    weights.data = counts.data / (counts.data + np.repeat(penalties, np.diff(counts.indptr)))
    return weights
