"""Runs what has been promised, with the real worker, until nothing is left."""

import asyncio

from api.worker import create_worker_app
from crm_core.foundation.resources import Resources


def run_jobs(resources: Resources) -> None:
    """Work off the whole queue in this process; jobs scheduled for later stay."""

    async def work() -> None:
        app = create_worker_app(resources)
        async with app.open_async():
            await app.run_worker_async(
                wait=False, concurrency=1, listen_notify=False, install_signal_handlers=False, delete_jobs="never"
            )

    asyncio.run(work())
