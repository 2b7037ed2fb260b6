"""Says why a case was chosen: the facts it shares with the query and the passages that answer it."""

from dataclasses import dataclass

from knowledge.retrieval.analysis import Channel, ChannelTerms
from knowledge.retrieval.case_index import CaseIndex
from knowledge.retrieval.facts import counted_size, province, sizes_alike
from knowledge.retrieval.labels import LabelProfiles
from knowledge.retrieval.lexical_index import Scores
from knowledge.retrieval.library import CaseDocument, SearchQuery
from knowledge.retrieval.results import Passage, Reason, ReasonCode
from knowledge.retrieval.tokens import product_codes

#: how likely a label must be, the likeliest being 1, to be given as a reason
LIKELY, RELATED, CLOSE_MEANING = 0.6, 0.6, 0.5
#: weight of a word that one case in twenty has; commoner words explain nothing
TELLING = 3.0
MOST_PASSAGES, MOST_WORDS, MOST_LABELS = 2, 4, 2


@dataclass(frozen=True)
class Evidence:
    """What the query seems to be about: one likelihood per label of the library."""

    pain_points: Scores
    methods: Scores
    industries: Scores


def explain(
    query: SearchQuery, case: CaseDocument, index: CaseIndex, evidence: Evidence, *, meaning: float
) -> tuple[Reason, ...]:
    """Return the reasons, strongest first."""
    reasons = pain_point_reasons(query, case, index.pain_points, evidence.pain_points)
    reasons += industry_reasons(query, case, index.industries, evidence.industries)
    codes = [product for product in case.products if set(product_codes(product)) & set(product_codes(query.text))]
    if codes:
        reasons.append(Reason(ReasonCode.SAME_PRODUCT, {"products": codes}))
    if sizes_alike(counted_size(query.size), counted_size(case.size)):
        reasons.append(Reason(ReasonCode.SIMILAR_SIZE, {"size": case.size}))
    if query.region and province(query.region) == province(case.region):
        reasons.append(Reason(ReasonCode.SAME_REGION, {"region": province(case.region)}))
    if words := shared_words(query, case, index):
        reasons.append(Reason(ReasonCode.SHARED_WORDS, {"words": words}))
    if meaning >= CLOSE_MEANING:
        reasons.append(Reason(ReasonCode.SIMILAR_MEANING, {"similarity": round(meaning, 2)}))
    return tuple(reasons)


def pain_point_reasons(
    query: SearchQuery, case: CaseDocument, profiles: LabelProfiles, likelihood: Scores
) -> list[Reason]:
    stated = [code for code in query.pain_points if code in case.pain_points]
    if stated:
        return [Reason(ReasonCode.SAME_PAIN_POINTS, {"pain_points": stated})]
    likely = sorted(zip(likelihood, profiles.codes, strict=True), reverse=True)
    guessed = [code for value, code in likely if value >= LIKELY and code in case.pain_points][:MOST_LABELS]
    return [Reason(ReasonCode.LIKELY_PAIN_POINTS, {"pain_points": guessed})] if guessed else []


def industry_reasons(
    query: SearchQuery, case: CaseDocument, profiles: LabelProfiles, likelihood: Scores
) -> list[Reason]:
    if not query.industry or not case.industry:
        return []
    if query.industry == case.industry:
        return [Reason(ReasonCode.SAME_INDUSTRY, {"industry": case.industry})]
    related = {code for code, value in zip(profiles.codes, likelihood, strict=True) if value >= RELATED}
    if case.industry not in related:
        return []
    return [Reason(ReasonCode.RELATED_INDUSTRY, {"industry": case.industry, "of": query.industry})]


def shared_words(query: SearchQuery, case: CaseDocument, index: CaseIndex) -> list[str]:
    """Return the rarest words of two or more characters that the query and the case's own text share."""
    told = {word for sentence in index.sentences(case) for word in sentence.terms[Channel.WORDS]}
    words = index.channels[Channel.WORDS]
    asked = index.analyser.terms((query.text, 1.0))[Channel.WORDS]
    shared = [word for word in asked if word in told and len(word) > 1 and words.idf(word) >= TELLING]
    whole = [word for word in shared if not any(word in other and word != other for other in shared)]
    return sorted(whole, key=lambda word: -words.idf(word))[:MOST_WORDS]


def matching_passages(case: CaseDocument, terms: ChannelTerms, index: CaseIndex) -> tuple[Passage, ...]:
    """Return the sentences of the case that answer most of the query, best first."""
    weighed = ((overlap(sentence.terms, terms, index), sentence.passage) for sentence in index.sentences(case))
    scored = sorted(((weight, passage) for weight, passage in weighed if weight > 0), key=lambda pair: -pair[0])
    return tuple(passage for _, passage in scored[:MOST_PASSAGES])


def overlap(told: ChannelTerms, terms: ChannelTerms, index: CaseIndex) -> float:
    """Return the weight of the query's words and concepts that a sentence holds."""
    return sum(
        index.channels[channel].idf(term)
        for channel in (Channel.WORDS, Channel.CONCEPTS, Channel.BIGRAMS)
        for term in told[channel]
        if term in terms[channel]
    )
