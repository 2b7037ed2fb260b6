"""A5: stage health of a real event log, brought in by the wizard, equals what pandas counts from the table itself."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from crm_core.foundation import clock
from crm_core.foundation.clock import BUSINESS_ZONE
from crm_core.foundation.resources import Resources
from tests.factories.people import log_in_as
from tests.support.jobs import run_jobs

_STAGES = {"Prospecting": "lead_assignment", "Engaging": "first_contact"}
_STAGE = "first_contact"


def bring_in(client: TestClient, resources: Resources, target: str, path: Path, **choices: Any) -> None:
    form = {"target": target, "rehearse": "false"}
    run = client.post("/api/imports", data=form, files={"file": (path.name, path.read_bytes())}).json()
    if target == "history":
        choices["mapping"] = {**dict.fromkeys(run["mapping"]), **choices["mapping"]}
    if choices:
        answer = client.put(f"/api/imports/{run['id']}/mapping", json=choices)
        assert answer.is_success, answer.text
    for step in ("rehearsal", "run"):
        assert client.post(f"/api/imports/{run['id']}/{step}").status_code == 202
        run_jobs(resources)
    assert client.get(f"/api/imports/{run['id']}").json()["status"] == "done"


@pytest.fixture
def deals(client: TestClient, resources: Resources, shared_data: Path) -> pd.DataFrame:
    """The table of the deals that came in with their past, as pandas reads it."""
    folder = shared_data / "crm" / "maven"
    log_in_as(client, resources, "operations")
    bring_in(client, resources, "people", folder / "sales_teams.csv", creates_missing=True)
    bring_in(client, resources, "customers", folder / "accounts.csv")
    bring_in(client, resources, "leads", folder / "sales_pipeline.csv", mapping={"close_date": None})
    columns = {"opportunity_id": "external_number", "deal_stage": "event"}
    columns |= {"engage_date": "entered.first_contact", "close_date": "closed_at"}
    options = {"mapping": columns, "value_mapping": {"event": _STAGES}, "date_order": "month_first"}
    bring_in(client, resources, "history", folder / "sales_pipeline.csv", **options)
    table = pd.read_csv(folder / "sales_pipeline.csv", dtype=str)
    for name in ("engage_date", "close_date"):
        table[name] = pd.to_datetime(table[name], format="%m/%d/%y")
    good = table["account"].notna() & ~(table["close_date"] < table["engage_date"]) & table["engage_date"].notna()
    return table[good]


def test_the_figures_of_the_real_log_are_those_of_pandas(client: TestClient, deals: pd.DataFrame) -> None:
    now = pd.Timestamp(clock.now()).tz_convert(BUSINESS_ZONE)
    query = {"since": "2000-01-01T00:00:00+08:00", "until": now.isoformat()}
    health = client.get("/api/stage-health", params=query).json()
    stage = next(one for one in health["stages"] if one["stage"] == _STAGE)
    step, dwell = stage["step"], stage["dwell"]
    won, lost = (deals["deal_stage"] == "Won"), (deals["deal_stage"] == "Lost")
    assert step["entered"] == len(deals)
    assert (step["forward"], step["lost"], step["back"]) == (int(won.sum()), int(lost.sum()), 0)
    assert step["undecided"] == int((~won & ~lost).sum())
    assert stage["back_flow"]["back"] == 0
    assert dwell["ended"] == int((won | lost).sum())
    assert dwell["median_hours"]["value"] == pytest.approx(_median_hours(deals, now.to_pydatetime()), abs=24)


def _median_hours(deals: pd.DataFrame, now: datetime) -> float:
    """Kaplan and Meier by hand: the day by which half have ended, the running ones counted as long as they run."""
    ended = deals["deal_stage"].isin(["Won", "Lost"])
    days = (deals["close_date"].fillna(pd.Timestamp(now.date())) - deals["engage_date"]).dt.days
    left = 1.0
    for day in np.sort(days[ended].unique()):
        left *= 1 - (days[ended] == day).sum() / (days >= day).sum()
        if left <= 0.5:
            return float(day) * 24
    return float("nan")
