"""E4: a trainer sees which skill the team lacks, how surely, and assigns the course that trains it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from tests.factories.people import log_in, log_in_as, make_person, make_team

SKILL, COURSE = "price_objection", "price_negotiation"


@pytest.fixture
def reps(resources: Resources) -> list[Person]:
    with resources.database.transaction(Origin(channel="test")) as session:
        team = make_team(session)
        return [make_person(session, team=team) for _ in range(6)]


@pytest.fixture
def trainer(client: TestClient, resources: Resources) -> Person:
    return log_in_as(client, resources, "trainer")


def due_on(days: int = 14) -> str:
    return str(clock.today() + timedelta(days=days))


def observe(client: TestClient, person_id: UUID, *levels: float, skill: str = SKILL) -> dict[str, object]:
    answer: dict[str, object] = {}
    for number, level in enumerate(levels):
        day = clock.today() - timedelta(days=number)
        seen = {"person_id": str(person_id), "skill": skill, "level": level, "observed_on": str(day)}
        response = client.post("/api/skills/observations", json={**seen, "source": "accompanied_visit"})
        assert response.status_code == 201, response.text
        answer = response.json()["gap"]
    return answer


def worst_skill(client: TestClient) -> dict[str, object]:
    row: dict[str, object] = client.get("/api/skills/heat-map").json()["skills"][0]
    return row


def test_the_heat_map_names_the_skill_most_lack_and_its_course(
    client: TestClient, trainer: Person, reps: list[Person]
) -> None:
    for person in reps[:5]:
        observe(client, person.id, 2, 2, 1.5)
    observe(client, reps[5].id, 4.5, 4.5, 4)
    worst = worst_skill(client)
    assert (worst["skill"], worst["name"], worst["people_with_data"], worst["lacking"]) == (SKILL, "处理价格异议", 6, 5)
    assert "83% 缺乏" in str(worst["text"])
    assert worst["courses"] == [{"code": COURSE, "name": "价格谈判实战课", "hours": 4}]
    people = client.get("/api/skills/heat-map").json()["people"]
    assert [row["person_id"] for row in people] == sorted(
        (str(person.id) for person in reps), key=[row["person_id"] for row in people].index
    )
    assert {len(row["gaps"]) for row in people} == {9}


def test_below_three_observations_there_is_not_enough_data(
    client: TestClient, trainer: Person, reps: list[Person]
) -> None:
    gap = observe(client, reps[0].id, 1, 1)
    assert (gap["observations"], gap["gap"], gap["is_established"]) == (2, None, False)
    assert "数据不足" in str(gap["text"])
    assert worst_skill(client)["share"] is None
    gap = observe(client, reps[0].id, 1)
    assert gap["gap"] == 2.5


def test_a_course_is_assigned_once_makes_a_task_and_is_completed(
    client: TestClient, resources: Resources, trainer: Person, reps: list[Person]
) -> None:
    observe(client, reps[0].id, 2, 2, 2)
    wanted = {"course": COURSE, "person_ids": [str(person.id) for person in reps[:2]], "due_on": due_on()}
    first, again = (client.post("/api/courses/assignments", json=wanted).json() for _ in range(2))
    assert [row["id"] for row in first["items"]] == [row["id"] for row in again["items"]]
    assert [row["gap_then"] for row in first["items"]] == [1.5, None]
    log_in(client, resources, reps[0])
    mine = client.get("/api/courses/assignments").json()
    assert [(row["course_name"], row["state"]) for row in mine["items"]] == [("价格谈判实战课", "assigned")]
    tasks = client.get("/api/tasks").json()["items"]
    assert [(task["kind"], task["title"]) for task in tasks] == [("course", "学习《价格谈判实战课》")]
    address = f"/api/courses/assignments/{mine['items'][0]['id']}/completed"
    assert client.post(address).json()["state"] == "completed"
    assert client.post(address).json()["code"] == "course_assignment_closed"
    log_in(client, resources, trainer)
    assert client.get("/api/courses/assignments?state=assigned").json()["total"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"course": "no_such_course"}, "course_unknown"),
        ({"due_on": "2020-01-01"}, "course_due_date_past"),
        ({"person_ids": [str(uuid4())]}, "trainee_unknown"),
    ],
)
def test_impossible_assignments_are_refused_by_name(
    client: TestClient, trainer: Person, reps: list[Person], change: dict[str, object], code: str
) -> None:
    wanted = {"course": COURSE, "person_ids": [str(reps[0].id)], "due_on": due_on(), **change}
    assert client.post("/api/courses/assignments", json=wanted).json()["code"] == code
    assert client.get("/api/courses/assignments").json()["total"] == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"skill": "charm"}, "skill_unknown"),
        ({"observed_on": "2999-01-01"}, "skill_observation_in_future"),
        ({"level": 6}, "malformed_request"),
    ],
)
def test_impossible_observations_are_refused_by_name(
    client: TestClient, trainer: Person, reps: list[Person], change: dict[str, object], code: str
) -> None:
    seen = {"person_id": str(reps[0].id), "skill": SKILL, "level": 2, "observed_on": "2026-01-05"}
    answer = client.post("/api/skills/observations", json={**seen, "source": "recording_review", **change})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_rep_sees_only_oneself_and_assigns_nothing(
    client: TestClient, resources: Resources, trainer: Person, reps: list[Person]
) -> None:
    observe(client, reps[0].id, 2, 2, 2)
    log_in(client, resources, reps[0])
    assert client.get("/api/skills/heat-map").json()["code"] == "right_missing"
    mine = client.get("/api/skills/mine").json()
    assert {row["skill"]: row["gap"] for row in mine["gaps"]}[SKILL] == 1.5
    wanted = {"course": COURSE, "person_ids": [str(reps[1].id)], "due_on": due_on()}
    assert client.post("/api/courses/assignments", json=wanted).status_code == 403


def test_a_manager_trains_the_own_team_only(
    client: TestClient, resources: Resources, trainer: Person, reps: list[Person]
) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        stranger = make_person(session, team=make_team(session, "华南一队"))
    log_in_as(client, resources, "manager")
    people = {row["person_id"] for row in client.get("/api/skills/heat-map").json()["people"]}
    assert people == {str(person.id) for person in reps}
    wanted = {"course": COURSE, "person_ids": [str(stranger.id)], "due_on": due_on()}
    assert client.post("/api/courses/assignments", json=wanted).json()["code"] == "trainee_unknown"
