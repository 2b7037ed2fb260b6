"""The scripted customers of the demo log-ins."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from api.demo.catalogue import Content, Industry, load_scenes
from api.demo.lead_plan import STAGES, LeadDraft
from api.demo.leads import LeadWriter
from api.demo.records import Account, Contact, Customer, Lead, PlannedVisit, Requirement, Task
from api.demo.roster import Roster
from api.demo.stories import Storyteller, address
from api.demo.working_days import moment, next_working_day, working_day_before

#: how long the steps still to come are planned to take
_NEXT_STEP = timedelta(days=20)


@dataclass(frozen=True, slots=True)
class ScriptedAccount:
    """An account and the documents that lie in its file, by the names in content/scenes.yaml."""

    key: str
    account: Account
    documents: tuple[str, ...]
    tasks: tuple[Task, ...]
    visits: tuple[PlannedVisit, ...]

    @property
    def lead(self) -> Lead:
        return self.account.leads[0]


class SceneWriter:
    """Writes the scripted accounts; they lie in cities that the generator does not use, so no name is taken twice."""

    def __init__(self, content: Content, roster: Roster, rng: Random, now: datetime) -> None:
        self._content = content
        self._roster = roster
        self._rng = rng
        self._now = now
        self._teller = Storyteller(content, rng)
        self._leads = LeadWriter(content, roster, self._teller, rng, now)

    def write(self) -> Iterator[ScriptedAccount]:
        """All scripted accounts in the order of the file."""
        for number, row in enumerate(load_scenes(), start=1):
            account = self._account(f"S{number:02d}", row)
            tasks = tuple(self._task(account.leads[0], task) for task in row.get("tasks", ()))
            visits = (self._visit(account.leads[0], row["visit"]),) if "visit" in row else ()
            yield ScriptedAccount(row["key"], account, tuple(row.get("documents", ())), tasks, visits)

    def _visit(self, lead: Lead, row: dict[str, Any]) -> PlannedVisit:
        created_at = lead.stage_entered_at + timedelta(minutes=15)
        day = next_working_day(self._now.date() + timedelta(days=row["due_days"]))
        return PlannedVisit(lead.owner_code, lead.code, row["purpose"], created_at, moment(day, self._rng))

    def _task(self, lead: Lead, row: dict[str, Any]) -> Task:
        created_at = lead.stage_entered_at + timedelta(minutes=5)
        due_at = self._now.replace(hour=18) + timedelta(days=row["due_days"])
        return Task(row["kind"], row["title"], self._roster.by_login(row["login"]).code, lead.code, created_at, due_at)

    def _account(self, code: str, row: dict[str, Any]) -> Account:
        industry = self._content.industries[row["industry"]]
        draft = self._draft(row, industry)
        customer = self._customer(code, row, draft)
        contacts = tuple(
            Contact(
                code=f"{code}-K{place}",
                customer_code=code,
                name=name,
                title=title,
                decision_role=role,
                mobile=f"19900009{number_of(code)}{place}",
                email=f"{code.lower()}-{place}@customer.example",
                interviewed_at=None,
            )
            for place, (name, title, role) in enumerate(row["contacts"])
        )
        product = self._content.product(row["product"])
        decider = address(contacts[0].name[0], contacts[0].title)
        scene = self._teller.scene(industry, draft.methods, decider, product.name)
        lead, log = self._leads.write(draft, f"{code}-L1", row["brand"], scene, product=product, contacts=contacts)
        return Account(customer, contacts, (self._as_scripted(lead, row),), tuple(log))

    def _draft(self, row: dict[str, Any], industry: Industry) -> LeadDraft:
        created, *ends = [self._instant(days, place) for place, days in enumerate(row["days"])]
        rep = self._roster.by_login(row["login"])
        membership = rep.memberships[-1]
        steps_to_come = len(STAGES) - len(ends)
        ends += [self._now + _NEXT_STEP * (step + 1) for step in range(steps_to_come)]
        draft = LeadDraft(
            number=0,
            rep=rep,
            team=membership.team_code,
            region=membership.region_code or "",
            industry=industry,
            size=row["size"],
            created_at=created,
            stage_ends=ends,
            methods=frozenset(row.get("methods", ())),
            outcome="won" if row["stage"] == "signing_payment" else "open",
            # signed too recently for money or a story
            never_pays=True,
            margin=industry.base_margin,
            amount=industry.base_amount,
        )
        draft.first = draft
        return draft

    def _instant(self, days: int, place: int) -> datetime:
        """A time on the working day so many before today; later places of one day come later."""
        day: date = working_day_before(self._now.date(), days)
        return moment(day, self._rng).replace(hour=9 + place)

    def _customer(self, code: str, row: dict[str, Any], draft: LeadDraft) -> Customer:
        return Customer(
            code=code,
            name=row["name"],
            customer_type=row["customer_type"],
            industry=row["industry"],
            size=row["size"],
            region_code=draft.region,
            city=row["city"],
            owner_code=draft.rep.code,
            source="website",
            situation=row["situation"],
            budget_range="100-200万",
            invoice_qualification="增值税一般纳税人，开具13%专用发票" if row.get("won") else None,
            delivery_owner_code=self._roster.by_login("delivery").code if row.get("won") else None,
            products=self._content.product(row["product"]).name,
            created_at=draft.created_at - timedelta(minutes=10),
        )

    def _as_scripted(self, lead: Lead, row: dict[str, Any]) -> Lead:
        """The lead with the diagnosis of the script in place of the generated one."""
        lead = replace(lead, presales_code=self._roster.by_login("presales").code if lead.presales_code else None)
        if lead.diagnosis is None:
            return lead
        diagnosis = lead.diagnosis
        if "pains" in row:
            first, second, third = (self._content.pain_codes[name] for name in row["pains"])
            diagnosis = replace(diagnosis, pain_points=(first, second, third))
        if "parameters" in row:
            parameters = tuple(Requirement(n, c, float(v), u) for n, c, v, u in row["parameters"])
            first, second, third = row["quotes"]
            diagnosis = replace(
                diagnosis, parameters=parameters, voice_summary=row["voice"], quotes=(first, second, third)
            )
        fields = {**lead.fields}
        fields["needs_diagnosis"] = {**fields["needs_diagnosis"], "pain_points": list(diagnosis.pain_points)}
        return replace(lead, diagnosis=diagnosis, fields=fields)


def number_of(code: str) -> str:
    """The digits of a code."""
    return "".join(letter for letter in code if letter.isdigit())
