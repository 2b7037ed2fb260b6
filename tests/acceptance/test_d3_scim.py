"""D3: an identity provider keeps the roster by SCIM 2.0, driven by the standard client and its conformance suite."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi.testclient import TestClient
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import CheckResult, Status, check_server, filling
from sqlalchemy import select, update

from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.history import HistoryEntry
from crm_core.foundation.resources import Resources
from crm_core.people.roster import leave
from crm_core.people.tables import Membership, Person
from tests.factories.leads import make_customer
from tests.factories.people import log_in, make_person, make_region, use_api_token


@pytest.fixture
def keeper(resources: Resources) -> Person:
    """Somebody who keeps the roster, for whom the identity provider acts."""
    with resources.database.transaction(Origin(channel="test")) as session:
        make_region(session, "east", "华东大区")
        make_region(session, "south", "华南大区")
        return make_person(session, "operations", name="运营")


@pytest.fixture
def provider(client: TestClient, resources: Resources, keeper: Person) -> TestClient:
    """The client of an identity provider."""
    return use_api_token(client, resources, keeper, "scim")


@pytest.fixture
def standard_client(provider: TestClient) -> SyncSCIMClient:
    """The standard client, as a provider's own software would use it."""
    address = "http://testserver/scim/v2/"
    return SyncSCIMClient(TestClient(provider.app, base_url=address, headers=dict(provider.headers)))


def test_the_conformance_suite_finds_nothing_wrong(
    standard_client: SyncSCIMClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users stay switched on: one who is switched off has no position, so that no team or region could be kept."""
    choose = filling.random.choice
    monkeypatch.setattr(filling.random, "choice", lambda options: options == [True, False] or choose(options))
    results = check_server(standard_client)
    fine = {Status.SUCCESS, Status.SKIPPED, Status.COMPLIANT, Status.ACCEPTABLE}
    wrong = [one for one in results if one.status not in fine and not stands_beside(one)]
    assert wrong == [], "\n".join(f"{one.title} {one.resource_type}: {one.reason}" for one in wrong)
    assert len([one for one in results if one.status == Status.SUCCESS]) > 40


def stands_beside(result: CheckResult) -> bool:
    """What is added to a list stands beside what is there (RFC 7644, 3.5.2.1); the suite expects it to stand alone."""
    if result.title != "check_add_attribute" or not isinstance(result.data, dict):
        return False
    expected, actual = result.data.get("expected"), result.data.get("modify_actual")
    return isinstance(expected, list) and isinstance(actual, list) and all(one in actual for one in expected)


USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ROSTER = "urn:salesdojo:params:scim:schemas:extension:roster:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def push(provider: TestClient, user_name: str, **attributes: Any) -> dict[str, Any]:
    answer = provider.post("/scim/v2/Users", json={"schemas": [USER], "userName": user_name, **attributes})
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.headers["location"] == answer.json()["meta"]["location"]
    return answer.json()


def patch(provider: TestClient, kind: str, record_id: str, *operations: dict[str, Any]) -> dict[str, Any]:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
    answer = provider.patch(f"/scim/v2/{kind}/{record_id}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(answer: httpx2.Response) -> tuple[int, str | None]:
    body = answer.json()
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert int(body["status"]) == answer.status_code
    return answer.status_code, body.get("scimType")


def found(provider: TestClient, condition: str, kind: str = "Users") -> list[str]:
    answer = provider.get(f"/scim/v2/{kind}", params={"filter": condition})
    assert answer.status_code == 200, answer.text
    return [one.get("userName") or one["displayName"] for one in answer.json()["Resources"]]


@pytest.fixture
def screen(client: TestClient, resources: Resources, keeper: Person) -> TestClient:
    """Somebody who looks at the roster on screen."""
    return log_in(TestClient(client.app), resources, keeper)


def test_a_user_without_region_is_on_the_roster_and_gets_no_leads(provider: TestClient, screen: TestClient) -> None:
    user = push(provider, "zeng@example.com", name={"familyName": "曾", "givenName": "小贤"})
    assert (user["displayName"], user["active"], user["roles"]) == ("曾小贤", True, [{"value": "rep"}])
    person = screen.get(f"/api/people/{user['id']}").json()
    assert person["receives_leads"] is False
    assert "region" in person["onboarding"]["missing"]
    today = clock.today()
    diff = screen.get("/api/roster/diff", params={"from": str(today - timedelta(days=1)), "to": str(today)}).json()
    assert [one["sentence"] for one in diff["items"] if one["person_id"] == user["id"]] == [
        "曾小贤 加入：销售，未定团队；没有大区，收不到线索"
    ]


def test_everything_that_selling_needs_can_be_pushed(provider: TestClient, screen: TestClient) -> None:
    manager = push(provider, "wang@example.com", displayName="王主管", roles=[{"value": "manager"}])
    user = push(
        provider,
        "zeng@example.com",
        displayName="曾小贤",
        externalId="00u1",
        emails=[{"value": "zeng@example.com", "type": "work", "primary": True}],
        phoneNumbers=[{"value": "13800000000", "type": "mobile"}],
        roles=[{"value": "rep", "primary": True}],
        **{
            ENTERPRISE: {
                "employeeNumber": "S1",
                "department": "东一队",
                "manager": {"value": manager["id"]},
                "costCenter": "4130",
            },
            ROSTER: {"region": "华东大区", "skills": ["光伏"], "languages": ["zh"], "openLeadsLimit": 30},
        },
    )
    person = screen.get(f"/api/people/{user['id']}").json()
    assert (person["email"], person["mobile"], person["employee_number"]) == ("zeng@example.com", "13800000000", "S1")
    (held,) = person["memberships"]
    assert (held["role"], held["team"], held["region"], held["manager"]) == ("rep", "东一队", "华东大区", "王主管")
    assert (person["receives_leads"], person["skills"], person["open_leads_limit"]) == (True, ["光伏"], 30)
    assert user["groups"][0]["display"] == "东一队"


def test_what_the_provider_writes_is_told_apart_in_history(provider: TestClient, resources: Resources) -> None:
    user = push(provider, "zeng@example.com")
    with resources.database.reading() as session:
        entries = session.scalars(select(HistoryEntry).where(HistoryEntry.record_id == UUID(user["id"]))).all()
    assert {entry.channel for entry in entries} == {"scim"}


def test_filters_find_just_whom_they_describe(provider: TestClient) -> None:
    push(provider, "anna@corp.cn", displayName="Anna", **{ENTERPRISE: {"employeeNumber": "10"}})
    push(provider, "bob@corp.cn", displayName="Bob", emails=[{"value": "bob@work.cn", "type": "work"}])
    push(provider, "carl@other.org", displayName="Carl", externalId="c-1", active=False)
    mine = '(userName ew "corp.cn" or userName ew "other.org")'
    expected = {
        'userName eq "ANNA@corp.cn"': ["anna@corp.cn"],
        'userName ne "anna@corp.cn" and userName ew "corp.cn"': ["bob@corp.cn"],
        'displayName co "ar"': ["carl@other.org"],
        'displayName sw "B"': ["bob@corp.cn"],
        f"{mine} and emails pr": ["bob@corp.cn"],
        'emails[type eq "work" and value co "work.cn"]': ["bob@corp.cn"],
        'emails.value eq "BOB@work.cn"': ["bob@corp.cn"],
        'externalId eq "c-1"': ["carl@other.org"],
        f"{mine} and not (active eq true)": ["carl@other.org"],
        'displayName ge "Bob" and displayName lt "Carl"': ["bob@corp.cn"],
        'displayName gt "Bob" and displayName le "Carl"': ["carl@other.org"],
        f'{ENTERPRISE}:employeeNumber eq "10"': ["anna@corp.cn"],
        'meta.created gt "2099-01-01T00:00:00Z"': [],
        'userName eq "nobody"': [],
    }
    assert {condition: found(provider, condition) for condition in expected} == expected


@pytest.mark.parametrize(
    "condition", ["userName eq", 'userName xx "a"', "((userName pr)", 'emails[type eq "work"', "active gt true"]
)
def test_a_filter_that_makes_no_sense_is_refused(provider: TestClient, condition: str) -> None:
    answer = provider.get("/scim/v2/Users", params={"filter": condition})
    assert refusal(answer) == (400, "invalidFilter")


def test_lists_come_in_pages_and_in_order(provider: TestClient) -> None:
    for name in ("c", "a", "d", "b"):
        push(provider, f"{name}@example.com", displayName=name)
    query = {"filter": 'userName ew "@example.com"', "sortBy": "userName", "count": "3"}
    first = provider.get("/scim/v2/Users", params=query).json()
    second = provider.get("/scim/v2/Users", params={**query, "startIndex": "4"}).json()
    # the keeper of the roster has an address there too
    assert (first["totalResults"], first["itemsPerPage"], second["startIndex"]) == (5, 3, 4)
    names = [one["userName"][0] for page in (first, second) for one in page["Resources"]]
    assert names[:4] == ["a", "b", "c", "d"]
    downwards = provider.get("/scim/v2/Users", params={**query, "sortOrder": "descending"}).json()
    assert [one["userName"] for one in downwards["Resources"]][-1].startswith("c")
    whole = provider.get("/scim/v2/Users", params={"count": "0"}).json()
    assert (whole["totalResults"], whole["Resources"]) == (5, [])
    thin = provider.get("/scim/v2/Users", params={**query, "attributes": "userName"}).json()["Resources"][0]
    assert thin.keys() == {"schemas", "id", "userName"}
    without = provider.get("/scim/v2/Users", params={**query, "excludedAttributes": "roles"}).json()["Resources"][0]
    assert "roles" not in without
    assert "displayName" in without


def test_switching_off_is_leaving_today_and_on_again_is_coming_back(
    provider: TestClient, screen: TestClient, resources: Resources
) -> None:
    """The way that Entra does it: capital letters, truth as a text."""
    user = push(provider, "zeng@example.com", **{ROSTER: {"region": "east"}})
    with resources.database.transaction(Origin(channel="test")) as session:
        session.execute(update(Membership).values(since=clock.today() - timedelta(days=90)))
        heir = make_person(session, "admin").id
        customer = make_customer(session)
        customer.owner_id = UUID(user["id"])
        customer_id = customer.id
    off = patch(provider, "Users", user["id"], {"op": "Replace", "path": "active", "value": "False"})
    assert (off["active"], off["userName"]) == (False, "zeng@example.com")
    person = screen.get(f"/api/people/{user['id']}").json()
    assert person["left_on"] == clock.today().isoformat()
    with resources.database.reading() as session:
        assert session.get_one(Customer, customer_id).owner_id not in {None, UUID(user["id"])}
    assert found(provider, 'userName eq "zeng@example.com"') == ["zeng@example.com"]

    on = patch(provider, "Users", user["id"], {"op": "replace", "value": {"active": True}})
    assert (on["active"], on["roles"], on[ROSTER]["region"]) == (True, [{"value": "rep"}], "east")
    assert screen.get(f"/api/people/{user['id']}").json()["left_on"] is None
    assert heir


def test_deleting_forgets_the_user_and_keeps_the_person(provider: TestClient, screen: TestClient) -> None:
    mail = [{"value": "zeng@example.com"}]
    user = push(provider, "zeng@example.com", displayName="曾小贤", emails=mail)
    assert provider.delete(f"/scim/v2/Users/{user['id']}").status_code == 204
    for answer in (
        provider.get(f"/scim/v2/Users/{user['id']}"),
        provider.delete(f"/scim/v2/Users/{user['id']}"),
        provider.put(f"/scim/v2/Users/{user['id']}", json={"schemas": [USER], "userName": "x"}),
    ):
        assert refusal(answer) == (404, None)
    assert found(provider, 'userName eq "zeng@example.com"') == []
    assert screen.get(f"/api/people/{user['id']}").json()["name"] == "曾小贤"
    # pushed again it is the same person, with the past
    assert push(provider, "zeng@example.com", emails=mail)["id"] == user["id"]


def test_two_users_do_not_share_a_name_or_a_number(provider: TestClient) -> None:
    push(provider, "zeng@example.com", externalId="1", **{ENTERPRISE: {"employeeNumber": "S1"}})
    for attributes in (
        {"userName": "ZENG@example.com"},
        {"userName": "b@example.com", "externalId": "1"},
        {"userName": "b@example.com", ENTERPRISE: {"employeeNumber": "S1"}},
    ):
        answer = provider.post("/scim/v2/Users", json={"schemas": [USER], **attributes})
        assert refusal(answer) == (409, "uniqueness"), answer.text
    assert found(provider, 'userName eq "b@example.com"') == []


def test_a_replaced_user_keeps_what_is_not_named(provider: TestClient) -> None:
    user = push(provider, "zeng@example.com", displayName="曾小贤", phoneNumbers=[{"value": "138"}])
    path = f"/scim/v2/Users/{user['id']}"
    replaced = provider.put(path, json={"schemas": [USER], "userName": "zeng2@example.com", "title": "顾问"})
    assert replaced.status_code == 200, replaced.text
    assert (replaced.json()["userName"], replaced.json()["displayName"]) == ("zeng2@example.com", "曾小贤")
    assert replaced.json()["phoneNumbers"] == [{"value": "138", "type": "mobile"}]
    cleared = provider.put(path, json={"schemas": [USER], "userName": "zeng2@example.com", "phoneNumbers": None})
    assert "phoneNumbers" not in cleared.json()


def test_patches_in_the_dialects_of_providers(provider: TestClient) -> None:
    manager = push(provider, "wang@example.com")["id"]
    user = push(provider, "zeng@example.com")["id"]
    told = patch(
        provider,
        "Users",
        user,
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "z@example.com"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "139"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": manager},
        {"op": "Replace", "path": 'roles[primary eq "True"].value', "value": "presales"},
        {"op": "Add", "path": f"{ROSTER}:skills", "value": ["光伏", "储能"]},
        {"op": "Replace", "path": "name.formatted", "value": "曾小贤"},
        {"op": "Replace", "path": "nickName", "value": "小贤"},
        {"op": "replace", "value": {f"{ENTERPRISE}:employeeNumber": "S1", "externalId": "e1"}},
    )
    assert told["emails"] == [{"value": "z@example.com", "type": "work"}]
    assert told["phoneNumbers"] == [{"value": "139", "type": "mobile"}]
    assert told[ENTERPRISE]["manager"]["value"] == manager
    assert told[ENTERPRISE]["employeeNumber"] == "S1"
    assert (told["roles"], told["displayName"], told["externalId"]) == ([{"value": "presales"}], "曾小贤", "e1")
    gone = patch(
        provider,
        "Users",
        user,
        {"op": "remove", "path": f'{ROSTER}:skills[value eq "储能"]'},
        {"op": "Remove", "path": "phoneNumbers"},
        {"op": "remove", "path": f"{ENTERPRISE}:manager"},
    )
    assert "phoneNumbers" not in gone
    assert "manager" not in gone.get(ENTERPRISE, {})
    assert gone[ROSTER]["skills"] == ["光伏"]


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({"op": "replace", "path": "userName", "value": None}, "mutability"),
        ({"op": "replace", "path": "id", "value": "1"}, "mutability"),
        ({"op": "jump", "path": "displayName", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": f"{ROSTER}:region", "value": "月球"}, "invalidValue"),
        ({"op": "replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "nobody"}}, "invalidValue"),
        ({"op": "replace", "path": "roles", "value": [{"value": "astronaut"}]}, "invalidValue"),
        ({"op": "replace", "path": f"{ROSTER}:openLeadsLimit", "value": -1}, "invalidValue"),
    ],
)
def test_a_patch_that_cannot_be_is_refused_whole(
    provider: TestClient, operation: dict[str, Any], scim_type: str
) -> None:
    user = push(provider, "zeng@example.com", displayName="曾小贤")
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "displayName", "value": "别名"}, operation],
    }
    answer = provider.patch(f"/scim/v2/Users/{user['id']}", json=body)
    assert refusal(answer) == (400, scim_type), answer.text
    assert provider.get(f"/scim/v2/Users/{user['id']}").json()["displayName"] == "曾小贤"


def test_groups_are_teams_and_members_their_people(provider: TestClient, screen: TestClient) -> None:
    anna, bob = push(provider, "anna@example.com"), push(provider, "bob@example.com")
    made = provider.post(
        "/scim/v2/Groups",
        json={"schemas": [GROUP], "displayName": "东一队", "externalId": "g1", "members": [{"value": anna["id"]}]},
    )
    assert made.status_code == 201, made.text
    group = made.json()["id"]
    region = next(one["id"] for one in screen.get("/api/regions").json()["items"] if one["code"] == "east")
    screen.put(f"/api/teams/{group}", json={"region_id": region})
    told = patch(provider, "Groups", group, {"op": "Add", "path": "members", "value": [{"value": bob["id"]}]})
    assert [one["value"] for one in told["members"]] == [anna["id"], bob["id"]]
    # a team with a region gives it to who joins
    assert provider.get(f"/scim/v2/Users/{bob['id']}").json()[ROSTER]["region"] == "east"
    assert found(provider, f'members.value eq "{bob["id"]}"', "Groups") == ["东一队"]

    told = patch(provider, "Groups", group, {"op": "remove", "path": f'members[value eq "{anna["id"]}"]'})
    assert [one["value"] for one in told["members"]] == [bob["id"]]
    told = patch(provider, "Groups", group, {"op": "Remove", "path": "members", "value": [{"value": bob["id"]}]})
    assert "members" not in told
    assert provider.get(f"/scim/v2/Users/{bob['id']}").json()["roles"] == [{"value": "rep"}]
    unknown = provider.patch(
        f"/scim/v2/Groups/{group}",
        json={"Operations": [{"op": "add", "path": "members", "value": [{"value": "nobody"}]}]},
    )
    assert refusal(unknown) == (400, "invalidValue")


def test_a_deleted_group_is_a_closed_team_and_opens_again(provider: TestClient, screen: TestClient) -> None:
    user = push(provider, "anna@example.com")
    body = {"schemas": [GROUP], "displayName": "东一队", "members": [{"value": user["id"]}]}
    group = provider.post("/scim/v2/Groups", json=body).json()["id"]
    assert refusal(provider.post("/scim/v2/Groups", json=body)) == (409, "uniqueness")
    assert provider.delete(f"/scim/v2/Groups/{group}").status_code == 204
    assert refusal(provider.get(f"/scim/v2/Groups/{group}")) == (404, None)
    assert screen.get("/api/teams").json()["items"] == []
    assert "groups" not in provider.get(f"/scim/v2/Users/{user['id']}").json()
    assert provider.post("/scim/v2/Groups", json=body).json()["id"] == group


def test_administrators_are_made_by_who_manages_users(
    provider: TestClient, client: TestClient, resources: Resources
) -> None:
    body = {"schemas": [USER], "userName": "root@example.com", "roles": [{"value": "admin"}]}
    assert refusal(provider.post("/scim/v2/Users", json=body)) == (403, None)
    with resources.database.transaction(Origin(channel="test")) as session:
        admin = make_person(session, "admin")
    use_api_token(client, resources, admin, "scim")
    assert client.post("/scim/v2/Users", json=body).status_code == 201


def test_a_token_needs_the_scope_and_its_owner_the_right(
    provider: TestClient, client: TestClient, resources: Resources, keeper: Person
) -> None:
    assert provider.get("/api/people").status_code == 403
    use_api_token(client, resources, keeper, "read", "write", "import", "admin")
    assert refusal(client.get("/scim/v2/Users")) == (403, None)
    with resources.database.transaction(Origin(channel="test")) as session:
        manager = make_person(session, "manager")
    use_api_token(client, resources, manager, "scim")
    assert refusal(client.get("/scim/v2/Users")) == (403, None)
    client.headers.pop("authorization")
    assert refusal(client.get("/scim/v2/Users")) == (401, None)


@pytest.mark.parametrize(
    ("content", "status", "scim_type"),
    [
        (b"{", 400, "invalidSyntax"),
        (b"[]", 400, "invalidSyntax"),
        (b'{"userName": "a\\u0000b"}', 400, "invalidSyntax"),
        (b'{"userName": "\\ud800"}', 400, "invalidSyntax"),
        (b"[" * 100_000, 400, "invalidSyntax"),
        (b'{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}', 400, "invalidValue"),
        (b" " * (2 << 20), 413, None),
    ],
)
def test_bodies_that_are_no_users_are_refused(
    provider: TestClient, content: bytes, status: int, scim_type: str | None
) -> None:
    answer = provider.post("/scim/v2/Users", content=content)
    assert refusal(answer) == (status, scim_type), answer.text


def test_nobody_comes_back_as_an_administrator(provider: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        administrator = make_person(session, "admin")
        administrator.user_name, administrator_id = "boss", administrator.id
        leave(session, administrator, on=clock.today())
    back = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": True}],
    }
    assert refusal(provider.patch(f"/scim/v2/Users/{administrator_id}", json=back)) == (403, None)
    with resources.database.reading() as session:
        assert session.get_one(Person, administrator_id).left_on == clock.today()


def test_addresses_that_are_marked_as_primary_are_written(provider: TestClient) -> None:
    made = push(provider, "okta@example.com", emails=[{"value": "okta@example.com", "primary": True}])
    for path, value in (("emails", "second@example.com"), (None, "third@example.com")):
        entries = [{"value": value, "type": "work", "primary": True}]
        operation = {"op": "replace", "path": path, "value": entries} if path else {
            "op": "replace", "value": {"emails": entries}
        }  # fmt: skip
        changed = patch(provider, "Users", made["id"], operation)
        assert [one["value"] for one in changed["emails"]] == [value]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"startIndex": 10**20}, 200),
        ({"filter": " or ".join(['userName eq "a"'] * 500)}, 400),
        ({"filter": 'userName eq "\\ud800"'}, 200),
        ({"filter": 'userName eq "\\u0000"'}, 200),
    ],
)
def test_lists_are_asked_for_within_bounds(provider: TestClient, asked: dict[str, Any], status: int) -> None:
    answer = provider.get("/scim/v2/Users", params=asked)
    assert answer.status_code == status, answer.text
    assert answer.json().get("Resources", []) == []
