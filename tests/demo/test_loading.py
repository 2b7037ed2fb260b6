"""The demo company in a real database: complete, dated truly, loaded once."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import URL, create_engine, func, select, text

from api.demo.errors import CompanyNotEmpty
from api.demo.loading.dated_rows import identity
from api.demo.loading.load import load_demo_company
from api.demo.roster import LOGINS
from crm_core.customers.tables import Contract, Customer, Document, TimelineEntry
from crm_core.foundation.database import Database, Origin
from crm_core.foundation.files import FileStore
from crm_core.foundation.history import state_as_of
from crm_core.foundation.resources import Resources
from crm_core.people.passwords import WeakPassword, check_password
from crm_core.people.tables import Membership, Person
from crm_core.pipeline.assignment.replaying import replay_kept
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.pipeline.dwell.tables import DwellBreach
from crm_core.pipeline.requirements import missing_items
from crm_core.pipeline.tables import Lead, StageMove
from crm_core.process.publication import published_playbook
from knowledge.cases.tables import Case, CaseEvidence, CaseMethod
from knowledge.diagnosis.tables import DiagnosisReport
from knowledge.methods.tables import MethodUse
from knowledge.points.tables import PointEntry
from tests.conftest import settings_for
from tests.demo.conftest import TODAY

PASSWORD = "Sell-more-with-less-1"
SCALE = 0.1


@pytest.fixture(scope="module")
def filled(server_url: URL, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resources]:
    """One filled installation for all tests that only look at it."""
    name = f"{template_database}_demo"
    create = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with create.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template_database}"))
    settings = settings_for(tmp_path_factory.mktemp("demo"))
    database = Database(server_url.set(database=name).render_as_string(hide_password=False))
    resources = Resources(settings, database, FileStore(settings.files_folder))
    load_demo_company(resources, password=PASSWORD, scale=SCALE, today=TODAY)
    yield resources
    database.dispose()
    with create.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    create.dispose()


def test_everything_is_there_once(filled: Resources) -> None:
    kinds = (Person, Customer, Lead, StageMove, TimelineEntry, Contract, Case, MethodUse, DiagnosisReport, PointEntry)
    with filled.database.reading() as session:
        before = {kind: session.scalar(select(func.count()).select_from(kind)) for kind in kinds}
    assert all(before.values())
    again = load_demo_company(filled, password=PASSWORD, scale=SCALE, today=TODAY + timedelta(days=30))
    assert again.was_loaded
    with filled.database.reading() as session:
        assert before == {kind: session.scalar(select(func.count()).select_from(kind)) for kind in kinds}


def test_an_interrupted_load_goes_on_with_the_same_company(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(Exception):
        pass

    from api.demo.loading import load

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(load._Loader, "load_scene_files", cut)
        with pytest.raises(PowerCut):
            load_demo_company(resources, password=PASSWORD, scale=SCALE, today=TODAY)
    with resources.database.reading() as session:
        customers = session.scalar(select(func.count()).select_from(Customer))
        assert not session.scalar(select(func.count()).select_from(Document))
    load_demo_company(resources, password=PASSWORD, scale=SCALE, today=TODAY + timedelta(days=1))
    with resources.database.reading() as session:
        # the inquiries come last, after what was cut
        inquiring = select(Lead.customer_id).where(Lead.external_number.is_not(None))
        earlier = select(func.count()).select_from(Customer).where(Customer.id.not_in(inquiring))
        assert session.scalar(earlier) == customers
        assert session.scalar(select(func.count()).select_from(Document))


def test_history_carries_the_true_dates(filled: Resources) -> None:
    with filled.database.reading() as session:
        lead = session.scalars(select(Lead).where(Lead.outcome == "won", Lead.payment_state == "paid")).first()
        assert lead is not None
        moves = session.scalars(
            select(StageMove).where(StageMove.lead_id == lead.id).order_by(StageMove.moved_at)
        ).all()
        for move, following in pairwise(moves):
            state = state_as_of(session, "leads", lead.id, following.moved_at - timedelta(seconds=1))
            assert state is not None
            assert state["stage"] == move.to_stage
        now = state_as_of(session, "leads", lead.id, following.moved_at + timedelta(seconds=1))
        assert now is not None
        assert (now["outcome"], now["payment_state"], now["version"]) == ("won", "paid", lead.version)
        early = session.scalar(text("SELECT min(changed_at) FROM history WHERE table_name = 'leads'"))
        assert early.date() < TODAY - timedelta(days=300)
        unknown = text(
            "SELECT count(*) FROM history WHERE table_name = 'leads' AND actor_id IS NULL AND channel = 'demo'"
        )
        assert session.scalar(unknown) == 0


def test_cases_are_whole(filled: Resources) -> None:
    with filled.database.reading() as session:
        cases = session.scalar(select(func.count()).select_from(Case))
        assert session.scalar(select(func.count()).select_from(CaseEvidence)) == cases
        assert session.scalar(select(func.count(CaseMethod.case_id.distinct()))) == cases
        assert session.scalar(select(func.count()).select_from(PointEntry)) == 2 * (cases or 0)
        sha256 = session.scalars(select(CaseEvidence.sha256)).first()
    assert sha256
    assert filled.files.is_intact(sha256)


def test_codes_are_those_of_the_playbook(filled: Resources) -> None:
    with filled.database.reading() as session:
        playbook = published_playbook(session)
        methods = {method.code for method in playbook.methods}
        assert set(session.scalars(select(MethodUse.method_code).distinct())) <= methods
        pains = {pain.code for pain in playbook.lexicon.pain_points}
        assert {code for codes in session.scalars(select(Case.pain_points)) for code in codes} <= pains
        lost = {choice.code for choice in playbook.outcome_reasons.lost}
        assert set(session.scalars(select(Lead.outcome_reason).where(Lead.outcome == "lost"))) <= lost
        parked = {choice.code for choice in playbook.outcome_reasons.parked}
        assert set(session.scalars(select(Lead.outcome_reason).where(Lead.outcome == "parked"))) <= parked


def test_leads_satisfy_the_gates_that_they_passed(filled: Resources) -> None:
    with filled.database.reading() as session:
        playbook = published_playbook(session)
        for lead in session.scalars(select(Lead)):
            passed = playbook.stages[: playbook.stage_position(lead.stage)]
            if lead.outcome == "won":
                passed = playbook.stages
            missing = missing_items(session, lead, playbook, passed)
            assert not [item for item in missing if item.kind == "field"], lead.title


def test_demo_people_log_in_and_nobody_else(filled: Resources) -> None:
    assert set(LOGINS) == {
        "rep", "newrep", "manager", "director", "trainer", "presales", "delivery", "finance", "operations", "admin",
    }  # fmt: skip
    with filled.database.transaction(Origin("test")) as session:
        for name in LOGINS:
            person_id = check_password(session, filled.settings, name, PASSWORD)
            membership = session.scalars(select(Membership).where(Membership.person_id == person_id)).one()
            assert membership.role == {"newrep": "rep"}.get(name, name)


def test_weak_password_is_refused_before_anything_is_written(resources: Resources) -> None:
    with pytest.raises(WeakPassword):
        load_demo_company(resources, password="123", scale=SCALE, today=TODAY)
    with resources.database.reading() as session:
        assert not session.scalar(select(func.count()).select_from(Person))


def test_real_data_is_not_mixed_with_the_demo(resources: Resources) -> None:
    with resources.database.transaction(Origin("test")) as session:
        session.add(Customer(name="真实客户", name_pinyin="zhen shi ke hu"))
    with pytest.raises(CompanyNotEmpty):
        load_demo_company(resources, password=PASSWORD, scale=SCALE, today=TODAY)


def test_scripted_customers_wait_where_the_main_job_needs_them(filled: Resources) -> None:
    with filled.database.reading() as session:
        stages = {
            code: session.get_one(Lead, identity(Lead, f"{code}-L1")) for code in ("S01", "S03", "S04", "S05", "S06")
        }
        assert stages["S01"].stage == "first_contact"
        assert stages["S03"].stage == "needs_diagnosis"
        assert stages["S04"].stage == "proposal_quote"
        assert (stages["S05"].outcome, stages["S05"].payment_state) == ("won", "contract")
        assert not session.scalars(select(Case).where(Case.lead_id == stages["S05"].id)).all()
        playbook = published_playbook(session)
        lacking = [item.code for item in missing_items(session, stages["S06"], playbook, playbook.stages)]
        assert lacking == ["contract_number"]


def test_inquiries_were_placed_by_the_product_and_some_wait_at_headquarters(filled: Resources) -> None:
    with filled.database.reading() as session:
        inquiries = session.scalars(select(Lead).where(Lead.external_number.like("INQUIRY-%"))).all()
        decisions = session.scalars(select(AssignmentDecision)).all()
        assert {decision.lead_id for decision in decisions} == {lead.id for lead in inquiries}
        assert {replay_kept(session, decision).problem for decision in decisions} == {None}
    waiting = [lead for lead in inquiries if lead.owner_id is None]
    assert {lead.pool for lead in waiting} == {"headquarters"}
    assert 5 < len(waiting) < len(inquiries) - 5


def test_reminders_of_long_ago_stand_as_sent_and_later_ones_still_ring(filled: Resources) -> None:
    with filled.database.reading() as session:
        breaches = session.scalars(select(DwellBreach)).all()
        assert len(breaches) > 3
        assert all(breach.fired_at == breach.due_at and breach.receivers for breach in breaches)
        now = datetime.combine(TODAY, time(23, 59), UTC)
        late = session.scalars(select(Lead).where(Lead.outcome == "open", Lead.overdue_at < now)).all()
        assert {breach.lead_id for breach in breaches} <= {lead.id for lead in late}
        ringing = select(func.count()).select_from(Lead).where(Lead.alarm_at.is_not(None))
        assert session.scalar(ringing)
