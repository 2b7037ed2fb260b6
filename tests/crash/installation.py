"""A real installation, run by `dojo up` in a folder of its own, whose processes can be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import psycopg

from crm_core.foundation.database import driver_url
from crm_core.foundation.embedded_database import EmbeddedDatabase

PASSWORD = "风雨无阻-2026-Storm"
LOGIN_NAME = "storm.rep"
MICRO_WHISPER = Path(__file__).parents[1] / "asr" / "micro_whisper"

_READY_SECONDS = 120
_POLL_SECONDS = 0.1


class Installation:
    """Starts it, finds its processes, waits for it, stops it."""

    def __init__(self, folder: Path) -> None:
        self.data_folder = folder / "data"
        self.log = folder / "up.log"
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._up: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make the database, and a rep who can log in."""
        command = ["user", "add", LOGIN_NAME, "--name", "风雨", "--role", "rep", "--team", "风雨队", "--region", "east"]
        subprocess.run(
            [sys.executable, "-m", "api", *command, "--create", "--password-stdin"],
            env=self._environment(),
            input=f"{PASSWORD}\n".encode(),
            check=True,
        )

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._up = subprocess.Popen(
                [sys.executable, "-m", "api", "up"], env=self._environment(), stdout=log, stderr=log
            )
        self.wait_until_ready()

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end, by default as Ctrl-C does; returns the exit code."""
        assert self._up is not None
        self._up.send_signal(number)
        return self._up.wait(timeout=90)

    def kill_supervisor(self) -> None:
        assert self._up is not None
        self._up.kill()
        self._up.wait()

    def wait_until_ready(self) -> float:
        """Seconds until it answers, all its processes live, and both workers have reported since now."""
        now = datetime.now(UTC)
        return wait_for(
            lambda: None not in self.processes().values() and self._answers() and self._workers_report(now),
            _READY_SECONDS,
        )

    def processes(self) -> dict[str, psutil.Process | None]:
        """The live processes by the name of their part."""
        assert self._up is not None
        found: dict[str, psutil.Process | None] = {"server": None, "worker": None, "speech worker": None}
        for child in psutil.Process(self._up.pid).children():
            try:
                words = child.cmdline()
            except psutil.Error:
                continue
            part = "server" if "serve" in words else "speech worker" if "speech" in words else "worker"
            if "api" in words and child.status() != psutil.STATUS_ZOMBIE:
                found[part] = child
        return {**found, "database": self._postmaster()}

    def database_session(self) -> psutil.Process | None:
        """One session of the database: its death cuts every other session as well."""
        postmaster = self._postmaster()
        sessions = postmaster.children() if postmaster else []
        return sessions[-1] if sessions else None

    def _postmaster(self) -> psutil.Process | None:
        cluster = self.data_folder / "database" / "cluster"
        try:
            process = psutil.Process(int((cluster / "postmaster.pid").read_text().split()[0]))
            return process if process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, IndexError, psutil.Error):
            return None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/ready", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _workers_report(self, since: datetime) -> bool:
        counted = b"SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s"
        try:
            with psycopg.connect(driver_url(self.database_url()), connect_timeout=5) as connection:
                return connection.execute(counted, (since,)).fetchone() == (2,)
        except psycopg.OperationalError:
            return False

    def database_url(self) -> str:
        """The address of the database, which runs already."""
        return EmbeddedDatabase(self.data_folder).url()

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SALESDOJO_")}
        inherited.pop("DATABASE_URL", None)
        return {
            **inherited,
            "SALESDOJO_DATA_FOLDER": str(self.data_folder),
            "SALESDOJO_PORT": str(self.port),
            "SALESDOJO_SPEECH_MODEL": str(MICRO_WHISPER / "model"),
            "SALESDOJO_LOG_LEVEL": "warning",
        }


def wait_for(condition: Callable[[], bool], limit_seconds: float) -> float:
    """Seconds waited until a condition held; raises TimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > limit_seconds:
            raise TimeoutError(f"not within {limit_seconds} s")
        time.sleep(_POLL_SECONDS)
    return time.monotonic() - began


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
