"""Moves that were made, judged by both gates: which would be refused now, for want of what, and which no longer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from crm_core.pipeline.requirements import MissingItem
from crm_core.rehearsal.gate_replay import Judgement
from crm_core.rehearsal.material import PastMove
from crm_core.rehearsal.rows import Row

Judged = tuple[PastMove, Judgement, Judgement]


def change_of(old: Judgement, new: Judgement) -> str:
    """What the draft changes for one move."""
    if old.is_blocked and new.is_blocked:
        return "blocked_by_both"
    if new.is_blocked:
        return "newly_blocked"
    if old.is_blocked:
        return "freed"
    return "more_steps" if new.more_steps else "same"


def move_rows(judged: Sequence[Judged]) -> Iterator[Row]:
    """One row for each move that either side would refuse, or that has more stages to pass."""
    for move, old, new in judged:
        change = change_of(old, new)
        if change != "same":
            yield Row(
                kind="move",
                change=change,
                lead_id=move.lead_id,
                happened_at=move.moved_at,
                old_owner_id=move.owner_id,
                new_owner_id=move.owner_id,
                codes=(
                    *(f"old_{item.kind}:{item.code}" for item in old.missing),
                    *(f"new_{item.kind}:{item.code}" for item in new.missing),
                    f"stage:{move.to_stage}",
                ),
                details={
                    "kind": move.kind,
                    "from_stage": move.from_stage,
                    "to_stage": move.to_stage,
                    "is_override": move.is_override,
                    "old": [_item_json(item) for item in old.missing],
                    "new": [_item_json(item) for item in new.missing],
                    "more_steps": list(new.more_steps),
                },
            )


def gate_figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """How many moves either side would refuse, and for want of what."""
    changes = Counter(change_of(old, new) for _, old, new in judged)
    return {
        "moves": len(judged),
        "old_blocked": sum(old.is_blocked for _, old, _ in judged),
        "new_blocked": sum(new.is_blocked for _, _, new in judged),
        "changes": dict(sorted(changes.items())),
        "items": _items(judged),
    }


def _items(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """What is missing on either side, what the draft misses most first."""
    old, new = Counter[str](), Counter[str]()
    named: dict[str, MissingItem] = {}
    for _, before, after in judged:
        for counter, judgement in ((old, before), (new, after)):
            for item in judgement.missing:
                key = f"{item.kind}:{item.code}"
                counter[key] += 1
                named[key] = item
    order = sorted(named, key=lambda key: (-new[key], -old[key], key))
    return [{"item": key, **_item_json(named[key]), "old": old[key], "new": new[key]} for key in order]


def _item_json(item: MissingItem) -> dict[str, Any]:
    return {"kind": item.kind, "code": item.code, "stage": item.stage, "label": item.label.model_dump()}
