"""Alarms of the loaded leads: reminders of the past stand as sent, and what became due lately still rings."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.demo.company import DemoCompany
from api.demo.loading.dated_rows import DatedRow, DatedWriter, identity
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.snapshots import roster_on
from crm_core.people.tables import Person
from crm_core.pipeline.dwell.alarms import reschedule_page, stays
from crm_core.pipeline.dwell.ladders import limit_of, stay_due_times
from crm_core.pipeline.dwell.receivers import ChainOfCommand, people_of
from crm_core.pipeline.dwell.tables import DwellBreach
from crm_core.pipeline.tables import Lead
from crm_core.process.playbook import Playbook

#: a reminder older than this is history; a newer one is sent when the product starts
_FRESH = timedelta(hours=3)


def load_alarms(resources: Resources, company: DemoCompany, playbook: Playbook) -> None:
    """Note the steps of long ago as fired, then set the alarm of every open lead; repeating it changes nothing."""
    by = identity(Person, company.rosters[0].by_login("operations").code)
    with resources.database.transaction(Origin("demo", by)) as session:
        rows = list(_past_steps(session, playbook, company.now - _FRESH))
        DatedWriter(session.connection(), playbook.version).write(rows)
    with resources.database.transaction(Origin("demo", by)) as session:
        after = None
        while (page := reschedule_page(session, playbook, after=after))[0] is not None:
            after = page[0]


def _past_steps(session: Session, playbook: Playbook, until: datetime) -> Iterator[DatedRow]:
    noted = set(session.execute(select(DwellBreach.lead_id, DwellBreach.step)).all())
    leads = session.scalars(select(Lead).where(Lead.outcome == "open").order_by(Lead.id)).all()
    people, chain = people_of(session, leads), ChainOfCommand(roster_on(session, until.date()))
    for lead, stay in zip(leads, stays(session, playbook, leads), strict=True):
        limit = limit_of(playbook, lead.stage)
        for step, due_at in enumerate(stay_due_times(playbook, stay)):
            if limit is None or due_at > until or (lead.id, step) in noted:
                continue
            receivers = chain.receivers(limit.ladder[step].receivers, people[lead.id])
            values = {
                "id": identity(DwellBreach, f"{lead.id}-{step}"),
                "created_at": due_at,
                "lead_id": lead.id,
                "stage": lead.stage,
                "stage_entered_at": lead.stage_entered_at,
                "step": step,
                "limit_hours": limit.hours,
                "due_at": due_at,
                "fired_at": due_at,
                "owner_id": lead.owner_id,
                "receivers": [receiver.as_json() for receiver in receivers],
                "playbook_version": playbook.version,
            }
            yield DatedRow(DwellBreach, values, due_at)
