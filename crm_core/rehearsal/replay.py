"""A draft and the playbook in force, replayed on the same material: findings and figures. Pure, and always the same."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crm_core.rehearsal.access_comparison import access_changes
from crm_core.rehearsal.alarm_comparison import alarm_figures, alarm_rows
from crm_core.rehearsal.alarm_replay import replay_alarms
from crm_core.rehearsal.assignment_comparison import assignment_figures, assignment_rows, load_growth
from crm_core.rehearsal.assignment_replay import replay_assignment
from crm_core.rehearsal.gate_comparison import gate_figures, move_rows
from crm_core.rehearsal.gate_replay import GateJudge
from crm_core.rehearsal.material import Material, OpenLead, Sides
from crm_core.rehearsal.rows import Row

#: with fewer leads or days than this, figures are told with the remark that they rest on little
ENOUGH_LEADS = 20
ENOUGH_DAYS = 5


@dataclass(frozen=True, slots=True)
class Replayed:
    """The lists, and the figures over them."""

    rows: tuple[Row, ...]
    result: dict[str, Any]


def replay(material: Material, sides: Sides, tell_one_more: Callable[[], None] = lambda: None) -> Replayed:
    """Everything that the draft would have changed; the callback is called once for each arrival and side."""
    old = replay_assignment(material, sides.old, tell_one_more)
    new = replay_assignment(material, sides.new, tell_one_more)
    before, after = GateJudge(sides.old, {}), GateJudge(sides.new, sides.stage_map)
    judged = [(move, before.judge(move), after.judge(move)) for move in material.moves]
    old_alarms, new_alarms = replay_alarms(material, sides.old, {}), replay_alarms(material, sides.new, sides.stage_map)
    assignment, gates = assignment_figures(material.arrivals, old, new), gate_figures(judged)
    growth, grown_id = load_growth(old, new)
    rows = (
        *assignment_rows(material.arrivals, old, new),
        *move_rows(judged),
        *alarm_rows(old_alarms, new_alarms),
        *_stage_rows(material.stranded, sides),
    )
    result = {
        "window": {"start": material.window.start.isoformat(), "end": material.window.end.isoformat()},
        "base_version": sides.old.version,
        "is_thin": len(material.arrivals) < ENOUGH_LEADS or assignment["lead_days"] < ENOUGH_DAYS,
        "shares": {
            "newly_unassigned": _share(assignment["changes"].get("newly_unassigned", 0), assignment["leads"]),
            "newly_blocked": _share(gates["changes"].get("newly_blocked", 0), gates["moves"]),
            "load_growth": growth,
            "load_growth_person_id": str(grown_id) if grown_id else None,
        },
        "assignment": assignment,
        "gates": gates,
        "alarms": alarm_figures(old_alarms, new_alarms) | {"stays": len(material.stays)},
        "stages": _stage_figures(material.stranded, sides),
        "access": _access(material, sides),
        "sections": _changed_sections(sides),
        "names": _names(sides),
    }
    return Replayed(rows, result)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _stage_rows(stranded: Sequence[OpenLead], sides: Sides) -> Iterator[Row]:
    for lead in stranded:
        target = sides.stage_map.get(lead.stage)
        yield Row(
            kind="stage",
            change="mapped" if target else "unmapped",
            lead_id=lead.lead_id,
            happened_at=lead.entered_at,
            old_owner_id=lead.owner_id,
            new_owner_id=lead.owner_id,
            codes=(f"stage:{lead.stage}",),
            details={"old": lead.stage, "new": target},
        )


def _stage_figures(stranded: Sequence[OpenLead], sides: Sides) -> list[dict[str, Any]]:
    """Stages that are gone, and how many open leads stand in each; stages that are new."""
    counts = Counter(lead.stage for lead in stranded)
    kept = {stage.code for stage in sides.new.stages}
    known = [stage.code for stage in sides.old.stages]
    gone = [code for code in dict.fromkeys((*known, *counts)) if code not in kept]
    return [
        *(
            {"stage": code, "change": "gone", "target": sides.stage_map.get(code), "leads": counts[code]}
            for code in gone
        ),
        *(
            {"stage": stage.code, "change": "added", "target": None, "leads": 0}
            for stage in sides.new.stages
            if stage.code not in known
        ),
    ]


def _access(material: Material, sides: Sides) -> list[dict[str, Any]]:
    """Every cell that differs, and how many people hold the role today."""
    holders = {(member.role, member.person_id) for member in material.roster_at(material.window.end).members}
    people = Counter(role for role, _ in holders)
    return [
        {
            "kind": change.kind,
            "role": change.role,
            "record": change.record,
            "field": change.field,
            "old": change.old,
            "new": change.new,
            "is_more": change.is_more,
            "people": people[change.role],
        }
        for change in access_changes(sides.old, sides.new)
    ]


def _changed_sections(sides: Sides) -> list[str]:
    old, new = sides.old.content(), sides.new.content()
    return [name for name in new if new[name] != old.get(name)]


def _names(sides: Sides) -> dict[str, dict[str, Any]]:
    """Words for the codes of both sides; where both have one, the draft's."""
    both = (sides.old, sides.new)
    return {
        "stages": {stage.code: stage.name.model_dump() for side in both for stage in side.stages},
        "rules": {rule.code: rule.name.model_dump() for side in both for rule in side.assignment.rules},
        "pools": {pool.code: pool.name.model_dump() for side in both for pool in side.assignment.pools},
    }
