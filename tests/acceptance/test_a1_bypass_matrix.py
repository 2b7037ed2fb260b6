"""A1: every way to write × every kind of attempt × every role: nobody gets a lead past its gate.

Ways and attempts are generated: routes are read from the application, jobs from their registry, commands from the
command line. A route, job or command that nobody has placed in the tables below fails the test.
"""

import inspect
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.bootstrap import register_jobs
from api.cli import assemble
from api.routes import routers
from crm_core.foundation.database import Origin
from crm_core.foundation.errors import ProductError
from crm_core.foundation.jobs import REGISTRY
from crm_core.foundation.resources import Resources
from crm_core.pipeline.tables import Lead
from crm_core.process.publication import published_playbook
from tests.support.bypass_attempts import STAGES, Attempt, attempts
from tests.support.bypass_leads import ROLES, TOKEN_SCOPES, Company, make_company, states
from tests.support.bypass_ways import CLASSIFIED_COMMANDS, CLASSIFIED_JOBS, CLASSIFIED_ROUTES
from tests.support.jobs import run_jobs

_GUARDED: dict[str, Any] = {"stage": "signing_payment", "outcome": "won", "payment_state": "paid"}

_Call = tuple[str, str, Any]
_ALLOWED = {"kind": "forward", "to_stage": "first_contact"}
_FORGED_MOVE = (
    "INSERT INTO stage_moves (id, created_at, lead_id, to_stage, kind, is_override, moved_at) "
    "VALUES (gen_random_uuid(), now(), :id, 'nowhere', 'forward', false, now())"
)


@dataclass
class Matrix:
    """Tries, counts, and notes every lead that is elsewhere than before."""

    resources: Resources
    client: TestClient
    company: Company
    tried: Counter[str] = field(default_factory=Counter)
    successes: list[tuple[str, ...]] = field(default_factory=list)
    #: answers that are no refusal but a fault
    faults: list[tuple[str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before = states(self.resources.database)

    def judge(self, way: str, *what: str) -> None:
        """A lead that moved is a success, and so is a new one that does not stand at the beginning."""
        self.tried[way] += 1
        now = states(self.resources.database)
        if any(now.get(lead_id) != state for lead_id, state in self.before.items()) or any(
            state != (STAGES[0], "open", None) for lead_id, state in now.items() if lead_id not in self.before
        ):
            self.successes.append((way, *what))
            self.before = now

    def request(self, method: str, path: str, body: Any, token: str, **headers: str) -> None:
        sent = {"authorization": f"Bearer {token}", **headers}
        status = self.client.request(method, path, json=body, headers=sent).status_code
        if status == 401 or status >= 500:
            self.faults.append((method, path, status))


@pytest.fixture
def matrix(resources: Resources, client: TestClient) -> Matrix:
    company = make_company(resources.database)
    return Matrix(resources, client, company)


def test_no_way_leads_round_the_gate(matrix: Matrix) -> None:
    _try_the_gate_itself(matrix)
    _try_narrow_tokens(matrix)
    _try_every_route(matrix)
    _try_new_leads(matrix)
    _try_imports(matrix)
    _try_jobs(matrix)
    _try_the_mapped_class(matrix)
    _try_sql(matrix)
    print(f"\nbypass matrix: {matrix.tried.total()} attempts, {len(matrix.successes)} successes")
    for way, count in sorted(matrix.tried.items()):
        print(f"  {way}: {count}")
    assert matrix.successes == []
    assert matrix.faults == []
    assert matrix.tried.total() > 3_000


def test_the_matrix_sees_a_lead_that_moves(matrix: Matrix) -> None:
    lead_id, token = matrix.company.leads["complete"], matrix.company.sessions["rep"]
    matrix.request("POST", f"/api/leads/{lead_id}/moves", {"move": _ALLOWED}, token)
    matrix.judge("api")
    new = {"customer_id": str(matrix.company.customers["bare"]), "title": "x"}
    matrix.request("POST", "/api/leads", new, token)
    matrix.judge("new lead")
    assert matrix.successes == [("api",)]


def test_every_way_to_write_is_known() -> None:
    register_jobs()
    assert {f"{method} {path}" for method, path in _writing_routes()} == set(CLASSIFIED_ROUTES)
    assert set(REGISTRY) == set(CLASSIFIED_JOBS)
    assert set(_commands()) == set(CLASSIFIED_COMMANDS)


def _try_the_gate_itself(matrix: Matrix) -> None:
    """Where leads are moved by design: by screen, by program, singly, by ids, by filter, with tokens of every scope."""
    with matrix.resources.database.reading() as session:
        playbook = published_playbook(session)
    may = {role: set(playbook.rights.get(role, ())) for role in ROLES}
    for attempt in attempts():
        for role in ROLES:
            if attempt.right is None or attempt.right not in may[role]:
                _try_everywhere(matrix, attempt, role)


def _try_everywhere(matrix: Matrix, attempt: Attempt, role: str) -> None:
    lead_id, customer_id = matrix.company.leads[attempt.lead], matrix.company.customers[attempt.lead]
    token = matrix.company.sessions[role]
    change: dict[str, Any] = {"kind": "fields", "changes": attempt.changes}
    single: _Call = ("PATCH", f"/api/leads/{lead_id}", {"changes": attempt.changes})
    if attempt.move is not None:
        change = {"kind": "move", "move": attempt.move}
        single = ("POST", f"/api/leads/{lead_id}/moves", {"move": attempt.move})
    by_ids: _Call = ("POST", "/api/leads/bulk", {"lead_ids": [str(lead_id)], "change": change})
    by_filter: _Call = ("POST", "/api/leads/bulk", {"filter": {"customer_id": str(customer_id)}, "change": change})
    ways = {"api": single, "bulk by ids": by_ids, "bulk by filter": by_filter}
    for way, asked in ways.items():
        matrix.request(*asked, token)
        matrix.judge(way, attempt.kind, role)
    matrix.request(*single, token, **{"x-salesdojo-channel": "screen"})
    matrix.judge("screen", attempt.kind, role)
    matrix.request(*single, matrix.company.tokens[role, "write"])
    matrix.judge("token write", attempt.kind, role)


def _try_narrow_tokens(matrix: Matrix) -> None:
    """A token that may not change leads makes not even the move that its person may make."""
    path = f"/api/leads/{matrix.company.leads['complete']}/moves"
    for role in ROLES:
        for scope in set(TOKEN_SCOPES) - {"write"}:
            matrix.request("POST", path, {"move": _ALLOWED}, matrix.company.tokens[role, scope])
            matrix.judge("narrow token", role, scope)


def _try_every_route(matrix: Matrix) -> None:
    """Every other route that writes, with what it may not take: forged alone, and beside what it asks for."""
    lead_id = matrix.company.leads["complete"]
    for method, path in _writing_routes():
        address = "/".join(_filled(part, lead_id, matrix.company) for part in path.split("/"))
        for role in ROLES:
            if CLASSIFIED_ROUTES[f"{method} {path}"] == "opens no session":
                continue
            for body in (_GUARDED, _wrapped(lead_id)):
                matrix.request(method, address, body, matrix.company.sessions[role])
                matrix.judge(f"routes: {CLASSIFIED_ROUTES[f'{method} {path}']}", method, path, role)


def _wrapped(lead_id: UUID) -> dict[str, Any]:
    names = ("values", "changes", "fields", "lead", "move", "details", "parameters")
    return {"lead_id": str(lead_id), "title": "x", "reason": "x"} | dict.fromkeys(names, _GUARDED)


def _filled(part: str, lead_id: UUID, company: Company) -> str:
    known = {"{lead_id}": str(lead_id), "{customer_id}": str(company.customers["complete"])}
    return known.get(part, "00000000-0000-7000-8000-000000000000" if part.startswith("{") else part)


def _try_new_leads(matrix: Matrix) -> None:
    customer_id = str(matrix.company.customers["bare"])
    for name, value in (_GUARDED | {"stage_entered_at": "2020-01-01", "fields": _GUARDED}).items():
        for role in ROLES:
            for body in (
                {"customer_id": customer_id, "title": "x", "values": {name: value}},
                {"customer_id": customer_id, "title": "x", name: value},
            ):
                matrix.request("POST", "/api/leads", body, matrix.company.sessions[role])
                matrix.judge("new lead", name, role)


def _try_imports(matrix: Matrix) -> None:
    """Tables that claim stages for new leads and for known ones, and a past for leads that have one here."""
    tables = {
        "leads": "客户名称,线索名称,阶段,结果,回款\n甲乙丙科技有限公司,导入线索,签约回款,已签约,已回款\n",
        "history": "线索编号,事件,时间\nX-1,signing_payment,2025-03-01\nX-1,won,2025-04-01\n",
    }
    with matrix.resources.database.transaction(Origin(channel="test")) as session:
        session.get_one(Lead, matrix.company.leads["no_documents"]).external_number = "X-1"
    for target, table in tables.items():
        for role in ROLES:
            headers = {"authorization": f"Bearer {matrix.company.sessions[role]}"}
            upload = {"file": ("leads.csv", io.BytesIO(table.encode()))}
            answer = matrix.client.post("/api/imports", files=upload, data={"target": target}, headers=headers)
            if answer.status_code == 202:
                run_jobs(matrix.resources)
                matrix.client.post(f"/api/imports/{answer.json()['id']}/run", headers=headers)
                run_jobs(matrix.resources)
            matrix.judge("import", target, role)


def _try_jobs(matrix: Matrix) -> None:
    """Every job, with a lead where it wants an id."""
    for name, job in REGISTRY.items():
        wanted = [parameter for parameter in inspect.signature(job.run).parameters if parameter != "resources"]
        for lead_id in matrix.company.leads.values():
            with suppress(ProductError):
                job.run(matrix.resources, **dict.fromkeys(wanted, str(lead_id)))
            matrix.judge("jobs", name)
            if not wanted:
                break


def _try_the_mapped_class(matrix: Matrix) -> None:
    for name, lead_id in matrix.company.leads.items():
        for column, value in _GUARDED.items():
            with suppress(DBAPIError), matrix.resources.database.transaction(Origin(channel="test")) as session:
                setattr(session.get_one(Lead, lead_id), column, value)
            matrix.judge("mapped class", name, column)


def _try_sql(matrix: Matrix) -> None:
    assignments = ["stage = 'signing_payment'", "outcome = 'won'", "payment_state = 'paid'", "outcome = 'open'"]
    assignments += ["outcome = 'won', payment_state = 'paid', stage = 'signing_payment'"]
    statements = [f"UPDATE leads SET {assignment} WHERE id = :id" for assignment in assignments] + [
        "UPDATE stage_moves SET to_stage = 'signing_payment' WHERE lead_id = :id",
        "DELETE FROM stage_moves WHERE lead_id = :id",
        _FORGED_MOVE,
    ]
    for name, lead_id in matrix.company.leads.items():
        for statement in statements:
            with suppress(DBAPIError), matrix.resources.database.engine.begin() as connection:
                connection.execute(text(statement), {"id": lead_id})
            matrix.judge("sql", name, statement)


def _writing_routes() -> Iterator[tuple[str, str]]:
    for route in chain.from_iterable(router.routes for router in routers()):
        if isinstance(route, APIRoute):
            yield from (
                (method, route.path) for method in sorted(set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"})
            )


def _commands() -> Iterator[str]:
    app = assemble()
    for command in app.registered_commands:
        assert command.callback is not None
        yield command.name or command.callback.__name__
    for group in app.registered_groups:
        assert group.typer_instance is not None
        for command in group.typer_instance.registered_commands:
            assert command.callback is not None
            yield f"{group.name} {command.name or command.callback.__name__}"
