"""A small company with a past: people, leads and moves that history dates to when they happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from crm_core.customers.acting import Acting
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person, Region
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import create_lead, update_lead
from crm_core.pipeline.tables import Lead
from crm_core.process.drafts import content_digest
from crm_core.process.playbook_files import default_playbook
from crm_core.process.tables import PlaybookVersion, Rehearsal
from crm_core.rehearsal import running
from tests.factories.leads import EVERY_FIELD, acting_as, make_document
from tests.factories.people import make_person, make_region, make_team

#: a Friday; rehearsals look back from here
NOW = datetime(2026, 3, 20, 10, tzinfo=BUSINESS_ZONE)
_numbers = count(1)


@dataclass
class Company:
    """Two regions with two reps each, their managers, and operations who take leads in."""

    resources: Resources
    operations_id: UUID
    reps: dict[str, list[UUID]] = field(default_factory=dict)

    def lead(self, days_ago: float, region: str | None = "east", **values: Any) -> UUID:
        """A lead that nobody owns yet."""
        with self.then(days_ago) as session:
            where = session.query(Region).filter_by(code=region).one() if region else None
            number = next(_numbers)
            customer = Customer(
                name=f"旧事客户{number}有限公司",
                name_pinyin=f"jiu shi {number}",
                region_id=where.id if where else None,
            )
            session.add(customer)
            session.flush()
            lead = create_lead(self.acting(session), customer, {"title": f"旧事{number}", **values})
            return lead.id

    def owned_lead(self, days_ago: float, owner_id: UUID, **values: Any) -> UUID:
        """A lead that a rep brought in, with everything that the stages ask for except documents."""
        with self.then(days_ago) as session:
            owner = session.get_one(Person, owner_id)
            number = next(_numbers)
            customer = Customer(
                name=f"自拓客户{number}有限公司",
                name_pinyin=f"zi tuo {number}",
                owner_id=owner_id,
                region_id=make_region(session).id,
            )
            session.add(customer)
            session.flush()
            lead = create_lead(acting_as(session, owner), customer, {"title": f"自拓{number}"})
            update_lead(acting_as(session, owner), lead, {**EVERY_FIELD, **values})
            return lead.id

    def move(self, days_ago: float, lead_id: UUID, to_stage: str) -> None:
        with self.then(days_ago) as session:
            lead = session.get_one(Lead, lead_id)
            Gate(acting_as(session, session.get_one(Person, lead.owner_id))).advance(lead, to_stage)

    def change(self, days_ago: float, lead_id: UUID, work: Callable[[Session, Lead], object]) -> None:
        """Whatever else happens to a lead."""
        with self.then(days_ago) as session:
            work(session, session.get_one(Lead, lead_id))

    def upload(self, days_ago: float, lead_id: UUID, kind: str) -> None:
        self.change(days_ago, lead_id, lambda session, lead: make_document(session, lead, kind))

    @contextmanager
    def then(self, days_ago: float) -> Iterator[Session]:
        """A transaction of the past: the clock stood there, and history says so."""
        instant = NOW - timedelta(days=days_ago)
        with (
            clock.frozen(instant),
            self.resources.database.transaction(Origin(channel="test", occurred_at=instant)) as session,
        ):
            yield session

    def acting(self, session: Session) -> Acting:
        return acting_as(session, session.get_one(Person, self.operations_id))

    def draft(self, change: Callable[[dict[str, Any]], object] = lambda content: None, **columns: Any) -> UUID:
        """A draft of the default playbook with a change to its content."""
        content = deepcopy(default_playbook().content())
        change(content)
        with clock.frozen(NOW), self.resources.database.transaction(Origin(channel="test")) as session:
            draft = PlaybookVersion(status="draft", content=content, **columns)
            session.add(draft)
            session.flush()
            return draft.id

    def rehearse(self, draft_id: UUID, *, days: int = 30) -> Rehearsal:
        """The finished rehearsal of a draft, on the days before NOW."""
        with clock.frozen(NOW):
            with self.resources.database.transaction(Origin(channel="test")) as session:
                draft = session.get_one(PlaybookVersion, draft_id)
                rehearsal = Rehearsal(
                    draft_id=draft_id, content_sha256=content_digest(draft), days=days, status="waiting"
                )
                session.add(rehearsal)
            running.run(self.resources, rehearsal.id)
        with self.resources.database.reading() as session:
            return session.get_one(Rehearsal, rehearsal.id)


def found_company(resources: Resources) -> Company:
    """The company as it has been for years."""
    long_ago = datetime(2020, 1, 1, tzinfo=BUSINESS_ZONE)
    with (
        clock.frozen(long_ago),
        resources.database.transaction(Origin(channel="test", occurred_at=long_ago)) as session,
    ):
        company = Company(resources, make_person(session, "operations").id)
        for code, name in (("east", "华东大区"), ("west", "华西大区")):
            region = make_region(session, code, name)
            team = make_team(session, f"{name}一队", region)
            manager = make_person(session, "manager", team=team)
            reps = [make_person(session, "rep", team=team, manager=manager) for _ in range(2)]
            company.reps[code] = [rep.id for rep in reps]
        return company


def stage_of(content: dict[str, Any], code: str) -> dict[str, Any]:
    """A stage inside a content."""
    found: dict[str, Any] = next(stage for stage in content["stages"] if stage["code"] == code)
    return found
