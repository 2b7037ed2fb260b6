"""`dojo doctor` finds what was broken on purpose, and says how to mend it."""

import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from api.doctor import Finding, examine
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings
from crm_core.foundation.translations import LOCALES
from crm_core.intake.tables import ImportRun
from crm_core.people.passwords import add_credential
from tests.factories.people import PASSWORD, make_person


def findings(settings: Settings) -> dict[str, Finding]:
    """The report by check; each line must have its words in every language, and each trouble its remedy."""
    report = list(examine(lambda: settings))
    for finding in report:
        for locale in LOCALES:
            assert not finding.message(locale).startswith(("doctor.", "error.")), finding
            assert "{" not in finding.message(locale) + (finding.remedy(locale) or ""), finding
            assert finding.state == "ok" or finding.remedy(locale), finding
    return {finding.check: finding for finding in report}


def states(report: dict[str, Finding], names: Iterable[str]) -> dict[str, str]:
    return {name: report[name].state for name in names}


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def installation(settings: Settings, resources: Resources, port: int) -> Settings:
    """One where nothing is wrong but that it does not run and has no models."""
    settings.data_folder.mkdir(mode=0o700, exist_ok=True)
    with resources.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, "admin")
        add_credential(session, settings, person.id, login_name="admin@example.com", password=PASSWORD)
        session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    return settings.model_copy(update={"port": port, "secret_key": SecretStr("x" * 40)})


def test_a_sound_installation_has_nothing_to_mend(installation: Settings) -> None:
    report = findings(installation)
    troubles = {name for name, finding in report.items() if finding.state != "ok"}
    # who runs the tests, on what, and whether next year's holidays are announced is not the installation's doing
    assert troubles - {"user", "disk", "calendars"} == {"port", "speech", "text_encoder"}
    assert report["migrations"].state == "ok"
    assert report["workers"].parameters == {"alive": 1}


def test_nothing_is_made_by_looking(tmp_path: Path, port: int) -> None:
    untouched = Settings(_env_file=None, data_folder=tmp_path / "nowhere", port=port)
    report = findings(untouched.model_copy(update={"database_url": None}))
    assert states(report, ["data_folder", "database", "secret"]) == {
        "data_folder": "warn",
        "database": "warn",
        "secret": "warn",
    }
    assert not (tmp_path / "nowhere").exists()


def test_refused_settings_are_reported(tmp_path: Path) -> None:
    report = list(examine(lambda: Settings(_env_file=None, environment="production", data_folder=tmp_path)))
    assert (report[-1].check, report[-1].state, report[-1].key) == ("settings", "fail", "error.weak_secret")
    report = list(examine(lambda: Settings(_env_file=None, port=99_999_999)))
    assert (report[-1].check, report[-1].state) == ("settings", "fail")
    assert "port" in report[-1].message("en")


def test_an_unreachable_database_is_reported(installation: Settings, port: int) -> None:
    url = SecretStr(f"postgresql://nobody:nothing@127.0.0.1:{port}/nowhere")
    report = findings(installation.model_copy(update={"database_url": url}))
    assert report["database"].state == "fail"
    assert "nothing" not in report["database"].message("en")
    assert "migrations" not in report


@pytest.mark.parametrize(("revision", "outcome"), [("0001", "behind"), ("9999", "ahead")])
def test_a_wrong_shape_is_reported(installation: Settings, resources: Resources, revision: str, outcome: str) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    report = findings(installation)
    assert report["migrations"].key == f"doctor.migrations.{outcome}"
    assert "queue" not in report


def test_work_that_nobody_does_is_reported(installation: Settings, resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'"))
        session.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, scheduled_at) VALUES"
                " ('default', 'a', 'todo', NULL, now() - interval '1 hour'),"
                " ('default', 'b', 'doing', (SELECT max(id) FROM procrastinate_workers), NULL),"
                " ('default', 'c', 'failed', NULL, NULL), ('default', 'd', 'todo', NULL, now() + interval '1 hour')"
            )
        )
        session.execute(text("UPDATE procrastinate_events SET at = now() - interval '1 hour'"))
    report = findings(installation)
    assert states(report, ["workers", "queue", "stalled_jobs", "failed_jobs"]) == dict.fromkeys(
        ["workers", "queue", "stalled_jobs", "failed_jobs"], "warn"
    )
    assert report["queue"].parameters == {"waiting": 1, "minutes": 60}
    assert report["stalled_jobs"].parameters == {"count": 1}


def test_years_whose_holidays_nobody_has_announced_are_named(installation: Settings) -> None:
    with clock.frozen(datetime(2024, 5, 5, tzinfo=UTC)):
        assert findings(installation)["calendars"].state == "ok"
    with clock.frozen(datetime(2089, 5, 5, tzinfo=UTC)):
        finding = findings(installation)["calendars"]
    assert (finding.state, finding.parameters) == ("warn", {"years": "2089, 2090"})


def test_lost_and_changed_files_are_reported(installation: Settings, resources: Resources) -> None:
    hashes = [resources.files.store(io.BytesIO(content), limit_bytes=99).sha256 for content in (b"a", b"b", b"c")]
    with resources.database.transaction(Origin(channel="test")) as session:
        session.add_all(
            ImportRun(target="leads", file_name="线索.csv", file_sha256=sha256, status="rehearsed") for sha256 in hashes
        )
    assert findings(installation)["files"].state == "ok"
    resources.files.path(hashes[0]).unlink()
    changed = resources.files.path(hashes[1])
    changed.chmod(0o600)
    changed.write_bytes(b"something else")
    report = findings(installation)
    assert report["files"].state == "fail"
    assert report["files"].parameters == {"checked": 3, "missing": 1, "changed": 1}


def test_a_stranger_at_the_address_is_reported(installation: Settings) -> None:
    with socket.create_server((installation.host, installation.port)):
        assert findings(installation)["port"].key == "doctor.port.fail"


def test_an_open_folder_is_reported(installation: Settings) -> None:
    installation.data_folder.chmod(0o755)
    assert findings(installation)["data_folder"].state == "warn"


def test_a_missing_package_is_reported(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["sqlalchemy>=2", "psycopg>99", "no-such-package-of-ours", 'ruff; extra == "lint"']
    monkeypatch.setattr("api.doctor.machine.requires", lambda _name: wanted)
    packages = findings(installation)["packages"]
    assert (packages.state, packages.parameters["wrong"]) == ("fail", "psycopg>99, no-such-package-of-ours")


def test_the_command_tells_programs_and_people(installation: Settings, resources: Resources) -> None:
    environment = {
        **os.environ,
        "SALESDOJO_DATABASE_URL": resources.database.url,
        "SALESDOJO_DATA_FOLDER": str(installation.data_folder),
        "SALESDOJO_PORT": str(installation.port),
        "SALESDOJO_LOG_LEVEL": "error",
    }

    def doctor(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "api", "doctor", *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    sound = doctor("--json")
    assert sound.returncode == 0
    lines = json.loads(sound.stdout)
    assert {line["state"] for line in lines} == {"ok", "warn"}
    assert next(line for line in lines if line["check"] == "workers")["message"] == "1 个后台进程在工作。"
    with resources.database.transaction(Origin(channel="test")) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    broken = doctor("--language", "en")
    assert broken.returncode == 1
    assert "Run dojo migrate" in broken.stdout
