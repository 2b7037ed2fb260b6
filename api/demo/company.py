"""The demo company as one value: small things as tuples, bulk as streams."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property

from api.demo.accounts import AccountWriter
from api.demo.catalogue import Content, load_content
from api.demo.chance import seeded
from api.demo.lead_plan import LeadPlanner
from api.demo.records import Account, CourseAttendance, Lead, Person, Product, Region, SkillObservation, Team
from api.demo.renewals import RenewalWriter
from api.demo.roster import REGIONS, Roster, build_roster
from api.demo.scenes import SceneWriter, ScriptedAccount
from api.demo.skills import observe_skills
from api.demo.working_days import CHINA

DEFAULT_SEED = 20260301


@dataclass(frozen=True)
class DemoCompany:
    """A whole invented company. Scale 1 is one block of 49 reps and 3,600 leads; a larger scale adds branches."""

    seed: int
    scale: float
    today: date

    @property
    def regions(self) -> tuple[Region, ...]:
        return REGIONS

    @property
    def products(self) -> tuple[Product, ...]:
        return tuple(product for industry in self.content.industries.values() for product in industry.products)

    @cached_property
    def content(self) -> Content:
        return load_content()

    @cached_property
    def rosters(self) -> tuple[Roster, ...]:
        """The people of each block."""
        return tuple(build_roster(self.content, self.seed, self.today, block) for block in range(self._blocks))

    @property
    def teams(self) -> tuple[Team, ...]:
        return tuple(team for roster in self.rosters for team in roster.teams)

    @property
    def people(self) -> tuple[Person, ...]:
        return tuple(person for roster in self.rosters for person in roster.people)

    @cached_property
    def skill_observations(self) -> tuple[SkillObservation, ...]:
        return tuple(o for roster in self.rosters for o in self._skills(roster)[0])

    @cached_property
    def course_attendances(self) -> tuple[CourseAttendance, ...]:
        return tuple(a for roster in self.rosters for a in self._skills(roster)[1])

    @cached_property
    def scenes(self) -> tuple[ScriptedAccount, ...]:
        """The scripted customers of the demo log-ins; `accounts` yields them first."""
        rng = seeded(self.seed, "scenes")
        return tuple(SceneWriter(self.content, self.rosters[0], rng, self.now).write())

    def accounts(self) -> Iterator[Account]:
        """Every customer with all that hangs on it, one block in memory at a time; each call starts anew."""
        yield from (scene.account for scene in self.scenes)
        remaining = self.scale
        for block, roster in enumerate(self.rosters):
            share = min(1.0, remaining)
            remaining -= share
            yield from self._block(block, roster, share)

    def leads(self) -> Iterator[Lead]:
        for account in self.accounts():
            yield from account.leads

    @property
    def now(self) -> datetime:
        """Nothing of the company is later: eight in the morning of today."""
        return datetime.combine(self.today, time(8, 0), CHINA)

    @property
    def _blocks(self) -> int:
        return max(1, math.ceil(self.scale))

    def _skills(self, roster: Roster) -> tuple[list[SkillObservation], list[CourseAttendance]]:
        return observe_skills(roster, seeded(self.seed, "skills", roster.people[0].code), self.today)

    def _block(self, block: int, roster: Roster, share: float) -> Iterator[Account]:
        rng = seeded(self.seed, "accounts", block)
        drafts = LeadPlanner(self.content, roster, rng, self.today, share).draw()
        writer = AccountWriter(self.content, roster, rng, self.now, block)
        yield from writer.write(drafts)
        yield from RenewalWriter(self.content, roster, rng, writer, self.now).write(share)


def generate_company(seed: int = DEFAULT_SEED, scale: float = 1.0, *, today: date) -> DemoCompany:
    """The company of a seed: the same arguments give the same company, to the last word. Raises ValueError."""
    if not 0.01 <= scale <= 1000:
        raise ValueError("scale must lie between 0.01 and 1000")
    return DemoCompany(seed, scale, today)
