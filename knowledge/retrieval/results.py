"""What a search answers with: cases, why each was chosen, and how sure it is that anything fits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ReasonParameters = Mapping[str, str | float | list[str]]


class ReasonCode(StrEnum):
    """Why a case was chosen; the sentences live in the translation catalogues."""

    SAME_PAIN_POINTS = "same_pain_points"
    LIKELY_PAIN_POINTS = "likely_pain_points"
    SAME_INDUSTRY = "same_industry"
    RELATED_INDUSTRY = "related_industry"
    SIMILAR_SIZE = "similar_size"
    SAME_REGION = "same_region"
    SAME_PRODUCT = "same_product"
    SHARED_WORDS = "shared_words"
    SIMILAR_MEANING = "similar_meaning"
    TOP_REP = "top_rep"


@dataclass(frozen=True, slots=True)
class Reason:
    """One shared fact: a code and its parameters."""

    code: ReasonCode
    parameters: ReasonParameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a case that answers the query: characters [start, end) of the named part."""

    part: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One case found. Reasons and passages are given for the first hits only."""

    case_id: str
    score: float
    reasons: tuple[Reason, ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Cases, best first, and methods worth bringing up.

    `confidence` is the probability that the library holds something that fits; `abstained` says that it is too low to
    show. `degraded` says that no text encoder took part, so paraphrases may have been missed.
    """

    hits: tuple[Hit, ...]
    methods: tuple[str, ...]
    confidence: float
    abstained: bool
    degraded: bool
