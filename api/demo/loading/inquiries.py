"""Inquiries of the last days that nobody owned at first: the product placed them, so that its reasons can be read.

Some name no region: they wait in the headquarters pool for whoever takes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from api.demo.catalogue import Industry
from api.demo.chance import seeded
from api.demo.company import DemoCompany
from api.demo.loading.dated_rows import identity
from api.demo.naming import NameBook
from crm_core.customers.acting import Acting
from crm_core.customers.company_names import company_pinyin
from crm_core.customers.tables import Customer
from crm_core.foundation import clock
from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.people.memberships import viewer_of
from crm_core.people.rights import access_policy
from crm_core.people.tables import Person, Region
from crm_core.pipeline.assignment.running import assign
from crm_core.pipeline.gate import Gate
from crm_core.pipeline.tables import Lead
from crm_core.process.publication import published_playbook

_COUNT = 24
#: every third one comes from the website without saying where the customer is
_EVERY_WITHOUT_REGION = 3
_FIRST_HOURS_AGO, _HOURS_BETWEEN = 74, 3
#: names of these companies stay apart from those of every block
_NAME_BLOCK = 997
_SOURCES = ("website", "exhibition", "marketing", "partner")
_SIZES = ("small", "medium", "large", "group")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A company that asked for something, and when."""

    number: str
    at: datetime
    company: str
    industry: Industry
    size: str
    city: str | None
    region: str | None
    source: str

    @property
    def title(self) -> str:
        return f"咨询{self.industry.products[0].name}"


def load_inquiries(resources: Resources, company: DemoCompany) -> None:
    """Let each arrive at its time and be placed a minute later; one that is there already is left alone."""
    operations = identity(Person, company.rosters[0].by_login("operations").code)
    for inquiry in _inquiries(company):
        with clock.frozen(inquiry.at):
            origin = Origin("demo", operations, occurred_at=inquiry.at)
            with resources.database.transaction(origin) as session:
                if session.scalar(select(Lead.id).where(Lead.external_number == inquiry.number)) is not None:
                    continue
                playbook = published_playbook(session)
                viewer = viewer_of(session, operations)
                lead = _lead(inquiry)
                session.add(_customer(inquiry))
                session.flush()
                Gate(Acting(session, viewer, access_policy(playbook), playbook)).enter(lead)
        placed_at = inquiry.at + timedelta(minutes=1)
        origin = Origin("assignment", occurred_at=placed_at)
        with clock.frozen(placed_at), resources.database.transaction(origin) as session:
            assign(session, [lead.id])


def _inquiries(company: DemoCompany) -> Iterator[Inquiry]:
    rng = seeded(company.seed, "inquiries")
    names = NameBook(company.content, rng, block=_NAME_BLOCK)
    for place in range(_COUNT):
        yield _inquiry(company, names, rng, place)


def _inquiry(company: DemoCompany, names: NameBook, rng: Random, place: int) -> Inquiry:
    industries = sorted(company.content.industries.values(), key=lambda industry: industry.code)
    industry = industries[place % len(industries)]
    hours_ago = _FIRST_HOURS_AGO - place * _HOURS_BETWEEN
    region = rng.choice(company.regions)
    _, city = names.place(region.code)
    is_placed = place % _EVERY_WITHOUT_REGION != 0
    return Inquiry(
        number=f"INQUIRY-{place + 1:03}",
        at=company.now - timedelta(hours=hours_ago, minutes=rng.randrange(60)),
        company=names.company(industry, city)[0],
        industry=industry,
        size=rng.choice(_SIZES),
        city=city if is_placed else None,
        region=region.code if is_placed else None,
        source=rng.choice(_SOURCES) if is_placed else "website",
    )


def _customer(inquiry: Inquiry) -> Customer:
    return Customer(
        id=identity(Customer, inquiry.number),
        name=inquiry.company,
        name_pinyin=company_pinyin(inquiry.company),
        industry=inquiry.industry.customer_types[0],
        size=inquiry.size,
        city=inquiry.city,
        region_id=identity(Region, inquiry.region) if inquiry.region else None,
        source=inquiry.source,
    )


def _lead(inquiry: Inquiry) -> Lead:
    return Lead(
        id=identity(Lead, inquiry.number),
        customer_id=identity(Customer, inquiry.number),
        title=inquiry.title,
        source=inquiry.source,
        product=inquiry.industry.products[0].name,
        region_id=identity(Region, inquiry.region) if inquiry.region else None,
        external_number=inquiry.number,
        received_at=inquiry.at,
        fields={},
    )
