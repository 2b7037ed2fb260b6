"""Customers of earlier years whose contracts come up for renewal: the burden of one region and the causes of loss."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from api.demo import planted
from api.demo.accounts import AccountWriter
from api.demo.catalogue import Content
from api.demo.diary import Diarist
from api.demo.records import Account, Contract, CustomerSize, Payment, Person, Ticket
from api.demo.roster import REGIONS, Roster
from api.demo.stories import address
from api.demo.working_days import moment, next_working_day


@dataclass(slots=True)
class Renewal:
    """One contract's end: renewed or not, and the two circumstances that the root-cause search should find."""

    rep: Person
    region: str
    expires_on: date
    renewed: bool = True
    silent: bool = False
    delivered_late: bool = False
    minutes: int = 0


class RenewalWriter:
    """Deals the circumstances by exact quota, then writes the accounts."""

    def __init__(self, content: Content, roster: Roster, rng: Random, accounts: AccountWriter, now: datetime) -> None:
        self._content = content
        self._roster = roster
        self._rng = rng
        self._accounts = accounts
        self._diary = Diarist(accounts.teller, rng, now)
        self._now = now
        self._today = now.date()

    def write(self, share: float) -> Iterator[Account]:
        """All renewals of the block; reads the minutes of new business, so it comes after it."""
        renewals = self._draw(share)
        self._deal_outcomes(renewals)
        self._deal_causes(renewals)
        self._deal_minutes(renewals)
        for renewal in renewals:
            yield self._account(renewal)

    def _draw(self, share: float) -> list[Renewal]:
        counts = {
            region.code: planted.RENEWALS_NORTH
            if region.code == planted.BURDENED_REGION
            else planted.RENEWALS_ELSEWHERE // (len(REGIONS) - 1)
            for region in REGIONS
        }
        renewals = []
        for region, count in counts.items():
            reps = [rep for rep in self._roster.active_reps if self._has_served(rep, region)]
            for place in range(max(2, round(count * share))):
                expires_on = self._today - timedelta(days=self._rng.randrange(2, 364))
                renewals.append(Renewal(reps[place % len(reps)], region, expires_on))
        return renewals

    def _has_served(self, rep: Person, region: str) -> bool:
        return all(m.region_code == region for m in rep.memberships) and rep.tier != "new"

    def _deal_outcomes(self, renewals: list[Renewal]) -> None:
        middle = self._today - timedelta(days=182)
        halves = (
            ([renewal for renewal in renewals if renewal.expires_on < middle], planted.RENEWAL_RATE_FIRST_HALF),
            ([renewal for renewal in renewals if renewal.expires_on >= middle], planted.RENEWAL_RATE_SECOND_HALF),
        )
        for half, rate in halves:
            for renewal in self._rng.sample(half, round((1 - rate) * len(half))):
                renewal.renewed = False

    def _deal_causes(self, renewals: list[Renewal]) -> None:
        lost = [renewal for renewal in renewals if not renewal.renewed]
        kept = [renewal for renewal in renewals if renewal.renewed]
        silent_lost = self._rng.sample(lost, round(planted.SILENT_NOT_RENEWED_SHARE * len(lost)))
        silent = {
            id(r) for r in (*silent_lost, *self._rng.sample(kept, round(planted.SILENT_SHARE_OTHERS * len(kept))))
        }
        late = {
            id(r)
            for r in self._rng.sample(silent_lost, round(planted.DELAY_SHARE_SILENT_NOT_RENEWED * len(silent_lost)))
        }
        chosen = {id(renewal) for renewal in silent_lost}
        others = [renewal for renewal in renewals if id(renewal) not in chosen]
        late |= {id(r) for r in self._rng.sample(others, round(planted.DELAY_SHARE_OTHERS * len(others)))}
        for renewal in renewals:
            renewal.silent, renewal.delivered_late = id(renewal) in silent, id(renewal) in late

    def _deal_minutes(self, renewals: list[Renewal]) -> None:
        """Renewal work such that it takes the planted share of each region's logged time."""
        counts = Counter(renewal.region for renewal in renewals)
        for renewal in renewals:
            burdened = renewal.region == planted.BURDENED_REGION
            share = planted.RENEWAL_SHARE_BURDENED if burdened else planted.RENEWAL_SHARE_OTHERS
            total = self._accounts.minutes[renewal.region] * share / (1 - share)
            renewal.minutes = round(total / counts[renewal.region])

    def _account(self, renewal: Renewal) -> Account:
        industries = next(
            team.industries for team in self._roster.teams if team.code == renewal.rep.memberships[-1].team_code
        )
        industry = self._content.industries[self._rng.choice(industries)]
        signed_on = next_working_day(renewal.expires_on - timedelta(days=395))
        size: CustomerSize = self._rng.choice(("small", "medium", "medium", "large"))
        customer, _ = self._accounts.companies.write(
            industry, renewal.region, renewal.rep.code, size, moment(signed_on - timedelta(days=60), self._rng)
        )
        contacts = self._accounts.companies.contacts(customer, industry)
        product = self._rng.choice(industry.products)
        decider = address(contacts[0].name[0], contacts[0].title)
        scene = self._accounts.teller.scene(industry, frozenset(), decider, product.name)
        customer = replace(
            customer,
            situation=scene.situation_words,
            products=product.name,
            invoice_qualification="增值税一般纳税人，开具13%专用发票",
            delivery_owner_code=self._rng.choice(self._roster.with_role("delivery")).code,
        )
        last_contact = self._last_contact(renewal)
        log = self._diary.of_renewal(customer.code, renewal.rep.code, scene, last_contact, renewal.minutes)
        return Account(
            customer=customer,
            contacts=contacts,
            activities=tuple(log),
            contracts=self._contracts(renewal, customer.code, signed_on, product.list_price),
            tickets=tuple(self._tickets(renewal, customer.code, scene.slots["site"])),
        )

    def _last_contact(self, renewal: Renewal) -> datetime:
        """More than 45 days before expiry for the silent ones, within 45 for the rest."""
        limit = planted.SILENCE_DAYS
        days = self._rng.randrange(limit + 3, limit + 50) if renewal.silent else self._rng.randrange(4, limit - 8)
        at = moment(next_working_day(renewal.expires_on - timedelta(days=days)), self._rng)
        if renewal.silent and (renewal.expires_on - at.date()).days <= limit:
            return at - timedelta(days=14)
        return min(at, self._now - timedelta(days=1))

    def _contracts(self, renewal: Renewal, code: str, signed_on: date, amount: int) -> tuple[Contract, ...]:
        starts_on = renewal.expires_on - timedelta(days=365)
        paid_on = next_working_day(signed_on + timedelta(days=20))
        payment = Payment("全款", signed_on + timedelta(days=15), amount, signed_on, paid_on)
        number = f"HT{signed_on:%Y%m}-{code}-1"
        old = Contract(number, signed_on, starts_on, renewal.expires_on, amount, "ended", (payment,))
        if not renewal.renewed:
            return (old,)
        renewed_on = next_working_day(renewal.expires_on - timedelta(days=self._rng.randrange(0, 4)))
        paid = next_working_day(renewed_on + timedelta(days=18))
        due = Payment("全款", renewed_on + timedelta(days=15), amount, renewed_on, paid if paid < self._today else None)
        following = Contract(
            f"HT{renewed_on:%Y%m}-{code}-2",
            min(renewed_on, self._today - timedelta(days=1)),
            renewal.expires_on + timedelta(days=1),
            renewal.expires_on + timedelta(days=366),
            amount,
            "signed",
            (due,),
        )
        return replace(old, renewed_by=following.number), following

    def _tickets(self, renewal: Renewal, code: str, site: str) -> Iterator[Ticket]:
        opened_on = next_working_day(renewal.expires_on - timedelta(days=self._rng.randrange(120, 300)))
        due_on = opened_on + timedelta(days=self._rng.randrange(10, 25))
        late = self._rng.randrange(6, 40) if renewal.delivered_late else -self._rng.randrange(1, 8)
        closed_at = moment(due_on + timedelta(days=late), self._rng)
        yield Ticket(f"{code}-T1", "delivery", f"{site}二期交付", moment(opened_on, self._rng), due_on, closed_at)
        if self._rng.random() < 0.5:
            asked_on = next_working_day(renewal.expires_on - timedelta(days=self._rng.randrange(80, 320)))
            asked_at = moment(asked_on, self._rng)
            title = self._rng.choice(("使用咨询", "备件更换", "软件升级"))
            yield Ticket(
                f"{code}-T2", "question", title, asked_at, asked_on + timedelta(days=5), asked_at + timedelta(hours=26)
            )
