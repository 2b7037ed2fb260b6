"""`dojo serve`, `dojo worker`, `dojo migrate`: single processes, for who has a supervisor of their own."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from crm_core.foundation.resources import Resources


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)
    app.command()(migrate)


def serve(
    screens: Annotated[bool, typer.Option(help="Mount the screens at /ui in the same process.")] = True,
) -> None:
    """Answer HTTP: the interface for programs and the screens."""
    import threading

    import uvicorn

    from api.app import create_app
    from api.bootstrap import open_resources
    from api.cli.running import note_start, prepare
    from crm_core.foundation.settings import Settings

    settings = Settings()
    with open_resources(settings) as resources:
        prepare(resources)
        note_start(resources, "server")
        threading.Thread(target=warm_up, args=(resources,), daemon=True).start()
        mounted = load_screens(settings.port) if screens else None
        uvicorn.run(
            create_app(resources, mounted),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )


def warm_up(resources: "Resources") -> None:
    """Build the search over won cases before the first rep asks for it."""
    from sqlalchemy import select

    from crm_core.process.publication import published_playbook
    from knowledge.cases.search_index import case_searches
    from knowledge.cases.tables import Case
    from knowledge.encoding import configured_encoder

    with resources.database.reading() as session:
        if session.scalar(select(Case.id).limit(1)):
            case_searches.current(session, published_playbook(session), configured_encoder(resources.settings))


def load_screens(port: int) -> object:
    """The Streamlit screens as an ASGI application; they call this same process, unless told of another."""
    import os
    from pathlib import Path

    os.environ.setdefault("SALESDOJO_API_ADDRESS", f"http://127.0.0.1:{port}")

    import streamlit as st

    return st.App(Path(__file__).resolve().parents[2] / "ui" / "main.py")


def worker(
    queue: Annotated[list[str] | None, typer.Option(help="Only these queues; may be repeated. Default: all.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Jobs at once.")] = 2,
) -> None:
    """Run promised jobs until stopped."""
    from api.bootstrap import open_resources
    from api.cli.running import note_start
    from api.worker import run_worker
    from crm_core.foundation.jobs import QUEUES
    from crm_core.foundation.settings import Settings

    with open_resources(Settings()) as resources:
        note_start(resources, "worker")
        run_worker(resources, queue or QUEUES, concurrency)


def migrate() -> None:
    """Bring the database to the newest shape."""
    from api import migrations
    from api.cli.running import open_command

    with open_command() as resources:
        print(f"database at revision {migrations.current_revision(resources.database)}")
