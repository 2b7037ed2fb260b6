"""The article's incident, played into an empty installation as if it ended this hour, for the screens to tell."""

from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.running import open_command
from crm_core.foundation import clock
from crm_core.foundation.settings import Settings
from tests.acceptance.test_d4_incident_72_hours import Company, at, break_assignment


def play_incident(folder: Path) -> None:
    """While no worker runs, so that each decision falls at its own time."""
    settings = Settings(
        _env_file=None, environment="test", data_folder=folder, database_url=None, speech_model=None, text_encoder=None
    )
    with open_command(settings) as resources, TestClient(create_app(resources)) as client:
        later: timedelta = clock.now() - at(10, 10)
        break_assignment(Company(client, resources), later)
