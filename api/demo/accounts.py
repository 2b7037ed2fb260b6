"""New business: drafts become accounts."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from api.demo.catalogue import Content
from api.demo.companies import CompanyWriter
from api.demo.lead_plan import LeadDraft
from api.demo.leads import LeadWriter
from api.demo.records import Account, Activity, Customer, Lead, Ticket
from api.demo.roster import Roster
from api.demo.stories import Storyteller, address
from api.demo.working_days import moment, next_working_day

#: share of new deliveries that end late, and share of delivered customers who report a fault
_LATE_SHARE, _FAULT_SHARE = 0.15, 0.3


class AccountWriter:
    """Assembles the accounts of one block; `minutes` sums the time spent on new business by region."""

    def __init__(self, content: Content, roster: Roster, rng: Random, now: datetime, block: int) -> None:
        self._content = content
        self._roster = roster
        self._rng = rng
        self._now = now
        self.companies = CompanyWriter(content, rng, block)
        self.teller = Storyteller(content, rng)
        self._leads = LeadWriter(content, roster, self.teller, rng, now)
        self.minutes: Counter[str] = Counter()

    def write(self, drafts: Sequence[LeadDraft]) -> Iterator[Account]:
        """One account per customer, in the order of their first leads."""
        groups: dict[int, list[LeadDraft]] = defaultdict(list)
        for draft in drafts:
            groups[id(draft.first)].append(draft)
        for group in groups.values():
            account = self._account(group)
            self.minutes[account.customer.region_code] += sum(activity.minutes for activity in account.activities)
            yield account

    def _account(self, drafts: list[LeadDraft]) -> Account:
        first, industry = drafts[0], drafts[0].industry
        registered_at = first.created_at - timedelta(minutes=20)
        customer, brand = self.companies.write(industry, first.region, first.rep.code, first.size, registered_at)
        contacts = self.companies.contacts(customer, industry)
        decider = address(contacts[0].name[0], contacts[0].title)
        leads: list[Lead] = []
        activities: list[Activity] = []
        for place, draft in enumerate(drafts, start=1):
            product = self._rng.choice(industry.products)
            scene = self.teller.scene(industry, draft.methods, decider, product.name)
            if place == 1:
                customer = replace(customer, situation=scene.situation_words)
            lead, log = self._leads.write(
                draft, f"{customer.code}-L{place}", brand, scene, product=product, contacts=contacts
            )
            leads.append(lead)
            activities += log
        return Account(
            customer=self._as_it_stands(customer, leads),
            contacts=contacts,
            leads=tuple(leads),
            activities=tuple(activities),
            tickets=tuple(ticket for lead in leads for ticket in self._tickets(lead)),
        )

    def _as_it_stands(self, customer: Customer, leads: list[Lead]) -> Customer:
        signed = any(lead.contract for lead in leads)
        products = dict.fromkeys(self._content.product(lead.product_code).name for lead in leads)
        return replace(
            customer,
            owner_code=leads[-1].owner_code,
            products="、".join(products),
            invoice_qualification="增值税一般纳税人，开具13%专用发票" if signed else None,
            delivery_owner_code=self._rng.choice(self._roster.with_role("delivery")).code if signed else None,
        )

    def _tickets(self, lead: Lead) -> Iterator[Ticket]:
        """The delivery of a signed contract, and a fault now and then."""
        if lead.contract is None:
            return
        opened_at = moment(next_working_day(lead.contract.signed_on + timedelta(days=3)), self._rng)
        due_on = lead.contract.starts_on
        days = self._rng.randrange(4, 25) if self._rng.random() < _LATE_SHARE else -self._rng.randrange(0, 9)
        allowed = (due_on - opened_at.date()).days
        yield from self._ticket(lead, "D", "安装调试", opened_at, days_allowed=allowed, days_late=days)
        if self._rng.random() < _FAULT_SHARE:
            fault_at = opened_at + timedelta(days=self._rng.randrange(40, 160))
            reported_at = moment(next_working_day(fault_at.date()), self._rng)
            yield from self._ticket(lead, "F", "故障报修", reported_at, days_allowed=3, days_late=-1)

    def _ticket(
        self, lead: Lead, mark: str, title: str, opened_at: datetime, *, days_allowed: int, days_late: int
    ) -> Iterator[Ticket]:
        if opened_at >= self._now:
            return
        due_on = (opened_at + timedelta(days=days_allowed)).date()
        closed_at = moment(next_working_day(due_on + timedelta(days=days_late)), self._rng)
        yield Ticket(
            number=f"{lead.code}-{mark}",
            kind="delivery" if mark == "D" else "fault",
            title=f"{title}：{lead.title}",
            opened_at=opened_at,
            due_on=due_on,
            closed_at=max(closed_at, opened_at + timedelta(hours=2)) if closed_at < self._now else None,
        )
