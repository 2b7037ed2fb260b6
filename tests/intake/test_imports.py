"""Other people's tables come in: rehearsed first, every bad row named, the same file twice changes nothing."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from tests.factories.leads import make_customer
from tests.factories.office_files import deck, sheet
from tests.factories.people import log_in_as, make_person, make_team
from tests.support.jobs import run_jobs

CUSTOMERS = (
    "客户名称,行业,规模,负责人\r\n"
    "阳澄光伏电站运营有限公司,光伏电站运营商,中型,周敏\r\n"
    "北斗仪器有限公司,实验仪器,大型,周敏\r\n"
)


@pytest.fixture(autouse=True)
def operations(client: TestClient, resources: Resources) -> Person:
    person = log_in_as(client, resources, "operations")
    with resources.database.transaction(Origin(channel="test")) as session:
        make_person(session, "rep", name="周敏", team=make_team(session))
    return person


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_customers_come_in_whatever_the_encoding(client: TestClient, resources: Resources, encoding: str) -> None:
    run = _rehearsed(client, resources, "customers", "客户.csv", CUSTOMERS.encode(encoding))
    assert (run["status"], run["rows_created"], run["problems_total"]) == ("rehearsed", 2, 0)
    # a rehearsal keeps nothing
    assert client.get("/api/customers").json()["total"] == 0
    assert _carried_out(client, resources, run["id"])["rows_created"] == 2
    customers = client.get("/api/customers").json()["items"]
    assert [(item["name"], item["size"], item["owner_name"]) for item in customers] == [
        ("北斗仪器有限公司", "large", "周敏"),
        ("阳澄光伏电站运营有限公司", "medium", "周敏"),
    ]


def test_the_same_file_twice_changes_nothing(client: TestClient, resources: Resources) -> None:
    content = sheet(("公司", "城市"), ("甲乙丙科技有限公司", "苏州"), ("丁戊己科技有限公司", "无锡"))
    first = _carried_out(client, resources, _rehearsed(client, resources, "customers", "a.xlsx", content)["id"])
    again = _carried_out(client, resources, _rehearsed(client, resources, "customers", "a.xlsx", content)["id"])
    assert (first["rows_created"], first["rows_unchanged"]) == (2, 0)
    assert (again["rows_created"], again["rows_unchanged"]) == (0, 2)
    assert client.get("/api/customers").json()["total"] == 2
    assert client.post(f"/api/imports/{again['id']}/run").json()["code"] == "import_not_rehearsed"


def test_every_bad_row_is_named_and_the_others_come_in(client: TestClient, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        make_customer(session, name="阳澄光伏电站运营有限公司")
    table = (
        "客户名称,线索名称,来源,金额,预计签约日期,负责人,阶段\n"
        "阳澄光伏电站运营有限公司,储能一期,展会,86万,2026/4/30,周敏,方案报价\n"
        "阳澄光伏电站运营有限公司,,展会,1,2026-01-01,周敏,\n"
        "没有这家公司,储能二期,展会,1,2026-01-01,周敏,\n"
        "阳澄光伏电站运营有限公司,储能三期,天上掉的,很多钱,2026-02-30,无名氏,Won\n"
        "\n"
        "阳澄光伏电站运营有限公司,储能一期,展会,86万,2026/4/30,周敏,方案报价\n"
    )
    run = _rehearsed(client, resources, "leads", "线索.csv", table.encode())
    assert (run["rows_total"], run["rows_created"], run["rows_refused"]) == (5, 1, 4)
    problems = client.get(f"/api/imports/{run['id']}/problems").json()["items"]
    assert [(item["row"], item["column"], item["code"]) for item in problems] == [
        (3, "线索名称", "import_cell_missing"),
        (4, None, "import_customer_unknown"),
        (5, "来源", "import_cell_choice_unknown"),
        (5, "金额", "import_cell_not_number"),
        (5, "预计签约日期", "import_cell_day_unreal"),
        (5, "负责人", "import_cell_person_unknown"),
        (7, None, "import_row_repeated"),
    ]
    assert all(item["what"] and "error." not in item["what"] for item in problems)

    assert _carried_out(client, resources, run["id"])["rows_created"] == 1
    [lead] = client.get("/api/leads").json()["items"]
    assert (lead["amount"], lead["expected_sign_on"], lead["owner_name"]) == ("860000.00", "2026-04-30", "周敏")
    # whatever stage the table claims, a lead enters at the first one
    assert lead["stage"] == "lead_assignment"
    timeline = client.get(f"/api/customers/{lead['customer_id']}/timeline").json()["items"]
    assert "导入线索「储能一期」，原表中的阶段为「方案报价」，仍从第一阶段开始" in {entry["text"] for entry in timeline}


def test_columns_can_be_mapped_by_hand(client: TestClient, resources: Resources) -> None:
    content = "甲方,行业\n阳澄光伏电站运营有限公司,光伏\n".encode()
    refused = _upload(client, "customers", "a.csv", content)
    assert (refused.status_code, refused.json()["code"]) == (422, "import_columns_missing")
    wrong = ('{"乙方": "name"}', '{"甲方": "nothing"}', '{"甲方": "name", "行业": "name"}', "[]", "{")
    for mapping in wrong:
        answer = _upload(client, "customers", "a.csv", content, mapping=mapping)
        assert answer.json()["code"] == "import_mapping_invalid", mapping
    accepted = _upload(client, "customers", "a.csv", content, mapping='{"甲方": "name", "行业": null}')
    assert accepted.json()["mapping"] == {"甲方": "name"}


def test_files_that_are_no_tables_are_refused_by_name(client: TestClient) -> None:
    refusals = {
        "乱码.csv": (b"\xff\xff\xff\x00\x81" * 20, "import_undecodable"),
        "断.csv": ("客户名称\n阳澄".encode()[:-1] + b"\xff\xff", "import_undecodable"),
        "图.csv": (b"\x89PNG\r\n\x1a\n" + b"0" * 64, "import_undecodable"),
        "方案.pptx": (deck("方案"), "import_unreadable"),
        "断.xlsx": (sheet(("公司",), ("甲",))[:1500], "import_unreadable"),
        "空.csv": (b"", "file_empty"),
        "空行.csv": (b"\r\n\r\n", "import_without_rows"),
    }
    for name, (content, code) in refusals.items():
        assert _upload(client, "customers", name, content).json()["code"] == code, name
    assert client.get("/api/imports").json()["total"] == 0


def test_too_many_rows_are_refused_as_a_whole(
    client: TestClient, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(resources.settings.__dict__, "import_limit_rows", 1)
    run = _rehearsed(client, resources, "customers", "客户.csv", CUSTOMERS.encode())
    assert (run["status"], run["rows_created"]) == ("refused", 0)
    [problem] = client.get(f"/api/imports/{run['id']}/problems").json()["items"]
    assert problem["code"] == "import_too_many_rows"


def test_semicolons_quotes_and_line_breaks_in_cells(client: TestClient, resources: Resources) -> None:
    table = '公司;现状\n"阳澄; 光伏有限公司";"第一行\n第二行"\n'
    run = _rehearsed(client, resources, "customers", "a.csv", table.encode())
    _carried_out(client, resources, run["id"])
    [customer] = client.get("/api/customers").json()["items"]
    assert (customer["name"], customer["situation"]) == ("阳澄; 光伏有限公司", "第一行\n第二行")


def test_only_those_with_the_right_import(client: TestClient, resources: Resources) -> None:
    log_in_as(client, resources, "rep")
    assert _upload(client, "customers", "a.csv", CUSTOMERS.encode()).json()["code"] == "right_missing"
    assert client.get("/api/imports").json()["code"] == "right_missing"


def _upload(client: TestClient, target: str, name: str, content: bytes, *, mapping: str = "{}") -> Any:
    form = {"target": target, "mapping": mapping}
    return client.post("/api/imports", data=form, files={"file": (name, content)})


def _rehearsed(client: TestClient, resources: Resources, target: str, name: str, content: bytes) -> dict[str, Any]:
    accepted = _upload(client, target, name, content)
    assert accepted.status_code == 202, accepted.text
    run_jobs(resources)
    run: dict[str, Any] = client.get(f"/api/imports/{accepted.json()['id']}").json()
    return run


def _carried_out(client: TestClient, resources: Resources, run_id: str) -> dict[str, Any]:
    assert client.post(f"/api/imports/{run_id}/run").status_code == 202
    run_jobs(resources)
    run: dict[str, Any] = client.get(f"/api/imports/{run_id}").json()
    assert run["status"] == "done"
    return run
