"""Loads the demo company chunk by chunk; a load that was cut short goes on where it stopped."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.demo.company import DEFAULT_SEED, DemoCompany, generate_company
from api.demo.errors import CompanyNotEmpty
from api.demo.loading import account_rows, file_rows, knowledge_rows, lead_rows, people_rows, point_rows
from api.demo.loading.alarms import load_alarms
from api.demo.loading.dated_rows import DatedRow, DatedWriter, identity
from api.demo.loading.inquiries import load_inquiries
from api.demo.records import Account
from api.demo.roster import LOGINS, NEW_REP_DAYS, Roster
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.passwords import add_credential, require_strong
from crm_core.people.tables import Credential, Person
from crm_core.process.playbook import Playbook
from crm_core.process.publication import publish_default
from knowledge.certification.titles import refresh_titles

ORIGIN = Origin(channel="demo")
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What there is now; `was_loaded` says that all of it was there before."""

    people: int
    customers: int
    login_names: tuple[str, ...]
    was_loaded: bool


def load_demo_company(
    resources: Resources, *, password: str, scale: float = 1.0, seed: int = DEFAULT_SEED, today: date | None = None
) -> LoadReport:
    """Fill an empty installation; every demo log-in gets the password given.

    Repeating it on a filled one changes nothing. Raises CompanyNotEmpty where somebody else's data is,
    WeakPassword before anything is written.
    """
    company = generate_company(seed, scale, today=_day_of_earlier_load(resources, seed) or today or clock.today())
    if not _is_complete(resources, company):
        _require_no_other_company(resources, company)
        for login_name in LOGINS:
            require_strong(password, login_name)
        _load(resources, company, password)
        return _report(resources, was_loaded=False)
    return _report(resources, was_loaded=True)


def _load(resources: Resources, company: DemoCompany, password: str) -> None:
    with resources.database.transaction(ORIGIN) as session:
        playbook = publish_default(session)
        if session.get(Person, _director_id(company)) is None:
            DatedWriter(session.connection(), playbook.version).write(_founding_rows(company))
    loader = _Loader(resources, company, playbook)
    for chunk in _chunks(company.accounts()):
        loader.load(chunk)
    loader.load_scene_files()
    load_inquiries(resources, company)
    load_alarms(resources, company, playbook)
    with resources.database.transaction(ORIGIN) as session:
        for person in company.rosters[0].people:
            if person.login_name:
                person_id = identity(Person, person.code)
                add_credential(session, resources.settings, person_id, login_name=person.login_name, password=password)
        refresh_titles(session)


def _founding_rows(company: DemoCompany) -> Iterator[DatedRow]:
    yield from people_rows.roster_rows(company)
    yield from people_rows.training_rows(company)
    yield from point_rows.account_rows(company.people, company.now - timedelta(days=366))


class _Loader:
    """Writes chunks of accounts, each in one transaction."""

    def __init__(self, resources: Resources, company: DemoCompany, playbook: Playbook) -> None:
        self._resources = resources
        self._company = company
        self._playbook = playbook

    def load(self, accounts: list[Account]) -> None:
        """All of a chunk, or nothing when it has been loaded before."""
        with self._resources.database.transaction(ORIGIN) as session:
            if session.get(Customer, identity(Customer, accounts[0].customer.code)) is None:
                DatedWriter(session.connection(), self._playbook.version).write(self._rows(accounts))

    def load_scene_files(self) -> None:
        """Documents, tasks and visits of the scripted customers."""
        scenes = self._company.scenes
        with self._resources.database.transaction(ORIGIN) as session:
            writer = DatedWriter(session.connection(), self._playbook.version)
            writer.write(file_rows.document_rows(scenes, self._company.content, self._resources.files))
            for scene in scenes:
                code = scene.account.customer.code
                writer.write(account_rows.task_rows(scene.tasks, code))
                writer.write(account_rows.visit_rows(scene.visits, code))

    def _rows(self, accounts: list[Account]) -> Iterator[DatedRow]:
        """Kind by kind, so that each kind is one batch and what is referred to comes first."""
        content, pairs = self._company.content, [(account, lead) for account in accounts for lead in account.leads]
        points = self._playbook.points.new_case
        yield from map(account_rows.customer_row, accounts)
        for account in accounts:
            customer = account.customer
            yield from account_rows.contact_rows(account.contacts, customer.created_at, customer.owner_code)
        changes = [row for account, lead in pairs for row in lead_rows.lead_rows(lead, account.customer.code, content)]
        yield from (row for row in changes if row.operation == "insert")
        yield from (row for row in changes if row.operation == "update")
        for _, lead in pairs:
            yield from lead_rows.move_rows(lead, self._playbook.version)
        yield from self._timeline(accounts)
        yield from self._commerce(accounts)
        for _, lead in pairs:
            yield from knowledge_rows.diagnosis_rows(lead)
        for _, lead in pairs:
            yield from knowledge_rows.method_use_rows(lead)
        for account, lead in pairs:
            yield from knowledge_rows.case_rows(account, lead, content, self._playbook)
        for _, lead in pairs:
            yield from knowledge_rows.case_method_rows(lead)
        yield from file_rows.evidence_rows(accounts, content, self._resources.files)
        for _, lead in pairs:
            yield from point_rows.booking_rows(lead)
        for _, lead in pairs:
            yield from point_rows.entry_rows(lead, points)

    def _timeline(self, accounts: Iterable[Account]) -> Iterator[DatedRow]:
        for account in accounts:
            yield from account_rows.activity_rows(account.activities, account.customer.code)
            for lead in account.leads:
                yield from lead_rows.move_entries(lead, account.customer.code)

    def _commerce(self, accounts: Iterable[Account]) -> Iterator[DatedRow]:
        rows = [row for account in accounts for row in account_rows.commerce_rows(account)]
        # a contract refers to the one that renews it, a payment to its contract
        yield from sorted(rows, key=account_rows.commerce_order)


def _chunks(accounts: Iterator[Account]) -> Iterator[list[Account]]:
    while chunk := list(islice(accounts, _CHUNK)):
        yield chunk


def _director_id(company: DemoCompany) -> object:
    return identity(Person, company.rosters[0].by_login("director").code)


def _is_complete(resources: Resources, company: DemoCompany) -> bool:
    """The log-ins are the last thing written."""
    with resources.database.reading() as session:
        credential = select(Credential.id).where(Credential.person_id == _director_id(company))
        return session.scalar(credential) is not None


def _day_of_earlier_load(resources: Resources, seed: int) -> date | None:
    """The day for which an earlier load, whole or cut short, made the company: its new rep had come shortly before."""
    probe: Roster = generate_company(seed, today=clock.today()).rosters[0]
    with resources.database.reading() as session:
        new_rep = session.get(Person, identity(Person, probe.by_login("newrep").code))
        return new_rep.hired_on + timedelta(days=NEW_REP_DAYS) if new_rep and new_rep.hired_on else None


def _require_no_other_company(resources: Resources, company: DemoCompany) -> None:
    with resources.database.reading() as session:
        if session.get(Person, _director_id(company)) is None and (customers := _count(session, Customer)):
            raise CompanyNotEmpty(customers=customers)


def _count(session: Session, kind: type[Customer | Person]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def _report(resources: Resources, *, was_loaded: bool) -> LoadReport:
    with resources.database.reading() as session:
        return LoadReport(_count(session, Person), _count(session, Customer), tuple(LOGINS), was_loaded)
