"""`dojo up`: the whole product in one terminal."""

import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import typer

from api.local_address import local_address
from crm_core.foundation.errors import Misconfigured
from crm_core.foundation.settings import Settings

if TYPE_CHECKING:
    from crm_core.foundation.embedded_database import EmbeddedDatabase


class PortTaken(Misconfigured):
    """Another program, perhaps another `dojo up`, listens where the product is to."""

    code = "port_taken"


def register(app: typer.Typer) -> None:
    app.command()(up)


def up() -> None:
    """Run the product: database, server with the screens, and workers. Ctrl-C stops all of it."""
    from api.cli.running import open_command
    from api.processes import SupervisedProcess, Supervisor
    from crm_core.foundation.embedded_database import EmbeddedDatabase

    # until the supervisor listens to signals itself, being asked to end means leaving the database in order
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings = Settings()
    _require_free_port(settings)
    supervisor = Supervisor(
        [
            SupervisedProcess("server", ["serve"]),
            SupervisedProcess("worker", ["worker", "--queue", "default", "--queue", "housekeeping"]),
            # a recording takes minutes of computing: it must neither wait for other jobs nor hold them up
            SupervisedProcess("speech worker", ["worker", "--queue", "speech", "--concurrency", "1"]),
        ]
    )
    duties = [_announcement(settings)]
    with ExitStack() as leaving:
        if settings.uses_embedded_database:
            embedded = EmbeddedDatabase(settings.data_folder)
            embedded.start()
            leaving.callback(embedded.stop)
            duties.append(_database_care(embedded, supervisor.start_anew))
        with open_command(settings):
            pass
        supervisor.run(*duties)


def _require_free_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as failure:
            raise PortTaken(host=settings.host, port=settings.port, reason=failure.strerror) from failure


def _database_care(embedded: "EmbeddedDatabase", start_anew: Callable[[], None]) -> Callable[[], None]:
    """Starts a killed database again; should it come back at another address, all that knew the old one start anew."""
    address = embedded.url()

    def mend_database() -> None:
        nonlocal address
        if embedded.status().running:
            return
        if embedded.start() != address:
            address = embedded.url()
            start_anew()

    return mend_database


def _announcement(settings: Settings) -> Callable[[], None]:
    """Says once, when the server is ready, where it is."""
    is_said = False

    def announce() -> None:
        nonlocal is_said
        if not is_said and _is_ready(settings):
            is_said = True
            print(f"SalesDojo 销售道场已就绪 is ready: {settings.address}  (Ctrl-C 停止 stops it)", flush=True)

    return announce


def _is_ready(settings: Settings) -> bool:
    import httpx

    try:
        return httpx.get(f"{local_address(settings)}/ready", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
