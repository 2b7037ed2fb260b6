"""`dojo user …`, as an operator types it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi.testclient import TestClient

from api.cli import main
from crm_core.foundation.database import driver_url
from tests.factories.people import PASSWORD


class Outcome(NamedTuple):
    status: object
    output: str
    errors: str


Dojo = Callable[..., Outcome]


@pytest.fixture
def dojo(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Dojo:
    """Runs `dojo user` on this test's database; `given` is what comes from standard input."""
    monkeypatch.setenv("SALESDOJO_DATABASE_URL", driver_url(database_url))
    monkeypatch.setenv("SALESDOJO_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("SALESDOJO_ENVIRONMENT", "test")
    monkeypatch.setenv("SALESDOJO_LOG_LEVEL", "error")

    def run(*arguments: str, given: str = PASSWORD) -> Outcome:
        monkeypatch.setattr("sys.argv", ["dojo", "user", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{given}\n"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Outcome(ended.value.code, *capsys.readouterr())

    return run


def log_in(client: TestClient, password: str = PASSWORD) -> tuple[int, str | None]:
    answer = client.post("/api/login", json={"login_name": "zhang.wei", "password": password})
    return answer.status_code, answer.json().get("code")


def test_an_account_from_opening_to_closing(dojo: Dojo, client: TestClient) -> None:
    added = dojo("add", "zhang.wei", "--name", "张伟", "--role", "rep", "--region", "华东大区", "--team", "华东一队",
                 "--create", "--password-stdin")  # fmt: skip
    assert added.status == 0, added.errors
    assert log_in(client) == (200, None)
    assert dojo("list").output == "zhang.wei\t张伟\trep\topen\n"
    other = "山高水长-2027-Autumn"
    changed = dojo("password", "zhang.wei", "--password-stdin", given=other)
    assert changed.status == 0, changed.errors
    assert log_in(client) == (401, "wrong_credentials")
    assert log_in(client, other) == (200, None)
    assert dojo("disable", "zhang.wei").status == 0
    assert log_in(client, other) == (401, "account_closed")
    assert client.get("/api/me").status_code == 401
    assert dojo("list").output == "zhang.wei\t张伟\t-\tclosed\n"


@pytest.mark.parametrize(
    ("arguments", "given", "code"),
    [
        (["--role", "seller"], PASSWORD, "role_unknown"),
        (["--role", "rep"], PASSWORD, "rep_without_region"),
        (["--role", "rep", "--region", "nowhere"], PASSWORD, "region_not_found"),
        (["--role", "admin"], "password12", "weak_password"),
        (["--role", "admin"], "", "weak_password"),
    ],
)
def test_a_refused_account_leaves_nothing_behind(dojo: Dojo, arguments: list[str], given: str, code: str) -> None:
    refused = dojo("add", "zhang.wei", "--name", "张伟", *arguments, "--password-stdin", given=given)
    assert refused.status == 1
    assert f"[{code}]" in refused.errors
    assert dojo("list").output == ""
