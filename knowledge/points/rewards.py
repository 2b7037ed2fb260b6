"""What earns points: a new case, and the use of a certified method that somebody else has shared."""

from sqlalchemy.orm import Session

from crm_core.process.publication import published_playbook
from knowledge.cases.events import CaseCaptured
from knowledge.certification.titles import is_certified
from knowledge.methods.events import MethodUsed
from knowledge.points.ledger import Award, award


def reward_new_case(session: Session, event: CaseCaptured) -> None:
    """Points for whoever won and told a case; one lead earns them once, however often its case is published."""
    if event.rep_id is None:
        return
    points = published_playbook(session).points.new_case
    details = {"case_id": str(event.case_id), "lead_id": str(event.lead_id)}
    award(session, Award(event.rep_id, points, "new_case", f"new_case:{event.lead_id}", details))


def reward_method_use(session: Session, event: MethodUsed) -> None:
    """Points for using a certified method; one's own case is no source to earn from."""
    if event.learned_from_id == event.rep_id or not is_certified(session, event.method_code):
        return
    points = published_playbook(session).points.method_use
    details = {"method_code": event.method_code, "lead_id": str(event.lead_id)}
    source = f"method_use:{event.rep_id}:{event.lead_id}:{event.method_code}"
    award(session, Award(event.rep_id, points, "method_use", source, details))
