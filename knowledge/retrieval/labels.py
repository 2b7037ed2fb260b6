"""Guesses which pain points, methods and industries a query is about, from all that is known under each label."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge.retrieval.analysis import Channel, ChannelTerms
from knowledge.retrieval.lexical_index import LexicalIndex, Scores, Vocabulary

#: a case speaks for its label less than the label's own wording does
CASE_SHARE = 0.15
LABEL_CHANNELS = {Channel.WORDS: 1.0, Channel.BIGRAMS: 1.0, Channel.SOUNDS: 0.5, Channel.CONCEPTS: 2.0}


def scaled(scores: Scores) -> Scores:
    """Return non-negative scores divided by their largest."""
    largest = float(scores.max()) if scores.size else 0.0
    return scores / largest if largest > 0 else scores


class LabelProfiles:
    """One document per label: its own wording and, lighter, the cases filed under it."""

    def __init__(self, codes: Sequence[str], case_labels: Sequence[Sequence[str]]) -> None:
        self.codes = tuple(codes)
        self._column = {code: column for column, code in enumerate(self.codes)}
        self._membership = self._members(case_labels)
        counts = np.maximum(np.asarray(self._membership.sum(axis=1)).ravel(), 1.0)
        self._spread = np.sqrt(counts).astype(np.float32)
        self._indexes: dict[Channel, LexicalIndex] = {}

    def describe(
        self,
        wordings: Sequence[ChannelTerms],
        vocabularies: Mapping[Channel, Vocabulary],
        cases: Mapping[Channel, sparse.csr_matrix],
    ) -> None:
        """Take in the labels' own wordings, one per code, and the term counts of the cases."""
        for channel in LABEL_CHANNELS:
            vocabulary = vocabularies[channel]
            rows = [vocabulary.row(wording[channel]) for wording in wordings]
            own = vocabulary.matrix(rows)
            told = sparse.csr_matrix(self._membership.T @ cases[channel])
            told.resize(own.shape)
            self._indexes[channel] = LexicalIndex(vocabulary, sparse.csr_matrix(own + CASE_SHARE * told))

    def likelihood(self, terms: ChannelTerms, sharpness: float) -> Scores:
        """Return one value per label, the likeliest 1."""
        total = np.zeros(len(self.codes), dtype=np.float32)
        for channel, index in self._indexes.items():
            total += LABEL_CHANNELS[channel] * scaled(index.scores(terms[channel]))
        if not total.any():
            return total
        total /= sum(LABEL_CHANNELS.values())
        return np.asarray(np.exp((total - total.max()) * sharpness), dtype=np.float32)

    def stated(self, codes: Sequence[str]) -> Scores:
        """Return 1 for each given label, 0 for the others."""
        values = np.zeros(len(self.codes), dtype=np.float32)
        for code in codes:
            if code in self._column:
                values[self._column[code]] = 1.0
        return values

    def cases_with(self, likelihood: Scores) -> Scores:
        """Return one value per case: how much of the likelihood its labels carry, not rewarded for carrying many."""
        carried: NDArray[np.float32] = np.asarray(self._membership @ likelihood, dtype=np.float32)
        return np.asarray(carried / self._spread, dtype=np.float32)

    def _members(self, case_labels: Sequence[Sequence[str]]) -> sparse.csr_matrix:
        pairs = [
            (row, self._column[code])
            for row, codes in enumerate(case_labels)
            for code in dict.fromkeys(codes)
            if code in self._column
        ]
        rows = [row for row, _ in pairs]
        columns = [column for _, column in pairs]
        shape = (len(case_labels), len(self.codes))
        return sparse.csr_matrix((np.ones(len(pairs), dtype=np.float32), (rows, columns)), shape=shape)
