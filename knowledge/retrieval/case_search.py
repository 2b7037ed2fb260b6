"""Finds the cases that fit a question or a customer: a weighted sum of shared words, meanings and facts."""

from dataclasses import dataclass

import numpy as np

from crm_core.foundation.errors import Unavailable
from knowledge.retrieval.analysis import Channel, ChannelTerms
from knowledge.retrieval.case_index import CaseIndex, Rows
from knowledge.retrieval.confidence import features, probability
from knowledge.retrieval.diversity import Chooser, Scored, choose_best
from knowledge.retrieval.labels import LabelProfiles, scaled
from knowledge.retrieval.lexical_index import Scores
from knowledge.retrieval.library import SearchQuery
from knowledge.retrieval.reasons import Evidence, explain, matching_passages
from knowledge.retrieval.results import Hit, SearchResult
from knowledge.retrieval.weights import SearchWeights, tuned_weights
from knowledge.text_encoder import TextEncoder

#: how much the words of a customer's facts count beside those of the question
FACT_WORDS, PAIN_POINT_WORDS = 0.5, 0.7
#: how many of the best cases speak for their methods, and how many methods are named
METHOD_VOTERS, METHODS_NAMED = 8, 5
CANDIDATES = 30
FACETS = ("meaning", "stated_pain_points", "likely_pain_points", "likely_methods", "industry")
#: reasons are worked out for the hits that a person looks at
EXPLAINED = 20


@dataclass(frozen=True)
class Scoring:
    """All parts of one search over the allowed rows, before any case is chosen."""

    rows: Rows
    terms: ChannelTerms
    parts: dict[str, Scores]
    total: Scores
    evidence: Evidence
    is_degraded: bool


class CaseSearch:
    """Searches one index. Safe to share between threads: nothing changes after construction."""

    def __init__(
        self, index: CaseIndex, *, encoder: TextEncoder | None = None, weights: SearchWeights | None = None
    ) -> None:
        self.index = index
        self._encoder = encoder if index.dense is not None else None
        self._weights = weights or tuned_weights()

    @property
    def is_degraded(self) -> bool:
        return self._encoder is None

    def search(
        self,
        query: SearchQuery,
        *,
        allowed: frozenset[str] | None = None,
        limit: int = 10,
        choose: Chooser = choose_best,
    ) -> SearchResult:
        """Return the best allowed cases. Cases outside `allowed` take no part at all, not even in the scaling.

        `choose` takes `limit` of the best candidates, by default simply the first.
        """
        rows = self.index.rows(allowed)
        if not len(rows) or not (query.full_text.strip() or query.pain_points):
            return SearchResult((), (), 0.0, abstained=True, degraded=self.is_degraded)
        scoring = self.score(query, rows)
        ranked = self._ranked(scoring, max(limit, CANDIDATES))
        confidence = self._confidence(query, ranked, scoring)
        return SearchResult(
            hits=tuple(
                self._hit(query, scoring, scored) if place < EXPLAINED else Hit(scored[0].case_id, scored[1])
                for place, scored in enumerate(choose(ranked, limit))
            ),
            methods=self._methods(ranked, scoring.evidence.methods),
            confidence=confidence,
            abstained=not ranked or confidence < self._weights.confidence.abstain_below,
            degraded=scoring.is_degraded,
        )

    def score(self, query: SearchQuery, rows: Rows) -> Scoring:
        """Return every part of every row's score, and their weighted sum."""
        terms = self._query_terms(query)
        sharpness = self._weights.sharpness
        evidence = Evidence(
            pain_points=self.index.pain_points.likelihood(terms, sharpness),
            methods=self.index.methods.likelihood(terms, sharpness),
            industries=self._industries(query),
        )
        parts: dict[str, Scores] = {
            channel: self.index.channels[channel].scores(terms[channel])[rows] for channel in Channel
        }
        parts["likely_pain_points"] = self.index.pain_points.cases_with(evidence.pain_points)[rows]
        parts["likely_methods"] = self.index.methods.cases_with(evidence.methods)[rows]
        stated = self.index.pain_points.stated(query.pain_points)
        parts["stated_pain_points"] = self.index.pain_points.cases_with(stated)[rows]
        parts["industry"] = self.index.industries.cases_with(evidence.industries)[rows]
        meaning = self._meaning(query, rows)
        parts["meaning"] = np.zeros(len(rows), dtype=np.float32) if meaning is None else meaning
        return Scoring(rows, terms, parts, self._total(parts, len(rows)), evidence, is_degraded=meaning is None)

    def _ranked(self, scoring: Scoring, count: int) -> list[Scored]:
        order = np.argsort(-scoring.total, kind="stable")[:count]
        return [(self.index.cases[scoring.rows[at]], float(scoring.total[at])) for at in order if scoring.total[at] > 0]

    def _confidence(self, query: SearchQuery, ranked: list[Scored], scoring: Scoring) -> float:
        if not ranked:
            return 0.0
        return probability(features(query, ranked[0][0], self.index, scoring.parts), self._weights.confidence)

    def _query_terms(self, query: SearchQuery) -> ChannelTerms:
        by_code = self.index.library.pain_point_by_code
        names = [(by_code[code].name, PAIN_POINT_WORDS) for code in query.pain_points if code in by_code]
        return self.index.analyser.terms(
            (query.text, 1.0), (query.industry, FACT_WORDS), (query.size, FACT_WORDS), *names
        )

    def _industries(self, query: SearchQuery) -> Scores:
        """Return how near the library's industries are to the customer's own trade, whatever it is called."""
        profiles: LabelProfiles = self.index.industries
        if not query.industry:
            return np.zeros(len(profiles.codes), dtype=np.float32)
        terms = self.index.analyser.terms((query.industry, 1.0), (query.size, 0.5), (query.text, 0.3))
        return np.maximum(profiles.likelihood(terms, self._weights.sharpness), profiles.stated([query.industry]))

    def _meaning(self, query: SearchQuery, rows: Rows) -> Scores | None:
        """Return similarities by the encoder; None where there is none, or its model has gone missing."""
        if self._encoder is None or self.index.dense is None:
            return None
        try:
            vector = self._encoder.encode([query.full_text], query=True)
        except Unavailable:
            return None
        return self.index.dense.scores(vector[0], rows)

    def _total(self, parts: dict[str, Scores], count: int) -> Scores:
        total = np.zeros(count, dtype=np.float32)
        for channel, weight in self._weights.channels.items():
            total += weight * scaled(parts[channel])
        for name in FACETS:
            total += getattr(self._weights, name) * scaled(parts[name])
        return total

    def _methods(self, ranked: list[Scored], likelihood: Scores) -> tuple[str, ...]:
        votes = {
            code: self._weights.method_likelihood * float(value)
            for code, value in zip(self.index.methods.codes, likelihood, strict=True)
        }
        for case, score in ranked[:METHOD_VOTERS]:
            for code in case.methods:
                if code in votes:
                    votes[code] += (score / ranked[0][1]) ** 2
        return tuple(sorted(votes, key=lambda code: -votes[code])[:METHODS_NAMED])

    def _hit(self, query: SearchQuery, scoring: Scoring, scored: Scored) -> Hit:
        case, score = scored
        at = int(np.searchsorted(scoring.rows, self.index.row_by_id[case.case_id]))
        meaning = float(scoring.parts["meaning"][at])
        return Hit(
            case_id=case.case_id,
            score=score,
            reasons=explain(query, case, self.index, scoring.evidence, meaning=meaning),
            passages=matching_passages(case, scoring.terms, self.index),
        )
