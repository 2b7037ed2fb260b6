"""The PostgreSQL that comes with the product, shared by every process that uses the same data folder.

Whoever comes first starts the server, whoever leaves last stops it, and who that is does not matter. Three locks of
the kernel, beside the data, say the truth about it; unlike process numbers kept in files, they end with their holder,
however it ends:

- `starting.lock`: held by whoever starts or stops the server just now.
- `users.lock`: shared by every user. Who can have it alone is the last one.
- `server.lock`: inherited by the server and its sessions. Who can have it knows that none of them is left.
"""

import atexit
import errno
import fcntl
import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from crm_core.foundation.database import driver_url
from crm_core.foundation.embedded_account import server_account
from crm_core.foundation.embedded_cluster import DATABASE, MAJOR_VERSION, ROLE, Cluster, PortTaken
from crm_core.foundation.embedded_errors import (
    DatabaseBusy,
    DatabaseCorrupted,
    DatabasePasswordRefused,
    DatabaseStartFailed,
    DatabaseStartTimedOut,
    DatabaseStopFailed,
    translated_folder_failures,
)
from crm_core.foundation.errors import ProductError

#: a server that was killed under load replays its log before it takes connections
_START_TIMEOUT_SECONDS = 300
_STOP_TIMEOUT_SECONDS = 60
_ORPHAN_GRACE_SECONDS = 3.0
_PAUSE_SECONDS = 0.05
#: below the range that outgoing connections draw from, so that a port stays free while the server is down
_PORTS = range(20_000, 32_000)
_PORT_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class EmbeddedDatabaseStatus:
    """What can be said about the server without touching it; the port and process are None when it is down."""

    folder: Path
    log: Path
    version: str
    running: bool
    port: int | None
    process_id: int | None


class EmbeddedDatabase:
    """One process's share in the server of a data folder; `start` and `stop` may be called by every process."""

    def __init__(self, data_folder: Path) -> None:
        self._data_folder = data_folder.expanduser().resolve()
        self._folder = self._data_folder / "database"
        self._lease: int | None = None
        self._lease_owner = 0

    def start(self) -> str:
        """Join the running server, or start one (making its data first if there is none); returns its address.

        Calling it again mends: a server that has died since is started anew, at the same port if that is still free.
        Raises the errors of `embedded_errors`, and DatabaseFull.
        """
        self._prepare_folder()
        with self._alone():
            is_new = self._take_lease()
            try:
                self._join_or_launch()
            except ProductError as failure:
                if is_new:
                    # a server that is still replaying its log is left to it
                    self._leave(ending_server=not isinstance(failure, DatabaseStartTimedOut))
                raise
        return self.url()

    def stop(self) -> None:
        """Leave; the last user to leave stops the server. Without a start it does nothing."""
        # a forked child shares the lease of its parent and must not leave in its name
        if self._lease is None or self._lease_owner != os.getpid():
            return
        with self._alone():
            self._leave(ending_server=True)

    def status(self) -> EmbeddedDatabaseStatus:
        """Looks only; never starts anything. A server counts as running from its first moment to its last."""
        cluster = Cluster(self._folder, server_account(self._folder)) if self._folder.exists() else None
        postmaster = cluster.postmaster() if cluster else None
        return EmbeddedDatabaseStatus(
            folder=self._folder,
            log=self._folder / "server.log",
            version=MAJOR_VERSION,
            running=postmaster is not None,
            port=cluster.listening_port() if cluster and postmaster else None,
            process_id=postmaster.pid if postmaster else None,
        )

    def url(self, database: str = DATABASE) -> str:
        """The address of a database of this server, for SQLAlchemy with psycopg."""
        password = self._password_file.read_text(encoding="ascii")
        return f"postgresql+psycopg://{ROLE}:{password}@127.0.0.1:{self._port()}/{database}"

    @property
    def _password_file(self) -> Path:
        return self._folder / "password"

    @property
    def _port_file(self) -> Path:
        return self._folder / "port"

    @property
    def _cluster(self) -> Cluster:
        return Cluster(self._folder, server_account(self._folder))

    def _prepare_folder(self) -> None:
        with translated_folder_failures(self._data_folder):
            for folder in (self._data_folder, self._folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            server_account(self._folder).own(self._folder)

    def _join_or_launch(self) -> None:
        for waited_seconds in _waiting(_START_TIMEOUT_SECONDS):
            with self._locked_file("server.lock") as lock:
                if _try_exclusively(lock) and not any(self._cluster.processes()):
                    self._launch(lock)
            if self._accepts_connections():
                return
            if waited_seconds > _ORPHAN_GRACE_SECONDS:
                self._cluster.end_orphans()
        raise DatabaseStartTimedOut(seconds=_START_TIMEOUT_SECONDS, log=str(self._folder / "server.log"))

    def _launch(self, lock: int) -> None:
        cluster = self._cluster
        with translated_folder_failures(self._folder):
            if not cluster.exists:
                self._change_password(lambda password: cluster.create(password, lock))
            cluster.require_usable()
            if not self._password_file.exists():
                self._change_password(lambda password: cluster.set_password(password, lock))
            for port in self._candidate_ports():
                self._write(self._port_file, str(port))
                try:
                    return cluster.launch(port, lock, timeout_seconds=_START_TIMEOUT_SECONDS)
                except PortTaken:
                    continue
        raise DatabaseStartFailed(
            folder=str(self._folder), reason="no free port on 127.0.0.1", log=str(self._folder / "server.log")
        )

    def _accepts_connections(self) -> bool:
        if self._cluster.listening_port() != self._port():
            return False
        try:
            psycopg.connect(driver_url(self.url()), connect_timeout=5).close()
        except psycopg.OperationalError as refusal:
            if "too many clients" in str(refusal) or "connection slots" in str(refusal):
                return True
            if "password authentication failed" in str(refusal):
                raise DatabasePasswordRefused(password_file=str(self._password_file)) from refusal
            failure = self._cluster.failure_told_by(str(refusal))
            if isinstance(failure, DatabaseCorrupted):
                raise failure from refusal
            return False
        return True

    def _end_server(self) -> None:
        cluster = self._cluster
        for immediately in (False, True):
            cluster.signal_stop(immediately=immediately)
            for waited_seconds in _waiting(_STOP_TIMEOUT_SECONDS):
                with self._locked_file("server.lock") as lock:
                    if _try_exclusively(lock):
                        return
                if waited_seconds > _ORPHAN_GRACE_SECONDS:
                    cluster.end_orphans()
        raise DatabaseStopFailed(folder=str(self._folder), seconds=2 * _STOP_TIMEOUT_SECONDS)

    def _take_lease(self) -> bool:
        """Become a user of the server; False for who already was one."""
        if self._lease is not None and self._lease_owner == os.getpid():
            return False
        self._lease = self._open("users.lock")
        self._lease_owner = os.getpid()
        fcntl.flock(self._lease, fcntl.LOCK_SH)
        atexit.register(self.stop)
        return True

    def _leave(self, *, ending_server: bool) -> None:
        assert self._lease is not None
        if ending_server and _try_exclusively(self._lease):
            self._end_server()
        os.close(self._lease)
        self._lease = None
        atexit.unregister(self.stop)

    def _change_password(self, apply: Callable[[str], None]) -> None:
        """Kept only once the server knows it: killed in between, no file is there and the next start does it again."""
        self._password_file.unlink(missing_ok=True)
        password = secrets.token_urlsafe(32)
        apply(password)
        self._write(self._password_file, password)

    def _port(self) -> int | None:
        try:
            return int(self._port_file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def _candidate_ports(self) -> Iterator[int]:
        """The port of last time first, so that addresses held by other processes stay true; free ones only."""
        last = self._port()
        strangers = random.sample(_PORTS, _PORT_ATTEMPTS)  # not a secret
        for port in ([last] if last else []) + strangers:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            yield port

    def _write(self, path: Path, content: str) -> None:
        """Replace a small private file as a whole."""
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._cluster.account.own(unfinished)
        unfinished.replace(path)

    def _open(self, name: str) -> int:
        path = self._folder / name
        with translated_folder_failures(self._folder):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            self._cluster.account.own(path)
        return descriptor

    @contextmanager
    def _locked_file(self, name: str) -> Iterator[int]:
        descriptor = self._open(name)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the right to start and stop the server."""
        with self._locked_file("starting.lock") as lock:
            if not any(_try_exclusively(lock) for _ in _waiting(_START_TIMEOUT_SECONDS + _STOP_TIMEOUT_SECONDS)):
                raise DatabaseBusy(folder=str(self._folder))
            yield


def _waiting(limit_seconds: float) -> Iterator[float]:
    """Give the seconds waited so far, with a pause after each, until the limit is reached."""
    began = time.monotonic()
    while (waited_seconds := time.monotonic() - began) < limit_seconds:
        yield waited_seconds
        time.sleep(_PAUSE_SECONDS)


def _try_exclusively(descriptor: int) -> bool:
    """Take a file's lock for this process alone, if nobody else has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as failure:
        if failure.errno in {errno.EAGAIN, errno.EACCES}:
            return False
        raise
    return True
