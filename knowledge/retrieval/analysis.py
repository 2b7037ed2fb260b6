"""Turns a case or a query into the terms of each channel in which they are compared."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache

from knowledge.retrieval.concepts import ConceptBank, business_concepts
from knowledge.retrieval.library import CaseDocument, Library
from knowledge.retrieval.tokens import WordCutter, bigrams, product_codes, syllable_pairs


class Channel(StrEnum):
    """One way in which texts can resemble each other."""

    WORDS = "words"
    BIGRAMS = "bigrams"
    SOUNDS = "sounds"
    CONCEPTS = "concepts"
    CODES = "codes"


ChannelTerms = Mapping[Channel, Mapping[str, float]]
WeightedText = tuple[str, float]
REMEMBERED_TEXTS = 4_096
#: how much a mention counts, by the part of the case it stands in
TITLE, SITUATION, STORY, FACTS, LABELS, EXPLANATIONS = 2.0, 2.0, 1.0, 1.0, 1.0, 0.3


class TextAnalyser:
    """Cuts cases and queries alike, with a company's own product and lexicon words known as words."""

    def __init__(self, company_words: Iterable[str] = (), concepts: ConceptBank | None = None) -> None:
        self._cutter = WordCutter(company_words)
        self._concepts = concepts or business_concepts()
        #: the wording of a label comes with each of its cases, and a query more than once
        self._counts = lru_cache(maxsize=REMEMBERED_TEXTS)(self._count)

    def terms(self, *texts: WeightedText) -> ChannelTerms:
        """Return the terms of the texts per channel, each mention counting its text's weight."""
        totals: dict[Channel, defaultdict[str, float]] = {channel: defaultdict(float) for channel in Channel}
        for text, weight in texts:
            for channel, counts in self._counts(text).items():
                for term, count in counts.items():
                    totals[channel][term] += weight * count
        return totals

    def word_terms(self, text: str) -> dict[str, ChannelTerms]:
        """Return the words of a text, each with its own terms."""
        return {word: self.terms((word, 1.0)) for word in dict.fromkeys(self._cutter.words(text))}

    def _count(self, text: str) -> Mapping[Channel, Mapping[str, float]]:
        return {
            Channel.WORDS: Counter(self._cutter.words(text)),
            Channel.BIGRAMS: Counter(bigrams(text)),
            Channel.SOUNDS: Counter(syllable_pairs(text)),
            Channel.CODES: Counter(product_codes(text)),
            Channel.CONCEPTS: self._concepts.find(text),
        }


def company_words(library: Library) -> Iterator[str]:
    """Yield the words that a company's own library teaches the word cutter."""
    for entry in library.pain_points:
        yield entry.name
        yield from entry.aliases
    for method in library.methods:
        yield method.name
    for case in library.cases:
        yield from case.products


def case_texts(case: CaseDocument, library: Library) -> Iterator[WeightedText]:
    """Yield the searchable parts of a case with their weights, codes replaced by what they stand for."""
    yield case.title, TITLE
    yield case.situation, SITUATION
    yield case.story, STORY
    yield f"{case.industry} {case.size} {case.region}", FACTS
    yield " ".join(case.products), FACTS
    for code in case.pain_points:
        if entry := library.pain_point_by_code.get(code):
            yield entry.name, LABELS
            yield " ".join(entry.aliases), EXPLANATIONS
    for code in case.methods:
        if method := library.method_by_code.get(code):
            yield method.name, LABELS
            yield method.definition + " ".join(method.typical_situations), EXPLANATIONS
