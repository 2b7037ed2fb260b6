"""Everything about the cases that can be worked out before a query comes: built from the library, rebuilt at will."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge.retrieval.analysis import Channel, ChannelTerms, TextAnalyser, case_texts, company_words
from knowledge.retrieval.dense_index import DenseIndex
from knowledge.retrieval.labels import LabelProfiles
from knowledge.retrieval.lexical_index import LexicalIndex, TermRow, Vocabulary
from knowledge.retrieval.library import CaseDocument, Library
from knowledge.retrieval.results import Passage
from knowledge.text_encoder import Vectors

NAME, EXPLANATION = 3.0, 2.5
Rows = NDArray[np.intp]
CaseRows = Mapping[Channel, TermRow]
SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
SEARCHED_PARTS = ("title", "situation", "story")


@dataclass(frozen=True, slots=True)
class SentenceTerms:
    """One sentence of a case and what it says."""

    passage: Passage
    terms: ChannelTerms


@dataclass(frozen=True)
class Analysed:
    """What an index lends to the next: the way of cutting text, the columns of terms, and the cases cut so far."""

    words: frozenset[str]
    analyser: TextAnalyser
    vocabularies: Mapping[Channel, Vocabulary]
    rows: dict[CaseDocument, CaseRows]


class CaseIndex:
    """Terms, labels, facts and vectors of all cases, one row per case.

    `earlier` lends the analysis of unchanged cases, so that one new case costs little. `vectors` holds the text
    encoder's vector of each case by id; without a vector for every case the index answers from words alone.
    """

    def __init__(
        self, library: Library, *, vectors: Mapping[str, Vectors] | None = None, earlier: "CaseIndex | None" = None
    ) -> None:
        self.library = library
        self.cases: Sequence[CaseDocument] = tuple(library.cases)
        self.row_by_id = {case.case_id: row for row, case in enumerate(self.cases)}
        self.analysed = self._analysed(earlier)
        counts = {
            channel: vocabulary.matrix([self.analysed.rows[case][channel] for case in self.cases])
            for channel, vocabulary in self.analysed.vocabularies.items()
        }
        self.channels = {
            channel: LexicalIndex(self.analysed.vocabularies[channel], counts[channel]) for channel in Channel
        }
        self._profile_labels(counts)
        self.dense = self._dense_index(vectors or {})
        self._sentences: dict[str, tuple[SentenceTerms, ...]] = {}

    @property
    def analyser(self) -> TextAnalyser:
        return self.analysed.analyser

    def terms(self, case: CaseDocument) -> ChannelTerms:
        """Return what a case says, per channel."""
        return self.analyser.terms(*case_texts(case, self.library))

    def sentences(self, case: CaseDocument) -> tuple[SentenceTerms, ...]:
        """Return the sentences of a case with their terms, worked out when first asked for."""
        known = self._sentences.get(case.case_id)
        if known is None:
            known = tuple(
                SentenceTerms(
                    Passage(part, found.start(), found.end(), found.group()), self.analyser.terms((found.group(), 1.0))
                )
                for part in SEARCHED_PARTS
                for found in SENTENCE.finditer(getattr(case, part))
            )
            self._sentences[case.case_id] = known
        return known

    def rows(self, allowed: frozenset[str] | None) -> Rows:
        """Return the rows that may be searched: all, or those of the allowed case ids."""
        if allowed is None:
            return np.arange(len(self.cases))
        permitted = sorted(self.row_by_id[case_id] for case_id in allowed if case_id in self.row_by_id)
        return np.array(permitted, dtype=np.intp)

    def _analysed(self, earlier: "CaseIndex | None") -> Analysed:
        words = frozenset(company_words(self.library))
        lent = earlier.analysed if earlier and earlier.library.says_the_same(self.library) else None
        if lent is None or not words <= lent.words:
            lent = Analysed(words, TextAnalyser(words), {channel: Vocabulary() for channel in Channel}, {})
        known = lent.rows
        rows = {case: known[case] if case in known else self._cut(case, lent) for case in self.cases}
        return Analysed(lent.words, lent.analyser, lent.vocabularies, rows)

    def _cut(self, case: CaseDocument, lent: Analysed) -> CaseRows:
        terms = lent.analyser.terms(*case_texts(case, self.library))
        return {channel: vocabulary.row(terms[channel]) for channel, vocabulary in lent.vocabularies.items()}

    def _profile_labels(self, counts: Mapping[Channel, sparse.csr_matrix]) -> None:
        industries = sorted({case.industry for case in self.cases if case.industry})
        self.pain_points = self._profiles(
            counts,
            {entry.code: ((entry.name, NAME), (" ".join(entry.aliases), NAME)) for entry in self.library.pain_points},
            [case.pain_points for case in self.cases],
        )
        self.methods = self._profiles(
            counts,
            {
                method.code: (
                    (method.name, NAME),
                    (method.definition + " ".join(method.typical_situations), EXPLANATION),
                )
                for method in self.library.methods
            },
            [case.methods for case in self.cases],
        )
        self.industries = self._profiles(
            counts, {name: ((name, NAME),) for name in industries}, [(case.industry,) for case in self.cases]
        )

    def _profiles(
        self,
        counts: Mapping[Channel, sparse.csr_matrix],
        wordings: Mapping[str, tuple[tuple[str, float], ...]],
        case_labels: Sequence[Sequence[str]],
    ) -> LabelProfiles:
        profiles = LabelProfiles(tuple(wordings), case_labels)
        terms = [self.analyser.terms(*texts) for texts in wordings.values()]
        profiles.describe(terms, self.analysed.vocabularies, counts)
        return profiles

    def _dense_index(self, vectors: Mapping[str, Vectors]) -> DenseIndex | None:
        if not self.cases or any(case.case_id not in vectors for case in self.cases):
            return None
        return DenseIndex(np.stack([vectors[case.case_id] for case in self.cases]))
