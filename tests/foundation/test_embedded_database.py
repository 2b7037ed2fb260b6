"""The embedded PostgreSQL keeps its word whoever starts, leaves or is killed."""

import multiprocessing
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest

from crm_core.foundation import embedded_cluster
from crm_core.foundation.database import DatabaseFull, driver_url
from crm_core.foundation.embedded_cluster import wheel_binary
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.embedded_errors import (
    DatabaseCorrupted,
    DatabaseFolderUnwritable,
    DatabasePasswordRefused,
    DatabaseVersionMismatch,
)

ROOT = os.geteuid() == 0
NOBODY = 65534
as_root_only = pytest.mark.skipif(not ROOT, reason="only root can act as several users")
fork = multiprocessing.get_context("fork")


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """Data that has been started and stopped, to copy from: making it anew for every test takes too long."""
    with tempfile.TemporaryDirectory(prefix="salesdojo-test-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        database = EmbeddedDatabase(folder / "data")
        database.start()
        database.stop()
        yield folder / "data"


@pytest.fixture
def workplace() -> Iterator[Path]:
    """A folder that other accounts may pass, which pytest's own are not; every server in it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="salesdojo-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        yield folder
        for process_id in server_process_ids(folder):
            os.kill(process_id, signal.SIGKILL)


@pytest.fixture
def embedded(workplace: Path, made_once: Path) -> Iterator[EmbeddedDatabase]:
    subprocess.run(["cp", "-a", made_once, workplace / "data"], check=True)
    database = EmbeddedDatabase(workplace / "data")
    yield database
    database.stop()


def server_process_ids(folder: Path) -> list[int]:
    """Live server processes whose data lies in a folder, found without the code under test."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            is_server = (entry / "comm").read_text().strip() == "postgres"
            if is_server and (entry / "cwd").readlink().is_relative_to(folder):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(driver_url(url), connect_timeout=5) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def in_child(work: Callable[[], object], *, uid: int | None = None) -> object:
    """Do some work in a process of its own, as another user if asked; an exception comes back and is raised."""

    def run(answers: Connection) -> None:
        try:
            if uid is not None:
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            answers.send(work())
        except Exception as failure:  # noqa: BLE001 - told to the parent
            answers.send(failure)

    receiving, sending = fork.Pipe(duplex=False)
    child = fork.Process(target=run, args=(sending,))
    child.start()
    answer = receiving.recv()
    child.join()
    if isinstance(answer, Exception):
        raise answer
    return answer


def owner_process(data_folder: Path) -> "tuple[subprocess.Popen[str], str]":
    """Another process that has started the database and goes on using it."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "from crm_core.foundation.embedded_database import EmbeddedDatabase\n"
        "database = EmbeddedDatabase(Path(sys.argv[1])); print(database.start(), flush=True)\n"
        "sys.stdin.readline()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(data_folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def kill_postmaster(database: EmbeddedDatabase) -> int:
    process_id = database.status().process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    return process_id


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class TestOneProcess:
    def test_rows_outlive_a_stop_and_a_start(self, embedded: EmbeddedDatabase, workplace: Path) -> None:
        url = embedded.start()
        query(url, "CREATE TABLE kept AS SELECT '客户' AS name")
        embedded.stop()
        assert server_process_ids(workplace) == []
        assert not embedded.status().running
        assert embedded.start() == url
        assert query(url, "SELECT name FROM kept") == [("客户",)]

    def test_is_set_up_for_the_product(self, embedded: EmbeddedDatabase) -> None:
        url = embedded.start()
        facts = query(
            url,
            "SELECT current_setting('data_checksums'), current_setting('is_superuser'), datlocprovider::text, datlocale"
            " FROM pg_database WHERE datname = current_database()",
        )
        assert facts == [("on", "off", "b", "C.UTF-8")]

    def test_nobody_enters_without_the_password(self, embedded: EmbeddedDatabase, workplace: Path) -> None:
        url = driver_url(embedded.start())
        password_file = workplace / "data" / "database" / "password"
        assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
        password = password_file.read_text()
        for stranger in (url.replace(password, "guess"), url.replace(f"salesdojo:{password}", f"postgres:{password}")):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(stranger)

    def test_the_log_keeps_no_values_of_rows(self, embedded: EmbeddedDatabase) -> None:
        url = embedded.start()
        query(url, "CREATE TABLE contact (phone text PRIMARY KEY)")
        query(url, "INSERT INTO contact VALUES ('13800138000')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            query(url, "INSERT INTO contact VALUES ('13800138000')")
        log = embedded.status().log.read_text()
        assert "duplicate key" in log
        assert "13800138000" not in log

    def test_an_unfinished_first_start_leaves_nothing_in_the_way(self, workplace: Path) -> None:
        leftover = workplace / "data" / "database" / "cluster.new"
        leftover.mkdir(parents=True)
        (workplace / "data").chmod(0o711)
        (leftover / "PG_VERSION").write_text("18\n")
        database = EmbeddedDatabase(workplace / "data")
        assert query(database.start(), "SELECT 1") == [(1,)]
        database.stop()
        assert not leftover.exists()

    def test_a_process_that_forgets_to_leave_leaves_at_its_end(self, workplace: Path) -> None:
        process, url = owner_process(workplace / "data")
        assert query(url, "SELECT 1") == [(1,)]
        process.communicate("\n")
        assert process.returncode == 0
        assert server_process_ids(workplace) == []

    def test_looking_starts_nothing(self, workplace: Path) -> None:
        assert not EmbeddedDatabase(workplace / "data").status().running
        assert not (workplace / "data").exists()


class TestSeveralProcesses:
    def test_the_last_user_stops_the_server(self, embedded: EmbeddedDatabase, workplace: Path) -> None:
        other, url = owner_process(workplace / "data")
        assert embedded.start() == url
        other.communicate("\n")
        assert query(url, "SELECT 1") == [(1,)]
        embedded.stop()
        assert server_process_ids(workplace) == []

    def test_four_processes_racing_on_an_empty_folder_share_one_server(self, workplace: Path) -> None:
        answers: list[tuple[subprocess.Popen[str], str]] = []
        racers = [threading.Thread(target=lambda: answers.append(owner_process(workplace / "data"))) for _ in range(4)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        urls = {url for _, url in answers}
        assert len(urls) == 1
        assert query(urls.pop(), "SELECT 1") == [(1,)]
        for process, _ in answers[:3]:
            process.communicate("\n")
            assert server_process_ids(workplace)
        answers[3][0].communicate("\n")
        assert server_process_ids(workplace) == []

    def test_the_server_outlives_the_killing_of_who_started_it(
        self, embedded: EmbeddedDatabase, workplace: Path
    ) -> None:
        owner, url = owner_process(workplace / "data")
        query(url, "CREATE TABLE kept AS SELECT 7 AS number")
        embedded.start()
        owner.kill()
        owner.communicate()
        assert query(url, "SELECT number FROM kept") == [(7,)]
        embedded.stop()
        assert server_process_ids(workplace) == []

    def test_a_server_whose_only_user_was_killed_is_taken_over(
        self, embedded: EmbeddedDatabase, workplace: Path
    ) -> None:
        owner, url = owner_process(workplace / "data")
        owner.kill()
        owner.communicate()
        before = server_process_ids(workplace)
        assert embedded.start() == url
        assert set(before) & set(server_process_ids(workplace))
        embedded.stop()
        assert server_process_ids(workplace) == []

    def test_a_forked_child_does_not_stop_its_parent_s_server(self, embedded: EmbeddedDatabase) -> None:
        url = embedded.start()
        in_child(embedded.stop)
        assert query(url, "SELECT 1") == [(1,)]


class TestRecovery:
    def test_a_killed_server_is_started_anew_at_the_same_address(self, embedded: EmbeddedDatabase) -> None:
        url = embedded.start()
        query(url, "CREATE TABLE kept AS SELECT generate_series(1, 10000) AS number")
        killed = kill_postmaster(embedded)
        assert embedded.start() == url
        assert embedded.status().process_id != killed
        assert query(url, "SELECT count(*) FROM kept") == [(10000,)]

    def test_a_busy_session_of_a_killed_server_is_ended(self, embedded: EmbeddedDatabase) -> None:
        url = embedded.start()

        def work_long() -> None:
            with pytest.raises(psycopg.OperationalError):
                query(url, "SELECT count(*) FROM generate_series(1, 100000000000) AS n WHERE n % 7 = 8")

        worker = threading.Thread(target=work_long)
        worker.start()
        busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 1000%'"
        wait_until(lambda: query(url, busy) == [(2,)])
        kill_postmaster(embedded)
        assert embedded.start() == url
        worker.join(timeout=20)
        assert not worker.is_alive()

    @pytest.mark.parametrize("kind", ["stranger", "zombie"])
    def test_a_stale_process_number_misleads_nobody(
        self, embedded: EmbeddedDatabase, workplace: Path, kind: str
    ) -> None:
        embedded.start()
        port = embedded.status().port
        process_file = workplace / "data" / "database" / "cluster" / "postmaster.pid"
        lines = process_file.read_text().splitlines()
        embedded.stop()
        innocent = subprocess.Popen(["sleep", "60"])
        if kind == "zombie":
            innocent.kill()
            wait_until(lambda: " Z " in Path(f"/proc/{innocent.pid}/stat").read_text())
        process_file.write_text("\n".join([str(innocent.pid), *lines[1:]]) + "\n")
        url = embedded.start()
        assert query(url, "SELECT 1") == [(1,)]
        assert embedded.status().port == port
        embedded.stop()
        if kind == "stranger":
            assert innocent.poll() is None
            innocent.kill()
        innocent.wait()

    def test_a_taken_port_is_given_up(self, embedded: EmbeddedDatabase) -> None:
        embedded.start()
        port = embedded.status().port
        embedded.stop()
        with socket.create_server(("127.0.0.1", port or 0)):
            url = embedded.start()
            assert query(url, "SELECT 1") == [(1,)]
            assert embedded.status().port != port

    def test_a_lost_password_file_is_made_anew(self, embedded: EmbeddedDatabase, workplace: Path) -> None:
        first = embedded.start()
        embedded.stop()
        (workplace / "data" / "database" / "password").unlink()
        second = embedded.start()
        assert second != first
        assert query(second, "SELECT 1") == [(1,)]

    def test_a_wrong_password_file_is_named(self, embedded: EmbeddedDatabase, workplace: Path) -> None:
        embedded.start()
        password_file = workplace / "data" / "database" / "password"
        kept = password_file.read_text()
        password_file.write_text("guess")
        with pytest.raises(DatabasePasswordRefused) as refusal:
            embedded.start()
        assert refusal.value.parameters == {"password_file": str(password_file)}
        password_file.write_text(kept)


class TestRefusals:
    def test_data_of_another_version_is_left_alone(self, embedded: EmbeddedDatabase, workplace: Path) -> None:
        embedded.start()
        embedded.stop()
        version_file = workplace / "data" / "database" / "cluster" / "PG_VERSION"
        version_file.write_text("16\n")
        with pytest.raises(DatabaseVersionMismatch) as refusal:
            embedded.start()
        assert refusal.value.parameters["found"] == "16"
        assert refusal.value.parameters["needed"] == "18"
        assert version_file.read_text() == "16\n"

    @pytest.mark.parametrize("damage", ["PG_VERSION", "global/pg_control", "global/1262", "pg_wal"])
    def test_damaged_data_is_named(self, embedded: EmbeddedDatabase, workplace: Path, damage: str) -> None:
        embedded.start()
        embedded.stop()
        damaged = workplace / "data" / "database" / "cluster" / damage
        damaged.rename(damaged.with_suffix(".lost"))
        with pytest.raises(DatabaseCorrupted) as refusal:
            embedded.start()
        assert refusal.value.parameters["folder"].endswith("cluster")
        assert server_process_ids(workplace) == []

    @as_root_only
    def test_a_full_disk_is_named(self, workplace: Path) -> None:
        disk = workplace / "disk"
        disk.mkdir()
        if (
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m,mode=755", "tmpfs", disk], check=False).returncode
            != 0
        ):
            pytest.skip("this machine lets nobody mount a small disk")
        try:
            with pytest.raises(DatabaseFull) as refusal:
                EmbeddedDatabase(disk / "data").start()
            assert refusal.value.parameters["place"].startswith(str(disk))
            assert server_process_ids(workplace) == []
        finally:
            subprocess.run(["umount", disk], check=True)

    @as_root_only
    def test_an_unwritable_folder_is_named(self, workplace: Path) -> None:
        def refused() -> dict[str, object]:
            with pytest.raises(DatabaseFolderUnwritable) as refusal:
                EmbeddedDatabase(workplace / "data").start()
            return refusal.value.parameters

        expected = {"folder": str(workplace / "data"), "reason": "Permission denied"}
        assert in_child(refused, uid=NOBODY) == expected


@as_root_only
class TestAccounts:
    def test_root_s_server_runs_without_privileges(self, embedded: EmbeddedDatabase, workplace: Path) -> None:
        embedded.start()
        status = Path(f"/proc/{embedded.status().process_id}/status").read_text()
        assert "\nGroups:\t \n" in status
        assert "\nCapEff:\t0000000000000000\n" in status
        folder = workplace / "data" / "database"
        assert folder.stat().st_uid != 0
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_root_s_private_folders_stay_private(self, workplace: Path) -> None:
        barred = workplace / "private"
        barred.mkdir(mode=0o700)
        database = EmbeddedDatabase(barred / "below" / "data")
        url = database.start()
        query(url, "CREATE TABLE kept AS SELECT 1 AS number")
        kill_postmaster(database)
        assert query(database.start(), "SELECT number FROM kept") == [(1,)]
        database.stop()
        assert server_process_ids(workplace) == []
        assert stat.S_IMODE(barred.stat().st_mode) == 0o700
        assert barred.stat().st_uid == 0

    def test_an_ordinary_user_needs_nobody(self, workplace: Path) -> None:
        os.chown(workplace, NOBODY, NOBODY)
        database = EmbeddedDatabase(workplace / "data")

        def live() -> list[tuple[object, ...]]:
            url = database.start()
            query(url, "CREATE TABLE kept AS SELECT 1 AS number")
            database.stop()
            answer = query(database.start(), "SELECT number FROM kept")
            database.stop()
            return answer

        assert in_child(live, uid=NOBODY) == [(1,)]
        assert server_process_ids(workplace) == []
        assert (workplace / "data" / "database").stat().st_uid == NOBODY

    def test_root_and_the_folder_s_owner_share_it(self, workplace: Path) -> None:
        os.chown(workplace, NOBODY, NOBODY)
        database = EmbeddedDatabase(workplace / "data")

        def visit() -> list[tuple[object, ...]]:
            answer = query(database.start(), "SELECT current_user::text")
            database.stop()
            return answer

        for uid in (NOBODY, None, NOBODY):
            assert in_child(visit, uid=uid) == [("salesdojo",)]

    def test_programs_in_root_s_private_folders_are_copied_to_where_the_server_may_run_them(
        self, workplace: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        private = workplace / "private"
        private.mkdir(mode=0o700)
        package = wheel_binary("postgres").parents[2]
        for name in (package.name, f"{package.name}.libs"):
            (private / name).symlink_to(package.with_name(name))
        monkeypatch.syspath_prepend(private)
        monkeypatch.setattr(embedded_cluster, "_PUBLIC_FOLDER", workplace / "public")
        database = EmbeddedDatabase(workplace / "data")
        assert query(database.start(), "SELECT 1") == [(1,)]
        program = Path(f"/proc/{database.status().process_id}/exe").resolve()
        database.stop()
        assert program.is_relative_to(workplace / "public")
