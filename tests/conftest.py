"""A real PostgreSQL, built once by the real migrations and copied whole for each test; no network but this machine."""

import itertools
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from api.app import create_app
from api.cli.running import prepare
from crm_core.foundation.database import Database, sqlalchemy_url
from crm_core.foundation.embedded_database import EmbeddedDatabase
from crm_core.foundation.files import FileStore
from crm_core.foundation.resources import Resources
from crm_core.foundation.settings import Settings

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for another machine fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise AssertionError(f"a test may not reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A PostgreSQL server: an embedded one of this run's own, or the one that SALESDOJO_TEST_DATABASE_URL names."""
    named = os.environ.get("SALESDOJO_TEST_DATABASE_URL")
    if named:
        yield make_url(sqlalchemy_url(named))
        return
    embedded = EmbeddedDatabase(tmp_path_factory.mktemp("database"))
    yield make_url(sqlalchemy_url(embedded.start()))
    embedded.stop()


@pytest.fixture(scope="session")
def template_database(server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database at the newest revision with the default playbook, which tests copy."""
    name = f"salesdojo_template_{os.getpid()}"
    _run_outside_transaction(server_url, f"CREATE DATABASE {name}")
    database = Database(_named(server_url, name))
    prepare(Resources(settings_for(tmp_path_factory.mktemp("template")), database, FileStore(Path())))
    database.dispose()
    return name


@pytest.fixture
def database_url(server_url: URL, template_database: str) -> Iterator[str]:
    """The address of a database of this test's own."""
    name = f"salesdojo_test_{os.getpid()}_{next(_numbers)}"
    _run_outside_transaction(server_url, f"CREATE DATABASE {name} TEMPLATE {template_database}")
    yield _named(server_url, name)
    _run_outside_transaction(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return settings_for(tmp_path / "data", database_url)


@pytest.fixture
def resources(settings: Settings, database_url: str) -> Iterator[Resources]:
    """What a process of the product is given, on this test's own database and files."""
    database = Database(database_url, pool_size=5)
    yield Resources(settings, database, FileStore(settings.files_folder))
    database.dispose()


@pytest.fixture
def client(resources: Resources) -> Iterator[TestClient]:
    """An HTTP client of the whole application, not logged in."""
    with TestClient(create_app(resources)) as client:
        yield client


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development sets, where they are at hand."""
    folder = Path(os.environ.get("SALESDOJO_SHARED_DATA", ""))
    if not os.environ.get("SALESDOJO_SHARED_DATA") or not folder.is_dir():
        pytest.skip("SALESDOJO_SHARED_DATA names no folder")
    return folder


def settings_for(data_folder: Path, database_url: str | None = None) -> Settings:
    """Settings of a test: nothing from the environment decides what a test sees."""
    return Settings(
        _env_file=None,
        environment="test",
        data_folder=data_folder,
        database_url=SecretStr(database_url) if database_url else None,
        speech_model=None,
        text_encoder=None,
    )


def _named(server: URL, name: str) -> str:
    return server.set(database=name).render_as_string(hide_password=False)


def _run_outside_transaction(server: URL, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
