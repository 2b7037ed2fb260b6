"""Scores documents by the terms they share with a query (BM25, Robertson and Zaragoza 2009)."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Scores = NDArray[np.float32]
Terms = Mapping[str, float]
SATURATION = 1.2
#: a collection counts as at least this large: in a library of three cases no word has shown itself to be common
SMALLEST_COLLECTION = 100
LENGTH_NORMALISATION = 0.5


class LexicalIndex:
    """BM25 over weighted terms. A document is a mapping of term to (weighted) frequency."""

    def __init__(self, documents: Sequence[Terms]) -> None:
        self._columns: dict[str, int] = {}
        rows, columns, frequencies = self._triplets(documents)
        shape = (len(documents), len(self._columns))
        counts = sparse.csr_matrix((frequencies, (rows, columns)), shape=shape, dtype=np.float32)
        self._idf = inverse_frequency(np.diff(counts.tocsc().indptr), len(documents))
        self._unseen_idf = float(inverse_frequency(np.zeros(1), len(documents))[0])
        self._weights = saturate(counts).tocsc()

    def __contains__(self, term: str) -> bool:
        return term in self._columns

    def scores(self, terms: Terms) -> Scores:
        """Return one score per document: the share, 0 to 1, of the query's weight that the document answers."""
        known = [(self._columns[term], weight) for term, weight in terms.items() if term in self._columns]
        total = self.query_weight(terms)
        if not known or not total:
            return np.zeros(self._weights.shape[0], dtype=np.float32)
        columns = np.array([column for column, _ in known])
        weights = np.array([weight for _, weight in known], dtype=np.float32) * self._idf[columns]
        scored = self._weights[:, columns] @ weights
        return np.asarray(scored / total, dtype=np.float32)

    def query_weight(self, terms: Terms) -> float:
        """Return the total weight of the query's terms; a term that no document has counts as the rarest."""
        return sum(weight * self.idf(term) for term, weight in terms.items())

    def idf(self, term: str) -> float:
        column = self._columns.get(term)
        return self._unseen_idf if column is None else float(self._idf[column])

    def _triplets(self, documents: Sequence[Terms]) -> tuple[list[int], list[int], list[float]]:
        rows: list[int] = []
        columns: list[int] = []
        frequencies: list[float] = []
        for row, document in enumerate(documents):
            for term, frequency in document.items():
                rows.append(row)
                columns.append(self._columns.setdefault(term, len(self._columns)))
                frequencies.append(frequency)
        return rows, columns, frequencies


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
