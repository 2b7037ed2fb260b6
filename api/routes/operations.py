"""What an operator's tools ask: alive, ready, counters, what is degraded."""

from typing import Literal

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from api import migrations
from api.contracts.operations import Capability, Health, Readiness, SystemStatus
from api.dependencies import LocaleDep, ResourcesDep, SessionDep, get_viewer
from api.model_status import model_capabilities
from crm_core.foundation import errors
from crm_core.foundation.translations import translate

router = APIRouter(tags=["operations"])


class MigrationPending(errors.Unavailable):
    code = "migration_pending"


@router.get("/health")
def health() -> Health:
    """The process answers; says nothing of what it depends on."""
    return Health()


@router.get("/ready")
def ready(resources: ResourcesDep) -> Readiness:
    """The database answers and has the shape that this code expects."""
    with resources.database.reading() as session:
        session.execute(text("SELECT 1"))
    if migrations.current_revision(resources.database) != migrations.newest_revision():
        raise MigrationPending()
    return Readiness()


@router.get("/metrics", response_class=Response)
def metrics() -> Response:
    """Counters in the Prometheus format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/status", dependencies=[Depends(get_viewer, scope="function")])
def status(session: SessionDep, resources: ResourcesDep, locale: LocaleDep) -> SystemStatus:
    """What works, what is degraded and how to mend it; screens show the degraded part."""
    capabilities = [
        Capability(
            name=found.name,
            state=found.state,
            message=translate(f"capability.{found.name}.{found.state}", locale, **found.parameters),
        )
        for found in model_capabilities(resources.settings)
    ]
    waiting = session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")).scalar_one()
    state: Literal["ok", "degraded"] = "ok" if all(one.state == "ready" for one in capabilities) else "degraded"
    return SystemStatus(state=state, capabilities=capabilities, waiting_jobs=waiting)
