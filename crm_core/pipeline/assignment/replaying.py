"""Takes a kept decision again from what is kept: the version of the playbook and the snapshot of the roster."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_core.people.snapshots import Roster, RosterMember
from crm_core.people.tables import RosterSnapshot
from crm_core.pipeline.assignment.record import replay, rules_digest
from crm_core.pipeline.assignment.tables import AssignmentDecision
from crm_core.process.playbook import Playbook
from crm_core.process.tables import PlaybookVersion

#: not_by_rules: a person decided; rules_changed: the version's content is not what it was, changed behind its number
ReplayProblem = Literal["not_by_rules", "playbook_missing", "rules_changed", "roster_missing", "different"]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of taking a decision again; without a problem it is the same, bit for bit."""

    record: Mapping[str, Any]
    problem: ReplayProblem | None


def replay_kept(session: Session, decision: AssignmentDecision) -> Replay:
    """Take a decision of the rules again."""
    if "trials" not in decision.record:
        return Replay({}, "not_by_rules")
    versions = select(PlaybookVersion).where(PlaybookVersion.number == decision.playbook_version)
    version = session.scalar(versions)
    if version is None:
        return Replay({}, "playbook_missing")
    playbook = Playbook.model_validate({**version.content, "version": version.number})
    if rules_digest(playbook) != decision.record["rules_sha256"]:
        return Replay({}, "rules_changed")
    snapshots = select(RosterSnapshot).where(RosterSnapshot.digest == decision.roster_digest)
    snapshot = session.scalar(snapshots)
    if snapshot is None:
        return Replay({}, "roster_missing")
    roster = roster_of(snapshot, date.fromisoformat(decision.record["roster_day"]))
    record = replay(decision.record, playbook, roster)
    return Replay(record, None if record == decision.record else "different")


def roster_of(snapshot: RosterSnapshot, day: date) -> Roster:
    """The roster that a snapshot holds, as it was on one of its days."""
    return Roster(day, tuple(_member(values) for values in snapshot.content))


def _member(values: Mapping[str, Any]) -> RosterMember:
    read: dict[str, Any] = dict(values)
    for name in ("person_id", "team_id", "region_id", "manager_id"):
        read[name] = UUID(values[name]) if values[name] else None
    for name in ("skills", "languages", "unknown"):
        read[name] = tuple(values[name])
    read["away_until"] = date.fromisoformat(values["away_until"]) if values["away_until"] else None
    return RosterMember(**read)
