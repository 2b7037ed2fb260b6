"""What a step that has fired does: tells its receivers, makes its task, stands on the timeline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.customers.timeline import Happening, append_many
from crm_core.foundation.events import publish
from crm_core.foundation.translations import translate
from crm_core.people.repository import names_of_people
from crm_core.pipeline.dwell.events import DwellExceeded
from crm_core.pipeline.dwell.receivers import ChainOfCommand, LeadPeople, Receiver
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook
from crm_core.process.stages import DwellLimit
from crm_core.work.notifications import Message, notify_all
from crm_core.work.tasks import TaskOrder, make_tasks_once, step_order

#: of the timeline entries that this makes
TIMELINE_KIND = "dwell_alarm"


@dataclass(frozen=True, slots=True)
class Firing:
    """A step of a lead's ladder that is due."""

    lead: Lead
    limit: DwellLimit
    step: int
    due_at: datetime
    people: LeadPeople
    receivers: tuple[Receiver, ...]
    #: false where the step had passed before the lead came here: it is noted, and nobody is told
    was_here: bool

    @property
    def origin_key(self) -> str:
        return f"dwell:{self.lead.id}:{self.lead.stage_entered_at.timestamp()}:{self.step}"


def announce(session: Session, playbook: Playbook, chain: ChainOfCommand, firings: Sequence[Firing]) -> None:
    """Tell everyone, make the tasks, note it, and let higher floors know."""
    if not firings:
        return
    owner_ids = {firing.lead.owner_id for firing in firings if firing.lead.owner_id is not None}
    owners = names_of_people(session, owner_ids) if owner_ids else {}
    messages = [told for firing in firings for told in _messages(playbook, firing, owners)]
    notify_all(session, messages)
    make_tasks_once(session, [order for firing in firings if (order := _task_order(chain, firing))])
    append_many(session, [_happening(firing, _words(playbook, firing)) for firing in firings])
    for firing in firings:
        lead, receiver_ids = firing.lead, tuple(receiver.person_id for receiver in firing.receivers)
        publish(
            session,
            DwellExceeded(lead.id, lead.customer_id, lead.stage, firing.step, lead.owner_id, receiver_ids),
        )


def stay_words(playbook: Playbook, lead: Lead, limit: DwellLimit, hours: int) -> dict[str, Any]:
    """What sentences about a stay are made of, in both languages."""
    stage = playbook.stage(lead.stage).name
    return {
        "lead_title": lead.title,
        "stage_zh": stage.zh,
        "stage_en": stage.en,
        "hours_zh": translate(f"dwell.{limit.clock}_hours", "zh", hours=hours),
        "hours_en": translate(f"dwell.{limit.clock}_hours", "en", hours=hours),
    }


def _words(playbook: Playbook, firing: Firing) -> dict[str, Any]:
    hours = firing.limit.hours + firing.limit.ladder[firing.step].after_hours
    return stay_words(playbook, firing.lead, firing.limit, hours)


def _messages(playbook: Playbook, firing: Firing, owners: Mapping[UUID, str]) -> Iterator[tuple[UUID, Message]]:
    lead, words = firing.lead, _words(playbook, firing)
    owner = owners.get(lead.owner_id) if lead.owner_id else None
    for receiver in firing.receivers:
        code = "dwell_exceeded_of"
        if receiver.person_id == lead.owner_id:
            code = "dwell_exceeded"
        elif owner is None:
            code = "dwell_exceeded_unowned"
        elif receiver.stands_in:
            code = "dwell_exceeded_instead"
        parameters = {**words, "owner": owner} if owner else words
        yield receiver.person_id, Message(code, parameters, lead.customer_id, lead.id, firing.origin_key)


def _task_order(chain: ChainOfCommand, firing: Firing) -> TaskOrder | None:
    step, lead = firing.limit.ladder[firing.step].task, firing.lead
    assignee_id = chain.assignee(step.assignee, firing.people) if step else None
    if step is None or assignee_id is None:
        return None
    return step_order(
        step,
        assignee_id,
        parameters={"lead_title": lead.title},
        customer_id=lead.customer_id,
        lead_id=lead.id,
        origin_key=firing.origin_key,
    )


def _happening(firing: Firing, words: Mapping[str, Any]) -> Happening:
    lead = firing.lead
    return Happening(
        customer_id=lead.customer_id,
        lead_id=lead.id,
        kind=TIMELINE_KIND,
        channel="job",
        code="dwell_exceeded",
        details={"record": "lead", "field": "stage", "title": lead.title, "step": firing.step + 1, **words},
    )
