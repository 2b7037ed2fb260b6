"""Alarms of both sides, step by step: which ring anew, no longer, or at another time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crm_core.rehearsal.alarm_replay import AlarmKey, PastAlarm
from crm_core.rehearsal.material import day_of
from crm_core.rehearsal.rows import Row

Alarms = Mapping[AlarmKey, PastAlarm]


def change_of(old: PastAlarm | None, new: PastAlarm | None) -> str:
    """What the draft changes for one step of one stay."""
    if old is None:
        return "new"
    if new is None:
        return "gone"
    return "same" if (old.due_at, old.receivers) == (new.due_at, new.receivers) else "other"


def alarm_rows(old: Alarms, new: Alarms) -> Iterator[Row]:
    """One row for each step that rings on either side, in the order of time."""
    for key in _in_order(old, new):
        before, after = old.get(key), new.get(key)
        told = after or before
        assert told is not None
        yield Row(
            kind="alarm",
            change=change_of(before, after),
            lead_id=told.lead_id,
            happened_at=told.due_at,
            old_owner_id=told.owner_id,
            new_owner_id=told.owner_id,
            codes=(*_codes("old", before), *_codes("new", after)),
            details={
                "step": told.step,
                "entered_at": told.entered_at.isoformat(),
                "old": _json(before),
                "new": _json(after),
            },
        )


def alarm_figures(old: Alarms, new: Alarms) -> dict[str, Any]:
    """How many ring, in which stage, on which day and for whom."""
    changes = Counter(change_of(old.get(key), new.get(key)) for key in old.keys() | new.keys())
    return {
        "old": len(old),
        "new": len(new),
        "changes": dict(sorted(changes.items())),
        "stages": _two_sided("stage", ((alarm.stage,) for alarm in old.values()), ((a.stage,) for a in new.values())),
        "days": _two_sided("day", map(_days, old.values()), map(_days, new.values())),
        "receivers": _two_sided(
            "receiver", (alarm.receivers for alarm in old.values()), (alarm.receivers for alarm in new.values())
        ),
    }


def _in_order(old: Alarms, new: Alarms) -> list[AlarmKey]:
    return sorted(old.keys() | new.keys(), key=lambda key: ((new.get(key) or old[key]).due_at, key))


def _days(alarm: PastAlarm) -> tuple[str]:
    return (day_of(alarm.due_at).isoformat(),)


def _two_sided(name: str, old: Iterable[tuple[str, ...]], new: Iterable[tuple[str, ...]]) -> list[dict[str, Any]]:
    before = Counter(code for codes in old for code in codes)
    after = Counter(code for codes in new for code in codes)
    return [{name: code, "old": before[code], "new": after[code]} for code in sorted(before.keys() | after.keys())]


def _codes(side: str, alarm: PastAlarm | None) -> list[str]:
    if alarm is None:
        return []
    return [
        side,
        f"{side}_stage:{alarm.stage}",
        f"{side}_day:{_days(alarm)[0]}",
        *(f"{side}_receiver:{receiver}" for receiver in alarm.receivers),
    ]


def _json(alarm: PastAlarm | None) -> dict[str, Any] | None:
    if alarm is None:
        return None
    return {"stage": alarm.stage, "due_at": alarm.due_at.isoformat(), "receivers": list(alarm.receivers)}
