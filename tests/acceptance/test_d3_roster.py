"""D3: people, teams, managers and regions with effective dates; onboarding refuses a rep without region."""

from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.history import HistoryEntry
from crm_core.foundation.resources import Resources
from crm_core.people.jobs import keep_roster_snapshot
from tests.factories.people import log_in, log_in_as, make_person, make_region, make_team


@pytest.fixture
def operations(client: TestClient, resources: Resources) -> TestClient:
    log_in_as(client, resources, "operations")
    return client


@pytest.fixture
def places(operations: TestClient) -> dict[str, str]:
    """Ids of two regions with a team each."""
    found = {}
    for code, name, team in (("south", "华南大区", "南一队"), ("north", "华北大区", "北一队")):
        region = operations.post("/api/regions", json={"code": code, "name": name})
        found[code] = region.json()["id"]
        found[team] = operations.post("/api/teams", json={"name": team, "region_id": found[code]}).json()["id"]
    return found


def hire(client: TestClient, position: dict, **facts: object) -> tuple[int, dict]:
    response = client.post("/api/people", json={"name": "曾小贤", "position": position, **facts})
    return response.status_code, response.json()


def names(client: TestClient, **query: object) -> list[str]:
    response = client.get("/api/people", params=query)
    assert response.status_code == 200, response.text
    return [person["name"] for person in response.json()["items"]]


def test_onboarding_refuses_a_rep_without_region(operations: TestClient) -> None:
    status, problem = hire(operations, {"role": "rep"})
    assert (status, problem["code"], problem["where"]) == (422, "rep_without_region", "region_id")
    assert "曾小贤" in problem["what"]
    assert names(operations, search="曾小贤") == []


def test_a_rep_takes_the_region_of_the_team(operations: TestClient, places: dict[str, str]) -> None:
    status, person = hire(operations, {"role": "rep", "team_id": places["南一队"]}, hired_on="2026-03-02")
    assert status == 201
    (membership,) = person["memberships"]
    assert (membership["region"], membership["team"], membership["since"]) == ("华南大区", "南一队", "2026-03-02")


def test_an_unknown_role_is_refused_with_the_roles_that_exist(operations: TestClient) -> None:
    status, problem = hire(operations, {"role": "销售"})
    assert (status, problem["code"]) == (422, "role_unknown")
    for role in ("rep", "presales", "delivery", "finance", "trainer", "manager", "director", "operations", "admin"):
        assert role in problem["remedy"]


def test_a_transfer_shows_each_day_as_it_was(operations: TestClient, places: dict[str, str]) -> None:
    _, person = hire(operations, {"role": "rep", "team_id": places["南一队"]}, since="2026-01-05")
    membership_id = person["memberships"][0]["id"]
    moved = operations.put(
        f"/api/people/{person['id']}/memberships/{membership_id}",
        json={"role": "rep", "team_id": places["北一队"], "since": "2026-06-01"},
    )
    assert [(one["team"], one["since"], one["until"]) for one in moved.json()] == [
        ("南一队", "2026-01-05", "2026-06-01"),
        ("北一队", "2026-06-01", None),
    ]
    assert names(operations, team_id=places["南一队"], on="2026-05-31") == ["曾小贤"]
    assert names(operations, team_id=places["南一队"], on="2026-06-01") == []
    assert names(operations, region_id=places["north"], role="rep", on="2026-06-01") == ["曾小贤"]
    assert names(operations, role="rep", on="2026-01-04") == []


def test_overlapping_positions_are_refused(operations: TestClient, places: dict[str, str]) -> None:
    _, person = hire(operations, {"role": "rep", "team_id": places["南一队"]}, since="2026-01-05")
    again = {"role": "rep", "team_id": places["北一队"], "since": "2026-03-01"}
    refused = operations.post(f"/api/people/{person['id']}/memberships", json=again)
    assert (refused.status_code, refused.json()["code"]) == (409, "memberships_overlap")
    other = operations.post(f"/api/people/{person['id']}/memberships", json={**again, "role": "trainer"})
    assert (other.status_code, len(other.json())) == (201, 2)


def test_manager_and_team_are_those_of_the_day(operations: TestClient, places: dict[str, str]) -> None:
    _, old = hire(operations, {"role": "manager", "team_id": places["南一队"]}, name="老主管", since="2025-01-01")
    _, new = hire(operations, {"role": "manager", "team_id": places["北一队"]}, name="新主管", since="2025-01-01")
    position = {"role": "rep", "team_id": places["南一队"], "manager_id": old["id"]}
    _, person = hire(operations, position, since="2026-01-05")
    operations.put(
        f"/api/people/{person['id']}/memberships/{person['memberships'][0]['id']}",
        json={"role": "rep", "team_id": places["北一队"], "manager_id": new["id"], "since": "2026-06-01"},
    )
    before = operations.get(f"/api/people/{person['id']}", params={"on": "2026-05-31"}).json()
    after = operations.get(f"/api/people/{person['id']}", params={"on": "2026-06-01"}).json()
    assert (before["manager"]["name"], after["manager"]["name"]) == ("老主管", "新主管")
    assert [one["name"] for one in before["team_members"]] == ["老主管"]
    assert len(after["memberships"]) == 2


def test_people_are_found_by_name_pinyin_and_initials(operations: TestClient, places: dict[str, str]) -> None:
    hire(operations, {"role": "rep", "team_id": places["南一队"]})
    hire(operations, {"role": "trainer"}, name="单雄信")
    for words in ("小贤", "zeng", "zeng xiao", "zengxiaoxian", "ZXX"):
        assert names(operations, search=words) == ["曾小贤"], words
    assert names(operations, search="shan") == ["单雄信"]
    assert names(operations, search="100%") == []
    listed = names(operations)
    assert listed.index("单雄信") < listed.index("曾小贤")


def test_a_list_comes_in_pages(operations: TestClient, places: dict[str, str]) -> None:
    for number in range(4):
        hire(operations, {"role": "rep", "team_id": places["南一队"]}, name=f"曾{number}")
    query = {"team_id": places["南一队"], "limit": 3}
    first = operations.get("/api/people", params=query).json()
    second = operations.get("/api/people", params={**query, "offset": 3}).json()
    assert (first["total"], len(first["items"]), len(second["items"])) == (4, 3, 1)
    assert operations.get("/api/people", params={"sort": "name"}).json()["code"] == "malformed_request"


def test_leaving_ends_positions_and_the_list_forgets_by_default(operations: TestClient, places: dict[str, str]) -> None:
    _, person = hire(operations, {"role": "rep", "team_id": places["南一队"]}, since="2026-01-05")
    today = clock.today()
    left = operations.post(f"/api/people/{person['id']}/leave", json={"on": today.isoformat()})
    assert left.status_code == 204
    assert names(operations, search="曾小贤") == []
    assert names(operations, search="曾小贤", with_left=True) == ["曾小贤"]
    assert names(operations, search="曾小贤", on=(today - timedelta(days=1)).isoformat()) == ["曾小贤"]
    detail = operations.get(f"/api/people/{person['id']}").json()
    assert detail["left_on"] == today.isoformat()
    assert detail["memberships"][0]["until"] == today.isoformat()


def test_corrections_are_kept_in_history_with_who(
    client: TestClient, resources: Resources, places: dict[str, str]
) -> None:
    keeper = log_in_as(client, resources, "operations")
    _, person = hire(client, {"role": "rep", "team_id": places["南一队"]}, email="zeng@example.com")
    changed = client.put(f"/api/people/{person['id']}", json={"name": "增小贤", "mobile": "13800000000"})
    assert (changed.json()["name"], changed.json()["email"]) == ("增小贤", "zeng@example.com")
    with resources.database.reading() as session:
        entry = session.scalars(
            select(HistoryEntry).where(HistoryEntry.table_name == "people", HistoryEntry.operation == "update")
        ).one()
    assert entry.actor_id == keeper.id
    assert entry.old_values["name"] == "曾小贤"
    assert entry.new_values["mobile"] == "13800000000"


def test_two_people_do_not_share_a_number_or_an_address(operations: TestClient) -> None:
    hire(operations, {"role": "trainer"}, employee_number="S1", email="a@example.com")
    for facts in ({"employee_number": "S1"}, {"email": "a@example.com"}):
        status, problem = hire(operations, {"role": "trainer"}, **facts)
        assert (status, problem["code"]) == (409, "person_duplicate")


@pytest.mark.parametrize("role", ["rep", "presales", "delivery", "finance", "trainer", "manager", "director"])
def test_only_who_keeps_the_roster_changes_it(client: TestClient, resources: Resources, role: str) -> None:
    person = log_in_as(client, resources, role)
    today = date(2026, 1, 1).isoformat()
    tries = [
        client.post("/api/people", json={"name": "甲", "position": {"role": "trainer"}}),
        client.put(f"/api/people/{person.id}", json={"name": "乙"}),
        client.post(f"/api/people/{person.id}/memberships", json={"role": "admin", "since": today}),
        client.post(f"/api/people/{person.id}/leave", json={"on": today}),
        client.post("/api/teams", json={"name": "丙"}),
        client.post("/api/regions", json={"code": "x", "name": "丁"}),
    ]
    assert [one.json()["code"] for one in tries] == ["right_missing"] * len(tries)


def test_operations_neither_make_nor_unmake_administrators(client: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        admin = make_person(session, "admin")
    keeper = log_in_as(client, resources, "operations")
    today = clock.today().isoformat()
    promoted = client.post(f"/api/people/{keeper.id}/memberships", json={"role": "admin", "since": today})
    assert (promoted.status_code, promoted.json()["code"]) == (403, "admin_role_reserved")
    dismissed = client.post(f"/api/people/{admin.id}/leave", json={"on": today})
    assert dismissed.json()["code"] == "admin_role_reserved"
    log_in(client, resources, admin)
    assert client.post(f"/api/people/{keeper.id}/memberships", json={"role": "admin", "since": today}).is_success


def test_the_roster_costs_the_same_number_of_queries_however_long(
    client: TestClient, resources: Resources, operations: TestClient
) -> None:
    def queries() -> int:
        counted: list[str] = []

        def count(*arguments: object) -> None:
            counted.append(str(arguments[2]))

        event.listen(resources.database.engine, "before_cursor_execute", count)
        assert operations.get("/api/people").is_success
        event.remove(resources.database.engine, "before_cursor_execute", count)
        return len(counted)

    few = queries()
    with resources.database.transaction(Origin(channel="test")) as session:
        team = make_team(session, "南一队", make_region(session, "south", "华南大区"))
        for _ in range(20):
            make_person(session, "rep", team=team)
    assert queries() == few


def test_a_person_page_says_what_keeps_leads_away(operations: TestClient, places: dict[str, str]) -> None:
    _, person = hire(operations, {"role": "rep", "team_id": places["南一队"]})
    shown = operations.get(f"/api/people/{person['id']}").json()
    assert (shown["receives_leads"], shown["onboarding"]["missing"]) == (False, ["manager"])
    assert "上级" in shown["onboarding"]["explanation"]
    assert [person["name"] for person in newcomers(operations)] == ["曾小贤"]

    _, manager = hire(operations, {"role": "manager", "team_id": places["南一队"]}, name="王主管")
    position = {"role": "rep", "team_id": places["南一队"], "manager_id": manager["id"]}
    membership_id, since = person["memberships"][0]["id"], clock.today().isoformat()
    operations.put(f"/api/people/{person['id']}/memberships/{membership_id}", json={**position, "since": since})
    shown = operations.get(f"/api/people/{person['id']}").json()
    assert (shown["receives_leads"], shown["onboarding"]["obstacle"]) == (True, None)
    assert shown["onboarding"]["pools"] == ["大区销售池", "总部池"]
    assert newcomers(operations) == []


def test_somebody_away_receives_no_leads_until_the_day(operations: TestClient, places: dict[str, str]) -> None:
    _, manager = hire(operations, {"role": "manager", "team_id": places["南一队"]}, name="王主管")
    back_on = clock.today() + timedelta(days=3)
    position = {"role": "rep", "team_id": places["南一队"], "manager_id": manager["id"]}
    _, person = hire(operations, position, away_until=back_on.isoformat())
    path = f"/api/people/{person['id']}"
    assert operations.get(path).json()["onboarding"]["obstacle"] == "away"
    assert operations.get(path, params={"on": back_on.isoformat()}).json()["receives_leads"] is True
    assert newcomers(operations) == []


def test_somebody_whom_no_pool_asks_for_is_listed(operations: TestClient, places: dict[str, str]) -> None:
    _, finance = hire(operations, {"role": "finance"}, name="钱雯")
    shown = operations.get(f"/api/people/{finance['id']}").json()
    assert shown["onboarding"]["obstacle"] == "role"
    assert newcomers(operations) == []


def test_what_assignment_looks_at_is_kept_with_the_person(operations: TestClient, places: dict[str, str]) -> None:
    facts = {
        "wecom_id": "zengxx",
        "skills": ["光伏", " 充电桩 ", "光伏"],
        "languages": ["zh", "en"],
        "open_leads_limit": 20,
        "away_until": "2026-12-31",
    }
    _, person = hire(operations, {"role": "rep", "team_id": places["南一队"]}, **facts)
    assert {name: person[name] for name in facts} == {**facts, "skills": ["光伏", "充电桩"]}
    status, problem = hire(operations, {"role": "trainer"}, name="乙", wecom_id="zengxx")
    assert (status, problem["code"], problem["where"]) == (409, "person_duplicate", "wecom_id")
    refused = operations.put(f"/api/people/{person['id']}", json={"open_leads_limit": -1})
    assert refused.json()["code"] == "malformed_request"
    cleared = operations.put(f"/api/people/{person['id']}", json={"wecom_id": "", "skills": []}).json()
    assert (cleared["wecom_id"], cleared["skills"], cleared["open_leads_limit"]) == (None, [], 20)


def test_a_team_gets_another_region_and_a_calendar(operations: TestClient, places: dict[str, str]) -> None:
    path = f"/api/teams/{places['南一队']}"
    changed = operations.put(path, json={"region_id": places["north"], "calendar": "office"}).json()
    assert (changed["name"], changed["region_id"], changed["calendar"]) == ("南一队", places["north"], "office")
    refused = operations.put(path, json={"calendar": "lunar"})
    assert (refused.status_code, refused.json()["code"]) == (422, "team_calendar_unknown")
    assert "office" in refused.json()["remedy"]
    taken = operations.put(path, json={"name": "北一队"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


def test_the_diff_tells_each_change_on_its_day_in_words(operations: TestClient, places: dict[str, str]) -> None:
    """Days that lie apart, so that who joined, moved and left is told on the day of each."""
    _, manager = hire(operations, {"role": "manager", "team_id": places["南一队"]}, name="王主管", since="2026-01-01")
    _, person = hire(operations, {"role": "rep", "team_id": places["南一队"]}, since="2026-03-02")
    moved = {"role": "rep", "team_id": places["北一队"], "manager_id": manager["id"], "since": "2026-03-05"}
    operations.put(f"/api/people/{person['id']}/memberships/{person['memberships'][0]['id']}", json=moved)
    operations.post(f"/api/people/{person['id']}/leave", json={"on": "2026-03-09"})

    diff = operations.get("/api/roster/diff", params={"from": "2026-03-01", "to": "2026-03-10"}).json()
    assert [(change["day"], change["sentence"]) for change in reversed(diff["items"])] == [
        ("2026-03-02", "曾小贤 加入：销售，南一队 · 华南大区"),
        ("2026-03-05", "曾小贤 由南一队调到北一队"),
        ("2026-03-05", "曾小贤 的大区由华南大区改为华北大区"),
        ("2026-03-05", "曾小贤 的上级由无改为王主管"),
        ("2026-03-09", "曾小贤 离开：销售，北一队 · 华北大区"),
    ]
    assert {"day": "2026-03-05", "kind": "team_changed", "count": 1} in diff["counts"]
    english = operations.get(
        "/api/roster/diff",
        params={"from": "2026-03-01", "to": "2026-03-10", "kind": "left"},
        headers={"accept-language": "en"},
    ).json()
    assert [change["sentence"] for change in english["items"]] == ["曾小贤 left: sales rep, 北一队 · 华北大区"]


@pytest.mark.parametrize(
    ("window", "code"),
    [
        (("2026-03-02", "2026-03-01"), "roster_window_reversed"),
        (("2020-03-02", "2026-03-01"), "roster_window_too_long"),
        (("2026-02-30", "2026-03-01"), "malformed_request"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(operations: TestClient, window: tuple[str, str], code: str) -> None:
    refused = operations.get("/api/roster/diff", params={"from": window[0], "to": window[1]})
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_the_roster_of_a_day_is_written_down_and_found_by_its_digest(
    operations: TestClient, resources: Resources, places: dict[str, str]
) -> None:
    hire(operations, {"role": "rep", "team_id": places["南一队"]}, skills=["光伏"])
    keep_roster_snapshot.run(resources)
    today = operations.get("/api/roster").json()
    _, second = hire(operations, {"role": "rep", "team_id": places["南一队"]}, name="后来人")
    keep_roster_snapshot.run(resources)
    keep_roster_snapshot.run(resources)

    kept = operations.get("/api/roster/snapshots").json()
    assert [one["positions"] for one in kept["items"]] == [today["total"] + 1, today["total"]]
    first = operations.get(f"/api/roster/snapshots/{today['digest']}").json()
    assert first["items"] == today["items"]
    assert second["name"] not in [one["name"] for one in first["items"]]
    assert operations.get("/api/roster/snapshots/0").json()["code"] == "roster_snapshot_not_found"


def newcomers(client: TestClient) -> list[dict]:
    response = client.get("/api/roster/newcomers")
    assert response.status_code == 200, response.text
    return response.json()["items"]
