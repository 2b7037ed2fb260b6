"""Guesses which pain points, methods and industries a query is about, from all that is known under each label."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge.retrieval.analysis import Channel, ChannelTerms
from knowledge.retrieval.lexical_index import LexicalIndex, Scores

#: a case speaks for its label less than the label's own wording does
CASE_SHARE = 0.15
LABEL_CHANNELS = {Channel.WORDS: 1.0, Channel.BIGRAMS: 1.0, Channel.SOUNDS: 0.5, Channel.CONCEPTS: 2.0}


def scaled(scores: Scores) -> Scores:
    """Return non-negative scores divided by their largest."""
    largest = float(scores.max()) if scores.size else 0.0
    return scores / largest if largest > 0 else scores


class LabelProfiles:
    """One document per label: its own wording and, lighter, the cases filed under it."""

    def __init__(
        self,
        wordings: Mapping[str, ChannelTerms],
        case_terms: Sequence[ChannelTerms],
        case_labels: Sequence[Sequence[str]],
    ) -> None:
        self.codes = tuple(wordings)
        self._column = {code: column for column, code in enumerate(self.codes)}
        profiles = [self._profile(wordings[code]) for code in self.codes]
        self.membership = self._membership(case_labels)
        for row, column in zip(*self.membership.nonzero(), strict=True):
            self._add(profiles[column], case_terms[row], CASE_SHARE)
        self._indexes = {
            channel: LexicalIndex([profile[channel] for profile in profiles]) for channel in LABEL_CHANNELS
        }

    def likelihood(self, terms: ChannelTerms, sharpness: float) -> Scores:
        """Return one value per label, the likeliest 1."""
        total = np.zeros(len(self.codes), dtype=np.float32)
        for channel, weight in LABEL_CHANNELS.items():
            total += weight * scaled(self._indexes[channel].scores(terms[channel]))
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
        counts = np.maximum(np.asarray(self.membership.sum(axis=1)).ravel(), 1.0)
        carried: NDArray[np.float32] = np.asarray(self.membership @ likelihood, dtype=np.float32)
        return np.asarray(carried / np.sqrt(counts), dtype=np.float32)

    def _membership(self, case_labels: Sequence[Sequence[str]]) -> sparse.csr_matrix:
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

    def _profile(self, wording: ChannelTerms) -> dict[Channel, defaultdict[str, float]]:
        profile: dict[Channel, defaultdict[str, float]] = {channel: defaultdict(float) for channel in Channel}
        self._add(profile, wording, 1.0)
        return profile

    @staticmethod
    def _add(profile: Mapping[Channel, defaultdict[str, float]], terms: ChannelTerms, weight: float) -> None:
        for channel in LABEL_CHANNELS:
            for term, count in terms[channel].items():
                profile[channel][term] += weight * count
