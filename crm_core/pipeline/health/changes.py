"""What was changed near an incident: playbook, roster, deployments. Taken from history, so nothing goes round it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.history import HistoryEntry
from crm_core.people.tables import Membership, Team
from crm_core.pipeline.health.tables import ProcessStart
from crm_core.process.tables import PlaybookVersion

#: the parts of a playbook that decide who gets a lead
_DECIDING = ("assignment", "onboarding", "calendars")
_ROSTER_TABLES = ("memberships", "people", "teams")
#: the same change of several people by one hand within this time is told as one
_TOGETHER = timedelta(hours=1)
_OF_PERSON = {
    "left_on": "person_left",
    "away_until": "person_away",
    "open_leads_limit": "limit_changed",
    "skills": "skills_changed",
    "languages": "skills_changed",
}


@dataclass(slots=True)
class Change:
    """One thing that was changed: what (a code), when, by whom, through what."""

    code: str
    at: datetime
    actor_id: UUID | None
    channel: str
    people: list[UUID] = field(default_factory=list)
    #: playbook: where in the document, old and new value
    paths: list[tuple[str, Any, Any]] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)


def changes_between(session: Session, since: datetime, until: datetime) -> list[Change]:
    """Everything that could bear on who gets a lead, oldest first."""
    found = [
        *_playbook_changes(session, _entries(session, ("playbook_versions",), since, until)),
        *_together(_roster_changes(session, _entries(session, _ROSTER_TABLES, since, until))),
        *_deployments(session, since, until),
    ]
    return sorted(found, key=lambda change: change.at)


def _entries(session: Session, tables: Iterable[str], since: datetime, until: datetime) -> list[HistoryEntry]:
    statement = (
        select(HistoryEntry)
        .where(HistoryEntry.table_name.in_(tuple(tables)), HistoryEntry.changed_at.between(since, until))
        .order_by(HistoryEntry.changed_at, HistoryEntry.id)
    )
    return list(session.scalars(statement))


def _playbook_changes(session: Session, entries: Iterable[HistoryEntry]) -> Iterator[Change]:
    for entry in entries:
        new, old = entry.new_values or {}, entry.old_values or {}
        version = session.get(PlaybookVersion, entry.record_id)
        if version is None:
            continue
        if new.get("status") == "published":
            before = _published_before(session, version)
            paths = different(_deciding(before), _deciding(new.get("content") or version.content)) if before else []
            yield _of_playbook("playbook_published", entry, version, paths)
        elif "content" in new and entry.operation == "update" and _status_before(session, entry) == "published":
            paths = different(_deciding(old.get("content") or {}), _deciding(new["content"]))
            yield _of_playbook("playbook_patched", entry, version, paths)


def _status_before(session: Session, entry: HistoryEntry) -> str | None:
    """What the version was when it was changed: drafts may change, what is published only past the product."""
    statement = (
        select(HistoryEntry.new_values["status"].astext)
        .where(
            HistoryEntry.table_name == entry.table_name,
            HistoryEntry.record_id == entry.record_id,
            HistoryEntry.id < entry.id,
            HistoryEntry.new_values.has_key("status"),
        )
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    )
    return session.scalar(statement)


def _of_playbook(code: str, entry: HistoryEntry, version: PlaybookVersion, paths: list[tuple[str, Any, Any]]) -> Change:
    switched_off = any(path == "assignment.fallback.is_enabled" and new is False for path, _, new in paths)
    parameters = {"version": version.number, "is_patch": code == "playbook_patched"}
    told = "fallback_switched_off" if switched_off else code
    return Change(told, entry.changed_at, entry.actor_id, entry.channel, paths=paths, parameters=parameters)


def _published_before(session: Session, version: PlaybookVersion) -> dict[str, Any] | None:
    statement = select(PlaybookVersion.content).where(PlaybookVersion.number < version.number)
    return session.scalar(statement.order_by(PlaybookVersion.number.desc()).limit(1))


def _deciding(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: content.get(name) for name in _DECIDING}


def different(old: Any, new: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Where two documents differ; entries of lists go by their code, where they have one."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        parts = [(name, old.get(name), new.get(name)) for name in dict.fromkeys((*old, *new))]
    elif isinstance(old, list) and isinstance(new, list) and (_by_code(old) is not None) and _by_code(new) is not None:
        return different(_by_code(old), _by_code(new), path)
    else:
        return [] if old == new else [(path, old, new)]
    return [
        found
        for name, before, after in parts
        for found in different(before, after, f"{path}.{name}" if path else str(name))
    ]


def _by_code(entries: list[Any]) -> dict[str, Any] | None:
    named = {str(entry["code"]): entry for entry in entries if isinstance(entry, Mapping) and entry.get("code")}
    return named if entries and len(named) == len(entries) else None


def _roster_changes(session: Session, entries: Iterable[HistoryEntry]) -> Iterator[Change]:
    team_regions = {str(team.id): team.region_id for team in session.scalars(select(Team))}
    rows = session.execute(select(Membership.id, Membership.person_id))
    holders = {membership_id: str(person_id) for membership_id, person_id in rows}
    for entry in entries:
        for code, named in _roster_codes(entry, team_regions):
            is_position = entry.table_name == "memberships" and entry.operation == "update"
            person = holders.get(entry.record_id) if is_position and entry.record_id else named
            people = [UUID(person)] if person else []
            yield Change(code, entry.changed_at, entry.actor_id, entry.channel, people, parameters={"count": 1})


def _roster_codes(entry: HistoryEntry, team_regions: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    new, old = entry.new_values or {}, entry.old_values or {}
    if entry.table_name == "teams":
        if entry.operation == "update" and "region_id" in new:
            yield "team_region_changed", None
    elif entry.table_name == "people":
        if entry.operation == "update":
            for code in dict.fromkeys(code for name, code in _OF_PERSON.items() if name in new):
                yield code, str(entry.record_id)
    elif entry.operation == "insert":
        has_region = new.get("region_id") or team_regions.get(str(new.get("team_id")))
        is_lacking = new.get("role") == "rep" and not has_region
        yield ("rep_without_region" if is_lacking else "position_begun"), new["person_id"]
    elif entry.operation == "delete":
        yield "position_ended", old["person_id"]
    else:
        yield _code_of_position(new), None


def _code_of_position(new: Mapping[str, Any]) -> str:
    if "region_id" in new and new["region_id"] is None:
        return "region_emptied"
    return "position_ended" if new.get("until") else "position_changed"


def _together(changes: Iterable[Change]) -> Iterator[Change]:
    """The same change by one hand within an hour, once with everybody concerned."""
    open_ones: dict[tuple[str, UUID | None, str], Change] = {}
    for change in changes:
        key = (change.code, change.actor_id, change.channel)
        running = open_ones.get(key)
        if running is not None and change.at - running.at <= _TOGETHER:
            running.people.extend(person for person in change.people if person not in running.people)
            running.parameters["count"] += 1
        else:
            if running is not None:
                yield running
            open_ones[key] = change
    yield from open_ones.values()


def _deployments(session: Session, since: datetime, until: datetime) -> Iterator[Change]:
    """Starts with another version of the product or the database than the start before of the same process."""
    statement = select(ProcessStart).where(ProcessStart.started_at <= until)
    latest: dict[str, ProcessStart] = {}
    for start in session.scalars(statement.order_by(ProcessStart.started_at, ProcessStart.id)):
        before = latest.get(start.process)
        latest[start.process] = start
        if before is None or start.started_at < since:
            continue
        state = (start.product_version, start.database_revision)
        if state != (before.product_version, before.database_revision):
            told = {
                "process": start.process,
                "before": f"{before.product_version} ({before.database_revision})",
                "after": f"{start.product_version} ({start.database_revision})",
            }
            yield Change("deployment", start.started_at, None, "process", parameters=told)


def note_process_start(session: Session, process: str, product_version: str, database_revision: str | None) -> None:
    """Note that a process of the product starts, so that a deployment shows near what it breaks."""
    session.add(
        ProcessStart(
            process=process,
            product_version=product_version,
            database_revision=database_revision,
            started_at=clock.now(),
        )
    )
    session.flush()
