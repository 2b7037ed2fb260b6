"""`dojo up` keeps what it has promised when its processes are killed; the long run is `make crash-test`."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.crash.crash_test import PARTS, run
from tests.crash.installation import Installation, wait_for


@pytest.mark.timeout(600)
def test_each_process_killed_once_costs_nothing(tmp_path: Path) -> None:
    report = run(tmp_path, PARTS, seed=3)
    assert {part: len(seconds) for part, seconds in report.back_after_seconds.items()} == dict.fromkeys(PARTS, 1)
    assert {name: losses for name, losses in report.losses.items() if losses} == {}
    assert report.figures["customers confirmed"] > 0
    assert report.figures["voice notes accepted"] > 0


def test_no_process_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    installation.prepare()
    installation.start()
    processes = [process for process in installation.processes().values() if process is not None]
    assert len(processes) == 4
    installation.kill_supervisor()
    wait_for(lambda: not any(process.is_running() for process in processes), 60)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = str(stranger.getsockname()[1])
        environment = {**os.environ, "SALESDOJO_PORT": port, "SALESDOJO_DATA_FOLDER": str(tmp_path / "data")}
        command = [sys.executable, "-m", "api", "up"]
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "[port_taken]" in answer.stderr
    assert port in answer.stderr
    assert not (tmp_path / "data").exists()


def is_alive(process: psutil.Process) -> bool:
    """A dead process stays listed until whoever adopted it has looked; it does nothing any more."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_being_asked_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    installation.prepare()
    installation.start()
    processes = [process for process in installation.processes().values() if process is not None]
    assert installation.stop(signal.SIGTERM) == 0
    assert not any(is_alive(process) for process in processes)
    assert installation.address in installation.log.read_text(encoding="utf-8")
