"""Everything about the cases that can be worked out before a query comes: built from the library, rebuilt at will."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.retrieval.analysis import Channel, ChannelTerms, TextAnalyser, case_texts, company_words
from knowledge.retrieval.dense_index import DenseIndex
from knowledge.retrieval.facts import counted_size, province
from knowledge.retrieval.labels import LabelProfiles
from knowledge.retrieval.lexical_index import LexicalIndex
from knowledge.retrieval.library import CaseDocument, Library
from knowledge.retrieval.results import Passage
from knowledge.text_encoder import Vectors

NAME, EXPLANATION = 3.0, 2.5
Rows = NDArray[np.intp]
SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
SEARCHED_PARTS = ("title", "situation", "story")


@dataclass(frozen=True, slots=True)
class SentenceTerms:
    """One sentence of a case and what it says."""

    passage: Passage
    terms: ChannelTerms


class CaseIndex:
    """Terms, labels, facts and vectors of all cases, one row per case.

    `earlier` lends the analysis of unchanged cases, so that one new case costs little. `vectors` holds the text
    encoder's vector of each case by id; without a vector for every case the index answers from words alone.
    """

    def __init__(
        self, library: Library, *, vectors: Mapping[str, Vectors] | None = None, earlier: "CaseIndex | None" = None
    ) -> None:
        self.library = library
        self.vectors = dict(vectors or {})
        self.cases: Sequence[CaseDocument] = tuple(library.cases)
        self.row_by_id = {case.case_id: row for row, case in enumerate(self.cases)}
        words = frozenset(company_words(library))
        self._words = words
        self.analyser: TextAnalyser = earlier.analyser if earlier and earlier.knows(words) else TextAnalyser(words)
        self._terms = self._analyse(earlier)
        rows = [self._terms[case] for case in self.cases]
        self.channels = {channel: LexicalIndex([terms[channel] for terms in rows]) for channel in Channel}
        self._profile_labels(rows)
        self.sizes = [counted_size(case.size) for case in self.cases]
        self.provinces = np.array([province(case.region) for case in self.cases])
        self.dense = self._dense_index()
        self._sentences: dict[str, tuple[SentenceTerms, ...]] = {}

    def sentences(self, case: CaseDocument) -> tuple["SentenceTerms", ...]:
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

    def knows(self, words: frozenset[str]) -> bool:
        return words <= self._words

    def terms(self, case: CaseDocument) -> ChannelTerms:
        """Return what a case says, per channel."""
        return self._terms[case]

    def rows(self, allowed: frozenset[str] | None) -> Rows:
        """Return the rows that may be searched: all, or those of the allowed case ids."""
        if allowed is None:
            return np.arange(len(self.cases))
        return np.array(
            sorted(self.row_by_id[case_id] for case_id in allowed if case_id in self.row_by_id), dtype=np.intp
        )

    def analysed(self, library: Library, analyser: TextAnalyser) -> Mapping[CaseDocument, ChannelTerms]:
        """Return the cases whose analysis still holds for the given library and analyser."""
        unchanged = (
            analyser is self.analyser
            and library.method_by_code == self.library.method_by_code
            and library.pain_point_by_code == self.library.pain_point_by_code
        )
        return self._terms if unchanged else {}

    def _analyse(self, earlier: "CaseIndex | None") -> dict[CaseDocument, ChannelTerms]:
        lent = earlier.analysed(self.library, self.analyser) if earlier else {}
        return {
            case: lent[case] if case in lent else self.analyser.terms(*case_texts(case, self.library))
            for case in self.cases
        }

    def _profile_labels(self, rows: Sequence[ChannelTerms]) -> None:
        terms = self.analyser.terms
        self.pain_points = LabelProfiles(
            {
                entry.code: terms((entry.name, NAME), (" ".join(entry.aliases), NAME))
                for entry in self.library.pain_points
            },
            rows,
            [case.pain_points for case in self.cases],
        )
        self.methods = LabelProfiles(
            {
                method.code: terms(
                    (method.name, NAME), (method.definition + " ".join(method.typical_situations), EXPLANATION)
                )
                for method in self.library.methods
            },
            rows,
            [case.methods for case in self.cases],
        )
        industries = sorted({case.industry for case in self.cases if case.industry})
        self.industries = LabelProfiles(
            {industry: terms((industry, NAME)) for industry in industries},
            rows,
            [(case.industry,) for case in self.cases],
        )

    def _dense_index(self) -> DenseIndex | None:
        if not self.cases or any(case.case_id not in self.vectors for case in self.cases):
            return None
        return DenseIndex(np.stack([self.vectors[case.case_id] for case in self.cases]))
