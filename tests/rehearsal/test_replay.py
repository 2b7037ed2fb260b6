"""What is planted in a draft is found in its rehearsal, exactly; what is not planted is not."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import InternalError, ProgrammingError

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.tables import Lead
from crm_core.process.tables import Rehearsal
from crm_core.rehearsal import running
from crm_core.rehearsal.tables import RehearsalFinding
from tests.factories.leads import make_document
from tests.rehearsal.scenes import NOW, Company, stage_of


def findings(resources: Resources, rehearsal: Rehearsal, kind: str, change: str | None = None) -> list[Any]:
    with resources.database.reading() as session:
        of_kind = select(RehearsalFinding).where(
            RehearsalFinding.rehearsal_id == rehearsal.id, RehearsalFinding.kind == kind
        )
        if change is not None:
            of_kind = of_kind.where(RehearsalFinding.change == change)
        return list(session.scalars(of_kind.order_by(RehearsalFinding.happened_at, RehearsalFinding.lead_id)))


def leads_of(rows: list[Any]) -> set[UUID]:
    return {row.lead_id for row in rows}


@pytest.fixture
def eventful(company: Company) -> dict[str, list[UUID]]:
    """Leads of both regions and of none, arrived over three weeks, and one that was sold."""
    leads: dict[str, list[UUID]] = {"east": [], "west": [], "nowhere": []}
    for number in range(12):
        leads["east"].append(company.lead(25 - number * 1.5, "east"))
        leads["west"].append(company.lead(24.7 - number * 1.5, "west"))
    leads["nowhere"].append(company.lead(10, None))
    sold = company.owned_lead(20, company.reps["east"][0])
    for days_ago, stage in ((19, "first_contact"), (18, "needs_diagnosis"), (12, "proposal_quote")):
        company.move(days_ago, sold, stage)
    leads["sold"] = [sold]
    return leads


def test_a_draft_that_changes_nothing_differs_in_nothing(company: Company, eventful: dict[str, list[UUID]]) -> None:
    rehearsal = company.rehearse(company.draft())
    assert rehearsal.status == "done"
    result = rehearsal.result
    assert result["assignment"]["leads"] == 26
    assert result["assignment"]["changes"] == {"same": 26}
    assert result["gates"]["moves"] == 3
    assert result["gates"]["changes"] == {"same": 3}
    assert set(result["alarms"]["changes"]) == {"same"}
    assert (result["access"], result["stages"], result["sections"]) == ([], [], [])
    assert result["shares"]["load_growth"] == 0
    assert result["verdict"]["passed"]
    assert (rehearsal.leads_done, rehearsal.leads_total) == (26, 26)


def test_leads_of_a_region_without_a_rule_fall_to_the_pool_and_no_others(
    company: Company, resources: Resources, eventful: dict[str, list[UUID]]
) -> None:
    def only_east(content: dict[str, Any]) -> None:
        content["assignment"]["rules"][0]["conditions"] = [{"fact": "region", "test": "one_of", "values": ["east"]}]

    rehearsal = company.rehearse(company.draft(only_east))
    pooled = findings(resources, rehearsal, "assignment", "newly_pooled")
    assert leads_of(pooled) == set(eventful["west"])
    assert {row.old_owner_id for row in pooled} == set(company.reps["west"])
    assert {row.details["new"]["pool"] for row in pooled} == {"headquarters"}
    assert rehearsal.result["assignment"]["changes"] == {"newly_pooled": 12, "same": 14}
    assert rehearsal.result["sections"] == ["assignment"]


def test_leads_are_unassigned_where_the_fallback_is_switched_off(
    company: Company, resources: Resources, eventful: dict[str, list[UUID]]
) -> None:
    def without_fallback(content: dict[str, Any]) -> None:
        content["assignment"]["fallback"]["is_enabled"] = False

    rehearsal = company.rehearse(company.draft(without_fallback))
    assert leads_of(findings(resources, rehearsal, "assignment", "newly_unassigned")) == set(eventful["nowhere"])
    assert rehearsal.result["shares"]["newly_unassigned"] == pytest.approx(1 / 26)
    refused = [check["check"] for check in rehearsal.result["verdict"]["checks"] if not check["is_met"]]
    assert refused == ["newly_unassigned"]


def test_everything_to_one_person_is_a_load_that_grows_too_much(
    company: Company, resources: Resources, eventful: dict[str, list[UUID]]
) -> None:
    busy = company.reps["east"][0]
    with resources.database.reading() as session:
        number = session.execute(text("SELECT employee_number FROM people WHERE id = :id"), {"id": busy}).scalar_one()

    def only_one(content: dict[str, Any]) -> None:
        content["assignment"]["pools"][0]["members"] |= {"people": [number], "same_region": False}

    rehearsal = company.rehearse(company.draft(only_one))
    old = sum(row.old_owner_id == busy for row in findings(resources, rehearsal, "assignment"))
    new = sum(row.new_owner_id == busy for row in findings(resources, rehearsal, "assignment"))
    people = {row["person_id"]: row for row in rehearsal.result["assignment"]["people"]}
    assert (people[str(busy)]["old"], people[str(busy)]["new"]) == (old, new)
    assert new == 25
    average = 25 / 4
    assert rehearsal.result["shares"]["load_growth"] == pytest.approx((25 - max(old, average)) / max(old, average))
    assert rehearsal.result["shares"]["load_growth_person_id"] == str(busy)
    assert not rehearsal.result["verdict"]["passed"]


def test_a_stricter_gate_blocks_the_moves_that_lacked_it_at_that_moment(company: Company, resources: Resources) -> None:
    [rep, *_] = company.reps["east"]
    lacking, early, late = (company.owned_lead(20, rep) for _ in range(3))

    def supply(session: Any, lead: Lead) -> None:
        lead.fields = {**lead.fields, "budget_confirmed": "已确认"}

    company.change(16, early, supply)
    for lead_id in (lacking, early, late):
        company.move(15, lead_id, "first_contact")
        company.move(14, lead_id, "needs_diagnosis")
    company.change(13, late, supply)

    def ask_for_budget(content: dict[str, Any]) -> None:
        stage_of(content, "first_contact")["fields"].append(
            {
                "code": "budget_confirmed",
                "label": {"zh": "预算已确认", "en": "Budget confirmed"},
                "type": "text",
                "how": {"zh": "写明谁确认的", "en": "Say who confirmed it"},
            }
        )

    rehearsal = company.rehearse(company.draft(ask_for_budget))
    blocked = findings(resources, rehearsal, "move", "newly_blocked")
    assert {(row.lead_id, row.details["to_stage"]) for row in blocked} == {
        (lacking, "needs_diagnosis"),
        (late, "needs_diagnosis"),
    }
    [item] = rehearsal.result["gates"]["items"]
    assert (item["item"], item["old"], item["new"]) == ("field:budget_confirmed", 0, 2)
    assert rehearsal.result["shares"]["newly_blocked"] == pytest.approx(2 / 6)


def test_documents_count_from_when_they_came_and_as_they_were_judged_then(
    company: Company, resources: Resources
) -> None:
    [rep, *_] = company.reps["east"]
    before, after, failed_then = (company.owned_lead(20, rep) for _ in range(3))
    company.upload(16, before, "decision_chain_map")
    company.change(16, failed_then, _failed_map)
    for lead_id in (before, after, failed_then):
        company.move(15, lead_id, "first_contact")
    company.upload(14, after, "decision_chain_map")
    company.change(14, failed_then, _pass_map)

    def ask_for_map(content: dict[str, Any]) -> None:
        stage_of(content, "lead_assignment")["documents"].append(
            {
                "kind": "decision_chain_map",
                "title": {"zh": "客户决策链图", "en": "Decision chain map"},
                "how": {"zh": "上传", "en": "Upload it"},
                "must_pass_check": True,
            }
        )

    rehearsal = company.rehearse(company.draft(ask_for_map))
    blocked = {
        row.lead_id: [item["kind"] for item in row.details["new"]]
        for row in findings(resources, rehearsal, "move", "newly_blocked")
    }
    assert blocked == {after: ["document"], failed_then: ["check"]}


def test_a_shorter_limit_rings_for_the_stays_that_were_longer(company: Company, resources: Resources) -> None:
    [rep, *_] = company.reps["east"]
    short, long = company.owned_lead(20, rep), company.owned_lead(20, rep)
    for lead_id, stayed in ((short, 0.5), (long, 1.5)):
        company.move(15, lead_id, "first_contact")
        company.move(14, lead_id, "needs_diagnosis")
        company.move(14 - stayed, lead_id, "proposal_quote")

    def within_a_day(content: dict[str, Any]) -> None:
        stage_of(content, "needs_diagnosis")["dwell_limit"]["hours"] = 24

    rehearsal = company.rehearse(company.draft(within_a_day))
    new = findings(resources, rehearsal, "alarm", "new")
    assert [(row.lead_id, row.details["step"], row.details["new"]["stage"]) for row in new] == [
        (long, 0, "needs_diagnosis")
    ]
    assert (NOW - new[0].happened_at).days == 13
    receivers = {row["receiver"]: row["new"] - row["old"] for row in rehearsal.result["alarms"]["receivers"]}
    assert receivers["owner"] == receivers["manager"] == 1


def test_leads_of_a_stage_that_goes_are_listed_with_where_they_go(company: Company, resources: Resources) -> None:
    [rep, *_] = company.reps["east"]
    here = company.owned_lead(20, rep)
    company.move(15, here, "first_contact")

    def without_first_contact(content: dict[str, Any]) -> None:
        content["stages"] = [stage for stage in content["stages"] if stage["code"] != "first_contact"]

    unmapped = company.rehearse(company.draft(without_first_contact))
    assert leads_of(findings(resources, unmapped, "stage", "unmapped")) == {here}
    mapped = company.rehearse(company.draft(without_first_contact, stage_map={"first_contact": "needs_diagnosis"}))
    assert leads_of(findings(resources, mapped, "stage", "mapped")) == {here}
    [gone] = mapped.result["stages"]
    assert gone == {"stage": "first_contact", "change": "gone", "target": "needs_diagnosis", "leads": 1}


def test_a_cell_of_the_matrix_a_scope_and_a_right_are_told_with_whom_they_concern(company: Company) -> None:
    def open_up(content: dict[str, Any]) -> None:
        content["field_matrix"]["customer"]["budget_range"]["presales"] = "hidden"
        content["row_scopes"]["rep"]["lead"] = "team"
        content["rights"]["manager"].append("gate.override")

    rehearsal = company.rehearse(company.draft(open_up))
    told = {(row["kind"], row["role"], row["record"], row["field"]): row for row in rehearsal.result["access"]}
    assert set(told) == {
        ("field", "presales", "customer", "budget_range"),
        ("scope", "rep", "lead", ""),
        ("right", "manager", "gate.override", ""),
    }
    scope = told["scope", "rep", "lead", ""]
    assert (scope["old"], scope["new"], scope["is_more"], scope["people"]) == ("own", "team", True, 4)
    assert told["right", "manager", "gate.override", ""]["people"] == 2
    assert not told["field", "presales", "customer", "budget_range"]["is_more"]


def test_the_same_material_gives_the_same_bytes(
    company: Company, resources: Resources, eventful: dict[str, list[UUID]]
) -> None:
    def only_east(content: dict[str, Any]) -> None:
        content["assignment"]["rules"][0]["conditions"] = [{"fact": "region", "test": "one_of", "values": ["east"]}]

    draft_id = company.draft(only_east)
    first, second = company.rehearse(draft_id), company.rehearse(draft_id)
    assert json.dumps(first.result) == json.dumps(second.result)
    told = [
        [(row.lead_id, row.change, row.old_owner_id, row.new_owner_id, row.codes, row.details) for row in rows]
        for rows in (findings(resources, first, "assignment"), findings(resources, second, "assignment"))
    ]
    assert told[0] == told[1]


def test_nothing_is_written_but_the_rehearsal_itself(
    company: Company, resources: Resources, eventful: dict[str, list[UUID]]
) -> None:
    before = _row_counts(resources)
    company.rehearse(company.draft())
    after = _row_counts(resources)
    grown = {table for table in after if after[table] != before[table]}
    assert grown == {"history", "playbook_versions", "rehearsals", "rehearsal_findings"}


def test_the_database_itself_refuses_to_write_during_a_replay(
    company: Company, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writing(session: Any, *_: Any) -> None:
        session.execute(text("UPDATE leads SET title = title"))

    monkeypatch.setattr(running, "load_material", writing)
    with pytest.raises((InternalError, ProgrammingError)) as refused:
        company.rehearse(company.draft())
    assert isinstance(refused.value.orig, psycopg.errors.ReadOnlySqlTransaction)


def test_a_draft_that_was_changed_meanwhile_is_not_rehearsed(company: Company, resources: Resources) -> None:
    draft_id = company.draft()
    with resources.database.transaction(Origin(channel="test")) as session:
        waiting = Rehearsal(draft_id=draft_id, content_sha256="0" * 64, days=30, status="waiting")
        session.add(waiting)
    running.run(resources, waiting.id)
    with resources.database.reading() as session:
        kept = session.get_one(Rehearsal, waiting.id)
        assert (kept.status, kept.result["problem"]["code"]) == ("failed", "rehearsal_draft_changed")


def test_thresholds_are_those_in_force_not_the_drafts_own(company: Company, eventful: dict[str, list[UUID]]) -> None:
    def loosened(content: dict[str, Any]) -> None:
        content["assignment"]["fallback"]["is_enabled"] = False
        content["rehearsal"] = {
            "days": 1,
            "most_newly_unassigned_share": 1,
            "most_newly_blocked_share": 1,
            "most_load_growth_share": 100,
        }

    rehearsal = company.rehearse(company.draft(loosened), days=29)
    refused = {check["check"]: check["limit"] for check in rehearsal.result["verdict"]["checks"] if not check["is_met"]}
    assert refused == {"days": 30, "newly_unassigned": 0.02}


def test_little_history_is_called_little(company: Company) -> None:
    company.lead(3)
    result = company.rehearse(company.draft()).result
    assert result["is_thin"]
    assert (result["assignment"]["leads"], result["assignment"]["lead_days"]) == (1, 1)


def _failed_map(session: Any, lead: Lead) -> None:
    make_document(session, lead, "decision_chain_map", "failed")


def _pass_map(session: Any, lead: Lead) -> None:
    session.execute(text("UPDATE documents SET verdict = 'passed' WHERE lead_id = :id"), {"id": lead.id})


def _row_counts(resources: Resources) -> dict[str, int]:
    with resources.database.reading() as session:
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        return {table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}


def test_a_review_that_a_tighter_bound_calls_for_is_told(company: Company) -> None:
    [rep, *_] = company.reps["east"]
    for _ in range(10):
        lead_id = company.owned_lead(20, rep)
        company.move(18, lead_id, "first_contact")
        company.move(14, lead_id, "needs_diagnosis")

    def watch_first_contact(content: dict[str, Any]) -> None:
        content["health"]["reviews"] = [
            {
                "code": "slow_contact",
                "name": {"zh": "首次触达过慢", "en": "Slow first contact"},
                "stage": "first_contact",
                "measure": "median_dwell_hours",
                "above": 24,
                "window_days": 90,
                "minimum_leads": 2,
                "group": "company",
            }
        ]

    [review] = company.rehearse(company.draft(watch_first_contact)).result["reviews"]
    assert (review["trigger"], review["change"], review["count"]) == ("slow_contact", "new", 10)
    assert review["value"] == pytest.approx(96)
    assert company.rehearse(company.draft()).result["reviews"] == []


def test_the_roster_of_each_day_decides_who_could_have_got_a_lead(company: Company, resources: Resources) -> None:
    stays, leaves = company.reps["east"]
    before, after = company.lead(20, "east"), company.lead(10, "east")
    with company.then(15) as session:
        left_on = (NOW - timedelta(days=15)).date()
        session.execute(
            text("UPDATE memberships SET until = :day WHERE person_id = :id"), {"day": left_on, "id": leaves}
        )
        session.execute(text("UPDATE people SET open_leads_limit = 0 WHERE id = :id"), {"id": stays})

    rehearsal = company.rehearse(company.draft())
    owners = {row.lead_id: row.old_owner_id for row in findings(resources, rehearsal, "assignment")}
    assert owners == {before: stays, after: None}


def test_open_leads_of_the_windows_beginning_fill_the_capacity(company: Company, resources: Resources) -> None:
    [busy, free] = company.reps["east"]
    held, closed_later = company.owned_lead(50, busy), company.owned_lead(50, busy)
    full, emptied = company.lead(20, "east"), company.lead(5, "east")
    with company.then(10) as session:
        acting = company.acting(session)
        Gate(acting).lose(session.get_one(Lead, closed_later), "price")

    def two_each(content: dict[str, Any]) -> None:
        content["assignment"]["pools"][0] |= {"open_leads_limit": 2, "strategy": "least_loaded"}

    with resources.database.transaction(Origin(channel="test")) as session:
        session.execute(text("UPDATE memberships SET until = '2020-02-01' WHERE person_id = :id"), {"id": free})
    rehearsal = company.rehearse(company.draft(two_each))
    placed = {row.lead_id: row.new_owner_id for row in findings(resources, rehearsal, "assignment")}
    assert placed == {full: None, emptied: busy}
    assert held not in placed


def test_a_run_that_is_repeated_keeps_one_result(company: Company, resources: Resources) -> None:
    company.lead(3)
    draft_id = company.draft()
    rehearsal = company.rehearse(draft_id)
    running.run(resources, rehearsal.id)
    assert len(findings(resources, rehearsal, "assignment")) == 1
    with resources.database.transaction(Origin(channel="test")) as session:
        interrupted = session.get_one(Rehearsal, rehearsal.id)
        again = Rehearsal(
            draft_id=draft_id, content_sha256=interrupted.content_sha256, days=30, status="running", leads_done=1
        )
        session.add(again)
    running.run(resources, again.id)
    with resources.database.reading() as session:
        assert session.get_one(Rehearsal, again.id).status == "done"
