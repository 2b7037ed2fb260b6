"""Chooses the wins to show for a customer: similar ones, top reps first, each with why (F2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.customers.tables import Customer
from crm_core.people.tables import Region
from crm_core.pipeline.tables import Lead
from knowledge.cases.repository import visible_cases
from knowledge.cases.tables import Case
from knowledge.diagnosis.tables import DiagnosisReport
from knowledge.recommendation.top_reps import RepRecord, rep_records, top_reps
from knowledge.retrieval.case_search import CaseSearch
from knowledge.retrieval.diversity import Scored, choose_diverse
from knowledge.retrieval.library import SearchQuery
from knowledge.retrieval.results import Hit, Reason, ReasonCode, SearchResult

SHOWN = 3
#: of a voice summary; the first minutes say what it is about
LONGEST_VOICE = 600
#: a top rep's case goes before a better fitting one if it fits at least this well beside the best
FIT_OF_TOP_CASES = 0.55
CUSTOMER_FACTS = ("industry", "size", "region_id", "city", "situation", "products")
#: which field of a case a reason tells of
FIELD_OF_REASON = {
    ReasonCode.SAME_PAIN_POINTS: "pain_points",
    ReasonCode.LIKELY_PAIN_POINTS: "pain_points",
    ReasonCode.SAME_INDUSTRY: "industry",
    ReasonCode.RELATED_INDUSTRY: "industry",
    ReasonCode.SIMILAR_SIZE: "size",
    ReasonCode.SAME_REGION: "region",
    ReasonCode.SAME_PRODUCT: "products",
    ReasonCode.SHARED_WORDS: "story",
    ReasonCode.SIMILAR_MEANING: "story",
    ReasonCode.TOP_REP: "rep_id",
}


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The wins to show, best first, and what else the search says."""

    hits: tuple[Hit, ...]
    methods: tuple[str, ...]
    confidence: float
    is_confident: bool
    is_degraded: bool


def recommend(acting: Acting, search: CaseSearch, customer: Customer, lead: Lead | None = None) -> Recommendation:
    """Return three wins like this customer's situation. Cases of the customer itself take no part."""
    best_reps = top_reps(rep_records(acting.session))
    found = search.search(
        query_for(acting, customer, lead),
        allowed=searchable_ids(acting, without_customer=customer.id),
        limit=SHOWN,
        choose=lambda ranked, count: top_reps_first(ranked, count, best_reps),
    )
    hits = tuple(visible_hit(acting, with_top_rep(hit, search, best_reps)) for hit in found.hits)
    return Recommendation(hits, found.methods, found.confidence, not found.abstained, found.degraded)


def ask(acting: Acting, search: CaseSearch, question: str, *, limit: int = 10) -> SearchResult:
    """Answer a question in plain words from the cases that the viewer may see."""
    found = search.search(SearchQuery(question), allowed=searchable_ids(acting), limit=limit)
    return replace(found, hits=tuple(visible_hit(acting, hit) for hit in found.hits))


def searchable_ids(acting: Acting, *, without_customer: UUID | None = None) -> frozenset[str]:
    """Return the published cases that the viewer may see, before anything is scored."""
    acting.policy.require_readable(acting.viewer, "case", ["title", "story"])
    statement = select(Case.id).where(Case.status == "published", visible_cases(acting.viewer, acting.policy))
    if without_customer is not None:
        statement = statement.where(Case.customer_id != without_customer)
    return frozenset(map(str, acting.session.scalars(statement)))


def query_for(acting: Acting, customer: Customer, lead: Lead | None) -> SearchQuery:
    """Put a customer's record as a query, from the facts alone that the viewer may read."""
    facts = acting.policy.present(acting.viewer, "customer", {name: getattr(customer, name) for name in CUSTOMER_FACTS})
    told = lead_facts(acting, lead) if lead else {}
    region = acting.session.get(Region, facts["region_id"]) if facts.get("region_id") else None
    sizes = {choice.code: choice.name.zh for choice in acting.playbook.customer_sizes}
    words = (facts.get("situation"), facts.get("products"), told.get("product"), told.get("title"), told.get("voice"))
    return SearchQuery(
        text="；".join(str(word) for word in words if word),
        industry=facts.get("industry") or "",
        size=sizes.get(facts.get("size") or "", facts.get("size") or ""),
        region=" ".join(part for part in (region.name if region else None, facts.get("city")) if part),
        pain_points=tuple(told.get("pain_points") or ()),
    )


def lead_facts(acting: Acting, lead: Lead) -> dict[str, Any]:
    """Return what is known of a lead, with the customer's own words where the viewer may read the diagnosis."""
    values = {"title": lead.title, "product": lead.product, "pain_points": lead.fields.get("pain_points")}
    told = acting.policy.present(acting.viewer, "lead", values)
    summary = select(DiagnosisReport.voice_summary).where(DiagnosisReport.lead_id == lead.id)
    heard = {"voice_summary": acting.session.scalar(summary)}
    if voice := acting.policy.present(acting.viewer, "diagnosis", heard).get("voice_summary"):
        told["voice"] = voice[:LONGEST_VOICE]
    return told


def top_reps_first(ranked: Sequence[Scored], count: int, best_reps: Mapping[UUID, RepRecord]) -> list[Scored]:
    """Take cases of top reps that fit, then the best of the others; different reps and methods preferred."""
    if not ranked:
        return []
    enough = FIT_OF_TOP_CASES * ranked[0][1]
    names = {str(rep_id) for rep_id in best_reps}
    preferred = [scored for scored in ranked if scored[1] >= enough and scored[0].rep_id in names]
    others = [scored for scored in ranked if scored not in preferred]
    chosen = choose_diverse(preferred, count)
    return chosen + choose_diverse(others, count - len(chosen))


def rep_of(hit: Hit, search: CaseSearch) -> UUID | None:
    rep_id = search.index.cases[search.index.row_by_id[hit.case_id]].rep_id
    return UUID(rep_id) if rep_id else None


def with_top_rep(hit: Hit, search: CaseSearch, best_reps: Mapping[UUID, RepRecord]) -> Hit:
    rep_id = rep_of(hit, search)
    record = best_reps.get(rep_id) if rep_id else None
    if record is None:
        return hit
    told = {"closed": float(record.closed), "won": float(record.won), "win_rate": round(record.win_rate, 3)}
    return replace(hit, reasons=(*hit.reasons, Reason(ReasonCode.TOP_REP, told)))


def visible_hit(acting: Acting, hit: Hit) -> Hit:
    """Leave out reasons and passages that would tell a field which the viewer may not read."""
    told = {FIELD_OF_REASON[reason.code] for reason in hit.reasons} | {passage.part for passage in hit.passages}
    readable = acting.policy.present(acting.viewer, "case", dict.fromkeys(told)).keys()
    return replace(
        hit,
        reasons=tuple(reason for reason in hit.reasons if FIELD_OF_REASON[reason.code] in readable),
        passages=tuple(passage for passage in hit.passages if passage.part in readable),
    )
