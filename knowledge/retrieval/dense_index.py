"""Finds near vectors: a cache over vectors that are kept elsewhere, rebuilt at will."""

import numpy as np
from numpy.typing import NDArray

from knowledge.text_encoder import Vectors

NEAREST = 2_000


class DenseIndex:
    """Exact inner-product search over unit vectors (FAISS flat), one vector per row."""

    def __init__(self, vectors: Vectors) -> None:
        import faiss

        self._faiss = faiss
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def scores(self, query: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """Return one similarity per given row, 0 for those that are not among the nearest of these rows."""
        found = np.zeros(self._index.ntotal, dtype=np.float32)
        wanted = self._faiss.IDSelectorBatch(rows.astype(np.int64))
        parameters = self._faiss.SearchParameters(sel=wanted)  # type: ignore[call-arg]
        similarities, nearest = self._index.search(query.reshape(1, -1), min(NEAREST, len(rows)), params=parameters)
        hits = nearest[0] >= 0
        found[nearest[0][hits]] = np.maximum(similarities[0][hits], 0.0)
        return found[rows]
