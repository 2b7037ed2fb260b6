"""Figures of whole event logs equal those of an independent computation with pandas, move by move."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.tables import Person
from crm_core.pipeline.health.durations import working_hours
from crm_core.pipeline.health.event_log import instant_number
from crm_core.pipeline.health.material import Window, read_material
from crm_core.pipeline.health.stage_figures import figures_of_stage
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.playbook_files import default_playbook
from crm_core.process.publication import published_playbook
from crm_core.process.working_time import working_time
from tests.factories.leads import make_customer
from tests.factories.people import make_person, make_team

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=60), NOW - timedelta(days=5))
STAGES = [stage.code for stage in default_playbook().stages]
_ENTERING = ("created", "forward", "back", "reopened")


def write_log(session: Session, owner: Person, seed: int, count: int) -> None:
    """Leads that wander: on, back, parked and taken up again, lost, won, paid."""
    random = np.random.default_rng(seed)
    customer = make_customer(session, owner)
    for number in range(count):
        moment = NOW - timedelta(hours=float(random.uniform(0, 24 * 80)))
        lead = Lead(
            customer_id=customer.id, owner_id=owner.id, title=f"日志{number}", stage=STAGES[0], stage_entered_at=moment
        )
        session.add(lead)
        session.flush()
        add_move(session, lead, "created", STAGES[0], moment)
        wander(session, lead, moment, random)
        session.flush()


def wander(session: Session, lead: Lead, moment: datetime, random: np.random.Generator) -> None:
    while True:
        moment += timedelta(hours=float(random.exponential(70)))
        if moment >= NOW:
            return
        place, draw = STAGES.index(lead.stage), random.random()
        if lead.outcome == "parked":
            add_move(session, lead, "reopened", lead.stage, moment)
            lead.outcome, lead.outcome_at, lead.stage_entered_at = "open", None, moment
        elif draw < 0.1:
            add_move(session, lead, "lost", lead.stage, moment)
            lead.outcome, lead.outcome_at, lead.outcome_reason = "lost", moment, "price"
            return
        elif draw < 0.2:
            add_move(session, lead, "parked", lead.stage, moment)
            lead.outcome, lead.outcome_at, lead.outcome_reason = "parked", moment, "other"
        elif draw < 0.35 and place:
            step(session, lead, "back", STAGES[place - 1], moment)
        elif place < len(STAGES) - 1:
            step(session, lead, "forward", STAGES[place + 1], moment)
        else:
            add_move(session, lead, "won", lead.stage, moment)
            lead.outcome, lead.outcome_at, lead.payment_state = "won", moment, "contract"
            return


def step(session: Session, lead: Lead, kind: str, stage: str, moment: datetime) -> None:
    add_move(session, lead, kind, stage, moment)
    lead.stage, lead.stage_entered_at = stage, moment


def add_move(session: Session, lead: Lead, kind: str, stage: str, moment: datetime) -> None:
    before = None if kind == "created" else lead.stage
    session.add(
        StageMove(
            lead_id=lead.id, from_stage=before, to_stage=stage, kind=kind, moved_at=moment, owner_id=lead.owner_id
        )
    )


@pytest.fixture
def session(resources: Resources) -> Iterator[Session]:
    with clock.frozen(NOW), resources.database.transaction(Origin("test")) as session:
        owner = make_person(session, "rep", team=make_team(session))
        write_log(session, owner, seed=42, count=300)
        yield session


def moves_of(session: Session) -> pd.DataFrame:
    rows = session.execute(select(StageMove.lead_id, StageMove.kind, StageMove.to_stage, StageMove.moved_at)).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=["lead", "kind", "stage", "at"])
    return frame.sort_values(["lead", "at"], kind="stable").reset_index(drop=True)


def stays_with_pandas(session: Session) -> pd.DataFrame:
    moves = moves_of(session)
    moves["next"] = moves.groupby("lead")["kind"].shift(-1)
    moves["left"] = moves.groupby("lead")["at"].shift(-1)
    stays = moves[moves["kind"].isin(_ENTERING)].copy()
    stays["hours"] = (stays["left"].fillna(pd.Timestamp(NOW)) - stays["at"]).dt.total_seconds() / 3600
    return stays


def test_stays_back_flow_and_conversion_equal_those_of_pandas(session: Session) -> None:
    material = read_material(session, published_playbook(session), true(), WINDOW)
    stays = stays_with_pandas(session)
    outcomes = {row.id: (row.outcome, row.stage) for row in session.scalars(select(Lead))}
    inside = stays[(stays["at"] >= WINDOW.since) & (stays["at"] < WINDOW.until)]
    for number, stage in enumerate(STAGES):
        figures = figures_of_stage(stage, material.stage(number), 30 * 24)
        of_stage = inside[inside["stage"] == stage]
        assert figures.dwell.stays == len(of_stage)
        assert figures.dwell.ended == of_stage["next"].notna().sum()
        assert sorted(material.stage(number).stay_hours) == pytest.approx(sorted(of_stage["hours"]))
        assert figures.back_flow.back == (of_stage["next"] == "back").sum()
        later = stays[(stays["stage"] == stage) & (stays["at"] >= WINDOW.since)]
        went_on = set(later[later["next"].isin(["forward", "won"])]["lead"])
        cohort = set(of_stage["lead"])
        assert (figures.step.entered, figures.step.forward) == (len(cohort), len(cohort & went_on))
        for fate in ("lost", "parked"):
            assert getattr(figures.step, fate) == sum(outcomes[lead][0] == fate for lead in cohort - went_on)
        still = {lead for lead in cohort - went_on if outcomes[lead] == ("open", stage)}
        assert figures.step.open == len(still)
        assert figures.step.back == figures.step.entered - figures.step.decided - figures.step.open


def test_working_hours_of_many_equal_those_of_each() -> None:
    calendar = default_playbook().calendars[0]
    random = np.random.default_rng(5)
    # across Spring Festival, its make-up days, and a change of year
    starts = [
        datetime(2025, 12, 20, tzinfo=UTC) + timedelta(minutes=int(random.integers(60 * 24 * 90))) for _ in range(300)
    ]
    ends = [start + timedelta(minutes=int(random.integers(60 * 24 * 40))) for start in starts]
    found = working_hours(
        np.array([instant_number(one) for one in starts]), np.array([instant_number(one) for one in ends]), calendar
    )
    counter = working_time(calendar)
    each = [counter.between(start, end).total_seconds() / 3600 for start, end in zip(starts, ends, strict=True)]
    assert found == pytest.approx(each)


def test_nothing_gives_nothing(resources: Resources) -> None:
    with resources.database.reading() as session:
        material = read_material(session, published_playbook(session), true(), WINDOW)
        figures = figures_of_stage(STAGES[0], material.stage(0), 24)
    assert (figures.dwell.stays, figures.step.entered, figures.standing.open) == (0, 0, 0)
    assert figures.dwell.median.value is None
    assert material.groups("team") == []


def test_a_lead_whose_past_was_brought_in_began_there(session: Session) -> None:
    """Entered here last week, at work elsewhere since April: its stays are those of elsewhere, with their dates."""
    lead = session.scalars(select(Lead).order_by(Lead.title).limit(1)).one()
    new = Lead(
        customer_id=lead.customer_id, owner_id=lead.owner_id, title="带来的过去", stage=STAGES[1], stage_entered_at=NOW
    )
    session.add(new)
    session.flush()
    add_move(session, new, "created", STAGES[0], NOW - timedelta(days=7))
    for kind, stage, days in (("created", STAGES[0], 50), ("forward", STAGES[1], 40)):
        moved_at = NOW - timedelta(days=days)
        session.add(
            StageMove(lead_id=new.id, from_stage=None, to_stage=stage, kind=kind, moved_at=moved_at, is_imported=True)
        )
    session.flush()
    material = read_material(session, published_playbook(session), Lead.id == new.id, WINDOW)
    assert material.stays.stage.tolist() == [0, 1]
    assert material.stay_hours.tolist() == [240, 960]
