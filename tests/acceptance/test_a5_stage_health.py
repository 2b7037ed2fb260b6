"""A5: dwell with running stays counted honestly, conversion by cohort, back-flow, ageing, reviews; lists behind all."""

from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from crm_core.foundation import clock
from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Membership, Person
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.leads import update_lead
from crm_core.pipeline.tables import Lead
from crm_core.process.tables import PlaybookVersion
from tests.factories.leads import EVERY_FIELD, acting_as, make_customer, make_lead
from tests.factories.people import log_in, make_person, make_region, make_team

START = datetime(2026, 3, 2, 9, tzinfo=BUSINESS_ZONE)
NOW = START + timedelta(days=10)
FIRST, SECOND = "lead_assignment", "first_contact"


class Company:
    """Twelve leads of one rep: ten went on from the first stage after 2, 4, … 20 hours, two still stand there.

    Of the ten, three went on from first contact, two of these after having been sent back once; four were lost, one is
    parked, one was sent back and stands in the first stage again, one is still there.
    """

    def __init__(self, client: TestClient, resources: Resources) -> None:
        self.client, self.resources = client, resources
        with clock.frozen(START - timedelta(days=1)), resources.database.transaction(Origin("test")) as session:
            east, north = make_region(session, "east", "华东大区"), make_region(session, "north", "华北大区")
            self.team, self.other_team = make_team(session, "华东一队", east), make_team(session, "华北一队", north)
            self.manager = make_person(session, "manager", name="东主管", team=self.team)
            self.other_manager = make_person(session, "manager", name="北主管", team=self.other_team)
            self.rep = make_person(session, "rep", name="东销售", team=self.team, manager=self.manager)
            self.other_rep = make_person(
                session, "rep", name="北销售", team=self.other_team, manager=self.other_manager
            )
            self.director = make_person(session, "director", name="东总监", region=east)
            self.operations = make_person(session, "operations", name="运营")
        self.leads = self.made_leads()
        for number in range(10):
            self.move(number, 2 * (number + 1), "forward", SECOND)
        for number in (0, 1):
            self.move(number, 24, "back", FIRST)
            self.move(number, 26, "forward", SECOND)
        for number in (0, 1, 2):
            self.move(number, 40, "forward", "needs_diagnosis")
        for number in (3, 4, 5, 6):
            self.move(number, 50, "lost", "price" if number < 6 else "no_budget")
        self.move(7, 60, "parked", "project_delayed")
        self.move(8, 70, "back", FIRST)

    def made_leads(self) -> list[Lead]:
        with clock.frozen(START), self.resources.database.transaction(Origin("test")) as session:
            customer = make_customer(session, session.get_one(Person, self.rep.id))
            customer.region_id = self.team.region_id
            made = []
            for number in range(12):
                lead = make_lead(session, self.rep, customer=customer, title=f"线索{number}")
                update_lead(acting_as(session, self.rep), lead, EVERY_FIELD)
                made.append(lead)
            return made

    def move(self, number: int, hours: float, kind: str, argument: str) -> None:
        """Through the gate, as its owner."""
        with (
            clock.frozen(START + timedelta(hours=hours)),
            self.resources.database.transaction(Origin("test")) as session,
        ):
            gate, lead = Gate(acting_as(session, self.rep)), session.get_one(Lead, self.leads[number].id)
            if kind == "forward":
                gate.advance(lead, argument)
            elif kind == "back":
                gate.move_back(lead, argument, "资料不全")
            elif kind == "lost":
                gate.lose(lead, argument)
            else:
                gate.park(lead, argument)

    def ask(self, person: Person, path: str = "", **query: object) -> dict:
        with clock.frozen(NOW):
            log_in(self.client, self.resources, person)
            answer = self.client.get(f"/api/stage-health{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stage(self, person: Person, code: str, **query: object) -> dict:
        return next(one for one in self.ask(person, **query)["stages"] if one["stage"] == code)


@pytest.fixture
def company(client: TestClient, resources: Resources) -> Company:
    return Company(client, resources)


def test_the_figures_are_those_counted_by_hand(company: Company) -> None:
    first, second = company.stage(company.manager, FIRST), company.stage(company.manager, SECOND)
    # twelve first stays, and one more for each of the three that were sent back
    assert (first["dwell"]["stays"], first["dwell"]["ended"]) == (15, 12)
    # two of the three that came back went on after 2 hours: ends at 2, 2, 2, 4, 6, 8, 10, 12, …; 8 of 15 by 12 hours
    assert first["dwell"]["median_hours"]["value"] == 12
    assert first["dwell"]["p90_hours"]["value"] is None
    assert (first["step"]["entered"], first["step"]["forward"], first["step"]["undecided"]) == (12, 10, 2)
    assert (first["standing"]["open"], first["standing"]["ages"][:4]) == (3, [0, 0, 0, 3])

    step = second["step"]
    assert (step["entered"], step["forward"], step["lost"], step["parked"]) == (10, 3, 4, 1)
    assert (step["back"], step["undecided"], step["decided"]) == (1, 1, 8)
    # eight decided leads are too few to speak of a share
    assert (step["is_enough"], step["conversion"]["value"]) == (False, None)
    assert second["back_flow"]["ended"] == 11
    assert second["back_flow"]["back"] == 3
    assert second["back_flow"]["share"]["value"] == pytest.approx(3 / 11)
    reasons = {reason["code"]: reason["count"] for reason in second["loss_reasons"]}
    assert reasons == {"price": 3, "no_budget": 1}


def test_every_number_opens_the_list_that_it_counts(company: Company) -> None:
    counted = {"open": 0, "entered": 0, "forward": 0, "back": 0, "lost": 0, "parked": 0, "undecided": 0, "overdue": 0}
    for one in company.ask(company.manager)["stages"]:
        numbers = {**one["step"], "open": one["standing"]["open"], "overdue": one["standing"]["overdue"]}
        for figure in counted:
            listed = company.ask(company.manager, "/leads", stage=one["stage"], figure=figure, limit=200)
            assert listed["total"] == len(listed["items"]) == numbers[figure], (one["stage"], figure)
            counted[figure] += listed["total"]
        for column, count in enumerate(one["standing"]["ages"]):
            listed = company.ask(company.manager, "/leads", stage=one["stage"], figure="open", age=column)
            assert listed["total"] == count
    assert all(counted.values()), counted
    titles = [lead["title"] for lead in company.ask(company.manager, "/leads", stage=SECOND, figure="lost")["items"]]
    assert titles == ["线索3", "线索4", "线索5", "线索6"]


def test_weeks_add_up_to_the_whole(company: Company) -> None:
    health = company.ask(company.manager)
    for one in health["stages"]:
        weeks = [week for week in health["weeks"] if week["stage"] == one["stage"]]
        assert sum(week["dwell"]["stays"] for week in weeks) == one["dwell"]["stays"]
        assert all(week["week"] <= "2026-03-12" for week in weeks)


def test_each_sees_as_far_as_the_role_reaches(company: Company) -> None:
    reach = {
        company.rep: 12,
        company.manager: 12,
        company.director: 12,
        company.operations: 12,
        company.other_rep: 0,
        company.other_manager: 0,
    }
    for person, leads in reach.items():
        assert company.ask(person)["leads"] == leads, person.name
    assert company.ask(company.other_manager, "/leads", stage=SECOND, figure="lost")["total"] == 0


def test_moves_belong_to_the_team_of_their_day(company: Company) -> None:
    """The rep changes teams afterwards; what happened before stays with the old team."""
    with company.resources.database.transaction(Origin("test")) as session:
        old = session.scalars(select(Membership).where(Membership.person_id == company.rep.id)).one()
        day = (START + timedelta(days=5)).date()
        session.add(
            Membership(
                person_id=company.rep.id,
                role="rep",
                team_id=company.other_team.id,
                region_id=company.other_team.region_id,
                since=day,
            )
        )
        old.until = day
    teams = {group["name"]: group for group in company.ask(company.operations, "/groups", by="team")["items"]}
    entered = {name: [one["step"]["entered"] for one in group["stages"][:2]] for name, group in teams.items()}
    assert entered == {"华东一队": [12, 10], "华北一队": [0, 0]}
    # who stands where now belongs to the team of now
    assert teams["华北一队"]["stages"][0]["standing"]["open"] == 3
    of_team = company.stage(company.operations, SECOND, team_id=str(company.team.id))
    assert of_team["step"]["entered"] == 10
    assert company.stage(company.operations, SECOND, team_id=str(company.other_team.id))["step"]["entered"] == 0


def test_working_hours_leave_nights_and_weekends_out(company: Company) -> None:
    wall = company.stage(company.manager, FIRST)["dwell"]
    working = company.stage(company.manager, FIRST, clock="working")["dwell"]
    assert working["stays"] == wall["stays"]
    # twelve hours from Monday 9:00 end at 21:00; of these 7.5 are worked
    assert working["median_hours"]["value"] == pytest.approx(7.5)


def test_a_figure_out_of_bounds_calls_for_one_review_with_its_leads(company: Company) -> None:
    with company.resources.database.transaction(Origin("test")) as session:
        version = session.scalars(select(PlaybookVersion).where(PlaybookVersion.status == "published")).one()
        trigger = {
            "code": "much_back_flow",
            "name": {"zh": "首次触达回退多", "en": "Many go back"},
            "stage": SECOND,
            "measure": "back_flow_share",
            "above": 0.2,
            "minimum_leads": 10,
        }
        health = {**version.content["health"], "reviews": [trigger]}
        version.content = {**version.content, "health": health}
    with clock.frozen(NOW):
        log_in(company.client, company.resources, company.operations)
        made = company.client.post("/api/stage-health/reviews").json()
        again = company.client.post("/api/stage-health/reviews").json()
    assert (made["total"], again["total"]) == (1, 0)
    (review,) = company.ask(company.manager, "/reviews")["items"]
    assert (review["assignee_name"], review["count"], review["leads"]) == ("东主管", 11, 3)
    assert review["figure"]["lowest"] < review["figure"]["value"] < review["figure"]["highest"]
    assert "首次触达" in review["title"]
    assert "27%" in review["title"]
    leads = company.ask(company.manager, f"/reviews/{review['task_id']}/leads")
    assert sorted(lead["title"] for lead in leads["items"]) == ["线索0", "线索1", "线索8"]
    assert company.ask(company.other_manager, "/reviews")["total"] == 0


def test_nonsense_is_answered_in_words(company: Company) -> None:
    log_in(company.client, company.resources, company.manager)
    reversed_window = {"since": NOW.isoformat(), "until": START.isoformat()}
    assert company.client.get("/api/stage-health", params=reversed_window).json()["code"] == "health_window_reversed"
    unknown = {"stage": "谈判", "figure": "open"}
    answer = company.client.get("/api/stage-health/leads", params=unknown).json()
    assert answer["code"] == "health_stage_unknown"
    assert FIRST in answer["remedy"]
