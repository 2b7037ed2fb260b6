"""The roster in words: what changed, and what keeps leads from somebody."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from api.contracts.people import OnboardingItemFacts, ReadinessFacts
from api.contracts.roster import RosterChangeFacts, RosterPosition
from crm_core.customers.acting import Acting
from crm_core.foundation.translations import Locale, has_sentence, translate
from crm_core.people.repository import all_regions, names_of_people
from crm_core.people.roster_changes import RosterChange
from crm_core.pipeline.onboarding import Readiness
from crm_core.process.playbook import Playbook

#: kinds whose old and new values are codes, and where their words stand
_CODED = {"role_changed": "roster_role", "item_emptied": "onboarding_item", "item_filled": "onboarding_item"}


def told_readiness(readiness: Readiness, playbook: Playbook, locale: Locale) -> ReadinessFacts:
    """Whether leads reach somebody, item by item and in one sentence."""
    names = {item: translate(f"onboarding_item.{item}", locale) for item, _ in readiness.checklist}
    told = {"items": _joined((names[item] for item in readiness.missing), locale), "day": readiness.away_until}
    pools = {pool.code: pool.name.spoken(locale) for pool in playbook.assignment.pools}
    return ReadinessFacts(
        receives_leads=readiness.receives_leads,
        obstacle=readiness.obstacle,
        explanation=translate(f"readiness.{readiness.obstacle or 'receives'}", locale, **told),
        missing=list(readiness.missing),
        checklist=[
            OnboardingItemFacts(item=item, name=names[item], is_known=known) for item, known in readiness.checklist
        ],
        pools=[pools[code] for code in readiness.pools],
        away_until=readiness.away_until,
    )


def told_changes(acting: Acting, changes: Sequence[RosterChange], locale: Locale) -> list[RosterChangeFacts]:
    """Changes in plain words; what the viewer's role may not see of the old and new values is left out."""
    people = {change.person_id for change in changes}
    managers = {value for change in changes for value in (change.old, change.new) if isinstance(value, UUID)}
    words = _Words(acting, names_of_people(acting.session, people | managers), locale)
    return [words.told(change) for change in changes]


def told_positions(acting: Acting, members: Iterable[Mapping[str, Any]]) -> list[RosterPosition]:
    """Positions of a roster, as a snapshot keeps them, with the names of people and regions."""
    rows = list(members)
    ids = {UUID(str(row[key])) for row in rows for key in ("person_id", "manager_id") if row[key]}
    names = names_of_people(acting.session, ids)
    regions = {region.code: region.name for region in all_regions(acting.session)}
    return [_position(acting, row, names, regions) for row in rows]


def _position(
    acting: Acting, row: Mapping[str, Any], names: Mapping[UUID, str], regions: Mapping[str, str]
) -> RosterPosition:
    person_id = UUID(str(row["person_id"]))
    manager_id = UUID(str(row["manager_id"])) if row["manager_id"] else None
    shown = {name: row[name] for name in RosterPosition.model_fields if name in row and name != "person_id"}
    shown |= {"name": names.get(person_id, ""), "region": regions.get(row["region"], row["region"])}
    shown["manager"] = names.get(manager_id) if manager_id else None
    return RosterPosition(person_id=person_id, **acting.policy.present(acting.viewer, "person", shown))


class _Words:
    """Names and codes as a sentence in one language says them."""

    def __init__(self, acting: Acting, names: Mapping[UUID, str], locale: Locale) -> None:
        self._names, self._locale = names, locale
        self._regions = {region.code: region.name for region in all_regions(acting.session)}
        self._calendars = {one.code: one.name.spoken(locale) for one in acting.playbook.calendars}

    def told(self, change: RosterChange) -> RosterChangeFacts:
        old, new = self._spoken(change.kind, change.old), self._spoken(change.kind, change.new)
        name = self._names.get(change.person_id, "?")
        role = translate(f"roster_role.{change.role}", self._locale)
        place = old if change.new is None else new
        sentence = translate(
            f"roster_change.{change.kind}", self._locale, name=name, role=role, old=old, new=new, place=place
        )
        return RosterChangeFacts(
            day=change.day,
            kind=change.kind,
            person_id=change.person_id,
            name=name,
            role=role,
            sentence=sentence,
            old=old,
            new=new,
        )

    def _spoken(self, kind: str, value: Any) -> str | None:
        if isinstance(value, dict):
            team = value["team"] or translate("roster_change.no_team", self._locale)
            region = self._regions.get(value["region"]) if value["region"] else None
            return f"{team} · {region}" if region else str(team)
        if value is None:
            return translate("roster_change.none", self._locale)
        if isinstance(value, UUID):
            return self._names.get(value, "?")
        if kind in _CODED and has_sentence(f"{_CODED[kind]}.{value}", self._locale):
            return translate(f"{_CODED[kind]}.{value}", self._locale)
        known = {"region": self._regions, "calendar": self._calendars}.get(kind.split("_", 1)[0], {})
        return str(known.get(value, value))


def _joined(words: Iterable[str], locale: Locale) -> str:
    return ("、" if locale == "zh" else ", ").join(words)
