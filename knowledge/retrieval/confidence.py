"""Says how sure a search is that the library holds anything that fits, so that it can keep silent."""

import math
from collections.abc import Mapping

from knowledge.retrieval.analysis import Channel, ChannelTerms
from knowledge.retrieval.case_index import CaseIndex
from knowledge.retrieval.lexical_index import Scores
from knowledge.retrieval.library import CaseDocument, SearchQuery
from knowledge.retrieval.weights import ConfidenceCurve

#: how well a case answers a word that it does not hold: by the same concept or characters, or by sound alone
SAME_MEANING, SAME_SOUND = 0.8, 0.6
FEATURES = ("answered", "unknown", "best_bigrams")


def features(query: SearchQuery, best: CaseDocument, index: CaseIndex, parts: Mapping[str, Scores]) -> dict[str, float]:
    """Return how much of what was asked the best case answers, and how much the library has never heard of."""
    words = index.analyser.word_terms(query.text or query.full_text)
    weights = {word: index.channels[Channel.WORDS].idf(word) for word in words}
    total = sum(weights.values()) or 1.0
    told = index.terms(best)
    vocabulary = index.channels[Channel.WORDS]
    strange = [word for word, terms in words.items() if word not in vocabulary and not terms[Channel.CONCEPTS]]
    return {
        "answered": sum(weights[word] * answers(word, terms, told) for word, terms in words.items()) / total,
        "unknown": sum(weights[word] for word in strange) / total,
        "best_bigrams": float(parts[Channel.BIGRAMS].max()),
    }


def answers(word: str, terms: ChannelTerms, told: ChannelTerms) -> float:
    """Return how well a case answers one word of the query, 0 to 1."""
    if word in told[Channel.WORDS]:
        return 1.0
    if any(concept in told[Channel.CONCEPTS] for concept in terms[Channel.CONCEPTS]):
        return SAME_MEANING
    if holds_all(Channel.BIGRAMS, terms, told):
        return SAME_MEANING
    return SAME_SOUND if holds_all(Channel.SOUNDS, terms, told) else 0.0


def holds_all(channel: Channel, terms: ChannelTerms, told: ChannelTerms) -> bool:
    return bool(terms[channel]) and all(term in told[channel] for term in terms[channel])


def probability(values: Mapping[str, float], curve: ConfidenceCurve) -> float:
    """Return the calibrated probability that something fits."""
    exponent = curve.intercept + sum(weight * values[name] for name, weight in curve.coefficients.items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, exponent))))
