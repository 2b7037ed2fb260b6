"""The whole application behind a real port, with a small demo company, as the screens meet it."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from api.app import create_app
from api.demo.loading.load import load_demo_company
from crm_core.foundation.database import Database
from crm_core.foundation.files import FileStore
from crm_core.foundation.resources import Resources
from tests.conftest import settings_for

_PASSWORD = "Bamboo-in-the-rain-7"
_START_SECONDS = 20


@dataclass(frozen=True)
class Server:
    """Where the application answers."""

    address: str

    def log_in(self, login_name: str) -> str:
        """The token of a session of somebody of the demo company."""
        body = {"login_name": login_name, "password": _PASSWORD}
        answer = httpx.post(f"{self.address}/api/login", json=body, trust_env=False)
        return str(answer.raise_for_status().json()["token"])

    def first_id(self, token: str, path: str) -> str:
        """A record that somebody sees: the first of a list."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{self.address}{path}", params={"limit": 1}, headers=headers, trust_env=False)
        return str(answer.raise_for_status().json()["items"][0]["id"])


@pytest.fixture(scope="module")
def module_database_url(server_url: URL, template_database: str) -> Iterator[str]:
    """A migrated database that all tests of a module share."""
    name = f"salesdojo_screens_{os.getpid()}"
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template_database}"))
        yield server_url.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="module")
def server(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = settings_for(tmp_path_factory.mktemp("data"), module_database_url)
    resources = Resources(settings, Database(module_database_url, pool_size=10), FileStore(settings.files_folder))
    load_demo_company(resources, password=_PASSWORD, scale=0.02)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        running = uvicorn.Server(uvicorn.Config(create_app(resources), log_config=None, log_level="warning"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        _wait_until(running)
        yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}")
        running.should_exit = True
        thread.join(timeout=20)
    resources.database.dispose()


def _wait_until(running: uvicorn.Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not running.started:
        assert time.monotonic() < deadline, "the application did not start"
        time.sleep(0.05)
