"""The people of one block: ten sales teams in five regions and the departments around them."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from api.demo.catalogue import Content
from api.demo.chance import seeded
from api.demo.naming import NameBook
from api.demo.records import Membership, Person, Region, Role, Team, Tier

REGIONS = tuple(
    Region(code, name)
    for code, name in (
        ("east", "华东大区"),
        ("south", "华南大区"),
        ("north", "华北大区"),
        ("southwest", "西南大区"),
        ("central", "华中大区"),
    )
)
#: what each sales team sells; east-2 is the medical device team of the unpaid signatures
TEAM_INDUSTRIES = {
    "east-1": ("pv_storage", "ev_charging", "datacentre", "packaging"),
    "east-2": ("medical_device", "lab_instrument"),
    "south-1": ("ev_charging", "saas", "network", "packaging"),
    "south-2": ("pharmacy", "education", "pv_storage", "medical_device"),
    "north-1": ("datacentre", "pv_storage", "saas", "education"),
    "north-2": ("lab_instrument", "network", "ev_charging", "pharmacy"),
    "southwest-1": ("pv_storage", "datacentre", "education", "pharmacy"),
    "southwest-2": ("packaging", "lab_instrument", "saas", "ev_charging"),
    "central-1": ("network", "packaging", "ev_charging", "medical_device"),
    "central-2": ("saas", "education", "datacentre", "lab_instrument"),
}
REPS_PER_TEAM = {team: 4 if team == "southwest-2" else 5 for team in TEAM_INDUSTRIES}
_DEPARTMENTS: tuple[tuple[Role, str, str, int], ...] = (
    ("presales", "presales", "售前部", 6),
    ("delivery", "delivery", "交付部", 6),
    ("finance", "finance", "财务部", 3),
    ("trainer", "training", "培训部", 2),
    ("operations", "operations", "销售运营部", 2),
    ("admin", "administration", "信息管理部", 1),
)
#: log-in name → real name; the first person of that part gets both
LOGINS = {
    "director": "梁国栋",
    "manager": "王海峰",
    "rep": "陈志远",
    "newrep": "林晓雨",
    "presales": "赵文博",
    "delivery": "何立平",
    "finance": "钱雯",
    "trainer": "苏敏",
    "operations": "孙悦",
    "admin": "郝明",
}
LEAVER_NAME = "周启航"
#: seats of the story: team and place in it
NEW_REP_SEAT, REP_SEAT, LEAVER_SEAT = ("east-1", 4), ("east-1", 1), ("east-1", 2)
#: how long ago the new rep came
NEW_REP_DAYS = 21
LATE_JOINER_SEAT, MOVER_SEAT = ("central-2", 4), ("south-1", 3)


@dataclass(frozen=True, slots=True)
class Roster:
    """Teams and people of one block."""

    teams: tuple[Team, ...]
    people: tuple[Person, ...]

    def with_role(self, role: Role) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.role == role)

    @property
    def reps(self) -> tuple[Person, ...]:
        return self.with_role("rep")

    @property
    def active_reps(self) -> tuple[Person, ...]:
        return tuple(rep for rep in self.reps if rep.left_on is None)

    def by_login(self, login_name: str) -> Person:
        return next(person for person in self.people if person.login_name == login_name)


class _Builder:
    def __init__(self, content: Content, rng: Random, today: date, block: int) -> None:
        self._rng = rng
        self._today = today
        self._block = block
        self._names = NameBook(content, rng, block=block)
        self._prefix = f"b{block}-" if block else ""
        self._suffix = f"·{block}分部" if block else ""
        self._count = 0

    def build(self) -> Roster:
        director = self._person("director", "head-office", None, None, login="director")
        people, teams = [director], [Team(self._code("head-office"), "总部" + self._suffix, None)]
        for team_code, industries in TEAM_INDUSTRIES.items():
            teams.append(self._sales_team(team_code, industries))
            people += self._sales_people(team_code, director)
        for role, team_code, name, size in _DEPARTMENTS:
            teams.append(Team(self._code(team_code), name + self._suffix, None))
            people += [
                self._person(role, team_code, None, director.code, login=role if seat == 0 else None)
                for seat in range(size)
            ]
        return Roster(tuple(teams), tuple(people))

    def _code(self, team: str) -> str:
        return self._prefix + team

    def _sales_team(self, code: str, industries: tuple[str, ...]) -> Team:
        region, number = code.rsplit("-", 1)
        region_name = next(r.name for r in REGIONS if r.code == region).removesuffix("大区")
        return Team(self._code(code), f"{region_name}{'一二'[int(number) - 1]}部{self._suffix}", region, industries)

    def _sales_people(self, team_code: str, director: Person) -> list[Person]:
        region = team_code.rsplit("-", 1)[0]
        login = "manager" if team_code == "east-1" else None
        manager = self._person("manager", team_code, region, director.code, login=login)
        reps = [self._rep(team_code, region, manager.code, seat) for seat in range(REPS_PER_TEAM[team_code])]
        return [manager, *reps]

    def _rep(self, team_code: str, region: str, manager_code: str, seat: int) -> Person:
        place = (team_code, seat)
        login = {NEW_REP_SEAT: "newrep", REP_SEAT: "rep"}.get(place)
        rep = self._person("rep", team_code, region, manager_code, login=login)
        tier: Tier = "top" if seat == 0 else "solid"
        rep = replace(rep, tier=tier)
        if place == NEW_REP_SEAT:
            return self._hired(replace(rep, tier="new"), self._today - timedelta(days=NEW_REP_DAYS))
        if place == LATE_JOINER_SEAT:
            return self._hired(replace(rep, tier="new"), self._today - timedelta(days=150))
        if place == LEAVER_SEAT:
            return self._left(replace(rep, tier="top", name=LEAVER_NAME if not self._block else rep.name))
        return self._moved(rep) if place == MOVER_SEAT else rep

    def _hired(self, person: Person, day: date) -> Person:
        membership = replace(person.memberships[0], since=day)
        return replace(person, hired_on=day, memberships=(membership,))

    def _left(self, person: Person) -> Person:
        day = self._today - timedelta(days=118)
        return replace(person, left_on=day, memberships=(replace(person.memberships[0], until=day),))

    def _moved(self, person: Person) -> Person:
        """Half way through the year this rep went from the south to the centre."""
        day = self._today - timedelta(days=170)
        first = replace(person.memberships[0], until=day)
        second = replace(first, team_code=self._code("central-1"), region_code="central", since=day, until=None)
        return replace(person, memberships=(first, second))

    def _person(
        self, role: Role, team_code: str, region: str | None, manager_code: str | None, *, login: str | None = None
    ) -> Person:
        self._count += 1
        login = login if self._block == 0 else None
        hired = self._today - timedelta(days=self._rng.randrange(420, 2600))
        return Person(
            code=f"P{self._block:02d}{self._count:03d}",
            name=LOGINS[login] if login else self._names.person(unique=True),
            mobile=self._names.mobile(),
            email=f"{login or f'p{self._block}-{self._count}'}@salesdojo.example",
            hired_on=hired,
            left_on=None,
            memberships=(Membership(role, self._code(team_code), region, manager_code, hired),),
            login_name=login,
        )


def build_roster(content: Content, seed: int, today: date, block: int) -> Roster:
    """The roster of one block; the same arguments give the same people."""
    return _Builder(content, seeded(seed, "roster", block), today, block).build()
