"""Win capture: a won lead becomes a case that others can learn from (F1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select

from crm_core.customers.acting import Acting
from crm_core.customers.media_types import media_type_of
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.files import FileStore
from crm_core.people.tables import Region
from crm_core.pipeline.tables import Lead
from knowledge.cases.errors import CaseExists, CaseStateForbids, LeadNotWon, PainPointUnknown
from knowledge.cases.repository import methods_of
from knowledge.cases.tables import Case, CaseEvidence, CaseMethod
from knowledge.methods.library import library_methods, require_known


@dataclass(frozen=True, slots=True)
class Telling:
    """What a person tells about a win; everything measurable comes from the lead."""

    title: str
    story: str
    key_actions: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    situation: str | None = None
    size: str | None = None
    industry: str | None = None
    pain_points: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class EvidenceUpload:
    """A file on its way in."""

    stream: BinaryIO
    name: str
    limit_bytes: int


def capture(acting: Acting, lead: Lead, telling: Telling) -> Case:
    """Make the draft of a case from a won lead that the viewer has found.

    Raises LeadNotWon, CaseExists, MethodUnknown, PainPointUnknown, FieldForbidden.
    """
    acting.policy.require_editable(acting.viewer, "case", ["title", "story", "key_actions", "methods"])
    if lead.outcome != "won" or lead.outcome_at is None:
        raise LeadNotWon(outcome=lead.outcome)
    # two who tell it at once go one after the other: the second one is told of the first one's case
    acting.session.refresh(lead, with_for_update=True)
    existing = acting.session.scalar(select(Case.id).where(Case.lead_id == lead.id))
    if existing is not None:
        raise CaseExists(case_id=existing)
    customer = acting.session.get_one(Customer, lead.customer_id)
    case = Case(
        lead_id=lead.id,
        customer_id=lead.customer_id,
        rep_id=lead.owner_id,
        owner_id=lead.owner_id or acting.person_id,
        region=_region(acting, customer),
        products=[lead.product] if lead.product else [],
        cycle_days=max((lead.outcome_at - lead.created_at).days, 0),
        margin=lead.margin,
        amount=lead.amount,
        signed_on=lead.outcome_at.astimezone(clock.BUSINESS_ZONE).date(),
        status="draft",
        **_told(acting, telling, customer, lead),
    )
    acting.session.add(case)
    acting.session.flush()
    set_methods(acting, case, telling.methods)
    return case


def tell_again(acting: Acting, case: Case, telling: Telling) -> None:
    """Change what is told of a case; a retired one stays as it is, and a published one is for who may publish."""
    acting.policy.require_editable(acting.viewer, "case", ["title", "story", "key_actions", "methods"])
    if case.status == "retired":
        raise CaseStateForbids(state=case.status)
    if case.status == "published":
        acting.policy.require_right(acting.viewer, "case.publish")
    customer = acting.session.get_one(Customer, case.customer_id)
    lead = acting.session.get_one(Lead, case.lead_id)
    for name, value in _told(acting, telling, customer, lead).items():
        setattr(case, name, value)
    set_methods(acting, case, telling.methods)


def set_methods(acting: Acting, case: Case, codes: Sequence[str]) -> None:
    """Say by which methods a case was won. Raises MethodUnknown."""
    wanted = list(dict.fromkeys(codes))
    require_known(library_methods(acting.session, acting.playbook, with_proposals=True), wanted)
    links = select(CaseMethod).where(CaseMethod.case_id == case.id)
    held = {row.method_code: row for row in acting.session.scalars(links)}
    for code in held.keys() - set(wanted):
        acting.session.delete(held[code])
    acting.session.add_all(CaseMethod(case_id=case.id, method_code=code) for code in wanted if code not in held)
    case.changed_at = clock.now()
    acting.session.flush()


def add_evidence(acting: Acting, files: FileStore, case: Case, upload: EvidenceUpload) -> CaseEvidence:
    """Keep a file that proves the case; the same file twice is one piece of evidence."""
    acting.policy.require_editable(acting.viewer, "case", ["evidence"])
    stored = files.store(upload.stream, limit_bytes=upload.limit_bytes)
    same = select(CaseEvidence).where(CaseEvidence.case_id == case.id, CaseEvidence.sha256 == stored.sha256)
    if found := acting.session.scalar(same):
        return found
    evidence = CaseEvidence(
        case_id=case.id,
        name=upload.name[-200:],
        sha256=stored.sha256,
        media_type=media_type_of(files.path(stored.sha256), upload.name),
        size_bytes=stored.size_bytes,
        uploaded_by=acting.person_id,
    )
    acting.session.add(evidence)
    acting.session.flush()
    return evidence


def method_codes(acting: Acting, case: Case) -> list[str]:
    """The codes of the methods that a case names."""
    return methods_of(acting.session, [case.id]).get(case.id, [])


def _told(acting: Acting, telling: Telling, customer: Customer, lead: Lead) -> dict[str, object]:
    return {
        "title": telling.title.strip(),
        "story": telling.story.strip(),
        "key_actions": [action.strip() for action in telling.key_actions if action.strip()],
        "industry": telling.industry or customer.industry,
        "size": telling.size or _size_in_words(acting, customer),
        "situation": telling.situation or customer.situation,
        "pain_points": _pain_points(acting, telling, lead),
        "changed_at": clock.now(),
    }


def _pain_points(acting: Acting, telling: Telling, lead: Lead) -> list[str]:
    """The pain points told, else those that the lead was diagnosed with."""
    codes = telling.pain_points if telling.pain_points is not None else lead.fields.get("pain_points") or ()
    wanted = list(dict.fromkeys(str(code) for code in codes))
    unknown = [code for code in wanted if acting.playbook.lexicon.pain_point(code) is None]
    if unknown:
        raise PainPointUnknown(pain_points=", ".join(unknown))
    return wanted


def _size_in_words(acting: Acting, customer: Customer) -> str | None:
    named = {choice.code: choice.name.zh for choice in acting.playbook.customer_sizes}
    return named.get(customer.size or "", customer.size)


def _region(acting: Acting, customer: Customer) -> str | None:
    region = acting.session.get(Region, customer.region_id) if customer.region_id else None
    return " ".join(part for part in (region.name if region else None, customer.city) if part) or None
