"""A backup brings everything back, and a doubtful one touches nothing."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from api import migrations
from api.backup import (
    BackupDamaged,
    BackupExists,
    BackupFromNewerVersion,
    BackupMissing,
    RestoreTargetInUse,
    RestoreTargetNotEmpty,
    back_up,
    restore,
)
from crm_core.foundation.database import Database, DatabaseFull, Origin, driver_url
from crm_core.foundation.files import FileStore
from crm_core.foundation.resources import Resources
from tests.factories.people import make_person


@pytest.fixture
def empty(server_url: URL, tmp_path: Path, resources: Resources) -> Iterator[Resources]:
    """An installation where nothing has happened yet, not even a migration."""
    name = f"salesdojo_empty_{os.getpid()}"
    administrator = driver_url(server_url.render_as_string(hide_password=False))
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    database = Database(server_url.set(database=name).render_as_string(hide_password=False))
    folder = tmp_path / "empty"
    folder.mkdir()
    yield Resources(
        resources.settings.model_copy(update={"data_folder": folder}), database, FileStore(folder / "files")
    )
    database.dispose()
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def archive(resources: Resources, tmp_path: Path) -> Path:
    """A backup of an installation with a person and a file."""
    with resources.database.transaction(Origin(channel="test")) as session:
        make_person(session, name="王秀英")
    resources.files.store(io.BytesIO("录音".encode()), limit_bytes=100)
    path = tmp_path / "backup.tar"
    back_up(resources, path)
    return path


def contents(resources: Resources) -> dict[str, object]:
    """Every row of every table, and every file."""
    with resources.database.reading() as session:
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = {
            table: session.execute(text(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")).all()
            for table in tables
        }
    resources.database.dispose()
    return {**rows, "files": sorted(resources.files.hashes())}


def rewrite(archive: Path, change: dict[str, bytes]) -> None:
    """The same archive with other bytes for some members; empty bytes leave the member out."""
    with tarfile.open(archive) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    with tarfile.open(archive, "w") as tar:
        for name, content in {**members, **change}.items():
            if content:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))


def part_names(archive: Path) -> list[str]:
    with tarfile.open(archive) as tar:
        return tar.getnames()


def test_everything_comes_back_in_an_empty_installation(resources: Resources, archive: Path, empty: Resources) -> None:
    manifest = restore(empty, archive)
    assert manifest.file_count == 1
    assert contents(empty) == contents(resources)
    assert migrations.current_revision(empty.database) == migrations.newest_revision()


def test_what_was_done_after_the_backup_is_undone(resources: Resources, archive: Path) -> None:
    before = contents(resources)
    with resources.database.transaction(Origin(channel="test")) as session:
        make_person(session, name="张伟")
        session.execute(text("CREATE TABLE of_a_newer_version (id int)"))
    (sha256,) = resources.files.hashes()
    resources.files.path(sha256).unlink()
    restore(resources, archive, replacing=True)
    assert contents(resources) == before


def test_a_restored_installation_works_on(resources: Resources, archive: Path, empty: Resources) -> None:
    restore(empty, archive)
    with empty.database.transaction(Origin(channel="test")) as session:
        person = make_person(session, name="赵敏")
    with empty.database.reading() as session:
        written = text("SELECT count(*) FROM history WHERE record_id = :id")
        assert session.scalar(written, {"id": person.id}) == 1


def test_a_backup_of_a_backup_is_the_same(resources: Resources, archive: Path, empty: Resources) -> None:
    restore(empty, archive)
    second = archive.with_name("second.tar")
    back_up(empty, second)
    restore(resources, second, replacing=True)
    assert contents(resources) == contents(empty)


def test_only_its_owner_reads_a_backup(archive: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in archive.parent.iterdir() if path.suffix != "") == [archive.name]


def test_a_backup_is_never_overwritten(resources: Resources, archive: Path) -> None:
    kept = archive.read_bytes()
    with pytest.raises(BackupExists):
        back_up(resources, archive)
    assert archive.read_bytes() == kept


def test_a_used_database_is_replaced_only_when_asked(resources: Resources, archive: Path) -> None:
    before = contents(resources)
    with pytest.raises(RestoreTargetNotEmpty):
        restore(resources, archive)
    assert contents(resources) == before


def test_a_database_in_use_is_left_alone(resources: Resources, archive: Path) -> None:
    with psycopg.connect(driver_url(resources.database.url)), pytest.raises(RestoreTargetInUse) as refusal:
        restore(resources, archive, replacing=True)
    assert refusal.value.parameters == {"sessions": 1}


@pytest.mark.parametrize("damage", ["dump", "file", "missing file", "manifest", "cut short", "no archive"])
def test_a_damaged_backup_touches_nothing(resources: Resources, archive: Path, damage: str) -> None:
    _, dump, file = part_names(archive)
    before = contents(resources)
    match damage:
        case "dump":
            rewrite(archive, {dump: b"PGDMP nothing"})
        case "file":
            rewrite(archive, {file: b"something else"})
        case "missing file":
            rewrite(archive, {file: b""})
        case "manifest":
            rewrite(archive, {"manifest.json": b"{}"})
        case "cut short":
            archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 3])
        case _:
            archive.write_bytes(b"PK\x03\x04 not a tar" * 100)
    with pytest.raises(BackupDamaged):
        restore(resources, archive, replacing=True)
    assert contents(resources).items() >= {name: rows for name, rows in before.items() if name != "files"}.items()


def test_a_dump_that_cannot_be_loaded_leaves_the_old_data(
    resources: Resources, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(resources)
    monkeypatch.setattr("api.backup._EMPTY_THE_DATABASE", "DROP SCHEMA public CASCADE; SELECT 1 / 0;")
    with pytest.raises(Exception, match="division by zero"):
        restore(resources, archive, replacing=True)
    assert contents(resources) == before


def test_a_backup_of_a_newer_version_is_refused(resources: Resources, archive: Path) -> None:
    with tarfile.open(archive) as tar:
        manifest = tar.extractfile("manifest.json").read()  # type: ignore[union-attr]
    revision = (migrations.newest_revision() or "").encode()
    rewrite(archive, {"manifest.json": manifest.replace(b'"' + revision + b'"', b'"9999"')})
    with pytest.raises(BackupFromNewerVersion):
        restore(resources, archive, replacing=True)


def test_an_absent_backup_is_named(resources: Resources, tmp_path: Path) -> None:
    with pytest.raises(BackupMissing):
        restore(resources, tmp_path / "nowhere.tar", replacing=True)


def test_a_full_disk_leaves_no_half_backup(resources: Resources, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    resources.files.store(io.BytesIO(os.urandom(3_000_000)), limit_bytes=10_000_000)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        with pytest.raises(DatabaseFull):
            back_up(resources, disk / "backup.tar")
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_the_commands_speak_to_people(tmp_path: Path, resources: Resources) -> None:
    """The way an operator does it: one installation's backup into another, by `dojo`."""
    target = tmp_path / "cli.tar"
    environment = {**os.environ, "SALESDOJO_DATABASE_URL": resources.database.url, "SALESDOJO_LOG_LEVEL": "error"}
    environment |= {"SALESDOJO_DATA_FOLDER": str(resources.settings.data_folder), "SALESDOJO_ENVIRONMENT": "test"}

    def dojo(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "api", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    made = dojo("backup", str(target))
    assert (made.returncode, made.stderr) == (0, "")
    refused = dojo("restore", str(target))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert dojo("restore", str(target), "--replace").returncode == 0
