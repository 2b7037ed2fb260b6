"""G1: the import wizard through HTTP: mapping remembered, bad rows as a file to correct, runs that go on, cancel."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.intake import running
from crm_core.intake.lead_rows import LeadRows
from crm_core.people.tables import Person
from tests.factories.people import log_in_as, make_person, make_region, make_team
from tests.support.jobs import run_jobs

LEADS = (
    "编号,甲方,项目,渠道,金额\n"
    "S-1,海宁光伏有限公司,储能一期,线上,86万\n"
    "S-2,海宁光伏有限公司,储能二期,展会,12万\n"
    "S-3,嘉善仪器有限公司,=cmd|' /C calc'!A0,天上掉的,很多\n"
)


@pytest.fixture(autouse=True)
def operations(client: TestClient, resources: Resources) -> None:
    log_in_as(client, resources, "operations")


def test_columns_and_values_are_mapped_once_and_remembered(client: TestClient, resources: Resources) -> None:
    run = _received(client, "leads", LEADS)
    columns = {column["name"]: column for column in run["columns"]}
    assert columns["甲方"]["field"] is None
    assert columns["甲方"]["samples"] == ["海宁光伏有限公司", "嘉善仪器有限公司"]
    assert run["missing"] == ["客户名称"]
    refused = client.post(f"/api/imports/{run['id']}/rehearsal")
    assert (refused.status_code, refused.json()["code"]) == (422, "import_columns_missing")
    choices = {
        "mapping": {"甲方": "customer", "编号": "external_number"},
        "value_mapping": {"source": {"线上": "官网咨询"}},
        "creates_missing": True,
    }
    mapped = client.put(f"/api/imports/{run['id']}/mapping", json=choices).json()
    assert mapped["missing"] == []
    done = _done(client, resources, run["id"])
    assert (done["rows_created"], done["rows_refused"]) == (2, 1)
    leads = {lead["title"]: lead for lead in client.get("/api/leads").json()["items"]}
    assert (leads["储能一期"]["source"], leads["储能一期"]["amount"]) == ("website", "860000.00")
    assert client.get("/api/customers").json()["total"] == 1
    # the next file with the same columns is offered the same
    next_file = LEADS.splitlines()[0] + "\nS-9,海宁光伏有限公司,储能九期,线上,1\n"
    following = _received(client, "leads", next_file)
    assert following["mapping"] == mapped["mapping"]
    assert following["value_mapping"] == choices["value_mapping"]
    assert following["creates_missing"] is True


def test_bad_rows_come_back_as_a_file_that_is_corrected_and_uploaded(client: TestClient, resources: Resources) -> None:
    run = _received(client, "leads", LEADS)
    choices = {
        "mapping": {"甲方": "customer"},
        "value_mapping": {"source": {"线上": "website"}},
        "creates_missing": True,
    }
    client.put(f"/api/imports/{run['id']}/mapping", json=choices)
    _done(client, resources, run["id"])
    content = client.get(f"/api/imports/{run['id']}/bad-rows.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    [header, bad] = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert header == ["编号", "甲方", "项目", "渠道", "金额", "问题", "怎么办"]
    # what a spreadsheet would run is shielded
    assert bad[2] == "'=cmd|' /C calc'!A0"
    assert "[渠道]" in bad[5]
    assert "[金额]" in bad[5]
    sheet = load_workbook(io.BytesIO(client.get(f"/api/imports/{run['id']}/bad-rows.xlsx").content)).active
    assert sheet is not None
    assert sheet["C2"].data_type == "s"
    corrected = io.StringIO()
    csv.writer(corrected).writerows([header, [*bad[:3], "展会", "5万", *bad[5:]]])
    again = _received(client, "leads", corrected.getvalue())
    assert again["mapping"]["甲方"] == "customer"
    assert "问题" not in again["mapping"]
    assert _done(client, resources, again["id"])["rows_created"] == 1
    assert client.get("/api/leads").json()["total"] == 3
    assert "=cmd|' /C calc'!A0" in {lead["title"] for lead in client.get("/api/leads").json()["items"]}


@pytest.mark.parametrize(
    ("when_exists", "kept", "fate"),
    [
        ("leave", ("苏州", None), "rows_unchanged"),
        ("fill_empty", ("苏州", "光伏"), "rows_changed"),
        ("overwrite", ("无锡", "光伏"), "rows_changed"),
    ],
)
def test_what_is_there_already(
    when_exists: str, kept: tuple[str, str | None], fate: str, client: TestClient, resources: Resources
) -> None:
    first = _received(client, "customers", "客户名称,城市\n海宁光伏有限公司,苏州\n")
    _done(client, resources, first["id"])
    second = _received(client, "customers", "客户名称,城市,行业\n海宁光伏股份有限公司,无锡,光伏\n")
    client.put(f"/api/imports/{second['id']}/mapping", json={"when_exists": when_exists})
    assert _done(client, resources, second["id"])[fate] == 1
    [customer] = client.get("/api/customers").json()["items"]
    assert (customer["name"], customer["city"], customer["industry"]) == ("海宁光伏有限公司", *kept)


def test_a_run_that_is_killed_goes_on_after_its_last_batch(
    client: TestClient, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 10)
    rows = "".join(f"K-{number},甲乙第{number}有限公司,改造{number}期\n" for number in range(35))
    run = _received(client, "leads", f"线索编号,客户名称,线索名称\n{rows}K-3,甲乙第3有限公司,改造3期\n")
    client.put(f"/api/imports/{run['id']}/mapping", json={"creates_missing": True})
    _rehearsed(client, resources, run["id"])
    client.post(f"/api/imports/{run['id']}/run")
    batches: list[int] = []

    def killed(keep: Callable[..., None]) -> Callable[..., None]:
        def until_the_third(taker: Any, acting: Any) -> None:
            batches.append(1)
            if len(batches) == 3:
                raise SystemExit
            keep(taker, acting)

        return until_the_third

    with monkeypatch.context() as patched:
        patched.setattr(LeadRows, "keep", killed(LeadRows.keep))
        with pytest.raises(SystemExit):
            running.carry_out(resources, run["id"])
    halfway = client.get(f"/api/imports/{run['id']}").json()
    assert (halfway["status"], halfway["rows_done"], halfway["rows_created"]) == ("running", 20, 20)
    run_jobs(resources)
    done = client.get(f"/api/imports/{run['id']}").json()
    assert (done["status"], done["rows_created"], done["rows_refused"]) == ("done", 35, 1)
    assert client.get("/api/leads").json()["total"] == 35
    [repeated] = client.get(f"/api/imports/{run['id']}/problems").json()["items"]
    assert (repeated["row"], repeated["code"]) == (37, "import_row_repeated")


def test_a_cancelled_import_keeps_nothing_more(client: TestClient, resources: Resources) -> None:
    run = _received(client, "customers", "客户名称\n海宁光伏有限公司\n")
    _rehearsed(client, resources, run["id"])
    client.post(f"/api/imports/{run['id']}/run")
    assert client.post(f"/api/imports/{run['id']}/cancel").json()["status"] == "cancelled"
    run_jobs(resources)
    assert client.get(f"/api/imports/{run['id']}").json()["status"] == "cancelled"
    assert client.get("/api/customers").json()["total"] == 0


def test_each_row_tells_its_record(client: TestClient, resources: Resources) -> None:
    run = _received(client, "customers", "客户名称\n海宁光伏有限公司\n")
    _rehearsed(client, resources, run["id"])
    path = f"/api/imports/{run['id']}/rows"
    [planned] = client.get(path, params={"fate": "created"}).json()["items"]
    assert planned["record_id"] is None
    client.post(f"/api/imports/{run['id']}/run")
    run_jobs(resources)
    [kept] = client.get(path, params={"fate": "created"}).json()["items"]
    assert kept["name"] == "海宁光伏有限公司"
    assert client.get(f"/api/customers/{kept['record_id']}").status_code == 200


def test_the_past_of_leads_is_told_whole_or_not_at_all(client: TestClient, resources: Resources) -> None:
    leads = "线索编号,客户名称,线索名称\n" + "".join(f"P-{n},海宁光伏有限公司,第{n}期\n" for n in range(1, 5))
    run = _received(client, "leads", leads)
    client.put(f"/api/imports/{run['id']}/mapping", json={"creates_missing": True})
    _done(client, resources, run["id"])
    past = (
        "线索编号,阶段,时间,原因\n"
        "P-1,首次触达,2026-03-01 09:30,\n"
        "P-1,方案报价,2026-03-20,\n"
        "P-1,需求诊断,2026-03-25,缺决策人\n"
        "P-2,赢单,2026-04-02,\n"
        "P-2,首次触达,2026-03-02,\n"
        "P-2,已回款,2026-05-02,\n"
        "P-3,输单,2026-04-02,\n"
        "P-3,首次触达,2026-04-05,\n"
        "P-4,首次触达,2026-02-30,\n"
        "P-4,输单,2026-04-05,\n"
        "P-5,输单,2026-04-05,\n"
    )
    told = _received(client, "history", past)
    rehearsed = _rehearsed(client, resources, told["id"])
    assert (rehearsed["rows_changed"], rehearsed["rows_refused"]) == (6, 5)
    problems = client.get(f"/api/imports/{told['id']}/problems").json()["items"]
    assert [(problem["row"], problem["code"]) for problem in problems] == [
        (8, "past_impossible"),
        (9, "past_impossible"),
        (10, "import_cell_day_unreal"),
        (11, "import_past_rows_refused"),
        (12, "import_lead_unknown"),
    ]
    client.post(f"/api/imports/{told['id']}/run")
    run_jobs(resources)
    standing = {lead["title"]: lead for lead in client.get("/api/leads").json()["items"]}
    first, second = standing["第1期"], standing["第2期"]
    assert (first["stage"], first["outcome"], first["back_moves"]) == ("needs_diagnosis", "open", 1)
    assert (second["stage"], second["outcome"], second["payment_state"]) == ("first_contact", "won", "paid")
    assert standing["第3期"]["stage"] == "lead_assignment"
    # its next move forwards still asks for everything up to there
    forward = {"kind": "forward", "to_stage": "proposal_quote", "expected_version": first["version"]}
    refused = client.post(f"/api/leads/{first['id']}/moves", json={"move": forward})
    assert refused.json()["code"] == "gate_closed"
    again = _received(client, "history", past)
    assert _done(client, resources, again["id"])["rows_unchanged"] == 6


def test_history_needs_its_own_right(client: TestClient, resources: Resources) -> None:
    log_in_as(client, resources, "rep")
    form = {"target": "history", "rehearse": "false"}
    answer = client.post("/api/imports", data=form, files={"file": ("a.csv", b"number,stage\n1,won\n")})
    assert answer.json()["code"] == "right_missing"


def test_people_whose_manager_stands_further_down(client: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        make_person(session, "rep", name="同名", region=make_region(session), team=make_team(session))
    table = (
        "工号,姓名,角色,大区,团队,直属上级\n"
        "A1,甲一,销售,华东大区,华东一队,乙二\n"
        "A2,乙二,主管,华东大区,华东一队,\n"
        "A3,丙三,销售,,,没有此人\n"
    )
    run = _received(client, "people", table)
    done = _done(client, resources, run["id"])
    assert (done["rows_created"], done["rows_refused"]) == (2, 1)
    [problem] = client.get(f"/api/imports/{run['id']}/problems").json()["items"]
    assert (problem["row"], problem["code"]) == (4, "roster_row_manager_unknown")


def test_a_table_makes_nobody_an_administrator_and_changes_none(client: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        chief = make_person(session, "admin", name="钱主任")
        number, address, chief_id = chief.employee_number, chief.email, chief.id
    table = (
        "工号,姓名,邮箱,角色\n"
        "H1,甲一,h1@example.com,admin\n"
        "H2,乙二,h2@example.com,系统管理员\n"
        f"{number},钱主任,taken-over@example.com,\n"
        f"{number},钱主任,{address},admin\n"
    )
    run = _received(client, "people", table)
    done = _done(client, resources, run["id"])
    problems = client.get(f"/api/imports/{run['id']}/problems").json()["items"]
    assert [problem["code"] for problem in problems[:3]] == ["admin_role_reserved"] * 3
    assert (done["rows_created"], done["rows_changed"]) == (0, 0)
    with resources.database.reading() as session:
        assert session.get_one(Person, chief_id).email == address


def _received(client: TestClient, target: str, table: str) -> dict[str, Any]:
    form = {"target": target, "rehearse": "false"}
    answer = client.post("/api/imports", data=form, files={"file": ("表.csv", table.encode())})
    assert answer.status_code == 202, answer.text
    run: dict[str, Any] = answer.json()
    return run


def _rehearsed(client: TestClient, resources: Resources, run_id: str) -> dict[str, Any]:
    answer = client.post(f"/api/imports/{run_id}/rehearsal")
    assert answer.status_code == 202, answer.text
    run_jobs(resources)
    run: dict[str, Any] = client.get(f"/api/imports/{run_id}").json()
    assert run["status"] == "rehearsed", run
    return run


def _done(client: TestClient, resources: Resources, run_id: str) -> dict[str, Any]:
    _rehearsed(client, resources, run_id)
    assert client.post(f"/api/imports/{run_id}/run").status_code == 202
    run_jobs(resources)
    run: dict[str, Any] = client.get(f"/api/imports/{run_id}").json()
    assert run["status"] == "done", run
    return run
