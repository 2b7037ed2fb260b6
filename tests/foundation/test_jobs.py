"""A job is promised in the transaction of the change that causes it."""

import asyncio

import pytest
from sqlalchemy import text

from api.worker import create_worker_app, put_back
from crm_core.foundation.database import Origin
from crm_core.foundation.jobs import Job
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Region

greet = Job("greet", lambda _resources, region_id: None, queue="default", attempts=1)


def waiting(resources: Resources) -> int:
    with resources.database.reading() as session:
        return int(session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'greet'")) or 0)


def test_a_committed_change_keeps_its_job(resources: Resources) -> None:
    with resources.database.transaction(Origin("screen")) as session:
        region = Region(code="east", name="华东")
        session.add(region)
        session.flush()
        greet.defer(session, region_id=region.id)
    assert waiting(resources) == 1


def test_a_change_that_fails_leaves_no_job(resources: Resources) -> None:
    def failing() -> None:
        with resources.database.transaction(Origin("screen")) as session:
            greet.defer(session, region_id="1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert waiting(resources) == 0


def test_a_key_keeps_the_queue_from_filling_with_the_same(resources: Resources) -> None:
    with resources.database.transaction(Origin("screen")) as session:
        assert greet.defer(session, key="r1", region_id="r1") is not None
        assert greet.defer(session, key="r1", region_id="r1") is None
        session.add(Region(code="after", name="仍可写入"))
    assert waiting(resources) == 1


def test_a_stalled_job_gives_way_to_the_same_promised_again(resources: Resources) -> None:
    """A worker died in mid-run and the work was promised anew: neither may block the other."""
    with resources.database.transaction(Origin("screen")) as session:
        first = greet.defer(session, key="r1", region_id="r1")
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id"), {"id": first})
        assert greet.is_promised(session, "r1")
        second = greet.defer(session, key="r1", region_id="r1")

    async def rescue() -> None:
        app = create_worker_app(resources)
        async with app.open_async():
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=1):
                await put_back(app.job_manager, job)

    asyncio.run(rescue())
    with resources.database.reading() as session:
        states = dict(
            session.execute(text("SELECT id, status::text FROM procrastinate_jobs WHERE task_name = 'greet'")).all()
        )
    assert states == {first: "aborted", second: "todo"}
