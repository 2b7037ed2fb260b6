"""An installation in one archive, and back: the database as pg_dump writes it, and every stored file.

The archive is a tar: `manifest.json`, `database.dump`, then `files/<sha256>`. The database is read first: a stored file
is never changed or removed, so every file that the dump speaks of is still there when the files are copied.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, BinaryIO, cast

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from api import migrations
from crm_core.foundation import clock
from crm_core.foundation.database import Database
from crm_core.foundation.embedded_cluster import wheel_binary
from crm_core.foundation.embedded_errors import translated_folder_failures
from crm_core.foundation.errors import Conflict, Invalid, NotFound, Unavailable, Unsupported
from crm_core.foundation.files import FileStore
from crm_core.foundation.resources import Resources

_FORMAT = 1
_MANIFEST, _DUMP, _FILES = "manifest.json", "database.dump", "files/"
_NO_LIMIT = 1 << 62

#: the schema is made as a new database has it, in the transaction that fills it: all is replaced or nothing
_EMPTY_THE_DATABASE = (
    "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner;"
    " GRANT USAGE ON SCHEMA public TO PUBLIC;"
)


class BackupExists(Conflict):
    code = "backup_exists"


class BackupMissing(NotFound):
    code = "backup_missing"


class BackupDamaged(Invalid):
    """Not an archive of ours, cut short, or changed since it was written."""

    code = "backup_damaged"


class BackupFromNewerVersion(Unsupported):
    code = "backup_from_newer_version"


class BackupFailed(Unavailable):
    """A program of PostgreSQL gave up, for the reason that it states."""

    code = "backup_failed"


class RestoreTargetNotEmpty(Conflict):
    code = "restore_target_not_empty"


class RestoreTargetInUse(Conflict):
    code = "restore_target_in_use"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    made_at: str
    product_version: str
    revision: str | None
    dump_sha256: str
    file_count: int
    format: int = _FORMAT
    product: str = "salesdojo"


def back_up(resources: Resources, archive: Path) -> Manifest:
    """Write an archive that only its owner may read; it appears whole or not at all. The product may go on running."""
    if archive.exists():
        raise BackupExists(file=str(archive))
    with translated_folder_failures(archive.parent), tempfile.TemporaryDirectory(dir=archive.parent) as name:
        dump, unfinished = Path(name, _DUMP), Path(name, "archive.tar")
        _run(resources.database, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        hashes = sorted(resources.files.hashes())
        manifest = Manifest(
            made_at=clock.now().isoformat(),
            product_version=version("salesdojo"),
            revision=migrations.current_revision(resources.database),
            dump_sha256=_sha256(dump),
            file_count=len(hashes),
        )
        note = Path(name, _MANIFEST)
        note.write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        unfinished.touch(mode=0o600)
        with unfinished.open("wb") as target, tarfile.open(fileobj=target, mode="w") as tar:
            tar.add(note, _MANIFEST)
            tar.add(dump, _DUMP)
            for sha256 in hashes:
                tar.add(resources.files.path(sha256), _FILES + sha256)
            target.flush()
            os.fsync(target.fileno())
        unfinished.rename(archive)
    return manifest


def restore(resources: Resources, archive: Path, *, replacing: bool = False) -> Manifest:
    """Bring an archive back, into an empty database or, when replacing, instead of everything that is in it.

    Everything is checked before the database is touched, and the database is replaced in one transaction. An archive
    of an earlier version is brought to the newest shape afterwards.
    """
    # our own idle connections are not what is asked about
    resources.database.dispose()
    _require_target(resources.database, replacing=replacing)
    workplace = resources.settings.data_folder
    with translated_folder_failures(workplace):
        workplace.mkdir(parents=True, exist_ok=True)
    with (
        translated_folder_failures(workplace),
        tempfile.TemporaryDirectory(dir=workplace) as name,
        _opened(archive) as tar,
    ):
        dump = Path(name, _DUMP)
        manifest = _unpack(tar, archive, dump, resources.files)
        script = Path(name, "database.sql")
        _run_program("pg_restore", f"--file={script}", "--no-owner", "--no-privileges", str(dump))
        _run(
            resources.database,
            *("psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"),
            *("--output", os.devnull, "--command", _EMPTY_THE_DATABASE, "--file", str(script)),
        )
    # connections from before know of types and tables that are gone
    resources.database.dispose()
    migrations.upgrade(resources.database)
    return manifest


def _require_target(database: Database, *, replacing: bool) -> None:
    with database.reading() as session:
        tables = session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        others = session.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
    if others:
        raise RestoreTargetInUse(sessions=others)
    if tables and not replacing:
        raise RestoreTargetNotEmpty(tables=tables)


def _unpack(tar: tarfile.TarFile, archive: Path, dump: Path, files: FileStore) -> Manifest:
    """Check the whole archive while its parts are put where they are needed; stored files harm nobody if it fails."""
    manifest = _read_manifest(_next_part(tar, archive, _MANIFEST)[1], archive)
    with dump.open("wb") as target:
        shutil.copyfileobj(_next_part(tar, archive, _DUMP)[1], target)
    if _sha256(dump) != manifest.dump_sha256:
        raise BackupDamaged(file=str(archive), part=_DUMP)
    for number in range(1, manifest.file_count + 1):
        name, content = _next_part(tar, archive, _FILES)
        if files.store(cast(BinaryIO, content), limit_bytes=_NO_LIMIT).sha256 != name.removeprefix(_FILES):
            raise BackupDamaged(file=str(archive), part=f"{_FILES}: {number}/{manifest.file_count}")
    return manifest


def _next_part(tar: tarfile.TarFile, archive: Path, prefix: str) -> tuple[str, IO[bytes]]:
    """The next member, which must be of this name or folder, and its content."""
    member = tar.next()
    content = tar.extractfile(member) if member and member.name.startswith(prefix) else None
    if member is None or content is None:
        raise BackupDamaged(file=str(archive), part=prefix)
    return member.name, content


def _read_manifest(source: IO[bytes], archive: Path) -> Manifest:
    try:
        manifest = Manifest(**json.load(source))
    except (ValueError, TypeError) as failure:
        raise BackupDamaged(file=str(archive), part=_MANIFEST) from failure
    if manifest.format != _FORMAT or (manifest.revision and not migrations.is_known(manifest.revision)):
        raise BackupFromNewerVersion(file=str(archive), version=manifest.product_version)
    return manifest


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    if not archive.is_file():
        raise BackupMissing(file=str(archive))
    try:
        with tarfile.open(archive, mode="r:") as tar:
            yield tar
    except tarfile.TarError as failure:
        raise BackupDamaged(file=str(archive), part=str(failure)) from failure


def _run(database: Database, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on a database; the password stays off the command line, where anybody sees it."""
    url = make_url(database.url)
    address = URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port, database=url.database, query=url.query
    )
    _run_program(program, f"--dbname={address}", *arguments, password=str(url.password or ""))


def _run_program(program: str, *arguments: str, password: str = "") -> None:
    environment = {**os.environ, "PGPASSWORD": password}
    command: Sequence[str] = [str(wheel_binary(program)), *arguments]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if answer.returncode != 0:
        if "No space left on device" in answer.stderr:
            raise OSError(28, "No space left on device")
        raise BackupFailed(program=program, reason=answer.stderr.strip())


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
