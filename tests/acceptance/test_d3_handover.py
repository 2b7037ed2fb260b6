"""D3: leaving hands over leads, customers and tasks the same minute; nothing is lost, a record says what went where."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from crm_core.customers.tables import Customer, TimelineEntry
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.memberships import direct_manager
from crm_core.people.tables import Person
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.handover.jobs import hand_over_from_leavers
from crm_core.pipeline.tables import Lead
from crm_core.work.tables import Notification, Task, Visit
from tests.factories.leads import make_customer, make_lead
from tests.factories.people import log_in_as, make_person, make_team

TODAY = clock.today()


@dataclass(frozen=True)
class Office:
    """A team with a manager and three reps; the first rep holds a bit of everything."""

    leaver: UUID
    manager: UUID
    peers: frozenset[UUID]
    operations: UUID
    leads: frozenset[UUID]
    customers: frozenset[UUID]
    task: UUID
    visit: UUID


@pytest.fixture
def office(client: TestClient, resources: Resources) -> Office:
    operations = log_in_as(client, resources, "operations")
    with resources.database.transaction(Origin(channel="test")) as session:
        team = make_team(session)
        manager = make_person(session, "manager", name="王主管", team=team)
        leaver = make_person(session, name="周启航", team=team, manager=manager)
        peers = [make_person(session, team=team, manager=manager) for _ in range(2)]
        customers = [make_customer(session, leaver) for _ in range(6)]
        for customer in customers:
            customer.region_id = team.region_id
        session.flush()
        leads = [make_lead(session, leaver, customer=customer) for customer in customers]
        first = leads[0]
        task = Task(assignee_id=leaver.id, kind="follow_up", title="寄样品", customer_id=customers[0].id)
        visit = Visit(customer_id=customers[0].id, lead_id=first.id, owner_id=leaver.id, planned_at=datetime.now(UTC))
        session.add_all([task, visit])
        session.flush()
    return Office(
        leaver.id,
        manager.id,
        frozenset(peer.id for peer in peers),
        operations.id,
        frozenset(lead.id for lead in leads),
        frozenset(customer.id for customer in customers),
        task.id,
        visit.id,
    )


def leave(client: TestClient, office: Office, **wanted: Any) -> None:
    answer = client.post(f"/api/people/{office.leaver}/leave", json={"on": TODAY.isoformat(), **wanted})
    assert answer.status_code == 204, answer.text


def owners(resources: Resources, office: Office) -> Counter[UUID | None]:
    with resources.database.reading() as session:
        return Counter(session.scalars(select(Lead.owner_id).where(Lead.id.in_(office.leads))))


def handover(client: TestClient, office: Office, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/people/{office.leaver}/handover", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(told: dict[str, Any]) -> dict[str, int]:
    return {one["kind"]: one["count"] for one in told["counts"]}


def test_without_a_successor_rules_place_the_leads_and_the_manager_takes_the_rest(
    client: TestClient, resources: Resources, office: Office
) -> None:
    leave(client, office)
    got = owners(resources, office)
    # in turn within the region, and never back to the one who left, although the customers were theirs
    assert got.keys() == office.peers
    assert sorted(got.values()) == [3, 3]
    with resources.database.reading() as session:
        assert set(session.scalars(select(Customer.owner_id).where(Customer.id.in_(office.customers)))) == {
            office.manager
        }
        assert session.get_one(Task, office.task).assignee_id == office.manager
        visited = session.get_one(Visit, office.visit)
        assert visited.lead_id is not None
        # a visit goes with its lead
        assert visited.owner_id == session.get_one(Lead, visited.lead_id).owner_id
        causes = session.scalars(
            select(AssignmentDecision.cause).where(AssignmentDecision.previous_owner_id == office.leaver)
        ).all()
        assert causes == ["handover"] * 6


def test_the_record_lists_what_went_where(client: TestClient, resources: Resources, office: Office) -> None:
    leave(client, office)
    told = handover(client, office)
    assert (told["left_on"], told["successor"], told["finished_at"] is not None) == (TODAY.isoformat(), None, True)
    assert counts(told) == {"customer": 6, "lead": 6, "task": 1, "visit": 1}
    only_leads = handover(client, office, kind="lead", limit=4)
    assert (only_leads["total"], len(only_leads["items"])) == (6, 4)
    assert {UUID(one["to_person"]["id"]) for one in only_leads["items"]} <= office.peers
    (task,) = handover(client, office, kind="task")["items"]
    assert (task["name"], task["to_person"]["name"]) == ("寄样品", "王主管")


def test_everything_is_noted_where_people_look(client: TestClient, resources: Resources, office: Office) -> None:
    leave(client, office)
    with resources.database.reading() as session:
        entries = session.execute(
            select(TimelineEntry.code, func.count().label("count"))
            .where(TimelineEntry.code.like("handed_over_%") | (TimelineEntry.code == "lead_owner"))
            .group_by(TimelineEntry.code)
        )
        assert {row.code: row.count for row in entries} == {
            "handed_over_customer": 6,
            "handed_over_task": 1,
            "handed_over_visit": 1,
            "lead_owner": 6,
        }
        told = session.scalars(select(Notification.code).where(Notification.receiver_id == office.manager)).all()
    assert told == ["handover_received"]
    customer_id = next(iter(office.customers))
    timeline = client.get(f"/api/customers/{customer_id}/timeline").json()
    assert "客户由 周启航 移交给 王主管" in [entry["text"] for entry in timeline["items"]]


def test_a_named_successor_takes_everything(client: TestClient, resources: Resources, office: Office) -> None:
    heir = min(office.peers)
    leave(client, office, successor_id=str(heir))
    assert owners(resources, office) == {heir: 6}
    told = handover(client, office)
    assert told["successor"]["id"] == str(heir)
    assert {UUID(one["to_person"]["id"]) for one in told["items"]} == {heir}


def test_a_day_ahead_is_planned_and_carried_out_when_it_comes(
    client: TestClient, resources: Resources, office: Office
) -> None:
    heir = min(office.peers)
    friday = TODAY + timedelta(days=3)
    leave(client, office, on=friday.isoformat(), successor_id=str(heir))
    hand_over_from_leavers.run(resources)
    assert owners(resources, office) == {office.leaver: 6}
    assert (handover(client, office)["finished_at"], handover(client, office)["total"]) == (None, 0)
    with clock.frozen(clock.now() + timedelta(days=3)):
        hand_over_from_leavers.run(resources)
        assert owners(resources, office) == {heir: 6}
    assert handover(client, office)["finished_at"] is not None


def test_the_day_can_be_moved_before_it_comes(client: TestClient, resources: Resources, office: Office) -> None:
    leave(client, office, on=(TODAY + timedelta(days=30)).isoformat(), successor_id=str(min(office.peers)))
    leave(client, office)
    assert handover(client, office)["left_on"] == TODAY.isoformat()
    assert owners(resources, office).keys() == office.peers


def test_again_changes_nothing_and_late_things_follow(client: TestClient, resources: Resources, office: Office) -> None:
    leave(client, office)
    before, told = owners(resources, office), handover(client, office)
    hand_over_from_leavers.run(resources)
    again = client.post(f"/api/people/{office.leaver}/handover", json={})
    assert (again.status_code, again.json()) == (200, told)
    assert owners(resources, office) == before

    with resources.database.transaction(Origin(channel="test")) as session:
        session.get_one(Task, office.task).assignee_id = office.leaver
        customer = make_customer(session)
        customer.owner_id = office.leaver
        late = customer.id
    hand_over_from_leavers.run(resources)
    with resources.database.reading() as session:
        assert session.get_one(Task, office.task).assignee_id == office.manager
        assert session.get_one(Customer, late).owner_id == office.manager
    assert counts(handover(client, office))["customer"] == 7


def test_the_preview_tells_the_same_and_changes_nothing(
    client: TestClient, resources: Resources, office: Office
) -> None:
    path = f"/api/people/{office.leaver}/handover"
    preview = client.get(f"{path}/preview").json()
    assert owners(resources, office) == {office.leaver: 6}
    assert client.get(path).json()["code"] == "handover_not_found"
    with resources.database.reading() as session:
        for table in (Notification, AssignmentDecision):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    leave(client, office)
    real = handover(client, office)
    assert counts(preview) == counts(real)
    assert places(preview) == places(real)


def places(told: dict[str, Any]) -> dict[str, str]:
    return {one["record_id"]: one["to_person"]["id"] for one in told["items"]}


def test_somebody_without_a_manager_leaves_it_to_operations(
    client: TestClient, resources: Resources, office: Office
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        loner = make_person(session, team=make_team(session))
        customer_id = make_customer(session, loner).id
        loner_id = loner.id
    client.post(f"/api/people/{loner_id}/leave", json={"on": TODAY.isoformat()})
    with resources.database.reading() as session:
        assert session.get_one(Customer, customer_id).owner_id == office.operations


def test_a_manager_who_left_before_is_passed_over(client: TestClient, resources: Resources, office: Office) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        director = make_person(session, "director", name="梁总")
        manager = session.get_one(Person, office.manager)
        director_id = director.id
        held = client.get(f"/api/people/{manager.id}").json()["memberships"][0]
    position = {"role": "manager", "team_id": held["team_id"], "manager_id": str(director_id)}
    client.put(f"/api/people/{office.manager}/memberships/{held['id']}", json={**position, "since": held["since"]})
    client.post(f"/api/people/{office.manager}/leave", json={"on": TODAY.isoformat()})
    with resources.database.reading() as session:
        # whoever answered to the manager answers to the one above
        assert {direct_manager(session, peer, TODAY) for peer in office.peers} == {director_id}
        assert {direct_manager(session, peer, TODAY - timedelta(days=1)) for peer in office.peers} == {office.manager}
    leave(client, office)
    with resources.database.reading() as session:
        assert session.get_one(Task, office.task).assignee_id == director_id


def test_a_report_who_takes_over_answers_to_the_one_above(
    client: TestClient, resources: Resources, office: Office
) -> None:
    heir = min(office.peers)
    answer = client.post(
        f"/api/people/{office.manager}/leave", json={"on": TODAY.isoformat(), "successor_id": str(heir)}
    )
    assert answer.status_code == 204, answer.text
    with resources.database.reading() as session:
        assert direct_manager(session, heir, TODAY) is None
        assert {direct_manager(session, peer, TODAY) for peer in office.peers - {heir}} == {heir}


def test_presales_and_delivery_roles_and_parked_leads_go_too(
    client: TestClient, resources: Resources, office: Office
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        lead = session.get_one(Lead, min(office.leads))
        lead.presales_id = office.leaver
        customer = session.get_one(Customer, min(office.customers))
        customer.delivery_owner_id = office.leaver
        presales_version = lead.version
    lead_id, customer_id, parked = min(office.leads), min(office.customers), max(office.leads)
    version = client.get(f"/api/leads/{parked}").json()["version"]
    park = {"kind": "parked", "reason": "budget_next_year", "expected_version": version}
    moved = client.post(f"/api/leads/{parked}/moves", json={"move": park})
    assert moved.status_code == 201, moved.text
    leave(client, office)
    with resources.database.reading() as session:
        lead = session.get_one(Lead, lead_id)
        assert (lead.presales_id, lead.version > presales_version) == (office.manager, True)
        assert session.get_one(Customer, customer_id).delivery_owner_id == office.manager
        assert session.get_one(Lead, parked).owner_id == office.manager
    assert counts(handover(client, office)) == {
        "customer": 6, "delivery_role": 1, "lead": 6, "presales_role": 1, "task": 1, "visit": 1,
    }  # fmt: skip


@pytest.mark.parametrize("who", ["leaver", "gone"])
def test_who_cannot_take_over_is_refused_before_anything_happens(
    client: TestClient, resources: Resources, office: Office, who: str
) -> None:
    gone = min(office.peers)
    client.post(f"/api/people/{gone}/leave", json={"on": TODAY.isoformat()})
    successor = {"leaver": office.leaver, "gone": gone}[who]
    refused = client.post(
        f"/api/people/{office.leaver}/leave", json={"on": TODAY.isoformat(), "successor_id": str(successor)}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "handover_successor_unfit")
    assert owners(resources, office) == {office.leaver: 6}
    assert client.get(f"/api/people/{office.leaver}").json()["left_on"] is None


def test_somebody_who_works_here_has_nothing_to_hand_over(client: TestClient, office: Office) -> None:
    refused = client.post(f"/api/people/{office.leaver}/handover", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "handover_still_here")


@pytest.mark.parametrize("role", ["rep", "manager", "director"])
def test_only_who_keeps_the_roster_sees_hand_overs(
    client: TestClient, resources: Resources, office: Office, role: str
) -> None:
    log_in_as(client, resources, role)
    path = f"/api/people/{office.leaver}/handover"
    tries = [client.get(path), client.get(f"{path}/preview"), client.post(path, json={})]
    assert [one.json()["code"] for one in tries] == ["right_missing"] * 3
