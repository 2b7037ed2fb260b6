"""B2: every role × every field of customer and lead × every exit that exists, with values planted to be found."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient
from pydantic_core import to_jsonable_python

from crm_core.foundation.resources import Resources
from crm_core.people.viewer import ROLES
from tests.acceptance.field_canaries import DERIVED, RECORDS, Matrix, Scene, fields_of, plant
from tests.factories.people import log_in

#: pages that ask for the whole of a record, by record
_WHOLE = {"customer": "/api/customers/{id}", "lead": "/api/leads/{id}"}
_LISTS = {"customer": "/api/customers", "lead": "/api/leads"}
#: parameters of a list that are no fields
_NOT_FILTERS = {"search", "sort", "order", "limit", "offset", "mine"}
_FILTER_FIELDS = {"overdue": "is_overdue"}


@dataclass
class Probe:
    """One role at every exit; notes each try, and each leak in words."""

    client: TestClient
    scene: Scene
    role: str
    schema: dict[str, Any]
    tries: int = 0
    leaks: list[str] = field(default_factory=list)

    def may(self, record: str, name: str, level: str = "read") -> bool:
        order = ("hidden", "read", "edit")
        return order.index(self.scene.level(self.role, record, name)) >= order.index(level)

    def fields(self) -> Iterator[tuple[str, str]]:
        return ((record, name) for record in RECORDS for name in self.scene.values[record])

    def expect(self, holds: bool, exit_: str, record: str, name: str) -> None:
        self.tries += 1
        if not holds:
            self.leaks.append(f"{self.role} × {record}.{name} × {exit_}")

    def get(self, path: str, **query: Any) -> Any:
        response = self.client.get(path, params=query)
        assert response.status_code != 500, (self.role, path, response.text)
        return response


def test_what_a_role_sees_of_a_record_is_what_the_matrix_says(client: TestClient, resources: Resources) -> None:
    _report(_run(client, resources, plant(resources), [read_one, read_list, read_history]))


def test_no_exit_gives_a_hidden_value_away(client: TestClient, resources: Resources) -> None:
    _report(_run(client, resources, plant(resources), [read_everything, sort_and_filter, search]))


def test_nobody_writes_what_they_may_not_edit(client: TestClient, resources: Resources) -> None:
    scene = plant(resources)
    _report(_run(client, resources, scene, [write, guess_by_expectation]))


def test_any_other_matrix_holds_as_well(client: TestClient, resources: Resources) -> None:
    """The matrix is data: one drawn by lot, published as the next version, is kept to at once."""
    scene = plant(resources, _drawn_by_lot(fields_of(resources), seed=1))
    checks = [read_one, read_list, read_history, read_everything, sort_and_filter, search, write, guess_by_expectation]
    _report(_run(client, resources, scene, checks))


def read_one(probe: Probe) -> None:
    """Each field is in the answer exactly if the role may read it, with its value and what is derived from it."""
    for record in RECORDS:
        answer = probe.get(_WHOLE[record].format(id=probe.scene.ids[record])).json()
        _check_facts(probe, record, answer["facts"] if record == "customer" else answer, "one")
    for lead in probe.get(f"/api/customers/{probe.scene.ids['customer']}").json()["leads"]:
        _check_facts(probe, "lead", lead, "leads of the customer")


def read_list(probe: Probe) -> None:
    for record in RECORDS:
        listed = probe.get(_LISTS[record], sort="created_at").json()
        assert listed["total"] == 1, (probe.role, record, listed)
        _check_facts(probe, record, listed["items"][0], "list")


def read_history(probe: Probe) -> None:
    """A field's past is as hidden as its present."""
    for record in RECORDS:
        changes = probe.get(f"{_WHOLE[record].format(id=probe.scene.ids[record])}/history").json()["items"]
        told = {change["field"] for change in changes}
        for name in probe.scene.values[record]:
            if not probe.may(record, name):
                probe.expect(name not in told, "history", record, name)
            elif probe.scene.tells(record, name) and name != "is_overdue":
                probe.expect(name in told, "history (should be told)", record, name)


def read_everything(probe: Probe) -> None:
    """Every page that answers GET, whatever it is for: a planted value that is hidden stands on none of them."""
    known = {f"{record}_id": str(probe.scene.ids[record]) for record in RECORDS}
    known |= {"person_id": str(probe.scene.people["rep"].id), "query": "哨兵", "q": "哨兵", "words": "哨兵"}
    for path, operations in probe.schema["paths"].items():
        parameters = operations.get("get", {}).get("parameters", [])
        needed = [one["name"] for one in parameters if one.get("required") and one["in"] in {"path", "query"}]
        if "get" not in operations or not set(needed) <= known.keys():
            continue
        query = {one["name"]: known[one["name"]] for one in parameters if one["name"] in known and one["in"] == "query"}
        text = probe.get(path.format(**known), **query).text
        for record, name in probe.fields():
            if not probe.may(record, name):
                leaked = any(told in text for told in probe.scene.tells(record, name))
                probe.expect(not leaked, f"GET {path}", record, name)


def sort_and_filter(probe: Probe) -> None:
    """The order of a list, and what a filter finds, tell a field as surely as showing it."""
    for record, path in _LISTS.items():
        for parameter in probe.schema["paths"][path]["get"]["parameters"]:
            if parameter["name"] == "sort":
                for key in parameter["schema"]["enum"]:
                    _expect_use(probe, record, key, f"sort of {path}", sort=key)
            elif parameter["name"] not in _NOT_FILTERS:
                name = _FILTER_FIELDS.get(parameter["name"], parameter["name"])
                value = probe.scene.values[record][name]
                query = {parameter["name"]: value, "sort": "created_at"}
                _expect_use(probe, record, name, f"filter of {path}", **query)


def search(probe: Probe) -> None:
    """Looking for a hidden value finds nothing."""
    for path in _LISTS.values():
        for record, name in probe.fields():
            if not probe.may(record, name):
                for told in probe.scene.tells(record, name):
                    answer = probe.get(path, search=told, sort="created_at")
                    found = answer.json().get("total", 0)
                    probe.expect(found == 0, f"search of {path}", record, name)


def write(probe: Probe) -> None:
    """A field that may not be edited is refused by name, in changes and in new records; editable ones are not."""
    for record, name in probe.fields():
        value = _plain(probe.scene.values[record][name])
        path = _WHOLE[record].format(id=probe.scene.ids[record])
        answer = probe.client.patch(path, json={"changes": {name: value}})
        assert answer.status_code != 500, (probe.role, record, name, answer.text)
        refused = answer.json().get("code") == "field_forbidden"
        probe.expect(refused != probe.may(record, name, "edit"), "change", record, name)
        if not probe.may(record, name, "edit"):
            new: dict[str, Any] = {"name": f"{probe.role}的新客户{name}", name: value}
            if record == "lead":
                new = {"customer_id": str(probe.scene.ids["customer"]), "title": "x", "values": {name: value}}
            answer = probe.client.post(_LISTS[record], json=new)
            probe.expect(answer.status_code in {403, 422}, "new", record, name)


def guess_by_expectation(probe: Probe) -> None:
    """A conflict on a field that one may not see would confirm a guess of its value."""
    for name, value in probe.scene.values["customer"].items():
        if not probe.may("customer", name):
            body = {"changes": {}, "expected": {name: _plain(value)}}
            answer = probe.client.patch(f"/api/customers/{probe.scene.ids['customer']}", json=body)
            probe.expect(answer.json().get("code") == "field_forbidden", "expected value", "customer", name)


def _run(client: TestClient, resources: Resources, scene: Scene, checks: list[Any]) -> list[Probe]:
    schema = client.get("/api/openapi.json").json()
    probes = []
    for role in ROLES:
        log_in(client, resources, scene.people[role])
        probe = Probe(client, scene, role, schema)
        for check in checks:
            check(probe)
        probes.append(probe)
    return probes


def _report(probes: list[Probe]) -> None:
    tries, leaks = sum(probe.tries for probe in probes), [leak for probe in probes for leak in probe.leaks]
    print(f"{tries} tries, {len(leaks)} leaks")
    assert tries > len(ROLES) * 50
    assert not leaks, "\n".join(leaks)


def _check_facts(probe: Probe, record: str, facts: dict[str, Any], exit_: str) -> None:
    shown = {**facts, **facts.get("fields", {})}
    for name, value in probe.scene.values[record].items():
        if probe.may(record, name):
            probe.expect(shown.get(name) == _plain(value), f"{exit_} (should be shown)", record, name)
        else:
            probe.expect(name not in shown and DERIVED.get(name) not in shown, exit_, record, name)


def _expect_use(probe: Probe, record: str, name: str, exit_: str, **query: Any) -> None:
    answer = probe.get(_LISTS[record], **query)
    if name == "created_at" or probe.may(record, name):
        probe.expect(answer.is_success, f"{exit_} (should work)", record, name)
    else:
        probe.expect(answer.json().get("code") == "field_forbidden", exit_, record, name)


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    return to_jsonable_python(value)


def _drawn_by_lot(fields: dict[str, list[str]], *, seed: int) -> Matrix:
    lot = random.Random(seed)
    levels = ("hidden", "read", "edit")
    return {
        record: {name: {role: lot.choice(levels) for role in ROLES} for name in names}
        for record, names in fields.items()
    }
